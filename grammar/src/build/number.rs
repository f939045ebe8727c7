//! Numbers and the units that are glued to them.

use scn_diagnostics::{Applicability, Diagnostic, codes};
use smol_str::SmolStr;

use super::{Builder, Matched};
use crate::{
    ast::{Expr, ExprKind, Unit},
    nearest::nearest,
};

/// Units of time by their factor in nanoseconds.
const DURATIONS: &[(&str, i64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Units of size by their factor in bytes; `KB` is 1000 bytes, `KiB` 1024.
const SIZES: &[(&str, u64)] = &[
    ("B", 1),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// What stands for the sign of an amount of money, behind it.
const DOLLARS: [&str; 3] = ["USD", "dollar", "dollars"];

/// What people write for a unit in other formats.
const ALIASES: &[(&str, &str)] = &[
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("msec", "ms"),
    ("millis", "ms"),
    ("kb", "KB"),
    ("k", "KB"),
    ("K", "KB"),
    ("mb", "MB"),
    ("M", "MB"),
    ("gb", "GB"),
    ("G", "GB"),
];

/// Whether an amount of money is written, its digits, and its unit.
fn pieces(written: &str) -> (bool, &str, &str) {
    let (dollar, rest) = match written.strip_prefix('$') {
        Some(rest) => (true, rest),
        None => (false, written),
    };
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'_');
    let length = rest.bytes().position(|byte| !is_digit(byte)).unwrap_or(rest.len());
    let (digits, suffix) = rest.split_at_checked(length).unwrap_or((rest, ""));
    (dollar, digits, suffix)
}

/// The number that is written, unless its unit is unknown.
pub(super) fn kind(written: &str) -> Option<ExprKind> {
    let (dollar, digits, suffix) = pieces(written);
    let has = |mark: u8| digits.as_bytes().contains(&mark);
    let text = if has(b'_') { SmolStr::from(digits.replace('_', "")) } else { SmolStr::from(digits) };
    let unit = match suffix {
        "" if dollar => Unit::Dollar,
        "" if has(b'.') => Unit::Decimal,
        "" => Unit::Int,
        _ if dollar => return None,
        "%" => Unit::Percent,
        "/s" => Unit::Rate(1),
        "/m" => Unit::Rate(60),
        "/h" => Unit::Rate(3600),
        _ => duration(suffix).or_else(|| size(suffix))?,
    };
    Some(ExprKind::Number { text, unit })
}

/// Whether `word` is a unit as people write them apart from their number.
pub(super) fn is_unit(word: &str) -> bool {
    let is_alias = ALIASES.iter().any(|(alias, _)| *alias == word);
    is_alias || DOLLARS.contains(&word) || duration(word).is_some() || size(word).is_some()
}

impl Builder<'_> {
    pub(super) fn number(&mut self, pair: &Matched<'_>) -> ExprKind {
        let written = pair.as_str();
        kind(written).unwrap_or_else(|| {
            let (dollar, _, suffix) = pieces(written);
            self.unknown_unit(pair, suffix, dollar);
            ExprKind::Error
        })
    }

    /// A number and the unit that stands apart from it, as in `15 minutes`; that is reported.
    pub(super) fn with_unit(&mut self, number: &Expr, unit: &Expr) -> Option<Expr> {
        // `p95 < 2 seconds`
        if let ExprKind::Binary(operator, left, right) = &number.kind {
            let right = self.with_unit(right, unit)?;
            let span = number.span.to(unit.span);
            return Some(Expr { kind: ExprKind::Binary(*operator, left.clone(), Box::new(right)), span });
        }
        let ExprKind::Number { text, unit: Unit::Int | Unit::Decimal } = &number.kind else { return None };
        let ExprKind::Name(word) = &unit.kind else { return None };
        let alias = ALIASES.iter().find(|(alias, _)| alias == word).map(|(_, unit)| *unit);
        let spelling = alias.unwrap_or(word);
        let span = number.span.to(unit.span);
        if DOLLARS.contains(&word.as_str()) {
            let written = format!("${text}");
            self.report(
                Diagnostic::new(codes::UNKNOWN_UNIT, span, "an amount of money begins with `$`")
                    .label(format!("write `{written}`"))
                    .fix(format!("write `{written}`"), span, written, Applicability::Automatic),
            );
            return Some(Expr { kind: ExprKind::Number { text: text.clone(), unit: Unit::Dollar }, span });
        }
        let found = duration(spelling).or_else(|| size(spelling))?;
        let written = format!("{text}{spelling}");
        let diagnostic = Diagnostic::new(codes::UNKNOWN_UNIT, span, "a number and its unit are written as one")
            .label(format!("write `{written}`"))
            .fix(format!("write `{written}`"), span, written, Applicability::Automatic);
        self.report(diagnostic);
        Some(Expr { kind: ExprKind::Number { text: text.clone(), unit: found }, span })
    }

    fn unknown_unit(&mut self, pair: &Matched<'_>, suffix: &str, dollar: bool) {
        let end = pair.as_span().end();
        let span = self.span(end.saturating_sub(suffix.len())..end);
        if dollar {
            let diagnostic =
                Diagnostic::new(codes::UNKNOWN_UNIT, span, format!("an amount of money has no unit `{suffix}`"))
                    .help("write `$130` or `$12.50`");
            self.report(diagnostic);
            return;
        }
        let units = || DURATIONS.iter().map(|(unit, _)| *unit).chain(SIZES.iter().map(|(unit, _)| *unit));
        let alias = ALIASES.iter().find(|(alias, _)| *alias == suffix).map(|(_, unit)| *unit);
        let mut diagnostic = Diagnostic::new(codes::UNKNOWN_UNIT, span, format!("there is no unit `{suffix}`"));
        match alias.or_else(|| nearest(suffix, units())) {
            Some(unit) => {
                diagnostic = diagnostic.label(format!("did you mean `{unit}`?")).fix(
                    format!("replace `{suffix}` by `{unit}`"),
                    span,
                    unit,
                    if alias.is_some() { Applicability::Automatic } else { Applicability::Suggested },
                );
            }
            None => diagnostic = diagnostic.label("no unit is spelled so"),
        }
        let durations: Vec<_> = DURATIONS.iter().map(|(unit, _)| *unit).collect();
        let sizes: Vec<_> = SIZES.iter().map(|(unit, _)| *unit).collect();
        self.report(diagnostic.help(format!(
            "units of time are {}; of size {}; others are `99%`, `$130` and `20/s`",
            durations.join(" "),
            sizes.join(" ")
        )));
    }
}

fn duration(unit: &str) -> Option<Unit> {
    DURATIONS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| Unit::Duration(*factor))
}

fn size(unit: &str) -> Option<Unit> {
    SIZES.iter().find(|(name, _)| *name == unit).map(|(_, factor)| Unit::Size(*factor))
}
