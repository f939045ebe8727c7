//! The blueprint of a sandbox: its parts, what they do, and which calls which.

mod background;
mod existence;
mod rules;

pub use background::{Agent, Queue, Watch};
pub use existence::{Elsewhere, Existence, Process};
pub use rules::{Decision, FieldRule, Outcome, Policy, PolicyDecision, PolicyField, PolicyValidation, Rule};

use std::sync::Arc;

use crate::collections::IndexMap;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{Call, Dist, Expr, Shape, ShapeField, SlotId, SourceMap, Span};

/// Version of the serialised form.
pub const VERSION: u32 = 1;

/// The branch of a frontend without the changes of any branch block.
pub const MAIN_BRANCH: &str = "main";

/// A sandbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Blueprint {
    /// [`VERSION`] of the compiler that made it.
    pub version: u32,
    /// The sandbox's name.
    pub name: SmolStr,
    /// Where it is declared.
    pub span: Span,
    /// The frontend that journeys' paths resolve at.
    pub entry: SmolStr,
    /// Frontends, services, partners, agents and queues by name, in the order of the source.
    pub parts: IndexMap<SmolStr, Part>,
    /// Which part calls which, derived from the handlers, or as `calls:` says.
    pub edges: Vec<CallEdge>,
    /// What the stores hold before the first journey.
    pub seeds: Vec<Seed>,
    /// The draft rules that its forms are bound to, in the order of their file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// Names of the seeded templates' fields; a `PersonaField` in a seed is an index.
    pub persona_fields: Arc<[SmolStr]>,
    /// The branches that its frontends have besides [`MAIN_BRANCH`], in the order of the source.
    #[serde(default)]
    pub branches: Vec<SmolStr>,
    /// The one of [`Blueprint::branches`] that its frontends are on, where they have it; without it, [`MAIN_BRANCH`].
    #[serde(default)]
    pub branch: Option<SmolStr>,
    /// The texts that every span points into.
    pub sources: SourceMap,
}

/// A caller and its callee.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CallEdge {
    /// Who calls.
    pub caller: SmolStr,
    /// Who is called.
    pub callee: SmolStr,
}

/// A part of the sandbox with a listener of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub name: SmolStr,
    /// What it is.
    pub kind: PartKind,
    /// How many requests it serves at once, the rest queue; without it, all.
    pub workers: Option<u32>,
    /// How long it takes before a handler runs; without it, no time.
    pub latency: Option<Dist>,
    /// Its stores by name, each with the shape of its values.
    pub stores: IndexMap<SmolStr, Shape>,
    /// Where it is declared.
    pub span: Span,
    /// Where `workers:` is set, for reports that suggest another value.
    pub workers_span: Option<Span>,
    /// Where `latency:` is set, likewise.
    #[serde(default)]
    pub latency_span: Option<Span>,
    /// The process that it is where it has no behaviour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
    /// What asks for another backend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Elsewhere>,
    /// The parts that it calls besides those that its handlers do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<SmolStr>,
}

/// What a part is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// Pages and forms for people.
    Frontend(Frontend),
    /// Routes for other parts.
    Service(Service),
    /// Another agency, reached by envelopes.
    Partner(Partner),
    /// Watches requests to another part.
    Agent(Agent),
    /// Items that people decide on.
    Queue(Queue),
}

/// A frontend's pages.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Frontend {
    /// A fixed port on loopback; without it, any free one.
    pub port: Option<u16>,
    /// Pages by path.
    pub pages: IndexMap<SmolStr, Page>,
}

/// A page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Page {
    /// Its path.
    pub path: SmolStr,
    /// Its title and main heading.
    pub title: SmolStr,
    /// Runs at each GET.
    pub on_view: Option<Handler>,
    /// Values that the page shows, by name; they read the variables of `on_view`.
    pub show: Vec<(SmolStr, Expr)>,
    /// What these values are, for what is bound to the page later.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub shown: IndexMap<SmolStr, ShapeField>,
    /// Paragraphs; they read the variables of `on_view`.
    pub texts: Vec<Expr>,
    /// Forms by name.
    pub forms: IndexMap<SmolStr, Form>,
    /// Where it is declared.
    pub span: Span,
}

