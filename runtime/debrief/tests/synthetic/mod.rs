//! A sandbox on paper: works out, by arithmetic alone, the spans and records that a run of it would leave, and stores
//! them. Every persona arrives a little after the one before, so each part's queue is served in the order of personas.

use std::{cmp::Reverse, collections::BinaryHeap, path::Path};

use esr_tap::{
    Conclusion, FileRecorder, JourneyOutcome, JourneyRecord, NewRun, ProbeEvent, Recorder, RunPlan, RunState, RunStore,
    Span, SpanId, SpanKind, SpanStatus, StepSample, Timestamp, TraceId, attributes as name, conclude,
};
use scn_plan::{
    BinaryOp, Blueprint, Call, Plan, Source, SourceId, SourceMap, Span as SourceSpan, Value,
    blueprint::{Part, PartKind, Service},
    plan::{Admits, Drives, Edge, Goal, Metric, Node, NodeKind, PersonaGroup, Probe, Scope, Step, Template},
};
use smol_str::{SmolStr, format_smolstr};

pub const MILLI: u64 = 1_000_000;
const START: u64 = 1_795_462_575_000_000_000;

/// A part on paper.
pub struct PaperPart {
    pub name: &'static str,
    pub latency: u64,
    pub workers: Option<u32>,
    /// What it calls, one after the other, with timeouts in milliseconds.
    pub calls: Vec<(&'static str, u64)>,
    pub status: i64,
    /// Milliseconds that a probe holds each request to it.
    pub delay: u64,
    /// Draft rules and what they demand; they refuse the first personas at `/pay`, so many.
    pub refuses: Option<(&'static str, &'static str, u32)>,
}

/// A part that takes `latency` milliseconds and then makes its calls.
pub fn part(name: &'static str, latency: u64, calls: &[(&'static str, u64)]) -> PaperPart {
    PaperPart { name, latency, workers: None, calls: calls.to_vec(), status: 200, delay: 0, refuses: None }
}

impl PaperPart {
    pub fn workers(self, workers: u32) -> Self {
        Self { workers: Some(workers), ..self }
    }

    pub fn status(self, status: i64) -> Self {
        Self { status, ..self }
    }
    pub fn delay(self, delay: u64) -> Self {
        Self { delay, ..self }
    }
}

/// A scenario on paper: each persona opens a page at the first part and then makes it do its calls, in step `pay`.
pub struct Paper {
    pub personas: u32,
    pub parts: Vec<PaperPart>,
    pub goals: Vec<Goal>,
}

pub fn goal(text: &str, metric: Metric, scopes: Vec<Scope>, op: BinaryOp, threshold: Value) -> Goal {
    Goal { text: text.into(), metric, scopes, op, threshold, abort_after: None, span: SourceSpan::default() }
}

pub fn success_goal() -> Goal {
    goal("success >= 99%", Metric::Success, Vec::new(), BinaryOp::GreaterEqual, Value::Percent(0.99))
}

pub fn p95_goal(milliseconds: i64) -> Goal {
    let limit = Value::Duration(milliseconds * 1_000_000);
    goal(&format!("p95 <= {milliseconds}ms"), Metric::Percentile(95.0), Vec::new(), BinaryOp::LessEqual, limit)
}

/// Records the run, ends it, and reads it back.
pub fn rehearse(home: &Path, paper: &Paper) -> RunStore {
    let directory = record(home, paper, u32::MAX);
    let ended = Timestamp(START + 60_000 * MILLI);
    let conclusion =
        Conclusion { ended, state: RunState::Finished, verdict: verdict(), beside: Vec::new(), load: None };
    conclude(&directory, conclusion).unwrap();
    RunStore::open(directory).unwrap()
}

/// Records the run; of personas from `killed_from` on, what a kill would have kept: spans, but no journey.
pub fn record(home: &Path, paper: &Paper, killed_from: u32) -> std::path::PathBuf {
    let new = NewRun {
        commit: None,
        branch: None,
        rules: None,
        seed: 7,
        command: "esr run renewal --seed 7".to_owned(),
        version: "0.1.0".to_owned(),
        started: Timestamp(START),
        random: 1,
    };
    let recorder = FileRecorder::create(home, new, &plans(paper)).unwrap();
    let mut world =
        World { paper, recorder: &recorder, free: Default::default(), next: 0, persona: 0, late: Vec::new() };
    for (probe, part) in probes(paper) {
        recorder.probe(ProbeEvent {
            time_unix_nano: Timestamp(START),
            probe,
            target: part.name.into(),
            applied: true,
            description: format!("{} → {} ms", part.name, part.delay).into(),
        });
    }
    for persona in 0..paper.personas {
        world.journey(persona, persona < killed_from);
    }
    let late = std::mem::take(&mut world.late);
    for span in late {
        recorder.span(span);
    }
    recorder.finish().unwrap();
    recorder.directory().to_owned()
}

