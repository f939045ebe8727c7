//! Findings of synthetic runs, figure by figure.

mod synthetic;

use esr_debrief::{
    Findings,
    findings::{ChargeShare, Figures, Measure},
    goals::{RunFacts, judge},
    json,
};
use esr_tap::{Conclusion, RunState, RunStore, SignOffRecord, TraceRange, conclude, sign_off};
use scn_plan::{
    BinaryOp, Value,
    plan::{Metric, Scope},
};
use synthetic::{MILLI, Paper, goal, p95_goal, part, record, rehearse, success_goal};

/// Two people, one worker, and a service that the worker waits for.
fn queue_of_two() -> Paper {
    Paper {
        personas: 2,
        parts: vec![
            part("portal", 0, &[("desk-svc", 10_000)]),
            part("desk-svc", 30, &[("archive-svc", 10_000)]).workers(1),
            part("archive-svc", 70, &[]),
        ],
        goals: vec![success_goal()],
    }
}

fn charge(part: &str, own: u64, delay: u64, queue: u64) -> ChargeShare {
    let [own_ns, delay_ns, queue_ns] = [own, delay, queue].map(|time| time * MILLI);
    ChargeShare { part: part.to_owned(), own_ns, delay_ns, queue_ns, total_ns: own_ns + delay_ns + queue_ns }
}

#[test]
fn a_wait_is_charged_to_what_held_the_worker() {
    let home = tempfile::tempdir().unwrap();
    let found = Findings::from_store(&rehearse(home.path(), &queue_of_two()));
    let slowest = found.slowest.unwrap();
    // The second comes 1 ms after the first, so it waits for 99 ms of the first's 100: 29 at the desk, 70 at the archive.
    assert_eq!((slowest.persona, slowest.total_ns), (1, 199 * MILLI));
    assert_eq!(slowest.charges[..2], [charge("archive-svc", 70, 0, 70), charge("desk-svc", 30, 0, 29)]);
    let charged: u64 = slowest.charges.iter().map(|charge| charge.total_ns).sum();
    assert_eq!(charged, slowest.total_ns);
    let desk = found.parts.iter().find(|row| row.charge.part == "desk-svc").unwrap();
    assert_eq!((desk.calls, desk.workers, desk.waited_ns), (2, Some(1), 99 * MILLI));
    // Journey, two steps, and for each its request, proxy and server; then desk and archive with client and proxy.
    assert_eq!(slowest.waterfall.len(), 1 + 2 * 4 + 2 * 3);
    assert_eq!(slowest.waterfall[0].name, "journey");
    let waited: Vec<_> = slowest.waterfall.iter().filter(|bar| bar.queue_wait_ns > 0).map(|bar| &bar.service).collect();
    assert_eq!(waited, ["desk-svc"]);
}

#[test]
fn a_delay_is_charged_to_the_callee() {
    let home = tempfile::tempdir().unwrap();
    let mut paper = queue_of_two();
    paper.parts[2] = part("archive-svc", 70, &[]).delay(800);
    let found = Findings::from_store(&rehearse(home.path(), &paper));
    let slowest = found.slowest.unwrap();
    assert_eq!(slowest.total_ns, (899 + 900) * MILLI);
    assert_eq!(slowest.charges[0], charge("archive-svc", 70, 800, 870));
    assert_eq!(found.probes[0].description, "archive-svc → 800 ms");
    assert_eq!(found.probes[0].windows.len(), 1);
}

#[test]
fn a_probe_that_overlaps_another_is_measured_as_well() {
    let home = tempfile::tempdir().unwrap();
    let mut paper = queue_of_two();
    paper.parts[1] = part("desk-svc", 30, &[("archive-svc", 10_000)]).delay(200);
    paper.parts[2] = part("archive-svc", 70, &[]).delay(800);
    let during = |probe: &str| {
        let scopes = vec![Scope::Step("pay".into()), Scope::During(probe.into())];
        goal("p95(pay)", Metric::Percentile(95.0), scopes, BinaryOp::Less, Value::Duration(2_000_000_000))
    };
    paper.goals = vec![during("slow_service"), during("slow_service-2")];
    let found = Findings::from_store(&rehearse(home.path(), &paper));
    assert_eq!(found.probes.len(), 2);
    for (goal, probe) in found.goals.iter().zip(&found.probes) {
        assert!(goal.met, "{goal:?}");
        assert_eq!(probe.during.as_ref().map(|figures| figures.count), Some(4), "{probe:?}");
        assert!(probe.before.is_none() && probe.after.is_none(), "{probe:?}");
    }
}

