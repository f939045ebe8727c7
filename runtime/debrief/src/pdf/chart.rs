//! Axes, and the chart of response times, in positions from 0 to 1 that the template only has to draw.

use serde::Serialize;

use crate::findings::{Findings, LatencyInterval, Measure, Window};
use crate::format::{clean, count, counted, duration};

const SECOND: u64 = 1_000_000_000;
/// As many points as can be told apart on a page's width.
const MOST_POINTS: u64 = 240;
/// Windows that are drawn, and those whose names find room.
const MOST_WINDOWS: usize = 60;
const MOST_LABELS: usize = 4;

/// A mark on an axis.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

#[derive(Serialize)]
pub(super) struct TimeChart {
    alt: String,
    x_title: String,
    y_title: String,
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Tick>,
    windows: Vec<Shade>,
    limits: Vec<Tick>,
    series: Vec<Series>,
    failures: Vec<(f64, f64)>,
}

#[derive(Serialize)]
struct Shade {
    from: f64,
    to: f64,
    row: usize,
    label: String,
    /// Whether it is the warm-up; else a probe's window.
    warm_up: bool,
}

#[derive(Serialize)]
struct Series {
    name: String,
    style: &'static str,
    /// Lines, broken where nothing was measured for long.
    runs: Vec<Vec<(f64, f64)>>,
}

/// The distance between ticks, so that at most `most` of them fit between 0 and `end`.
fn tick_step(end: u64, most: u64) -> u64 {
    const MINUTE: u64 = 60 * SECOND;
    let decades = (3..=10).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
    let sexagesimal = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE];
    let hours =
        [1, 2, 3, 6, 12, 24, 48, 96, 240, 480, 960, 2400, 24_000, 240_000, 2_400_000].map(|hours| hours * 60 * MINUTE);
    decades
        .filter(|step| *step < MINUTE)
        .chain(sexagesimal)
        .chain(hours)
        .find(|step| end / step < most)
        .unwrap_or(u64::MAX)
}

/// Ticks from 0 to `end` nanoseconds, all in one unit.
pub(super) fn ticks(end: u64, most: u64) -> Vec<Tick> {
    let step = tick_step(end, most);
    let (unit, name) = match step {
        _ if end < SECOND => (SECOND / 1000, "ms"),
        0..60_000_000_000 => (SECOND, "s"),
        60_000_000_000..3_600_000_000_000 => (60 * SECOND, "min"),
        _ => (3600 * SECOND, "h"),
    };
    let decimals = [1, 10, 100].iter().position(|scale| step.saturating_mul(*scale) % unit == 0).unwrap_or(3);
    (0..=end / step)
        .map(|index| {
            let value = (index * step) as f64 / unit as f64;
            let label = if index == 0 { "0".into() } else { format!("{value:.decimals$} {name}") };
            Tick { at: (index * step) as f64 / end.max(1) as f64, label }
        })
        .collect()
}

/// The axis' end: `largest`, or the next tick above it.
fn rounded_end(largest: u64, most: u64) -> u64 {
    let step = tick_step(largest, most);
    largest.div_ceil(step).max(1).saturating_mul(step)
}

/// What one point of the chart stands for: an interval, or the slowest of several.
struct Bucket {
    first: u64,
    p50: Option<u64>,
    p95: Option<u64>,
    max: Option<u64>,
    failed: bool,
}

/// Buckets of `width` nanoseconds.
fn buckets(latency: &[LatencyInterval], width: u64) -> Vec<Bucket> {
    let mut out: Vec<Bucket> = Vec::new();
    for interval in latency {
        let first = interval.start_ns / width * width;
        let figures = &interval.figures;
        match out.last_mut() {
            Some(last) if last.first == first => {
                last.p50 = last.p50.max(figures.p50_ns);
                last.p95 = last.p95.max(figures.p95_ns);
                last.max = last.max.max(figures.max_ns);
                last.failed |= figures.failures > 0;
            }
            _ => out.push(Bucket {
                first,
                p50: figures.p50_ns,
                p95: figures.p95_ns,
                max: figures.max_ns,
                failed: figures.failures > 0,
            }),
        }
    }
    out
}

