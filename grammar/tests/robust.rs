//! Parsing cannot fail: whatever the text, a tree comes back, soon, with every span inside the text.

mod support;

use proptest::prelude::*;
use scn_diagnostics::{Diagnostic, Source, SourceId, SourceMap, Span, emit};
use scn_grammar::ast::{Expr, ExprKind, Head, Node, TextPart, Tree};

/// Checks what holds for every text, and that its diagnostics render.
fn check(text: &str) {
    let diagnostics = check_parse(text);
    let mut sources = SourceMap::new();
    sources.add(Source::new("text.scn", text));
    emit::terminal(&diagnostics, &sources, emit::Options::default());
    emit::short(&diagnostics, &sources);
    emit::json_lines(&diagnostics, &sources);
    scn_grammar::parse_expr(SourceId(0), text, 0);
    scn_grammar::parse_type(SourceId(0), text, 0);
}

/// Checks the tree of a text and the spans of its diagnostics.
fn check_parse(text: &str) -> Vec<Diagnostic> {
    let (tree, diagnostics) = scn_grammar::parse(SourceId(0), text);
    check_tree(text, &tree);
    for diagnostic in &diagnostics {
        check_span(text, diagnostic.primary.span);
        diagnostic.secondary.iter().for_each(|label| check_span(text, label.span));
        diagnostic.fixes.iter().flat_map(|fix| &fix.edits).for_each(|edit| check_span(text, edit.span));
    }
    if tree.nodes.iter().any(has_error) {
        assert!(!diagnostics.is_empty(), "an error node without a diagnostic in {text:?}");
    }
    diagnostics
}

fn check_span(text: &str, span: Span) {
    assert!(text.get(span.range()).is_some(), "{span:?} lies outside of {text:?}");
}

fn check_tree(text: &str, tree: &Tree) {
    tree.nodes.iter().for_each(|node| check_node(text, node));
}

fn check_node(text: &str, node: &Node) {
    check_span(text, node.span);
    let inside = |span: Span| {
        check_span(text, span);
        assert!(
            node.span.start <= span.start && span.end <= node.span.end,
            "{span:?} lies outside of its line {:?} in {text:?}",
            node.span
        );
    };
    let exprs: Vec<&Expr> = match &node.head {
        Head::Entry { key, values } => {
            inside(key.span);
            values.iter().collect()
        }
        Head::Expr { expr, .. } => vec![expr],
        Head::Decl(decl) => {
            inside(decl.keyword_span);
            decl.name.iter().for_each(|name| assert_eq!(text.get(name.span.range()), Some(name.text.as_str())));
            decl.operands.iter().chain(&decl.arrow).chain(&decl.value).collect()
        }
        Head::Error => Vec::new(),
    };
    for expr in exprs.into_iter().chain(node.attrs.iter().flat_map(|attr| &attr.values)) {
        check_expr(text, expr, &inside);
    }
    node.children.iter().for_each(|child| check_node(text, child));
}

fn check_expr(text: &str, expr: &Expr, inside: &dyn Fn(Span)) {
    inside(expr.span);
    let slice = text.get(expr.span.range()).unwrap_or("");
    match &expr.kind {
        // Parentheses are part of a span.
        ExprKind::Name(name) if !slice.starts_with('(') => assert_eq!(slice, name.as_str()),
        ExprKind::Field(base, name) => {
            check_expr(text, base, inside);
            inside(name.span);
        }
        ExprKind::Unary(_, operand) => check_expr(text, operand, inside),
        ExprKind::Index(left, right)
        | ExprKind::Binary(_, left, right)
        | ExprKind::Range(left, right)
        | ExprKind::Phrase(_, left, right) => {
            check_expr(text, left, inside);
            check_expr(text, right, inside);
        }
        ExprKind::Call(callee, args) => {
            check_expr(text, callee, inside);
            args.iter().for_each(|arg| check_expr(text, &arg.value, inside));
        }
        ExprKind::List(members) => members.iter().for_each(|member| check_expr(text, member, inside)),
        ExprKind::Record(fields) => fields.iter().for_each(|(_, value)| check_expr(text, value, inside)),
        ExprKind::Text { parts, .. } => parts.iter().for_each(|part| match part {
            TextPart::Literal(_, span) => inside(*span),
            TextPart::Value(value) => check_expr(text, value, inside),
        }),
        _ => {}
    }
}

