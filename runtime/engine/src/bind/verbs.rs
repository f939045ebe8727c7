//! The executors of steps: which verb, with which parameters, does what.

use http::Method;
use scn_plan::{Call, Expr, ExprKind, Plan, SlotId, plan};

use crate::run::RunError;

/// A verb that the engine can execute, as the prelude declares it.
#[derive(Debug)]
pub struct Verb {
    /// Its name in the prelude.
    pub name: &'static str,
    /// Names of its parameters, in order.
    pub parameters: &'static [&'static str],
    /// Names that it exposes to its own expressions.
    pub exposes: &'static [&'static str],
    bind: fn(&Args<'_>) -> Result<Action, RunError>,
}

/// Every step of the prelude.
pub const VERBS: &[Verb] = &[
    verb("visit", &["path"], |args| Ok(Action::Visit { path: args.required("path")? })),
    verb("fill", &["target", "value"], |args| {
        Ok(Action::Fill { target: args.required("target")?, value: args.required("value")? })
    }),
    verb("select", &["target", "value"], |args| {
        Ok(Action::Select { target: args.required("target")?, value: args.required("value")? })
    }),
    verb("check", &["target"], |args| Ok(Action::Tick { target: args.required("target")?, on: true })),
    verb("uncheck", &["target"], |args| Ok(Action::Tick { target: args.required("target")?, on: false })),
    verb("click", &["target"], |args| Ok(Action::Press(Press::Text(args.required("target")?)))),
    verb("submit", &["form"], |args| Ok(Action::Press(Press::Form(args.optional("form"))))),
    verb("upload", &["file", "size", "field"], |args| {
        Ok(Action::Upload { file: args.required("file")?, size: args.required("size")?, field: args.optional("field") })
    }),
    Verb { exposes: &["amount"], ..verb("pay", &["method", "fail_if"], pay) },
    verb("expect", &["page", "status", "text", "title"], |args| {
        Ok(Action::Expect {
            page: args.optional("page"),
            status: args.optional("status"),
            text: args.optional("text"),
            title: args.optional("title"),
        })
    }),
    verb("wait", &["time", "until", "every", "max"], wait),
    verb("think", &["time"], |args| Ok(Action::Pause { time: args.required("time")? })),
    verb("screenshot", &["caption"], |args| Ok(Action::Screenshot { caption: args.required("caption")? })),
    verb("get", WITHOUT_BODY, |args| http(Method::GET, args)),
    verb("post", WITH_BODY, |args| http(Method::POST, args)),
    verb("put", WITH_BODY, |args| http(Method::PUT, args)),
    verb("patch", WITH_BODY, |args| http(Method::PATCH, args)),
    verb("delete", WITHOUT_BODY, |args| http(Method::DELETE, args)),
    verb("send", &["what", "to", "schema", "payload"], |args| {
        Ok(Action::Send {
            to: args.required("to")?,
            schema: args.required("schema")?,
            payload: args.optional("payload"),
        })
    }),
    verb("set", &["name", "to"], |args| Ok(Action::Set { to: args.required("to")? })),
    verb("assert", &["condition", "message"], |args| {
        let condition = args.required("condition")?;
        Ok(Action::Assert { source: args.source(&condition), condition, message: args.optional("message") })
    }),
    verb("stop", &["reason"], |args| Ok(Action::Stop { reason: args.required("reason")? })),
    verb("fail", &["reason"], |args| Ok(Action::Fail { reason: args.required("reason")? })),
];

const WITH_BODY: &[&str] = &["path", "body", "headers", "query"];
const WITHOUT_BODY: &[&str] = &["path", "headers", "query"];

