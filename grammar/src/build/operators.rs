//! Orders a flat list of operators and terms by precedence.

use scn_diagnostics::{Diagnostic, Span, codes};

use super::{Builder, Matched, Rule};
use crate::ast::{Arg, Expr, ExprKind, Operator, OperatorKind, TextPart};

/// Operators of one list, or fields and calls glued to one term.
pub(super) const MAX_OPERATORS: usize = 64;
/// Prefixes of one term.
const MAX_PREFIXES: usize = 8;
/// Depth of an expression's tree.
pub(super) const MAX_DEPTH: usize = 128;

/// How tightly `not` and `!` bind: looser than a comparison.
const NOT: u8 = 3;
/// How tightly a comparison binds.
pub(super) const COMPARISON: u8 = 4;
/// How tightly `..` binds.
pub(super) const RANGE: u8 = 6;
/// How tightly a sign binds.
const SIGN: u8 = 9;

#[derive(Debug)]
enum Token {
    Prefix(Operator),
    Infix(Infix),
    Term(Expr),
}

#[derive(Clone, Copy, Debug)]
enum Infix {
    Operator(Operator),
    Range,
}

impl Infix {
    fn binding(self) -> u8 {
        match self {
            Infix::Operator(operator) => binding(operator.kind),
            Infix::Range => RANGE,
        }
    }
}

/// How tightly an operator between operands binds; loosest is 1.
pub(super) fn binding(kind: OperatorKind) -> u8 {
    use OperatorKind as Kind;
    match kind {
        Kind::Or | Kind::PipePipe => 1,
        Kind::And | Kind::AmpAmp => 2,
        Kind::Else => 5,
        Kind::Add | Kind::Subtract => 7,
        Kind::Multiply | Kind::Divide | Kind::Remainder => 8,
        _ => COMPARISON,
    }
}

/// How tightly a prefix binds.
pub(super) fn prefix_binding(kind: OperatorKind) -> u8 {
    if kind == OperatorKind::Negate { SIGN } else { NOT }
}

type Tokens = std::iter::Peekable<std::vec::IntoIter<Token>>;

