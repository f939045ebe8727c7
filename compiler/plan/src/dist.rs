//! Distributions of durations, as blueprints declare latencies.

use serde::{Deserialize, Serialize};

use crate::normal;

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

impl Dist {
    /// The duration, in nanoseconds, below which a share `u` (strictly between 0 and 1) of all durations lies. Handed a
    /// uniformly distributed `u`, it draws from the distribution (inverse transform sampling).
    pub fn sample(&self, u: f64) -> i64 {
        let u = u.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON);
        let nanos = match self {
            Dist::Constant(nanos) => return *nanos,
            Dist::Uniform { low, high } => *low as f64 + u * (*high as f64 - *low as f64),
            // ln X is normal with mean ln p50 and deviation ln(p99 ÷ p50) ÷ z, z being the normal distribution's own
            // 99th percentile: the definition of the log-normal distribution, solved for two percentiles.
            Dist::Lognormal { p50, p99 } if *p50 > 0 && *p99 > 0 => {
                let sigma = (*p99 as f64 / *p50 as f64).ln() / normal::P99;
                *p50 as f64 * (sigma * normal::quantile(u)).exp()
            }
            Dist::Lognormal { p50, .. } => *p50 as f64,
            Dist::Exponential { mean } => -(*mean as f64) * (1.0 - u).ln(),
        };
        // `as` saturates, so an absurd distribution yields the longest duration there is.
        nanos.round().max(0.0) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nanos::MILLI;

    #[test]
    fn quantiles_are_those_that_the_blueprint_states() {
        let lognormal = Dist::Lognormal { p50: 40 * MILLI, p99: 180 * MILLI };
        for (dist, u, expected) in [
            (&lognormal, 0.5, 40 * MILLI),
            (&lognormal, 0.99, 180 * MILLI),
            (&Dist::Uniform { low: MILLI, high: 3 * MILLI }, 0.25, 3 * MILLI / 2),
            (&Dist::Exponential { mean: 10 * MILLI }, 1.0 - (-1f64).exp(), 10 * MILLI),
            (&Dist::Constant(MILLI), 0.1, MILLI),
        ] {
            let drawn = dist.sample(u);
            assert!((drawn - expected).abs() <= 2, "{dist:?} at {u}: {drawn} is not {expected}");
        }
    }

    #[test]
    fn extreme_draws_stay_finite_and_positive() {
        for dist in [Dist::Lognormal { p50: 1, p99: i64::MAX }, Dist::Exponential { mean: i64::MAX }] {
            for u in [0.0, 1.0, f64::NAN] {
                assert!(dist.sample(u) >= 0);
            }
        }
    }
}
