//! What a delay does to those who wait for it: the callers in the blueprint, and the steps.

use std::{cell::OnceCell, collections::BTreeSet};

use petgraph::graph::NodeIndex;
use scn_diagnostics::{Diagnostic, Span, codes};
use scn_plan::{
    Blueprint, Plan, Value,
    blueprint::{Form, Handler, Page},
    plan::{Goal, Metric, NodeKind, Probe, Scope, Step},
};
use smol_str::SmolStr;

use super::{
    super::{
        Against, characters,
        pages::{bare, page_of},
        reach::Reach,
        steps,
        whereabouts::Map,
    },
    chain::{Hop, Patience, chains},
    windows::is_permanent,
};
use crate::signatures::list;

/// Where a step's requests go, and what answers them.
struct Errand<'a> {
    node: NodeIndex,
    step: &'a Step,
    name: &'a SmolStr,
    span: Span,
    handlers: Vec<&'a Handler>,
    /// Whether the step sends a request whenever it runs, and each of its handlers runs then.
    always: bool,
}

/// What the plan's requests are held against.
#[derive(Clone, Copy)]
pub(in crate::checks) struct Surroundings<'a> {
    /// The sandbox whose parts are delayed.
    pub blueprint: &'a Blueprint,
    /// How long they wait for one another.
    pub patience: &'a Patience,
    /// Its frontend.
    pub against: &'a Against<'a>,
    /// Where the steps are made.
    pub map: &'a Map<'a>,
    /// Which of them are.
    pub reach: &'a Reach<'a>,
}

/// What is known of the plan's requests.
pub(in crate::checks) struct Timing<'a> {
    plan: &'a Plan,
    surroundings: Surroundings<'a>,
    blueprint: &'a Blueprint,
    /// Where the requests go, once a delay may be felt.
    errands: OnceCell<Vec<Errand<'a>>>,
}

/// How long at least some steps take, by the probes that are in force throughout.
pub(in crate::checks) struct Bounds<'a> {
    plan: &'a Plan,
    /// The steps, each with the least time and the probe that causes it.
    steps: Vec<(&'a SmolStr, NodeIndex, i64, &'a Probe)>,
    /// The least time of every step that sends a request.
    all: Option<(i64, &'a Probe)>,
}

impl<'a> Timing<'a> {
    /// What is known of the requests of `plan`.
    pub fn of(plan: &'a Plan, surroundings: Surroundings<'a>) -> Self {
        Self { plan, surroundings, blueprint: surroundings.blueprint, errands: OnceCell::new() }
    }

    /// Where the steps' requests go.
    fn errands(&self) -> &[Errand<'a>] {
        self.errands.get_or_init(|| {
            let Surroundings { against, map, reach, .. } = self.surroundings;
            let mut errands = Vec::new();
            for at in self.plan.graph.node_indices().filter(|at| reach.comes_to(*at)) {
                let Some(node) = self.plan.node(at) else { continue };
                let NodeKind::Step(step) = &node.kind else { continue };
                let Some((handlers, always)) = handlers(at, step, against, map) else { continue };
                errands.push(Errand { node: at, step, name: &node.name, span: node.span, handlers, always });
            }
            errands
        })
    }

    /// Whether a step, or a part that calls another, waits no longer than this.
    fn is_felt(&self, nanos: i64) -> bool {
        steps(self.plan).any(|step| step.timeout <= nanos)
            || self.surroundings.patience.of(self.blueprint).is_some_and(|patience| patience <= nanos)
    }

