//! Scenarios: from a declaration, or a file that is one, to a [`Plan`].

mod capture;
mod control;
mod entries;
mod envelope;
mod flow;
mod goals;
mod graph;
mod held;
mod load;
mod loops;
mod names;
mod personas;
mod probes;
mod rounds;
mod steps;
mod unknown;

use rayon::prelude::*;
use scn_diagnostics::{Diagnostic, codes};
use scn_grammar::ast;
use scn_plan::{Blueprint, Plan, Value, plan};
use smol_str::SmolStr;

pub(crate) use entries::{Declaration, ENTRIES, declarations};
pub(crate) use load::STAGES;
pub(crate) use probes::PROBE_COMMON;
pub(crate) use steps::{COMMON, CONTROL};

use crate::{
    bodies::Body,
    context::Context,
    expr::ExprChecker,
    scope::{Binding, Scope, Symbols},
    types::{Nominal, Type},
};

/// What the pieces of a scenario share while it is lowered.
struct Lowering<'a, 'd> {
    context: Context<'a>,
    /// The sandbox that it is checked against.
    blueprint: Option<&'a Blueprint>,
    symbols: Symbols,
    diagnostics: &'d mut Vec<Diagnostic>,
    /// How many uses of composed probes have been looked into.
    composed: usize,
    /// How many personas take part, where that is known.
    personas: Option<u64>,
}

impl Lowering<'_, '_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The value of `expr`, which must be known before anything runs.
    fn constant(&mut self, expr: &ast::Expr, ty: &Type, scope: &mut Scope) -> Option<Value> {
        ExprChecker::new(self.context.signatures, &self.symbols, scope, self.diagnostics).constant(expr, ty)
    }

    /// A duration larger than zero, in nanoseconds.
    fn duration(&mut self, expr: &ast::Expr, scope: &mut Scope) -> Option<i64> {
        match self.constant(expr, &Type::Duration, scope)? {
            Value::Duration(nanos) if nanos > 0 => Some(nanos),
            Value::Duration(_) => {
                self.report(Diagnostic::new(codes::BAD_VALUE, expr.span, "a duration here is longer than zero"));
                None
            }
            _ => None,
        }
    }
}

/// Lowers a scenario. What is wrong is reported; a plan comes back even then, as far as it can be read, so that it can be
/// checked against its blueprint.
pub(crate) fn lower<'a>(
    context: &Context<'a>,
    declaration: &Declaration<'_>,
    blueprint: Option<&'a Blueprint>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Plan> {
    let mut symbols = Symbols::new(codes::UNKNOWN_PART);
    if let Some(blueprint) = blueprint {
        symbols.declare(Nominal::Part, blueprint.parts.keys().cloned());
        symbols.sandbox = Some(blueprint.span);
    }
    let mut lowering = Lowering { context: *context, blueprint, symbols, diagnostics, composed: 0, personas: None };
    lowering.refuse_unknown(declaration);

    let groups = lowering.personas(declaration.entry("personas"), declaration.name.span);
    lowering.personas = Some(groups.groups.iter().map(|group| u64::from(group.count)).sum());
    let slo = declaration.value("slo").and_then(|expr| lowering.duration(expr, &mut context.scope()));
    let load = lowering.load(declaration.entry("load"));
    let pacing = lowering.pacing(declaration, load.as_ref());
    let think = lowering.pause(declaration, "think");
    let signoff = lowering.signoff(declaration.entry("signoff"));
    // A load says itself how long the run takes.
    let otherwise = load.as_ref().map_or(plan::DEFAULT_DURATION, scn_plan::load::Load::lasts);
    let duration = declaration.value("duration").and_then(|expr| lowering.duration(expr, &mut context.scope()));
    let mut scope = context.scope();
    scope.bind("persona", Binding::Persona, Type::Persona);
    surround(&mut scope);
    scope.may_be_of(groups.views);
    let steps = match declaration.entry("steps") {
        Some(entry) => lowering.steps(entry, scope),
        None => {
            lowering.report(
                Diagnostic::new(
                    codes::MISSING_ENTRY,
                    declaration.name.span,
                    format!("`{}` has no steps", declaration.name.text),
                )
                .help("add `steps:` and a step below it, such as `- visit: \"/start\"`"),
            );
            graph::Graph::default().finish(declaration.name.span)
        }
    };
    let probes = lowering.probes(declaration.entry("probes"));
    let written = probes::written(declaration.entry("probes"));
    let names = goals::Names::of(&steps.graph, &probes, written, &groups.groups);
    let goals = lowering.goals(declaration, slo, &names);
    Some(Plan {
        version: plan::VERSION,
        scenario: declaration.name.text.clone(),
        span: declaration.name.span,
        tags: lowering.tags(declaration),
        sandbox: None,
        graph: steps.graph,
        entry: steps.entry,
        slots: steps.slots,
        persona_fields: context.persona_fields(),
        personas: groups.groups,
        duration: duration.unwrap_or(otherwise),
        load,
        think,
        pacing,
        allow_hosts: allowed_hosts(context),
        signoff,
        slo,
        probes,
        goals,
        sources: scn_plan::SourceMap::new(),
    })
}

/// The hosts that the settings of the scenario's file admit.
fn allowed_hosts(context: &Context<'_>) -> Vec<SmolStr> {
    let settings = context.modules.settings_of(context.module);
    let hosts = settings.into_iter().flat_map(|settings| &settings.allow_hosts);
    hosts.map(|(host, _)| host.to_ascii_lowercase().into()).collect()
}

/// What every step of a journey can read, those of flows too.
fn surround(scope: &mut Scope) {
    scope.bind("page", Binding::Page, Type::Any);
    scope.bind("last", Binding::Last, Type::Any);
    scope.bind("run", Binding::Root(scn_plan::Root::Run), run_type());
}

/// What is wrong in each flow, and in each composed probe, by itself.
pub(crate) fn check_bodies(context: &Context<'_>) -> (Vec<Vec<Diagnostic>>, Vec<Vec<Diagnostic>>) {
    let check = |body: &Body, check: fn(&mut Lowering<'_, '_>, &Body)| {
        let mut diagnostics = Vec::new();
        let context = context.of(body.module);
        check(
            &mut Lowering {
                context,
                blueprint: None,
                symbols: Symbols::default(),
                diagnostics: &mut diagnostics,
                composed: 0,
                personas: None,
            },
            body,
        );
        diagnostics
    };
    let flows =
        context.flows.all.par_iter().map(|flow| check(flow, |lowering, flow| lowering.check_flow(flow))).collect();
    let probes = context
        .probes
        .all
        .par_iter()
        .map(|probe| check(probe, |lowering, probe| lowering.check_composed(probe)))
        .collect();
    (flows, probes)
}

fn run_type() -> Type {
    let fields = [("id", Type::TEXT), ("seed", Type::Int), ("persona", Type::Int), ("iteration", Type::Int)];
    Type::record(fields.into_iter().map(|(name, ty)| (SmolStr::new_static(name), ty)))
}
