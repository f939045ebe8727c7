//! A corpus: an expression and its value as the language writes it, or the reason why it has none.

use super::*;
use crate::{FileSpec, nanos::MILLI};

struct Fixture;

impl Env for Fixture {
    fn slot(&self, slot: SlotId) -> Value {
        match slot.0 {
            0 => Value::Text(Text { value: "Alex".into(), labels: Labels::PII }),
            1 => record([("amount", Value::Int(130)), ("paid", Value::Bool(true))]),
            2 => Value::list(vec![Value::text("a"), Value::text("b")]),
            3 => Value::Text(Text { value: "hunter2".into(), labels: Labels::SECRET }),
            _ => Value::None,
        }
    }

    fn persona_is(&self, template: &str) -> bool {
        template == "Minor"
    }

    fn member(&self, member: Member, argument: Option<&Value>) -> Value {
        match (member, argument) {
            (Member::LastStatus, None) => Value::Int(504),
            (Member::PageText, Some(css)) => Value::text(format!("text of {}", css.to_text().value)),
            _ => Value::None,
        }
    }
}

fn record<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::record(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

fn e(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::default() }
}
fn v(value: Value) -> Expr {
    e(ExprKind::Value(value))
}
fn int(number: i64) -> Expr {
    v(Value::Int(number))
}
fn dec(number: f64) -> Expr {
    v(Value::Decimal(number))
}
fn pct(percent: f64) -> Expr {
    v(Value::Percent(percent / 100.0))
}
fn usd(cents: i64) -> Expr {
    v(Value::Money(cents))
}
fn ms(millis: i64) -> Expr {
    v(Value::Duration(millis * MILLI))
}
fn kb(count: u64) -> Expr {
    v(Value::Size(count * 1000))
}
fn txt(text: &str) -> Expr {
    v(Value::text(text))
}
fn sym(name: &str) -> Expr {
    v(Value::Symbol(name.into()))
}
fn date(text: &str) -> Expr {
    v(Value::Date(text.parse().unwrap()))
}
fn yes() -> Expr {
    v(Value::Bool(true))
}
fn no() -> Expr {
    v(Value::Bool(false))
}
fn none() -> Expr {
    v(Value::None)
}
fn slot(number: u32) -> Expr {
    e(ExprKind::Slot(SlotId(number)))
}
fn field(of: Expr, name: &str) -> Expr {
    e(ExprKind::Field(of.into(), name.into()))
}
fn item(of: Expr, index: Expr) -> Expr {
    e(ExprKind::Index(of.into(), index.into()))
}
fn bin(left: Expr, op: BinaryOp, right: Expr) -> Expr {
    e(ExprKind::Binary(op, left.into(), right.into()))
}
fn neg(operand: Expr) -> Expr {
    e(ExprKind::Unary(UnaryOp::Negate, operand.into()))
}
fn not(operand: Expr) -> Expr {
    e(ExprKind::Unary(UnaryOp::Not, operand.into()))
}
fn range(low: Expr, high: Expr) -> Expr {
    e(ExprKind::Range(low.into(), high.into()))
}
fn fails() -> Expr {
    bin(int(1), BinaryOp::Divide, int(0))
}

