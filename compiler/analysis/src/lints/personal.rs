//! `real-looking-pii`: what may belong to a real person has no place in a file that many read.

use std::sync::LazyLock;

use regex::Regex;
use scn_diagnostics::{Diagnostic, Span, codes};

use super::texts::Spelt;

/// Digits that may be a card's number, in groups or not.
static CARD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b\d(?:[ -]?\d){12,18}\b").ok());

/// The shape of a social security number of the United States.
static SSN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b(\d{3})-(\d{2})-(\d{4})\b").ok());

/// A mail address and the character behind it.
static MAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"([A-Za-z0-9._%+-]+)@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})").ok());

/// Test numbers that payment providers publish, beside those that begin with 400000.
const TEST_CARDS: [&str; 26] = [
    "2223003122003222",
    "30569309025904",
    "3056930009020004",
    "3530111333300000",
    "3566002020360505",
    "36227206271667",
    "371449635398431",
    "378282246310005",
    "378734493671000",
    "38520000023237",
    "4012888888881881",
    "4111111111111111",
    "4222222222222",
    "4242424242424242",
    "5105105105105100",
    "5200828282828210",
    "5424000000000015",
    "5431111111111111",
    "5454545454545454",
    "5555555555554444",
    "6011000990139424",
    "6011111111111117",
    "6011981111111113",
    "6200000000000005",
    "6200000000000047",
    "6555900000604105",
];

/// Numbers that were printed in advertisements and belong to nobody.
const VOID_SSN: [&str; 2] = ["078-05-1120", "219-09-9999"];

/// A social security number is the shortest of these numbers.
const SHORTEST_NUMBER: usize = 11;

/// Looks at characters that are spelt out; what is escaped is no part of any of these.
pub(super) fn check(spelt: &Spelt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Spelt { written: text, span } = *spelt;
    let has_at = text.as_bytes().contains(&b'@');
    let digits = if text.len() < SHORTEST_NUMBER { 0 } else { text.bytes().filter(u8::is_ascii_digit).count() };
    if digits < 9 && !has_at {
        return;
    }
    let place = |from: usize, to: usize| Span {
        start: span.start + u32::try_from(from).unwrap_or(0),
        end: span.start + u32::try_from(to).unwrap_or(0),
        ..span
    };
    let mut report = |span: Span, what: &str, help: &str| {
        diagnostics.push(
            Diagnostic::new(codes::REAL_LOOKING_PII, span, format!("this looks like {what} of a real person"))
                .help(help)
                .note("scenarios are shared and their runs are kept, so nobody's own data belongs in them"),
        );
    };
    if digits >= 13 {
        for found in CARD.iter().flat_map(|card| card.find_iter(text)) {
            let number: String = found.as_str().chars().filter(char::is_ascii_digit).collect();
            if is_card(&number) && !is_test_card(&number) {
                let help = "write a published test number, such as 4242424242424242, or take one from `persona.wallet`";
                report(place(found.start(), found.end()), "the card number", help);
            }
        }
    }
    if digits >= 9 && text.contains('-') {
        for found in SSN.iter().flat_map(|ssn| ssn.captures_iter(text)) {
            let (Some(whole), Some(area), Some(group), Some(serial)) =
                (found.get(0), found.get(1), found.get(2), found.get(3))
            else {
                continue;
            };
            // A longer number in groups is none.
            let beside = |at: Option<u8>| at.is_some_and(|byte| byte == b'-' || byte.is_ascii_digit());
            let before = whole.start().checked_sub(1).and_then(|at| text.as_bytes().get(at).copied());
            let after = text.as_bytes().get(whole.end()).copied();
            let issued = !matches!(area.as_str(), "000" | "666")
                && !area.as_str().starts_with('9')
                && group.as_str() != "00"
                && serial.as_str() != "0000";
            if issued && !beside(before) && !beside(after) && !VOID_SSN.contains(&whole.as_str()) {
                let help = "write one that is never issued, which begins with 000, or generate it: `pattern(\"000-[0-9]{2}-[0-9]{4}\")`";
                report(place(whole.start(), whole.end()), "the social security number", help);
            }
        }
    }
    if has_at {
        for found in MAIL.iter().flat_map(|mail| mail.captures_iter(text)) {
            let (Some(whole), Some(domain)) = (found.get(0), found.get(2)) else { continue };
            // The user of a URL, with a password or not, and of a repository's address is none.
            let before = whole.start().checked_sub(1).and_then(|at| text.as_bytes().get(at));
            let after = text.as_bytes().get(whole.end());
            let is_address = !matches!(before, Some(b':' | b'/')) && !matches!(after, Some(b':' | b'/'));
            if is_address && !is_reserved(domain.as_str()) {
                let help = "write one that nobody can have, such as `ada@example.org`, or generate it: `email()`";
                report(place(whole.start(), whole.end()), "the mail address", help);
            }
        }
    }
}

/// Whether this may be the number of a card: by its first digits and its length, as networks give them out, and by its check
/// digit (ISO/IEC 7812-1, the formula of Luhn).
fn is_card(number: &str) -> bool {
    let first = |digits: usize| number.get(..digits).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0);
    let length = number.len();
    let network = match (first(1), first(2), first(3), first(4)) {
        (4, ..) => matches!(length, 13 | 16 | 19),
        (_, 51..=55, ..) | (_, _, _, 2221..=2720) => length == 16,
        (_, 34 | 37, ..) => length == 15,
        (_, 36 | 38, ..) | (_, _, 300..=305, _) => length == 14,
        (_, _, _, 3528..=3589) => matches!(length, 16..=19),
        (_, 62 | 65, ..) | (_, _, 644..=649, _) | (_, _, _, 6011) => matches!(length, 16..=19),
        _ => false,
    };
    network && has_check_digit(number)
}

fn has_check_digit(number: &str) -> bool {
    let digits = number.bytes().rev().map(|byte| u32::from(byte.wrapping_sub(b'0')));
    let sum: u32 = digits
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn is_test_card(number: &str) -> bool {
    number.starts_with("400000") || TEST_CARDS.contains(&number)
}

/// Whether nobody can have an address there: RFC 2606, RFC 6761 and RFC 9476.
fn is_reserved(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let mut labels = domain.rsplit('.');
    let (top, second) = (labels.next().unwrap_or(""), labels.next().unwrap_or(""));
    matches!(top, "test" | "example" | "invalid" | "localhost" | "local" | "alt" | "internal")
        || (second == "example" && matches!(top, "com" | "net" | "org"))
}