#[test]
fn a_caller_that_gives_up_is_charged_no_longer_than_it_waited() {
    let home = tempfile::tempdir().unwrap();
    let mut paper = queue_of_two();
    paper.parts[0].calls = vec![("desk-svc", 90)];
    let store = rehearse(home.path(), &paper);
    let found = Findings::from_store(&store);
    let slowest = found.slowest.as_ref().unwrap();
    assert_eq!(slowest.total_ns, 90 * MILLI);
    // Of equals the first persona, who had no queue.
    assert_eq!(slowest.persona, 0);
    assert_eq!(slowest.charges[..2], [charge("archive-svc", 60, 0, 0), charge("desk-svc", 30, 0, 0)]);
    let error = &found.top_errors[0];
    assert_eq!((error.headline.as_str(), error.count, error.step.as_str()), ("HTTP 504 on /pay", 2, "pay"));
    let place = error.place.as_ref().unwrap();
    assert_eq!((place.file.as_str(), place.line, place.text.as_str()), ("renewal.scn", 3, "- pay: \"credit_card\""));
    // The lines are those of one block, without gaps.
    let TraceRange { first, last } = store.block("p0.i0.n1.a0").unwrap();
    assert_eq!(error.lines.map(|lines| (lines.first, lines.last)), Some((first, last)));
    let hops: Vec<_> =
        error.hops.iter().map(|hop| (hop.caller.as_str(), hop.callee.as_str(), hop.error.as_deref())).collect();
    assert_eq!(
        hops,
        [("persona", "portal", None), ("portal", "desk-svc", Some("timeout")), ("desk-svc", "archive-svc", None)]
    );
}

#[test]
fn goals_are_measured_within_their_scopes() {
    let home = tempfile::tempdir().unwrap();
    let scoped = |text: &str, metric, scopes, op, threshold| goal(text, metric, scopes, op, threshold);
    let ms = |time: i64| Value::Duration(time * 1_000_000);
    let mut paper = queue_of_two();
    paper.parts[2] = part("archive-svc", 70, &[]).status(503);
    let at = |step: &str| vec![Scope::Step(step.into())];
    use BinaryOp::{Equal, GreaterEqual, LessEqual};
    paper.goals = vec![
        success_goal(),
        scoped("success(visit) >= 100%", Metric::Success, at("visit"), GreaterEqual, Value::Percent(1.0)),
        // 199 ms exactly: the histogram cannot tell it from what it has.
        scoped("p100(pay) <= 199ms", Metric::Percentile(100.0), at("pay"), LessEqual, ms(199)),
        scoped("p50(pay) <= 99ms", Metric::Percentile(50.0), at("pay"), LessEqual, ms(99)),
        scoped("p100(journey) <= 199ms", Metric::JourneyPercentile(100.0), Vec::new(), LessEqual, ms(199)),
        scoped("errors(status: 502) == 2", Metric::Errors, vec![Scope::Status(502)], Equal, Value::Int(2)),
        scoped("errors(status: 504) == 0", Metric::Errors, vec![Scope::Status(504)], Equal, Value::Int(0)),
        scoped(
            "success(of: Minor) >= 99%",
            Metric::Success,
            vec![Scope::Of("Minor".into())],
            GreaterEqual,
            Value::Percent(0.99),
        ),
        scoped("p95(during: p) <= 1s", Metric::Percentile(95.0), vec![Scope::During("p".into())], LessEqual, ms(1000)),
    ];
    let store = rehearse(home.path(), &paper);
    let goals = Findings::from_store(&store).goals;
    let met: Vec<_> = goals.iter().map(|goal| goal.met).collect();
    assert_eq!(met, [false, true, true, false, true, true, true, false, false], "{goals:#?}");
    assert_eq!(goals[0].measured, Some(Measure::Fraction(0.0)));
    assert_eq!(goals[7].measured_text, "nothing to measure");
}

#[test]
fn the_verdict_is_the_first_that_applies() {
    let home = tempfile::tempdir().unwrap();
    let mut paper = queue_of_two();
    paper.goals.push(p95_goal(150));
    let missed = rehearse(&home.path().join("missed"), &paper);
    let verdict = judge(&missed, &RunFacts::default());
    assert_eq!(
        (verdict.exit_code, verdict.reason.as_str()),
        (99, "missed 1 of 2 goals: p95 <= 150ms (measured: 199 ms)")
    );

    let cleared = rehearse(&home.path().join("cleared"), &queue_of_two());
    let facts = RunFacts::default;
    let why = || Some("so it is".to_owned());
    for (facts, exit_code) in [
        (facts(), 0),
        (RunFacts { aborted: why(), ..facts() }, 108),
        (RunFacts { inconclusive: why(), aborted: why(), ..facts() }, 110),
        (RunFacts { sandbox_lost: why(), inconclusive: why(), ..facts() }, 100),
        (RunFacts { probe_failure: why(), sandbox_lost: why(), ..facts() }, 109),
        (RunFacts { internal_error: why(), probe_failure: why(), ..facts() }, 70),
        (RunFacts { interrupted: true, internal_error: why(), ..facts() }, 105),
    ] {
        assert_eq!(judge(&cleared, &facts).exit_code, exit_code, "{facts:?}");
    }
}

