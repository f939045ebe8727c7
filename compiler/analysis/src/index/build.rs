//! From trees and notes to an index.

use std::collections::{BTreeMap, BTreeSet};

use scn_diagnostics::{SourceId, SourceMap, Span};
use smol_str::SmolStr;

use super::{Index, Kind, Occurrence, Survey, Symbol, SymbolId, areas::Areas, notes::Meaning};
use crate::{
    Options,
    bodies::Body,
    editor::extent,
    types::{Nominal, Type},
};

/// The index of what is left of checked files; not a complete one if nobody waits any longer.
pub(super) fn build(load: &Survey, sources: &SourceMap, options: &Options) -> Index {
    let mut builder = Builder::new(load, sources);
    for (module, file) in load.modules.all.iter().enumerate() {
        if !options.are_waited_for() {
            return Index::default();
        }
        builder.declare(module, &file.tree);
    }
    builder.inherit();
    builder.resolve();
    for notes in load.notes.chunks(1024) {
        if !options.are_waited_for() {
            return Index::default();
        }
        notes.iter().for_each(|(at, meaning)| builder.note(*at, meaning));
    }
    builder.finish()
}

/// A symbol by who has it, what it is and its name.
type Key = (Span, Kind, SmolStr);

/// An index that is being built. Symbols are known by the places that declare them.
pub(super) struct Builder<'a> {
    pub load: &'a Survey,
    pub sources: &'a SourceMap,
    /// Modules, by their texts.
    modules: BTreeMap<SourceId, usize>,
    /// Where each symbol is declared first.
    first: BTreeMap<Key, Span>,
    /// Which place stands for the symbol that is declared at a place.
    same: BTreeMap<Span, Span>,
    /// The kind and the name of what is declared at each place.
    declared: BTreeMap<Span, (Kind, SmolStr)>,
    /// Places that name what is declared at another.
    uses: Vec<(Span, Span)>,
    /// Places that name one of several declarations, each with one that it may be.
    doubts: Vec<(Span, Span)>,
    /// Places that name what may be declared further down.
    later: Vec<(Span, Key)>,
    /// Kinds that are more than where they stand tells.
    pub kinds: BTreeMap<Span, Kind>,
    /// Declarations that names can belong to.
    pub areas: Areas,
    /// Parts, by all of their lines.
    pub parts: BTreeMap<Span, Span>,
    /// Constants, by their values.
    pub constants: BTreeMap<Span, Span>,
    /// Templates: their modules and what they extend.
    pub templates: BTreeMap<Span, (usize, Option<SmolStr>)>,
    /// Sandboxes, by their lines.
    pub sandboxes: BTreeMap<Span, Span>,
    /// Parts, pages, forms and fields, by their lines.
    pub lines: BTreeMap<Span, Span>,
    /// What files are used as, by the modules that use them.
    pub aliases: BTreeMap<(usize, SmolStr), Span>,
    /// Handlers of forms, with the page and the form.
    pub submitted: Vec<(Span, Span, Option<SmolStr>)>,
    /// Stores that are seeded: the place, the sandbox, the part and the store.
    pub seeded: Vec<(Span, Span, SmolStr, SmolStr)>,
    /// Fields of forms that handlers read.
    pub entered: Vec<(Span, SmolStr, Span)>,
    /// The types of expressions and of what is given a name.
    pub types: BTreeMap<Span, BTreeSet<String>>,
    shares: BTreeMap<Span, BTreeSet<String>>,
}

impl<'a> Builder<'a> {
    fn new(load: &'a Survey, sources: &'a SourceMap) -> Self {
        Self {
            load,
            sources,
            modules: load.modules.all.iter().enumerate().map(|(index, module)| (module.source, index)).collect(),
            first: BTreeMap::new(),
            same: BTreeMap::new(),
            declared: BTreeMap::new(),
            uses: Vec::new(),
            doubts: Vec::new(),
            later: Vec::new(),
            kinds: BTreeMap::new(),
            areas: Areas::default(),
            parts: BTreeMap::new(),
            constants: BTreeMap::new(),
            templates: BTreeMap::new(),
            sandboxes: BTreeMap::new(),
            lines: BTreeMap::new(),
            aliases: BTreeMap::new(),
            submitted: Vec::new(),
            seeded: Vec::new(),
            entered: Vec::new(),
            types: BTreeMap::new(),
            shares: BTreeMap::new(),
        }
    }

    /// A place that declares what `owner` has under `name`; where it is declared first.
    pub fn symbol(&mut self, owner: Span, kind: Kind, name: &SmolStr, at: Span) -> Span {
        self.symbol_as(owner, kind, name, name, at)
    }

