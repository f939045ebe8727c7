//! Persona templates: inheritance, and the order in which a persona's fields are made.

mod order;

use std::{borrow::Cow, sync::Arc};

use rayon::prelude::*;
use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, Head, Keyword};
use scn_plan::collections::{IndexMap, IndexSet};
use scn_plan::{Call, Expr, ExprKind, Labels, plan::Template};
use smol_str::SmolStr;

use crate::{
    bodies::way,
    constants::Constants,
    expr::ExprChecker,
    index::{Meaning, Notes},
    line::Line,
    modules::{Modules, Names, visible},
    scope::{Binding, Scope, Symbols, TemplateView},
    signatures::{Signatures, suggest},
    types::Type,
};

/// A template's fields with their index and type, inherited ones first.
pub(crate) type Fields = IndexMap<SmolStr, (u32, Type)>;

/// A compiled template and the types of its fields.
#[derive(Clone, Debug)]
pub(crate) struct TemplateInfo {
    /// What the runtime gets.
    pub template: Arc<Template>,
    /// Where its name is declared.
    pub declared: Span,
    /// Its fields.
    pub fields: Arc<Fields>,
    /// Whether its base could not be read, which has been reported.
    incomplete: bool,
}

impl TemplateInfo {
    /// Its fields as `persona` sees them.
    pub fn view(&self) -> TemplateView {
        TemplateView {
            lineage: self.template.lineage.clone(),
            declared: self.declared,
            fields: self.fields.clone(),
            incomplete: self.incomplete,
        }
    }
}

/// A template as it is declared.
struct Declared<'a> {
    module: usize,
    name: &'a ast::Name,
    decl: &'a ast::Decl,
    node: &'a ast::Node,
}

/// A template that has been compiled, for those that extend it.
struct Compiled {
    info: TemplateInfo,
    /// How many templates it extends.
    depth: usize,
    /// What makes each of its fields, by their place among these.
    exprs: Vec<Option<Arc<Made>>>,
}

/// What makes a field, and the fields that it reads, for all templates that have it.
struct Made {
    expr: Arc<Expr>,
    reads: Vec<u32>,
}

/// A template that is to be compiled.
struct Turn {
    template: usize,
    /// The circle that its base closes, from the base to the base; empty where there is none.
    circle: Vec<usize>,
}

/// Templates may extend one another this deep.
const MOST_DEEP: usize = 32;

/// What fields can read and call.
struct Known<'a> {
    signatures: &'a Signatures,
    constants: &'a [Arc<Constants>],
    notes: &'a Notes,
}

/// Every template of a compilation.
#[derive(Debug, Default)]
pub(crate) struct Personas {
    all: Vec<TemplateInfo>,
    /// What each module sees.
    visible: Vec<Arc<Names>>,
    fields: IndexSet<SmolStr>,
    /// The same when all are known, for the plans.
    field_names: Arc<[SmolStr]>,
}

impl Personas {
    /// Compiles every template of `modules`.
    pub fn load(
        modules: &Modules,
        signatures: &Signatures,
        constants: &[Arc<Constants>],
        notes: &Notes,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut declared: Vec<Declared<'_>> = Vec::new();
        let mut own: Vec<Names> = Vec::new();
        for (module, file) in modules.all.iter().enumerate() {
            let mut names = Names::default();
            for node in &file.tree.nodes {
                let Some(decl) = node.decl().filter(|decl| decl.keyword == Keyword::Persona) else { continue };
                let Some(name) = &decl.name else { continue };
                if let Some(first) = names.get(&name.text).and_then(|first| declared.get(*first)) {
                    diagnostics.push(
                        Diagnostic::new(
                            codes::DUPLICATE_NAME,
                            name.span,
                            format!("there is a persona template `{}` already", name.text),
                        )
                        .also(first.name.span, "it is declared here first"),
                    );
                    continue;
                }
                names.insert(name.text.clone(), declared.len());
                declared.push(Declared { module, name, decl, node });
            }
            own.push(names);
        }
        let visible = visible(modules, &own);
        let mut personas = Self { all: Vec::new(), visible, fields: IndexSet::default(), field_names: Arc::default() };
        let mut compiled: Vec<Option<Compiled>> = declared.iter().map(|_| None).collect();
        let known = Known { signatures, constants, notes };
        for generation in personas.generations(&declared) {
            let made: Vec<_> = generation
                .par_iter()
                .filter_map(|turn| {
                    let mut found = Vec::new();
                    let this = declared.get(turn.template)?;
                    let made = personas.compile(this, &turn.circle, &declared, &compiled, &known, &mut found);
                    Some((turn.template, made, found))
                })
                .collect();
            for (template, made, found) in made {
                diagnostics.extend(found);
                if let Some(slot) = compiled.get_mut(template) {
                    *slot = Some(made);
                }
            }
        }
        personas.all = compiled
            .into_iter()
            .zip(&declared)
            .map(|(made, declared)| made.map_or_else(|| empty(declared), |made| made.info))
            .collect();
        personas.field_names = personas.fields.iter().cloned().collect();
        personas
    }

