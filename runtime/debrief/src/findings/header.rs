//! Which run it is.

use esr_tap::{Event, RunStore, Timestamp};

use super::{DraftRules, Header, PersonaCount};

pub(super) fn header(store: &RunStore) -> Header {
    let (record, plan) = (store.record(), store.plan());
    let started = jiff::Timestamp::from_nanosecond(record.started.0.into()).unwrap_or_default();
    Header {
        scenario: record.scenario.to_string(),
        tags: plan.tags.iter().map(ToString::to_string).collect(),
        run: record.id.to_string(),
        sandbox: store
            .blueprint()
            .map(|blueprint| blueprint.name.to_string())
            .or_else(|| plan.sandbox.as_ref().map(ToString::to_string)),
        started_unix_ns: record.started.0,
        started: started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        duration_ns: record.ended.unwrap_or_else(|| last_event(store)).since(record.started),
        personas: plan
            .personas
            .iter()
            .map(|group| PersonaCount { count: group.count, template: group.template.name.to_string() })
            .collect(),
        commit: record.commit.clone(),
        branch: record.branch.clone(),
        rules: record.rules.as_ref().map(|rules| DraftRules {
            file: rules.file.clone(),
            digest: rules.digest.clone(),
            count: store.blueprint().map_or(0, |blueprint| blueprint.rules.len() as u64),
        }),
        seed: record.seed,
        command: record.command.clone(),
        esr_version: record.version.clone(),
        plan_digest: record.plan_digest.clone(),
    }
}

/// When the last thing happened that is on record.
pub(super) fn last_event(store: &RunStore) -> Timestamp {
    let events = store.trace().iter().map(|line| match &line.event {
        Event::Span(span) => span.end_time_unix_nano,
        Event::Probe(probe) => probe.time_unix_nano,
    });
    events.chain(store.journeys().iter().map(|journey| journey.end)).max().unwrap_or(store.record().started)
}