    /// The same, for what is told apart by more than its name.
    pub fn symbol_as(&mut self, owner: Span, kind: Kind, key: &SmolStr, name: &SmolStr, at: Span) -> Span {
        let first = *self.first.entry((owner, kind, key.clone())).or_insert(at);
        self.declared.insert(at, (kind, name.clone()));
        self.unite(at, first);
        first
    }

    /// A place that names what is declared at `declared`.
    pub fn refer(&mut self, at: Span, declared: Span) {
        self.uses.push((at, declared));
    }

    /// A place that names what `owner` has under `name`, wherever that is declared.
    pub fn refer_later(&mut self, at: Span, owner: Span, kind: Kind, name: SmolStr) {
        self.later.push((at, (owner, kind, name)));
    }

    fn root(&self, mut place: Span) -> Span {
        while let Some(next) = self.same.get(&place).filter(|next| **next != place) {
            place = *next;
        }
        place
    }

    fn unite(&mut self, a: Span, b: Span) {
        let (a, b) = (self.root(a), self.root(b));
        self.same.insert(a.max(b), a.min(b));
    }

    /// A field that a template declares anew is the one that it inherits.
    fn inherit(&mut self) {
        let fields: Vec<(Span, SmolStr, Span)> = self
            .first
            .iter()
            .filter(|((_, kind, _), _)| *kind == Kind::Field)
            .map(|((template, _, name), at)| (*template, name.clone(), *at))
            .collect();
        for (template, name, at) in fields {
            if let Some(inherited) = self.base(template).and_then(|base| self.field(base, &name)) {
                self.unite(at, inherited);
            }
        }
    }

    /// The template that a template extends.
    fn base(&self, template: Span) -> Option<Span> {
        let (module, base) = self.templates.get(&template)?;
        let base = self.load.personas.visible(*module, base.as_ref()?)?.declared;
        // Templates that extend one another in a circle have been reported.
        (base != template).then_some(base)
    }

    /// `template` and what it extends, nearest first.
    fn lineage(&self, template: Span) -> impl Iterator<Item = Span> {
        const MOST: usize = 64;
        std::iter::successors(Some(template), |template| self.base(*template)).take(MOST)
    }

    /// What `owner` itself has of a kind.
    fn those_of(&self, owner: Span, kind: Kind) -> impl Iterator<Item = Span> {
        let first = self.first.range((owner, kind, SmolStr::default())..);
        first.take_while(move |((of, what, _), _)| (*of, *what) == (owner, kind)).map(|(_, at)| *at)
    }

    fn field(&self, template: Span, name: &SmolStr) -> Option<Span> {
        self.lineage(template).find_map(|template| self.first.get(&(template, Kind::Field, name.clone())).copied())
    }

    /// Finds what was named before all was declared.
    fn resolve(&mut self) {
        for (at, key) in std::mem::take(&mut self.later) {
            if let Some(declared) = self.first.get(&key).copied() {
                self.refer(at, declared);
            }
        }
        for (at, sandbox, part, store) in std::mem::take(&mut self.seeded) {
            let part = self.first.get(&(sandbox, Kind::Part, part)).copied();
            let store = part.and_then(|part| self.first.get(&(part, Kind::Store, store)).copied());
            if let Some(store) = store {
                self.refer(at, store);
            }
        }
        let submitted = std::mem::take(&mut self.submitted);
        for (body, name, at) in std::mem::take(&mut self.entered) {
            let form = submitted.iter().find(|(handler, ..)| *handler == body).and_then(|(_, page, form)| match form {
                Some(form) => self.first.get(&(*page, Kind::Form, form.clone())).copied(),
                // Where there is only one, it need not be named.
                None => self.only_form(*page),
            });
            let field = form.and_then(|form| self.first.get(&(form, Kind::Control, name)).copied());
            if let Some(field) = field {
                self.refer(at, field);
            }
        }
    }

    fn only_form(&self, page: Span) -> Option<Span> {
        self.those_of(page, Kind::Form).next()
    }

    fn module(&self, at: Span) -> Option<usize> {
        self.modules.get(&at.source).copied()
    }

