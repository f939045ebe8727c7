//! A small builder of plans.

use scn_plan::{
    BinaryOp, Call, Expr, ExprKind, Member, Plan, SlotId, Source, SourceMap, Span, Value,
    nanos::{MILLI, SECOND},
    plan::{Admits, Drives, Edge, Node, NodeKind, PersonaGroup, Probe, Step, Template, VERSION},
};

/// An expression that stands nowhere.
pub fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::default() }
}

pub fn text(text: &str) -> Expr {
    value(Value::text(text))
}

pub fn value(value: Value) -> Expr {
    Expr::value(value, Span::default())
}

pub fn int(number: i64) -> Expr {
    value(Value::Int(number))
}

pub fn duration(milliseconds: i64) -> Expr {
    value(Value::Duration(milliseconds * MILLI))
}

pub fn slot(slot: u32) -> Expr {
    expr(ExprKind::Slot(SlotId(slot)))
}

pub fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    expr(ExprKind::Binary(op, Box::new(left), Box::new(right)))
}

pub fn member(member: Member, argument: Option<&str>) -> Expr {
    expr(ExprKind::Member(member, argument.map(|argument| Box::new(text(argument)))))
}

/// A step under construction.
pub struct StepPlan {
    pub name: String,
    pub step: Step,
}

pub fn step(verb: &str, args: &[(&str, Expr)]) -> StepPlan {
    let args = args.iter().map(|(name, arg)| ((*name).into(), arg.clone())).collect();
    let call = Call { name: verb.into(), args, span: Span::default() };
    let step = Step {
        call,
        timeout: 30 * SECOND,
        soft: false,
        guard: None,
        exposes: Vec::new(),
        result: None,
        admits: Admits::Nothing,
        tags: Vec::new(),
    };
    StepPlan { name: verb.to_owned(), step }
}

pub fn visit(path: &str) -> StepPlan {
    step("visit", &[("path", value(Value::Path(path.into())))])
}

pub fn fill(target: &str, entered: &str) -> StepPlan {
    step("fill", &[("target", text(target)), ("value", text(entered))])
}

/// Sets the variable `at`.
pub fn set(at: u32, to: scn_plan::Expr) -> StepPlan {
    step("set", &[("to", to)]).into_slot(at)
}

pub fn expect_page(path: &str) -> StepPlan {
    step("expect", &[("page", value(Value::Path(path.into())))])
}

impl StepPlan {
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    pub fn soft(mut self) -> Self {
        self.step.soft = true;
        self
    }

    pub fn timeout(mut self, milliseconds: i64) -> Self {
        self.step.timeout = milliseconds * MILLI;
        self
    }

    pub fn guard(mut self, guard: Expr) -> Self {
        self.step.guard = Some(guard);
        self
    }

    pub fn admits(mut self, admits: Admits) -> Self {
        self.step.admits = admits;
        self
    }

    pub fn into_slot(mut self, slot: u32) -> Self {
        self.step.result = Some(SlotId(slot));
        self
    }
}

/// The steps one after the other.
pub fn plan(steps: Vec<StepPlan>) -> Plan {
    let mut plan = empty();
    let mut last = None;
    for step in steps {
        let at = node(&mut plan, &step.name, NodeKind::Step(step.step));
        if let Some(last) = last {
            plan.graph.add_edge(last, at, Edge::Next);
        } else {
            plan.entry = at;
        }
        last = Some(at);
    }
    let end = node(&mut plan, "end", NodeKind::End);
    if let Some(last) = last {
        plan.graph.add_edge(last, end, Edge::Next);
    }
    plan
}

pub fn node(plan: &mut Plan, name: &str, kind: NodeKind) -> petgraph::graph::NodeIndex {
    plan.graph.add_node(Node::new(name, kind, Span::default()))
}

/// A plan of one persona and no nodes, with four variables and the persona fields `name` and `wallet`.
pub fn empty() -> Plan {
    let mut sources = SourceMap::new();
    sources.add(Source::new("test.scn", "amount > 200\n"));
    Plan {
        version: VERSION,
        scenario: "test".into(),
        span: Span::default(),
        tags: Vec::new(),
        sandbox: None,
        graph: Default::default(),
        entry: Default::default(),
        slots: (0..4).map(|slot| format!("slot{slot}").into()).collect(),
        persona_fields: ["name".into(), "wallet".into()].into(),
        personas: vec![group(1, "Citizen")],
        duration: 3600 * SECOND,
        load: None,
        think: None,
        pacing: None,
        allow_hosts: Vec::new(),
        signoff: None,
        slo: None,
        probes: Vec::new(),
        goals: Vec::new(),
        sources,
    }
}

/// So many personas whose wallet holds a credit card.
pub fn group(count: u32, template: &str) -> PersonaGroup {
    let name = Call { name: "full_name".into(), args: Default::default(), span: Span::default() };
    let card = [("card_number", text("4111111111111111")), ("unheard_of", text("x"))];
    let record = |fields: &[(&str, Expr)]| {
        expr(ExprKind::Record(fields.iter().map(|(name, field)| ((*name).into(), field.clone())).collect()))
    };
    let wallet = record(&[("credit_card", record(&card))]);
    let template = Template {
        name: template.into(),
        lineage: vec![template.into()],
        fields: vec![(0, expr(ExprKind::Call(Box::new(name))).into()), (1, wallet.into())],
    };
    PersonaGroup { count, template: template.into(), drives: Drives::Http, span: Span::default() }
}

/// A probe that begins after `from` and lasts for `lasts` milliseconds.
pub fn probe(name: &str, from: Option<i64>, lasts: Option<i64>) -> Probe {
    Probe {
        name: name.into(),
        call: Call { name: "slow_service".into(), args: Default::default(), span: Span::default() },
        target: "eligibility-svc".into(),
        from: from.map(|from| from * MILLI),
        lasts: lasts.map(|lasts| lasts * MILLI),
        within: Vec::new(),
        span: Span::default(),
    }
}
