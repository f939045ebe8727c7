//! Where journeys are: which pages a browser may show at each step, and what a step needs that none of them has.

mod doing;
mod moves;
mod sights;

use std::collections::BTreeSet;

use petgraph::{graph::NodeIndex, visit::EdgeRef};
use scn_diagnostics::{Diagnostic, Span, codes};
use scn_plan::{
    Plan, Value,
    blueprint::{Form, Page},
    plan::{Edge, Node, NodeKind, Step},
};
use smol_str::SmolStr;

pub(super) use self::moves::Moves;
use self::{
    doing::{Doing, Need},
    sights::{Sights, Whereabouts},
};
use super::{Against, reach::Reach, worklist::Worklist};
use crate::signatures::list;

/// Where the journeys of a plan may be.
pub(super) struct Map<'a> {
    plan: &'a Plan,
    moves: &'a Moves<'a>,
    /// The nodes.
    stops: Vec<Stop<'a>>,
}

/// What is known of a node.
struct Stop<'a> {
    /// What it does.
    doing: Doing<'a>,
    /// Where journeys may be when they come to it.
    arriving: Whereabouts,
    /// Where they do what it needs to: where they are, or after they pressed Continue once.
    able: Sights,
}

/// Where journeys may be after a node, and where after it failed if they go on from there.
fn after(moves: &Moves<'_>, node: &Node, stop: &Stop<'_>, may_fail: bool) -> (Whereabouts, Whereabouts) {
    let here = &stop.arriving;
    let NodeKind::Step(step) = &node.kind else {
        let failed = if may_fail { here.clone() } else { Whereabouts::default() };
        return (here.clone(), failed);
    };
    let mut after = done(moves, stop);
    let mut failed = Whereabouts::default();
    if may_fail || step.soft {
        failed = here.clone();
        failed.add(&after);
        // A step may have submitted before it failed.
        failed.sights.add(&moves.submit(&here.sights, None));
    }
    if step.soft {
        after.add(&failed);
    }
    if step.guard.is_some() {
        after.add(here);
    }
    (after, failed)
}

/// Where journeys may be after a step that did what it is to.
fn done(moves: &Moves<'_>, stop: &Stop<'_>) -> Whereabouts {
    let here = &stop.arriving;
    let sights = match &stop.doing {
        Doing::Opens(page) => page.and_then(|page| moves.view(page)).unwrap_or(moves.anywhere()).clone(),
        Doing::Continues => {
            let mut pressed = moves.submit(&here.sights, None);
            pressed.add(&moves.submit(&pressed, None));
            pressed
        }
        Doing::Expects(page) => {
            let mut there = moves.submit(&here.sights, None);
            there.add(&here.sights);
            match page {
                Some(page) => {
                    let there = moves.only(&there, |sight| sight.address == *page);
                    if there.is_empty() { moves.view(*page).cloned().unwrap_or_default() } else { there }
                }
                None => there,
            }
        }
        Doing::Waits => {
            let mut there = moves.submit(&here.sights, None);
            there.add(&here.sights);
            let mut again = there.clone();
            for view in moves.sights(&there).filter_map(|sight| moves.view(sight.address)) {
                again.add(view);
            }
            return Whereabouts { sights: again, nowhere: here.nowhere };
        }
        Doing::Enters { need, sends } => {
            let there = match need {
                Some(_) if !stop.able.is_empty() => stop.able.clone(),
                // What none of the pages has is reported once.
                Some((need, _)) => {
                    let able = moves.only(moves.anywhere(), |sight| meets(moves, need, sight.shown));
                    if able.is_empty() { moves.anywhere().clone() } else { able }
                }
                None => moves.anywhere().clone(),
            };
            match need {
                _ if !sends => there,
                Some((Need::Form(form), _)) => moves.submit(&there, *form),
                _ => moves.submit(&there, None),
            }
        }
        Doing::Nothing => return here.clone(),
    };
    Whereabouts { sights, nowhere: false }
}

fn meets(moves: &Moves<'_>, need: &Need<'_>, shown: usize) -> bool {
    moves.page(shown).is_some_and(|page| need.is_met(page))
}

