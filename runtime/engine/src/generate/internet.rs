//! Names and addresses of machines that are reserved for examples, and what people log in with.

use fake::faker::{internet::raw::UserAgent, lorem::raw::Word};
use rand::RngExt;
use scn_plan::{Record, Value};

use super::{
    Draw, argument,
    locale::localized,
    numbers::{ends, whole},
    one,
};

type Made = Result<Value, String>;

/// Domains that RFC 2606 and RFC 6761 reserve.
const DOMAINS: &[&str] = &["example.com", "example.org", "example.net"];

/// Kinds of characters that a password has at least one of; none that is easily taken for another.
const KINDS: &[&[u8]] =
    &[b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"abcdefghijkmnopqrstuvwxyz", b"23456789", b"!#$%&*+-./:;<=>?@^_~"];

/// With a capital, a small letter, a digit and a sign, in no particular order.
pub(super) fn password(args: &Record, draw: &mut Draw<'_>) -> Made {
    let (low, high) = ends(args, "length", "whole numbers", whole)?;
    if low < 4 || high > 1000 {
        return Err(format!("is from 4 to 1000 characters long, not {low}..{high}"));
    }
    let length = usize::try_from(draw.random_range(low..=high)).unwrap_or(4);
    let mut made: Vec<u8> = Vec::with_capacity(length);
    for at in 0..length {
        let kind = match KINDS.get(at) {
            Some(kind) => kind,
            None => one(KINDS, draw)?,
        };
        made.push(*one(kind, draw)?);
    }
    for at in (1..made.len()).rev() {
        made.swap(at, draw.random_range(0..=at));
    }
    String::from_utf8(made).map(Value::text).map_err(|error| error.to_string())
}

pub(super) fn domain(_: &Record, draw: &mut Draw<'_>) -> Made {
    let word = localized!(Locale::En, draw, Word);
    Ok(Value::text(format!("{word}.{}", one(DOMAINS, draw)?)))
}

pub(super) fn url(_: &Record, draw: &mut Draw<'_>) -> Made {
    let domain = one(DOMAINS, draw)?;
    let (folder, page) = (localized!(Locale::En, draw, Word), localized!(Locale::En, draw, Word));
    Ok(Value::text(format!("https://www.{domain}/{folder}/{page}")))
}

/// From the blocks that RFC 5737 and RFC 3849 reserve for documentation.
pub(super) fn ip(args: &Record, draw: &mut Draw<'_>) -> Made {
    if argument(args, "version")?.as_str() == Some("v6") {
        let groups: Vec<String> = (0..6).map(|_| format!("{:x}", draw.random::<u16>())).collect();
        return Ok(Value::text(format!("2001:db8:{}", groups.join(":"))));
    }
    let network = one(&["192.0.2", "198.51.100", "203.0.113"], draw)?;
    Ok(Value::text(format!("{network}.{}", draw.random_range(1..=254))))
}

pub(super) fn user_agent(_: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(localized!(Locale::En, draw, UserAgent)))
}
