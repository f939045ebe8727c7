//! Numbers that stand for people and accounts, none of which is anybody's.

use rand::RngExt;
use scn_plan::{Record, Value};

use super::{Draw, argument, one};

type Made = Result<Value, String>;

/// Card numbers that payment providers publish for tests, by network.
pub const CARD_NUMBERS: &[(&str, &[&str])] = &[
    ("visa", &["4111111111111111", "4242424242424242", "4012888888881881", "4000056655665556"]),
    ("mastercard", &["5555555555554444", "5105105105105100", "2223003122003222"]),
    ("amex", &["378282246310005", "371449635398431"]),
    ("discover", &["6011111111111117", "6011000990139424"]),
];

/// Account numbers that banks and the registry of IBANs (ISO 13616) publish as examples.
const IBANS: &[&str] = &[
    "GB33BUKB20201555555555",
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
    "NL91ABNA0417164300",
    "ES9121000418450200051332",
    "IT60X0542811101000000123456",
    "SE4550000000058398257466",
    "CH9300762011623852957",
];

pub(super) fn card_number(args: &Record, draw: &mut Draw<'_>) -> Made {
    let network = argument(args, "network")?.as_str().unwrap_or_default();
    let networks = CARD_NUMBERS.iter().filter(|(name, _)| network == "any" || *name == network);
    let numbers: Vec<&str> = networks.flat_map(|(_, numbers)| numbers.iter().copied()).collect();
    Ok(Value::text(*one(&numbers, draw)?))
}

pub(super) fn iban(_: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(*one(IBANS, draw)?))
}

/// Version 4 of RFC 9562: 122 bits of chance.
pub(super) fn uuid(_: &Record, draw: &mut Draw<'_>) -> Made {
    let bits = draw.random::<u128>() & !(0xf << 76 | 0b11 << 62) | 0x4 << 76 | 0b10 << 62;
    let hex = format!("{bits:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    let parts = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)];
    Ok(Value::text(parts.join("-")))
}
