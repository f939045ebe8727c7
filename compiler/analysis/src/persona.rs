//! Persona templates: inheritance, and the order in which a persona's fields are made.

use std::sync::Arc;

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
    modules::{Modules, visible},
    scope::{Binding, Scope, Symbols, TemplateView},
    signatures::{Signatures, suggest},
    types::Type,
};

/// A compiled template and the types of its fields.
#[derive(Clone, Debug)]
pub(crate) struct TemplateInfo {
    /// What the runtime gets.
    pub template: Arc<Template>,
    /// Where its name is declared.
    pub declared: Span,
    /// Its fields with their index and type, inherited ones first.
    pub fields: Arc<IndexMap<SmolStr, (u32, Type)>>,
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
    visible: Vec<IndexMap<SmolStr, usize>>,
    fields: IndexSet<SmolStr>,
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
        let mut own: Vec<IndexMap<SmolStr, usize>> = Vec::new();
        for (module, file) in modules.all.iter().enumerate() {
            let mut names: IndexMap<SmolStr, usize> = IndexMap::default();
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
        let mut personas = Self { all: Vec::new(), visible, fields: IndexSet::default() };
        let mut compiled: Vec<Option<(TemplateInfo, usize)>> = declared.iter().map(|_| None).collect();
        let known = Known { signatures, constants, notes };
        for generation in personas.generations(&declared) {
            let made: Vec<_> = generation
                .par_iter()
                .filter_map(|turn| {
                    let mut found = Vec::new();
                    let this = declared.get(turn.template)?;
                    let info = personas.compile(this, &turn.circle, &declared, &compiled, &known, &mut found);
                    Some((turn.template, info, found))
                })
                .collect();
            for (template, info, found) in made {
                diagnostics.extend(found);
                if let Some(slot) = compiled.get_mut(template) {
                    *slot = Some(info);
                }
            }
        }
        personas.all = compiled
            .into_iter()
            .zip(&declared)
            .map(|(info, declared)| info.map_or_else(|| empty(declared), |(info, _)| info))
            .collect();
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
    pub fn fields(&self) -> Vec<SmolStr> {
        self.fields.iter().cloned().collect()
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

    /// Compiles a template whose base is compiled, or one of a circle. Yields how many it extends, too.
    fn compile(
        &self,
        this: &Declared<'_>,
        circle: &[usize],
        declared: &[Declared<'_>],
        compiled: &[Option<(TemplateInfo, usize)>],
        known: &Known<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> (TemplateInfo, usize) {
        let mut info = empty(this);
        let mut depth = 0;
        let mut exprs: IndexMap<SmolStr, Expr> = IndexMap::default();
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
                (Some(_), Some((base, above))) => {
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
                        for (field, expr) in &base.template.fields {
                            if let Some(name) = self.fields.get_index(*field as usize) {
                                exprs.insert(name.clone(), expr.clone());
                            }
                        }
                    }
                }
            }
        }
        let empty = Arc::default();
        let constants_here = known.constants.get(this.module).unwrap_or(&empty);
        let before = diagnostics.len();
        self.own_fields(this.node, &mut info, &mut exprs, known, constants_here, diagnostics);
        // An inherited field may read one that is declared anew, so the order is found once all are known.
        let (fields, circle) = in_order(&info.fields, &exprs);
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
        (info, depth)
    }

    /// Compiles a template's own fields, each after those that it reads.
    fn own_fields(
        &self,
        node: &ast::Node,
        info: &mut TemplateInfo,
        exprs: &mut IndexMap<SmolStr, Expr>,
        known: &Known<'_>,
        constants: &Arc<Constants>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let mut own: IndexMap<SmolStr, (&ast::Name, Option<ast::Expr>)> = IndexMap::default();
        for child in &node.children {
            match (&child.head, Line::of(child, |_| false)) {
                (Head::Entry { key, values }, Some(line)) if !child.dash => {
                    let value = values.first().cloned().or_else(|| crate::line::block(&child.children, child.span));
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
                    if own.insert(key.text.clone(), (key, value)).is_some() {
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
        let mut done: IndexSet<SmolStr> = IndexSet::default();
        for name in own.keys() {
            order_own(name, &own, &mut done, diagnostics);
        }
        let inherited = info.fields.clone();
        // A field that is part of a circle has been reported; reading it is no second error.
        let own_fields = Arc::make_mut(&mut info.fields);
        for name in own.keys() {
            own_fields.insert(name.clone(), (self.field(name), Type::Error));
        }
        let symbols = Symbols::default();
        for name in done {
            let Some((key, value)) = own.get(&name) else { continue };
            let index = self.field(&name);
            let Some(value) = value else {
                diagnostics.push(
                    Diagnostic::new(codes::MISSING_ARGUMENT, key.span, format!("the field `{name}` has no value"))
                        .help("write a literal, or a generator such as `full_name()`"),
                );
                Arc::make_mut(&mut info.fields).insert(name, (index, Type::Error));
                continue;
            };
            let mut scope = Scope::with(constants.clone(), known.notes);
            scope.generators = true;
            scope.bind("persona", Binding::Persona, Type::Persona);
            scope.templates = vec![info.view()];
            let kept = inherited.get(&name).map(|(_, ty)| ty);
            let errors = diagnostics.len();
            // What reads the field of the template that is extended reads it here too. A record may have other fields.
            let wanted = kept.filter(|ty| !matches!(ty, Type::Record(_))).map_or(Type::Any, Type::wide);
            let mut checker = ExprChecker::new(known.signatures, &symbols, &mut scope, diagnostics);
            let (mut expr, mut ty) = checker.check(value, &wanted);
            // Nobody else looks at the fields when the next one is added.
            drop(checker);
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
            Arc::make_mut(&mut info.fields).insert(name.clone(), (index, ty));
            exprs.insert(name, expr);
        }
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

/// Adds `first` to `done` after the fields of the same template that it reads.
fn order_own(
    first: &SmolStr,
    own: &IndexMap<SmolStr, (&ast::Name, Option<ast::Expr>)>,
    done: &mut IndexSet<SmolStr>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    // The fields on the way, each with what it still reads.
    let mut path: IndexMap<SmolStr, Vec<(SmolStr, Span)>> = IndexMap::default();
    let enter = |name: &SmolStr, path: &mut IndexMap<SmolStr, Vec<(SmolStr, Span)>>| {
        let Some((_, value)) = own.get(name) else { return };
        let mut reads = Vec::new();
        value.iter().for_each(|value| persona_reads(value, &mut reads));
        reads.reverse();
        path.insert(name.clone(), reads);
    };
    if !done.contains(first) {
        enter(first, &mut path);
    }
    while let Some((name, reads)) = path.last_mut() {
        match reads.pop() {
            None => {
                done.insert(name.clone());
                path.pop();
            }
            Some((read, _)) if done.contains(&read) => {}
            Some((read, span)) if path.contains_key(&read) => {
                let name = path.last().map(|(name, _)| name.as_str()).unwrap_or_default();
                let names: Vec<&str> = path.keys().chain([&read]).map(SmolStr::as_str).collect();
                diagnostics.push(
                    Diagnostic::new(
                        codes::PERSONA_CYCLE,
                        span,
                        format!("the field `{name}` needs its own value to be made"),
                    )
                    .note(way(&names))
                    .help("give one of these fields a value of its own"),
                );
            }
            Some((read, _)) => enter(&read, &mut path),
        }
    }
}

/// The fields of `persona` that `expr` reads.
fn persona_reads(expr: &ast::Expr, into: &mut Vec<(SmolStr, Span)>) {
    expr.walk(&mut |part| {
        if let ast::ExprKind::Field(owner, name) = &part.kind
            && matches!(&owner.kind, ast::ExprKind::Name(owner) if owner == "persona")
        {
            into.push((name.text.clone(), name.span));
        }
    });
}

/// Fields in the order that they are to be made, each after those that its expression reads; and a circle of fields that
/// need one another, empty where there is none.
fn in_order(
    fields: &IndexMap<SmolStr, (u32, Type)>,
    exprs: &IndexMap<SmolStr, Expr>,
) -> (Vec<(u32, Expr)>, Vec<SmolStr>) {
    let mut circle = Vec::new();
    let by_index: IndexMap<u32, &SmolStr> = fields.iter().map(|(name, (index, _))| (*index, name)).collect();
    let mut made: IndexMap<u32, Expr> = IndexMap::default();
    for first in fields.values().map(|(index, _)| *index) {
        // The fields on the way, each with what it still reads.
        let mut path: IndexMap<u32, Vec<u32>> = IndexMap::default();
        let mut enter = Some(first);
        loop {
            if let Some(index) = enter.take()
                && !made.contains_key(&index)
                && let Some(expr) = by_index.get(&index).and_then(|name| exprs.get(*name))
            {
                let mut reads = Vec::new();
                crate::expr::persona_fields(expr, &mut reads);
                reads.reverse();
                path.insert(index, reads);
            }
            let Some((index, reads)) = path.last_mut() else { break };
            let index = *index;
            match reads.pop() {
                None => {
                    path.pop();
                    if let Some(expr) = by_index.get(&index).and_then(|name| exprs.get(*name)) {
                        made.insert(index, expr.clone());
                    }
                }
                Some(read) => match path.get_index_of(&read) {
                    Some(from) => {
                        let around = path.keys().skip(from).chain([&read]);
                        circle = around.filter_map(|index| by_index.get(index)).map(|name| (*name).clone()).collect();
                    }
                    None => enter = Some(read),
                },
            }
        }
    }
    (made.into_iter().collect(), circle)
}
