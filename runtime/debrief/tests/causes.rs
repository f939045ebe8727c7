//! Planted causes are found, and nothing is found where nothing is planted.

mod synthetic;

use esr_debrief::{
    Findings,
    findings::{Cause, CauseKind},
};
use synthetic::{Paper, PaperPart, goal, p95_goal, part, rehearse, success_goal};

fn findings(personas: u32, parts: Vec<PaperPart>, goals: Vec<scn_plan::plan::Goal>) -> Findings {
    let home = tempfile::tempdir().unwrap();
    let found = Findings::from_store(&rehearse(home.path(), &Paper { personas, parts, goals }));
    // Whatever happened, all the time of the slowest path is charged, and no more; up to rounding by part.
    let slowest = found.slowest.as_ref().unwrap();
    let charged: u64 = slowest.charges.iter().map(|charge| charge.total_ns).sum();
    assert!(charged.abs_diff(slowest.total_ns) <= 10, "{charged} of {}", slowest.total_ns);
    found
}

/// An agency in which nothing is wrong but what a case changes.
fn agency() -> Vec<PaperPart> {
    vec![
        part("portal", 2, &[("photo-svc", 1000), ("payments-svc", 6000)]),
        part("photo-svc", 40, &[]),
        part("payments-svc", 50, &[("eligibility-svc", 30_000), ("records-svc", 30_000)]).workers(20),
        part("eligibility-svc", 40, &[("SSA.VERIFY", 3000)]),
        part("records-svc", 30, &[]),
        part("SSA.VERIFY", 20, &[]),
    ]
}

/// The agency with another part in place of the one of that name.
fn with(replacement: PaperPart) -> Vec<PaperPart> {
    let mut parts = agency();
    let at = parts.iter().position(|part| part.name == replacement.name).unwrap();
    parts[at] = replacement;
    parts
}

#[track_caller]
fn assert_cause(cause: Option<&Cause>, kind: CauseKind, part: &str, setting: &str, line: &str) {
    let cause = cause.expect("a cause");
    assert_eq!((cause.kind, cause.part.as_str(), cause.setting.as_str()), (kind, part, setting), "{cause:#?}");
    assert_eq!(cause.place.as_ref().map(|place| place.text.as_str()), Some(line));
    assert!(cause.evidence.iter().any(|evidence| evidence.lines.is_some()), "{cause:#?}");
}

#[test]
fn nothing_planted() {
    let found = findings(20, agency(), vec![success_goal(), p95_goal(5000)]);
    assert_eq!(found.cause, None);
    assert!(found.goals.iter().all(|goal| goal.met) && found.fixes.is_empty());
}

#[test]
fn a_missed_goal_that_nobody_is_to_blame_for() {
    // Every part takes about as long as any other, and the goal asks for less than all of them together.
    let parts =
        vec![part("portal", 50, &[("a-svc", 1000), ("b-svc", 1000)]), part("a-svc", 60, &[]), part("b-svc", 40, &[])];
    let found = findings(5, parts, vec![p95_goal(100)]);
    assert!(!found.goals[0].met);
    assert_eq!(found.cause, None);
}

#[test]
fn a_part_that_is_called_often_is_not_slow_for_that() {
    let calls = [("a-svc", 1000); 8].into_iter().chain([("b-svc", 1000), ("c-svc", 1000)]).collect::<Vec<_>>();
    let parts =
        vec![part("portal", 30, &calls), part("a-svc", 30, &[]), part("b-svc", 30, &[]), part("c-svc", 30, &[])];
    let found = findings(5, parts, vec![p95_goal(100)]);
    assert!(!found.goals[0].met);
    assert_eq!(found.cause, None);
}

#[test]
fn the_slow_one_of_two_parts() {
    let parts = vec![part("portal", 10, &[("desk-svc", 5000)]), part("desk-svc", 2000, &[])];
    let found = findings(5, parts, vec![p95_goal(500)]);
    let setting = "desk-svc.latency";
    assert_cause(found.cause.as_ref(), CauseKind::SlowService, "desk-svc", setting, "latency desk-svc");
}

#[test]
fn nobody_is_blamed_for_what_other_people_met() {
    let mut goal = p95_goal(500);
    goal.scopes = vec![scn_plan::plan::Scope::Of("Minor".into())];
    let found = findings(20, with(part("eligibility-svc", 900, &[("SSA.VERIFY", 3000)])), vec![goal]);
    assert!(!found.goals[0].met, "nobody of that kind took part");
    assert_eq!(found.cause, None);
}

#[test]
fn a_slow_service_two_hops_down() {
    let slow = part("eligibility-svc", 900, &[("SSA.VERIFY", 3000)]);
    let found = findings(20, with(slow), vec![success_goal(), p95_goal(700)]);
    let (part, setting) = ("eligibility-svc", "eligibility-svc.latency");
    assert_cause(found.cause.as_ref(), CauseKind::SlowService, part, setting, "latency eligibility-svc");
    assert_eq!(found.slowest.unwrap().part.as_deref(), Some("eligibility-svc"));
}

