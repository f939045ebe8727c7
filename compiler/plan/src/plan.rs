//! The plan of one scenario: a graph of what a journey does, and everything else that a run needs to know.

use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{
    Call, Expr, SlotId, SourceMap, Span, Value,
    load::{Load, Pause},
};

/// Version of the serialised form.
pub const VERSION: u32 = 2;

/// Default bound of a run without `duration:`, in nanoseconds: one hour.
pub const DEFAULT_DURATION: i64 = 3600 * crate::nanos::SECOND;

/// Default time that a step may take, in nanoseconds: 30 s.
pub const DEFAULT_STEP_TIMEOUT: i64 = 30 * crate::nanos::SECOND;

/// A scenario, ready to be driven.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// [`VERSION`] of the compiler that made it.
    #[schemars(extend("const" = VERSION))]
    pub version: u32,
    /// The scenario's name.
    pub scenario: SmolStr,
    /// Where the scenario is declared.
    pub span: Span,
    /// The scenario's tags.
    pub tags: Vec<SmolStr>,
    /// The sandbox that it asks for.
    pub sandbox: Option<SmolStr>,
    /// Nodes are steps, conditions, choices, joins and the end; edges say what follows.
    #[schemars(with = "super::print::StoredGraph")]
    pub graph: DiGraph<Node, Edge>,
    /// Where a journey begins.
    #[schemars(with = "u32")]
    pub entry: NodeIndex,
    /// Names of the journey's variables; a [`SlotId`] is an index.
    pub slots: Vec<SmolStr>,
    /// Names of all personas' fields; a `PersonaField` is an index.
    pub persona_fields: Arc<[SmolStr]>,
    /// Who takes part.
    pub personas: Vec<PersonaGroup>,
    /// Bound of the run in nanoseconds.
    pub duration: i64,
    /// How the run goes in time; without it, each persona makes one journey, all starting at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<Load>,
    /// How long people think between two steps of theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub think: Option<Pause>,
    /// How long a persona of a closed load waits between two journeys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pacing: Option<Pause>,
    /// Names of hosts beside this machine and the sandbox that journeys may ask, in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_hosts: Vec<SmolStr>,
    /// Who has to approve a run whose goals are met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signoff: Option<SignOff>,
    /// Service level objective for a step's response time, in nanoseconds.
    pub slo: Option<i64>,
    /// Faults, in the order of the source.
    pub probes: Vec<Probe>,
    /// What counts as good; never empty.
    pub goals: Vec<Goal>,
    /// The texts that every span points into.
    pub sources: SourceMap,
}

/// A node of the plan.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Node {
    /// Its name in reports and for `--step`: its `name:`, else its verb, numbered from the second on (`pay`, `pay-2`).
    pub name: SmolStr,
    /// What it does.
    pub kind: NodeKind,
    /// Names of the groups and flows around it, outermost first, as goals name them.
    #[serde(default)]
    pub groups: Vec<SmolStr>,
    /// The [`NodeKind::Group`]s with a timeout around it, outermost first.
    #[serde(default)]
    #[schemars(with = "Vec<u32>")]
    pub limits: Vec<NodeIndex>,
    /// The groups, loops and attempts around it, outermost first.
    #[serde(default)]
    #[schemars(with = "Vec<u32>")]
    pub within: Vec<NodeIndex>,
    /// Where it stands.
    pub span: Span,
}

impl Node {
    /// A node in no group.
    pub fn new(name: impl Into<SmolStr>, kind: NodeKind, span: Span) -> Self {
        Self { name: name.into(), kind, groups: Vec::new(), limits: Vec::new(), within: Vec::new(), span }
    }
}

/// What a node does.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    /// Runs a step; `Next` follows.
    Step(Step),
    /// Gives variables values: a flow's parameters, a loop's counter; `Next` follows.
    Assign(Vec<(SlotId, Expr)>),
    /// Follows `Then` or `Else`.
    Condition(Expr),
    /// Goes round once more by `Then` while this holds, and on by `Else`; an edge leads back here from the end of the round.
    Loop(Expr),
    /// Begins an attempt at what lies up to its join; `Next` follows. A failure in it comes back here by `OnFail`.
    Retry(Retry),
    /// Begins a group of steps; `Next` follows.
    Group(Group),
    /// Follows one of its `Arm`s, drawn by weight.
    Choice,
    /// Where branches meet, and where what a failure does not stop goes on; `Next` follows.
    Join,
    /// The journey is complete.
    End,
}

