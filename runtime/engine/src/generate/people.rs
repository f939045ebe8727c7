//! Data about people who do not exist.

use fake::{
    Fake,
    faker::{
        address::en::{BuildingNumber, CityName, StreetName, ZipCode},
        name::en::{FirstName, LastName},
    },
};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use scn_plan::{Record, Value};

type Made = Result<Value, String>;

pub(super) fn first_name(_: &Record, rng: &mut ChaCha8Rng) -> Made {
    Ok(Value::text(FirstName().fake_with_rng::<&str, _>(rng)))
}

pub(super) fn last_name(_: &Record, rng: &mut ChaCha8Rng) -> Made {
    Ok(Value::text(LastName().fake_with_rng::<&str, _>(rng)))
}

pub(super) fn full_name(_: &Record, rng: &mut ChaCha8Rng) -> Made {
    let first: &str = FirstName().fake_with_rng(rng);
    let last: &str = LastName().fake_with_rng(rng);
    Ok(Value::text(format!("{first} {last}")))
}

/// At a domain that RFC 2606 reserves for examples.
pub(super) fn email(_: &Record, rng: &mut ChaCha8Rng) -> Made {
    let first: &str = FirstName().fake_with_rng(rng);
    let last: &str = LastName().fake_with_rng(rng);
    let number = rng.random_range(10..1000);
    let local: String =
        format!("{first}.{last}{number}").chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
    Ok(Value::text(format!("{}@example.com", local.to_ascii_lowercase())))
}

/// From 555-0100 to 555-0199, which the North American Numbering Plan reserves for fiction.
pub(super) fn phone(_: &Record, rng: &mut ChaCha8Rng) -> Made {
    let area = rng.random_range(201..=989);
    let line = rng.random_range(100..=199);
    Ok(Value::text(format!("({area}) 555-0{line}")))
}

pub(super) fn street(_: &Record, rng: &mut ChaCha8Rng) -> Made {
    let number: String = BuildingNumber().fake_with_rng(rng);
    let street: String = StreetName().fake_with_rng(rng);
    Ok(Value::text(format!("{number} {street}")))
}

pub(super) fn city(_: &Record, rng: &mut ChaCha8Rng) -> Made {
    Ok(Value::text(CityName().fake_with_rng::<String, _>(rng)))
}

pub(super) fn postcode(_: &Record, rng: &mut ChaCha8Rng) -> Made {
    Ok(Value::text(ZipCode().fake_with_rng::<String, _>(rng)))
}
