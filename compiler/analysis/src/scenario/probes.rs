//! Faults and their windows.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, Head, Node};
use scn_plan::{Call, Expr, Value, plan::Probe};
use smol_str::{SmolStr, format_smolstr};

use super::{Lowering, names::Names};
use crate::{
    bodies::{Body, verb},
    context::Context,
    expr::{ExprChecker, dotted, is_constant, quoted_text},
    line::{Attribute, Line},
    scope::{Binding, Scope},
    signatures::suggest,
    types::{Nominal, Type},
};

/// Attributes that every probe takes.
pub(crate) const PROBE_COMMON: &[&str] = &["name", "from", "for"];

/// Probes may be composed of others this deep.
const MOST_DEEP: usize = 16;

/// More probes than this no scenario may have.
const MOST_PROBES: usize = 10_000;

/// The composed probe around a probe.
#[derive(Clone, Debug, Default)]
struct Within {
    /// When it begins.
    from: Option<i64>,
    /// How long it lasts.
    lasts: Option<i64>,
    /// Its name, after those around it.
    names: Vec<SmolStr>,
    /// Where the outermost of them is used.
    place: Option<Span>,
    /// Whether this is its declaration, whose parameters have no value yet.
    declared: bool,
}

impl Within {
    /// The names of the composed probes around what `name` is composed of.
    fn with(&self, name: &SmolStr) -> Vec<SmolStr> {
        self.names.iter().chain([name]).cloned().collect()
    }
}

/// The names of the probes under `probes:` as they are written, also of those that are wrong in themselves.
pub(super) fn written(entry: Option<&Node>) -> Vec<SmolStr> {
    let nodes = entry.map(|entry| entry.children.as_slice()).unwrap_or_default();
    let given = |node: &Node| {
        let value = node.attrs.iter().find(|attr| attr.key.text == "name")?.values.first()?;
        dotted(value).or_else(|| quoted_text(value).map(|(text, _)| text))
    };
    nodes.iter().filter_map(|node| given(node).or_else(|| verb(node).map(|verb| verb.text))).collect()
}

impl Lowering<'_, '_> {
    pub(super) fn probes(&mut self, entry: Option<&Node>) -> Vec<Probe> {
        let mut probes: Vec<Probe> = Vec::new();
        let Some(entry) = entry else { return probes };
        if let Head::Entry { values, .. } = &entry.head
            && let Some(value) = values.first()
        {
            self.report(
                Diagnostic::new(codes::TYPE_MISMATCH, value.span, "probes are items")
                    .help("write each below, as `- slow_service: NAME latency: 800ms`"),
            );
        }
        let mut names = Names::default();
        let outside = Within::default();
        self.items(&entry.children, &mut self.context.scope(), &outside, &mut names, &mut probes);
        probes
    }

    /// Checks a probe that is composed of others by itself.
    pub(super) fn check_composed(&mut self, composed: &Body) {
        let mut scope = self.context.scope();
        for param in &composed.signature.params {
            scope.declare(param.name.clone(), param.ty.clone());
        }
        let Some(node) = composed.node(self.context.modules) else { return };
        if node.children.is_empty() {
            let headline = format!("`{}` is composed of nothing", composed.name.text);
            self.report(
                Diagnostic::new(codes::MISSING_ARGUMENT, composed.name.span, headline)
                    .help("add a probe below it, such as `- slow_service: NAME latency: 800ms`"),
            );
        }
        let within = Within { declared: true, ..Within::default() };
        self.items(&node.children, &mut scope, &within, &mut Names::default(), &mut Vec::new());
    }

    fn items(
        &mut self,
        nodes: &[Node],
        scope: &mut Scope,
        within: &Within,
        names: &mut Names,
        probes: &mut Vec<Probe>,
    ) {
        for node in nodes {
            match verb(node) {
                Some(verb) => self.probe(node, &verb, scope, within, names, probes),
                None if matches!(node.head, Head::Error) => {}
                None => self.report(
                    Diagnostic::new(codes::MISPLACED, node.span, "this is no probe")
                        .help("write `- slow_service: NAME latency: 800ms`"),
                ),
            }
        }
    }

