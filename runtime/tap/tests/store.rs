//! The run store, written through a recorder and read back, whole and cut short.

use std::{fs, path::Path};

use esr_tap::{
    Block, Conclusion, FileRecorder, JourneyOutcome, JourneyRecord, NewRun, ProbeEvent, Recorder, RunPlan, RunState,
    RunStore, Span, SpanId, SpanKind, SpanStatus, StepSample, StoreError, Timestamp, TraceId, Verdict, conclude,
    find_run, runs,
};
use scn_plan::{Plan, SourceMap};

const START: u64 = 1_795_462_575_000_000_000;
const MILLI: u64 = 1_000_000;

fn plan(scenario: &str) -> RunPlan {
    RunPlan {
        plan: Plan {
            version: scn_plan::plan::VERSION,
            scenario: scenario.into(),
            span: Default::default(),
            tags: Vec::new(),
            sandbox: None,
            graph: Default::default(),
            entry: Default::default(),
            slots: Vec::new(),
            persona_fields: [].into(),
            personas: Vec::new(),
            duration: 0,
            load: None,
            think: None,
            pacing: None,
            allow_hosts: Vec::new(),
            signoff: None,
            slo: None,
            probes: Vec::new(),
            goals: Vec::new(),
            sources: SourceMap::new(),
        },
        blueprint: None,
    }
}

fn create(runs: &Path, scenario: &str, seconds: u64) -> FileRecorder {
    let new = NewRun {
        commit: None,
        branch: None,
        rules: None,
        seed: 7,
        command: "esr run".to_owned(),
        version: "0.1.0".to_owned(),
        started: Timestamp(START + seconds * 1000 * MILLI),
        random: seconds as u32,
    };
    FileRecorder::create(runs, new, &plan(scenario)).unwrap()
}

fn span(block: &str, id: u64, start_ms: u64, end_ms: u64) -> Span {
    Span {
        trace_id: TraceId(1),
        span_id: SpanId(id),
        parent_span_id: None,
        block: block.into(),
        name: format!("span {id}").into(),
        kind: SpanKind::Internal,
        service: "persona".into(),
        start_time_unix_nano: Timestamp(START + start_ms * MILLI),
        end_time_unix_nano: Timestamp(START + end_ms * MILLI),
        status: SpanStatus::Error("HTTP 504".to_owned()),
        attributes: Default::default(),
    }
}

fn sample(step: &str, start_ms: u64, time_ms: u64) -> StepSample {
    StepSample {
        step: step.into(),
        node: 3,
        template: "Citizen".into(),
        probes: vec!["slow_service".into()],
        start: Timestamp(START + start_ms * MILLI),
        response_time: Some(time_ms * MILLI),
        status: Some(504),
        error: Some("HTTP 504".to_owned()),
        blocks: vec!["p0.i0.n3.a0".into()],
        warm_up: false,
    }
}

fn journey(persona: u32) -> JourneyRecord {
    JourneyRecord {
        trace_id: TraceId(1),
        persona,
        template: "Citizen".into(),
        iteration: 0,
        start: Timestamp(START),
        end: Timestamp(START + 900 * MILLI),
        outcome: JourneyOutcome::Failed {
            step: "pay".into(),
            cause: "HTTP 504".to_owned(),
            reason: "HTTP 504 on /pay".to_owned(),
            path: Some("/pay".into()),
            block: "p0.i0.n3.a0".into(),
        },
        steps: vec![sample("pay", 0, 800)],
        warm_up: false,
        choices: [(4, 1)].into_iter().collect(),
    }
}

/// Records a short run in which two blocks interleave and a span comes late.
fn record(recorder: &dyn Recorder) {
    let (a, b): (Block, Block) = ("p0.i0.n3.a0".into(), "p1.i0.n3.a0".into());
    recorder.probe(ProbeEvent {
        time_unix_nano: Timestamp(START),
        probe: "slow_service".into(),
        target: "eligibility-svc".into(),
        applied: true,
        description: "eligibility-svc → 800 ms".into(),
    });
    recorder.span(span(&a, 2, 20, 90));
    recorder.span(span(&b, 3, 10, 30));
    recorder.span(span(&a, 1, 10, 100));
    recorder.close_block(&a);
    recorder.span(span(&b, 4, 5, 40));
    recorder.sample(sample("pay", 0, 800));
    recorder.close_block(&b);
    recorder.journey(journey(0));
    recorder.span(span(&a, 5, 20, 5000));
    recorder.sample(sample("pay", 1500, 70));
}