/// Where a journey does what it needs to: where it is, or after it pressed Continue once.
fn able(moves: &Moves<'_>, need: &Need<'_>, here: &Sights) -> Sights {
    let mut able = Sights::default();
    for (number, sight) in here.iter().zip(moves.sights(here)) {
        if meets(moves, need, sight.shown) {
            able.insert(number);
        } else if let Some(next) = moves.submissions(sight.shown) {
            able.add(&moves.only(next, |sight| meets(moves, need, sight.shown)));
        }
    }
    able
}

impl<'a> Map<'a> {
    /// What the steps of `plan` do; where journeys are is yet to be followed.
    pub fn of(plan: &'a Plan, against: &Against<'a>) -> Self {
        let stop = |node: &'a Node| {
            let doing = match &node.kind {
                NodeKind::Step(step) => Doing::of(step, against),
                _ => Doing::Nothing,
            };
            Stop { doing, arriving: Whereabouts::default(), able: Sights::default() }
        };
        Map { plan, moves: against.moves, stops: plan.graph.node_weights().map(stop).collect() }
    }

    /// Finds out where the journeys may be.
    pub fn follow(&mut self) {
        let mut open = Worklist::of(self.stops.len());
        if let Some(entry) = self.stops.get_mut(self.plan.entry.index()) {
            entry.arriving.nowhere = true;
            open.insert(self.plan.entry);
        }
        while let Some(at) = open.take() {
            let Some((node, stop)) = self.plan.node(at).zip(self.stops.get_mut(at.index())) else { continue };
            if let Some((need, _)) = stop.doing.need() {
                stop.able = able(self.moves, need, &stop.arriving.sights);
            }
            let may_fail = self.plan.graph.edges(at).any(|edge| *edge.weight() == Edge::OnFail);
            let (after, failed) = after(self.moves, node, stop, may_fail);
            for edge in self.plan.graph.edges(at) {
                let next = match edge.weight() {
                    Edge::Uses => continue,
                    Edge::OnFail => &failed,
                    _ => &after,
                };
                if self.stops.get_mut(edge.target().index()).is_some_and(|stop| stop.arriving.add(next)) {
                    open.insert(edge.target());
                }
            }
        }
    }

    /// Whether the node's step names a page that the frontend has.
    pub fn knows_page(&self, at: NodeIndex) -> bool {
        let doing = self.stops.get(at.index()).map(|stop| &stop.doing);
        matches!(doing, Some(Doing::Opens(Some(_)) | Doing::Expects(Some(_))))
    }

    /// The pages on which the node's step does what it needs to.
    pub fn acts_on(&self, at: NodeIndex) -> Vec<&'a Page> {
        let Some(stop) = self.stops.get(at.index()) else { return Vec::new() };
        let shown: BTreeSet<usize> = self.moves.sights(&stop.able).map(|sight| sight.shown).collect();
        shown.into_iter().filter_map(|page| self.moves.page(page)).collect()
    }

    /// Whether the node's step does what it needs to in this form.
    pub fn acts_in(&self, at: NodeIndex, form: &Form) -> bool {
        let need = self.stops.get(at.index()).and_then(|stop| stop.doing.need());
        need.is_some_and(|(need, _)| need.is_met_by(form))
    }

    /// Reports pages and controls that no journey can have come to where a step needs them.
    pub fn check(&self, against: &Against<'_>, reach: &Reach<'_>, diagnostics: &mut Vec<Diagnostic>) {
        let stops = || {
            let stops = self.plan.graph.node_indices().zip(&self.stops);
            let stops = stops.filter(|(at, stop)| reach.comes_to(*at) && !stop.arriving.is_empty());
            stops.filter_map(|(at, stop)| match &self.plan.node(at)?.kind {
                NodeKind::Step(step) => Some((at, stop, step)),
                _ => None,
            })
        };
        // A guard may look at the page.
        let unguarded = stops().filter(|(_, _, step)| step.guard.is_none());
        let found = unguarded.filter_map(|(at, stop, step)| Some((at, self.problem(stop, step, against)?)));
        let mut found: Vec<(NodeIndex, Diagnostic)> = found.collect();
        if found.is_empty() {
            return;
        }
        let is_found = |at: NodeIndex| found.iter().any(|(known, _)| *known == at);
        let fine = stops().filter(|(at, ..)| !is_found(*at));
        let fine: Vec<Span> = fine.filter_map(|(at, ..)| Some(self.plan.node(at)?.span)).collect();
        // The steps of a flow are in the plan once for each use: one of them may do.
        let is_fine = |found: &Diagnostic| {
            fine.iter().any(|span| {
                span.source == found.primary.span.source
                    && span.start <= found.primary.span.start
                    && found.primary.span.end <= span.end
            })
        };
        found.retain(|(_, found)| !is_fine(found));
        diagnostics.extend(found.into_iter().map(|(_, found)| found));
    }

    /// What no page has that a journey can be on where it needs it.
    fn problem(&self, stop: &Stop<'_>, step: &Step, against: &Against<'_>) -> Option<Diagnostic> {
        match &stop.doing {
            Doing::Enters { need: Some((need, span)), .. } if stop.able.is_empty() => {
                self.unmet(need, *span, &stop.arriving.sights, against)
            }
            Doing::Expects(Some(page)) => self.unreached(step, *page, &stop.arriving.sights, against),
            _ => None,
        }
    }

    fn unmet(&self, need: &Need<'_>, span: Span, here: &Sights, against: &Against<'_>) -> Option<Diagnostic> {
        let span = crate::program::inside(span, against.context.sources);
        let what = need.named();
        if here.is_empty() {
            return Some(
                Diagnostic::new(codes::CONTROL_OUT_OF_REACH, span, format!("this needs {what}, and no page is open"))
                    .help("a journey begins with `visit`"),
            );
        }
        let elsewhere = against.frontend.pages.values().find(|page| need.is_met(page));
        // A control that no page has is reported as such.
        if elsewhere.is_none() && !matches!(need, Need::Form(_)) {
            return None;
        }
        let mut found = Diagnostic::new(
            codes::CONTROL_OUT_OF_REACH,
            span,
            format!("no page that a journey can be on here has {what}"),
        )
        .label(format!("here it is on {}", self.pages(self.moves.sights(here).map(|sight| sight.shown))))
        .note("where the page lacks what a step needs, its form is submitted once, and the next page is looked at");
        if let Some(page) = elsewhere {
            found = found.also(page.span, format!("this page has {what}"));
            found = found.help(format!("visit `{}` first, or add the steps that lead there", page.path));
        }
        Some(found)
    }

    fn unreached(&self, step: &Step, page: usize, here: &Sights, against: &Against<'_>) -> Option<Diagnostic> {
        let mut reached = self.moves.submit(here, None);
        reached.add(here);
        let addresses = || self.moves.sights(&reached).map(|sight| sight.address);
        if addresses().any(|address| address == page) {
            return None;
        }
        let declared = self.moves.page(page)?;
        let headline = format!("no form leads to `{}` from the pages that a journey can be on here", declared.path);
        let found = Diagnostic::new(codes::UNREACHABLE_PAGE, against.place(step.call.arg("page")?), headline);
        Some(match reached.is_empty() {
            true => found.help("visit a page first"),
            false => found
                .help(format!("a journey can get to {} here", self.pages(addresses())))
                .also(declared.span, "the page is declared here"),
        })
    }

    fn pages(&self, pages: impl IntoIterator<Item = usize>) -> String {
        let pages: BTreeSet<usize> = pages.into_iter().collect();
        let paths: Vec<&str> =
            pages.into_iter().filter_map(|page| self.moves.page(page)).map(|page| page.path.as_str()).collect();
        list(&paths)
    }
}

/// What the engine reads of a constant that is entered.
pub(super) fn entered(value: &Value) -> Option<SmolStr> {
    match value {
        Value::Text(text) => Some(text.value.clone()),
        Value::File(_) | Value::List(_) | Value::Record(_) | Value::Range(_) | Value::Regex(_) => None,
        other => Some(other.to_text().value),
    }
}
