//! Texts of a pattern by number: each number below their count makes another one.
//!
//! That takes a pattern whose texts can be read in one way only. Literals, character classes and fixed repetitions of them
//! are such patterns; what varies in length or has alternatives may spell one text in two ways, and is refused.

use regex_syntax::hir::{Hir, HirKind};

use super::members;

/// How many texts the pattern has.
pub(super) fn count(hir: &Hir) -> Result<u128, &'static str> {
    const MANY: &str = "it has more texts than can be counted";
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) => Ok(1),
        HirKind::Class(class) => match members(class).len() {
            0 => Err("a class has no printable ASCII character"),
            count => Ok(count as u128),
        },
        HirKind::Capture(capture) => count(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(1_u128, |all, part| all.checked_mul(count(part)?).ok_or(MANY)),
        HirKind::Repetition(repetition) => match repetition.max {
            Some(max) if max == repetition.min => count(&repetition.sub)?.checked_pow(max).ok_or(MANY),
            _ => Err("how often something repeats must be fixed, as in `[0-9]{8}`"),
        },
        HirKind::Alternation(_) => Err("it has alternatives, which may spell one text in two ways"),
    }
}

/// Writes the text of this number, which lies below the count.
pub(super) fn write(hir: &Hir, number: u128, made: &mut Vec<u8>) {
    match hir.kind() {
        HirKind::Literal(literal) => made.extend_from_slice(&literal.0),
        HirKind::Class(class) => {
            let members = members(class);
            let at = number % (members.len().max(1) as u128);
            made.extend(members.get(at as usize));
        }
        HirKind::Capture(capture) => write(&capture.sub, number, made),
        HirKind::Concat(parts) => {
            let mut rest = number;
            // The last part takes the lowest digits, as in a number.
            let mut places = Vec::with_capacity(parts.len());
            for part in parts.iter().rev() {
                let size = count(part).unwrap_or(1);
                places.push(rest % size);
                rest /= size;
            }
            for (part, place) in parts.iter().zip(places.into_iter().rev()) {
                write(part, place, made);
            }
        }
        HirKind::Repetition(repetition) => {
            let size = count(&repetition.sub).unwrap_or(1);
            let mut rest = number;
            let mut places = Vec::new();
            for _ in 0..repetition.min {
                places.push(rest % size);
                rest /= size;
            }
            places.into_iter().rev().for_each(|place| write(&repetition.sub, place, made));
        }
        HirKind::Empty | HirKind::Look(_) | HirKind::Alternation(_) => {}
    }
}