    /// Reports delays that somebody does not wait for.
    pub fn check(&self, diagnostics: &mut Vec<Diagnostic>) {
        for probe in &self.plan.probes {
            let Some(latency) = probe.call.arg("latency") else { continue };
            let Some(Value::Duration(nanos)) = latency.as_value() else { continue };
            if !self.is_felt(*nanos) {
                continue;
            }
            let mut impatient: Vec<&Errand<'_>> = Vec::new();
            let mut callers: Vec<(Hop<'_>, Vec<&SmolStr>)> = Vec::new();
            let mut followed: Vec<(&Handler, Vec<Vec<Hop<'_>>>)> = Vec::new();
            for errand in self.errands() {
                if probe.target == self.blueprint.entry {
                    if errand.step.timeout <= *nanos {
                        impatient.push(errand);
                    }
                    continue;
                }
                for handler in &errand.handlers {
                    // Most handlers answer several steps.
                    if !followed.iter().any(|(known, _)| std::ptr::eq(*known, *handler)) {
                        followed.push((handler, chains(self.blueprint, &self.blueprint.entry, handler, &probe.target)));
                    }
                }
                let ways = errand.handlers.iter().filter_map(|handler| {
                    let (_, ways) = followed.iter().find(|(known, _)| std::ptr::eq(*known, *handler))?;
                    Some(ways)
                });
                for way in ways.flatten() {
                    let first = way.iter().filter(|hop| hop.timeout <= *nanos).min_by_key(|hop| hop.timeout);
                    let waits = first.map_or(*nanos, |hop| hop.timeout);
                    if errand.step.timeout <= waits {
                        if !impatient.iter().any(|known| known.span == errand.span) {
                            impatient.push(errand);
                        }
                    } else if let Some(hop) = first {
                        let at = callers.iter().position(|(known, _)| known.span == hop.span);
                        match at.and_then(|at| callers.get_mut(at)) {
                            Some((_, steps)) if !steps.contains(&errand.name) => steps.push(errand.name),
                            Some(_) => {}
                            None => callers.push((*hop, vec![errand.name])),
                        }
                    }
                }
            }
            if !impatient.is_empty() {
                diagnostics.push(impatience(probe, latency.span, *nanos, &impatient));
            }
            if !callers.is_empty() {
                diagnostics.push(abandonment(probe, latency.span, &callers));
            }
        }
    }

    /// How long at least steps take, by the probes that are in force throughout.
    pub fn bounds(&self) -> Bounds<'a> {
        let mut bounds = Bounds { plan: self.plan, steps: Vec::new(), all: None };
        for probe in self.plan.probes.iter().filter(|probe| is_permanent(probe, self.plan)) {
            let Some(Value::Duration(nanos)) = probe.call.arg("latency").and_then(|latency| latency.as_value()) else {
                continue;
            };
            let at_the_door = probe.target == self.blueprint.entry;
            let mut least_of_all: Option<i64> = None;
            for errand in self.errands() {
                let least = match at_the_door {
                    true => Some(*nanos),
                    false => self.least(errand, &probe.target, *nanos),
                };
                let least = least.unwrap_or(0).min(errand.step.timeout);
                least_of_all = Some(least_of_all.map_or(least, |other| other.min(least)));
                if least > 0 && errand.always {
                    bounds.steps.push((errand.name, errand.node, least, probe));
                }
            }
            if at_the_door && let Some(least) = least_of_all {
                bounds.all = bounds.all.filter(|(known, _)| *known >= least).or(Some((least, probe)));
            }
        }
        bounds
    }

    /// How long at least the step waits for `target`, which is held up for `nanos`.
    fn least(&self, errand: &Errand<'_>, target: &str, nanos: i64) -> Option<i64> {
        let of = |handler: &&Handler| {
            let ways = chains(self.blueprint, &self.blueprint.entry, handler, target).into_iter();
            let sure = ways.filter(|way| way.iter().all(|hop| hop.always));
            sure.map(|way| way.iter().map(|hop| hop.timeout).min().unwrap_or(nanos).min(nanos)).max().unwrap_or(0)
        };
        errand.handlers.iter().map(of).min()
    }
}

impl<'a> Bounds<'a> {
    /// The least that the goal's metric can be, and the probe that causes it.
    pub fn least(&self, goal: &Goal) -> Option<(i64, &'a Probe)> {
        let step = goal.scopes.iter().find_map(|scope| match scope {
            Scope::Step(name) => Some(name),
            _ => None,
        });
        match (&goal.metric, step) {
            (Metric::Percentile(_), Some(name)) => {
                let of = self.steps.iter().filter(|(own, ..)| *own == name);
                of.map(|(_, _, least, probe)| (*least, *probe)).max_by_key(|(least, _)| *least)
            }
            (Metric::Percentile(_), None) => self.all,
            (Metric::JourneyPercentile(_), _) => {
                let sure = self.steps.iter().filter(|(_, node, ..)| self.is_sure(*node));
                sure.map(|(_, _, least, probe)| (*least, *probe)).max_by_key(|(least, _)| *least)
            }
            _ => None,
        }
    }

