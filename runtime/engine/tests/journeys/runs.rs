//! Runs: personas, probes, the bound of time, and stopping.

use esr_engine::{Interruption, Progress, personas};
use esr_tap::JourneyOutcome;
use scn_plan::{ExprKind, Value};

use super::support::*;

fn slow(milliseconds: u64) -> impl Fn(Server) -> Server {
    move |server| server.on("GET /", page("").takes(milliseconds))
}

fn many(personas: u32, steps: Vec<StepPlan>) -> scn_plan::Plan {
    scn_plan::Plan { personas: vec![group(personas, "Citizen")], ..plan(steps) }
}

#[test]
fn every_persona_makes_one_journey_all_starting_at_once() {
    let flight = Flight::over(slow(100));
    let mut plan = many(3, vec![visit("/")]);
    plan.personas.push(group(2, "Minor"));
    let outcome = flight.run(plan);
    assert_eq!((outcome.completed, outcome.failed, outcome.interrupted), (5, 0, 0));
    assert_eq!(outcome.ended.since(outcome.started), 100_000_000);
    let journeys = flight.tape.journeys.lock().unwrap();
    let minors: Vec<_> =
        journeys.iter().filter(|journey| journey.template == "Minor").map(|journey| journey.persona).collect();
    assert_eq!(minors, [3, 4]);
    assert!(journeys.iter().all(|journey| journey.start == outcome.started));
    let progress = flight.progress.lock().unwrap();
    assert!(matches!(progress[0], Progress::Started { personas: 5 }));
    assert!(matches!(progress.last(), Some(Progress::JourneyEnded { active: 0, .. })));
}

#[test]
fn progress_tells_where_personas_are_and_what_the_recorder_is_given() {
    let flight = Flight::over(slow(100));
    flight.run(many(1, vec![visit("/"), visit("/")]));
    let told = |event: &Progress| match event {
        Progress::StepBegan { persona, step } => format!("{persona} at {step}"),
        Progress::Step(sample) => format!("{} took {:?}", sample.step, sample.response_time),
        Progress::Journey(journey) => format!("{} steps", journey.steps.len()),
        Progress::JourneyEnded { persona, .. } => format!("{persona} ended"),
        other => format!("{other:?}"),
    };
    let progress = flight.progress.lock().unwrap();
    assert_eq!(
        progress.iter().map(told).collect::<Vec<_>>(),
        [
            "Started { personas: 1 }",
            "0 at visit",
            "visit took Some(100000000)",
            "0 at visit",
            "visit took Some(100000000)",
            "2 steps",
            "0 ended",
        ]
    );
    let samples: Vec<_> = progress
        .iter()
        .filter_map(|event| if let Progress::Step(sample) = event { Some(sample.clone()) } else { None })
        .collect();
    assert_eq!(samples, *flight.tape.samples.lock().unwrap());
    assert!(matches!(&progress[5], Progress::Journey(journey) if **journey == flight.journey()));
}

#[test]
fn personas_are_the_same_for_the_same_seed_and_match_the_seed_data() {
    let template = group(1, "Citizen").template;
    let fields = ["name".into(), "wallet".into()];
    let people = personas(&template, &fields, 3, 42, &Default::default()).expect("people");
    assert_eq!(people, personas(&template, &fields, 3, 42, &Default::default()).expect("people"));
    assert_ne!(people, personas(&template, &fields, 3, 43, &Default::default()).expect("people"));
    assert_ne!(people[0], people[1]);
    // The second persona of a run is the second record of seed data.
    let flight = Flight::over(|server| server);
    let name = expr(ExprKind::PersonaField(0));
    flight.run(many(
        2,
        vec![step("get", &[("path", text("/")), ("query", expr(ExprKind::Record(vec![("n".into(), name)])))])],
    ));
    let Value::Record(second) = &people[1] else { panic!("a record") };
    let query = flight.server.requests.lock().unwrap()[1].url.query_pairs().next().expect("n").1.into_owned();
    assert_eq!(query, second["name"].to_text().value);
}

#[test]
fn probes_come_and_go_in_their_windows() {
    let flight = Flight::over(slow(1_000));
    let mut plan = many(2, vec![visit("/"), visit("/"), visit("/")]);
    plan.probes =
        vec![probe("late", Some(10_000), None), probe("second", Some(1_500), Some(1_000)), probe("always", None, None)];
    let outcome = flight.run(plan);
    assert_eq!(outcome.windows_never_reached, ["late"]);
    assert_eq!(*flight.levers.0.lock().unwrap(), ["+always", "+second", "-second", "-always"]);
    let events = flight.tape.probes.lock().unwrap();
    let at: Vec<_> =
        events.iter().map(|event| (event.time_unix_nano.since(outcome.started) / 1_000_000, event.applied)).collect();
    assert_eq!(at, [(0, true), (1_500, true), (2_500, false), (3_000, false)]);
    assert_eq!(events[0].description, "eligibility-svc → 800 ms");
    // A sample names the probes in force when it began, sorted.
    let samples = flight.tape.samples.lock().unwrap();
    let probes: Vec<_> = samples.iter().map(|sample| sample.probes.join(" ")).collect();
    assert_eq!(probes, ["always", "always", "always", "always", "always second", "always second"]);
    let progress = flight.progress.lock().unwrap();
    assert!(matches!(&progress[..2], [Progress::Started { .. }, Progress::Probe(event)] if event.probe == "always"));
}

