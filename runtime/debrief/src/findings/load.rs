//! How the run went in time, and who approved it.

use std::collections::HashMap;

use esr_tap::{RunStore, SignOffRecord};
use scn_plan::{
    Value,
    load::{Model, Pause, StageKind},
};

use super::{Decision, LoadFindings, SignOffFindings, Window, analysis::counted_from};

pub(super) fn load(store: &RunStore) -> Option<LoadFindings> {
    let plan = store.plan();
    let load = plan.load.as_ref()?;
    let time = |nanoseconds: i64| Value::Duration(nanoseconds).to_string();
    let (model, mut schedule): (_, Vec<String>) = match &load.model {
        Model::Closed(stages) => {
            let stage = |stage: &scn_plan::load::Stage| match stage.kind {
                StageKind::Ramp(to) => format!("ramp: {to} over {}", time(stage.lasts)),
                StageKind::Hold => format!("hold: {}", time(stage.lasts)),
                StageKind::Spike(to) => format!("spike: {to} for {}", time(stage.lasts)),
            };
            ("closed", stages.iter().map(stage).collect())
        }
        Model::Open(stages) => {
            let rate = |rate: f64| Value::Rate(rate).to_string();
            let stage = |stage: &scn_plan::load::Arrivals| {
                if stage.from == stage.to {
                    format!("arrivals: {} for {}", rate(stage.from), time(stage.lasts))
                } else {
                    format!("arrivals: {}..{} over {}", rate(stage.from), rate(stage.to), time(stage.lasts))
                }
            };
            ("open", stages.iter().map(stage).collect())
        }
    };
    if load.warm_up > 0 {
        schedule.insert(0, format!("warm-up: {}", time(load.warm_up)));
    }
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
        schedule,
        peak: Some(load.peak(plan.population())).filter(|peak| *peak > 0),
        think: plan.think.as_ref().map(pause),
        pacing: plan.pacing.as_ref().map(pause),
        warm_up,
        not_counted: store.journeys().iter().filter(|journey| journey.warm_up).count() as u64,
        journeys: store.journeys().len() as u64,
        iterations: made.values().copied().max().unwrap_or(0),
        dropped: kept.dropped,
        late: kept.late,
    })
}

fn pause(pause: &Pause) -> String {
    let time = |nanoseconds: i64| Value::Duration(nanoseconds).to_string();
    if pause.least == pause.most { time(pause.least) } else { format!("{}..{}", time(pause.least), time(pause.most)) }
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
