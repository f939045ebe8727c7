//! Retries, groups and waits: what a failure leads to, and how long it may take.

use esr_engine::TransportError;
use petgraph::graph::NodeIndex;
use scn_plan::{
    BinaryOp, Member, Plan,
    nanos::MILLI,
    plan::{Edge, Group, GroupOf, NodeKind, Retry},
};

use crate::support::*;

/// Nodes one after the other, of which those in `attempt` lead back to the node `handler` when they fail.
fn chain(kinds: Vec<(&str, NodeKind)>, handler: usize, attempt: std::ops::RangeInclusive<usize>) -> Plan {
    let mut plan = empty();
    let nodes: Vec<NodeIndex> = kinds.into_iter().map(|(name, kind)| node(&mut plan, name, kind)).collect();
    for pair in nodes.windows(2) {
        plan.graph.add_edge(pair[0], pair[1], Edge::Next);
    }
    for at in attempt {
        plan.graph.add_edge(nodes[at], nodes[handler], Edge::OnFail);
    }
    plan.entry = nodes[0];
    plan
}

fn count_up(slot_index: u32) -> NodeKind {
    NodeKind::Step(set(slot_index, binary(BinaryOp::Add, slot(slot_index), int(1))).step)
}

fn retry(attempts: u32, backoff: i64) -> NodeKind {
    NodeKind::Retry(Retry { attempts, backoff: backoff * MILLI })
}

/// `set` to zero, a retry around a visit and a counting step, and an end.
fn attempts(attempts: u32) -> Plan {
    chain(
        vec![
            ("zero", NodeKind::Step(set(0, int(0)).step)),
            ("retry", retry(attempts, 500)),
            ("count", count_up(0)),
            ("visit", NodeKind::Step(visit("/").step)),
            ("once", NodeKind::Step(step("assert", &[("condition", binary(BinaryOp::Equal, slot(0), int(1)))]).step)),
            ("end", NodeKind::End),
        ],
        1,
        2..=3,
    )
}

#[test]
fn a_failed_attempt_drops_what_it_set_and_is_made_again_after_a_pause() {
    let flight = Flight::over(|server| {
        server.with("GET /", |_, nth| if nth < 2 { answer(503, "").takes(10) } else { page("").takes(10) })
    });
    flight.run(attempts(3));
    assert_eq!(flight.ending(), "completed");
    assert_eq!(flight.samples(), ["visit 10ms 503 HTTP 503", "visit 10ms 503 HTTP 503", "visit 10ms 200 ok"]);
    let journey = flight.journey();
    assert_eq!(journey.end.since(journey.start), 1_030_000_000, "three visits and two pauses");
}

#[test]
fn the_last_attempt_fails_the_journey() {
    let flight = Flight::over(|server| server.on("GET /", answer(503, "")));
    flight.run(attempts(2));
    assert_eq!(flight.ending(), "visit: HTTP 503");
    assert_eq!(flight.samples().len(), 2);
}

#[test]
fn what_breaks_and_not_only_what_answers_is_attempted_again() {
    let flight = Flight::over(|server| {
        server.with("GET /", |_, nth| match nth {
            0 => broken(TransportError::Refused("nobody listens".to_owned())),
            _ => page(""),
        })
    });
    flight.run(attempts(2));
    assert_eq!(flight.ending(), "completed");
}

/// A group around a visit and a wait, and a visit after it.
fn grouped(soft: bool, timeout: Option<i64>) -> Plan {
    let group = Group { of: GroupOf::Steps, timeout: timeout.map(|timeout| timeout * MILLI), soft };
    let mut plan = chain(
        vec![
            ("checkout", NodeKind::Group(group)),
            ("visit", NodeKind::Step(visit("/").step)),
            ("wait", NodeKind::Step(step("wait", &[("time", duration(300))]).step)),
            ("join", NodeKind::Join),
            ("after", NodeKind::Step(visit("/after").step)),
            ("end", NodeKind::End),
        ],
        3,
        if soft { 1..=2 } else { 0..=0 },
    );
    for at in [1, 2] {
        plan.graph[NodeIndex::new(at)].limits = vec![NodeIndex::new(0)];
    }
    plan
}