#[test]
fn blocks_are_contiguous_and_late_spans_follow() {
    let home = tempfile::tempdir().unwrap();
    let recorder = create(home.path(), "renewal", 0);
    record(&recorder);
    recorder.finish().unwrap();
    let store = RunStore::open(recorder.directory()).unwrap();
    let ids: Vec<_> = store.spans().map(|(line, span)| (line, span.span_id.0)).collect();
    assert_eq!(ids, [(2, 1), (3, 2), (4, 4), (5, 3), (6, 5)]);
    assert_eq!(store.block("p0.i0.n3.a0").map(|range| (range.first, range.last)), Some((2, 3)));
    assert_eq!(store.block_ranges("p0.i0.n3.a0").len(), 2);
    assert_eq!(store.journeys(), [journey(0)]);
    assert_eq!(store.metrics().iter().map(|line| (line.key.second, line.count)).collect::<Vec<_>>(), [(0, 1), (1, 1)]);
    assert!(store.remarks().is_empty() && store.is_open());

    let verdict = Verdict { exit_code: 99, reason: "success 94% misses the goal".to_owned() };
    let ended = Timestamp(START + 1);
    let beside = vec!["another-run".into()];
    let conclusion =
        Conclusion { ended, state: RunState::Finished, verdict: verdict.clone(), beside: beside.clone(), load: None };
    conclude(recorder.directory(), conclusion).unwrap();
    let store = RunStore::open(recorder.directory()).unwrap();
    assert_eq!(store.record().beside, beside);
    assert_eq!(store.record().verdict, Some(verdict));
    assert!(!store.is_open());
}

#[test]
fn what_is_held_is_written_when_the_run_is_given_up() {
    let home = tempfile::tempdir().unwrap();
    let recorder = create(home.path(), "renewal", 0);
    recorder.span(span("p0.i0.n3.a0", 1, 0, 10));
    let directory = recorder.directory().to_owned();
    drop(recorder);
    assert_eq!(RunStore::open(directory).unwrap().spans().count(), 1);
}

/// A kill during a long pause of the run.
#[test]
fn what_is_known_is_written_before_the_writer_waits() {
    let home = tempfile::tempdir().unwrap();
    let recorder = create(home.path(), "renewal", 0);
    record(&recorder);
    // Nothing more comes; the recorder is still open.
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let store = loop {
        let store = RunStore::open(recorder.directory()).unwrap();
        let (metrics, spans) = (store.metrics().iter().map(|line| line.count).sum::<u64>(), store.spans().count());
        if (metrics, spans) == (2, 5) {
            break store;
        }
        assert!(std::time::Instant::now() < patience, "{metrics} samples and {spans} spans were written");
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    assert!(store.is_open());
}

#[test]
fn a_run_of_another_version_says_so_and_how_to_go_on() {
    let home = tempfile::tempdir().unwrap();
    let recorder = create(home.path(), "renewal", 0);
    recorder.finish().unwrap();
    let path = recorder.directory().join("plan.json");
    let whole: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let version = |what: &str, content: serde_json::Value| {
        let mut other = whole.clone();
        other[what] = content;
        fs::write(&path, other.to_string()).unwrap();
        RunStore::open(recorder.directory()).unwrap_err().to_string()
    };
    // What else another version holds is unknown.
    let plan = version("plan", serde_json::json!({ "version": 9, "unheard": "of" }));
    let way_out = "report the run with esr 0.1.0, which recorded it, or record it anew with `esr run`";
    let reads = format!("a plan of version 9, and this esr reads version {}", scn_plan::plan::VERSION);
    assert!(plan.contains(&reads) && plan.ends_with(way_out), "{plan}");
    let blueprint = version("blueprint", serde_json::json!({ "version": 8 }));
    assert!(blueprint.contains("a blueprint of version 8, and this esr reads version 1"), "{blueprint}");
}

#[test]
fn runs_that_cannot_be_read_are_not_passed_over_in_silence() {
    let home = tempfile::tempdir().unwrap();
    create(home.path(), "renewal", 1).finish().unwrap();
    let damaged = create(home.path(), "renewal", 2);
    damaged.finish().unwrap();
    fs::write(damaged.directory().join("run.json"), "{").unwrap();
    fs::create_dir(home.path().join("empty")).unwrap();
    fs::write(home.path().join("notes.txt"), "").unwrap();
    let found = runs(home.path()).unwrap();
    assert_eq!(found.runs.len(), 1);
    let ids: Vec<_> = found.damaged.iter().map(|run| run.id().into_owned()).collect();
    assert_eq!(ids, ["empty", "renewal-20261123T193617Z-00000002"]);
    let error = find_run(home.path(), &ids[1]).unwrap_err();
    assert!(error.to_string().contains("run.json` is damaged"), "{error}");
    assert!(find_run(home.path(), "renewal").is_ok());
}

/// A kill can stop a write at any byte.
#[test]
fn a_run_cut_at_any_byte_is_readable() {
    let home = tempfile::tempdir().unwrap();
    let recorder = create(home.path(), "renewal", 0);
    record(&recorder);
    recorder.finish().unwrap();
    let directory = recorder.directory();
    for name in ["trace.jsonl", "metrics.jsonl", "journeys.jsonl"] {
        let path = directory.join(name);
        let whole = fs::read(&path).unwrap();
        for length in 0..=whole.len() {
            let kept = &whole[..length];
            fs::write(&path, kept).unwrap();
            let store = RunStore::open(directory).unwrap();
            let ends = kept.iter().filter(|byte| **byte == b'\n').count();
            let torn = !kept.is_empty() && !kept.ends_with(b"\n");
            let read = match name {
                "trace.jsonl" => store.trace().len(),
                "metrics.jsonl" => store.metrics().len(),
                _ => store.journeys().len(),
            };
            // A line that lacks its line break alone is whole.
            let whole_but_break = whole.get(length) == Some(&b'\n');
            assert_eq!(read, ends + usize::from(torn && whole_but_break), "{name} cut at {length}");
            assert_eq!(store.remarks().len(), usize::from(torn && !whole_but_break), "{name} cut at {length}");
        }
    }
    for name in ["plan.json", "run.json"] {
        let path = directory.join(name);
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            let error = RunStore::open(directory).unwrap_err();
            assert!(matches!(error, StoreError::Malformed { .. }) && error.to_string().contains(name), "{error}");
        }
        fs::write(&path, &whole).unwrap();
    }
}

