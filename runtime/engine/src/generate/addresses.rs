//! Addresses where nobody lives.

use fake::faker::address::raw::{
    BuildingNumber, CityName, CountryCode, CountryName, PostCode, SecondaryAddress, StateName, StreetName, ZipCode,
};
use scn_plan::{Record, Value};

use super::{
    Draw,
    locale::{Locale, locale, localized},
};

type Made = Result<Value, String>;

pub(super) fn street(args: &Record, draw: &mut Draw<'_>) -> Made {
    let locale = locale(args)?;
    let number = localized!(locale, draw, BuildingNumber);
    let street = localized!(locale, draw, StreetName);
    Ok(Value::text(match locale {
        // The number comes first in English, and after the street elsewhere.
        Locale::En | Locale::Fr | Locale::Cy => format!("{number} {street}"),
        _ => format!("{street} {number}"),
    }))
}

pub(super) fn apartment(args: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(localized!(locale(args)?, draw, SecondaryAddress)))
}

pub(super) fn city(args: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(localized!(locale(args)?, draw, CityName).trim()))
}

pub(super) fn postcode(args: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(match locale(args)? {
        Locale::En => localized!(Locale::En, draw, ZipCode),
        // Where `fake` has no codes of a locale's own, it takes those of its neighbours.
        locale @ (Locale::Ar | Locale::Cy | Locale::De) => localized!(locale, draw, ZipCode),
        locale => localized!(locale, draw, PostCode),
    }))
}

pub(super) fn state(args: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(localized!(locale(args)?, draw, StateName)))
}

pub(super) fn country(args: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(localized!(locale(args)?, draw, CountryName)))
}

pub(super) fn country_code(_: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(localized!(Locale::En, draw, CountryCode)))
}
