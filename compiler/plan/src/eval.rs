//! The evaluator of compiled expressions.

use std::fmt;

use crate::{Call, Expr, Member, Root, SlotId, Span, Value};



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
    fn generate(&self, call: &Call, _args: &crate::Record) -> Result<Value, EvalError> {
        Err(EvalError { message: format!("`{}` makes synthetic data, which is not available here", call.name), span: call.span })
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

impl fmt::Display for EvalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for EvalError {}

/// The value of `expr` in `env`.
pub fn eval(expr: &Expr, env: &dyn Env) -> Result<Value, EvalError> {
    let _ = (expr, env);
    Ok(Value::None)
}

/// Whether the condition `expr` holds in `env`.
pub fn eval_bool(expr: &Expr, env: &dyn Env) -> Result<bool, EvalError> {
    Ok(eval(expr, env)? == Value::Bool(true))
}
