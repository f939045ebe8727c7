//! How the run went in time, and who approved it.

use std::collections::HashMap;

use esr_tap::{RunStore, SignOffRecord};
use scn_plan::load::Model;

use super::{Decision, LoadFindings, SignOffFindings, Window, analysis::counted_from};

pub(super) fn load(store: &RunStore) -> Option<LoadFindings> {
    let plan = store.plan();
    let load = plan.load.as_ref()?;
    let model = match load.model {
        Model::Closed(_) => "closed",
        Model::Open(_) => "open",
    };
    let started = store.record().started;
    let warm_up = counted_from(store).map(|end| {
        let end = end.since(started);
        Window { start_ns: end.saturating_sub(plan.warm_up()), end_ns: Some(end) }
    });
    let mut made: HashMap<u32, u64> = HashMap::new();
    for journey in store.journeys() {
        *made.entry(journey.persona).or_default() += 1;
    }
    let kept = store.record().load.unwrap_or_default();
    Some(LoadFindings {
        model: model.to_owned(),
        schedule: load.stages(),
        peak: Some(load.peak(plan.population())).filter(|peak| *peak > 0),
        think: plan.think.as_ref().map(ToString::to_string),
        pacing: plan.pacing.as_ref().map(ToString::to_string),
        warm_up,
        not_counted: store.journeys().iter().filter(|journey| journey.warm_up).count() as u64,
        journeys: store.journeys().len() as u64,
        iterations: made.values().copied().max().unwrap_or(0),
        dropped: kept.dropped,
        late: kept.late,
    })
}

pub(super) fn signoff(store: &RunStore) -> Option<SignOffFindings> {
    let required = store.plan().signoff.as_ref()?;
    let decisions = store.sign_offs();
    let state = match decisions.last() {
        None => "awaited",
        Some(last) if last.approved => "approved",
        Some(_) => "rejected",
    };
    Some(SignOffFindings {
        required_by: required.by.as_ref().map(ToString::to_string),
        state: state.to_owned(),
        decisions: decisions.iter().map(decision).collect(),
    })
}

fn decision(record: &SignOffRecord) -> Decision {
    let at = jiff::Timestamp::from_nanosecond(record.time_unix_nano.0.into()).unwrap_or_default();
    Decision {
        approved: record.approved,
        by: record.by.to_string(),
        reason: record.reason.clone(),
        at: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }
}
