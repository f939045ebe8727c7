//! Conditions, choices, guards, pauses, and ways to leave.

use scn_plan::{
    BinaryOp, ExprKind, Member, SlotId, Value,
    plan::{Edge, NodeKind},
};

use super::support::*;

fn holds(holds: bool) -> scn_plan::Expr {
    value(Value::Bool(holds))
}

#[test]
fn set_assert_stop_and_fail() {
    let equal = |number| binary(BinaryOp::Equal, slot(2), int(number));
    let reason = |verb: &str| step(verb, &[("reason", text("enough"))]);
    let assert_with = |condition, message| step("assert", &[("condition", condition), ("message", text(message))]);
    for (steps, ending) in [
        (vec![set(2, int(5)), step("assert", &[("condition", equal(5))])], "completed"),
        (vec![set(2, int(5)), step("assert", &[("condition", equal(6))])], "assert: assert"),
        (vec![reason("stop"), reason("fail")], "stopped: enough"),
        (vec![reason("fail")], "fail: fail"),
        (vec![reason("fail").guard(holds(false))], "completed"),
        (vec![reason("fail").soft(), assert_with(holds(true), "fine")], "completed"),
        (vec![assert_with(int(1), "no condition")], "assert: expression"),
        (vec![visit("/").guard(int(1))], "visit: expression"),
    ] {
        let flight = Flight::over(|server| server);
        flight.run(plan(steps));
        assert_eq!(flight.ending(), ending);
    }
    let flight = Flight::over(|server| server);
    flight.run(plan(vec![assert_with(holds(false), "the fee is wrong")]));
    assert_eq!(flight.reason(), "the fee is wrong");
    assert_eq!(flight.samples(), ["assert - - assert"]);
}

#[test]
fn a_condition_reads_the_page_and_takes_its_branch() {
    for (html, ending) in [("<b id=fee>1</b>", "stopped: fee"), ("", "completed")] {
        let flight = Flight::over(|server| server.on("GET /", page(html)));
        let mut plan = plan(vec![visit("/")]);
        let first = plan.entry;
        let condition = node(&mut plan, "if", NodeKind::Condition(member(Member::PageHas, Some("#fee"))));
        let stop = node(&mut plan, "stop", NodeKind::Step(step("stop", &[("reason", text("fee"))]).step));
        let join = node(&mut plan, "join", NodeKind::Join);
        let end = node(&mut plan, "end", NodeKind::End);
        let edge = plan.graph.edges(first).next().map(|edge| petgraph::visit::EdgeRef::id(&edge)).unwrap();
        plan.graph.remove_edge(edge);
        for (from, to, edge) in [
            (first, condition, Edge::Next),
            (condition, stop, Edge::Then),
            (condition, join, Edge::Else),
            (join, end, Edge::Next),
            (first, end, Edge::Uses),
        ] {
            plan.graph.add_edge(from, to, edge);
        }
        flight.run(plan);
        assert_eq!(flight.ending(), ending);
    }
}

/// Half stop with `a`, a tenth with `b`, the rest complete.
fn chooser(personas: u32) -> scn_plan::Plan {
    let mut plan = empty();
    plan.personas = vec![group(personas, "Citizen")];
    let choice = node(&mut plan, "choose", NodeKind::Choice);
    plan.entry = choice;
    let end = node(&mut plan, "end", NodeKind::End);
    for (weight, reason) in [(0.5, "a"), (0.1, "b")] {
        // Nothing follows a step that leaves.
        let stop = node(&mut plan, "stop", NodeKind::Step(step("stop", &[("reason", text(reason))]).step));
        plan.graph.add_edge(choice, stop, Edge::Arm(weight));
    }
    plan.graph.add_edge(choice, end, Edge::Arm(0.4));
    plan
}

#[test]
fn choices_are_drawn_by_weight_and_the_same_in_every_run() {
    let run = || {
        let flight = Flight::over(|server| server);
        flight.run(chooser(400));
        let mut journeys = flight.tape.journeys.lock().unwrap().clone();
        journeys.sort_by_key(|journey| journey.persona);
        journeys.iter().map(|journey| journey.choices[&0]).collect::<Vec<u32>>()
    };
    let drawn = run();
    assert_eq!(drawn, run());
    let share = |arm| drawn.iter().filter(|drawn| **drawn == arm).count();
    assert!((160..240).contains(&share(0)) && (20..65).contains(&share(1)), "{} {}", share(0), share(1));
}

#[test]
fn pauses_are_no_response_time_and_a_step_reached_again_is_an_attempt() {
    let flight = Flight::over(|server| server.on("GET /", page("").takes(10)));
    // A circle of visit and wait that is left after the third round.
    let mut plan = empty();
    let visit = node(&mut plan, "visit", NodeKind::Step(visit("/").step));
    let wait = node(&mut plan, "wait", NodeKind::Step(step("wait", &[("time", duration(90_000))]).step));
    let more = binary(BinaryOp::Add, expr(ExprKind::Slot(SlotId(0))), int(1));
    let count = node(&mut plan, "set", NodeKind::Step(set(0, more).step));
    let zero = node(&mut plan, "zero", NodeKind::Step(set(0, int(0)).step));
    let again = node(&mut plan, "if", NodeKind::Condition(binary(BinaryOp::Less, slot(0), int(3))));
    let end = node(&mut plan, "end", NodeKind::End);
    plan.entry = zero;
    for (from, to, edge) in [
        (zero, visit, Edge::Next),
        (visit, wait, Edge::Next),
        (wait, count, Edge::Next),
        (count, again, Edge::Next),
        (again, visit, Edge::Then),
        (again, end, Edge::Else),
    ] {
        plan.graph.add_edge(from, to, edge);
    }
    flight.run(plan);
    assert_eq!(flight.ending(), "completed");
    assert_eq!(flight.samples(), ["visit 10ms 200 ok"; 3]);
    let journey = flight.journey();
    assert_eq!(journey.end.since(journey.start), 3 * 90_010_000_000);
    let blocks: Vec<_> = journey.steps.iter().map(|step| step.blocks[0].as_str()).collect();
    assert_eq!(blocks, ["p0.i0.n0.a0", "p0.i0.n0.a1", "p0.i0.n0.a2"]);
}