    fn note(&mut self, at: Span, meaning: &Meaning) {
        match meaning {
            Meaning::Variable(name) => {
                let of = |body: Span| self.first.get(&(body, Kind::Variable, name.clone())).copied();
                let declared = self.areas.around(at).find_map(of);
                if let Some(declared) = declared {
                    self.refer(at, declared);
                }
            }
            Meaning::Constant(value) => {
                if let Some(declared) = self.constants.get(value).copied() {
                    self.refer(at, declared);
                }
            }
            Meaning::Field(template, name) => {
                if let Some(declared) = self.field(*template, name) {
                    self.refer(at, declared);
                }
            }
            Meaning::FieldOf(template, name) => {
                let module = self.module(at);
                let template = module.and_then(|module| self.load.personas.visible(module, template));
                if let Some(declared) = template.and_then(|template| self.field(template.declared, name)) {
                    self.refer(at, declared);
                }
            }
            Meaning::Ancestor(template, name) => {
                let named = self.lineage(*template).find(|template| self.sources.slice(*template) == *name);
                if let Some(declared) = named {
                    self.refer(at, declared);
                }
            }
            Meaning::Named(kind, name, sandbox) => match self.named(at, *kind, name, *sandbox) {
                Some(declared) => self.refer(at, declared),
                None if matches!(kind, Nominal::Step | Nominal::Group | Nominal::Probe) => self.of_body(at, name),
                None => {}
            },
            Meaning::Declared(line) => {
                if let Some(declared) = self.lines.get(line).copied() {
                    self.refer(at, declared);
                }
            }
            Meaning::OneOf(lines) => {
                // Of a single one there is no doubt.
                if let [line] = lines.as_slice() {
                    return self.note(at, &Meaning::Declared(*line));
                }
                let declared = lines.iter().filter_map(|line| self.lines.get(line));
                self.doubts.extend(declared.map(|declared| (at, *declared)));
            }
            Meaning::Typed(Type::Error) => {}
            Meaning::Typed(ty) => drop(self.types.entry(at).or_default().insert(ty.to_string())),
            Meaning::Share { share, personas } => {
                let percent = (share * 1e4).round() / 1e2;
                let told = match personas {
                    Some((share, all)) => {
                        format!("≈ {} of {all} personas", (share * *all as f64 * 10.0).round() / 10.0)
                    }
                    None => format!("{percent} %"),
                };
                self.shares.entry(at).or_default().insert(told);
            }
        }
    }

    /// A flow or a composed probe of which a goal names what comes of it: `open`, `open.pay` for a step, `open-2.pay` where it is
    /// called for the second time.
    fn of_body(&mut self, at: Span, name: &str) {
        let Some(module) = self.module(at) else { return };
        let found = match self.body(module, name) {
            Some(body) => Some((body, name, None)),
            None => name.rsplit_once('.').and_then(|(of, step)| Some((self.body(module, of)?, of, Some(step)))),
        };
        let Some((body, of, step)) = found else { return };
        let Some(line) = body.node(&self.load.modules) else { return };
        let (declared, whole) = (body.name.span, extent(line));
        // Places are those of the name as it is written, without quotes.
        let part = |from: usize, length: usize| {
            let start = at.start + u32::try_from(from).ok()?;
            Some(Span { start, end: start + u32::try_from(length).ok()?, ..at })
        };
        if self.sources.slice(at) != name {
            return;
        }
        if let Some(place) = part(0, uncounted(of).len()) {
            self.refer(place, declared);
        }
        let step = step.and_then(|step| Some((self.first.get(&(whole, Kind::Step, step.into())).copied()?, step)));
        if let Some((step, place)) = step.and_then(|(step, name)| Some((step, part(of.len() + 1, name.len())?))) {
            self.refer(place, step);
        }
    }

    /// The flow or the probe that goes by `name` in goals. A flow goes by its declared name there, whatever its file is used as.
    fn body(&self, module: usize, name: &str) -> Option<&Body> {
        let name = uncounted(name);
        [&self.load.flows, &self.load.probes].into_iter().find_map(|bodies| {
            let called = |known: &&str| *known == name || known.rsplit('.').next() == Some(name);
            Some(bodies.find(module, bodies.names(module).find(called)?)?.1)
        })
    }

    fn named(&self, at: Span, kind: Nominal, name: &SmolStr, sandbox: Option<Span>) -> Option<Span> {
        let around: Vec<Span> = self.areas.around(at).collect();
        let of = |owner: Span, kind: Kind| self.first.get(&(owner, kind, name.clone())).copied();
        let sandbox = || {
            let line = sandbox.and_then(|line| self.sandboxes.get(&line)).copied();
            line.or_else(|| {
                let mut own =
                    self.sandboxes.iter().filter(|(line, _)| around.iter().any(|area| area.start == line.start));
                own.find(|(line, _)| line.source == at.source).map(|(_, name)| *name)
            })
        };
        match kind {
            Nominal::Part | Nominal::Partner | Nominal::Queue => of(sandbox()?, Kind::Part),
            Nominal::Page => of(sandbox()?, Kind::Page),
            Nominal::Store => {
                around.iter().filter_map(|area| self.parts.get(area)).find_map(|part| of(*part, Kind::Store))
            }
            Nominal::Step | Nominal::Group | Nominal::Probe => around.iter().find_map(|area| of(*area, Kind::Step)),
            Nominal::Template => Some(self.load.personas.visible(self.module(at)?, name)?.declared),
            Nominal::Tag => None,
        }
    }