type Bind = fn(&Args<'_>) -> Result<Action, RunError>;

const fn verb(name: &'static str, parameters: &'static [&'static str], bind: Bind) -> Verb {
    Verb { name, parameters, exposes: &[], bind }
}

/// What a step does.
#[derive(Debug)]
pub(crate) enum Action {
    /// Opens a page.
    Visit { path: Expr },
    /// Enters a value.
    Fill { target: Expr, value: Expr },
    /// Chooses an option.
    Select { target: Expr, value: Expr },
    /// Ticks or clears a checkbox.
    Tick { target: Expr, on: bool },
    /// Presses something that leads on.
    Press(Press),
    /// Chooses a file.
    Upload { file: Expr, size: Expr, field: Option<Expr> },
    /// Pays.
    Pay {
        /// The method of the wallet.
        method: Expr,
        /// Fails before submitting where this holds.
        fail_if: Option<Expr>,
        /// `fail_if` as it is written.
        source: String,
        /// The variable that receives the amount.
        amount: Option<SlotId>,
    },
    /// Submits what was entered, and checks where that led.
    Expect { page: Option<Expr>, status: Option<Expr>, text: Option<Expr>, title: Option<Expr> },
    /// Keeps what the page looks like.
    Screenshot { caption: Expr },
    /// Lets time pass.
    Pause { time: Expr },
    /// Looks again and again until a condition holds.
    WaitUntil {
        /// The condition.
        until: Expr,
        /// The condition as it is written.
        source: String,
        /// Whether the page is loaded anew before each look but the first.
        reload: bool,
        /// Time between two looks.
        every: Expr,
        /// Bound of all of it.
        max: Expr,
    },
    /// Sends a request without a page.
    Http { method: Method, path: Expr, body: Option<Expr>, headers: Option<Expr>, query: Option<Expr> },
    /// Sends an envelope to another agency.
    Send { to: Expr, schema: Expr, payload: Option<Expr> },
    /// Gives the step's variable a value.
    Set { to: Expr },
    /// Fails unless a condition holds.
    Assert { condition: Expr, source: String, message: Option<Expr> },
    /// Leaves the journey.
    Stop { reason: Expr },
    /// Fails.
    Fail { reason: Expr },
}

/// What kind of act a step is, for thinking between acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// What a person does.
    Human,
    /// Time that the scenario itself lets pass: it takes the place of thinking.
    Pause,
    /// Requests without a page, and control.
    Other,
}

impl Action {
    /// What kind of act it is.
    pub(crate) fn kind_of_act(&self) -> Act {
        match self {
            Action::Visit { .. }
            | Action::Fill { .. }
            | Action::Select { .. }
            | Action::Tick { .. }
            | Action::Press(_)
            | Action::Upload { .. }
            | Action::Pay { .. }
            | Action::Expect { .. } => Act::Human,
            Action::Pause { .. } | Action::WaitUntil { .. } => Act::Pause,
            _ => Act::Other,
        }
    }
}

/// What is pressed.
#[derive(Debug)]
pub(crate) enum Press {
    /// The link or button with this text.
    Text(Expr),
    /// The default button of the form of this name, else of the one last touched, else of the only one.
    Form(Option<Expr>),
}

/// The arguments of a step that is being bound.
struct Args<'a> {
    plan: &'a Plan,
    step: &'a plan::Step,
    call: &'a Call,
}

impl Args<'_> {
    fn required(&self, name: &str) -> Result<Expr, RunError> {
        let missing = || RunError { message: format!("`{}` needs `{name}`", self.call.name), span: self.call.span };
        self.call.arg(name).cloned().ok_or_else(missing)
    }

    fn optional(&self, name: &str) -> Option<Expr> {
        self.call.arg(name).cloned()
    }

    /// The expression as it is written, without quotes around it.
    fn source(&self, expr: &Expr) -> String {
        self.plan.sources.slice(expr.span).trim().trim_matches(['"', '\'']).trim().to_owned()
    }

    fn exposed(&self, name: &str) -> Option<SlotId> {
        self.step.exposes.iter().find(|(exposed, _)| exposed == name).map(|(_, slot)| *slot)
    }
}

fn pay(args: &Args<'_>) -> Result<Action, RunError> {
    let fail_if = args.optional("fail_if");
    Ok(Action::Pay {
        method: args.required("method")?,
        source: fail_if.as_ref().map(|condition| args.source(condition)).unwrap_or_default(),
        fail_if,
        amount: args.exposed("amount"),
    })
}

fn wait(args: &Args<'_>) -> Result<Action, RunError> {
    let Some(until) = args.optional("until") else { return Ok(Action::Pause { time: args.required("time")? }) };
    let mut reload = false;
    until.walk(&mut |part| reload |= matches!(part.kind, ExprKind::Member(member, _) if member.is_of_page()));
    Ok(Action::WaitUntil {
        source: args.source(&until),
        until,
        reload,
        every: args.required("every")?,
        max: args.required("max")?,
    })
}

fn http(method: Method, args: &Args<'_>) -> Result<Action, RunError> {
    Ok(Action::Http {
        method,
        path: args.required("path")?,
        body: args.optional("body"),
        headers: args.optional("headers"),
        query: args.optional("query"),
    })
}

/// The executor of `step`.
pub(super) fn bind(plan: &Plan, step: &plan::Step) -> Result<Action, RunError> {
    let call = &step.call;
    let unknown = |message: String| RunError { message, span: call.span };
    let verb = VERBS.iter().find(|verb| verb.name == call.name);
    let verb = verb.ok_or_else(|| unknown(format!("no executor knows the step `{}`", call.name)))?;
    if let Some(name) = call.args.keys().find(|name| !verb.parameters.contains(&name.as_str())) {
        return Err(unknown(format!("the executor of `{}` has no parameter `{name}`", call.name)));
    }
    (verb.bind)(&Args { plan, step, call })
}