    /// Whether the node is the first of the plan that does anything, so that every journey comes to it.
    fn is_sure(&self, node: NodeIndex) -> bool {
        node == self.plan.entry
    }
}

fn impatience(probe: &Probe, at: Span, nanos: i64, impatient: &[&Errand<'_>]) -> Diagnostic {
    let names: Vec<&str> = impatient.iter().map(|errand| errand.name.as_str()).collect();
    let (verb, them) = if names.len() == 1 { ("waits", "it") } else { ("wait", "them") };
    let headline = format!("`{}` delays `{}` for longer than {} {verb}", probe.name, probe.target, list(&names));
    let mut found = Diagnostic::new(codes::PROBE_OUTLASTS_STEPS, at, headline)
        .label(format!("{} or more", Value::Duration(nanos)))
        .help(format!("shorten the delay, or give {them} a longer `timeout:`"));
    for errand in impatient.iter().take(4) {
        found = found.also(errand.span, format!("this waits {}", Value::Duration(errand.step.timeout)));
    }
    found
}

fn abandonment(probe: &Probe, at: Span, callers: &[(Hop<'_>, Vec<&SmolStr>)]) -> Diagnostic {
    let names: BTreeSet<&str> = callers.iter().map(|(hop, _)| hop.caller.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let verb = if names.len() == 1 { "waits" } else { "wait" };
    let headline = format!("`{}` delays `{}` for longer than {} {verb} for it", probe.name, probe.target, list(&names));
    let mut found = Diagnostic::new(codes::PROBE_OUTLASTS_CALLS, at, headline);
    let mut steps: Vec<&str> = Vec::new();
    for (hop, of) in callers {
        found = found.also(hop.span, format!("this call of `{}` waits {}", hop.callee, Value::Duration(hop.timeout)));
        for name in of {
            if !steps.contains(&name.as_str()) {
                steps.push(name);
            }
        }
    }
    let those: Vec<&str> = steps.iter().copied().take(12).collect();
    found
        .label(format!("every such call times out, which the steps {} come to feel", list(&those)))
        .note("a call that times out is answered with 504, unless the handler looks at its status")
}

/// The handlers that answer a step's requests, and whether it sends one whenever it runs.
fn handlers<'a>(
    at: NodeIndex,
    step: &'a Step,
    against: &Against<'a>,
    map: &Map<'a>,
) -> Option<(Vec<&'a Handler>, bool)> {
    let page_named = |path: &str| page_of(against, bare(path)).map(|(_, page)| page);
    let view = |page: &'a Page| page.on_view.iter();
    let constant = |name: &str| step.call.arg(name).and_then(characters).filter(|path| !path.contains("://"));
    let submitted = |form: &'a Form| {
        let to = form.to.as_ref().and_then(|to| against.frontend.pages.get(to));
        form.on_submit.iter().chain(to.and_then(|page| page.on_view.as_ref()))
    };
    let always = step.guard.is_none();
    match step.call.name.as_str() {
        "visit" | "get" => page_named(constant("path")?).map(|page| (view(page).collect(), always)),
        "post" => {
            let page = page_named(constant("path")?)?;
            Some((page.forms.values().flat_map(submitted).collect(), false))
        }
        "pay" | "submit" | "fill" | "select" | "check" | "uncheck" | "upload" => {
            let forms = map.acts_on(at).into_iter().flat_map(|page| page.forms.values().map(move |form| (page, form)));
            let forms: Vec<&'a Form> = forms.filter(|(_, form)| map.acts_in(at, form)).map(|(_, form)| form).collect();
            // What is filled in is submitted later, and by another step perhaps.
            let sends = matches!(step.call.name.as_str(), "pay" | "submit");
            let sure = sends && forms.len() == 1;
            let handlers: Vec<&'a Handler> = match sure {
                true => forms.iter().flat_map(|form| form.on_submit.iter()).collect(),
                false => forms.iter().flat_map(|form| submitted(form)).collect(),
            };
            Some((handlers, always && sure))
        }
        _ => None,
    }
}
