//! The way through the plan: from node to node, and where failures lead.

use esr_tap::{JourneyOutcome, Timestamp};
use scn_plan::Value;

use super::{Failure, Journey};
use crate::{
    Key,
    bind::{Kind, Node},
};

/// A retry under way.
pub(super) struct Attempt {
    /// How many attempts have failed.
    failed: u32,
    /// The variables as they were before the first attempt: a failed attempt drops what it captured.
    slots: Vec<Value>,
}

impl Journey {
    /// Follows the plan to an end.
    pub(super) async fn drive(&mut self) -> JourneyOutcome {
        let shared = self.shared.clone();
        let mut at = shared.bound.entry;
        let mut failing: Option<JourneyOutcome> = None;
        loop {
            let node = &shared.bound.nodes[at];
            let followed = match failing.take() {
                None => self.pass_through(at, node).await,
                Some(outcome) => self.recover(at, node, outcome).await,
            };
            at = match (followed, node.on_fail) {
                (Ok(Some(next)), _) => next,
                (Ok(None), _) => return JourneyOutcome::Completed,
                (Err(outcome @ JourneyOutcome::Failed { .. }), Some(handler)) => {
                    failing = Some(outcome);
                    handler
                }
                (Err(outcome), _) => return outcome,
            };
        }
    }

    /// Does what `node` says; yields the node that follows, or how the journey ends.
    async fn pass_through(&mut self, at: usize, node: &Node) -> Result<Option<usize>, JourneyOutcome> {
        let key = self.visit_node(at);
        match &node.kind {
            Kind::End => Ok(None),
            Kind::Join(next) => Ok(Some(*next)),
            Kind::Choice(arms) => Ok(Some(self.draw_arm(&key, arms))),
            Kind::Assign(values, next) => {
                for (slot, value) in values {
                    // Each value has draws of its own.
                    match self.value(&key, &format!("slot {}", slot.0), value) {
                        Ok(value) => self.set_slot(*slot, value),
                        Err(failure) => return Err(self.fail_node(at, key, failure)),
                    }
                }
                Ok(Some(*next))
            }
            Kind::Group(bound, next) => {
                if bound.is_some() {
                    self.entered.insert(at, self.now());
                }
                Ok(Some(*next))
            }
            Kind::Retry { next, .. } => {
                self.attempts.insert(at, Attempt { failed: 0, slots: self.slots.clone() });
                Ok(Some(*next))
            }
            Kind::Condition { condition, then, otherwise } => {
                // A loop of steps that wait for nothing still lets the run be stopped.
                tokio::task::consume_budget().await;
                if let Err(failure) = self.look_again().await {
                    return Err(self.fail_node(at, key, failure));
                }
                match self.in_time(at).and_then(|()| self.holds(&key, "condition", condition)) {
                    Ok(true) => Ok(Some(*then)),
                    Ok(false) => Ok(Some(*otherwise)),
                    Err(failure) => Err(self.fail_node(at, key, failure)),
                }
            }
            Kind::Step(step, next) => {
                self.step(at, key, step).await?;
                Ok(*next)
            }
        }
    }

    /// Where the journey goes on after a failure that leads to `node`, if it does.
    async fn recover(
        &mut self,
        at: usize,
        node: &Node,
        outcome: JourneyOutcome,
    ) -> Result<Option<usize>, JourneyOutcome> {
        match &node.kind {
            Kind::Retry { attempts, backoff, next } => {
                let Some(attempt) = self.attempts.get_mut(&at) else { return Err(outcome) };
                attempt.failed += 1;
                if attempt.failed >= *attempts {
                    self.attempts.swap_remove(&at);
                    return Err(outcome);
                }
                self.slots.clone_from(&attempt.slots);
                let until = self.now().plus(*backoff);
                self.shared.deps.clock.sleep_until(until).await;
                Ok(Some(*next))
            }
            Kind::Join(next) => Ok(Some(*next)),
            _ => Err(outcome),
        }
    }

    /// What is left of the tightest timeout of the groups around node `at`: the moment when it ends, its length in
    /// nanoseconds, and the group's node.
    pub(super) fn limit(&self, at: usize) -> Option<(Timestamp, u64, usize)> {
        let nodes = &self.shared.bound.nodes;
        let limits = nodes[at].limits.iter().filter_map(|group| {
            let Kind::Group(Some(bound), _) = &nodes[*group].kind else { return None };
            let entered = self.entered.get(group)?;
            Some((entered.plus(*bound), *bound, *group))
        });
        limits.min_by_key(|(end, ..)| *end)
    }

    /// Fails where the time of a group around node `at` is over.
    pub(super) fn in_time(&self, at: usize) -> Result<(), Failure> {
        match self.limit(at) {
            Some((end, bound, group)) if self.now() >= end => Err(self.too_long(bound, group)),
            _ => Ok(()),
        }
    }

    /// The failure of what does not end within the timeout of the group at node `group`.
    pub(super) fn too_long(&self, bound: u64, group: usize) -> Failure {
        let name = &self.shared.bound.nodes[group].name;
        let bound = Value::Duration(i64::try_from(bound).unwrap_or(i64::MAX));
        Failure::new("timeout", format!("`{name}` did not end within {bound}"))
    }

    /// Lets `nanoseconds` pass, or as many as the groups around `at` leave.
    pub(super) async fn pass(&mut self, at: usize, nanoseconds: u64) -> Result<(), Failure> {
        let until = self.now().plus(nanoseconds);
        match self.limit(at) {
            Some((end, bound, group)) if end < until => {
                self.sleep_until(end).await;
                Err(self.too_long(bound, group))
            }
            _ => {
                self.sleep_until(until).await;
                Ok(())
            }
        }
    }

    /// The key of a step under way.
    pub(super) fn key_of(&self, execution: usize) -> Key {
        self.executions[execution].key.clone()
    }
}
