//! Expressions and types within quotes: spans lie in the file that the quotes stand in.

use scn_diagnostics::{Diagnostic, SourceId};
use scn_grammar::{ast::ExprKind, ast::TypeExprKind, parse_expr, parse_type};

const FILE: &str = r#"- pay: "credit_card" failIf: "amount>200 && fee = 1""#;

fn at(inside: &str) -> usize {
    FILE.find(inside).expect("a part of the file")
}

fn places(diagnostics: &[Diagnostic]) -> Vec<&str> {
    diagnostics.iter().map(|diagnostic| &FILE[diagnostic.primary.span.range()]).collect()
}

#[test]
fn an_expression_has_its_spans_in_the_file() {
    let inside = "amount>200";
    let (expr, diagnostics) = parse_expr(SourceId(0), inside, at(inside));
    assert_eq!(diagnostics, []);
    assert_eq!(&FILE[expr.span.range()], inside);
    let ExprKind::Binary(operator, left, right) = expr.kind else { panic!("{expr:?}") };
    assert_eq!([operator.span, left.span, right.span].map(|span| &FILE[span.range()]), [">", "amount", "200"]);
}

#[test]
fn a_mistake_within_quotes_is_pointed_at_there() {
    let inside = "amount>200 && fee = 1";
    let (_, diagnostics) = parse_expr(SourceId(0), inside, at(inside));
    assert_eq!(places(&diagnostics), ["&&", "="]);
    let (expr, diagnostics) = parse_expr(SourceId(0), "amount>", at("amount>"));
    assert_eq!(expr.kind, ExprKind::Error);
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].primary.span.start as usize, at("200"));
}

#[test]
fn a_type_has_its_spans_in_the_file() {
    let (ty, diagnostics) = parse_type(SourceId(3), "Maybe[Text]", 100);
    assert_eq!(diagnostics, []);
    assert_eq!((ty.span.source, ty.span.range()), (SourceId(3), 100..111));
    assert!(matches!(ty.kind, TypeExprKind::Apply(name, args) if name == "Maybe" && args.len() == 1));
    let (_, diagnostics) = parse_type(SourceId(3), "Maybe[", 100);
    assert_eq!(diagnostics.len(), 1);
}
