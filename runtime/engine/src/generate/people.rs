//! Data about people who do not exist.

use fake::faker::{
    company::raw::CompanyName,
    job::raw::Title as JobTitle,
    name::raw::{FirstName, LastName, Name, Title},
};
use rand::RngExt;
use scn_plan::{Record, Value};

use super::{
    Draw, argument, flag,
    locale::{Locale, locale, localized},
};

type Made = Result<Value, String>;

/// Unique numbers in addresses begin here, so that they look like those that are drawn.
const FIRST_UNIQUE: u64 = 1000;

pub(super) fn first_name(args: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(localized!(locale(args)?, draw, FirstName)))
}

pub(super) fn last_name(args: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(localized!(locale(args)?, draw, LastName)))
}

/// In the order that names have there: the family name comes first in Chinese and Japanese.
pub(super) fn full_name(args: &Record, draw: &mut Draw<'_>) -> Made {
    match locale(args)? {
        Locale::En => Ok(Value::text(both(draw))),
        locale => Ok(Value::text(localized!(locale, draw, Name))),
    }
}

fn both(draw: &mut Draw<'_>) -> String {
    let first = localized!(Locale::En, draw, FirstName);
    let last = localized!(Locale::En, draw, LastName);
    format!("{first} {last}")
}

pub(super) fn honorific(args: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(localized!(locale(args)?, draw, Title)))
}

/// `alex.sample`, in ASCII, of the argument `name` or of a name that is drawn, and what tells it from others.
fn local_part(args: &Record, draw: &mut Draw<'_>) -> Result<String, String> {
    let name = match args.get("name") {
        Some(name) if *name != Value::None => name.to_text().value.to_string(),
        _ => both(draw),
    };
    let ascii = deunicode::deunicode(&name).to_ascii_lowercase();
    let words =
        ascii.split_whitespace().map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>());
    let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    // RFC 5321 allows 64 characters before the `@`.
    let mut local: String = if words.is_empty() { "someone".to_owned() } else { words.join(".") };
    local.truncate(40);
    let number = match (flag(args, "unique"), draw.place) {
        (false, _) => draw.random_range(10..1000),
        (true, Some(place)) => place.number.saturating_add(FIRST_UNIQUE),
        (true, None) => return Err("makes unique values for personas and seed records only".to_owned()),
    };
    Ok(format!("{}{number}", local.trim_end_matches(|c: char| c == '.' || c.is_ascii_digit())))
}

/// At a domain that RFC 2606 reserves for examples.
pub(super) fn email(args: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(format!("{}@example.com", local_part(args, draw)?)))
}

pub(super) fn username(args: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(local_part(args, draw)?))
}

/// From 555-0100 to 555-0199, which the North American Numbering Plan reserves for fiction.
pub(super) fn phone(_: &Record, draw: &mut Draw<'_>) -> Made {
    let area = draw.random_range(201..=989);
    let line = draw.random_range(100..=199);
    Ok(Value::text(format!("({area}) 555-0{line}")))
}

pub(super) fn job(args: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(localized!(locale(args)?, draw, JobTitle).trim()))
}

pub(super) fn company(args: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(localized!(locale(args)?, draw, CompanyName).trim()))
}

/// The text itself, which its label marks as somebody's.
pub(super) fn pii(args: &Record, _: &mut Draw<'_>) -> Made {
    Ok(Value::Text(argument(args, "value")?.to_text()))
}
