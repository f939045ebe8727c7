//! Blueprints in few words.

use std::sync::Arc;

use scn_plan::collections::IndexMap;
use scn_plan::{
    BinaryOp, Blueprint, Call, Dist, Expr, ExprKind, Labels, Root, Shape, ShapeField, SlotId, Source, SourceMap, Span,
    Value,
    blueprint::{
        CallEdge, Envelope, Field, Form, Frontend, Handler, HandlerStep, HandlerStepKind, Page, Part, PartKind,
        Partner, Route, Seed, SeedRecords, Service,
    },
    nanos::MILLI,
    plan::Probe,
};

/// The text that all spans point into: its second line.
pub fn span() -> Span {
    Span { start: 9, end: 14, ..Span::default() }
}

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: span() }
}

pub fn value(value: Value) -> Expr {
    expr(ExprKind::Value(value))
}

pub fn text(text: &str) -> Expr {
    value(Value::text(text))
}

pub fn name(name: &str) -> Expr {
    value(Value::Symbol(name.into()))
}

pub fn int(number: i64) -> Expr {
    value(Value::Int(number))
}

pub fn ms(milliseconds: i64) -> Expr {
    value(Value::Duration(milliseconds * MILLI))
}

pub fn slot(index: u32) -> Expr {
    expr(ExprKind::Slot(SlotId(index)))
}

pub fn root(root: Root) -> Expr {
    expr(ExprKind::Root(root))
}

pub fn field(of: Expr, name: &str) -> Expr {
    expr(ExprKind::Field(Box::new(of), name.into()))
}

pub fn record(fields: Vec<(&str, Expr)>) -> Expr {
    expr(ExprKind::Record(fields.into_iter().map(|(name, value)| (name.into(), value)).collect()))
}

pub fn is_none(of: Expr) -> Expr {
    expr(ExprKind::IsNone(Box::new(of), true))
}

pub fn differs(left: Expr, right: Expr) -> Expr {
    expr(ExprKind::Binary(BinaryOp::NotEqual, Box::new(left), Box::new(right)))
}

pub fn range(low: i64, high: i64) -> Expr {
    expr(ExprKind::Range(Box::new(int(low)), Box::new(int(high))))
}

pub fn list(items: Vec<Expr>) -> Expr {
    expr(ExprKind::List(items))
}

pub fn call(verb: &str, args: Vec<(&str, Expr)>) -> Call {
    let args = args.into_iter().map(|(name, value)| (name.into(), value)).collect();
    Call { name: verb.into(), args, span: span() }
}

fn step(kind: HandlerStepKind) -> HandlerStep {
    HandlerStep { ordinal: 0, kind, guard: None, span: span() }
}

/// Synthetic data, by a generator of the prelude.
pub fn generated(generator: &str, args: Vec<(&str, Expr)>) -> Expr {
    expr(ExprKind::Call(Box::new(call(generator, args))))
}

/// A step without a result.
pub fn run(verb: &str, args: Vec<(&str, Expr)>) -> HandlerStep {
    step(HandlerStepKind::Call { call: call(verb, args), result: None, status_read: false, body: None })
}

/// A step whose result goes into a slot.
pub fn run_as(result: u32, verb: &str, args: Vec<(&str, Expr)>) -> HandlerStep {
    step(HandlerStepKind::Call { call: call(verb, args), result: Some(SlotId(result)), status_read: false, body: None })
}

/// A step whose result goes into a slot, and whose status the handler reads.
pub fn run_reading(result: u32, verb: &str, args: Vec<(&str, Expr)>) -> HandlerStep {
    step(HandlerStepKind::Call { call: call(verb, args), result: Some(SlotId(result)), status_read: true, body: None })
}

pub fn when(condition: Expr, then: Vec<HandlerStep>) -> HandlerStep {
    step(HandlerStepKind::If { arms: vec![(condition, then)], otherwise: Vec::new() })
}

pub fn each(slot: u32, items: Expr, body: Vec<HandlerStep>) -> HandlerStep {
    step(HandlerStepKind::For { slot: SlotId(slot), items, body })
}

pub fn set(slot: u32, to: Expr) -> HandlerStep {
    step(HandlerStepKind::Set { slot: SlotId(slot), to })
}

pub fn retry(times: u32, body: Vec<HandlerStep>) -> HandlerStep {
    step(HandlerStepKind::Retry { times, backoff: MILLI, body })
}

pub fn guarded(guard: Expr, step: HandlerStep) -> HandlerStep {
    HandlerStep { guard: Some(guard), ..step }
}

pub fn reply(status: i64, body: Option<Expr>) -> HandlerStep {
    let body = body.map(|body| ("body", body));
    run("reply", [("status", int(status))].into_iter().chain(body).collect())
}

/// A handler with eight variables; its steps are numbered in the order of the source.
pub fn handler(mut steps: Vec<HandlerStep>) -> Handler {
    fn number(steps: &mut [HandlerStep], next: &mut u32) {
        for step in steps {
            step.ordinal = *next;
            *next += 1;
            match &mut step.kind {
                HandlerStepKind::If { arms, otherwise } => {
                    arms.iter_mut().for_each(|(_, body)| number(body, next));
                    number(otherwise, next);
                }
                HandlerStepKind::For { body, .. } | HandlerStepKind::Retry { body, .. } => number(body, next),
                HandlerStepKind::Call { .. } | HandlerStepKind::Set { .. } => {}
            }
        }
    }
    number(&mut steps, &mut 0);
    Handler { slots: (0..8).map(|slot| format!("s{slot}").into()).collect(), steps, span: span() }
}

