//! Texts that match a regular expression.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use regex_syntax::{
    ParserBuilder,
    hir::{Class, Hir, HirKind, Repetition},
};
use scn_plan::{Record, Value};

use super::{Draw, argument, flag};

mod numbered;

/// How many repetitions beyond the least an open end (`*`, `+`, `{2,}`) is good for.
const OPEN_END: u32 = 8;

/// Bounds the length of what is made, since repetitions nest.
const MAX_BYTES: usize = 4096;

pub(super) fn pattern(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    let source = match argument(args, "regex")? {
        Value::Text(text) => text.value.clone(),
        Value::Regex(source) => source.clone(),
        other => return Err(format!("needs a regular expression, not {other}")),
    };
    // Without Unicode classes `\d` is 0 to 9, as people who write it here mean it.
    let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(&source);
    let hir = hir.map_err(|error| format!("cannot read its regular expression: {error}"))?;
    let mut made = Vec::new();
    if flag(args, "unique") {
        let count = numbered::count(&hir).map_err(|why| format!("can make nothing unique of /{source}/: {why}"))?;
        numbered::write(&hir, rng.unique(count, "texts")?, &mut made);
        let text = String::from_utf8(made).map_err(|_| format!("can make no text that matches /{source}/"))?;
        return Ok(Value::text(text));
    }
    draw(&hir, rng, &mut made).map_err(|why| format!("can make nothing that matches /{source}/: {why}"))?;
    let text = String::from_utf8(made).map_err(|_| format!("can make no text that matches /{source}/"))?;
    Ok(Value::text(text))
}

fn draw(hir: &Hir, rng: &mut ChaCha8Rng, made: &mut Vec<u8>) -> Result<(), String> {
    if made.len() > MAX_BYTES {
        return Err(format!("its texts are longer than {MAX_BYTES} bytes"));
    }
    match hir.kind() {
        // The whole text is the match, so anchors hold; word boundaries are the author's business.
        HirKind::Empty | HirKind::Look(_) => Ok(()),
        HirKind::Literal(literal) => {
            made.extend_from_slice(&literal.0);
            Ok(())
        }
        HirKind::Class(class) => {
            let drawn = member(class, rng).ok_or("a class has no printable ASCII character")?;
            made.push(drawn);
            Ok(())
        }
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let max = max.unwrap_or(min.saturating_add(OPEN_END));
            for _ in 0..rng.random_range(*min..=max) {
                draw(sub, rng, made)?;
            }
            Ok(())
        }
        HirKind::Capture(capture) => draw(&capture.sub, rng, made),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| draw(part, rng, made)),
        HirKind::Alternation(arms) => match arms.get(rng.random_range(0..arms.len())) {
            Some(arm) => draw(arm, rng, made),
            None => Ok(()),
        },
    }
}

/// A printable ASCII character of the class, each as likely.
fn member(class: &Class, rng: &mut ChaCha8Rng) -> Option<u8> {
    let members = members(class);
    if members.is_empty() { None } else { members.get(rng.random_range(0..members.len())).copied() }
}

/// The printable ASCII characters of the class.
fn members(class: &Class) -> Vec<u8> {
    let holds = |byte: u8| match class {
        Class::Unicode(class) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&char::from(byte)))
        }
        Class::Bytes(class) => class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&byte)),
    };
    (b' '..=b'~').filter(|byte| holds(*byte)).collect()
}
