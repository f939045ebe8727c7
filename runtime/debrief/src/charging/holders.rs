//! What holds the workers of a part, as shares over time.
//!
//! A part's profile is, for each part that its workers' time is charged to, a step function of time; so a wait is
//! charged by two look-ups for each of them, whatever the length of the queue.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    rc::Rc,
};

use indexmap::IndexMap;

use super::{
    TraceTree,
    timeline::{Activity, timeline},
};

/// A step function of time with its integral.
#[derive(Debug, Default)]
struct Share {
    /// Where it changes, in nanoseconds since the epoch, ascending.
    times: Vec<u64>,
    /// Its value from there on.
    rates: Vec<f64>,
    /// Its integral up to there.
    integrals: Vec<f64>,
}

impl Share {
    fn new(mut changes: Vec<(u64, f64)>) -> Self {
        changes.sort_by_key(|(time, _)| *time);
        let mut share = Share::default();
        let (mut rate, mut integral, mut last) = (0.0, 0.0, 0);
        for (time, change) in changes {
            integral += rate * (time - last) as f64;
            rate += change;
            last = time;
            if share.times.last() == Some(&time) {
                *share.rates.last_mut().expect("as many rates as times") = rate;
            } else {
                share.times.push(time);
                share.rates.push(rate);
                share.integrals.push(integral);
            }
        }
        share
    }

    fn until(&self, time: u64) -> f64 {
        match self.times.partition_point(|change| *change <= time).checked_sub(1) {
            Some(at) => self.integrals[at] + self.rates[at] * (time - self.times[at]) as f64,
            None => 0.0,
        }
    }

    fn between(&self, start: u64, end: u64) -> f64 {
        (self.until(end) - self.until(start)).max(0.0)
    }

    /// Its pieces between two instants: start, end, value.
    fn pieces(&self, start: u64, end: u64) -> impl Iterator<Item = (u64, u64, f64)> {
        let first = self.times.partition_point(|change| *change <= start).saturating_sub(1);
        (first..self.times.len()).map_while(move |at| {
            let from = self.times[at].max(start);
            let to = self.times.get(at + 1).map_or(end, |next| (*next).min(end));
            (self.times[at] < end).then_some((from, to, self.rates[at]))
        })
    }
}

/// By part, its share of the workers' time.
type Profile<'a> = IndexMap<&'a str, Share>;

/// The profiles of all parts, made when they are first asked for.
pub(super) struct Holders<'a> {
    tree: &'a TraceTree<'a>,
    workers: HashMap<&'a str, u32>,
    profiles: RefCell<HashMap<&'a str, Rc<Profile<'a>>>>,
    /// Parts whose profile is being made: a wait that leads back to one is charged to the part itself.
    in_progress: RefCell<HashSet<&'a str>>,
}

impl<'a> Holders<'a> {
    pub(super) fn new(tree: &'a TraceTree<'a>, workers: &dyn Fn(&str) -> Option<u32>) -> Self {
        let workers = tree.parts().filter_map(|part| Some((part, workers(part).filter(|count| *count > 0)?))).collect();
        Self { tree, workers, profiles: RefCell::default(), in_progress: RefCell::default() }
    }

    /// Whom a wait in the queue of `part` is charged to; the shares add up to the wait.
    pub(super) fn shares(&self, part: &'a str, start: u64, end: u64) -> Vec<(&'a str, f64)> {
        let wait = (end - start) as f64;
        let Some(profile) = self.profile(part) else { return vec![(part, wait)] };
        let mut shares: Vec<_> = profile
            .iter()
            .map(|(part, share)| (*part, share.between(start, end)))
            .filter(|(_, time)| *time > 0.0)
            .collect();
        let known: f64 = shares.iter().map(|(_, time)| time).sum();
        if known > wait {
            for (_, time) in &mut shares {
                *time *= wait / known;
            }
        } else if known < wait {
            match shares.iter_mut().find(|(holder, _)| *holder == part) {
                Some((_, time)) => *time += wait - known,
                None => shares.push((part, wait - known)),
            }
        }
        shares
    }

    /// None for a part without a limit, and within a cycle.
    fn profile(&self, part: &'a str) -> Option<Rc<Profile<'a>>> {
        let workers = *self.workers.get(part)?;
        if let Some(profile) = self.profiles.borrow().get(part) {
            return Some(profile.clone());
        }
        if !self.in_progress.borrow_mut().insert(part) {
            return None;
        }
        let profile = Rc::new(self.make(part, 1.0 / f64::from(workers)));
        self.in_progress.borrow_mut().remove(part);
        self.profiles.borrow_mut().insert(part, profile.clone());
        Some(profile)
    }

    fn make(&self, part: &'a str, weight: f64) -> Profile<'a> {
        let mut changes: IndexMap<&'a str, Vec<(u64, f64)>> = IndexMap::new();
        let mut add = |part: &'a str, start: u64, end: u64, rate: f64| {
            if start < end && rate > 0.0 {
                changes.entry(part).or_default().extend([(start, rate), (end, -rate)]);
            }
        };
        for request in self.tree.served(part) {
            let begins = self.tree.span(*request).start_time_unix_nano.plus(self.tree.queue_wait(*request));
            for segment in timeline(self.tree, *request, begins.0, u64::MAX) {
                let (start, end) = (segment.start, segment.end);
                match segment.activity {
                    Activity::Own(part) | Activity::Delay(part) => add(part, start, end, weight),
                    Activity::Queue(at) => {
                        let Some(profile) = self.profile(at) else {
                            add(at, start, end, weight);
                            continue;
                        };
                        let wait = (end - start) as f64;
                        let known: f64 = profile.values().map(|share| share.between(start, end)).sum();
                        let scale = if known > wait { wait / known } else { 1.0 };
                        for (holder, share) in profile.iter() {
                            for (from, to, rate) in share.pieces(start, end) {
                                add(holder, from, to, rate * scale * weight);
                            }
                        }
                        add(at, start, end, (1.0 - known * scale / wait) * weight);
                    }
                }
            }
        }
        changes.into_iter().map(|(part, changes)| (part, Share::new(changes))).collect()
    }
}
