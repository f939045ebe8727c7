//! Faults and their windows.

use scn_diagnostics::{Diagnostic, codes};
use scn_grammar::ast::{Head, Node};
use scn_plan::{Expr, Value, plan::Probe};
use smol_str::SmolStr;

use super::{Lowering, names::Names};
use crate::{
    expr::{ExprChecker, is_constant},
    line::{Attribute, Line},
    signatures::suggest,
    types::{Nominal, Type},
};

/// Attributes that every probe takes.
const COMMON: &[&str] = &["name", "from", "for"];

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
        for node in &entry.children {
            let Head::Entry { key, .. } = &node.head else {
                if !matches!(node.head, Head::Error) {
                    self.report(
                        Diagnostic::new(codes::MISPLACED, node.span, "this is no probe")
                            .help("write `- slow_service: NAME latency: 800ms`"),
                    );
                }
                continue;
            };
            if let Some(probe) = self.probe(node, &key.text, &mut names) {
                probes.push(probe);
            }
        }
        probes
    }

    fn probe(&mut self, node: &Node, verb: &SmolStr, names: &mut Names) -> Option<Probe> {
        let signatures = self.context.signatures;
        let Some(signature) = signatures.probes.get(verb) else {
            let span = node.key().map_or(node.span, |key| key.span);
            let diagnostic = Diagnostic::new(codes::UNKNOWN_PROBE, span, format!("there is no probe `{verb}`"));
            let names = signatures.probes.keys().map(SmolStr::as_str);
            self.report(suggest(diagnostic, verb, span, "probe", names));
            return None;
        };
        let is_attribute = |name: &str| COMMON.contains(&name) || crate::expr::parameter(signature, name).is_some();
        let mut line = Line::of(node, is_attribute)?;
        let from = line.take("from");
        let lasts = line.take("for");
        let from = self.window(from, true);
        let lasts = self.window(lasts, false);
        let name = match line.take("name") {
            Some(attr) => self.given_name(&attr),
            None => None,
        };
        let scope = self.context.scope();
        let mut checker = ExprChecker::new(signatures, &self.symbols, scope, self.diagnostics);
        let bound = checker.bind_call(signature, &line, COMMON);
        let mut call = bound.call;
        for (name, arg) in &mut call.args {
            if bound.types.get(name).is_some_and(Type::is_error) || arg.as_value().is_some() {
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
        let target = signature
            .params
            .iter()
            .find(|param| *param.ty.some() == Type::Nominal(Nominal::Part))
            .and_then(|param| call.arg(&param.name))
            .and_then(Expr::as_value);
        let Some(Value::Symbol(target)) = target else { return None };
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
                name
            }
            None => names.name(verb, call.span),
        };
        Some(Probe { name, target: target.clone(), from, lasts, span: call.span, call })
    }

    /// A moment or a length of time; only a moment may be zero.
    fn window(&mut self, attr: Option<Attribute<'_>>, zero: bool) -> Option<i64> {
        let attr = attr?;
        let Some(value) = attr.value() else {
            let headline = format!("`{}` has no value", attr.key.text);
            self.report(Diagnostic::new(codes::MISSING_ARGUMENT, attr.key.span, headline).help("write `2m`"));
            return None;
        };
        match self.constant(&value, &Type::Duration, &mut self.context.scope())? {
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
