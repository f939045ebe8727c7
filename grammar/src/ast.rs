//! The syntax tree. Every node carries its span; what could not be parsed is an error node among its siblings.

use scn_diagnostics::{SourceId, Span};
use smol_str::SmolStr;

/// A parsed file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// The text that it came from.
    pub source: SourceId,
    /// Its top-level lines.
    pub nodes: Vec<Node>,
}

/// A logical line and the lines nested under it.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What the line says.
    pub head: Head,
    /// Whether it is an item (`- …`).
    pub dash: bool,
    /// `NAME: value` pairs after the head, on the same logical line.
    pub attrs: Vec<Attr>,
    /// Lines nested under it, in order. An attribute written below its verb is an entry among these.
    pub children: Vec<Node>,
    /// The text of the `##` comments right above it, without the marks, joined by line breaks.
    pub doc: Option<SmolStr>,
    /// The logical line, without its indentation and trailing space.
    pub span: Span,
}

/// What a logical line says.
#[derive(Clone, Debug, PartialEq)]
pub enum Head {
    /// `key:` and its values: `fill: "passport_id"`, `steps:`, `post: eligibility-svc "/check"`.
    Entry {
        /// The key.
        key: Name,
        /// Values before the first attribute; usually one or none, two for `assert: c "message"`.
        values: Vec<Expr>,
    },
    /// An expression without a key: `- success >= 99%`, `- 45 of Applicant`, `70%:` (an arm; `colon` is set).
    Expr {
        /// The expression.
        expr: Expr,
        /// Whether a `:` follows it.
        colon: bool,
    },
    /// A declaration or another line that begins with a keyword: `persona X extends Y:`.
    Decl(Box<Decl>),
    /// A line that does not parse; its diagnostic has been reported.
    Error,
}

/// A name as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// The name; dotted names (`SSA.VERIFY`, `std.people`) are one.
    pub text: SmolStr,
    /// Where it stands.
    pub span: Span,
}

/// `name: value` or the older `name=value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attr {
    /// The name.
    pub key: Name,
    /// The values; usually one.
    pub values: Vec<Expr>,
    /// Whether it is spelled with `=`.
    pub equals: bool,
    /// All of it.
    pub span: Span,
}

/// A line that begins with a keyword.
#[derive(Clone, Debug, PartialEq)]
pub struct Decl {
    /// The keyword.
    pub keyword: Keyword,
    /// Where the keyword stands.
    pub keyword_span: Span,
    /// What is declared: `Applicant` of a persona, `std.people` of a `use`, `submit` of `on submit`, `POST` of a route.
    pub name: Option<Name>,
    /// Quoted or bare operands after the name: a page's path and title, a route's path, a `use`'s file, a branch's name.
    pub operands: Vec<Expr>,
    /// `(name: Type = default, …)` of flows, probes and the prelude's signatures; empty without parentheses.
    pub params: Vec<Param>,
    /// `-> Type` of a flow or signature.
    pub result: Option<TypeExpr>,
    /// `-> "/path"` of a form.
    pub arrow: Option<Expr>,
    /// `extends NAME` of a persona.
    pub extends: Option<Name>,
    /// `as NAME` of a `use`.
    pub alias: Option<Name>,
    /// `= value` of a const.
    pub value: Option<Expr>,
    /// The type after a store's colon.
    pub ty: Option<TypeExpr>,
}

/// Words that begin a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// `use std.people`, `use "./x.scn" as x`
    Use,
    /// `const NAME = value`
    Const,
    /// `persona NAME extends NAME:`
    Persona,
    /// `flow NAME(params) -> Type:`
    Flow,
    /// `probe NAME(params):`; in the prelude without a body
    Probe,
    /// `scenario NAME:`
    Scenario,
    /// `sandbox NAME:`
    Sandbox,
    /// `frontend NAME:`
    Frontend,
    /// `page "/path" "Title":`
    Page,
    /// `form NAME -> "/path":`
    Form,
    /// `on submit NAME:`, `on view:`, `on envelope "schema" payload: Type:`
    On,
    /// `store NAME: Type`
    Store,
    /// `branch "feature/x":`
    Branch,
    /// `service NAME:`
    Service,
    /// `route POST "/path" body: Type:`
    Route,
    /// `partner CODE:`
    Partner,
    /// `agent NAME watches: …`
    Agent,
    /// `queue NAME …`
    Queue,
    /// `step NAME(params)` in the prelude: a step of a journey
    Step,
    /// `handler NAME(params)` in the prelude: a step of a handler
    Handler,
    /// `generator NAME(params) -> Type` in the prelude
    Generator,
    /// `metric NAME(params) -> Type` in the prelude
    Metric,
}

/// A parameter of a flow, a probe or a signature of the prelude.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// Whether it takes any number of positional arguments: `values: Any...`
    pub variadic: bool,
    /// Its default.
    pub default: Option<Expr>,
}

/// A type as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeExpr {
    /// What it says.
    pub kind: TypeExprKind,
    /// Where it stands.
    pub span: Span,
}

/// What a type says.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeExprKind {
    /// `Text`, `Citizen`
    Name(SmolStr),
    /// `Maybe[Text]`
    Apply(SmolStr, Vec<TypeExpr>),
    /// `Record{a: Text, b: Int}`
    Record(Vec<(Name, TypeExpr)>),
    /// `Choice{credit_card, bank_transfer}`
    Choice(Vec<Name>),
    /// `18..90`, `$1..$5`
    Range(Box<Expr>, Box<Expr>),
}

