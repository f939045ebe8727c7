//! Words that mean nothing.

use fake::faker::lorem::raw::Word;
use rand::RngExt;
use scn_plan::{Record, Value};

use super::{
    Draw,
    locale::{Locale, locale, localized},
    numbers::{ends, whole},
};

type Made = Result<Value, String>;

/// More than any form takes.
const MOST: i64 = 100_000;

/// How many of something, from the argument `name`.
fn count(args: &Record, name: &str, draw: &mut Draw<'_>) -> Result<usize, String> {
    let (low, high) = ends(args, name, "whole numbers", whole)?;
    if low < 0 || high > MOST {
        return Err(format!("takes from 0 to {MOST} for `{name}`, not {low}..{high}"));
    }
    usize::try_from(draw.random_range(low..=high)).map_err(|_| format!("cannot count `{name}`"))
}

pub(super) fn word(args: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(localized!(locale(args)?, draw, Word)))
}

fn say(words: usize, locale: Locale, draw: &mut Draw<'_>) -> String {
    let (between, stop) = if matches!(locale, Locale::ZhCn | Locale::ZhTw) { ("", "。") } else { (" ", ".") };
    let words: Vec<String> = (0..words).map(|_| localized!(locale, draw, Word)).collect();
    let said = words.join(between);
    let mut letters = said.chars();
    match letters.next() {
        Some(first) => format!("{}{}{stop}", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

pub(super) fn sentence(args: &Record, draw: &mut Draw<'_>) -> Made {
    let words = count(args, "words", draw)?;
    Ok(Value::text(say(words, locale(args)?, draw)))
}

pub(super) fn paragraph(args: &Record, draw: &mut Draw<'_>) -> Made {
    let (sentences, locale) = (count(args, "sentences", draw)?, locale(args)?);
    let said: Vec<String> = (0..sentences)
        .map(|_| {
            let words = draw.random_range(4..=10);
            say(words, locale, draw)
        })
        .collect();
    Ok(Value::text(said.join(" ")))
}

/// Exactly as many characters as are drawn; no space at either end.
pub(super) fn text(args: &Record, draw: &mut Draw<'_>) -> Made {
    let (length, locale) = (count(args, "length", draw)?, locale(args)?);
    let mut text = String::new();
    while text.chars().count() < length {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&localized!(locale, draw, Word));
    }
    let mut text: String = text.chars().take(length).collect();
    if text.ends_with(' ') {
        text.pop();
        text.push('x');
    }
    Ok(Value::text(text))
}