/// A form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Form {
    /// Its name.
    pub name: SmolStr,
    /// The path that success leads to (303); without it, the page itself.
    pub to: Option<SmolStr>,
    /// Fields by name.
    pub fields: IndexMap<SmolStr, Field>,
    /// Runs when the form is submitted and valid.
    pub on_submit: Option<Handler>,
    /// Whether a submission may change a store, here or at a part that is called.
    pub mutating: bool,
    /// What draft rules decide on a valid submission, before `on_submit`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
    /// Where it is declared.
    pub span: Span,
}

/// A field of a form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Field {
    /// What people read beside it; without it, its name in words.
    pub label: Option<SmolStr>,
    /// What it holds, whether it must be filled, and how sensitive it is.
    pub value: ShapeField,
    /// What draft rules say of it, in the order of their file; the later ones count where they contradict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<FieldRule>,
    /// Where it is declared.
    pub span: Span,
}

/// A service's routes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Service {
    /// Routes in the order of the source.
    pub routes: Vec<Route>,
}

/// A route.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Route {
    /// The method, in capitals.
    pub method: SmolStr,
    /// The path; a segment `{name}` is a parameter.
    pub path: SmolStr,
    /// What the request's body must be; another is refused with 422.
    pub body: Option<Shape>,
    /// What it does.
    pub handler: Handler,
    /// Whether it may change a store, here or at a part that is called.
    pub mutating: bool,
    /// Where it is declared.
    pub span: Span,
}

/// A partner agency's envelopes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Partner {
    /// What it answers, by schema.
    pub envelopes: IndexMap<SmolStr, Envelope>,
}

/// What a partner does with an envelope; the payload is the handler's `body`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Envelope {
    /// What the payload must be; another is refused with 422.
    pub payload: Option<Shape>,
    /// What it does.
    pub handler: Handler,
    /// Where it is declared.
    pub span: Span,
}

/// What a part does with a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Handler {
    /// Names of its variables; a [`SlotId`] is an index.
    pub slots: Vec<SmolStr>,
    /// What it does, in order.
    pub steps: Vec<HandlerStep>,
    /// Where it stands.
    pub span: Span,
}

/// A step of a handler.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandlerStep {
    /// Its number in the handler, from 0 in the order of the source; draws are keyed by it.
    pub ordinal: u32,
    /// What it does.
    pub kind: HandlerStepKind,
    /// Runs only where this holds.
    pub guard: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// What a step of a handler does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HandlerStepKind {
    /// Something that the prelude declares for handlers.
    Call {
        /// Verb and arguments.
        call: Call,
        /// The variable that receives the result.
        result: Option<SlotId>,
        /// Whether an expression of the handler reads the result's `.status`: then a failing call does not end the handler.
        status_read: bool,
        /// What the body of a response below 400 is, where every reply of the callee is known; its values are then of their
        /// own kinds instead of those that JSON has.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Shape>,
    },
    /// The first arm whose condition holds; else `otherwise`.
    If {
        /// Conditions and what they lead to.
        arms: Vec<(Expr, Vec<HandlerStep>)>,
        /// Where none holds.
        otherwise: Vec<HandlerStep>,
    },
    /// Sets a variable.
    Set {
        /// The variable.
        slot: SlotId,
        /// Its new value.
        to: Expr,
    },
    /// Once for each item.
    For {
        /// The variable that holds the item.
        slot: SlotId,
        /// The items.
        items: Expr,
        /// What is done with each.
        body: Vec<HandlerStep>,
    },
    /// Again where a call in it failed.
    Retry {
        /// How many attempts in all.
        times: u32,
        /// Nanoseconds between them.
        backoff: i64,
        /// What is attempted.
        body: Vec<HandlerStep>,
    },
}

/// Records for a store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seed {
    /// The part that has the store.
    pub part: SmolStr,
    /// The store.
    pub store: SmolStr,
    /// The field that records are kept under.
    pub key: SmolStr,
    /// What is put in.
    pub records: SeedRecords,
    /// The policy tag of the records in the registry of data.
    #[serde(default)]
    pub tag: Option<SmolStr>,
    /// How long the records may be kept, in nanoseconds.
    #[serde(default)]
    pub retain: Option<i64>,
    /// Where it stands.
    pub span: Span,
}

