//! Compiled expressions: names are resolved, interpolated text is split, literals are values.

use crate::collections::{IndexMap, VecMap};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{Labels, Span, Text, Value};

/// A variable of a journey, a flow's frame or a handler: an index into its slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SlotId(pub u32);

/// A compiled expression and the source text that it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expr {
    /// What it does.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// What surrounds an expression, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Root {
    /// The journey's persona, whole.
    Persona,
    /// The run: `id seed persona iteration`.
    Run,
    /// A handler's submitted form.
    Form,
    /// A handler's request body.
    Body,
    /// A route's path parameters.
    Path,
    /// The query's parameters.
    Query,
    /// The browser session of a frontend: `id`.
    Session,
    /// What the page shows, or last showed that session.
    Show,
    /// The name of the frontends' branch.
    Branch,
    /// The response to the request that an agent has watched: `status body headers time`.
    Response,
}

/// A member of `page` or `last` that only the engine can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Member {
    /// `page.url`: Text.
    PageUrl,
    /// `page.path`: Path.
    PagePath,
    /// `page.title`: Text.
    PageTitle,
    /// `page.status`: Status.
    PageStatus,
    /// `page.text(css)`: Text of the first match; the whole page without an argument.
    PageText,
    /// `page.has(css)`: Bool.
    PageHas,
    /// `page.css(css)`: List[Text].
    PageCss,
    /// `last.status`: Status.
    LastStatus,
    /// `last.header(name)`: Maybe[Text].
    LastHeader,
    /// `last.json(path)`: the value at a JSONPath.
    LastJson,
    /// `last.text`: Text.
    LastText,
    /// `last.time`: Duration.
    LastTime,
    /// `env(name)`: Text of an environment variable.
    EnvVar,
    /// `secret(name)`: Text labelled `secret`.
    Secret,
}

impl Member {
    /// Whether it is a member of `page`.
    pub fn is_of_page(self) -> bool {
        use Member::{PageCss, PageHas, PagePath, PageStatus, PageText, PageTitle, PageUrl};
        matches!(self, PageUrl | PagePath | PageTitle | PageStatus | PageText | PageHas | PageCss)
    }
}

/// Part of an interpolated text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TextPart {
    /// As written.
    Literal(SmolStr),
    /// `${expression}`.
    Value(Expr),
}

/// Operators before an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnaryOp {
    /// `not`
    Not,
    /// `-`
    Negate,
}

/// Operators between two operands, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `in`
    In,
    /// `matches`
    Matches,
    /// `contains`
    Contains,
    /// `??`
    Else,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

/// What an expression does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExprKind {
    /// A constant.
    Value(Value),
    /// A variable.
    Slot(SlotId),
    /// A field of the journey's persona: an index into [`Plan::persona_fields`](crate::Plan::persona_fields).
    PersonaField(u32),
    /// Something that surrounds the expression.
    Root(Root),
    /// A member of `page` or `last`, `env` or `secret`, with its argument.
    Member(Member, Option<Box<Expr>>),
    /// `record.field`; none of an absent field.
    Field(Box<Expr>, SmolStr),
    /// `list[i]`, `record["key"]`
    Index(Box<Expr>, Box<Expr>),
    /// How many items a list has.
    Length(Box<Expr>),
    /// A generator of synthetic data or a pure function, by its name in the prelude.
    Call(Box<Call>),
    /// An operator before its operand.
    Unary(UnaryOp, Box<Expr>),
    /// An operator between its operands.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `x is none`, or `is some` where false.
    IsNone(Box<Expr>, bool),
    /// `persona is Template`.
    PersonaIs(SmolStr),
    /// An interpolated text.
    Text(Vec<TextPart>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ a: x }`
    Record(Vec<(SmolStr, Expr)>),
    /// `a..b`
    Range(Box<Expr>, Box<Expr>),
}

/// A use of something that the prelude declares: a step, a handler step, a probe, a generator.
///
/// Defaults are filled in, so an executor finds every parameter that has one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Call {
    /// Its name in the prelude.
    pub name: SmolStr,
    /// Arguments by parameter name; a parameter that is absent was left out and has no default.
    #[schemars(with = "IndexMap<SmolStr, Arg>")]
    pub args: VecMap<SmolStr, Arg>,
    /// The whole use.
    pub span: Span,
}

/// An argument.
pub type Arg = Expr;

impl Call {
    /// The argument for parameter `name`.
    pub fn arg(&self, name: &str) -> Option<&Expr> {
        self.args.get(name)
    }
}

impl Expr {
    /// A constant.
    pub fn value(value: Value, span: Span) -> Self {
        Self { kind: ExprKind::Value(value), span }
    }

    /// The constant that it is, if it is one.
    pub fn as_value(&self) -> Option<&Value> {
        match &self.kind {
            ExprKind::Value(value) => Some(value),
            _ => None,
        }
    }

    /// Adds `labels` to the texts that are written in it.
    pub fn label(&mut self, labels: Labels) {
        match &mut self.kind {
            ExprKind::Value(value) => *value = std::mem::take(value).labelled(labels),
            ExprKind::Binary(_, left, right) => {
                left.label(labels);
                right.label(labels);
            }
            ExprKind::Call(call) => call.args.values_mut().for_each(|arg| arg.label(labels)),
            ExprKind::Text(parts) => {
                for part in parts {
                    match part {
                        TextPart::Literal(text) => {
                            let text = Value::Text(Text { value: std::mem::take(text), labels });
                            *part = TextPart::Value(Expr::value(text, self.span));
                        }
                        TextPart::Value(value) => value.label(labels),
                    }
                }
            }
            ExprKind::List(items) => items.iter_mut().for_each(|item| item.label(labels)),
            ExprKind::Record(fields) => fields.iter_mut().for_each(|(_, value)| value.label(labels)),
            _ => {}
        }
    }

    /// Calls `visit` with the expression and everything inside it.
    pub fn walk(&self, visit: &mut dyn FnMut(&Expr)) {
        visit(self);
        match &self.kind {
            ExprKind::Field(inner, _)
            | ExprKind::Unary(_, inner)
            | ExprKind::IsNone(inner, _)
            | ExprKind::Length(inner) => inner.walk(visit),
            ExprKind::Member(_, argument) => {
                if let Some(argument) = argument {
                    argument.walk(visit);
                }
            }
            ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) | ExprKind::Range(left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            ExprKind::Call(call) => call.args.values().for_each(|arg| arg.walk(visit)),
            ExprKind::Text(parts) => parts.iter().for_each(|part| {
                if let TextPart::Value(value) = part {
                    value.walk(visit);
                }
            }),
            ExprKind::List(items) => items.iter().for_each(|item| item.walk(visit)),
            ExprKind::Record(fields) => fields.iter().for_each(|(_, value)| value.walk(visit)),
            ExprKind::Value(_)
            | ExprKind::Slot(_)
            | ExprKind::PersonaField(_)
            | ExprKind::Root(_)
            | ExprKind::PersonaIs(_) => {}
        }
    }
}