impl Builder<'_> {
    /// A whole expression, whose depth is limited.
    pub(super) fn top_expr(&mut self, pair: Matched<'_>) -> Expr {
        let expr = self.expr(pair);
        self.limited(expr)
    }

    /// The expression, unless it is too deep for what walks over it.
    pub(super) fn limited(&mut self, expr: Expr) -> Expr {
        if !is_too_deep(&expr) {
            return expr;
        }
        self.too_deep(expr.span);
        self.error_expr(expr.span)
    }

    pub(super) fn too_deep(&mut self, span: Span) {
        let span = Span { end: span.end.min(span.start + 1), ..span };
        let diagnostic = Diagnostic::new(codes::NESTED_TOO_DEEP, span, "this expression is nested too deep")
            .help("give parts of it a name with `const`, or in steps of their own with `set`");
        self.report(diagnostic);
    }

    /// The rule `operators`.
    pub(super) fn operators(&mut self, pair: Matched<'_>) -> Expr {
        let span = self.span_of(&pair);
        let mut tokens = Vec::new();
        let mut infixes = 0;
        let mut prefixes = 0;
        for inner in pair.into_inner() {
            let token = match inner.as_rule() {
                Rule::term => Token::Term(self.term(inner)),
                Rule::op_not | Rule::op_bang | Rule::op_negate => Token::Prefix(self.prefix(&inner)),
                _ => Token::Infix(self.infix(&inner)),
            };
            match token {
                Token::Prefix(_) => prefixes += 1,
                Token::Infix(_) => infixes += 1,
                Token::Term(_) => prefixes = 0,
            }
            tokens.push(token);
            if infixes > MAX_OPERATORS || prefixes > MAX_PREFIXES {
                self.too_deep(span);
                return self.error_expr(span);
            }
        }
        self.climb(&mut tokens.into_iter().peekable(), 1, span)
    }

    /// Precedence climbing: the longest expression whose operators bind at least as tightly as `least`.
    fn climb(&mut self, tokens: &mut Tokens, least: u8, whole: Span) -> Expr {
        let mut left = match tokens.next() {
            Some(Token::Prefix(operator)) => {
                let operand = self.climb(tokens, prefix_binding(operator.kind), whole);
                let span = operator.span.to(operand.span);
                Expr { kind: ExprKind::Unary(operator, Box::new(operand)), span }
            }
            Some(Token::Term(expr)) => expr,
            Some(Token::Infix(_)) | None => return self.error_expr(whole),
        };
        let mut compared: Option<Operator> = None;
        while let Some(Token::Infix(infix)) = tokens.peek() {
            let infix = *infix;
            let binding = infix.binding();
            if binding < least {
                break;
            }
            tokens.next();
            let right = self.climb(tokens, binding + 1, whole);
            let span = left.span.to(right.span);
            left = match infix {
                Infix::Range => Expr { kind: ExprKind::Range(Box::new(left), Box::new(right)), span },
                Infix::Operator(operator) => {
                    if binding == COMPARISON {
                        if let Some(first) = compared {
                            self.chained(first, operator);
                        }
                        compared = Some(operator);
                    }
                    Expr { kind: ExprKind::Binary(operator, Box::new(left), Box::new(right)), span }
                }
            };
        }
        left
    }

    fn chained(&mut self, first: Operator, second: Operator) {
        let diagnostic = Diagnostic::new(codes::CHAINED_COMPARISON, second.span, "comparisons do not chain")
            .label("this compares the outcome of the first comparison")
            .also(first.span, "the first comparison")
            .help("join two comparisons: `1 < x and x < 5`; or write a range: `x in 1..5`");
        self.report(diagnostic);
    }

    pub(super) fn prefix(&mut self, pair: &Matched<'_>) -> Operator {
        let kind = match pair.as_rule() {
            Rule::op_not => OperatorKind::Not,
            Rule::op_bang => OperatorKind::Bang,
            _ => OperatorKind::Negate,
        };
        let operator = Operator { kind, span: self.span_of(pair) };
        if kind == OperatorKind::Bang {
            self.misspelled(operator.span, "!", "not");
        }
        operator
    }

    fn infix(&mut self, pair: &Matched<'_>) -> Infix {
        use OperatorKind as Kind;
        let span = self.span_of(pair);
        let kind = match pair.as_rule() {
            Rule::op_range => return Infix::Range,
            Rule::op_equal | Rule::op_same => Kind::Equal,
            Rule::op_not_equal | Rule::op_unlike | Rule::op_diamond => Kind::NotEqual,
            Rule::op_less_equal | Rule::op_at_most => Kind::LessEqual,
            Rule::op_greater_equal | Rule::op_at_least => Kind::GreaterEqual,
            Rule::op_less => Kind::Less,
            Rule::op_greater => Kind::Greater,
            Rule::op_assign => Kind::Assign,
            Rule::op_else => Kind::Else,
            Rule::op_pipes => Kind::PipePipe,
            Rule::op_amps => Kind::AmpAmp,
            Rule::op_add => Kind::Add,
            Rule::op_subtract => Kind::Subtract,
            Rule::op_multiply => Kind::Multiply,
            Rule::op_divide => Kind::Divide,
            Rule::op_remainder => Kind::Remainder,
            Rule::op_or => Kind::Or,
            Rule::op_and => Kind::And,
            Rule::op_in => Kind::In,
            Rule::op_matches => Kind::Matches,
            Rule::op_contains => Kind::Contains,
            _ => Kind::Is,
        };
        let meant = match pair.as_rule() {
            Rule::op_same | Rule::op_assign => Some("=="),
            Rule::op_unlike | Rule::op_diamond => Some("!="),
            Rule::op_at_least => Some(">="),
            Rule::op_at_most => Some("<="),
            Rule::op_pipes => Some("or"),
            Rule::op_amps => Some("and"),
            _ => None,
        };
        if let Some(meant) = meant {
            self.misspelled(span, pair.as_str(), meant);
        }
        Infix::Operator(Operator { kind, span })
    }
}

/// Whether the expression is too deep for what walks over it.
#[inline]
pub(super) fn is_too_deep(expr: &Expr) -> bool {
    let is_flat = match &expr.kind {
        text @ ExprKind::Text { .. } => !text.interpolates(),
        kind => matches!(kind, ExprKind::Name(_) | ExprKind::Number { .. } | ExprKind::Path(_)),
    };
    !is_flat && depth(expr) > MAX_DEPTH
}

/// The depth of an expression's tree.
fn depth(expr: &Expr) -> usize {
    let of = |exprs: &mut dyn Iterator<Item = &Expr>| exprs.map(depth).max().unwrap_or(0);
    1 + match &expr.kind {
        ExprKind::Field(inner, _) | ExprKind::Unary(_, inner) => depth(inner),
        ExprKind::Index(left, right)
        | ExprKind::Binary(_, left, right)
        | ExprKind::Range(left, right)
        | ExprKind::Phrase(_, left, right) => depth(left).max(depth(right)),
        ExprKind::Call(callee, args) => depth(callee).max(of(&mut args.iter().map(|Arg { value, .. }| value))),
        ExprKind::List(members) => of(&mut members.iter()),
        ExprKind::Record(pairs) => of(&mut pairs.iter().map(|(_, value)| value)),
        ExprKind::Text { parts, .. } => of(&mut parts.iter().filter_map(|part| match part {
            TextPart::Value(value) => Some(value),
            TextPart::Literal(..) => None,
        })),
        _ => 0,
    }
}
