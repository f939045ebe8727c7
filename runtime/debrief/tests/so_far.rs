//! Goals of a run under way: once everything has been told, they are the goals of the store.

#[allow(dead_code)]
mod synthetic;

use esr_debrief::{
    findings::Measure,
    goals::{GoalsSoFar, evaluate},
};
use esr_tap::{Event, JourneyOutcome, ProbeEvent, RunStore};
use scn_plan::{
    BinaryOp, Plan, Value,
    plan::{Goal, Metric, Scope},
};
use synthetic::{Paper, goal, part, rehearse};

/// Twelve people, a queue that makes some calls time out, and a probe in force throughout.
fn paper(goals: Vec<Goal>) -> Paper {
    Paper {
        personas: 12,
        parts: vec![
            part("portal", 5, &[("desk-svc", 600)]),
            part("desk-svc", 40, &[("archive-svc", 10_000)]).workers(1),
            part("archive-svc", 20, &[]).delay(30),
        ],
        goals,
    }
}

/// Every metric under every scope.
fn every_goal() -> Vec<Goal> {
    let scopes = [
        vec![],
        vec![Scope::Step("pay".into())],
        vec![Scope::Step("visit".into())],
        vec![Scope::Step("nowhere".into())],
        vec![Scope::Group("checkout".into())],
        vec![Scope::Tag("money".into()), Scope::Status(200)],
        vec![Scope::Tag("another".into())],
        vec![Scope::Of("Citizen".into())],
        vec![Scope::Of("Robot".into())],
        vec![Scope::During("slow_service".into())],
        vec![Scope::During("another".into())],
        vec![Scope::Status(504)],
        vec![Scope::Step("pay".into()), Scope::During("slow_service".into()), Scope::Status(200)],
    ];
    let metrics = [
        (Metric::Success, BinaryOp::GreaterEqual, Value::Percent(0.5)),
        (Metric::Errors, BinaryOp::LessEqual, Value::Int(3)),
        (Metric::Percentile(95.0), BinaryOp::LessEqual, Value::Duration(601_000_000)),
        (Metric::Percentile(50.0), BinaryOp::Less, Value::Duration(1_000_000)),
        (Metric::Rate, BinaryOp::GreaterEqual, Value::Rate(3.0)),
        (Metric::JourneyRate, BinaryOp::GreaterEqual, Value::Rate(20.0)),
        (Metric::Recovery("slow_service".into()), BinaryOp::LessEqual, Value::Duration(1_000_000_000)),
        (Metric::JourneyPercentile(90.0), BinaryOp::LessEqual, Value::Duration(500_000_000)),
    ];
    let goals = metrics.into_iter().flat_map(|(metric, op, threshold)| {
        scopes.clone().map(|scopes| {
            let text = format!("{metric:?} {scopes:?}");
            goal(&text, metric.clone(), scopes, op, threshold.clone())
        })
    });
    goals.collect()
}

/// Tells all that is on record of the run, in its order.
fn tell(store: &RunStore, plan: &Plan) -> GoalsSoFar {
    let mut goals = GoalsSoFar::new(plan);
    for line in store.trace() {
        if let Event::Probe(event) = &line.event {
            goals.probe(event);
        }
    }
    for journey in store.journeys() {
        journey.steps.iter().for_each(|sample| goals.sample(plan, sample));
        goals.journey(plan, journey);
    }
    goals
}

#[test]
fn they_end_as_the_goals_of_the_store() {
    let home = tempfile::tempdir().unwrap();
    let store = rehearse(home.path(), &paper(every_goal()));
    let so_far = tell(&store, store.plan()).results(store.plan());
    let stored = evaluate(&store);
    assert_eq!(so_far.len(), stored.len());
    assert!(stored.iter().any(|goal| goal.met) && stored.iter().any(|goal| !goal.met));
    for (so_far, stored) in so_far.iter().zip(&stored) {
        match so_far.holds {
            Some(holds) => assert_eq!((holds, &so_far.result), (stored.met, stored)),
            None => assert!(matches!(stored.measured, None | Some(Measure::Count(0))), "{}", stored.text),
        }
    }
}

#[test]
fn what_nothing_has_been_told_of_cannot_be_told() {
    let home = tempfile::tempdir().unwrap();
    let store = rehearse(home.path(), &paper(every_goal()));
    for goal in GoalsSoFar::new(store.plan()).results(store.plan()) {
        assert_eq!((goal.holds, goal.result.measured_text.as_str()), (None, "–"), "{}", goal.result.text);
    }
}

#[test]
fn journeys_count_by_the_window_that_they_began_in() {
    let home = tempfile::tempdir().unwrap();
    let scopes = vec![Scope::During("slow_service".into())];
    let goals = vec![goal("success", Metric::Success, scopes, BinaryOp::GreaterEqual, Value::Percent(0.5))];
    let store = rehearse(home.path(), &paper(goals));
    let journeys = store.journeys();
    let failed = journeys.iter().position(|journey| journey.outcome != JourneyOutcome::Completed).expect("a failure");
    // In force while the last that succeeds and the first two that fail begin.
    let [from, until] = [journeys[failed - 1].start, journeys[failed + 2].start];
    let event = |applied, time_unix_nano| ProbeEvent {
        time_unix_nano,
        probe: "slow_service".into(),
        target: "archive-svc".into(),
        applied,
        description: "archive-svc → 30 ms".into(),
    };
    let mut goals = GoalsSoFar::new(store.plan());
    goals.probe(&event(true, from));
    goals.probe(&event(false, until));
    journeys.iter().for_each(|journey| goals.journey(store.plan(), journey));
    let result = &goals.results(store.plan())[0];
    assert_eq!((result.result.measured, result.holds), (Some(Measure::Fraction(1.0 / 3.0)), Some(false)));
}
