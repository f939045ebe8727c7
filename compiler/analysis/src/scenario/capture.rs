//! `capture:`, which names part of a response.

use scn_diagnostics::{Diagnostic, codes};
use scn_plan::{
    Value,
    plan::{self, Admits, Edge, NodeKind, Step},
};
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::steps::Steps;
use crate::{
    index::Meaning,
    line::{Attribute, Line},
    types::Type,
};

/// Each `capture:` with the `from:` that follows it.
pub(super) fn take<'n>(line: &mut Line<'n>) -> Vec<(Attribute<'n>, Option<Attribute<'n>>)> {
    let mut captures: Vec<(Attribute<'n>, Option<Attribute<'n>>)> = Vec::new();
    if !line.attrs.iter().any(|attr| attr.key.text == "capture") {
        return captures;
    }
    let mut kept = SmallVec::new();
    for attr in std::mem::take(&mut line.attrs) {
        match attr.key.text.as_str() {
            "capture" => captures.push((attr, None)),
            "from" => match captures.last_mut() {
                Some((_, from @ None)) => *from = Some(attr),
                _ => kept.push(attr),
            },
            _ => kept.push(attr),
        }
    }
    line.attrs = kept;
    captures
}

impl Steps<'_, '_, '_> {
    /// `capture: NAME from: expr` is a `set` right after the step.
    pub(super) fn capture(&mut self, capture: &Attribute<'_>, from: Option<Attribute<'_>>) {
        let Some(from) = from else {
            self.lowering.report(
                Diagnostic::new(codes::MISSING_ARGUMENT, capture.key.span, "`capture` does not say what it captures")
                    .help("add `from: last.json(\"$.token\")`"),
            );
            return;
        };
        let Some((name, span)) = self.new_name(capture) else { return };
        let Some(value) = from.value() else { return };
        let (to, ty) = self.checker().check(&value, &Type::Any);
        self.scope.notes.note(span, || Meaning::Typed(ty.clone()));
        let slot = self.scope.assign(&name, ty);
        let args = [
            (SmolStr::new_static("name"), scn_plan::Expr::value(Value::Symbol(name), span)),
            (SmolStr::new_static("to"), to),
        ];
        let call =
            scn_plan::Call { name: SmolStr::new_static("set"), args: args.into_iter().collect(), span: capture.span };
        let step = Step {
            call,
            timeout: plan::DEFAULT_STEP_TIMEOUT,
            soft: false,
            guard: None,
            exposes: Vec::new(),
            result: Some(slot),
            admits: Admits::Nothing,
            tags: Vec::new(),
        };
        let name = self.graph.names.name(&SmolStr::new_static("capture"), capture.span);
        let at = self.graph.push(name, NodeKind::Step(step), capture.span);
        self.graph.define(slot, at, true);
        self.graph.then(at, Edge::Next);
    }
}