#[test]
fn a_probe_that_cannot_be_applied_stops_the_run() {
    for (from, sent) in [(None, 0), (Some(500), 1)] {
        let flight = Flight::over(slow(1_000));
        let mut plan = many(1, vec![visit("/"), visit("/")]);
        plan.probes = vec![probe("always", None, None), probe("impossible", from, None)];
        let outcome = flight.run(plan);
        assert_eq!(outcome.interruption, Some(Interruption::Probe));
        assert_eq!(outcome.probe_errors, ["the probe `impossible` could not be applied: no such part"]);
        assert_eq!(outcome.interrupted, 1);
        assert_eq!(flight.server.log().len(), sent);
        assert_eq!(*flight.levers.0.lock().unwrap(), ["+always", "-always"]);
    }
}

#[test]
fn what_is_under_way_after_duration_and_grace_is_interrupted() {
    let flight = Flight::over(|server| server.on("GET /", page("").takes(25_000)));
    let plan = scn_plan::Plan { duration: 10_000_000_000, ..many(2, vec![visit("/"), visit("/")]) };
    let outcome = flight.run(plan);
    assert_eq!((outcome.completed, outcome.interrupted, outcome.interruption), (0, 2, None));
    assert_eq!(outcome.ended.since(outcome.started), 40_000_000_000);
    let journeys = flight.tape.journeys.lock().unwrap();
    assert!(journeys.iter().all(|journey| journey.outcome == JourneyOutcome::Interrupted && journey.steps.len() == 1));
    // The step and the request under way are shown, ended.
    let spans = flight.tape.spans.lock().unwrap();
    let cut: Vec<_> = spans
        .iter()
        .filter(|span| span.text("error.type") == Some("interrupted"))
        .map(|span| span.name.as_str())
        .collect();
    assert_eq!(cut, ["GET", "visit", "GET", "visit"]);
}

#[test]
fn cancelling_stops_journeys_and_removes_faults() {
    let flight = Flight::over(slow(10_000));
    let mut plan = many(4, vec![visit("/")]);
    plan.probes = vec![probe("always", None, None)];
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let outcome = runtime.block_on(async {
        let time = tokio::spawn(flight.clock.clone().pass());
        let cancel = flight.cancel.clone();
        let clock = flight.clock.clone();
        tokio::spawn(async move {
            let until = esr_engine::Clock::now(&clock).plus(3_000_000_000);
            esr_engine::Clock::sleep_until(&clock, until).await;
            cancel.cancel();
        });
        let outcome = flight.start(plan).await.expect("a plan that can be run");
        time.abort();
        outcome
    });
    assert_eq!((outcome.interrupted, outcome.interruption), (4, Some(Interruption::Cancelled)));
    assert_eq!(outcome.ended.since(outcome.started), 3_000_000_000);
    assert_eq!(*flight.levers.0.lock().unwrap(), ["+always", "-always"]);
    assert_eq!(flight.tape.journeys.lock().unwrap().len(), 4);
}

#[test]
fn faults_are_removed_when_the_run_itself_is_dropped() {
    let flight = Flight::over(slow(10_000));
    let mut plan = many(1, vec![visit("/")]);
    plan.probes = vec![probe("always", None, None)];
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        tokio::select! {
            biased;
            ended = flight.start(plan) => panic!("it ended: {ended:?}"),
            () = std::future::ready(()) => {}
        }
    });
    assert_eq!(*flight.levers.0.lock().unwrap(), ["+always", "-all"]);
}

#[test]
fn a_journey_that_panics_is_an_internal_error_and_no_one_else_s_trouble() {
    let flight = Flight::over(|server| {
        server.with("GET /", |_, before| if before == 0 { panic!("a fault of the transport") } else { page("") })
    });
    let mut plan = many(3, vec![visit("/")]);
    plan.probes = vec![probe("always", None, None)];
    let outcome = flight.run(plan);
    assert_eq!((outcome.completed, outcome.interrupted), (2, 1));
    assert_eq!(outcome.internal_errors, ["the journey of persona 0 broke off: a fault of the transport"]);
    assert_eq!(flight.tape.journeys.lock().unwrap().len(), 3);
    assert_eq!(*flight.levers.0.lock().unwrap(), ["+always", "-always"]);
}

#[test]
fn what_has_no_executor_is_refused_before_anything_runs() {
    for (unknown, message) in [
        (step("levitate", &[]), "no executor knows the step `levitate`"),
        (step("visit", &[("path", text("/")), ("speed", int(1))]), "the executor of `visit` has no parameter `speed`"),
        (step("visit", &[]), "`visit` needs `path`"),
    ] {
        let flight = Flight::over(|server| server);
        let error = flight.try_run(plan(vec![unknown])).expect_err("it has no executor");
        assert_eq!(error.message, message);
        assert!(flight.server.log().is_empty());
    }
}
