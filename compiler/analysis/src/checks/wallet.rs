//! Methods of payment that a persona's wallet must hold.

use std::collections::BTreeSet;

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_plan::{
    Expr, ExprKind, Plan, Value,
    plan::{NodeKind, Template},
};

use super::{characters, reach::Reach};
use crate::{context::Context, program::inside, signatures::suggest};

/// The field of a persona that holds what it pays with.
const WALLET: &str = "wallet";

/// Reports payments by methods that the wallets of the personas who come there lack.
pub(super) fn check(plan: &Plan, reach: &Reach<'_>, context: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let field = plan.persona_fields.iter().position(|name| name == WALLET);
    let wallet = |template: &Template| -> Option<Expr> {
        let (_, expr) = template.fields.iter().find(|(index, _)| Some(*index as usize) == field)?;
        Some(Expr::clone(expr))
    };
    let mut told: BTreeSet<Span> = BTreeSet::new();
    for at in plan.graph.node_indices() {
        let Some(NodeKind::Step(step)) = plan.node(at).map(|node| &node.kind) else { continue };
        let method = step.arg_of("pay", "method");
        let Some((method, name)) = method.and_then(|method| Some((method, characters(method)?))) else { continue };
        for group in plan.personas.iter().filter(|group| reach.comes_by(&group.template.name, at)) {
            let span = inside(method.span, context.sources);
            let template = &group.template.name;
            let found = match wallet(&group.template) {
                None => Diagnostic::new(
                    codes::NOT_IN_WALLET,
                    span,
                    format!("a persona of `{template}` has no wallet to pay from"),
                )
                .also(group.span, "these come here")
                .help("extend `Citizen` of `std.people`, or give the template a field `wallet`"),
                Some(wallet) => {
                    let Some(methods) = methods(&wallet).filter(|methods| !methods.contains(&name)) else { continue };
                    let headline = format!("the wallet of `{template}` holds no `{name}`");
                    let found = Diagnostic::new(codes::NOT_IN_WALLET, span, headline)
                        .also(wallet.span, "this is what it holds");
                    suggest(found, name, span, "method of payment", methods)
                }
            };
            if told.insert(span) {
                diagnostics.push(found);
            }
        }
    }
}

/// The methods that a wallet holds, where that is written out.
fn methods(wallet: &Expr) -> Option<Vec<&str>> {
    match &wallet.kind {
        ExprKind::Record(fields) => Some(fields.iter().map(|(name, _)| name.as_str()).collect()),
        ExprKind::Value(Value::Record(fields)) => Some(fields.keys().map(|name| name.as_str()).collect()),
        _ => None,
    }
}