pub fn required(shape: Shape) -> ShapeField {
    ShapeField { shape, required: true, labels: Labels::NONE }
}

pub fn optional(shape: Shape) -> ShapeField {
    ShapeField { shape, required: false, labels: Labels::NONE }
}

pub fn any_text() -> Shape {
    Shape::Text { pattern: None }
}

pub fn shape(fields: Vec<(&str, ShapeField)>) -> Shape {
    Shape::Record(fields.into_iter().map(|(name, field)| (name.into(), field)).collect())
}

pub fn form(name: &str, to: Option<&str>, fields: Vec<(&str, ShapeField)>, on_submit: Vec<HandlerStep>) -> Form {
    let field = |value| Field { label: None, value, rules: Vec::new(), span: span() };
    Form {
        name: name.into(),
        to: to.map(Into::into),
        fields: fields.into_iter().map(|(name, value)| (name.into(), field(value))).collect(),
        on_submit: Some(handler(on_submit)),
        mutating: false,
        decisions: Vec::new(),
        span: span(),
    }
}

pub fn page(path: &str, forms: Vec<Form>) -> Page {
    Page {
        path: path.into(),
        title: format!("Page {path}").into(),
        on_view: None,
        show: Vec::new(),
        shown: IndexMap::default(),
        texts: vec![text(&format!("This is {path}."))],
        forms: forms.into_iter().map(|form| (form.name.clone(), form)).collect(),
        span: span(),
    }
}

pub fn route(method: &str, path: &str, body: Option<Shape>, steps: Vec<HandlerStep>) -> Route {
    Route { method: method.into(), path: path.into(), body, handler: handler(steps), mutating: false, span: span() }
}

fn part(name: &str, kind: PartKind) -> Part {
    // Through JSON, so that a field that is added with a default needs no change here.
    let part = serde_json::json!({
        "name": name, "kind": kind, "workers": null, "latency": null, "stores": {}, "span": span(), "workers_span": null,
        "latency_span": null,
    });
    serde_json::from_value(part).expect("a part")
}

pub fn frontend(name: &str, pages: Vec<Page>) -> Part {
    let pages = pages.into_iter().map(|page| (page.path.clone(), page)).collect();
    part(name, PartKind::Frontend(Frontend { port: None, pages }))
}

pub fn service(name: &str, routes: Vec<Route>) -> Part {
    part(name, PartKind::Service(Service { routes }))
}

pub fn partner(name: &str, schema: &str, payload: Option<Shape>, steps: Vec<HandlerStep>) -> Part {
    let envelope = Envelope { payload, handler: handler(steps), span: span() };
    part(name, PartKind::Partner(Partner { envelopes: [(schema.into(), envelope)].into_iter().collect() }))
}

pub trait PartExt {
    fn workers(self, workers: u32) -> Self;
    fn latency(self, milliseconds: i64) -> Self;
    fn store(self, name: &str, shape: Shape) -> Self;
    fn port(self, port: u16) -> Self;
}

impl PartExt for Part {
    fn workers(mut self, workers: u32) -> Self {
        self.workers = Some(workers);
        self
    }

    fn latency(mut self, milliseconds: i64) -> Self {
        self.latency = Some(Dist::Constant(milliseconds * MILLI));
        self
    }

    fn store(mut self, name: &str, shape: Shape) -> Self {
        self.stores.insert(name.into(), shape);
        self
    }

    fn port(mut self, port: u16) -> Self {
        if let PartKind::Frontend(frontend) = &mut self.kind {
            frontend.port = Some(port);
        }
        self
    }
}

/// A seed of listed records.
pub fn seed(part: &str, store: &str, key: &str, records: Vec<Expr>) -> Seed {
    // Through JSON, as parts are.
    let records = SeedRecords::Listed(records);
    let seed = serde_json::json!({ "part": part, "store": store, "key": key, "records": records, "span": span() });
    serde_json::from_value(seed).expect("a seed")
}

/// A sandbox of these parts, the first of which is the entry, and these edges.
pub fn blueprint(parts: Vec<Part>, edges: Vec<(&str, &str)>, seeds: Vec<Seed>) -> Arc<Blueprint> {
    let mut sources = SourceMap::new();
    sources.add(Source::new("agency.scn", "sandbox:\n  here:\n"));
    Arc::new(Blueprint {
        version: scn_plan::blueprint::VERSION,
        name: "agency".into(),
        span: span(),
        entry: parts[0].name.clone(),
        parts: parts.into_iter().map(|part| (part.name.clone(), part)).collect(),
        edges: edges
            .into_iter()
            .map(|(caller, callee)| CallEdge { caller: caller.into(), callee: callee.into() })
            .collect(),
        seeds,
        rules: Vec::new(),
        persona_fields: [].into(),
        branches: Vec::new(),
        branch: None,
        sources,
    })
}

/// The probe `slow_service` at `target`.
pub fn slow(target: &str, milliseconds: i64) -> Probe {
    Probe {
        name: "slow_service".into(),
        call: call("slow_service", vec![("service", name(target)), ("latency", ms(milliseconds))]),
        target: target.into(),
        from: None,
        lasts: None,
        within: Vec::new(),
        span: span(),
    }
}
