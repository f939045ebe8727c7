//! Loads: who sets out when, thinking and pacing, and what does not count.

use esr_tap::JourneyOutcome;
use scn_plan::load::{Arrivals, Load, Model, Pause, Stage, StageKind};

use super::support::*;

const SECOND: i64 = 1_000_000_000;

fn slow(milliseconds: u64) -> impl Fn(Server) -> Server {
    move |server| server.on("GET /", page("").takes(milliseconds))
}

fn closed(stages: &[(StageKind, i64)]) -> Load {
    let stages = stages.iter().map(|(kind, milliseconds)| Stage { kind: *kind, lasts: milliseconds * 1_000_000 });
    Load { warm_up: 0, model: Model::Closed(stages.collect()), span: Default::default() }
}

fn open(stages: &[(f64, f64, i64)]) -> Load {
    let stages = stages.iter().map(|(from, to, seconds)| Arrivals { from: *from, to: *to, lasts: seconds * SECOND });
    Load { warm_up: 0, model: Model::Open(stages.collect()), span: Default::default() }
}

fn under(load: Load, personas: u32, steps: Vec<StepPlan>) -> scn_plan::Plan {
    scn_plan::Plan {
        duration: load.lasts(),
        load: Some(load),
        personas: vec![group(personas, "Citizen")],
        ..plan(steps)
    }
}

/// `p0.i1 @1000` of every journey in the order of their beginnings, in milliseconds from the start.
fn beginnings(flight: &Flight) -> Vec<String> {
    let mut journeys = flight.tape.journeys.lock().unwrap().clone();
    let first = journeys.iter().map(|journey| journey.start).min().unwrap();
    journeys.sort_by_key(|journey| (journey.start, journey.persona, journey.iteration));
    let line = |journey: &esr_tap::JourneyRecord| {
        format!("p{}.i{} @{}", journey.persona, journey.iteration, journey.start.since(first) / 1_000_000)
    };
    journeys.iter().map(line).collect()
}

fn pause(least: i64, most: i64) -> Pause {
    Pause { least: least * 1_000_000, most: most * 1_000_000 }
}

#[test]
fn personas_repeat_their_journeys_while_the_schedule_has_a_place_for_them() {
    let flight = Flight::over(slow(1_000));
    let stages = [(StageKind::Ramp(2), 1_000), (StageKind::Hold, 2_000), (StageKind::Ramp(1), 1_000)];
    let outcome = flight.run(under(closed(&stages), 2, vec![visit("/")]));
    assert_eq!(
        beginnings(&flight),
        [
            "p0.i0 @0",
            "p1.i0 @500",
            "p0.i1 @1000",
            "p1.i1 @1500",
            "p0.i2 @2000",
            "p1.i2 @2500",
            "p0.i3 @3000",
            "p1.i3 @3500"
        ]
    );
    assert_eq!((outcome.begun, outcome.completed, outcome.late), (8, 8, 0));
    // What is under way at the end is finished.
    assert_eq!(outcome.ended.since(outcome.started), 4_500_000_000);
}

#[test]
fn a_spike_adds_personas_who_leave_again_and_come_back_with_the_next() {
    let flight = Flight::over(slow(400));
    let stages =
        [(StageKind::Hold, 500), (StageKind::Spike(2), 500), (StageKind::Hold, 500), (StageKind::Spike(2), 300)];
    flight.run(under(closed(&stages), 1, vec![visit("/")]));
    let others: Vec<_> = beginnings(&flight).into_iter().filter(|line| line.starts_with("p1")).collect();
    assert_eq!(others, ["p1.i0 @500", "p1.i1 @900", "p1.i2 @1500"]);
}

#[test]
fn each_journey_has_its_own_trace_and_blocks_and_the_same_person() {
    let flight = Flight::over(slow(100));
    let name = expr(scn_plan::ExprKind::PersonaField(0));
    let drawn = expr(scn_plan::ExprKind::Call(Box::new(scn_plan::Call {
        name: "full_name".into(),
        args: Default::default(),
        span: Default::default(),
    })));
    let query = expr(scn_plan::ExprKind::Record(vec![("who".into(), name), ("drawn".into(), drawn)]));
    flight.run(under(
        closed(&[(StageKind::Hold, 250)]),
        1,
        vec![step("get", &[("path", text("/")), ("query", query)])],
    ));
    let requests = flight.server.requests.lock().unwrap();
    let asked = |name: &str| -> Vec<String> {
        let value = |request: &esr_engine::Request| {
            request.url.query_pairs().find(|(key, _)| key == name).expect("it is sent").1.into_owned()
        };
        requests.iter().map(value).collect()
    };
    let (who, drawn) = (asked("who"), asked("drawn"));
    assert_eq!(who.len(), 3);
    assert!(who.iter().all(|one| *one == who[0]), "{who:?}");
    assert!(drawn[0] != drawn[1] && drawn[1] != drawn[2], "{drawn:?}");
    let journeys = flight.tape.journeys.lock().unwrap();
    assert!(journeys[0].trace_id != journeys[1].trace_id);
    assert_eq!(journeys[2].steps[0].blocks, ["p0.i2.n0.a0"]);
}

