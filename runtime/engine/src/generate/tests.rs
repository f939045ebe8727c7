//! Draws of every generator, by property rather than by value.

use std::cell::RefCell;

use jiff::civil::date;
use regex::Regex;
use scn_plan::{Call, FileSpec, Labels, Record, Span, Value, nanos::MILLI};

use super::{GENERATORS, Place, generate, generate_at};
use crate::Key;

fn draw(name: &str, args: &[(&str, Value)], persona: u32) -> Result<Value, String> {
    let call = Call { name: name.into(), args: Default::default(), span: Span::default() };
    let args: Record = args.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    let key = Key { seed: 1, persona, iteration: 0, node: 0, attempt: 0, implicit: false };
    let place = Place { seed: 1, of: "Citizen".into(), field: name.into(), number: u64::from(persona) };
    generate_at(&call, &args, &Nothing, &RefCell::new(key.rng(name)), &place).map_err(|error| error.message)
}

/// What surrounds these draws: nothing.
struct Nothing;

impl scn_plan::Env for Nothing {}

/// The text that `name` makes.
fn made(name: &str, args: &[(&str, Value)], persona: u32) -> String {
    match draw(name, args, persona) {
        Ok(Value::Text(text)) => text.value.to_string(),
        other => panic!("{name} makes {other:?}"),
    }
}

fn symbol(name: &str) -> Value {
    Value::Symbol(name.into())
}

fn range(low: Value, high: Value) -> Value {
    Value::Range((low, high).into())
}

#[test]
fn patterns_are_matched() {
    let long = "x{0,3}(ab|c)+[^a-z]?\\w\\s.{2}$";
    for source in ["X[0-9]{8}", "^[A-Z]\\d{8}$", "\\d{3}-\\d{2}-\\d{4}", "(?i)abc", "a*b+c?", long, "", "\\$\\.[\\]-]"]
    {
        let regex = Regex::new(&format!("^(?:{source})$")).expect("a regex");
        for persona in 0..200 {
            let made = draw("pattern", &[("regex", Value::text(source))], persona).expect(source);
            assert!(regex.is_match(&made.to_text().value), "/{source}/ does not match {made}");
        }
    }
    let from_regex = draw("pattern", &[("regex", Value::Regex("q{3}".into()))], 0);
    assert_eq!(from_regex, Ok(Value::text("qqq")));
    for wrong in ["[", "(((x{1000}){1000}){1000})", "[^ -~]"] {
        assert!(draw("pattern", &[("regex", Value::text(wrong))], 0).is_err(), "{wrong}");
    }
}

#[test]
fn ranges_are_kept_to_and_reached() {
    let cases = [
        ("int", "range", Value::Int(18), Value::Int(20)),
        ("money", "range", Value::Money(100), Value::Money(102)),
        ("date", "range", Value::Date(date(2027, 2, 27)), Value::Date(date(2027, 3, 1))),
    ];
    for (name, parameter, low, high) in cases {
        let drawn: Vec<Value> = (0..200)
            .map(|persona| draw(name, &[(parameter, range(low.clone(), high.clone()))], persona).expect(name))
            .collect();
        let mut distinct: Vec<String> = drawn.iter().map(ToString::to_string).collect();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 3, "{name}: {distinct:?}");
        assert!(drawn.contains(&low) && drawn.contains(&high), "{name}");
        assert!(draw(name, &[(parameter, range(high, low))], 0).is_err(), "{name} backwards");
        assert!(draw(name, &[(parameter, Value::Bool(true))], 0).is_err(), "{name} of a Bool");
    }
    assert_eq!(draw("int", &[("range", Value::Int(7))], 0), Ok(Value::Int(7)));
    let image = draw("image", &[("size", range(Value::Size(80_000), Value::Size(80_000)))], 0);
    assert_eq!(image, Ok(Value::File(FileSpec { name: "photo.jpg".into(), size: 80_000 })));
}

