//! Runs handlers.

use esr_engine::clock::BoxFuture;
use scn_plan::{
    Call, Shape, SlotId, Value,
    blueprint::{HandlerStep, HandlerStepKind},
    eval, eval_bool,
};

use super::{
    answer::{Halt, Reply},
    call::Called,
    frame::Frame,
    verbs::{Arguments, Verb},
};

/// Whether a handler goes on.
#[derive(Debug)]
pub(crate) enum Flow {
    /// With the next step.
    Next,
    /// It does not: `reply` ended it.
    Reply(Box<Reply>),
}

/// Runs `steps` in order until one ends the handler.
pub(crate) fn run<'a>(steps: &'a [HandlerStep], frame: &'a mut Frame<'_>) -> BoxFuture<'a, Result<Flow, Halt>> {
    Box::pin(async move {
        for step in steps {
            if let Flow::Reply(reply) = run_step(step, frame).await? {
                return Ok(Flow::Reply(reply));
            }
        }
        Ok(Flow::Next)
    })
}

async fn run_step(step: &HandlerStep, frame: &mut Frame<'_>) -> Result<Flow, Halt> {
    frame.begin(step.ordinal);
    if let Some(guard) = &step.guard
        && !eval_bool(guard, frame)?
    {
        return Ok(Flow::Next);
    }
    match &step.kind {
        HandlerStepKind::Call { call, result, status_read, body } => {
            let wanted = Wanted { result: *result, status_read: *status_read, body: body.as_ref() };
            run_call(step, call, wanted, frame).await
        }
        HandlerStepKind::If { arms, otherwise } => {
            for (condition, body) in arms {
                if eval_bool(condition, frame)? {
                    return run(body, frame).await;
                }
            }
            run(otherwise, frame).await
        }
        HandlerStepKind::Set { slot, to } => {
            let value = eval(to, frame)?;
            frame.set(*slot, value);
            Ok(Flow::Next)
        }
        HandlerStepKind::For { slot, items, body } => {
            let items = match eval(items, frame)? {
                Value::List(items) => items,
                Value::None => return Ok(Flow::Next),
                other => {
                    let why = format!("`for` needs a list, not {}", other.kind());
                    return Err(Halt::Impossible { why, span: step.span });
                }
            };
            for item in items.iter() {
                frame.set(*slot, item.clone());
                if let Flow::Reply(reply) = run(body, frame).await? {
                    return Ok(Flow::Reply(reply));
                }
            }
            Ok(Flow::Next)
        }
        HandlerStepKind::Retry { times, backoff, body } => retry(*times, *backoff, body, frame).await,
    }
}

/// What is to become of what a call yields.
struct Wanted<'a> {
    /// The variable that receives it.
    result: Option<SlotId>,
    /// Whether the handler looks at its status.
    status_read: bool,
    /// What its body is, where its status is below 400.
    body: Option<&'a Shape>,
}

async fn run_call(step: &HandlerStep, call: &Call, wanted: Wanted<'_>, frame: &mut Frame<'_>) -> Result<Flow, Halt> {
    let arguments = Arguments::of(call, frame)?;
    let verb = Verb::named(&call.name).ok_or_else(|| arguments.impossible("is no step that handlers have"))?;
    let value = match verb {
        Verb::Reply => return Ok(Flow::Reply(Box::new(arguments.reply()?))),
        Verb::Find if frame.exchange.is_queue(&arguments.name("store")?) => {
            let called = frame.exchange.call(Verb::Find, &arguments, &frame.step(), step.span).await?;
            ticket(called, frame)?
        }
        Verb::Enqueue => {
            let called = frame.exchange.call(verb, &arguments, &frame.step(), step.span).await?;
            ticket(called, frame)?
        }
        Verb::Find | Verb::Store | Verb::Update | Verb::Remove => arguments.on_store(verb, frame)?,
        Verb::Think => {
            let clock = &frame.exchange.mimic.clock;
            clock.sleep_until(clock.now().plus(arguments.nanos("time")?)).await;
            Value::None
        }
        Verb::Call(_) | Verb::Send => {
            let called = frame.exchange.call(verb, &arguments, &frame.step(), step.span).await?;
            if let Some(failure) = called.failure {
                frame.call_failed = true;
                if !wanted.status_read {
                    return Err(failure);
                }
                called.response
            } else {
                typed(called.response, wanted.body)
            }
        }
    };
    if let Some(slot) = wanted.result {
        frame.set(slot, value);
    }
    Ok(Flow::Next)
}

/// What a queue knows of an item; none where it has none of the key. Any other failure ends the handler.
fn ticket(called: Called, frame: &mut Frame<'_>) -> Result<Value, Halt> {
    let Value::Record(fields) = called.response else { return Ok(Value::None) };
    match called.failure {
        Some(_) if fields.get("status") == Some(&Value::Int(404)) => Ok(Value::None),
        Some(failure) => {
            frame.call_failed = true;
            Err(failure)
        }
        None => Ok(frame.exchange.ticket(fields.get("body").cloned().unwrap_or_default())),
    }
}

/// A response whose body has values of the kinds that its callee replies with. What came from elsewhere, such as through a
/// probe, stays as it is.
fn typed(response: Value, body: Option<&Shape>) -> Value {
    let (Some(shape), Value::Record(fields)) = (body, &response) else { return response };
    let Ok(checked) = shape.check(fields.get("body").cloned().unwrap_or_default()) else { return response };
    let mut fields = (**fields).clone();
    fields.insert("body".into(), checked);
    Value::record(fields)
}

/// Runs `body` until no call in it fails, `times` times at most. A call whose status the handler reads lets the attempt
/// go on to its end; another ends the attempt at once, and the last attempt's failure ends the handler.
async fn retry(times: u32, backoff: i64, body: &[HandlerStep], frame: &mut Frame<'_>) -> Result<Flow, Halt> {
    let failed_before = frame.call_failed;
    let mut attempt = 1;
    loop {
        frame.call_failed = false;
        let outcome = run(body, frame).await;
        let again = match &outcome {
            Ok(Flow::Reply(_)) | Err(Halt::Impossible { .. }) => false,
            Ok(Flow::Next) => frame.call_failed,
            Err(Halt::CallFailed { .. }) => true,
        };
        if !again || attempt >= times {
            frame.call_failed |= failed_before;
            return outcome;
        }
        attempt += 1;
        let clock = &frame.exchange.mimic.clock;
        clock.sleep_until(clock.now().plus(u64::try_from(backoff).unwrap_or(0))).await;
    }
}
