//! Metrics of a set of step executions, put together from the store's histograms.

use esr_tap::{MetricKey, RunStore, SIGNIFICANT_DIGITS, StepSample};
use hdrhistogram::Histogram;

use crate::findings::Figures;

/// The executions of steps that were asked for.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Executions.
    pub count: u64,
    /// Of these, failed.
    pub failures: u64,
    times: Option<Histogram<u64>>,
}

/// The executions whose key satisfies `wanted`, without the warm-up. Histograms that cannot be read count for nothing.
pub fn select(store: &RunStore, wanted: impl Fn(&MetricKey) -> bool) -> Selection {
    let mut selection = Selection::default();
    for line in store.metrics().iter().filter(|line| !line.key.warm_up && wanted(&line.key)) {
        selection.add(line);
    }
    selection
}

impl Selection {
    /// Adds a line of the metrics.
    pub fn add(&mut self, line: &esr_tap::MetricLine) {
        self.count += line.count;
        self.failures += if line.key.error.is_some() { line.count } else { 0 };
        let Ok(Some(times)) = line.decode() else { return };
        if let Some(sum) = self.times() {
            // It resizes itself, so it takes every value.
            let _ = sum.add(&times);
        }
    }

    /// Adds an execution.
    pub fn record(&mut self, sample: &StepSample) {
        self.count += 1;
        self.failures += u64::from(sample.error.is_some());
        if let Some(time) = sample.response_time
            && let Some(sum) = self.times()
        {
            let _ = sum.record(time);
        }
    }

    /// The histogram of response times, made when it is needed first.
    fn times(&mut self) -> Option<&mut Histogram<u64>> {
        if self.times.is_none() {
            self.times = Histogram::new(SIGNIFICANT_DIGITS).ok().map(|mut histogram| {
                histogram.auto(true);
                histogram
            });
        }
        self.times.as_mut()
    }

    /// Executions that sent a request.
    pub fn answered(&self) -> u64 {
        self.times.as_ref().map_or(0, Histogram::len)
    }

    /// The percentile (0..=100) of response times in nanoseconds.
    pub fn percentile(&self, percent: f64) -> Option<u64> {
        let times = self.times.as_ref().filter(|times| !times.is_empty())?;
        Some(times.median_equivalent(times.value_at_quantile(percent / 100.0)))
    }

    /// Whether the histogram cannot tell the percentile from `limit`.
    pub fn is_at(&self, percent: f64, limit: u64) -> bool {
        let Some(times) = self.times.as_ref().filter(|times| !times.is_empty()) else { return false };
        times.equivalent(times.value_at_quantile(percent / 100.0), limit)
    }

    /// The figures that reports show.
    pub fn figures(&self) -> Figures {
        Figures {
            count: self.count,
            failures: self.failures,
            p50_ns: self.percentile(50.0),
            p95_ns: self.percentile(95.0),
            max_ns: self.percentile(100.0),
        }
    }
}