    fn finish(mut self) -> Index {
        // A use of what several places declare makes one symbol of them. A constant that a page is named by stays a constant.
        let uses = std::mem::take(&mut self.uses);
        let mut by_place: BTreeMap<(Span, Option<Kind>), Span> = BTreeMap::new();
        for (at, declared) in &uses {
            let kind = self.declared.get(declared).map(|(kind, _)| *kind);
            match by_place.get(&(*at, kind)).copied() {
                Some(other) => self.unite(other, *declared),
                None => drop(by_place.insert((*at, kind), *declared)),
            }
        }
        let roots: BTreeSet<Span> = self.declared.keys().map(|at| self.root(*at)).collect();
        let ids: BTreeMap<Span, SymbolId> = roots.iter().enumerate().map(|(id, root)| (*root, SymbolId(id))).collect();
        let mut owners: BTreeMap<Span, Vec<Span>> = BTreeMap::new();
        for ((owner, ..), first) in &self.first {
            owners.entry(self.root(*first)).or_default().push(*owner);
        }
        // Templates have what they inherit.
        for heir in self.templates.keys() {
            for template in self.lineage(*heir).skip(1) {
                for field in self.those_of(template, Kind::Field) {
                    owners.entry(self.root(field)).or_default().push(*heir);
                }
            }
        }
        let symbols = roots.iter().filter_map(|root| {
            let (kind, name) = self.declared.get(root)?;
            let kind = self.kinds.get(root).copied().unwrap_or(*kind);
            Some(Symbol { kind, name: name.clone(), declared: *root, owners: owners.remove(root).unwrap_or_default() })
        });
        let symbols: Vec<Symbol> = symbols.collect();
        let mut occurrences: BTreeMap<(Span, SymbolId), bool> = BTreeMap::new();
        let mut doubts: BTreeSet<Occurrence> = BTreeSet::new();
        let id_of = |declared: Span| ids.get(&self.root(declared)).copied();
        for at in self.declared.keys() {
            if let Some(id) = id_of(*at) {
                occurrences.insert((*at, id), true);
            }
        }
        for (at, declared) in uses {
            let Some((id, symbol)) = id_of(declared).and_then(|id| Some((id, symbols.get(id.0)?))) else { continue };
            let Some((name, before)) = self.place(at, &symbol.name) else {
                // A path with values in it leads to a route, but does not have its name.
                doubts.extend((symbol.kind == Kind::Route).then_some(Occurrence { at, symbol: id, declares: false }));
                continue;
            };
            occurrences.entry((name, id)).or_insert(false);
            // `people` of `people.Asker` names the file.
            let alias = before.and_then(|alias| {
                let text: SmolStr = self.sources.slice(alias).into();
                let declared = self.aliases.get(&(self.module(at)?, text))?;
                Some((alias, id_of(*declared)?))
            });
            if let Some((alias, id)) = alias {
                occurrences.entry((alias, id)).or_insert(false);
            }
        }
        let occurrences =
            occurrences.into_iter().map(|((at, symbol), declares)| Occurrence { at, symbol, declares }).collect();
        for (at, declared) in &self.doubts {
            if let Some(symbol) = id_of(*declared)
                && let Some((at, _)) = symbols.get(symbol.0).and_then(|known| self.place(*at, &known.name))
            {
                doubts.insert(Occurrence { at, symbol, declares: false });
            }
        }
        let doubts = doubts.into_iter().collect();
        Index { symbols, occurrences, doubts, types: self.types, shares: self.shares }
    }

    /// Where in the text at `at` the name stands, and what stands before its last dot.
    fn place(&self, at: Span, name: &str) -> Option<(Span, Option<Span>)> {
        let text = self.sources.slice(at);
        let part = |from: usize, length: usize| {
            let start = at.start + u32::try_from(from).ok()?;
            Some(Span { start, end: start + u32::try_from(length).ok()?, ..at })
        };
        if text == name {
            return Some((at, None));
        }
        if let Some(before) = text.strip_suffix(name).and_then(|before| before.strip_suffix('.')) {
            return Some((part(before.len() + 1, name.len())?, part(0, before.len())));
        }
        // A text in quotes, or an address with a query.
        let quotes = text.len() - text.trim_start_matches(['"', '\'']).len();
        text.get(quotes..)?.starts_with(name).then(|| Some((part(quotes, name.len())?, None)))?
    }
}

/// A name without the number that tells several uses of it apart.
fn uncounted(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((name, count)) if !count.is_empty() && count.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => name,
    }
}
