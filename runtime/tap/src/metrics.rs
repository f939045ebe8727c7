//! Response times as histograms that can be merged: the lines of `metrics.jsonl`.
//!
//! A line holds what was measured in one second (counted from the start of the run, by when the step began) of one
//! step, template, set of probes in force, status and error, apart for the warm-up. Several lines may have the same key: they are to be added up. `count` is
//! the number of executions; `histogram` has the response times, in nanoseconds, of those that sent a request, as an
//! HDR histogram of three significant digits in its V2 encoding, deflated, in base64 (the format that HdrHistogram's
//! ports share; RFC 4648 §4 alphabet with padding).

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hdrhistogram::{
    Histogram,
    serialization::{Deserializer, Serializer, V2DeflateSerializer},
};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{StepSample, Timestamp, record::is_false};

/// Significant decimal digits of the histograms.
pub const SIGNIFICANT_DIGITS: u8 = 3;

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// What a line of `metrics.jsonl` is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MetricKey {
    /// Whole seconds from the start of the run to the step's beginning.
    pub second: u64,
    /// The step's name.
    pub step: SmolStr,
    /// The step's node in the plan.
    pub node: u32,
    /// The persona's template.
    pub template: SmolStr,
    /// The probes in force when the step began, sorted by name.
    pub probes: Vec<SmolStr>,
    /// The final status, if a response came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why the step failed, in a word or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether the step began during the warm-up, and is not counted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub warm_up: bool,
}

/// A line of `metrics.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricLine {
    /// What it is about.
    #[serde(flatten)]
    pub key: MetricKey,
    /// Executions.
    pub count: u64,
    /// The encoded histogram; absent if no execution sent a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<String>,
}

impl MetricLine {
    /// Encodes response times in nanoseconds.
    pub fn encode(key: MetricKey, count: u64, response_times: &[u64]) -> Result<Self, String> {
        let histogram = match response_times.iter().max() {
            Some(largest) => Some(encode(response_times, *largest)?),
            None => None,
        };
        Ok(Self { key, count, histogram })
    }

    /// The response times in nanoseconds; none if no execution sent a request.
    pub fn decode(&self) -> Result<Option<Histogram<u64>>, String> {
        let Some(text) = &self.histogram else {
            return Ok(None);
        };
        let bytes = STANDARD.decode(text).map_err(|error| format!("bad base64: {error}"))?;
        let histogram = Deserializer::new().deserialize(&mut bytes.as_slice());
        histogram.map(Some).map_err(|error| format!("bad histogram: {error:?}"))
    }
}

fn encode(response_times: &[u64], largest: u64) -> Result<String, String> {
    let mut histogram =
        Histogram::<u64>::new_with_bounds(1, largest.max(2), SIGNIFICANT_DIGITS).map_err(|error| error.to_string())?;
    for time in response_times {
        histogram.record(*time).map_err(|error| error.to_string())?;
    }
    let mut bytes = Vec::new();
    V2DeflateSerializer::new().serialize(&histogram, &mut bytes).map_err(|error| format!("{error:?}"))?;
    Ok(STANDARD.encode(bytes))
}

/// Samples that are not written yet.
#[derive(Debug, Default)]
pub(crate) struct PendingMetrics {
    cells: BTreeMap<MetricKey, (u64, Vec<u64>)>,
}

impl PendingMetrics {
    pub(crate) fn add(&mut self, run_start: Timestamp, sample: &StepSample) {
        let key = MetricKey {
            second: sample.start.since(run_start) / SECOND,
            step: sample.step.clone(),
            node: sample.node,
            template: sample.template.clone(),
            probes: sample.probes.clone(),
            status: sample.status,
            error: sample.error.clone(),
            warm_up: sample.warm_up,
        };
        let (count, times) = self.cells.entry(key).or_default();
        *count += 1;
        times.extend(sample.response_time);
    }

    /// Everything that is pending, as lines in the order of their keys.
    pub(crate) fn take(&mut self) -> Vec<Result<MetricLine, String>> {
        let cells = std::mem::take(&mut self.cells);
        cells.into_iter().map(|(key, (count, times))| MetricLine::encode(key, count, &times)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_count_and_times() {
        let mut pending = PendingMetrics::default();
        for time in [Some(100_000_000), Some(300_000_000), None] {
            pending.add(
                Timestamp(1_000),
                &StepSample {
                    step: "pay".into(),
                    node: 3,
                    template: "Citizen".into(),
                    probes: Vec::new(),
                    start: Timestamp(2_500_000_000),
                    response_time: time,
                    status: Some(200),
                    error: None,
                    blocks: Vec::new(),
                    warm_up: false,
                },
            );
        }
        let lines = pending.take();
        let [Ok(line)] = lines.as_slice() else { panic!("one line, not {lines:?}") };
        assert_eq!((line.key.second, line.count), (2, 3));
        let text = serde_json::to_string(line).unwrap();
        let again: MetricLine = serde_json::from_str(&text).unwrap();
        let histogram = again.decode().unwrap().unwrap();
        assert_eq!(histogram.len(), 2);
        assert!(histogram.equivalent(histogram.value_at_quantile(1.0), 300_000_000));
        assert!(pending.take().is_empty());
    }
}
