//! Flows: `do:` calls one, and `return:` leaves it.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, ExprKind as Ast, Node};
use scn_plan::{
    Expr, SlotId, Value,
    plan::{Edge, GroupOf, NodeKind},
};
use smol_str::{SmolStr, format_smolstr};

use super::{
    Lowering,
    steps::{COMMON, Frame, Steps},
    surround,
};
use crate::{
    bodies::Body,
    expr::dotted,
    index::Meaning,
    line::Line,
    signatures::{nearest, suggest},
    types::Type,
};

/// More nodes than this no plan may have.
const MOST_NODES: usize = 50_000;

impl Lowering<'_, '_> {
    /// Checks a flow by itself: whatever its parameters hold, its steps fit together.
    pub(super) fn check_flow(&mut self, flow: &Body) {
        let mut scope = self.context.scope();
        scope.in_flow = true;
        surround(&mut scope);
        for param in &flow.signature.params {
            scope.declare(param.name.clone(), param.ty.clone());
        }
        let mut steps = Steps::new(self, scope);
        let result = flow.signature.result.clone().map(|ty| (steps.scope.hidden(), ty));
        steps.frames.push(Frame { returns: Vec::new(), name: flow.name.text.clone(), result });
        let start = steps.graph.push(flow.name.text.clone(), NodeKind::Join, flow.name.span);
        steps.graph.then(start, Edge::Next);
        let modules = steps.lowering.context.modules;
        steps.sequence(flow.node(modules).map(|node| node.children.as_slice()).unwrap_or_default());
        let falls_through = !steps.graph.ends.is_empty();
        if let (true, Some(result)) = (falls_through, &flow.signature.result) {
            self.report(
                Diagnostic::new(
                    codes::MISSING_RETURN,
                    flow.name.span,
                    format!("`{}` yields {result}, but can come to its end without a `return`", flow.name.text),
                )
                .help("end every way through it with `- return: …`"),
            );
        }
    }
}

impl<'a> Steps<'a, '_, '_> {
    /// `do: flow(args) as: x`
    pub(super) fn call(&mut self, node: &Node) {
        let Some(mut line) = Line::of(node, |name| COMMON.contains(&name)) else { return };
        let result_name = line.take("as");
        let common = self.common(&mut line);
        let Some(value) = line.values.first() else {
            let help = Some("write `do: sign_in(who: persona)`");
            self.report(codes::MISSING_ARGUMENT, line.verb.span, "`do` does not say which flow", help);
            return;
        };
        for attr in &line.attrs {
            let headline = format!("`do` has no attribute `{}`", attr.key.text);
            let help = "what a flow takes stands in parentheses, as in `do: sign_in(who: persona)`";
            self.report(codes::UNKNOWN_ATTRIBUTE, attr.key.span, &headline, Some(help));
        }
        for stray in line.values.iter().skip(1).map(|value| value.span).chain(line.rest.iter().map(|node| node.span)) {
            self.report(codes::MISPLACED, stray, "`do` takes one flow and nothing else", None);
        }
        let (callee, args): (&ast::Expr, &[ast::Arg]) = match &value.kind {
            Ast::Call(callee, args) => (callee, args),
            _ => (value, &[]),
        };
        let Some(name) = dotted(callee) else {
            if !matches!(callee.kind, Ast::Error) {
                let help = Some("write `do: sign_in(who: persona)`");
                self.report(codes::TYPE_MISMATCH, callee.span, "the name of a flow is expected here", help);
            }
            return;
        };
        let context = self.lowering.context;
        let Some((_, flow)) = context.flows.find(context.module, &name) else {
            let headline = format!("there is no flow `{name}`");
            let diagnostic = Diagnostic::new(codes::UNKNOWN_FLOW, callee.span, headline);
            let names: Vec<&str> = context.flows.names(context.module).collect();
            self.lowering.report(match names.as_slice() {
                [] => diagnostic.help(format!("declare it with `flow {name}():`, or `use` the file that does")),
                known if nearest(&name, known.iter().copied()).is_some() => {
                    suggest(diagnostic, &name, callee.span, "flow", names)
                }
                _ => suggest(diagnostic, &name, callee.span, "flow", names)
                    .help("one that another file declares is known where that is used: `use \"./FILE.scn\"`"),
            });
            return;
        };
        let bound = self.checker().bind_arguments(&flow.signature, callee.span, args, value.span);
        let arguments = flow.signature.params.iter().map(|param| {
            let absent = || Expr::value(Value::None, value.span);
            bound.call.arg(&param.name).cloned().unwrap_or_else(absent)
        });
        let arguments: Vec<Expr> = arguments.collect();
        let result = match (&result_name, &flow.signature.result) {
            (Some(attr), None) => {
                self.lowering.report(
                    Diagnostic::new(
                        codes::UNKNOWN_ATTRIBUTE,
                        attr.key.span,
                        format!("`{name}` yields nothing that could be named"),
                    )
                    .also(flow.name.span, "it is declared here, without `-> Type`")
                    .help("remove `as:`, or let the flow `return` something"),
                );
                None
            }
            (Some(attr), Some(ty)) => self.new_name(attr).map(|(name, span)| {
                self.scope.notes.note(span, || Meaning::Typed(ty.clone()));
                (name, ty.clone())
            }),
            (None, _) => None,
        };
        let title = flow.name.text.clone();
        let of = Some((GroupOf::Flow(title.clone()), title.clone()));
        self.held(common, of, &title, line.span, |steps, span, prefix| {
            let result = result.map(|(name, ty)| (steps.assign(&name, ty.clone(), None), ty));
            steps.inline(flow, arguments, result, prefix, span);
        });
    }

