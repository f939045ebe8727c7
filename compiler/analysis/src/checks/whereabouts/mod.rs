//! Where journeys are: which pages a browser may show at each step, and what a step needs that none of them has.

mod moves;

use std::collections::BTreeSet;

use petgraph::{Direction, graph::NodeIndex, visit::EdgeRef};
use scn_diagnostics::{Diagnostic, Span, codes};
use scn_plan::{
    Plan, Shape, Value,
    blueprint::{Form, Page},
    plan::{Edge, Node, NodeKind, Step},
};
use smol_str::SmolStr;

pub(super) use self::moves::Moves;
use self::moves::{Sight, Sights, Whereabouts};
use super::{
    Against, characters,
    pages::{bare, page_of},
    reach::Reach,
};
use crate::signatures::list;

/// What people press on every form of a frontend.
const CONTINUE: &str = "Continue";

/// Where the journeys of a plan may be.
pub(super) struct Map<'a> {
    plan: &'a Plan,
    moves: &'a Moves<'a>,
    /// Where they may be when they come to each node.
    arriving: Vec<Whereabouts>,
}

/// What a step asks of the page.
enum Need<'a> {
    /// A control of this name that takes input.
    Control(&'a str),
    /// A control for files, of this name.
    File(Option<&'a str>),
    /// A form that offers this method of payment.
    Method(&'a str),
    /// A form, of this name.
    Form(Option<&'a str>),
}

impl Need<'_> {
    fn is_met(&self, page: &Page) -> bool {
        page.forms.values().any(|form| self.is_met_by(form))
    }

    fn is_met_by(&self, form: &Form) -> bool {
        let mut fields = form.fields.iter();
        match self {
            Need::Control(wanted) => fields.any(|(name, _)| name == wanted),
            Need::File(wanted) => fields.any(|(name, field)| {
                matches!(field.value.shape, Shape::File { .. }) && wanted.is_none_or(|wanted| name == wanted)
            }),
            Need::Method(wanted) => fields.any(|(_, field)| match &field.value.shape {
                Shape::Choice(options) => options.iter().any(|option| option == wanted),
                _ => false,
            }),
            Need::Form(None) => true,
            Need::Form(Some(wanted)) => form.name == *wanted,
        }
    }

    fn named(&self) -> String {
        match self {
            Need::Control(name) | Need::File(Some(name)) => format!("a control `{name}`"),
            Need::File(None) => "a control that takes a file".to_owned(),
            Need::Method(name) => format!("a form that offers `{name}`"),
            Need::Form(None) => "a form".to_owned(),
            Need::Form(Some(name)) => format!("a form `{name}`"),
        }
    }
}

/// What a step needs, and where it says so; nothing if it needs nothing, or says so only in a journey.
fn need(step: &Step) -> Option<(Need<'_>, Span)> {
    let constant = |name: &str| step.call.arg(name).and_then(|arg| Some((characters(arg)?, arg.span)));
    match step.call.name.as_str() {
        "fill" | "select" | "check" | "uncheck" => {
            constant("target").map(|(target, span)| (Need::Control(target), span))
        }
        "upload" => match step.call.arg("field") {
            Some(_) => constant("field").map(|(field, span)| (Need::File(Some(field)), span)),
            None => Some((Need::File(None), step.call.span)),
        },
        "pay" => constant("method").map(|(method, span)| (Need::Method(method), span)),
        "submit" => match step.call.arg("form") {
            Some(_) => constant("form").map(|(form, span)| (Need::Form(Some(form)), span)),
            None => Some((Need::Form(None), step.call.span)),
        },
        _ => None,
    }
}

/// Finds out where the journeys of `plan` may be.
pub(super) fn map<'a>(plan: &'a Plan, against: &Against<'a>) -> Map<'a> {
    let mut map = Map { plan, moves: against.moves, arriving: vec![Whereabouts::default(); plan.graph.node_count()] };
    if let Some(entry) = map.arriving.get_mut(plan.entry.index()) {
        entry.nowhere = true;
    }
    let mut open = vec![false; plan.graph.node_count()];
    // The first node that may be open: most edges lead to later ones.
    let mut at = plan.entry.index();
    open.get_mut(at).into_iter().for_each(|open| *open = true);
    while let Some(is_open) = open.get_mut(at) {
        if !std::mem::take(is_open) {
            at += 1;
            continue;
        }
        let Some((node, here)) = plan.node(NodeIndex::new(at)).zip(map.arriving.get(at).cloned()) else { continue };
        let mut next_open = at + 1;
        let mut edges = plan.graph.edges_directed(NodeIndex::new(at), Direction::Outgoing);
        let may_fail = edges.any(|edge| *edge.weight() == Edge::OnFail);
        let (after, failed) = map.after(node, &here, against, may_fail);
        for edge in plan.graph.edges_directed(NodeIndex::new(at), Direction::Outgoing) {
            let next = match edge.weight() {
                Edge::Uses => continue,
                Edge::OnFail => &failed,
                _ => &after,
            };
            let target = edge.target().index();
            if let Some((arriving, open)) = map.arriving.get_mut(target).zip(open.get_mut(target))
                && arriving.add(next)
            {
                *open = true;
                next_open = next_open.min(target);
            }
        }
        at = next_open;
    }
    map
}

impl<'a> Map<'a> {
    /// Where journeys may be after a node, and where after it failed if they go on from there.
    fn after(
        &self,
        node: &Node,
        here: &Whereabouts,
        against: &Against<'_>,
        may_fail: bool,
    ) -> (Whereabouts, Whereabouts) {
        let NodeKind::Step(step) = &node.kind else { return (here.clone(), here.clone()) };
        let mut after = self.done(step, here, against);
        if !may_fail && !step.soft {
            if step.guard.is_some() {
                after.add(here);
            }
            return (after, Whereabouts::default());
        }
        let mut failed = here.clone();
        failed.add(&after);
        // A step may have submitted before it failed.
        failed.sights.extend(here.sights.iter().flat_map(|sight| self.moves.submit(sight, None)));
        if step.soft {
            after.add(&failed);
        }
        if step.guard.is_some() {
            after.add(here);
        }
        (after, failed)
    }

    fn done(&self, step: &Step, here: &Whereabouts, against: &Against<'_>) -> Whereabouts {
        let submitted = |from: &Whereabouts, form: Option<&str>| -> Sights {
            from.sights.iter().flat_map(|sight| self.moves.submit(sight, form)).collect()
        };
        let only = |sights: Sights| Whereabouts { sights, nowhere: false };
        let anywhere = || only(self.moves.anywhere());
        match step.call.name.as_str() {
            "visit" => match step.call.arg("path").and_then(characters).filter(|path| !path.contains("://")) {
                Some(path) => match page_of(against, bare(path)).and_then(|page| self.moves.index(page)) {
                    Some(page) => only(self.moves.view(page).collect()),
                    None => anywhere(),
                },
                None => anywhere(),
            },
            // A link may lead anywhere.
            "click" => match step.call.arg("target").and_then(characters) {
                Some(CONTINUE) => {
                    let mut pressed = submitted(here, None);
                    let later = submitted(&only(pressed.clone()), None);
                    pressed.extend(later.iter());
                    only(pressed)
                }
                _ => anywhere(),
            },
            "expect" => {
                let mut there = submitted(here, None);
                there.extend(here.sights.iter());
                if let Some(page) = self.expected(step, against) {
                    there.retain(|sight| sight.address == page);
                    if there.is_empty() {
                        there = self.moves.view(page).collect();
                    }
                }
                only(there)
            }
            "wait" => {
                let mut there = here.sights.clone();
                there.extend(submitted(here, None).iter());
                let again: Vec<Sight> = there.iter().flat_map(|sight| self.moves.view(sight.address)).collect();
                there.extend(again);
                Whereabouts { sights: there, nowhere: here.nowhere }
            }
            "fill" | "select" | "check" | "uncheck" | "upload" | "pay" | "submit" => {
                let mut able = match need(step) {
                    Some((need, _)) => self.able(&need, here),
                    None => anywhere().sights,
                };
                // What none of the pages has is reported once.
                if able.is_empty() {
                    let all = self.moves.anywhere();
                    able = match need(step) {
                        Some((need, _)) => all.iter().filter(|sight| self.meets(&need, *sight)).collect(),
                        None => Sights::default(),
                    };
                    if able.is_empty() {
                        able = all;
                    }
                }
                let there = only(able);
                match (step.call.name.as_str(), step.call.arg("form").map(characters)) {
                    ("submit", Some(Some(form))) => only(submitted(&there, Some(form))),
                    ("submit" | "pay", _) => only(submitted(&there, None)),
                    _ => there,
                }
            }
            // Requests without a page, and what only waits or calculates.
            _ => here.clone(),
        }
    }

    fn expected(&self, step: &Step, against: &Against<'_>) -> Option<usize> {
        let path = step.call.arg("page").and_then(characters)?;
        self.moves.index(page_of(against, bare(path))?)
    }

    fn meets(&self, need: &Need<'_>, sight: Sight) -> bool {
        self.moves.page(sight.shown).is_some_and(|page| need.is_met(page))
    }

    /// Where a journey does what it needs to: where it is, or after it pressed Continue once.
    fn able(&self, need: &Need<'_>, here: &Whereabouts) -> Sights {
        let mut able = Sights::default();
        for sight in here.sights.iter() {
            if self.meets(need, sight) {
                able.insert(sight);
            } else {
                able.extend(self.moves.submit(sight, None).filter(|next| self.meets(need, *next)));
            }
        }
        able
    }

    /// The pages on which the node's step does what it needs to.
    pub fn acts_on(&self, at: NodeIndex) -> Vec<&'a Page> {
        let Some(NodeKind::Step(step)) = self.plan.node(at).map(|node| &node.kind) else { return Vec::new() };
        let Some(here) = self.arriving.get(at.index()) else { return Vec::new() };
        let Some((need, _)) = need(step) else { return Vec::new() };
        let mut shown: Vec<usize> = self.able(&need, here).iter().map(|sight| sight.shown).collect();
        shown.sort_unstable();
        shown.dedup();
        shown.into_iter().filter_map(|page| self.moves.page(page)).collect()
    }

    /// Whether the node's step does what it needs to in this form.
    pub fn acts_in(&self, at: NodeIndex, form: &Form) -> bool {
        let Some(NodeKind::Step(step)) = self.plan.node(at).map(|node| &node.kind) else { return false };
        need(step).is_some_and(|(need, _)| need.is_met_by(form))
    }

    /// Reports pages and controls that no journey can have come to where a step needs them.
    pub fn check(&self, against: &Against<'_>, reach: &Reach<'_>, diagnostics: &mut Vec<Diagnostic>) {
        let mut found: Vec<Diagnostic> = Vec::new();
        let mut fine: Vec<Span> = Vec::new();
        for at in self.plan.graph.node_indices().filter(|at| reach.comes_to(*at)) {
            let Some(node) = self.plan.node(at) else { continue };
            let NodeKind::Step(step) = &node.kind else { continue };
            let Some(here) = self.arriving.get(at.index()).filter(|here| !here.is_empty()) else { continue };
            // A guard may look at the page.
            let problem = match step.guard {
                Some(_) => None,
                None => self.unmet(step, here, against).or_else(|| self.unreached(step, here, against)),
            };
            match problem {
                Some(problem) => found.push(problem),
                None => fine.push(node.span),
            }
        }
        // The steps of a flow are in the plan once for each use: one of them may do.
        let is_fine = |found: &Diagnostic| {
            fine.iter().any(|span| {
                span.source == found.primary.span.source
                    && span.start <= found.primary.span.start
                    && found.primary.span.end <= span.end
            })
        };
        found.retain(|found| !is_fine(found));
        diagnostics.extend(found);
    }

    fn unmet(&self, step: &Step, here: &Whereabouts, against: &Against<'_>) -> Option<Diagnostic> {
        let (need, span) = need(step)?;
        let span = crate::program::inside(span, against.context.sources);
        if !self.able(&need, here).is_empty() {
            return None;
        }
        let elsewhere: Vec<&Page> = against.frontend.pages.values().filter(|page| need.is_met(page)).collect();
        let what = need.named();
        if here.sights.is_empty() {
            return Some(
                Diagnostic::new(codes::CONTROL_OUT_OF_REACH, span, format!("this needs {what}, and no page is open"))
                    .help("a journey begins with `visit`"),
            );
        }
        // A control that no page has is reported as such.
        let first = match (elsewhere.first(), &need) {
            (Some(first), _) => Some(first),
            (None, Need::Form(_)) => None,
            (None, _) => return None,
        };
        let mut found = Diagnostic::new(
            codes::CONTROL_OUT_OF_REACH,
            span,
            format!("no page that a journey can be on here has {what}"),
        )
        .label(format!("here it is on {}", self.pages(here.sights.iter().map(|sight| sight.shown))))
        .note("where the page lacks what a step needs, its form is submitted once, and the next page is looked at");
        if let Some(first) = first {
            found = found.also(first.span, format!("this page has {what}"));
            found = found.help(format!("visit `{}` first, or add the steps that lead there", first.path));
        }
        Some(found)
    }

    fn unreached(&self, step: &Step, here: &Whereabouts, against: &Against<'_>) -> Option<Diagnostic> {
        if step.call.name != "expect" {
            return None;
        }
        let expr = step.call.arg("page")?;
        let page = self.expected(step, against)?;
        let submitted = here.sights.iter().flat_map(|sight| self.moves.submit(sight, None));
        let reached: Vec<usize> = here.sights.iter().chain(submitted).map(|sight| sight.address).collect();
        if reached.contains(&page) {
            return None;
        }
        let declared = self.moves.page(page)?;
        let headline = format!("no form leads to `{}` from the pages that a journey can be on here", declared.path);
        let found = Diagnostic::new(codes::UNREACHABLE_PAGE, against.place(expr), headline);
        Some(match reached.is_empty() {
            true => found.help("visit a page first"),
            false => found
                .help(format!("a journey can get to {} here", self.pages(reached)))
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