/// The chart of a run, if it has anything to show.
pub(super) fn time_chart(findings: &Findings) -> Option<TimeChart> {
    let ends = findings.latency.iter().map(|interval| interval.start_ns.saturating_add(interval.width_ns));
    let x_end = ends.max()?.max(1);
    let slowest = findings.latency.iter().filter_map(|interval| interval.figures.max_ns).max()?;
    let interval = findings.latency.iter().map(|interval| interval.width_ns).max()?.max(1);
    let merged = x_end.div_ceil(interval).div_ceil(MOST_POINTS).max(1);
    let width = interval.saturating_mul(merged);
    let buckets = buckets(&findings.latency, width);
    let x = |nanoseconds: u64| (nanoseconds as f64 / x_end as f64).min(1.0);

    let limits: Vec<(u64, &str)> = findings
        .goals
        .iter()
        .filter_map(|goal| match goal.threshold {
            Some(Measure::Nanoseconds(threshold))
                if goal.text.starts_with("p95 ") && threshold <= slowest.saturating_mul(2) =>
            {
                Some((threshold, goal.text.as_str()))
            }
            _ => None,
        })
        .take(2)
        .collect();
    // The probes' names stand above the lines.
    let windows = shades(findings, x_end);
    let labels = windows.iter().filter(|window| !window.label.is_empty()).count() as u64;
    let headroom = slowest.saturating_add(slowest / 100 * 8 * labels);
    let y_end = rounded_end(limits.iter().map(|limit| limit.0).max().unwrap_or(0).max(headroom), 6);
    let y = |nanoseconds: u64| nanoseconds as f64 / y_end as f64;

    // A line is broken where nothing came for a fifth of the run.
    let gap = x_end / 5;
    let middle = |bucket: &Bucket| x(bucket.first.saturating_add(width / 2));
    let series = |name: &str, style, value: fn(&Bucket) -> Option<u64>| {
        let mut runs: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut previous = None;
        for bucket in &buckets {
            let Some(value) = value(bucket) else { continue };
            let point = (middle(bucket), y(value));
            match runs.last_mut() {
                Some(run) if previous.is_some_and(|end: u64| bucket.first.saturating_sub(end) <= gap) => {
                    run.push(point)
                }
                _ => runs.push(vec![point]),
            }
            previous = Some(bucket.first.saturating_add(width));
        }
        Series { name: name.into(), style, runs }
    };

    let thinned =
        if merged == 1 { String::new() } else { format!("; of each {} the slowest is drawn", duration(width)) };
    let failed: u64 = findings.latency.iter().map(|interval| interval.figures.failures).sum();
    Some(TimeChart {
        alt: format!(
            "Response times over {}, at most {}; {} failed; probes: {}.",
            duration(x_end),
            duration(slowest),
            counted(failed, "step"),
            count(findings.probes.len() as u64),
        ),
        x_title: "time since the run began".into(),
        y_title: format!("response time, by when the response came{thinned}"),
        x_ticks: ticks(x_end, 9),
        y_ticks: ticks(y_end, 7),
        windows,
        limits: limits
            .iter()
            .map(|(at, text)| Tick { at: y(*at), label: format!("goal {}", clean(text, 40)) })
            .collect(),
        failures: buckets
            .iter()
            .filter(|bucket| bucket.failed)
            .map(|bucket| (middle(bucket), y(bucket.max.unwrap_or(0))))
            .collect(),
        series: vec![
            series("median", "p50", |bucket| bucket.p50),
            series("95th percentile", "p95", |bucket| bucket.p95),
            series("slowest", "max", |bucket| bucket.max),
        ],
    })
}

fn shades(findings: &Findings, x_end: u64) -> Vec<Shade> {
    let x = |nanoseconds: u64| (nanoseconds as f64 / x_end as f64).min(1.0);
    let mut labels = 0;
    let mut out = Vec::new();
    if let Some(Window { start_ns, end_ns }) = findings.load.as_ref().and_then(|load| load.warm_up)
        && start_ns < x_end
    {
        let (from, to) = (x(start_ns), x(end_ns.unwrap_or(x_end)));
        out.push(Shade { from, to: to.max(from), row: 0, label: "warm-up, not counted".into(), warm_up: true });
        labels = 1;
    }
    for probe in &findings.probes {
        let mut label = clean(&format!("{}: {}", probe.name, probe.description), 60);
        for Window { start_ns, end_ns } in &probe.windows {
            if *start_ns >= x_end || out.len() == MOST_WINDOWS {
                break;
            }
            if labels >= MOST_LABELS {
                label.clear();
            }
            labels += usize::from(!label.is_empty());
            out.push(Shade {
                from: x(*start_ns),
                to: x(end_ns.unwrap_or(x_end)).max(x(*start_ns)),
                row: labels.saturating_sub(1),
                label: std::mem::take(&mut label),
                warm_up: false,
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(end: u64, most: u64) -> Vec<String> {
        ticks(end, most).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round_and_share_a_unit() {
        assert_eq!(labels(8 * SECOND, 5), ["0", "2 s", "4 s", "6 s", "8 s"]);
        assert_eq!(labels(400_000_000, 5), ["0", "100 ms", "200 ms", "300 ms", "400 ms"]);
        assert_eq!(labels(900 * SECOND, 9), ["0", "2 min", "4 min", "6 min", "8 min", "10 min", "12 min", "14 min"]);
        assert_eq!(labels(1_200_000_000, 7), ["0", "0.2 s", "0.4 s", "0.6 s", "0.8 s", "1.0 s", "1.2 s"]);
    }

    #[test]
    fn no_axis_is_too_short_or_too_long() {
        for end in [1, 999, 1_000_000, SECOND, 86_400 * SECOND, u64::MAX / 2] {
            let ticks = ticks(rounded_end(end, 6), 8);
            assert!((1..=9).contains(&ticks.len()), "{end}: {ticks:?}");
            assert!(ticks.iter().all(|tick| (0.0..=1.0).contains(&tick.at)), "{end}: {ticks:?}");
        }
    }
}