    /// Makes the steps of `flow` part of the graph.
    fn inline(
        &mut self,
        flow: &Body,
        arguments: Vec<Expr>,
        result: Option<(SlotId, Type)>,
        prefix: &SmolStr,
        span: Span,
    ) {
        if !self.inline || flow.circular || flow.unsound {
            if let Some((slot, _)) = result {
                let none = Expr::value(Value::None, span);
                self.set(&[(slot, none)], span);
            }
            return;
        }
        if self.graph.len() > MOST_NODES {
            let headline = format!("the flows of this scenario make up more than {MOST_NODES} steps");
            let help = "a flow that is called becomes part of the plan each time; `repeat` and `for` do not";
            if !self.lowering.diagnostics.iter().any(|found| found.headline == headline) {
                self.report(codes::BAD_VALUE, span, &headline, Some(help));
            }
            return;
        }
        let caller = self.lowering.context;
        let outer = self.scope.enter(caller.of(flow.module).own_constants());
        self.lowering.context = caller.of(flow.module);
        surround(&mut self.scope);
        let values: Vec<(SlotId, Expr)> = flow
            .signature
            .params
            .iter()
            .zip(arguments)
            .map(|(param, value)| (self.scope.declare(param.name.clone(), param.ty.clone()), value))
            .collect();
        if !values.is_empty() {
            self.set(&values, span);
        }
        let prefix = format_smolstr!("{prefix}.");
        let around = std::mem::replace(&mut self.graph.names.prefix, prefix);
        self.frames.push(Frame { returns: Vec::new(), name: flow.name.text.clone(), result });
        self.sequence(flow.node(caller.modules).map(|node| node.children.as_slice()).unwrap_or_default());
        let frame = self.frames.pop();
        self.graph.names.prefix = around;
        self.lowering.context = caller;
        self.scope.leave(outer);
        let returns = frame.map(|frame| frame.returns).unwrap_or_default();
        if !returns.is_empty() {
            let mut ends = std::mem::take(&mut self.graph.ends);
            ends.extend(returns);
            self.join(ends, Vec::new(), span, false);
        }
    }

    /// `return: value`, `return:`
    pub(super) fn leave_flow(&mut self, node: &Node) {
        let Some(mut line) = Line::of(node, |_| false) else { return };
        let common = self.common(&mut line);
        self.refuse_others(&line, &[]);
        let Some(frame) = self.frames.last() else {
            let help = Some("to leave a journey, write `- stop: \"reason\"`");
            self.report(codes::MISPLACED, line.verb.span, "only a flow returns something", help);
            return;
        };
        let (name, result) = (frame.name.clone(), frame.result.clone());
        let value = match (line.values.first(), node.children.is_empty()) {
            (Some(value), _) => Some(value.clone()),
            (None, false) => crate::line::block(&node.children, line.span),
            (None, true) => None,
        };
        self.held(common, None, &line.verb.text, line.span, |steps, span, _| {
            let value = value.map(|value| {
                let wanted = result.as_ref().map_or(Type::Any, |(_, ty)| ty.clone());
                let (compiled, ty) = steps.checker().check(&value, &wanted);
                (compiled, ty, value.span)
            });
            match (value, &result) {
                (Some((value, _, _)), Some((slot, _))) => {
                    steps.set(&[(*slot, value)], span);
                }
                (Some((_, ty, at)), None) => steps.undeclared(&name, &ty, at),
                (None, Some((_, ty))) => {
                    let headline = format!("`{name}` yields {ty}, and this `return` has no value");
                    steps.report(codes::MISSING_RETURN, span, &headline, Some("write `return: value`"));
                }
                (None, None) => {}
            }
            let ends = std::mem::take(&mut steps.graph.ends);
            if let Some(frame) = steps.frames.last_mut() {
                frame.returns.extend(ends);
            }
        });
    }

    /// Something is returned by a flow that does not say so.
    fn undeclared(&mut self, name: &str, ty: &Type, at: Span) {
        if self.inline || ty.is_error() {
            return;
        }
        let headline = format!("`{name}` returns a value, but does not say of which type");
        let help = format!("write `-> {ty}` after its parameters");
        self.report(codes::TYPE_MISMATCH, at, &headline, Some(&help));
    }
}