#[test]
fn arrivals_are_new_people_at_their_slots_whatever_becomes_of_those_before() {
    let flight = Flight::over(slow(10_000));
    let mut plan = under(open(&[(2.0, 2.0, 2)]), 3, vec![visit("/")]);
    plan.personas.push(group(1, "Minor"));
    let outcome = flight.run(plan);
    assert_eq!(beginnings(&flight), ["p0.i0 @0", "p1.i0 @500", "p2.i0 @1000", "p3.i0 @1500"]);
    assert_eq!((outcome.begun, outcome.dropped, outcome.completed), (4, 0, 4));
    // Evenly mixed, in the proportions of the groups.
    let journeys = flight.tape.journeys.lock().unwrap();
    let mut minors: Vec<u32> =
        journeys.iter().filter(|journey| journey.template == "Minor").map(|journey| journey.persona).collect();
    minors.sort_unstable();
    assert_eq!(minors, [2]);
}

#[test]
fn an_arrival_for_which_there_is_no_room_is_dropped_and_counted() {
    let flight = Flight::over(slow(60_000));
    let outcome = flight.run(under(open(&[(20.0, 20.0, 3)]), 1, vec![visit("/").timeout(90_000)]));
    assert_eq!((outcome.begun, outcome.dropped), (50, 10));
}

#[test]
fn no_journey_starts_after_duration_and_what_is_left_after_the_grace_is_interrupted() {
    let flight = Flight::over(slow(20_000));
    let load = closed(&[(StageKind::Hold, 60_000)]);
    let plan = scn_plan::Plan { duration: 10 * SECOND, ..under(load, 2, vec![visit("/"), visit("/"), visit("/")]) };
    let outcome = flight.run(plan);
    assert_eq!((outcome.begun, outcome.completed, outcome.interrupted), (2, 0, 2));
    assert_eq!(outcome.ended.since(outcome.started), 40_000_000_000);
}

#[test]
fn people_think_between_their_steps_and_the_time_is_nobody_s_response_time() {
    let flight = Flight::over(slow(100));
    let steps = vec![
        visit("/"),
        visit("/").named("again"),
        step("get", &[("path", text("/"))]),
        step("wait", &[("time", duration(70))]),
        visit("/").named("last"),
    ];
    let plan = scn_plan::Plan { think: Some(pause(1_000, 3_000)), ..plan(steps) };
    flight.run(plan.clone());
    assert_eq!(flight.samples(), ["visit 100ms 200 ok", "again 100ms 200 ok", "get 100ms 200 ok", "last 100ms 200 ok"]);
    let journey = flight.journey();
    let begins = |at: usize| journey.steps[at].start.since(journey.start) / 1_000_000;
    let thought = begins(1) - 100;
    assert!((1_000..3_000).contains(&thought), "{thought}");
    // Not before a request without a page, and not where the scenario itself waits.
    assert_eq!([begins(2) - begins(1), begins(3) - begins(2)], [100, 170]);
    // The same seed thinks the same.
    let again = Flight::over(slow(100));
    again.run(plan);
    assert_eq!(again.journey().steps[1].start, journey.steps[1].start);
}

#[test]
fn pacing_is_waited_for_between_journeys_and_is_no_lag() {
    let flight = Flight::over(slow(100));
    let load = closed(&[(StageKind::Hold, 2_000)]);
    let plan = scn_plan::Plan { pacing: Some(pause(700, 700)), ..under(load, 1, vec![visit("/")]) };
    let outcome = flight.run(plan);
    assert_eq!(beginnings(&flight), ["p0.i0 @0", "p0.i1 @800", "p0.i2 @1600"]);
    assert_eq!(outcome.late, 0);
    assert!(flight.tape.samples.lock().unwrap().iter().all(|sample| sample.response_time == Some(100_000_000)));
}

#[test]
fn what_begins_during_the_warm_up_is_marked() {
    let flight = Flight::over(slow(400));
    let mut load = closed(&[(StageKind::Hold, 2_000)]);
    load.warm_up = SECOND;
    flight.run(under(load, 1, vec![visit("/"), visit("/")]));
    let journeys = flight.tape.journeys.lock().unwrap();
    assert_eq!(journeys.iter().map(|journey| journey.warm_up).collect::<Vec<_>>(), [true, true, false]);
    // The second journey begins within the warm-up, and its second step after it.
    let steps: Vec<_> = flight.tape.samples.lock().unwrap().iter().map(|sample| sample.warm_up).collect();
    assert_eq!(steps, [true, true, true, false, false, false]);
}

#[test]
fn journeys_that_take_no_time_do_not_keep_the_run_from_going_on() {
    let flight = Flight::over(|server| server);
    let steps = vec![step("assert", &[("condition", value(scn_plan::Value::Bool(true)))])];
    let outcome = flight.run(under(closed(&[(StageKind::Hold, 20)]), 1, steps));
    assert_eq!((outcome.completed, outcome.interrupted), (20, 0));
    assert!(matches!(flight.tape.journeys.lock().unwrap()[0].outcome, JourneyOutcome::Completed));
}