#[test]
fn a_run_that_awaits_a_sign_off_is_cleared_by_the_last_decision_alone() {
    let home = tempfile::tempdir().unwrap();
    let directory = rehearse(home.path(), &queue_of_two()).directory().to_owned();
    let path = directory.join("plan.json");
    let mut plan: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    plan["plan"]["signoff"] = serde_json::json!({ "by": "RELEASE.BOARD", "span": plan["plan"]["span"] });
    std::fs::write(&path, plan.to_string()).unwrap();
    let open = || RunStore::open(&directory).unwrap();
    let verdict = judge(&open(), &RunFacts::default());
    assert_eq!(verdict.exit_code, 106);
    assert!(verdict.reason.contains("a sign-off by RELEASE.BOARD is required"), "{}", verdict.reason);
    let ended = open().record().ended.unwrap();
    conclude(&directory, Conclusion { ended, state: RunState::Finished, verdict, beside: Vec::new(), load: None })
        .unwrap();
    let found = || {
        let found = Findings::from_store(&open());
        let signoff = found.signoff.unwrap();
        (found.verdict.exit_code, found.verdict.word, signoff.state, signoff.decisions.len())
    };
    assert_eq!(found(), (Some(106), "awaiting sign-off".into(), "awaited".into(), 0));
    for (approved, wanted) in [
        (false, (Some(106), "rejected".into(), "rejected".into(), 1)),
        (true, (Some(0), "cleared".into(), "approved".into(), 2)),
    ] {
        let decision = SignOffRecord {
            time_unix_nano: ended,
            approved,
            by: "Dana".into(),
            required_by: Some("RELEASE.BOARD".into()),
            reason: "seen".into(),
        };
        sign_off(&directory, &decision).unwrap();
        assert_eq!(found(), wanted);
    }
}

#[test]
fn a_killed_run_reports_what_it_has() {
    let home = tempfile::tempdir().unwrap();
    let directory = record(home.path(), &queue_of_two(), 1);
    let store = RunStore::open(&directory).unwrap();
    let found = Findings::from_store(&store);
    assert_eq!((found.verdict.exit_code, found.verdict.word.as_str()), (None, "unfinished"));
    let incomplete = found.incomplete.unwrap();
    assert_eq!((incomplete.state.as_str(), incomplete.finished, incomplete.under_way), ("killed", 1, 1));
    assert_eq!(incomplete.reached.iter().map(|step| step.count).collect::<Vec<_>>(), [2, 2]);
    // The journey that has no end is charged as well.
    let archive = found.parts.iter().find(|row| row.charge.part == "archive-svc").unwrap();
    assert_eq!(archive.charge, charge("archive-svc", 140, 0, 70));
}

/// Whatever a kill leaves of a file, there are findings.
#[test]
fn a_run_cut_anywhere_has_findings() {
    let home = tempfile::tempdir().unwrap();
    let directory = record(home.path(), &queue_of_two(), 2);
    for name in ["trace.jsonl", "metrics.jsonl", "journeys.jsonl"] {
        let path = directory.join(name);
        let whole = std::fs::read(&path).unwrap();
        // A prime, so that the cuts fall at all sorts of places in a line.
        for length in (0..whole.len()).step_by(97) {
            std::fs::write(&path, &whole[..length]).unwrap();
            let found = Findings::from_store(&RunStore::open(&directory).unwrap());
            assert!(found.incomplete.is_some());
        }
        std::fs::write(&path, &whole).unwrap();
    }
}

#[test]
fn findings_survive_json() {
    let home = tempfile::tempdir().unwrap();
    let mut paper = queue_of_two();
    paper.parts[0].calls = vec![("desk-svc", 90)];
    let found = Findings::from_store(&rehearse(home.path(), &paper));
    let text = json::render(&found);
    assert_eq!(serde_json::from_str::<Findings>(&text).unwrap(), found);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["cause"]["kind"], "timeout");
    assert_eq!(value["success"]["rate"], 0.0);
    let first: Figures = found.steps[0].figures;
    assert_eq!((first.count, first.failures), (2, 0));
}