    fn probe(
        &mut self,
        node: &Node,
        verb: &ast::Name,
        scope: &mut Scope,
        within: &Within,
        names: &mut Names,
        probes: &mut Vec<Probe>,
    ) {
        let Context { signatures, module, .. } = self.context;
        let composed = self.context.probes.find(module, &verb.text).map(|(_, composed)| composed);
        let Some(signature) = signatures.probes.get(&verb.text).or(composed.map(|composed| &composed.signature)) else {
            let diagnostic =
                Diagnostic::new(codes::UNKNOWN_PROBE, verb.span, format!("there is no probe `{}`", verb.text));
            let known = signatures.probes.keys().map(SmolStr::as_str).chain(self.context.probes.names(module));
            self.report(match signatures.steps.contains_key(&verb.text) {
                true => diagnostic.help(format!("`{}` is a step, which stands under `steps:`", verb.text)),
                false => suggest(diagnostic, &verb.text, verb.span, "probe", known),
            });
            return;
        };
        // A name with dots is no key, so that its line was read as an expression.
        let dotted;
        let node = match &node.head {
            Head::Entry { .. } => node,
            _ => {
                let head = Head::Entry { key: verb.clone(), values: Vec::new() };
                dotted = Node { head, ..node.clone() };
                &dotted
            }
        };
        let is_attribute =
            |name: &str| PROBE_COMMON.contains(&name) || crate::expr::parameter(signature, name).is_some();
        let Some(mut line) = Line::of(node, is_attribute) else { return };
        let (from, lasts) = (line.take("from"), line.take("for"));
        let (from, lasts) = (self.window(from, true, scope), self.window(lasts, false, scope));
        let name = line.take("name").and_then(|attr| self.given_name(&attr));
        let found = self.diagnostics.len();
        let mut checker = ExprChecker::new(signatures, &self.symbols, scope, self.diagnostics);
        let bound = checker.bind_call(signature, &line, PROBE_COMMON);
        let mut call = bound.call;
        for (name, arg) in &mut call.args {
            if arg.as_value().is_some() || within.declared || bound.types.get(name).is_some_and(Type::is_error) {
                continue;
            }
            match (is_constant(arg), scn_plan::eval(arg, &Nothing)) {
                (true, Ok(value)) => *arg = Expr::value(value, arg.span),
                _ => checker.report(
                    Diagnostic::new(codes::NOT_CONSTANT, arg.span, "a probe is the same for every journey")
                        .help("write a literal or a constant"),
                ),
            }
        }
        if within.declared || self.diagnostics.len() > found {
            return;
        }
        let name = match name {
            Some((name, span)) => {
                if let Some(first) = names.claim(&name, span) {
                    let headline = format!("there is a probe `{name}` already");
                    self.report(
                        Diagnostic::new(codes::DUPLICATE_NAME, span, headline)
                            .also(first, "it is this one")
                            .help("give one of the two another name"),
                    );
                }
                names.full(&name)
            }
            None => names.name(&verb.text, call.span),
        };
        let (from, lasts) = self.inside(within, from, lasts, call.span);
        if let Some(composed) = composed {
            let place = within.place.or(Some(call.span));
            let within = Within { from, lasts, names: within.with(&name), place, declared: false };
            self.compose(composed, &call, within, names, probes);
            return;
        }
        let target = signature
            .params
            .iter()
            .find(|param| *param.ty.some() == Type::Nominal(Nominal::Part))
            .and_then(|param| call.arg(&param.name))
            .and_then(Expr::as_value);
        let Some(Value::Symbol(target)) = target else { return };
        let (target, within) = (target.clone(), within.names.clone());
        probes.push(Probe { name, target, from, lasts, within, span: call.span, call });
    }

    /// The probes that a composed one is made of, in its window.
    fn compose(&mut self, composed: &Body, call: &Call, within: Within, names: &mut Names, probes: &mut Vec<Probe>) {
        if composed.circular || composed.unsound {
            return;
        }
        self.composed += 1;
        let too_much = if within.names.len() > MOST_DEEP {
            Some(format!("probes are composed of others more than {MOST_DEEP} deep"))
        } else if probes.len().max(self.composed) > MOST_PROBES {
            Some(format!("the probes of this scenario are composed of more than {MOST_PROBES}"))
        } else {
            None
        };
        if let Some(headline) = too_much {
            if !self.diagnostics.iter().any(|found| found.headline == headline) {
                let help = "a probe that is composed of others stands for all of them, each time it is used";
                self.report(Diagnostic::new(codes::NESTED_TOO_DEEP, call.span, headline).help(help));
            }
            return;
        }
        let caller = self.context;
        self.context = caller.of(composed.module);
        let mut scope = self.context.scope();
        for param in &composed.signature.params {
            let value = call.arg(&param.name).cloned();
            let value = value.unwrap_or_else(|| Expr::value(Value::None, call.span));
            scope.bind(param.name.clone(), Binding::Const(value), param.ty.clone());
        }
        let prefix = within.names.last().map(|name| format_smolstr!("{name}.")).unwrap_or_default();
        let around = std::mem::replace(&mut names.prefix, prefix);
        if let Some(node) = composed.node(caller.modules) {
            self.items(&node.children, &mut scope, &within, names, probes);
        }
        names.prefix = around;
        self.context = caller;
    }

    /// A window inside that of the composed probe around it: its beginning counts from there, and it ends no later.
    fn inside(
        &mut self,
        within: &Within,
        from: Option<i64>,
        lasts: Option<i64>,
        span: Span,
    ) -> (Option<i64>, Option<i64>) {
        let start = match (within.from, from) {
            (None, None) => None,
            (around, own) => Some(around.unwrap_or(0).saturating_add(own.unwrap_or(0))),
        };
        let Some(around) = within.lasts else { return (start, lasts) };
        let left = around.saturating_sub(from.unwrap_or(0));
        if left <= 0 {
            let place = within.place.unwrap_or(span);
            let headline = "a part of this probe would begin after its end";
            self.report(
                Diagnostic::new(codes::BAD_VALUE, place, headline)
                    .also(span, "this part")
                    .help("give the probe a longer `for:`"),
            );
        }
        (start, Some(lasts.unwrap_or(left).min(left)))
    }

    /// A moment or a length of time; only a moment may be zero.
    fn window(&mut self, attr: Option<Attribute<'_>>, zero: bool, scope: &mut Scope) -> Option<i64> {
        let attr = attr?;
        let Some(value) = attr.value() else {
            let headline = format!("`{}` has no value", attr.key.text);
            self.report(Diagnostic::new(codes::MISSING_ARGUMENT, attr.key.span, headline).help("write `2m`"));
            return None;
        };
        match self.constant(&value, &Type::Duration, scope)? {
            Value::Duration(0) if zero => Some(0),
            Value::Duration(nanos) if nanos > 0 => Some(nanos),
            _ => {
                self.report(Diagnostic::new(codes::BAD_VALUE, value.span, "a duration here is longer than zero"));
                None
            }
        }
    }
}

/// The surroundings of constants: none.
struct Nothing;

impl scn_plan::Env for Nothing {}
