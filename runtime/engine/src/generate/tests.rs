//! Draws of every generator, by property rather than by value.

use jiff::civil::date;
use regex::Regex;
use scn_plan::{Call, FileSpec, Labels, Record, Span, Value, nanos::MILLI};

use super::{GENERATORS, generate};
use crate::Key;

fn draw(name: &str, args: &[(&str, Value)], persona: u32) -> Result<Value, String> {
    let call = Call { name: name.into(), args: Default::default(), span: Span::default() };
    let args: Record = args.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    let key = Key { seed: 1, persona, iteration: 0, node: 0, attempt: 0, implicit: false };
    generate(&call, &args, &mut key.rng(name)).map_err(|error| error.message)
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
    let labelled: Vec<_> = GENERATORS.iter().filter(|generator| generator.labels == Labels::PII).collect();
    assert_eq!(labelled.len(), 6);
}

#[test]
fn an_unknown_generator_is_refused() {
    assert_eq!(draw("astrology", &[], 0), Err("there is no generator `astrology`".to_owned()));
}
