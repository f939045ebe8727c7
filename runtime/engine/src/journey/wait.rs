//! Steps that let time pass.

use scn_plan::{Expr, Value};

use super::{Failure, Halt, Journey, exchange::Outgoing};
use crate::{Key, bind::Step};

impl Journey {
    /// Lets `time` pass.
    pub(super) async fn pause(&mut self, at: usize, key: &Key, time: &Expr) -> Result<(), Halt> {
        let nanoseconds = self.nanoseconds(key, "time", time)?;
        let node = self.executions[at].node;
        Ok(self.pass(node, nanoseconds).await?)
    }

    /// Submits what was entered, then looks `every` so often whether `until` holds, for at most `max`.
    pub(super) async fn wait_until(
        &mut self,
        at: usize,
        step: &Step,
        until: &Expr,
        source: &str,
        reload: bool,
        [every, max]: [&Expr; 2],
    ) -> Result<(), Halt> {
        let key = self.key_of(at);
        // A look without a pause would leave no time for anybody else.
        let every = self.nanoseconds(&key, "every", every)?.max(1_000_000);
        let max = self.nanoseconds(&key, "max", max)?;
        if let Some(form) = self.browser.pending() {
            self.submit_implicitly(at, form, None).await?;
        }
        let node = self.executions[at].node;
        let end = self.now().plus(max);
        loop {
            if self.holds(&key, "until", until)? {
                return Ok(());
            }
            let left = end.since(self.now());
            if left <= every {
                let max = Value::Duration(i64::try_from(max).unwrap_or(i64::MAX));
                return Err(Failure::new("wait", format!("`{source}` did not hold within {max}")).into());
            }
            self.pass(node, every).await?;
            if let Some(page) = self.browser.page.as_ref().filter(|_| reload) {
                let outgoing =
                    Outgoing { shown_path: Some(page.shown_path.clone()), ..Outgoing::get(page.url.clone()) };
                // The wait as a whole is bound by `max`, not by the step's timeout.
                let errand = self.errand(at, max);
                let (status, path) = self.navigate(&errand, outgoing).await?;
                self.check_status(&step.admits, status, &path)?;
            }
        }
    }

    fn nanoseconds(&self, key: &Key, purpose: &str, time: &Expr) -> Result<u64, Failure> {
        match self.value(key, purpose, time)? {
            Value::Duration(nanoseconds) => Ok(u64::try_from(nanoseconds).unwrap_or(0)),
            other => Err(Failure::new("expression", format!("a duration is needed here, not {}", other.kind()))),
        }
    }
}