#[test]
fn shares_are_what_they_say() {
    let count = |name: &str, args: &[(&str, Value)], wanted: Value| {
        (0..2000).filter(|persona| draw(name, args, *persona) == Ok(wanted.clone())).count()
    };
    let values = Value::list(vec![Value::Money(13000), Value::Money(19000)]);
    let weights = Value::list(vec![Value::Decimal(9.0), Value::Decimal(1.0)]);
    let nine_of_ten = count("choice", &[("values", values.clone()), ("weights", weights)], Value::Money(13000));
    assert!((1740..1860).contains(&nine_of_ten), "{nine_of_ten}");
    let half = count("choice", &[("values", values)], Value::Money(13000));
    assert!((900..1100).contains(&half), "{half}");
    let tenth = count("maybe", &[("probability", Value::Percent(0.1)), ("value", Value::Int(1))], Value::Int(1));
    assert!((140..260).contains(&tenth), "{tenth}");
    assert_eq!(count("chance", &[("probability", Value::Percent(0.0))], Value::Bool(true)), 0);
    assert_eq!(count("chance", &[("probability", Value::Percent(1.0))], Value::Bool(true)), 2000);
    assert!(draw("choice", &[("values", Value::list(Vec::new()))], 0).is_err());
}

#[test]
fn durations_have_their_median() {
    let duration = |nanos| Value::Duration(nanos);
    let args = [("p50", duration(40 * MILLI)), ("p99", duration(120 * MILLI))];
    let below = (0..1000).filter(|persona| match draw("lognormal", &args, *persona) {
        Ok(Value::Duration(drawn)) => drawn < 40 * MILLI,
        other => panic!("{other:?}"),
    });
    let below = below.count();
    assert!((440..560).contains(&below), "{below}");
    assert!(matches!(draw("exponential", &[("mean", duration(MILLI))], 0), Ok(Value::Duration(1..))));
}

#[test]
fn people_are_labelled_and_harmless() {
    let people = [
        ("full_name", r"^\S+ \S+"),
        ("first_name", r"^\S+$"),
        ("last_name", r"^\S"),
        ("email", r"^[a-z.0-9]+@example\.com$"),
        ("phone", r"^\(\d{3}\) 555-01\d\d$"),
        ("street", r"^\d+ \S"),
        ("city", r"\S"),
        ("postcode", r"^[0-9-]+$"),
    ];
    for (name, looks) in people {
        let regex = Regex::new(looks).expect("a regex");
        for persona in 0..50 {
            let Ok(Value::Text(text)) = draw(name, &[], persona) else { panic!("{name} makes no text") };
            assert!(regex.is_match(&text.value), "{name}: {}", text.value);
            assert_eq!(text.labels.is_sensitive(), !matches!(name, "city" | "postcode"), "{name}");
        }
    }
    let labelled: Vec<_> = GENERATORS.iter().filter(|made| made.labels == Labels::PII).map(|made| made.name).collect();
    let expected = ["full_name", "first_name", "last_name", "email", "username", "phone", "pii", "street", "apartment"];
    assert_eq!(labelled, expected);
    let Ok(Value::Text(password)) = draw("password", &[("length", range(Value::Int(4), Value::Int(4)))], 0) else {
        panic!("a password is a text")
    };
    assert_eq!(password.redacted(), "[secret]");
}