/// A probe for each delayed part, in force throughout; names are numbered from the second on.
fn probes(paper: &Paper) -> Vec<(SmolStr, &PaperPart)> {
    let delayed = paper.parts.iter().filter(|part| part.delay > 0).zip(1..);
    let name = |number: u32| if number == 1 { "slow_service".into() } else { format_smolstr!("slow_service-{number}") };
    delayed.map(|(part, number)| (name(number), part)).collect()
}

fn verdict() -> esr_tap::Verdict {
    esr_tap::Verdict { exit_code: 0, reason: "as the test wants it".to_owned() }
}

struct World<'a> {
    paper: &'a Paper,
    recorder: &'a FileRecorder,
    /// When the workers of each part are free.
    free: std::collections::HashMap<&'static str, BinaryHeap<Reverse<u64>>>,
    next: u64,
    persona: u32,
    /// Spans that end after their block is closed.
    late: Vec<Span>,
}

/// What a caller learns.
struct Answer {
    end: u64,
    status: i64,
}

impl World<'_> {
    fn journey(&mut self, persona: u32, recorded: bool) {
        self.persona = persona;
        let start = u64::from(persona) * MILLI;
        let journey = self.span_id();
        let mut at = start;
        let mut steps = Vec::new();
        for (node, (step, path)) in [("visit", "/start"), ("pay", "/pay")].into_iter().enumerate() {
            let block = format!("p{persona}.i0.n{node}.a0");
            let (sample, end) = self.step(journey, &block, step, path, node as u32, at);
            at = end;
            steps.push(sample);
        }
        if !recorded {
            return;
        }
        let block = format!("p{persona}.i0");
        let mut span = self.span(&block, journey, None, "journey", SpanKind::Internal, "persona", start, at);
        span.set(name::ESR_PERSONA, i64::from(persona));
        self.recorder.span(span);
        self.recorder.close_block(&block.into());
        let last = steps.last().unwrap();
        let outcome = match &last.error {
            None => JourneyOutcome::Completed,
            Some(cause) => JourneyOutcome::Failed {
                step: last.step.clone(),
                cause: cause.clone(),
                reason: format!("{cause} on /pay"),
                path: Some("/pay".into()),
                block: last.blocks[0].clone(),
            },
        };
        self.recorder.journey(JourneyRecord {
            trace_id: TraceId(u128::from(persona) + 1),
            persona,
            template: "Citizen".into(),
            iteration: 0,
            start: Timestamp(START + start),
            end: Timestamp(START + at),
            outcome,
            steps,
            warm_up: false,
            choices: Default::default(),
        });
    }

    fn step(&mut self, journey: SpanId, block: &str, step: &str, path: &str, node: u32, at: u64) -> (StepSample, u64) {
        let id = self.span_id();
        let portal = self.paper.parts[0].name;
        let answer = self.call(block, id, ("persona", portal, path, 30_000), at);
        let mut span = self.span(block, id, Some(journey), step, SpanKind::Internal, "persona", at, answer.end);
        span.set(name::ESR_STEP, step);
        span.set(name::ESR_VERB, step);
        let error = (answer.status >= 400).then(|| format!("HTTP {}", answer.status));
        if let Some(error) = &error {
            span.status = SpanStatus::Error(format!("{error} on {path}"));
            span.set(name::ERROR_TYPE, error.as_str());
        }
        self.recorder.span(span);
        self.recorder.close_block(&block.into());
        let sample = StepSample {
            step: step.into(),
            node,
            template: "Citizen".into(),
            probes: probes(self.paper).into_iter().map(|(name, _)| name).collect(),
            start: Timestamp(START + at),
            response_time: Some(answer.end - at),
            status: u16::try_from(answer.status).ok(),
            error,
            blocks: vec![block.into()],
            warm_up: false,
        };
        self.recorder.sample(sample.clone());
        (sample, answer.end)
    }

    /// A call through a proxy: caller, callee, path, timeout in milliseconds.
    fn call(&mut self, block: &str, parent: SpanId, call: (&str, &'static str, &str, u64), at: u64) -> Answer {
        let (caller, callee, path, timeout) = call;
        let (client, proxy) = (self.span_id(), self.span_id());
        let delay = self.paper.parts.iter().find(|part| part.name == callee).unwrap().delay * MILLI;
        let mut answer = self.serve(block, proxy, callee, path, at + delay);
        let mut hop = self.span(block, proxy, Some(client), "proxy", SpanKind::Internal, "proxy", at, answer.end);
        let given_up = (answer.end - at > timeout * MILLI).then_some(at + timeout * MILLI);
        let end = given_up.unwrap_or(answer.end);
        let service = caller;
        let mut span = self.span(block, client, Some(parent), "POST", SpanKind::Client, service, at, end);
        for span in [&mut hop, &mut span] {
            span.set(name::ESR_CALLER, caller);
            span.set(name::ESR_CALLEE, callee);
            span.set(name::URL_PATH, path);
        }
        if delay > 0 {
            hop.set(name::ESR_PROBE, "slow_service");
            hop.set(name::ESR_PROBE_DELAY, delay as i64);
        }
        span.set(name::HTTP_REQUEST_METHOD, "POST");
        span.set(name::ESR_TIMEOUT, (timeout * MILLI) as i64);
        if caller != "persona" {
            span.set(
                name::ESR_TIMEOUT_PLACE,
                format!("agency.scn:{}", line_of(&format!("call {caller} {callee}"), self.paper)),
            );
        }
        match given_up {
            Some(_) => span.set(name::ERROR_TYPE, "timeout"),
            None => span.set(name::HTTP_RESPONSE_STATUS_CODE, answer.status),
        }
        self.keep(hop, given_up.is_some());
        self.recorder.span(span);
        if let Some(end) = given_up {
            answer = Answer { end, status: 504 };
        }
        answer
    }

    fn serve(&mut self, block: &str, parent: SpanId, name: &'static str, path: &str, arrival: u64) -> Answer {
        let id = self.span_id();
        let paper = self.paper;
        let part = paper.parts.iter().find(|part| part.name == name).unwrap();
        let mut begin = arrival;
        if let Some(workers) = part.workers {
            let free = self.free.entry(name).or_insert_with(|| (0..workers).map(|_| Reverse(0)).collect());
            begin = begin.max(free.pop().unwrap().0);
        }
        let mut at = begin + part.latency * MILLI;
        let mut status = part.status;
        // Opening the page takes no calls.
        let refuses = part.refuses.filter(|(_, _, personas)| path == "/pay" && self.persona < *personas);
        let calls: &[_] = if path == "/start" || refuses.is_some() { &[] } else { &part.calls };
        if refuses.is_some() {
            status = 422;
        }
        for (callee, timeout) in calls {
            let answer = self.call(block, id, (name, callee, "/work", *timeout), at);
            at = answer.end;
            if answer.status >= 400 {
                status = if answer.status == 504 { 504 } else { 502 };
                break;
            }
        }
        if let Some(free) = self.free.get_mut(name) {
            free.push(Reverse(at));
        }
        let mut span = self.span(block, id, Some(parent), &format!("POST {path}"), SpanKind::Server, name, arrival, at);
        span.set(name::ESR_QUEUE_WAIT, (begin - arrival) as i64);
        span.set(name::HTTP_RESPONSE_STATUS_CODE, status);
        if let Some((rules, demands, _)) = refuses {
            span.set(name::ESR_RULE, rules);
            span.set(name::ESR_RULE_DEMAND, demands);
            let place = |rule| format!("rules.yaml:{}", if rule == "GOV-1" { 1 } else { 2 });
            let places: Vec<_> = rules.split(", ").map(place).collect();
            span.set(name::ESR_RULE_PLACE, places.join(", "));
        }
        self.keep(span, false);
        Answer { end: at, status }
    }

    /// What outlives a caller comes last.
    fn keep(&mut self, span: Span, late: bool) {
        if late { self.late.push(span) } else { self.recorder.span(span) }
    }

    fn span_id(&mut self) -> SpanId {
        self.next += 1;
        SpanId(self.next)
    }

    #[allow(clippy::too_many_arguments)]
    fn span(
        &self,
        block: &str,
        id: SpanId,
        parent: Option<SpanId>,
        name: &str,
        kind: SpanKind,
        service: &str,
        start: u64,
        end: u64,
    ) -> Span {
        Span {
            trace_id: TraceId(u128::from(self.persona) + 1),
            span_id: id,
            parent_span_id: parent,
            block: block.into(),
            name: name.into(),
            kind,
            service: service.into(),
            start_time_unix_nano: Timestamp(START + start),
            end_time_unix_nano: Timestamp(START + end),
            status: SpanStatus::Unset,
            attributes: Default::default(),
        }
    }
}