#[test]
fn a_damaged_line_hides_no_other() {
    let home = tempfile::tempdir().unwrap();
    let recorder = create(home.path(), "renewal", 0);
    record(&recorder);
    recorder.finish().unwrap();
    let path = recorder.directory().join("trace.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let damaged: Vec<_> = text.lines().enumerate().map(|(at, line)| if at == 2 { "{" } else { line }).collect();
    fs::write(&path, damaged.join("\n") + "\n").unwrap();
    let store = RunStore::open(recorder.directory()).unwrap();
    assert_eq!(store.trace().iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 4, 5, 6]);
    assert!(store.remarks()[0].starts_with("line 3 of trace.jsonl is damaged"), "{:?}", store.remarks());
}

#[test]
fn names_find_the_newest_run() {
    let home = tempfile::tempdir().unwrap();
    for (scenario, seconds) in
        [("renewal-v1", 5), ("renewal-v2", 1), ("renewal-v2", 2), ("refund", 3), ("refund-fast", 4)]
    {
        create(home.path(), scenario, seconds).finish().unwrap();
    }
    let found =
        |name: &str| find_run(home.path(), name).map(|run| run.record.id.to_string()).map_err(|e| e.to_string());
    assert_eq!(runs(home.path()).unwrap().runs[0].record.scenario, "renewal-v1");
    assert_eq!(found("renewal-v1").unwrap(), "renewal-v1-20261123T193620Z-00000005");
    assert_eq!(found("renewal").unwrap(), "renewal-v2-20261123T193617Z-00000002");
    assert_eq!(found("refund").unwrap(), "refund-20261123T193618Z-00000003");
    assert_eq!(found("refund-f").unwrap(), "refund-fast-20261123T193619Z-00000004");
    assert_eq!(found("renewal-v2-20261123T193616").unwrap(), "renewal-v2-20261123T193616Z-00000001");
    assert_eq!(found("ref").unwrap_err(), "`ref` could be any of refund, refund-fast");
    assert!(found("visa").unwrap_err().starts_with("no run of `visa` is stored; there are runs of refund,"));
    assert!(runs(&home.path().join("none")).unwrap().runs.is_empty());
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("runs");
    fs::write(&file, "").unwrap();
    let new = NewRun {
        commit: None,
        branch: None,
        rules: None,
        seed: 0,
        command: String::new(),
        version: String::new(),
        started: Timestamp(START),
        random: 0,
    };
    let error = FileRecorder::create(&file, new, &plan("renewal")).err().unwrap();
    assert!(error.to_string().contains(&file.display().to_string()), "{error}");
}

#[test]
fn a_long_name_does_not_keep_a_run_from_being_stored() {
    let home = tempfile::tempdir().unwrap();
    let name = "é".repeat(400);
    let recorder = create(home.path(), &name, 0);
    assert!(recorder.record().id.len() < 200, "{}", recorder.record().id);
    assert_eq!(find_run(home.path(), &name).unwrap().record.id, recorder.record().id);
}

#[test]
fn a_run_that_is_being_written_is_told_from_one_that_was_killed() {
    let home = tempfile::tempdir().unwrap();
    let recorder = create(home.path(), "renewal", 0);
    let directory = recorder.directory().to_owned();
    let under_way = || RunStore::open(&directory).unwrap().is_under_way();
    assert!(under_way());
    assert!(under_way(), "looking changes nothing");
    recorder.finish().unwrap();
    assert!(!under_way() && RunStore::open(&directory).unwrap().is_open(), "nobody writes it, and nobody closed it");
}
