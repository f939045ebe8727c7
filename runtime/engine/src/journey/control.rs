//! What a step does; and the steps that send nothing.

use rand::distr::{Distribution, StandardUniform};

use super::{Failure, Halt, Journey};
use crate::{
    Key,
    bind::{Act, Action, Step},
    generate::weighted,
};

impl Journey {
    /// Does what `step` says, as the execution `at`.
    pub(super) async fn act(&mut self, at: usize, step: &Step) -> Result<(), Halt> {
        let key = self.key_of(at);
        self.in_time(self.executions[at].node)?;
        match &step.action {
            Action::Visit { path } => self.visit(at, step, path).await,
            Action::Fill { target, value } => self.fill(at, target, value).await,
            Action::Select { target, value } => self.select(at, target, value).await,
            Action::Tick { target, on } => self.tick(at, target, *on).await,
            Action::Press(press) => self.press(at, step, press).await,
            Action::Upload { file, size, field } => self.upload(at, file, size, field).await,
            Action::Pay { method, fail_if, source, amount } => {
                self.pay(at, step, method, fail_if.as_ref().map(|condition| (condition, source.as_str())), *amount)
                    .await
            }
            Action::Expect { page, status, text, title } => self.expect(at, [page, status, text, title]).await,
            Action::Screenshot { caption } => self.screenshot(at, step, caption).await,
            Action::Pause { time } => self.pause(at, &key, time).await,
            Action::WaitUntil { until, source, reload, every, max } => {
                self.wait_until(at, step, until, source, *reload, [every, max]).await
            }
            Action::Http { method, path, body, headers, query } => {
                let response = self.http(at, step, method, path, [body, headers, query]).await?;
                if let Some(slot) = step.result {
                    self.set_slot(slot, response);
                }
                Ok(())
            }
            Action::Send { to, schema, payload } => {
                let response = self.send_envelope(at, step, to, schema, payload).await?;
                if let Some(slot) = step.result {
                    self.set_slot(slot, response);
                }
                Ok(())
            }
            Action::Set { to } => {
                let value = self.value(&key, "to", to)?;
                if let Some(slot) = step.result {
                    self.set_slot(slot, value);
                }
                Ok(())
            }
            Action::Assert { condition, source, message } => {
                if self.holds(&key, "condition", condition)? {
                    return Ok(());
                }
                let message = self.optional(&key, "message", message)?;
                let reason = match message {
                    Some(message) => message.to_text().redacted().to_owned(),
                    None => format!("`{source}` does not hold"),
                };
                Err(Failure::new("assert", reason).into())
            }
            Action::Stop { reason } => Err(Halt::Left(self.text(&key, "reason", reason)?.redacted().to_owned())),
            Action::Fail { reason } => {
                Err(Failure::new("fail", self.text(&key, "reason", reason)?.redacted().to_owned()).into())
            }
        }
    }

    /// Thinks before `step`, as people do between two things that they do; a pause of the plan's own takes its place.
    pub(super) async fn think(&mut self, key: &Key, step: &Step) {
        let Some(think) = self.shared.bound.think else { return };
        match step.action.kind_of_act() {
            Act::Human if self.has_acted => {
                let time = think.at(StandardUniform.sample(&mut key.rng("think")));
                let until = self.now().plus(time);
                self.shared.deps.clock.sleep_until(until).await;
            }
            Act::Human => self.has_acted = true,
            Act::Pause => self.has_acted = false,
            Act::Other => {}
        }
    }

    /// The arm of a choice that the key draws.
    pub(super) fn draw_arm(&mut self, key: &Key, arms: &[(f64, usize)]) -> usize {
        use rand::distr::Open01;
        let weights: Vec<f64> = arms.iter().map(|(weight, _)| *weight).collect();
        // Binding made sure that an arm can be drawn.
        let drawn = weighted(&weights, Open01.sample(&mut key.rng("choice"))).unwrap_or(0);
        self.choices.insert(key.node, u32::try_from(drawn).unwrap_or(u32::MAX));
        arms[drawn].1
    }
}