/// The blueprint's text: a line for each setting.
fn text_of(paper: &Paper) -> String {
    let mut lines = String::new();
    for part in &paper.parts {
        lines += &format!("part {}\n  workers {}\n  latency {}\n", part.name, part.name, part.name);
        for (callee, _) in &part.calls {
            lines += &format!("  call {} {callee}\n", part.name);
        }
    }
    lines
}

pub fn line_of(setting: &str, paper: &Paper) -> u64 {
    text_of(paper).lines().position(|line| line.trim() == setting).unwrap() as u64 + 1
}

fn plans(paper: &Paper) -> RunPlan {
    let mut sources = SourceMap::new();
    let text = text_of(paper);
    let agency = sources.add(Source::new("agency.scn", text.as_str()));
    let find = |setting: &str| {
        let start = text.find(&format!("{setting}\n")).unwrap();
        SourceSpan::new(agency, start..start + setting.len())
    };
    let parts = paper.parts.iter().map(|part| {
        let made = Part {
            name: part.name.into(),
            kind: PartKind::Service(Service::default()),
            workers: part.workers,
            latency: None,
            stores: Default::default(),
            span: find(&format!("part {}", part.name)),
            workers_span: Some(find(&format!("workers {}", part.name))),
            latency_span: Some(find(&format!("latency {}", part.name))),
            process: None,
            elsewhere: None,
            calls: Vec::new(),
        };
        (part.name.into(), made)
    });
    let blueprint = Blueprint {
        version: scn_plan::blueprint::VERSION,
        name: "agency".into(),
        span: SourceSpan::default(),
        entry: paper.parts[0].name.into(),
        parts: parts.collect(),
        edges: Vec::new(),
        seeds: Vec::new(),
        rules: Vec::new(),
        persona_fields: [].into(),
        branches: Vec::new(),
        branch: None,
        sources,
    };
    RunPlan { plan: plan(paper), blueprint: Some(blueprint) }
}