fn corpus(cases: Vec<(Expr, &str)>) {
    for (number, (expr, expected)) in cases.into_iter().enumerate() {
        let shown = match eval(&expr, &Fixture) {
            Ok(value) => value.to_string(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(shown, expected, "case {number}: {:?}", expr.kind);
    }
}

#[test]
fn logic_stops_where_it_is_decided() {
    use BinaryOp::{And, Else, Or};
    corpus(vec![
        (bin(yes(), Or, fails()), "true"),
        (bin(no(), Or, yes()), "true"),
        (bin(no(), And, fails()), "false"),
        (bin(yes(), And, no()), "false"),
        (bin(yes(), And, fails()), "error: division by zero"),
        (not(no()), "true"),
        (not(int(1)), "error: a condition must be true or false, but this is a whole number"),
        (bin(int(1), Else, fails()), "1"),
        (bin(none(), Else, int(2)), "2"),
        (bin(field(slot(1), "absent"), Else, txt("x")), "\"x\""),
    ]);
}

#[test]
fn comparisons_hold_units_apart() {
    use BinaryOp::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    corpus(vec![
        (bin(int(2), Equal, dec(2.0)), "true"),
        (bin(int(2), Less, dec(2.5)), "true"),
        (bin(usd(20001), Greater, int(200)), "true"),
        (bin(dec(130.5), Equal, usd(13050)), "true"),
        (bin(ms(1500), GreaterEqual, ms(1500)), "true"),
        (bin(pct(94.0), Less, pct(99.0)), "true"),
        (bin(kb(420), LessEqual, kb(420)), "true"),
        (bin(kb(900), LessEqual, kb(420)), "false"),
        (bin(kb(420), Less, kb(420)), "false"),
        (bin(kb(420), Greater, kb(420)), "false"),
        (bin(date("2026-11-23"), Less, date("2027-01-01")), "true"),
        (bin(txt("a"), Less, txt("b")), "true"),
        (bin(sym("credit_card"), Equal, txt("credit_card")), "true"),
        (bin(slot(0), Equal, txt("Alex")), "true"),
        (bin(none(), Equal, int(0)), "false"),
        (bin(ms(1), NotEqual, int(1)), "true"),
        (bin(ms(1), Less, int(1)), "error: `<` does not apply to a duration and a whole number"),
        (bin(none(), Less, int(1)), "error: `<` does not apply to none and a whole number"),
        (bin(v(Value::Decimal(f64::NAN)), Equal, v(Value::Decimal(f64::NAN))), "false"),
        (bin(e(ExprKind::List(vec![int(1)])), Equal, e(ExprKind::List(vec![dec(1.0)]))), "true"),
        (bin(range(int(1), int(2)), Equal, range(int(1), int(2))), "true"),
    ]);
}

#[test]
fn membership() {
    use BinaryOp::{Contains, In, Matches};
    let regex = |source: &str| v(Value::Regex(source.into()));
    corpus(vec![
        (bin(int(18), In, range(int(18), int(90))), "true"),
        (bin(int(91), In, range(int(18), int(90))), "false"),
        (bin(usd(100), In, range(ms(1), ms(2))), "error: `in` does not apply to an amount of money and a range"),
        (bin(txt("b"), In, slot(2)), "true"),
        (bin(slot(2), Contains, txt("c")), "false"),
        (bin(txt("confirm"), Contains, txt("fir")), "true"),
        (bin(txt("paid"), In, slot(1)), "true"),
        (bin(int(1), Contains, int(1)), "error: `contains` does not apply to a whole number and a whole number"),
        (bin(txt("X12345678"), Matches, regex(r"^X\d{8}$")), "true"),
        (bin(txt("see X12345678"), Matches, regex(r"X\d{8}")), "true"),
        (
            bin(txt("x"), Matches, txt("[")).clone(),
            "error: `[` is no regular expression: regex parse error:\n    [\n    ^\nerror: unclosed character class",
        ),
        (
            bin(int(1), Matches, regex("1")),
            "error: `matches` does not apply to a whole number and a regular expression",
        ),
    ]);
}

#[test]
fn arithmetic_with_units() {
    use BinaryOp::{Add, Divide, Multiply, Remainder, Subtract};
    corpus(vec![
        (bin(int(2), Add, int(3)), "5"),
        (bin(int(i64::MAX), Add, int(1)), "error: the result is too large to be represented"),
        (bin(int(i64::MAX), Multiply, int(2)), "error: the result is too large to be represented"),
        (neg(int(i64::MIN)), "error: the result is too large to be represented"),
        (bin(int(7), Divide, int(2)), "3.5"),
        (bin(int(7), Remainder, int(2)), "1"),
        (bin(int(7), Remainder, int(0)), "error: division by zero"),
        (bin(dec(0.5), Add, int(1)), "1.5"),
        (bin(usd(13000), Add, usd(50)), "$130.50"),
        (bin(usd(13000), Add, int(1)), "$131"),
        (bin(usd(13000), Subtract, dec(0.5)), "$129.50"),
        (bin(usd(1001), Multiply, dec(0.5)), "$5.01"),
        (bin(pct(10.0), Multiply, usd(13000)), "$13"),
        (bin(usd(13000), Divide, int(4)), "$32.50"),
        (bin(usd(13000), Divide, usd(6500)), "2.0"),
        (bin(usd(13000), Divide, int(0)), "error: division by zero"),
        (bin(usd(100), Multiply, usd(100)), "error: `*` does not apply to an amount of money and an amount of money"),
        (bin(usd(100), Add, ms(1)), "error: `+` does not apply to an amount of money and a duration"),
        (bin(int(2), Multiply, ms(1200)), "2.4s"),
        (bin(ms(6000), Subtract, ms(7000)), "-1s"),
        (bin(ms(800), Divide, ms(200)), "4.0"),
        (bin(ms(1000), Divide, int(3)), "333.333333ms"),
        (bin(ms(2500), Remainder, ms(1000)), "500ms"),
        (bin(kb(1), Subtract, kb(2)), "error: a size cannot be negative"),
        (bin(kb(420), Multiply, int(2)), "840KB"),
        (bin(v(Value::Rate(20.0)), Multiply, ms(5000)), "100.0"),
        (bin(pct(5.0), Add, pct(2.5)), "7.5%"),
        (bin(int(200), Multiply, pct(10.0)), "20.0"),
        (bin(date("2026-11-23"), Add, ms(86_400_000)), "2026-11-24"),
        (bin(date("2026-11-23"), Add, ms(1)), "error: a date moves by whole days only"),
        (bin(date("2026-11-24"), Subtract, date("2026-11-23")), "24h"),
        (neg(usd(500)), "-$5"),
        (neg(txt("x")), "error: `-` does not apply to a text"),
        (bin(slot(2), Add, slot(2)), "[\"a\", \"b\", \"a\", \"b\"]"),
    ]);
}

#[test]
fn texts_keep_their_labels() {
    use BinaryOp::Add;
    let interpolated = |parts: Vec<Expr>| {
        e(ExprKind::Text(
            std::iter::once(TextPart::Literal("<".into())).chain(parts.into_iter().map(TextPart::Value)).collect(),
        ))
    };
    corpus(vec![
        (bin(txt("a"), Add, txt("b")), "\"ab\""),
        (bin(txt("a"), Add, sym("b")), "\"ab\""),
        (bin(txt("Hello, "), Add, slot(0)), "[pii]"),
        (bin(slot(0), Add, slot(3)), "[secret]"),
        (
            bin(txt("a"), Add, int(1)),
            "error: `+` does not apply to a text and a whole number; write \"${…}\" to put a value into a text",
        ),
        (interpolated(vec![usd(1250), int(3)]), "\"<$12.503\""),
        (interpolated(vec![slot(0)]), "[pii]"),
        (interpolated(vec![e(ExprKind::Record(vec![("a".into(), slot(3))]))]), "[secret]"),
        (e(ExprKind::Record(vec![("who".into(), slot(0)), ("n".into(), int(1))])), "{ who: [pii], n: 1 }"),
    ]);
    let hello = eval(&bin(txt("Hello, "), Add, slot(0)), &Fixture).unwrap();
    assert_eq!(hello.to_text(), Text { value: "Hello, Alex".into(), labels: Labels::PII });
}

#[test]
fn access() {
    corpus(vec![
        (field(slot(1), "amount"), "130"),
        (field(slot(1), "absent"), "none"),
        (field(field(slot(9), "body"), "amount"), "none"),
        (field(int(1), "x"), "error: a whole number has no field `x`"),
        (item(slot(2), int(1)), "\"b\""),
        (item(slot(2), int(2)), "error: the list has items 0 to 1, but no item 2"),
        (item(slot(2), neg(int(1))), "error: the list has items 0 to 1, but no item -1"),
        (item(slot(2), txt("x")), "error: an item of a list is named by a number, not by a text"),
        (item(slot(1), txt("paid")), "true"),
        (item(int(1), int(0)), "error: a whole number has no items"),
        (e(ExprKind::IsNone(slot(9).into(), true)), "true"),
        (e(ExprKind::IsNone(slot(1).into(), false)), "true"),
        (e(ExprKind::PersonaIs("Minor".into())), "true"),
        (e(ExprKind::Member(Member::LastStatus, None)), "504"),
        (e(ExprKind::Member(Member::PageText, Some(Box::new(txt("#user"))))), "\"text of #user\""),
        (e(ExprKind::Root(Root::Branch)), "none"),
    ]);
}

#[test]
fn generators_belong_to_their_environment() {
    let call = Call { name: "full_name".into(), args: Default::default(), span: Span::default() };
    corpus(vec![(
        e(ExprKind::Call(call.into())),
        "error: `full_name` makes synthetic data, which is not available here",
    )]);
}

#[test]
fn values_are_shown_as_they_are_written() {
    for (value, shown) in [
        (Value::Duration(0), "0s"),
        (Value::Duration(800 * MILLI), "800ms"),
        (Value::Duration(1500 * MILLI), "1.5s"),
        (Value::Duration(90_000 * MILLI), "90s"),
        (Value::Duration(900_000 * MILLI), "15m"),
        (Value::Duration(4 * 3_600_000 * MILLI), "4h"),
        (Value::Duration(1), "1ns"),
        (Value::Size(420_000), "420KB"),
        (Value::Size(2_500_000), "2.5MB"),
        (Value::Size(1 << 30), "1GiB"),
        (Value::Size(999), "999B"),
        (Value::Money(13000), "$130"),
        (Value::Money(1250), "$12.50"),
        (Value::Percent(0.07), "7%"),
        (Value::Percent(0.995), "99.5%"),
        (Value::Rate(20.0), "20/s"),
        (Value::Rate(0.05), "3/m"),
        (Value::Rate(0.5), "30/m"),
        (Value::Decimal(1.0), "1.0"),
        (Value::text("a \"b\"\n"), r#""a \"b\"\n""#),
        (Value::Path("/start".into()), "/start"),
        (Value::Regex(r"^X\d$".into()), r"/^X\d$/"),
        (Value::File(FileSpec { name: "photo.jpg".into(), size: 420_000 }), "photo.jpg (420KB)"),
        (Value::Range((Value::Int(18), Value::Int(90)).into()), "18..90"),
        (Value::record(Record::default()), "{}"),
    ] {
        assert_eq!(value.to_string(), shown);
    }
}