#[test]
fn a_slow_service_that_holds_its_callers_workers() {
    // Payments' queue is long, but its workers only wait for eligibility.
    let slow = part("eligibility-svc", 900, &[("SSA.VERIFY", 3000)]);
    let mut parts = with(slow);
    parts[2] = part("payments-svc", 50, &[("eligibility-svc", 30_000), ("records-svc", 30_000)]).workers(8);
    let found = findings(60, parts, vec![p95_goal(700)]);
    let payments = found.parts.iter().find(|row| row.charge.part == "payments-svc").unwrap();
    assert!(payments.waited_ns > 0);
    let setting = "eligibility-svc.latency";
    assert_cause(found.cause.as_ref(), CauseKind::SlowService, "eligibility-svc", setting, "latency eligibility-svc");
}

#[test]
fn too_few_workers() {
    let few = part("payments-svc", 50, &[("eligibility-svc", 30_000), ("records-svc", 30_000)]).workers(1);
    let found = findings(30, with(few), vec![success_goal(), p95_goal(500)]);
    let (part, setting) = ("payments-svc", "payments-svc.workers");
    assert_cause(found.cause.as_ref(), CauseKind::Workers, part, setting, "workers payments-svc");
    assert_eq!(found.fixes[0].text, "raise payments-svc's workers above 1: up to 30 requests were there at once");
}

#[test]
fn a_queue_behind_a_queue() {
    // Whoever holds payments' workers waits for the one worker of records.
    let mut parts = with(part("records-svc", 60, &[]).workers(1));
    parts[2] = part("payments-svc", 50, &[("eligibility-svc", 30_000), ("records-svc", 30_000)]).workers(6);
    let found = findings(40, parts, vec![p95_goal(500)]);
    let setting = "records-svc.workers";
    assert_cause(found.cause.as_ref(), CauseKind::Workers, "records-svc", setting, "workers records-svc");
    assert_eq!(found.slowest.unwrap().part.as_deref(), Some("records-svc"));
}

#[test]
fn a_short_queue_beside_a_slow_service() {
    // Payments' queue is longer than payments itself takes, but it is not what the goal was missed for.
    let mut parts = with(part("photo-svc", 3000, &[]));
    parts[0] = part("portal", 2, &[("photo-svc", 10_000), ("payments-svc", 6000)]);
    parts[2] = part("payments-svc", 50, &[("eligibility-svc", 30_000), ("records-svc", 30_000)]).workers(8);
    let found = findings(30, parts, vec![p95_goal(1000)]);
    let payments = found.parts.iter().find(|row| row.charge.part == "payments-svc").unwrap();
    assert!(payments.waited_ns > 0);
    let setting = "photo-svc.latency";
    assert_cause(found.cause.as_ref(), CauseKind::SlowService, "photo-svc", setting, "latency photo-svc");
}

#[test]
fn a_timeout_that_is_too_small() {
    let hasty = part("portal", 20, &[("photo-svc", 1000), ("payments-svc", 120)]);
    let found = findings(20, with(hasty), vec![success_goal()]);
    let setting = "portal → payments-svc timeout";
    assert_cause(found.cause.as_ref(), CauseKind::Timeout, "portal", setting, "call portal payments-svc");
    assert_eq!(found.fixes[0].text, "raise portal's payments-svc timeout above 140 ms, its p99");
    assert_eq!(found.fixes[1].text, "add a HITL fallback at pay");
    assert_eq!(found.fixes[1].place.as_ref().map(|place| place.line), Some(3));
}

#[test]
fn a_timeout_below_a_part_with_a_queue() {
    // Payments has a queue, but nobody who failed failed for it.
    let hasty = part("payments-svc", 50, &[("eligibility-svc", 30_000), ("records-svc", 10)]).workers(4);
    let found = findings(40, with(hasty), vec![success_goal()]);
    let setting = "payments-svc → records-svc timeout";
    assert_cause(found.cause.as_ref(), CauseKind::Timeout, "payments-svc", setting, "call payments-svc records-svc");
}

#[test]
fn a_failing_partner() {
    let found = findings(15, with(part("SSA.VERIFY", 20, &[]).status(503)), vec![success_goal()]);
    let setting = "SSA.VERIFY POST /work";
    assert_cause(found.cause.as_ref(), CauseKind::FailingPart, "SSA.VERIFY", setting, "part SSA.VERIFY");
    assert_eq!(found.top_errors[0].headline, "HTTP 502 on /pay");
    assert_eq!(found.top_errors[0].count, 15);
}