#[test]
fn a_journey_goes_on_after_a_soft_group() {
    let flight = Flight::over(|server| server.on("GET /", answer(500, "")).on("GET /after", page("")));
    flight.run(grouped(true, None));
    assert_eq!(flight.ending(), "completed");
    assert_eq!(flight.samples(), ["visit 0ms 500 HTTP 500", "after 0ms 200 ok"], "the wait was left out");
}

#[test]
fn a_group_bounds_the_requests_and_the_pauses_in_it() {
    let slow =
        |takes: u64| Flight::over(move |server| server.on("GET /", page("").takes(takes)).on("GET /after", page("")));
    let flight = slow(2_000);
    flight.run(grouped(false, Some(1_000)));
    assert_eq!(flight.ending(), "visit: timeout");
    assert_eq!(flight.reason(), "`checkout` did not end within 1s");
    assert_eq!(flight.samples(), ["visit 1000ms - timeout"]);

    let flight = slow(800);
    flight.run(grouped(false, Some(1_000)));
    assert_eq!(flight.ending(), "wait: timeout");
    let journey = flight.journey();
    assert_eq!(journey.end.since(journey.start), 1_000_000_000);

    let flight = slow(600);
    flight.run(grouped(false, Some(1_000)));
    assert_eq!(flight.ending(), "completed", "what comes after the group has time of its own");
}

fn wait_until(every: i64, max: i64) -> StepPlan {
    let until = member(Member::PageHas, Some("#done"));
    step("wait", &[("until", until), ("every", duration(every)), ("max", duration(max))])
}

#[test]
fn a_wait_loads_the_page_anew_until_its_condition_holds() {
    let flight =
        Flight::over(|server| server.with("GET /", |_, nth| page(if nth < 3 { "" } else { "<p id=done>" }).takes(10)));
    flight.run(plan(vec![visit("/"), wait_until(200, 5_000)]));
    assert_eq!(flight.ending(), "completed");
    assert_eq!(flight.samples(), ["visit 10ms 200 ok", "wait 30ms 200 ok"], "pauses are no response time");
    let journey = flight.journey();
    assert_eq!(journey.end.since(journey.start), 640_000_000);
}

#[test]
fn a_wait_ends_at_its_bound() {
    let flight = Flight::over(|server| server.on("GET /", page("").takes(10)));
    flight.run(plan(vec![visit("/"), wait_until(200, 1_000)]));
    assert_eq!(flight.ending(), "wait: wait");
}

#[test]
fn a_composed_probe_is_in_force_while_one_of_its_parts_is() {
    let flight = Flight::over(|server| server.on("GET /", page("").takes(10)));
    let visit_after = |pause: i64| vec![step("wait", &[("time", duration(pause))]), visit("/")];
    let mut plan = plan([visit_after(0), visit_after(200), visit_after(200)].into_iter().flatten().collect());
    let part = |name: &str, from, lasts| scn_plan::plan::Probe {
        within: vec!["evening".into()],
        ..probe(name, Some(from), Some(lasts))
    };
    plan.probes = vec![part("evening.early", 0, 100), part("evening.late", 50, 200)];
    flight.run(plan);
    let events = flight.tape.probes.lock().unwrap();
    let told: Vec<String> =
        events.iter().map(|event| format!("{}{}", if event.applied { '+' } else { '-' }, event.probe)).collect();
    assert_eq!(told, ["+evening.early", "+evening", "+evening.late", "-evening.early", "-evening.late", "-evening"]);
    let journey = flight.journey();
    let seen: Vec<bool> = journey.steps.iter().map(|step| step.probes.iter().any(|probe| probe == "evening")).collect();
    assert_eq!(seen, [true, true, false]);
}
