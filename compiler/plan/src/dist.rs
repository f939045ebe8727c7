//! Distributions of durations, as blueprints declare latencies.

use serde::{Deserialize, Serialize};

/// A distribution of durations in nanoseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dist {
    /// Always the same.
    Constant(i64),
    /// Evenly between both ends.
    Uniform {
        /// The least.
        low: i64,
        /// The most.
        high: i64,
    },
    /// Log-normal, given by its median and its 99th percentile.
    Lognormal {
        /// The median.
        p50: i64,
        /// The 99th percentile.
        p99: i64,
    },
    /// Exponential with this mean.
    Exponential {
        /// The mean.
        mean: i64,
    },
}