/// An expression as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it says.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression says.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `true`, `false`
    Bool(bool),
    /// `none`
    None,
    /// A number with the unit that is glued to it; `text` is the number as written, without underscores.
    Number {
        /// The number as written, without its unit and without a currency sign.
        text: SmolStr,
        /// Its unit.
        unit: Unit,
    },
    /// `2026-11-23`
    Date(SmolStr),
    /// A quoted or block text.
    Text {
        /// Its parts; a text without interpolation has at most one.
        parts: Vec<TextPart>,
        /// How it is quoted.
        quote: Quote,
    },
    /// `/^X\d{8}$/`: the source between the slashes.
    Regex(SmolStr),
    /// `/start`
    Path(SmolStr),
    /// A bare name. Names that hold dots are parsed as fields, except where only a name can stand.
    Name(SmolStr),
    /// `a.b`
    Field(Box<Expr>, Name),
    /// `a[i]`
    Index(Box<Expr>, Box<Expr>),
    /// `f(x, k: v)`; the callee is a name or a field.
    Call(Box<Expr>, Vec<Arg>),
    /// `not a`, `-a`; also the misspelling `!a`.
    Unary(Operator, Box<Expr>),
    /// `a + b`; also the misspellings `&& || =`.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ a: x, b: y }`
    Record(Vec<(Name, Expr)>),
    /// `a..b`
    Range(Box<Expr>, Box<Expr>),
    /// `n of Template`, `value weight n`, `n over d`, `rate for d`, `METHOD "/path"`: a phrase of two operands.
    Phrase(Phrase, Box<Expr>, Box<Expr>),
    /// A type where an expression could stand: `passport_id: Text`, `body: Record{ … }`, `Choice{ … }`. Only composite
    /// types (`Maybe[…] Record{…} Choice{…} List[…]`) are parsed so; a bare type name is a [`ExprKind::Name`].
    Type(Box<TypeExpr>),
    /// Something that does not parse; its diagnostic has been reported.
    Error,
}

impl ExprKind {
    /// Whether it is a text that holds expressions.
    pub fn interpolates(&self) -> bool {
        matches!(self, ExprKind::Text { parts, .. } if parts.iter().any(|part| matches!(part, TextPart::Value(_))))
    }
}

impl Expr {
    /// Calls `visit` with the expression and everything inside it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        match &self.kind {
            ExprKind::Field(inner, _) | ExprKind::Unary(_, inner) => inner.walk(visit),
            ExprKind::Index(left, right)
            | ExprKind::Binary(_, left, right)
            | ExprKind::Range(left, right)
            | ExprKind::Phrase(_, left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            ExprKind::Call(callee, args) => {
                callee.walk(visit);
                args.iter().for_each(|arg| arg.value.walk(visit));
            }
            ExprKind::List(items) => items.iter().for_each(|item| item.walk(visit)),
            ExprKind::Record(fields) => fields.iter().for_each(|(_, value)| value.walk(visit)),
            ExprKind::Text { parts, .. } => parts.iter().for_each(|part| {
                if let TextPart::Value(value) = part {
                    value.walk(visit);
                }
            }),
            _ => {}
        }
    }
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// Its name, if it is named.
    pub name: Option<Name>,
    /// Its value.
    pub value: Expr,
}

/// Part of a quoted text.
#[derive(Clone, Debug, PartialEq)]
pub enum TextPart {
    /// Characters, with escapes resolved, and where they stand.
    Literal(SmolStr, Span),
    /// `${expression}`
    Value(Expr),
}

/// How a text is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// `"…"`
    Double,
    /// `'…'`
    Single,
    /// `|` and an indented block
    Block,
}

/// A unit glued to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// None; the number has no fraction.
    Int,
    /// None; the number has a fraction.
    Decimal,
    /// `%`
    Percent,
    /// `$`
    Dollar,
    /// A unit of time; the factor in nanoseconds.
    Duration(i64),
    /// A unit of size; the factor in bytes.
    Size(u64),
    /// `/s` or `/m`; the factor in seconds.
    Rate(u32),
}

/// An operator and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Operator {
    /// Which.
    pub kind: OperatorKind,
    /// Where it stands.
    pub span: Span,
}

/// Operators, loosest first; the last ones are misspellings that the checker mends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum OperatorKind {
    Or,
    And,
    Not,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Matches,
    Contains,
    Is,
    Else,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Negate,
    /// `||`
    PipePipe,
    /// `&&`
    AmpAmp,
    /// `!`
    Bang,
    /// `=`
    Assign,
}

/// A closed list of phrases of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phrase {
    /// `45 of Applicant`
    Of,
    /// `$130 weight 9`
    Weight,
    /// `50 over 1m`
    Over,
    /// `20/s for 5m`
    For,
    /// `POST "/x"`
    Method,
}

impl Decl {
    /// A keyword of which nothing more is known.
    pub(crate) fn new(keyword: Keyword, keyword_span: Span) -> Self {
        Self {
            keyword,
            keyword_span,
            name: None,
            operands: Vec::new(),
            params: Vec::new(),
            result: None,
            arrow: None,
            extends: None,
            alias: None,
            value: None,
            ty: None,
        }
    }
}

impl Node {
    /// The key of an entry.
    pub fn key(&self) -> Option<&Name> {
        match &self.head {
            Head::Entry { key, .. } => Some(key),
            _ => None,
        }
    }

    /// The declaration, if the line is one.
    pub fn decl(&self) -> Option<&Decl> {
        match &self.head {
            Head::Decl(decl) => Some(decl),
            _ => None,
        }
    }
}