impl NodeKind {
    /// The expressions that the node itself reads, in the order of their evaluation.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let (step, values, condition) = match self {
            NodeKind::Step(step) => (Some(step), Default::default(), None),
            NodeKind::Assign(values) => (None, values.as_slice(), None),
            NodeKind::Condition(condition) | NodeKind::Loop(condition) => (None, Default::default(), Some(condition)),
            NodeKind::Retry(_) | NodeKind::Group(_) | NodeKind::Choice | NodeKind::Join | NodeKind::End => {
                (None, Default::default(), None)
            }
        };
        let of_step = step.into_iter().flat_map(|step| step.guard.iter().chain(step.call.args.values()));
        of_step.chain(values.iter().map(|(_, value)| value)).chain(condition)
    }
}

/// Steps that are attempted again when they fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Retry {
    /// How many attempts there are in all, at least one.
    pub attempts: u32,
    /// Time between two attempts, in nanoseconds.
    pub backoff: i64,
}

/// Steps that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// What it is.
    pub of: GroupOf,
    /// Bound of all of it, in nanoseconds.
    pub timeout: Option<i64>,
    /// Whether a failure in it is recorded, and the journey goes on after it.
    pub soft: bool,
}

/// What made a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GroupOf {
    /// `group:`
    Steps,
    /// `do:`, with the flow's name.
    Flow(SmolStr),
    /// `repeat:`, `for:` or `retry:`
    Rounds,
}

/// A step of a journey.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Verb and arguments, as the prelude declares them.
    pub call: Call,
    /// Bound of the step in nanoseconds.
    pub timeout: i64,
    /// Whether a failure is recorded and passed over.
    pub soft: bool,
    /// Runs only where this holds.
    pub guard: Option<Expr>,
    /// Variables that the step sets for expressions of its own, by the name that the prelude gives them (`amount`).
    pub exposes: Vec<(SmolStr, SlotId)>,
    /// The variable that receives the result (`as:`, `capture:`, `set:`).
    pub result: Option<SlotId>,
    /// Whether a final status of 400 and above does not fail the step, because the step after it looks at the status.
    pub admits: Admits,
    /// What `tag:` in goals finds it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<SmolStr>,
}

impl Step {
    /// The argument for parameter `name`, if the step is called `verb`.
    #[inline]
    pub fn arg_of(&self, verb: &str, name: &str) -> Option<&Expr> {
        (self.call.name == verb).then(|| self.call.arg(name)).flatten()
    }
}

/// Who has to approve a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignOff {
    /// The person or the board; without it, anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<SmolStr>,
    /// Where it stands.
    pub span: Span,
}

/// Which final statuses of 400 and above do not fail a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Admits {
    /// None of them.
    #[default]
    Nothing,
    /// The next step is an `expect` of this status.
    Status(u16),
    /// An HTTP step, or the next step reads `last.status`.
    Anything,
}

/// What follows a node.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Edge {
    /// In order.
    Next,
    /// The condition holds.
    Then,
    /// The condition does not hold.
    Else,
    /// Drawn with this share of the whole (1.0).
    Arm(f64),
    /// Where the journey goes on if the node fails; without it, the journey fails.
    OnFail,
    /// A definition and its use, for slicing; never followed.
    Uses,
}

/// So many personas of a template.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PersonaGroup {
    /// How many.
    pub count: u32,
    /// Of what.
    pub template: Arc<Template>,
    /// What makes their requests.
    #[serde(default, skip_serializing_if = "Drives::is_http")]
    pub drives: Drives,
    /// Where the group is declared.
    pub span: Span,
}

/// What makes a persona's requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Drives {
    /// ESR itself, which reads pages and submits forms as a browser would, but runs no scripts.
    #[default]
    Http,
    /// A headless browser of the persona's own.
    Browser,
}

impl Drives {
    /// What `drives:` may say.
    pub const NAMES: [(&str, Drives); 2] = [("http", Drives::Http), ("browser", Drives::Browser)];

    fn is_http(&self) -> bool {
        *self == Drives::Http
    }
}

/// A persona template with all its inherited fields.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Template {
    /// Its name.
    pub name: SmolStr,
    /// Itself and its ancestors, nearest first.
    pub lineage: Vec<SmolStr>,
    /// Fields by their index into [`Plan::persona_fields`], in the order that they are to be made.
    // Templates that inherit one share what makes it.
    pub fields: Vec<(u32, Arc<Expr>)>,
}