fn plan(paper: &Paper) -> Plan {
    let mut sources = SourceMap::new();
    let text = "scenario: renewal\n  - visit: \"/start\"\n  - pay: \"credit_card\"\n";
    sources.add(Source::new("renewal.scn", text));
    let span_of = |what: &str| {
        let start = text.find(what).unwrap();
        SourceSpan::new(SourceId(0), start..start + what.len())
    };
    let template = Template { name: "Citizen".into(), lineage: vec!["Citizen".into()], fields: Vec::new() };
    let probes = probes(paper).into_iter().map(|(name, part)| Probe {
        name,
        call: Call { name: "slow_service".into(), args: Default::default(), span: SourceSpan::default() },
        target: part.name.into(),
        from: None,
        lasts: None,
        within: Vec::new(),
        span: SourceSpan::default(),
    });
    let mut plan = Plan {
        version: scn_plan::plan::VERSION,
        scenario: "renewal".into(),
        span: SourceSpan::default(),
        tags: Vec::new(),
        sandbox: None,
        graph: Default::default(),
        entry: Default::default(),
        slots: Vec::new(),
        persona_fields: [].into(),
        personas: vec![PersonaGroup {
            count: paper.personas,
            template: template.into(),
            drives: Drives::Http,
            span: SourceSpan::default(),
        }],
        duration: 60_000_000_000,
        load: None,
        think: None,
        pacing: None,
        allow_hosts: Vec::new(),
        signoff: None,
        slo: None,
        probes: probes.collect(),
        goals: paper.goals.clone(),
        sources,
    };
    let mut last = None;
    for verb in ["visit", "pay"] {
        let span = span_of(verb);
        let call = Call { name: verb.into(), args: Default::default(), span };
        let step = Step {
            call,
            timeout: scn_plan::plan::DEFAULT_STEP_TIMEOUT,
            soft: false,
            guard: None,
            exposes: Vec::new(),
            result: None,
            admits: Admits::Nothing,
            tags: if verb == "pay" { vec!["money".into()] } else { Vec::new() },
        };
        let mut node = Node::new(verb, NodeKind::Step(step), span);
        node.groups = if verb == "pay" { vec!["checkout".into()] } else { Vec::new() };
        let node = plan.graph.add_node(node);
        if let Some(last) = last.replace(node) {
            plan.graph.add_edge(last, node, Edge::Next);
        }
    }
    plan
}