    /// The template that `module` sees under `name`.
    pub fn visible(&self, module: usize, name: &str) -> Option<&TemplateInfo> {
        self.all.get(*self.visible.get(module)?.get(name)?)
    }

    /// The names of the templates that `module` sees.
    pub fn names(&self, module: usize) -> Vec<SmolStr> {
        self.visible.get(module).map(|names| names.keys().cloned().collect()).unwrap_or_default()
    }

    /// The names of all fields, by index.
    pub fn fields(&self) -> Arc<[SmolStr]> {
        self.field_names.clone()
    }

    /// The templates by how many they extend: what one generation reads, the generations before it have made. Enters the
    /// names of their fields.
    fn generations(&mut self, declared: &[Declared<'_>]) -> Vec<Vec<Turn>> {
        let mut generations: Vec<Vec<Turn>> = Vec::new();
        let mut placed: Vec<Option<usize>> = vec![None; declared.len()];
        for index in 0..declared.len() {
            let mut path = IndexSet::default();
            let mut next = Some(index);
            while let Some(at) = next.filter(|at| placed.get(*at).is_some_and(Option::is_none) && path.insert(*at)) {
                next = declared.get(at).and_then(|this| self.base(this));
            }
            while let Some(at) = path.last().copied() {
                let Some(this) = declared.get(at) else { break };
                let base = self.base(this);
                let above = base.and_then(|base| placed.get(base).copied().flatten());
                // A base without a place is on the way to itself.
                let circle = match base.filter(|_| above.is_none()) {
                    Some(base) => path.iter().copied().skip_while(|on| *on != base).chain([base]).collect(),
                    None => Vec::new(),
                };
                let generation = above.map_or(0, |above| above + 1);
                if generations.len() <= generation {
                    generations.resize_with(generation + 1, Vec::new);
                }
                if let Some(turns) = generations.get_mut(generation) {
                    turns.push(Turn { template: at, circle });
                }
                if let Some(slot) = placed.get_mut(at) {
                    *slot = Some(generation);
                }
                self.fields.extend(this.node.children.iter().filter_map(|child| match &child.head {
                    Head::Entry { key, .. } if !child.dash => Some(key.text.clone()),
                    _ => None,
                }));
                path.pop();
            }
        }
        generations
    }

    /// The index of a field that [`Self::generations`] has entered.
    fn field(&self, name: &str) -> u32 {
        self.fields.get_index_of(name).and_then(|index| u32::try_from(index).ok()).unwrap_or(u32::MAX)
    }

    /// The template that `this` extends.
    fn base(&self, this: &Declared<'_>) -> Option<usize> {
        self.visible.get(this.module)?.get(&this.decl.extends.as_ref()?.text).copied()
    }

    /// Compiles a template whose base is compiled, or one of a circle.
    fn compile(
        &self,
        this: &Declared<'_>,
        circle: &[usize],
        declared: &[Declared<'_>],
        compiled: &[Option<Compiled>],
        known: &Known<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Compiled {
        let mut info = empty(this);
        let mut depth = 0;
        let mut exprs = Vec::new();
        if let Some(extends) = &this.decl.extends {
            let base = self.base(this);
            match (base, base.and_then(|base| compiled.get(base)?.as_ref())) {
                (None, _) => {
                    info.incomplete = true;
                    let headline = format!("there is no persona template `{}`", extends.text);
                    let diagnostic = Diagnostic::new(codes::UNKNOWN_PERSONA, extends.span, headline);
                    let names = self.names(this.module);
                    let names = names.iter().filter(|name| **name != this.name.text).map(SmolStr::as_str);
                    let mut diagnostic = suggest(diagnostic, &extends.text, extends.span, "persona template", names);
                    if extends.text == "Citizen" && diagnostic.fixes.is_empty() {
                        diagnostic = diagnostic.help("add `use std.people` at the top of the file");
                    }
                    diagnostics.push(diagnostic);
                }
                (Some(_), None) => {
                    info.incomplete = true;
                    let names: Vec<&str> =
                        circle.iter().filter_map(|on| declared.get(*on)).map(|on| on.name.text.as_str()).collect();
                    diagnostics.push(
                        Diagnostic::new(
                            codes::PERSONA_CYCLE,
                            extends.span,
                            "persona templates extend one another in a circle",
                        )
                        .note(way(&names))
                        .help("leave one `extends` of the circle out"),
                    );
                }
                (Some(_), Some(Compiled { info: base, depth: above, exprs: inherited })) => {
                    depth = above + 1;
                    info.incomplete = base.incomplete;
                    if depth > MOST_DEEP {
                        // What extends one that goes too deep is no cause of its own.
                        if depth == MOST_DEEP + 1 {
                            let headline = format!("persona templates extend one another more than {MOST_DEEP} deep");
                            diagnostics.push(
                                Diagnostic::new(codes::NESTED_TOO_DEEP, extends.span, headline)
                                    .help("extend a template with fewer above it"),
                            );
                        }
                        info.incomplete = true;
                    } else {
                        Arc::make_mut(&mut info.template).lineage.extend(base.template.lineage.iter().cloned());
                        info.fields = base.fields.clone();
                        exprs.clone_from(inherited);
                    }
                }
            }
        }
        let empty = Arc::default();
        let constants_here = known.constants.get(this.module).unwrap_or(&empty);
        let before = diagnostics.len();
        self.own_fields(this.node, &mut info, &mut exprs, known, constants_here, diagnostics);
        // An inherited field may read one that is declared anew, so the order is found once all are known.
        let (fields, circle) = order::of_all(&info.fields, &exprs);
        Arc::make_mut(&mut info.template).fields = fields;
        let keys = this.node.children.iter().filter_map(|child| match &child.head {
            Head::Entry { key, .. } => Some(key),
            _ => None,
        });
        let is_reported = diagnostics.iter().skip(before).any(|diagnostic| diagnostic.code == codes::PERSONA_CYCLE);
        // A circle of the base was reported there.
        if !is_reported && let Some(key) = keys.into_iter().find(|key| circle.contains(&key.text)) {
            let headline = format!("the field `{}` needs its own value to be made", key.text);
            diagnostics.push(
                Diagnostic::new(codes::PERSONA_CYCLE, key.span, headline)
                    .note(circle.join(" → "))
                    .note("an inherited field reads what is declared anew here")
                    .help("give one of these fields a value of its own"),
            );
        }
        Compiled { info, depth, exprs }
    }

    /// Compiles a template's own fields, each after those that it reads.
    fn own_fields(
        &self,
        node: &ast::Node,
        info: &mut TemplateInfo,
        exprs: &mut Vec<Option<Arc<Made>>>,
        known: &Known<'_>,
        constants: &Arc<Constants>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let mut own = order::Own::with_capacity_and_hasher(node.children.len(), Default::default());
        for child in &node.children {
            match (&child.head, Line::of(child, |_| false)) {
                (Head::Entry { key, values }, Some(line)) if !child.dash => {
                    let block = || crate::line::block(&child.children, child.span).map(Cow::Owned);
                    let value = values.first().map(Cow::Borrowed).or_else(block);
                    for attr in line.attrs.iter().filter(|_| !values.is_empty()) {
                        diagnostics.push(
                            Diagnostic::new(
                                codes::UNKNOWN_ATTRIBUTE,
                                attr.key.span,
                                format!("a persona's field has no attribute `{}`", attr.key.text),
                            )
                            .help("give each field a line of its own"),
                        );
                    }
                    if own.insert(&key.text, (key, value)).is_some() {
                        diagnostics.push(Diagnostic::new(
                            codes::DUPLICATE_NAME,
                            key.span,
                            format!("the field `{}` is declared twice", key.text),
                        ));
                    }
                }
                (Head::Error, _) => {}
                _ => diagnostics.push(
                    Diagnostic::new(codes::MISPLACED, child.span, "a persona template holds fields")
                        .help("write `name: value`"),
                ),
            }
        }
        let inherited = info.fields.clone();
        // A field that is part of a circle has been reported; reading it is no second error.
        let fields = Arc::make_mut(&mut info.fields);
        let declare = |name: &&SmolStr| fields.insert_full((*name).clone(), (self.field(name), Type::Error)).0;
        let places: Vec<usize> = own.keys().map(declare).collect();
        exprs.resize(fields.len(), None);
        let symbols = Symbols::default();
        let mut scope = Scope::with(constants.clone(), known.notes);
        scope.generators = true;
        scope.bind("persona", Binding::Persona, Type::Persona);
        // Nobody else holds the fields, so that each can be added in its place.
        scope.may_be_of(vec![info.view()]);
        info.fields = Arc::default();
        let mark = scope.mark();
        for field in order::of_own(&own, diagnostics) {
            let (Some((name, (key, value))), Some(place)) = (own.get_index(field), places.get(field).copied()) else {
                continue;
            };
            let Some(value) = value else {
                diagnostics.push(
                    Diagnostic::new(codes::MISSING_ARGUMENT, key.span, format!("the field `{name}` has no value"))
                        .help("write a literal, or a generator such as `full_name()`"),
                );
                continue;
            };
            let kept = inherited.get_index(place).map(|(_, (_, ty))| ty);
            let errors = diagnostics.len();
            // What reads the field of the template that is extended reads it here too. A record may have other fields.
            let wanted = kept.filter(|ty| !matches!(ty, Type::Record(_))).map_or(Type::Any, Type::wide);
            let mut checker = ExprChecker::new(known.signatures, &symbols, &mut scope, diagnostics);
            let (mut expr, mut ty) = checker.check(value, &wanted);
            scope.reset(mark);
            if let Some(last) = diagnostics.get_mut(errors..).and_then(|found| found.last_mut())
                && wanted != Type::Any
                && (last.code == codes::TYPE_MISMATCH || last.code == codes::MAYBE_NONE)
            {
                last.notes.push(format!("`{name}` is inherited, and what reads it relies on its type"));
            }
            let labels = kept.map(Type::labels).unwrap_or_default();
            if labels.0 & Labels::PII.0 != 0 && ty.labels().is_none() && matches!(ty, Type::Text(_)) {
                ty = ty.labelled(Labels::PII);
                let args = [("value".into(), expr)].into_iter().collect();
                let call = Call { name: "pii".into(), args, span: value.span };
                expr = Expr { kind: ExprKind::Call(Box::new(call)), span: value.span };
            }
            known.notes.note(key.span, || Meaning::Typed(ty.clone()));
            let fields = scope.templates_mut().first_mut().map(|view| Arc::make_mut(&mut view.fields));
            if let Some((_, (_, own))) = fields.and_then(|fields| fields.get_index_mut(place)) {
                *own = ty;
            }
            if let Some(made) = exprs.get_mut(place) {
                let mut reads = Vec::new();
                crate::expr::persona_fields(&expr, &mut reads);
                *made = Some(Arc::new(Made { expr: Arc::new(expr), reads }));
            }
        }
        info.fields = scope.templates_mut().pop().map(|view| view.fields).unwrap_or_default();
    }
}

fn empty(declared: &Declared<'_>) -> TemplateInfo {
    let name = declared.name.text.clone();
    TemplateInfo {
        template: Arc::new(Template { name: name.clone(), lineage: vec![name], fields: Vec::new() }),
        declared: declared.name.span,
        fields: Arc::default(),
        incomplete: false,
    }
}