#[test]
fn names_are_at_home_in_their_locale() {
    let locales = ["en", "ar", "cy", "de", "fa", "fr", "it", "ja", "nl", "pt_br", "pt_pt", "tr", "zh_cn", "zh_tw"];
    for locale in locales {
        let args = [("locale", symbol(locale))];
        for name in [
            "full_name",
            "first_name",
            "last_name",
            "honorific",
            "street",
            "apartment",
            "city",
            "postcode",
            "state",
            "country",
            "company",
            "job",
            "word",
        ] {
            for persona in 0..20 {
                let text = made(name, &args, persona);
                assert!(!text.trim().is_empty() && !text.contains(['{', '}']), "{name} in {locale}: {text:?}");
            }
        }
    }
    let is_latin = |locale| made("full_name", &[("locale", symbol(locale))], 1).chars().all(|c| (c as u32) < 0x250);
    assert!(is_latin("de") && !is_latin("ja") && !is_latin("ar"));
    assert_eq!(draw("city", &[("locale", symbol("tlh"))], 0), Err("`city` knows no locale tlh".to_owned()));
}

#[test]
fn unique_values_are_each_taken_once() {
    let yes = Value::Bool(true);
    let digits = [("regex", Value::text("X[0-9]{2}(a|b)")), ("unique", yes.clone())];
    let numbers = [("range", range(Value::Int(-5), Value::Int(194))), ("unique", yes.clone())];
    let name = [("name", Value::text("Zo\u{eb} Hart")), ("unique", yes.clone())];
    for (generator, args) in [
        ("pattern", digits.as_slice()),
        ("int", numbers.as_slice()),
        ("email", name.as_slice()),
        ("username", name.as_slice()),
        ("uuid", &[]),
    ] {
        let made: std::collections::HashSet<String> =
            (0..200).map(|persona| draw(generator, args, persona).expect(generator).to_text().value.into()).collect();
        assert_eq!(made.len(), 200, "{generator}");
    }
    let all: std::collections::BTreeSet<_> =
        (0..200).map(|persona| format!("{:?}", draw("int", &numbers, persona))).collect();
    assert!(all.contains("Ok(Int(-5))") && all.contains("Ok(Int(194))"));
    assert_eq!(made("email", &name, 7), "zoe.hart1007@example.com");
    assert_eq!(
        draw("pattern", &digits, 200),
        Err("`pattern` can make no more than 200 different texts, and `pattern` needs one for each of more".to_owned())
    );
    for (regex, why) in [("a|bc", "alternatives"), ("a{1,2}", "must be fixed"), ("[0-9]{99}", "more texts than")] {
        let refused = draw("pattern", &[("regex", Value::text(regex)), ("unique", yes.clone())], 0);
        assert!(refused.as_ref().is_err_and(|error| error.contains(why)), "{refused:?}");
    }
    let call = Call { name: "int".into(), args: Default::default(), span: Span::default() };
    let args: Record = numbers.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    let key = Key { seed: 1, persona: 0, iteration: 0, node: 0, attempt: 0, implicit: false };
    assert!(generate(&call, &args, &mut key.rng("x")).is_err(), "a handler makes nothing unique");
    let counted = |persona| draw("sequence", &[("from", Value::Int(10)), ("step", Value::Int(5))], persona);
    assert_eq!((counted(0), counted(3)), (Ok(Value::Int(10)), Ok(Value::Int(25))));
}

#[test]
fn dates_are_those_of_an_age() {
    let on = date(2024, 2, 29);
    for age in [0, 1, 18, 90] {
        for persona in 0..400 {
            let born = match draw("birth_date", &[("age", Value::Int(age)), ("on", Value::Date(on))], persona) {
                Ok(Value::Date(born)) => born,
                other => panic!("{other:?}"),
            };
            let years = born.until((jiff::Unit::Year, on)).expect("two dates").get_years();
            assert_eq!(i64::from(years), age, "{born}");
        }
    }
    let args = [
        ("range", range(Value::Date(date(2025, 12, 30)), Value::Date(date(2026, 1, 2)))),
        ("offset", Value::text("+14:00")),
    ];
    let regex = Regex::new(r"^202(5-12-3[01]|6-01-0[12])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\+14:00$").expect("a regex");
    assert!((0..100).all(|persona| regex.is_match(&made("datetime", &args, persona))));
    assert!(made("time_zone", &[], 0).contains('/'));
}