/// What a seed puts in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeedRecords {
    /// These records.
    Listed(Vec<Expr>),
    /// So many personas of a template.
    Personas {
        /// How many.
        count: u32,
        /// Of what; its fields index [`Blueprint::persona_fields`].
        template: Arc<crate::plan::Template>,
    },
}

impl Handler {
    /// Calls `visit` with every step, in the order of the source.
    pub fn for_each_step(&self, visit: &mut dyn FnMut(&HandlerStep)) {
        for_each_step(&self.steps, visit);
    }

    /// Calls `visit` with every step, in the order of the source.
    pub fn for_each_step_mut(&mut self, visit: &mut dyn FnMut(&mut HandlerStep)) {
        for_each_step_mut(&mut self.steps, visit);
    }

    /// Calls `visit` with every expression of its steps; what is inside an expression is left to the visitor.
    pub fn expressions(&self, visit: &mut dyn FnMut(&Expr)) {
        self.for_each_step(&mut |step| {
            step.guard.iter().for_each(&mut *visit);
            match &step.kind {
                HandlerStepKind::Call { call, .. } => call.args.values().for_each(&mut *visit),
                HandlerStepKind::If { arms, .. } => arms.iter().for_each(|(condition, _)| visit(condition)),
                HandlerStepKind::Set { to, .. } => visit(to),
                HandlerStepKind::For { items, .. } => visit(items),
                HandlerStepKind::Retry { .. } => {}
            }
        });
    }
}

fn for_each_step(steps: &[HandlerStep], visit: &mut dyn FnMut(&HandlerStep)) {
    for step in steps {
        visit(step);
        match &step.kind {
            HandlerStepKind::If { arms, otherwise } => {
                arms.iter().for_each(|(_, steps)| for_each_step(steps, visit));
                for_each_step(otherwise, visit);
            }
            HandlerStepKind::For { body, .. } | HandlerStepKind::Retry { body, .. } => for_each_step(body, visit),
            HandlerStepKind::Call { .. } | HandlerStepKind::Set { .. } => {}
        }
    }
}

fn for_each_step_mut(steps: &mut [HandlerStep], visit: &mut dyn FnMut(&mut HandlerStep)) {
    for step in steps {
        visit(step);
        match &mut step.kind {
            HandlerStepKind::If { arms, otherwise } => {
                arms.iter_mut().for_each(|(_, steps)| for_each_step_mut(steps, visit));
                for_each_step_mut(otherwise, visit);
            }
            HandlerStepKind::For { body, .. } | HandlerStepKind::Retry { body, .. } => for_each_step_mut(body, visit),
            HandlerStepKind::Call { .. } | HandlerStepKind::Set { .. } => {}
        }
    }
}

impl PartKind {
    /// Calls `visit` with every handler, in the order of the source.
    pub fn handlers(&self, visit: &mut dyn FnMut(&Handler)) {
        match self {
            PartKind::Frontend(frontend) => {
                for page in frontend.pages.values() {
                    page.on_view.iter().for_each(&mut *visit);
                    page.forms.values().filter_map(|form| form.on_submit.as_ref()).for_each(&mut *visit);
                }
            }
            PartKind::Service(service) => service.routes.iter().for_each(|route| visit(&route.handler)),
            PartKind::Partner(partner) => partner.envelopes.values().for_each(|envelope| visit(&envelope.handler)),
            PartKind::Agent(agent) => visit(&agent.handler),
            PartKind::Queue(queue) => queue.on_decided.iter().for_each(visit),
        }
    }

    /// What to call it in a sentence.
    pub fn noun(&self) -> &'static str {
        match self {
            PartKind::Frontend(_) => "frontend",
            PartKind::Service(_) => "service",
            PartKind::Partner(_) => "partner",
            PartKind::Agent(_) => "agent",
            PartKind::Queue(_) => "queue",
        }
    }
}

impl Blueprint {
    /// The part named `name`.
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.get(name)
    }
}
