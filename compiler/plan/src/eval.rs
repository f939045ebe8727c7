//! The evaluator of compiled expressions.

mod access;
mod arithmetic;
mod compare;
#[cfg(test)]
mod tests;

use std::fmt;

pub(crate) use arithmetic::rounded;
pub(crate) use compare::is_in;

use crate::{
    BinaryOp, Call, Expr, ExprKind, Labels, Member, Record, Root, SlotId, Span, Text, TextPart, UnaryOp, Value,
};

/// What surrounds an expression. Each method's default answers that there is no such thing here.
pub trait Env {
    /// The value of a variable; none before it is set.
    fn slot(&self, _slot: SlotId) -> Value {
        Value::None
    }

    /// A field of the journey's persona.
    fn persona_field(&self, _field: u32) -> Value {
        Value::None
    }

    /// Whether the journey's persona is of this template or of one that extends it.
    fn persona_is(&self, _template: &str) -> bool {
        false
    }

    /// Something that surrounds the expression, whole.
    fn root(&self, _root: Root) -> Value {
        Value::None
    }

    /// A member of the current page or the last response, an environment variable or a secret.
    fn member(&self, _member: Member, _argument: Option<&Value>) -> Value {
        Value::None
    }

    /// Synthetic data, by a generator of the prelude and its evaluated arguments.
    fn generate(&self, call: &Call, _args: &Record) -> Result<Value, EvalError> {
        Err(EvalError {
            message: format!("`{}` makes synthetic data, which is not available here", call.name),
            span: call.span,
        })
    }
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError {
    /// A sentence that stands alone.
    pub message: String,
    /// The part of the expression that has no value.
    pub span: Span,
}

impl EvalError {
    pub(crate) fn new(message: impl Into<String>, span: Span) -> Self {
        Self { message: message.into(), span }
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for EvalError {}

/// The value of `expr` in `env`.
pub fn eval(expr: &Expr, env: &dyn Env) -> Result<Value, EvalError> {
    match &expr.kind {
        ExprKind::Value(value) => Ok(value.clone()),
        ExprKind::Slot(slot) => Ok(env.slot(*slot)),
        ExprKind::PersonaField(field) => Ok(env.persona_field(*field)),
        ExprKind::Root(root) => Ok(env.root(*root)),
        ExprKind::Member(member, argument) => {
            let argument = argument.as_ref().map(|argument| eval(argument, env)).transpose()?;
            match env.member(*member, argument.as_ref()) {
                Value::None if is_variable(expr) => {
                    let name = argument.as_ref().and_then(Value::as_str).unwrap_or_default();
                    Err(EvalError::new(format!("the environment has no variable `{name}`"), expr.span))
                }
                value => Ok(value),
            }
        }
        ExprKind::Field(of, name) => access::field(eval(of, env)?, name).map_err(at(expr)),
        ExprKind::Index(of, index) => access::index(eval(of, env)?, &eval(index, env)?).map_err(at(expr)),
        ExprKind::Call(call) => env.generate(call, &eval_args(call, env)?),
        ExprKind::Unary(UnaryOp::Not, operand) => Ok(Value::Bool(!eval_bool(operand, env)?)),
        ExprKind::Unary(UnaryOp::Negate, operand) => arithmetic::negate(eval(operand, env)?).map_err(at(expr)),
        ExprKind::Binary(op, left, right) => binary(*op, left, right, expr, env),
        ExprKind::IsNone(operand, is_none) => Ok(Value::Bool((eval_maybe(operand, env)? == Value::None) == *is_none)),
        ExprKind::Length(list) => access::length(&eval(list, env)?).map_err(at(expr)),
        ExprKind::PersonaIs(template) => Ok(Value::Bool(env.persona_is(template))),
        ExprKind::Text(parts) => interpolate(parts, env),
        ExprKind::List(items) => Ok(Value::list(items.iter().map(|item| eval(item, env)).collect::<Result<_, _>>()?)),
        ExprKind::Record(fields) => {
            let fields = fields.iter().map(|(name, value)| Ok((name.clone(), eval(value, env)?)));
            Ok(Value::record(fields.collect::<Result<Record, EvalError>>()?))
        }
        ExprKind::Range(low, high) => Ok(Value::Range((eval(low, env)?, eval(high, env)?).into())),
    }
}

/// Whether it reads the environment, whose variables must be set where nothing asks whether they are.
fn is_variable(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Member(Member::EnvVar | Member::Secret, _))
}

/// The value of `expr` where none is taken care of.
fn eval_maybe(expr: &Expr, env: &dyn Env) -> Result<Value, EvalError> {
    match &expr.kind {
        ExprKind::Member(member, Some(argument)) if is_variable(expr) => {
            Ok(env.member(*member, Some(&eval(argument, env)?)))
        }
        _ => eval(expr, env),
    }
}

/// Whether the condition `expr` holds in `env`.
pub fn eval_bool(expr: &Expr, env: &dyn Env) -> Result<bool, EvalError> {
    match eval(expr, env)? {
        Value::Bool(holds) => Ok(holds),
        other => {
            Err(EvalError::new(format!("a condition must be true or false, but this is {}", other.kind()), expr.span))
        }
    }
}

/// The arguments of `call`, evaluated in `env`.
pub fn eval_args(call: &Call, env: &dyn Env) -> Result<Record, EvalError> {
    call.args.iter().map(|(name, arg)| Ok((name.clone(), eval(arg, env)?))).collect()
}

fn at(expr: &Expr) -> impl Fn(String) -> EvalError {
    let span = expr.span;
    move |message| EvalError { message, span }
}

fn binary(op: BinaryOp, left: &Expr, right: &Expr, whole: &Expr, env: &dyn Env) -> Result<Value, EvalError> {
    // These three look at their right operand only if the left one does not decide.
    match op {
        BinaryOp::Or => return Ok(Value::Bool(eval_bool(left, env)? || eval_bool(right, env)?)),
        BinaryOp::And => return Ok(Value::Bool(eval_bool(left, env)? && eval_bool(right, env)?)),
        BinaryOp::Else => {
            return match eval_maybe(left, env)? {
                Value::None => eval(right, env),
                some => Ok(some),
            };
        }
        _ => {}
    }
    apply(op, &eval(left, env)?, &eval(right, env)?).map_err(at(whole))
}

/// What `left op right` is for two values; the error is a sentence that stands alone.
///
/// `or`, `and` and `??` are applied to values that are there already; only [`eval`] can leave an operand out.
pub fn apply(op: BinaryOp, left: &Value, right: &Value) -> Result<Value, String> {
    use std::cmp::Ordering;
    let ordered = |holds: fn(Ordering) -> bool| Ok(Value::Bool(compare::order(op, left, right)?.is_some_and(holds)));
    match op {
        BinaryOp::Or | BinaryOp::And => match (op, left, right) {
            (BinaryOp::Or, Value::Bool(a), Value::Bool(b)) => Ok(Value::Bool(*a || *b)),
            (_, Value::Bool(a), Value::Bool(b)) => Ok(Value::Bool(*a && *b)),
            _ => Err(mismatch(op, left, right)),
        },
        BinaryOp::Else => Ok(if *left == Value::None { right.clone() } else { left.clone() }),
        BinaryOp::Equal => Ok(Value::Bool(compare::equal(left, right))),
        BinaryOp::NotEqual => Ok(Value::Bool(!compare::equal(left, right))),
        BinaryOp::Less => ordered(Ordering::is_lt),
        BinaryOp::LessEqual => ordered(Ordering::is_le),
        BinaryOp::Greater => ordered(Ordering::is_gt),
        BinaryOp::GreaterEqual => ordered(Ordering::is_ge),
        BinaryOp::In => compare::contains(op, right, left).map(Value::Bool),
        BinaryOp::Contains => compare::contains(op, left, right).map(Value::Bool),
        BinaryOp::Matches => compare::matches(left, right).map(Value::Bool),
        BinaryOp::Add => arithmetic::add(left, right),
        BinaryOp::Subtract => arithmetic::subtract(left, right),
        BinaryOp::Multiply => arithmetic::multiply(left, right),
        BinaryOp::Divide => arithmetic::divide(left, right),
        BinaryOp::Remainder => arithmetic::remainder(left, right),
    }
}

fn mismatch(op: BinaryOp, left: &Value, right: &Value) -> String {
    format!("`{op}` does not apply to {} and {}", left.kind(), right.kind())
}

fn interpolate(parts: &[TextPart], env: &dyn Env) -> Result<Value, EvalError> {
    let mut value = String::new();
    let mut labels = Labels::NONE;
    for part in parts {
        match part {
            TextPart::Literal(literal) => value.push_str(literal),
            TextPart::Value(expr) => {
                let text = eval(expr, env)?.to_text();
                arithmetic::room(value.len(), text.value.len()).map_err(at(expr))?;
                value.push_str(&text.value);
                labels = labels.union(text.labels);
            }
        }
    }
    Ok(Value::Text(Text { value: value.into(), labels }))
}