#[test]
fn texts_are_as_long_as_they_are_to_be() {
    for length in [0, 1, 7, 200, 5000] {
        for locale in ["en", "zh_cn"] {
            let args = [("length", Value::Int(length)), ("locale", symbol(locale))];
            let text = made("text", &args, 3);
            assert_eq!(text.chars().count() as i64, length);
            assert_eq!(text.trim(), text);
        }
    }
    let five = made("sentence", &[("words", Value::Int(5)), ("locale", symbol("en"))], 0);
    assert_eq!(five.split(' ').count(), 5);
    assert!(five.ends_with('.') && five.starts_with(char::is_uppercase), "{five}");
    let length = range(Value::Int(8), Value::Int(12));
    for persona in 0..100 {
        let password = made("password", &[("length", length.clone())], persona);
        assert!((8..=12).contains(&password.len()));
        for kind in
            [char::is_ascii_uppercase, char::is_ascii_lowercase, char::is_ascii_digit, char::is_ascii_punctuation]
        {
            assert!(password.chars().any(|c| kind(&c)), "{password}");
        }
    }
}

#[test]
fn addresses_of_machines_and_accounts_are_nobodys() {
    let any = [("network", symbol("any"))];
    for (name, args, looks) in [
        ("uuid", [].as_slice(), r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"),
        ("card_number", &any, r"^\d{15,16}$"),
        ("iban", &[], r"^[A-Z]{2}\d{2}[0-9A-Z]{11,26}$"),
        ("domain", &[], r"^[a-z]+\.example\.(com|org|net)$"),
        ("url", &[], r"^https://www\.example\.(com|org|net)/[a-z]+/[a-z]+$"),
        ("ip", &[("version", symbol("v4"))], r"^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}$"),
        ("ip", &[("version", symbol("v6"))], r"^2001:db8(:[0-9a-f]{1,4}){6}$"),
        ("user_agent", &[], r"^\S+/"),
        ("country_code", &[], r"^[A-Z]{2}$"),
        ("time_of_day", &[], r"^\d\d:\d\d:\d\d$"),
    ] {
        let regex = Regex::new(looks).expect("a regex");
        for persona in 0..50 {
            let text = made(name, args, persona);
            assert!(regex.is_match(&text), "{name}: {text}");
        }
    }
    let luhn = |number: &str| {
        let digits = number.bytes().rev().map(|byte| u32::from(byte - b'0'));
        let sum: u32 = digits
            .enumerate()
            .map(|(at, digit)| if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit })
            .sum();
        sum.is_multiple_of(10)
    };
    assert!((0..50).all(|persona| luhn(&made("card_number", &any, persona))));
    let amex = [("network", symbol("amex"))];
    assert!((0..20).all(|persona| made("card_number", &amex, persona).starts_with('3')));
}

#[test]
fn quantities_lie_in_their_ranges() {
    let share = |share| Value::Percent(share);
    for persona in 0..100 {
        let percent = draw("percent", &[("range", range(share(0.1), share(0.2)))], persona);
        assert!(matches!(percent, Ok(Value::Percent(drawn)) if (0.1..=0.2).contains(&drawn)));
        let size = draw("size", &[("range", range(Value::Size(5), Value::Size(6)))], persona);
        assert!(matches!(size, Ok(Value::Size(5 | 6))));
        let duration = draw("duration", &[("range", range(Value::Duration(5), Value::Duration(6)))], persona);
        assert!(matches!(duration, Ok(Value::Duration(5 | 6))));
    }
    let args = [("name", Value::text("x y.pdf")), ("size", Value::Size(2000))];
    assert_eq!(draw("file", &args, 0), Ok(Value::File(FileSpec { name: "x y.pdf".into(), size: 2000 })));
}

#[test]
fn an_unknown_generator_is_refused() {
    assert_eq!(draw("astrology", &[], 0), Err("there is no generator `astrology`".to_owned()));
}
