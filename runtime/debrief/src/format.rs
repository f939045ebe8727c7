//! How reports spell figures and texts, the same in each of them.

use crate::findings::{Cause, CauseKind, LoadFindings, Place, SignOffFindings, Success, TraceLines};

/// A share of one as a percentage, cut off (never rounded up) after one decimal: 0.9996 of a goal of 1 is not `100 %`.
pub(crate) fn percent(share: f64) -> String {
    let tenths = (share * 1000.0 + 1e-9).floor();
    if !tenths.is_finite() {
        return "–".into();
    }
    if tenths % 10.0 == 0.0 { format!("{} %", tenths / 10.0) } else { format!("{:.1} %", tenths / 10.0) }
}

/// A duration in the unit that suits it, to two or three figures.
pub fn duration(nanoseconds: u64) -> String {
    const MILLISECOND: u64 = 1_000_000;
    const SECOND: u64 = 1_000 * MILLISECOND;
    // Leaves room to round.
    let nanoseconds = nanoseconds.min(u64::MAX / 2);
    let whole = |unit: u64| (nanoseconds + unit / 2) / unit;
    let tenths = |unit: u64| {
        let tenths = (nanoseconds + unit / 20) / (unit / 10);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    match nanoseconds {
        0 => "0 ms".into(),
        1..50_000 => "< 0.1 ms".into(),
        50_000..9_950_000 => format!("{} ms", tenths(MILLISECOND)),
        9_950_000..999_500_000 => format!("{} ms", whole(MILLISECOND)),
        999_500_000..59_950_000_000 => format!("{} s", tenths(SECOND)),
        _ => {
            let seconds = whole(SECOND);
            let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            match (hours, minutes, seconds) {
                (0, _, 0) => format!("{minutes} min"),
                (0, _, _) => format!("{minutes} min {seconds} s"),
                (_, 0, _) => format!("{hours} h"),
                (_, _, _) => format!("{hours} h {minutes} min"),
            }
        }
    }
}

/// A duration, or a dash where there is none.
pub(crate) fn duration_or_dash(nanoseconds: Option<u64>) -> String {
    nanoseconds.map_or_else(|| "–".into(), duration)
}

/// A rate a second, to three figures.
pub(crate) fn rate(per_second: f64) -> String {
    let decimals = if per_second < 10.0 { 2 } else { usize::from(per_second < 100.0) };
    format!("{per_second:.decimals$}/s")
}

/// A count with its thousands set apart.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count and its noun: `1 step`, `3 steps`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// `once`, `3 times`.
pub(crate) fn times(number: u64) -> String {
    match number {
        1 => "once".into(),
        _ => format!("{} times", count(number)),
    }
}

/// `trace lines 912-920`.
pub(crate) fn trace_lines(lines: TraceLines) -> String {
    if lines.first == lines.last {
        format!("trace line {}", lines.first)
    } else {
        format!("trace lines {}-{}", lines.first, lines.last)
    }
}

/// `file:line`.
pub(crate) fn place(place: &Place) -> String {
    format!("{}:{}", place.file, place.line)
}

/// A text from outside, made harmless for a page: one line, no control characters, none that turn the direction of
/// writing around, and no more than `most` characters.
pub(crate) fn clean(text: &str, most: usize) -> String {
    let mut out = String::new();
    for (length, character) in text.trim().chars().enumerate() {
        if length == most {
            out.push('…');
            break;
        }
        out.push(match character {
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
            other if other.is_control() => '\u{fffd}',
            other => other,
        });
    }
    out
}

/// How a run went in time, in a line.
pub(crate) fn load(load: &LoadFindings, success: &Success) -> String {
    let mut words = vec![load.schedule.join(", ")];
    words.extend(load.think.as_ref().map(|think| format!("think: {think}")));
    words.extend(load.pacing.as_ref().map(|pacing| format!("pacing: {pacing}")));
    let mut counts = vec![counted(load.journeys, "journey")];
    if load.iterations > 1 {
        counts.push(format!("at most {} by one persona", count(load.iterations)));
    }
    if load.not_counted > 0 {
        counts.push(format!("{} of the warm-up not counted", count(load.not_counted)));
    }
    if success.interrupted > 0 {
        counts.push(format!("{} interrupted", count(success.interrupted)));
    }
    if load.dropped > 0 {
        counts.push(format!("{} dropped", counted(load.dropped, "arrival")));
    }
    if load.late > 0 {
        counts.push(format!("{} late", count(load.late)));
    }
    format!("{}; {}", words.join(", "), counts.join(", "))
}

/// Who has to approve a run, and what they said, in a line.
pub(crate) fn signoff(signoff: &SignOffFindings) -> String {
    match signoff.decisions.last() {
        Some(last) => {
            let board = signoff.required_by.as_ref().filter(|board| **board != last.by);
            let board = board.map(|board| format!(" for {board}")).unwrap_or_default();
            format!("{} by {}{board}, {}: {}", signoff.state, last.by, last.at, last.reason)
        }
        None => format!("awaited from {}", signoff.required_by.as_deref().unwrap_or("anybody")),
    }
}

/// How the verdict reads for the person who decides, by exit code as `esr help exit-codes` lists them: its tone (`good`,
/// `bad`, `hold`, `void`), a mark and a word.
pub(crate) fn decision(exit_code: Option<u8>) -> (&'static str, &'static str, &'static str) {
    match exit_code {
        Some(0) => ("good", "✓", "GO"),
        Some(99 | 108) => ("bad", "✗", "NO-GO"),
        Some(106) => ("hold", "■", "HOLD"),
        _ => ("void", "–", "NO VERDICT"),
    }
}

/// What a cause says, in a sentence.
pub(crate) fn cause(cause: &Cause) -> String {
    let part = clean(&cause.part, 60);
    match cause.kind {
        CauseKind::Rule => format!("{part} refuses what people send, by the draft {}.", clean(&cause.setting, 60)),
        CauseKind::FailingPart => {
            format!("{part} fails by itself: neither a call of its own nor a timeout explains it.")
        }
        CauseKind::Workers => {
            format!("{part} has too few workers: requests wait for one longer than it works on them.")
        }
        CauseKind::SlowService => format!("{part} is slow: it takes at least five times as long as the median part."),
        CauseKind::Timeout => format!("{part} gives up a call too early."),
    }
}

/// The first letter as a capital.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_never_flatter() {
        assert_eq!(percent(0.94), "94 %");
        assert_eq!(percent(0.29), "29 %");
        assert_eq!(percent(0.9999), "99.9 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(2.0 / 3.0), "66.6 %");
    }

    #[test]
    fn durations_take_the_unit_that_suits_them() {
        for (nanoseconds, expected) in [
            (0, "0 ms"),
            (1, "< 0.1 ms"),
            (4_240_000, "4.2 ms"),
            (9_949_999, "9.9 ms"),
            (9_950_000, "10 ms"),
            (999_499_999, "999 ms"),
            (999_500_000, "1.0 s"),
            (7_212_000_000, "7.2 s"),
            (59_949_999_999, "59.9 s"),
            (59_950_000_000, "1 min"),
            (872_000_000_000, "14 min 32 s"),
            (7_500_000_000_000, "2 h 5 min"),
        ] {
            assert_eq!(duration(nanoseconds), expected);
        }
    }

    #[test]
    fn counts_have_their_thousands_set_apart() {
        assert_eq!((count(7), count(1_000), count(1_234_567)), ("7".into(), "1,000".into(), "1,234,567".into()));
    }

    #[test]
    fn texts_from_outside_are_harmless() {
        assert_eq!(clean("  a\u{202e}b\nc\u{7}  ", 10), "a\u{fffd}b c\u{fffd}");
        assert_eq!(clean("abcdef", 3), "abc…");
    }
}
