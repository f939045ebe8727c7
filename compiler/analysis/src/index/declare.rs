//! What the trees declare, and what they name by where it stands.

use scn_diagnostics::Span;
use scn_grammar::ast::{
    Attr, Decl, Expr, ExprKind, Head, Keyword, Name, Node, OperatorKind, Phrase, Tree, TypeExpr, TypeExprKind,
};
use smol_str::{SmolStr, format_smolstr};

use super::{Kind, build::Builder};
use crate::{
    bodies::verb,
    editor::extent,
    expr::{dotted, quoted_text},
    line::snake_case,
};

/// Where a node stands.
#[derive(Clone, Copy)]
struct Around {
    /// The module: an index.
    module: usize,
    /// The declaration at the top of the file, or all of a file that is a scenario.
    top: Span,
    /// The innermost flow, scenario or handler.
    body: Span,
    /// Whether items are probes.
    probes: bool,
    /// Whether it stands right below an item.
    below_item: bool,
}

impl Builder<'_> {
    /// Everything that the module's tree declares.
    pub(super) fn declare(&mut self, module: usize, tree: &Tree) {
        let Some(whole) = tree.nodes.first().zip(tree.nodes.last()).map(|(first, last)| first.span.to(extent(last)))
        else {
            return;
        };
        self.areas.add(whole);
        for node in &tree.nodes {
            match &node.head {
                Head::Decl(decl) => self.top(module, node, decl),
                _ => {
                    let around = Around { module, top: whole, body: whole, probes: false, below_item: false };
                    if let Head::Entry { key, values } = &node.head
                        && key.text == "scenario"
                        && let Some(value) = values.first()
                        && let Some((name, at)) = named(value)
                    {
                        self.symbol(whole, Kind::Scenario, &name, at);
                    }
                    self.declare_in(node, around);
                }
            }
        }
    }

    fn top(&mut self, module: usize, node: &Node, decl: &Decl) {
        let whole = extent(node);
        let name = decl.name.as_ref();
        let kind = match decl.keyword {
            Keyword::Use => {
                if let Some(alias) = &decl.alias {
                    self.symbol(whole, Kind::Alias, &alias.text, alias.span);
                    self.aliases.insert((module, alias.text.clone()), alias.span);
                }
                return;
            }
            Keyword::Const => Kind::Constant,
            Keyword::Persona => Kind::Template,
            Keyword::Flow => Kind::Flow,
            Keyword::Probe => Kind::Probe,
            Keyword::Scenario => Kind::Scenario,
            Keyword::Sandbox => Kind::Sandbox,
            _ => return,
        };
        let Some(name) = name else { return };
        self.areas.add(whole);
        self.symbol(whole, kind, &name.text, name.span);
        if let (Kind::Constant, Some(value)) = (kind, &decl.value) {
            self.constants.insert(value.span, name.span);
        }
        for param in &decl.params {
            self.symbol(whole, Kind::Variable, &param.name.text, param.name.span);
            self.kinds.insert(param.name.span, Kind::Parameter);
            let ty = self.sources.slice(param.ty.span).to_owned();
            self.types.entry(param.name.span).or_default().insert(ty);
        }
        let around = Around { module, top: whole, body: whole, probes: kind == Kind::Probe, below_item: false };
        match kind {
            Kind::Template => {
                self.templates.insert(name.span, (module, decl.extends.as_ref().map(|base| base.text.clone())));
                for key in node.children.iter().filter_map(Node::key) {
                    self.symbol(name.span, Kind::Field, &key.text, key.span);
                }
            }
            Kind::Sandbox => {
                self.sandboxes.insert(node.span, name.span);
                self.lines.insert(node.span, name.span);
                node.children.iter().for_each(|child| self.part(child, name.span, around));
            }
            _ => {}
        }
        if kind != Kind::Sandbox {
            self.names_of(node, decl, around);
            node.children.iter().for_each(|child| self.declare_in(child, around));
        }
    }

    /// Parts of a sandbox, and what stands beside them.
    fn part(&mut self, node: &Node, sandbox: Span, around: Around) {
        let Head::Decl(decl) = &node.head else {
            if let Head::Entry { key, values } = &node.head
                && key.text == "entry"
                && let Some((name, at)) = values.first().and_then(named)
            {
                self.refer_later(at, sandbox, Kind::Part, name);
            }
            node.children.iter().for_each(|child| self.seed(child, sandbox));
            return self.declare_in(node, around);
        };
        match (decl.keyword, &decl.name) {
            (Keyword::Frontend | Keyword::Service | Keyword::Partner | Keyword::Agent | Keyword::Queue, Some(name)) => {
                let first = self.symbol(sandbox, Kind::Part, &name.text, name.span);
                self.lines.insert(node.span, name.span);
                self.areas.add(extent(node));
                self.parts.insert(extent(node), first);
                self.names_of(node, decl, around);
                self.other_parts(node, sandbox);
                node.children.iter().for_each(|child| self.of_part(child, sandbox, first, around));
            }
            // A branch has other versions of what there is.
            (Keyword::Branch, _) => node.children.iter().for_each(|child| self.part(child, sandbox, around)),
            _ => self.declare_in(node, around),
        }
    }

    /// Parts that a part watches or calls.
    fn other_parts(&mut self, node: &Node, sandbox: Span) {
        let of_lines = node.children.iter().flat_map(|child| &child.attrs);
        let attrs = node.attrs.iter().chain(of_lines).map(|attr| (&attr.key, &attr.values));
        let lines = node.children.iter().filter_map(|child| match &child.head {
            Head::Entry { key, values } => Some((key, values)),
            _ => None,
        });
        for (key, values) in attrs.chain(lines) {
            let Some(first) = values.first() else { continue };
            let named: Vec<&Expr> = match (key.text.as_str(), &first.kind) {
                ("calls", ExprKind::List(parts)) => parts.iter().collect(),
                ("watches", _) => vec![first],
                _ => continue,
            };
            for (name, at) in named.into_iter().filter_map(self::named) {
                self.refer_later(at, sandbox, Kind::Part, name);
            }
        }
    }

    /// `seed: PART.STORE …`
    fn seed(&mut self, node: &Node, sandbox: Span) {
        if let Head::Entry { key, values } = &node.head
            && key.text == "seed"
            && let Some((name, at)) = values.first().and_then(named)
            && let Some((part, store)) = name.rsplit_once('.')
        {
            let dot = at.start + u32::try_from(part.len()).unwrap_or_default();
            let (of_part, of_store) = (Span { end: dot, ..at }, Span { start: dot + 1, ..at });
            self.refer_later(of_part, sandbox, Kind::Part, part.into());
            self.seeded.push((of_store, sandbox, part.into(), store.into()));
        }
    }

    fn of_part(&mut self, node: &Node, sandbox: Span, part: Span, around: Around) {
        let Head::Decl(decl) = &node.head else { return self.declare_in(node, around) };
        match decl.keyword {
            Keyword::Branch => node.children.iter().for_each(|child| self.of_part(child, sandbox, part, around)),
            Keyword::Store => {
                if let Some(name) = &decl.name {
                    self.symbol(part, Kind::Store, &name.text, name.span);
                }
                self.names_of(node, decl, around);
            }
            Keyword::Page => self.page(node, decl, sandbox, around),
            Keyword::Route | Keyword::On => {
                let kind = if decl.keyword == Keyword::Route { Kind::Route } else { Kind::Envelope };
                if let (Some(what), Some((name, at))) = (&decl.name, decl.operands.first().and_then(named)) {
                    // Routes of one path differ in their methods.
                    self.symbol_as(part, kind, &format_smolstr!("{} {name}", what.text), &name, at);
                    self.lines.insert(node.span, at);
                }
                self.handler(node, decl, around);
            }
            _ => self.handler(node, decl, around),
        }
    }

    fn page(&mut self, node: &Node, decl: &Decl, sandbox: Span, around: Around) {
        let Some((path, at)) = decl.operands.first().and_then(named) else { return };
        let page = self.symbol(sandbox, Kind::Page, &path, at);
        self.lines.insert(node.span, at);
        let around = Around { body: extent(node), ..around };
        self.areas.add(extent(node));
        for child in &node.children {
            let Head::Decl(inner) = &child.head else {
                self.declare_in(child, around);
                continue;
            };
            if let (Keyword::Form, Some(name)) = (inner.keyword, &inner.name) {
                let form = self.symbol(page, Kind::Form, &name.text, name.span);
                self.lines.insert(child.span, name.span);
                if let Some((to, at)) = inner.arrow.as_ref().and_then(named) {
                    self.refer_later(at, sandbox, Kind::Page, to);
                }
                for field in &child.children {
                    if let Some(key) = field.key() {
                        self.symbol(form, Kind::Control, &key.text, key.span);
                        self.lines.insert(field.span, key.span);
                    }
                    self.declare_in(field, around);
                }
                continue;
            }
            let form = inner.operands.first().and_then(named);
            if let Some((form, at)) = &form {
                self.refer_later(*at, page, Kind::Form, form.clone());
            }
            match inner.name.as_ref().map(|name| name.text.as_str()) {
                Some("submit") => {
                    self.submitted.push((extent(child), page, form.map(|(form, _)| form)));
                    self.handler(child, inner, around);
                }
                // The page shows what was found when it is viewed.
                _ => child.children.iter().for_each(|child| self.declare_in(child, around)),
            }
        }
    }

    fn handler(&mut self, node: &Node, decl: &Decl, around: Around) {
        let around = Around { body: extent(node), ..around };
        self.areas.add(extent(node));
        self.names_of(node, decl, around);
        node.children.iter().for_each(|child| self.declare_in(child, around));
    }

    /// Templates that a declaration's line names.
    fn names_of(&mut self, node: &Node, decl: &Decl, around: Around) {
        if let Some(base) = &decl.extends {
            self.template(base.span, &base.text, around.module);
        }
        for param in &decl.params {
            self.of_type(&param.ty, around.module);
            param.default.iter().for_each(|default| self.of_expr(default, around));
        }
        decl.ty.iter().chain(&decl.result).for_each(|ty| self.of_type(ty, around.module));
        decl.operands.iter().chain(&decl.value).for_each(|value| self.of_expr(value, around));
        node.attrs.iter().flat_map(|attr| &attr.values).for_each(|value| self.of_expr(value, around));
    }

    fn declare_in(&mut self, node: &Node, mut around: Around) {
        match &node.head {
            Head::Entry { key, values } => {
                if !node.dash && key.text == "probes" {
                    around.probes = true;
                }
                self.named_by(key, values, node, around);
                values.iter().for_each(|value| self.of_expr(value, around));
            }
            Head::Expr { expr, .. } => self.of_expr(expr, around),
            Head::Decl(decl) => self.names_of(node, decl, around),
            Head::Error => {}
        }
        if around.probes && node.dash {
            self.probe(node, around);
        }
        for attr in &node.attrs {
            attr.values.iter().for_each(|value| self.of_expr(value, around));
        }
        // `body:` and a block: the block is the attribute's.
        let below_item = node.dash && !node.attrs.last().is_some_and(|last| last.values.is_empty());
        let around = Around { below_item, ..around };
        node.children.iter().for_each(|child| self.declare_in(child, around));
    }

    /// Names that a line, or an attribute below its verb, gives to something.
    fn named_by(&mut self, key: &Name, values: &[Expr], node: &Node, around: Around) {
        let first = values.first();
        match key.text.as_str() {
            "set" | "for" if node.dash && !around.probes => self.variable(first, around),
            "do" if node.dash => self.flow(first, around),
            "group" if node.dash && !around.probes => self.step(first, around),
            // An attribute on a line of its own.
            "capture" | "as" if around.below_item => self.variable(first, around),
            "name" if around.below_item => self.step(first, around),
            _ => {}
        }
        if !node.dash && !around.below_item {
            return;
        }
        for attr in &node.attrs {
            self.named_by_attr(&key.text, attr, around);
        }
        if let (Some(ExprKind::Record(fields)), true) = (first.map(|value| &value.kind), key.text != "return") {
            for (name, value) in fields {
                match name.text.as_str() {
                    "capture" | "as" => self.variable(Some(value), around),
                    "name" if key.text == "set" => self.variable(Some(value), around),
                    "name" => self.step(Some(value), around),
                    _ => {}
                }
            }
        }
    }

    fn named_by_attr(&mut self, verb: &str, attr: &Attr, around: Around) {
        match attr.key.text.as_str() {
            "capture" | "as" => self.variable(attr.values.first(), around),
            "name" if verb == "set" => self.variable(attr.values.first(), around),
            "name" => self.step(attr.values.first(), around),
            _ => {}
        }
    }

    fn variable(&mut self, value: Option<&Expr>, around: Around) {
        let name = match value.map(|value| &value.kind) {
            Some(ExprKind::Binary(operator, item, _)) if operator.kind == OperatorKind::In => named(item),
            _ => value.and_then(named),
        };
        if let Some((name, at)) = name {
            self.symbol(around.body, Kind::Variable, &name, at);
        }
    }

    fn step(&mut self, value: Option<&Expr>, around: Around) {
        if let Some((name, at)) = value.and_then(named) {
            self.symbol(around.top, Kind::Step, &name, at);
        }
    }

    fn flow(&mut self, value: Option<&Expr>, around: Around) {
        let (callee, args) = match value.map(|value| (&value.kind, value)) {
            Some((ExprKind::Call(callee, args), _)) => (callee.as_ref(), args.as_slice()),
            Some((_, value)) => (value, &[] as &[_]),
            None => return,
        };
        let flow = dotted(callee).and_then(|name| self.load.flows.find(around.module, &name));
        let Some((_, flow)) = flow else { return };
        self.refer(callee.span, flow.name.span);
        let Some(node) = flow.node(&self.load.modules) else { return };
        for name in args.iter().filter_map(|arg| arg.name.as_ref()) {
            self.parameter(node, &name.text, name.span);
        }
    }

    fn probe(&mut self, node: &Node, around: Around) {
        let Some(verb) = verb(node) else { return };
        let Some((_, probe)) = self.load.probes.find(around.module, &verb.text) else { return };
        self.refer(verb.span, probe.name.span);
        let Some(declared) = probe.node(&self.load.modules) else { return };
        let keys = node.attrs.iter().map(|attr| &attr.key).chain(node.children.iter().filter_map(Node::key));
        keys.for_each(|key| self.parameter(declared, &key.text, key.span));
    }

    fn parameter(&mut self, of: &Node, name: &str, at: Span) {
        let params = of.decl().into_iter().flat_map(|decl| &decl.params);
        if let Some(param) = params.into_iter().find(|param| param.name.text == snake_case(name)) {
            self.refer(at, param.name.span);
        }
    }

    fn template(&mut self, at: Span, name: &str, module: usize) {
        if let Some(info) = self.load.personas.visible(module, name) {
            self.refer(at, info.declared);
        }
    }

    fn of_expr(&mut self, expr: &Expr, around: Around) {
        expr.walk(&mut |inner| match &inner.kind {
            ExprKind::Phrase(Phrase::Of, _, template) => {
                if let Some(name) = dotted(template) {
                    self.template(template.span, &name, around.module);
                }
            }
            ExprKind::Type(ty) => self.of_type(ty, around.module),
            // What was entered into the form that a handler answers.
            ExprKind::Field(owner, name) if matches!(&owner.kind, ExprKind::Name(owner) if owner == "form") => {
                self.entered.push((around.body, name.text.clone(), name.span));
            }
            _ => {}
        });
    }

    fn of_type(&mut self, ty: &TypeExpr, module: usize) {
        match &ty.kind {
            TypeExprKind::Name(name) => self.template(ty.span, name, module),
            TypeExprKind::Apply(_, inner) => inner.iter().for_each(|ty| self.of_type(ty, module)),
            TypeExprKind::Record(fields) => fields.iter().for_each(|(_, ty)| self.of_type(ty, module)),
            TypeExprKind::Choice(_) | TypeExprKind::Range(..) => {}
        }
    }
}

/// A name or a text without anything to put in, and where its characters stand.
fn named(expr: &Expr) -> Option<(SmolStr, Span)> {
    match &expr.kind {
        ExprKind::Path(path) => Some((path.clone(), expr.span)),
        _ => match dotted(expr) {
            Some(name) => Some((name, expr.span)),
            None => quoted_text(expr),
        },
    }
}