#[test]
fn a_partner_that_turns_its_caller_away() {
    let found = findings(5, with(part("SSA.VERIFY", 20, &[]).status(403)), vec![success_goal()]);
    assert_eq!(found.cause.unwrap().part, "SSA.VERIFY");
}

/// The passport scenario: a probe two hops down, eight workers, and a timeout of six seconds.
#[test]
fn a_slow_service_by_a_probe() {
    let mut parts = with(part("payments-svc", 50, &[("eligibility-svc", 30_000), ("records-svc", 30_000)]).workers(8));
    parts[3] = part("eligibility-svc", 40, &[("SSA.VERIFY", 3000)]).delay(800);
    let found = findings(60, parts, vec![success_goal()]);
    let cause = found.cause.as_ref().unwrap();
    assert_eq!((cause.kind, cause.part.as_str()), (CauseKind::SlowService, "eligibility-svc"));
    assert_eq!(cause.setting, "probe slow_service");
    assert!(cause.evidence[0].text.contains("in the hands of a probe"), "{:?}", cause.evidence);
    let slowest = found.slowest.unwrap();
    assert_eq!(slowest.part.as_deref(), Some("eligibility-svc"));
    let texts: Vec<_> = found.fixes.iter().map(|fix| fix.text.as_str()).collect();
    assert!(
        texts[0]
            .starts_with("raise portal's payments-svc timeout above 7.5 s, its p99 while waiting for eligibility-svc"),
        "{texts:?}"
    );
    assert_eq!(texts[1], "add a HITL fallback at pay");
    assert_eq!(found.top_errors[0].headline, "HTTP 504 on /pay");
}

#[test]
fn failures_that_no_part_caused_have_no_cause() {
    // The portal's own 422: what the person entered was wrong.
    let parts = vec![part("portal", 2, &[]).status(422), part("idle-svc", 1, &[])];
    let errors = scn_plan::plan::Metric::Errors;
    let none = goal("errors == 0", errors, Vec::new(), scn_plan::BinaryOp::Equal, scn_plan::Value::Int(0));
    let found = findings(3, parts, vec![success_goal(), none]);
    assert_eq!(found.goals.iter().map(|goal| goal.measured_text.as_str()).collect::<Vec<_>>(), ["0 %", "6"]);
    assert_eq!(found.cause, None);
}

/// The agency, whose portal's draft rules refuse the first `personas`; and for all others a partner fails.
fn under_rules(rules: &'static str, demands: &'static str, personas: u32) -> Vec<PaperPart> {
    let mut parts = with(part("SSA.VERIFY", 20, &[]).status(503));
    let portal = parts.remove(0);
    parts.insert(0, PaperPart { refuses: Some((rules, demands, personas)), ..portal });
    parts
}

#[test]
fn a_draft_rule_that_refuses_most() {
    let found = findings(10, under_rules("GOV-1", "required purpose", 6), vec![success_goal()]);
    let cause = found.cause.as_ref().expect("a cause");
    assert_eq!((cause.kind, cause.part.as_str(), cause.setting.as_str()), (CauseKind::Rule, "portal", "rule GOV-1"));
    assert_eq!(cause.place.as_ref().map(|place| (place.file.as_str(), place.line)), Some(("rules.yaml", 1)));
    let evidence = &cause.evidence[0];
    assert!(
        evidence.text.starts_with("6 of 10 failed steps were refused by it with HTTP 422 on POST /pay"),
        "{evidence:?}"
    );
    assert!(evidence.lines.is_some());
    assert!(found.fixes[0].text.starts_with("let rule GOV-1 make purpose optional"), "{:?}", found.fixes);
    let refused = found.top_errors.iter().find(|error| error.cause == "HTTP 422").unwrap();
    assert_eq!(refused.reason.as_deref(), Some("HTTP 422 on /pay (rule GOV-1, rules.yaml:1)"));
    assert!(
        found
            .top_errors
            .iter()
            .all(|error| error.cause == "HTTP 422" || !error.reason.as_ref().unwrap().contains("rule"))
    );
}

#[test]
fn a_draft_rule_that_refuses_a_few_is_not_the_cause() {
    let found = findings(10, under_rules("GOV-1", "decision", 4), vec![success_goal()]);
    assert_eq!(found.cause.unwrap().part, "SSA.VERIFY");
}

#[test]
fn of_several_rules_the_one_that_refuses_most_and_comes_first() {
    let found = findings(4, under_rules("GOV-2, GOV-1", "pattern code, broken", 4), vec![success_goal()]);
    let cause = found.cause.unwrap();
    assert_eq!(cause.setting, "rule GOV-2");
    assert!(cause.evidence[0].text.ends_with("its pattern does not match what was entered as code"), "{cause:?}");
    let reason = found.top_errors[0].reason.as_deref();
    assert_eq!(reason, Some("HTTP 422 on /pay (rule GOV-2, rules.yaml:2; rule GOV-1, rules.yaml:1)"));
}
