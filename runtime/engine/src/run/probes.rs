//! Probes in their windows.

use std::{collections::VecDeque, sync::PoisonError};

use esr_tap::{ProbeEvent, Timestamp};
use scn_plan::plan::Probe;
use smol_str::SmolStr;

use crate::journey::Shared;

/// A change of the timetable: this many nanoseconds after the first journey's start, the probe of this number begins or
/// ends. Endings come first, so that one probe can take over from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    offset: u64,
    begins: bool,
    probe: usize,
}

/// The plan's probes. Whatever is in force when this is dropped is removed.
pub(super) struct Probes<'a> {
    probes: &'a [Probe],
    shared: &'a Shared,
    timetable: VecDeque<Change>,
    /// In words, what each probe in force does.
    in_force: Vec<Option<SmolStr>>,
    reached: Vec<bool>,
    /// Whether something may be in force, if only because an application was begun.
    open: bool,
    /// Probes that could not be applied or removed, in a sentence each.
    pub(super) errors: Vec<String>,
    /// Applications and removals that nobody has been told of.
    pub(super) news: Vec<ProbeEvent>,
}

impl<'a> Probes<'a> {
    /// None of `probes` is in force.
    pub(super) fn new(probes: &'a [Probe], shared: &'a Shared) -> Self {
        let nanoseconds = |time: i64| u64::try_from(time).unwrap_or(0);
        let changes = probes.iter().enumerate().flat_map(|(at, probe)| {
            let from = nanoseconds(probe.from.unwrap_or(0));
            let begin = Change { offset: from, begins: true, probe: at };
            let end = probe.lasts.map(|lasts| Change {
                offset: from.saturating_add(nanoseconds(lasts)),
                begins: false,
                probe: at,
            });
            std::iter::once(begin).chain(end)
        });
        let mut timetable: Vec<Change> = changes.collect();
        timetable.sort();
        Self {
            probes,
            shared,
            timetable: timetable.into(),
            in_force: vec![None; probes.len()],
            reached: vec![false; probes.len()],
            open: false,
            errors: Vec::new(),
            news: Vec::new(),
        }
    }

    /// Nanoseconds from the start to the next change.
    pub(super) fn next(&self) -> Option<u64> {
        self.timetable.front().map(|change| change.offset)
    }

    /// Makes all changes due `offset` nanoseconds after the start; false if a probe could not be applied.
    pub(super) async fn advance(&mut self, offset: u64) -> bool {
        let mut applied = true;
        while let Some(change) = self.timetable.pop_front_if(|change| change.offset <= offset) {
            if change.begins {
                applied &= self.apply(change.probe).await;
            } else {
                self.remove(change.probe).await;
            }
        }
        applied
    }

    async fn apply(&mut self, at: usize) -> bool {
        let probe = &self.probes[at];
        self.reached[at] = true;
        self.open = true;
        match self.shared.deps.faults.apply(probe).await {
            Ok(description) => {
                self.in_force[at] = Some(description.clone());
                self.tell(at, true, description);
                true
            }
            Err(error) => {
                self.errors.push(format!("the probe `{}` could not be applied: {error}", probe.name));
                false
            }
        }
    }

    async fn remove(&mut self, at: usize) {
        if self.in_force[at].is_none() {
            return;
        }
        let name = &self.probes[at].name;
        if let Err(error) = self.shared.deps.faults.remove(name).await {
            self.errors.push(format!("the probe `{name}` could not be removed: {error}"));
        }
        if let Some(description) = self.in_force[at].take() {
            self.tell(at, false, description);
        }
    }

    /// Removes whatever is in force.
    pub(super) async fn remove_all(&mut self) {
        for at in 0..self.probes.len() {
            self.remove(at).await;
        }
        self.open = false;
    }

    fn tell(&mut self, at: usize, applied: bool, description: SmolStr) {
        let probe = &self.probes[at];
        let time_unix_nano: Timestamp = self.shared.deps.clock.now();
        let (name, target) = (probe.name.clone(), probe.target.clone());
        let mut events = vec![ProbeEvent { time_unix_nano, probe: name, target, applied, description }];
        // A composed probe begins with the first of its parts, and ends with the last.
        for composed in &probe.within {
            let parts = || self.probes.iter().zip(&self.in_force).filter(|(part, _)| part.within.contains(composed));
            let others = parts().filter(|(part, in_force)| part.name != probe.name && in_force.is_some()).count();
            if others == 0 {
                let mut targets: Vec<&str> = parts().map(|(part, _)| part.target.as_str()).collect();
                targets.dedup();
                let names: Vec<&str> = parts().map(|(part, _)| part.name.as_str()).collect();
                events.push(ProbeEvent {
                    time_unix_nano,
                    probe: composed.clone(),
                    target: targets.join(", ").into(),
                    applied,
                    description: names.join(", ").into(),
                });
            }
        }
        for event in events {
            self.shared.deps.recorder.probe(event.clone());
            self.news.push(event);
        }
        let named = self.probes.iter().zip(&self.in_force).filter(|(_, in_force)| in_force.is_some());
        let mut names: Vec<SmolStr> =
            named.flat_map(|(probe, _)| probe.within.iter().chain([&probe.name]).cloned()).collect();
        names.sort();
        names.dedup();
        *self.shared.in_force.write().unwrap_or_else(PoisonError::into_inner) = names;
    }

    /// Probes whose window was never reached.
    pub(super) fn never_reached(&self) -> Vec<SmolStr> {
        let missed = self.probes.iter().zip(&self.reached).filter(|(_, reached)| !**reached);
        missed.map(|(probe, _)| probe.name.clone()).collect()
    }
}

impl Drop for Probes<'_> {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        // The run is given up: nobody waits for the removal any more, but that it was asked for is on record.
        self.shared.deps.faults.clear();
        for at in 0..self.probes.len() {
            if let Some(description) = self.in_force[at].take() {
                self.tell(at, false, description);
            }
        }
    }
}