/// A fault and its window.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Probe {
    /// Its name in reports and in `during:`, unique in the plan.
    pub name: SmolStr,
    /// What the prelude declares.
    pub call: Call,
    /// The part that it strikes.
    pub target: SmolStr,
    /// When it begins, in nanoseconds after the first journey's start; without it, in force throughout.
    pub from: Option<i64>,
    /// How long it lasts, in nanoseconds; without it, to the end.
    pub lasts: Option<i64>,
    /// The composed probes that it is part of, outermost first; each is in force while one of its parts is.
    #[serde(default)]
    pub within: Vec<SmolStr>,
    /// Where it stands.
    pub span: Span,
}

/// What a goal measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Journeys without a hard failure ÷ journeys finished.
    Success,
    /// This percentile (0..=100) of steps' response times.
    Percentile(f64),
    /// This percentile of whole journeys' response times.
    JourneyPercentile(f64),
    /// Failed steps, soft ones too.
    Errors,
    /// Executions of steps that sent a request, a second.
    Rate,
    /// Journeys finished, a second.
    JourneyRate,
    /// From a probe's removal to when all is as before.
    Recovery(SmolStr),
}

impl Metric {
    /// Names of the metrics in the prelude; `pNN` stands for every percentile.
    pub const NAMES: [&str; 5] = ["success", "pNN", "errors", "rate", "recovery"];

    /// The metric that a goal's first word names, percentiles apart; of `recovery`, the probe is yet to be said.
    pub fn named(name: &str) -> Option<Metric> {
        match name {
            "success" => Some(Metric::Success),
            "errors" => Some(Metric::Errors),
            "rate" => Some(Metric::Rate),
            "recovery" => Some(Metric::Recovery(SmolStr::default())),
            _ => None,
        }
    }
}

/// What a goal's metric is restricted to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The step of this name.
    Step(SmolStr),
    /// Steps within a group of this name.
    Group(SmolStr),
    /// Steps with this tag.
    Tag(SmolStr),
    /// Personas of this template.
    Of(SmolStr),
    /// While this probe is in force.
    During(SmolStr),
    /// Where the final status was this.
    Status(u16),
}

/// A comparison that the run is held against.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Goal {
    /// The goal as it is written, for reports.
    pub text: SmolStr,
    /// What is measured.
    pub metric: Metric,
    /// Restrictions, all of which apply.
    pub scopes: Vec<Scope>,
    /// One of the six comparisons.
    pub op: crate::BinaryOp,
    /// What it is compared with.
    pub threshold: Value,
    /// If the run is stopped as soon as the goal is missed: only from so many nanoseconds after the start, or after the
    /// warm-up, on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abort_after: Option<i64>,
    /// Where it stands; the scenario's name if the goal is the default one.
    pub span: Span,
}

impl Edge {
    /// Whether a journey can follow it.
    pub fn is_followed(&self) -> bool {
        !matches!(self, Edge::Uses)
    }
}

impl Plan {
    /// The node at `index`.
    pub fn node(&self, index: NodeIndex) -> Option<&Node> {
        self.graph.node_weight(index)
    }

    /// Whether the node of this number stands in a group, or a flow, of that name.
    pub fn is_in_group(&self, node: u32, group: &str) -> bool {
        self.graph
            .node_weight(NodeIndex::new(node as usize))
            .is_some_and(|node| node.groups.iter().any(|own| own == group))
    }

    /// Whether the node of this number is a step with that tag.
    pub fn has_tag(&self, node: u32, tag: &str) -> bool {
        let node = self.graph.node_weight(NodeIndex::new(node as usize));
        matches!(node, Some(Node { kind: NodeKind::Step(step), .. }) if step.tags.iter().any(|own| own == tag))
    }

    /// How long the warm-up takes, in nanoseconds.
    pub fn warm_up(&self) -> u64 {
        self.load.as_ref().map_or(0, |load| u64::try_from(load.warm_up).unwrap_or(0))
    }

    /// After so many nanoseconds no journey starts: the end of the schedule, or of `duration`.
    pub fn closes_after(&self) -> u64 {
        let schedule = self.load.as_ref().map_or(i64::MAX, Load::lasts);
        u64::try_from(self.duration.min(schedule)).unwrap_or(0)
    }

    /// Whether any persona has a browser of its own.
    pub fn needs_browsers(&self) -> bool {
        self.personas.iter().any(|group| group.drives == Drives::Browser)
    }

    /// Number of personas.
    pub fn population(&self) -> u32 {
        self.personas.iter().map(|group| group.count).sum()
    }
}