fn has_error(node: &Node) -> bool {
    node.head == Head::Error || node.children.iter().any(has_error)
}

#[test]
fn every_prefix_of_the_corpus_parses() {
    /// Lines before the one that is cut; what stands further above is cut in its turn.
    const LINES: usize = 3;
    for (_, text) in support::corpus() {
        let mut starts = std::collections::VecDeque::from([0]);
        for (end, char) in text.char_indices() {
            let prefix = text.get(starts[0]..end).expect("boundaries");
            check_parse(prefix);
            if char == '\n' {
                check(prefix);
                starts.push_back(end + 1);
                if starts.len() > LINES {
                    starts.pop_front();
                }
            }
        }
        check(&text);
    }
}

#[test]
fn line_breaks_of_windows_and_a_byte_order_mark_change_no_tree() {
    for (path, text) in support::corpus().into_iter().filter(|(path, _)| !path.to_string_lossy().contains("invalid")) {
        let shape = |text: &str| {
            let (tree, diagnostics) = scn_grammar::parse(SourceId(0), text);
            assert!(diagnostics.is_empty(), "{}: {diagnostics:#?}", path.display());
            let outline = scn_grammar::outline(&tree);
            outline.lines().map(|line| line.split("  @").next().unwrap_or("").to_owned()).collect::<Vec<_>>()
        };
        let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        check(&windows);
        assert_eq!(shape(&text), shape(&windows));
    }
}

#[test]
fn deep_nesting_is_diagnosed() {
    let deep = 20_000;
    let lines: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let nested_texts = format!("a: {}x{}", "\"${".repeat(200), "}\"".repeat(200));
    let texts = [
        format!("a: {}", "[".repeat(deep)),
        format!("a: {}1{}", "(".repeat(deep), ")".repeat(deep)),
        format!("a: {}1", "- ".repeat(deep)),
        format!("a: {}1", "not ".repeat(deep)),
        format!("a: {}1", "1 + ".repeat(deep)),
        format!("a: x{}", ".y".repeat(deep)),
        format!("a: x{}", "()".repeat(deep)),
        format!("store s: {}Text", "Maybe[".repeat(deep)),
        lines,
        nested_texts,
    ];
    for text in &texts {
        check(text);
        let (_, diagnostics) = scn_grammar::parse(SourceId(0), text);
        let ids: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code.name).collect();
        assert!(ids.contains(&"nested-too-deep"), "{ids:?} for {}", text.get(..40).unwrap_or(text));
    }
}

/// The deepest text that the limits allow fits the stack of a test's thread, which is smaller than a program's.
#[test]
fn the_deepest_allowed_text_parses() {
    let mut inner = "1".to_owned();
    for level in 0..4 {
        for (open, close) in [("f(", ")"), ("[", "]"), ("{ k: ", " }"), ("(", ")")].repeat(7) {
            inner = format!("{open}not - {inner}{close}");
        }
        inner = format!("\"${{{inner}}}\"");
        check(&format!("a: {inner}"));
        let (_, diagnostics) = scn_grammar::parse(SourceId(0), &format!("a: {inner}"));
        let names: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code.name).collect();
        assert!(names.iter().all(|name| *name == "nested-too-deep"), "level {level}: {names:?}");
    }
    let brackets = 32;
    for (open, close) in [("f(", ")"), ("[", "]"), ("{ k: ", " }"), ("(", ")"), ("x[", "]"), ("Maybe[", "]")] {
        let text = format!("a: {}x{}", open.repeat(brackets), close.repeat(brackets));
        check(&text);
        assert_eq!(scn_grammar::parse(SourceId(0), &text).1, []);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_parses(text in prop::collection::vec(support::piece(), 0..40)) {
        check(&text.concat());
    }

    #[test]
    fn mutated_files_parse(
        file in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..6, support::piece()), 1..6),
    ) {
        let files = support::corpus();
        let (_, text) = file.get(&files);
        check(&support::mutated(text, edits));
    }
}
