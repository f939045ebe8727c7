//! Builds the node of one logical line.

use scn_diagnostics::{Applicability, Diagnostic, SourceId, Span, codes};

use super::{Builder, Matched, Rule, declaration, quick};
use crate::{
    ast::{Attr, Expr, ExprKind, Head, Keyword, Name, Node, OperatorKind},
    layout::Logical,
    nearest::nearest,
};

/// The node of a logical line and its mask, without its children; `parent` says whether lines are nested under it.
pub(crate) fn build(
    source: SourceId,
    text: &str,
    line: &Logical,
    whole: &str,
    parent: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Node {
    let mut mask = whole;
    let keyword = if line.dash { None } else { declaration::keyword(mask) };
    if keyword.is_some_and(Keyword::takes_colon) {
        let trimmed = mask.trim_end();
        mask = trimmed.strip_suffix(':').unwrap_or(mask);
    }
    let text = text.get(..line.end).unwrap_or(text);
    let mut builder = Builder {
        source,
        text,
        base: 0,
        body: line.body,
        mask,
        block: line.block.as_ref(),
        mended: line.mended,
        depth: 0,
        diagnostics,
    };
    let (mut head, mut attrs) = match keyword {
        Some(keyword) => {
            let needs_colon = parent && mask.len() == whole.len();
            let lacks = needs_colon && keyword.takes_colon();
            match (!lacks).then(|| quick::declaration(&mut builder, keyword)).flatten() {
                Some(read) => read,
                None => builder.declaration(keyword, mask, needs_colon),
            }
        }
        None => match quick::line(&mut builder, line.dash) {
            Some(read) => read,
            None => builder.plain(line.dash, mask, parent),
        },
    };
    assign(&mut head, &mut attrs);
    let span = Span::new(source, line.start..line.end);
    Node { head, dash: line.dash, attrs, children: Vec::new(), doc: line.doc.clone(), span }
}

/// `set: total = 5` as the `set: total to: 5` that it is meant as, which has been reported.
fn assign(head: &mut Head, attrs: &mut Vec<Attr>) {
    let Head::Entry { key, values } = head else { return };
    let assigns = |value: &mut Expr| {
        matches!(&value.kind, ExprKind::Binary(operator, left, _)
            if operator.kind == OperatorKind::Assign && matches!(left.kind, ExprKind::Name(_)))
    };
    if values.last_mut().is_some_and(assigns)
        && super::misspelling::ASSIGNING.contains(&key.text.as_str())
        && let Some(Expr { kind: ExprKind::Binary(operator, name, value), .. }) = values.pop()
    {
        let to = Name { text: "to".into(), span: operator.span };
        attrs.insert(0, Attr { span: to.span.to(value.span), key: to, values: vec![*value], equals: false });
        values.push(*name);
    }
}

/// Where a line that is meant as `key = value` has its `=`.
fn entry_with_equals(line: &str) -> Option<usize> {
    let rest = line.get(word(line)?..)?.trim_start();
    (rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>")).then(|| line.len() - rest.len())
}

/// The length of the name that `line` begins with.
fn word(line: &str) -> Option<usize> {
    let length = line.find(|char: char| !(char.is_ascii_alphanumeric() || char == '_' || char == '-'));
    length.or(Some(line.len())).filter(|length| *length > 0)
}

/// Whether `before` is the letter that other languages put before a quote, as in `f"…"`.
pub(super) fn is_prefix(before: &Expr, text: &Expr) -> bool {
    before.span.end == text.span.start
        && matches!((&before.kind, &text.kind), (ExprKind::Name(name), ExprKind::Text { .. }) if name.len() <= 2)
}

/// Words that begin steps here and statements elsewhere, and how such a step is written.
const STEPS: [(&str, &str); 8] = [
    ("for", "write `- for: item in [1, 2, 3]`, or `- repeat: 3`, and below it `steps:` with the steps"),
    ("while", "write `- repeat: until: CONDITION max: 10`, and below it `steps:` with the steps"),
    ("repeat", "write `- repeat: 3`, and below it `steps:` with the steps"),
    ("loop", "write `- repeat: 3`, and below it `steps:` with the steps"),
    ("if", "write `- if: CONDITION`, and below it `then:` with the steps"),
    ("unless", "write `- if: not (CONDITION)`, and below it `then:` with the steps"),
    ("return", "write `- return: VALUE`"),
    ("retry", "write `- retry: 3`, and below it `steps:` with the steps"),
];

impl Builder<'_> {
    /// An entry or an item.
    pub(super) fn plain(&mut self, dash: bool, mask: &str, parent: bool) -> (Head, Vec<Attr>) {
        if self.yaml_marks(dash, mask) || (!dash && self.foreign_declaration(mask)) {
            return (Head::Error, Vec::new());
        }
        if let Some(at) = entry_with_equals(mask).filter(|_| !dash) {
            let span = self.span(at..at + 1);
            let spaced = mask.get(at + 1..).is_some_and(|rest| rest.starts_with(' '));
            let diagnostic = Diagnostic::new(codes::MISSING_COLON, span, "an entry is written `key: value`")
                .label("write `:`")
                .fix("replace `=` by `:`", span, if spaced { ":" } else { ": " }, Applicability::Automatic);
            self.report(diagnostic);
            return (Head::Error, Vec::new());
        }
        match self.matched(Rule::line, mask) {
            Some(pair) if pair.as_rule() == Rule::entry => self.entry(pair),
            Some(pair) => self.item(dash, parent, pair),
            None => (Head::Error, Vec::new()),
        }
    }

    /// Reports what YAML writes with dashes and this language does not: `---`, and an item within an item.
    fn yaml_marks(&mut self, dash: bool, mask: &str) -> bool {
        let line = mask.trim_end();
        let diagnostic =
            if !dash && line.len() >= 3 && line.chars().all(|char| char == '-') {
                let span = self.span(0..line.len());
                Diagnostic::new(codes::SYNTAX, span, "a file is one document")
                    .label("nothing is separated by `---`")
                    .fix(format!("remove `{line}`"), span, "", Applicability::Automatic)
            } else if dash && line.starts_with("- ") {
                let span = self.span(0..1);
                Diagnostic::new(codes::SYNTAX, span, "an item begins with one dash")
                    .label("a second dash")
                    .help("write a list within an item as `[a, b]`, or under a key of its own")
            } else if line == "..." {
                let span = self.span(0..line.len());
                Diagnostic::new(codes::SYNTAX, span, "a file is one document").label("nothing is ended by `...`").fix(
                    "remove `...`",
                    span,
                    "",
                    Applicability::Automatic,
                )
            } else if line.starts_with("<<") {
                let span = self.span(0..2);
                Diagnostic::new(codes::SYNTAX, span, "there are no merge keys")
                    .label("nothing is merged in")
                    .help("write the entries out; a value can have a name by `const`")
            } else {
                return false;
            };
        self.report(diagnostic);
        true
    }

    fn entry(&mut self, pair: Matched<'_>) -> (Head, Vec<Attr>) {
        let span = self.span_of(&pair);
        let mut key = Name { text: Default::default(), span };
        let mut values = Vec::new();
        let mut attrs = Vec::new();
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::key | Rule::quoted_key => key = self.key(inner),
                Rule::colon => self.check_space(&inner),
                Rule::values => values = self.values(inner),
                _ => attrs.push(self.attr(inner)),
            }
        }
        (Head::Entry { key, values }, attrs)
    }

    fn values(&mut self, pair: Matched<'_>) -> Vec<Expr> {
        let mut values: Vec<Expr> = Vec::new();
        for value in pair.into_inner() {
            let value = self.top_expr(value);
            if let Some(prefix) = values.pop_if(|before| is_prefix(before, &value)) {
                let diagnostic = Diagnostic::new(codes::SYNTAX, prefix.span, "a text has no letter before its quote")
                    .label("every text replaces what `${…}` holds")
                    .fix("remove it", prefix.span, "", Applicability::Automatic);
                self.report(diagnostic);
            }
            match values.last_mut().and_then(|number| self.with_unit(number, &value)) {
                Some(whole) => {
                    values.pop();
                    values.push(whole);
                }
                None => values.push(value),
            }
        }
        values
    }

    /// The rules `attr_colon` and `attr_equals`.
    pub(super) fn attr(&mut self, pair: Matched<'_>) -> Attr {
        let span = self.span_of(&pair);
        let equals = pair.as_rule() == Rule::attr_equals;
        let mut attr = Attr { key: Name { text: Default::default(), span }, values: Vec::new(), equals, span };
        let mut prefixes = Vec::new();
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::attr_key | Rule::key | Rule::name => attr.key = self.name(&inner),
                Rule::colon => self.check_space(&inner),
                Rule::values => attr.values = self.values(inner),
                Rule::term => {
                    let term = self.term(inner);
                    let value =
                        prefixes.drain(..).rev().take(8).fold(term, |operand, operator: crate::ast::Operator| {
                            let span = operator.span.to(operand.span);
                            Expr { kind: ExprKind::Unary(operator, Box::new(operand)), span }
                        });
                    let value = self.limited(value);
                    attr.values.push(value);
                }
                _ => prefixes.push(self.prefix(&inner)),
            }
        }
        if let Some(last) = attr.values.last() {
            attr.span = attr.key.span.to(last.span);
        }
        attr
    }

    /// A line without a key: an expression and attributes, or something that was meant otherwise.
    fn item(&mut self, dash: bool, parent: bool, pair: Matched<'_>) -> (Head, Vec<Attr>) {
        let span = self.span_of(&pair);
        let mut expr = self.error_expr(span);
        let mut colon = false;
        let mut strays = Vec::new();
        let mut attrs = Vec::new();
        let mut tail = None;
        let mut first = true;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::expr if first => {
                    expr = self.top_expr(inner);
                    first = false;
                }
                Rule::arm_colon => colon = true,
                Rule::tail_colon => tail = Some(self.span_of(&inner)),
                Rule::stray => strays.extend(inner.into_inner().map(|stray| self.top_expr(stray))),
                _ => attrs.push(self.attr(inner)),
            }
        }
        let name = match &expr.kind {
            ExprKind::Name(text) if !colon => Some(Name { text: text.clone(), span: expr.span }),
            _ => None,
        };
        if let Some(name) = name {
            return self.keyless(dash, parent, name, strays, attrs, tail);
        }
        if let Some(whole) = strays.first().and_then(|stray| self.with_unit(&expr, stray)) {
            return (Head::Expr { expr: whole, colon }, attrs);
        }
        if let Some(group) = self.group_without_of(&expr, &strays) {
            return (Head::Expr { expr: group, colon }, attrs);
        }
        if let Some(stray) = strays.first() {
            let diagnostic = Diagnostic::new(codes::SYNTAX, stray.span, "a second value follows without a name")
                .label("expected an attribute `name: …` or the end of the line")
                .also(expr.span, "the first value");
            self.report(diagnostic);
        } else if let Some(tail) = tail {
            let diagnostic = Diagnostic::new(codes::SYNTAX, tail, "expected the end of the line, found `:`")
                .label("nothing belongs here");
            self.report(diagnostic);
        } else if !dash && !colon && expr.kind != ExprKind::Error {
            let diagnostic = Diagnostic::new(codes::MISSING_COLON, expr.span, "a value stands alone on this line")
                .label("expected `key: value`, an item `- …` or a declaration");
            self.report(diagnostic);
        }
        (Head::Expr { expr, colon }, attrs)
    }

    /// A line that begins with a bare name without a colon.
    fn keyless(
        &mut self,
        dash: bool,
        parent: bool,
        name: Name,
        mut strays: Vec<Expr>,
        attrs: Vec<Attr>,
        tail: Option<Span>,
    ) -> (Head, Vec<Attr>) {
        let lone = strays.is_empty() && attrs.is_empty();
        if dash && strays.is_empty() && !(lone && parent) {
            let expr = Expr { span: name.span, kind: ExprKind::Name(name.text) };
            return (Head::Expr { expr, colon: false }, attrs);
        }
        if let Some((_, help)) = STEPS.iter().find(|(word, _)| *word == name.text).filter(|_| !dash && !lone) {
            let diagnostic = Diagnostic::new(codes::SYNTAX, name.span, "a step begins with a dash").help(*help);
            self.report(diagnostic);
            return (Head::Error, Vec::new());
        }
        let keywords = || Keyword::ALL.iter().map(|(_, word)| *word);
        let operand = strays.first().is_some_and(|stray| matches!(stray.kind, ExprKind::Name(_)))
            || attrs.first().is_some_and(|attr| attr.values.is_empty() && attrs.len() == 1);
        let near = if dash || lone { None } else { nearest(&name.text, keywords()) };
        if !dash && !lone && (near.is_some() || operand) {
            let mut diagnostic = Diagnostic::new(
                codes::UNKNOWN_KEYWORD,
                name.span,
                format!("no declaration begins with `{}`", name.text),
            );
            diagnostic = match near {
                Some(near) => diagnostic.label(format!("did you mean `{near}`?")).fix(
                    format!("replace `{}` by `{near}`", name.text),
                    name.span,
                    near,
                    Applicability::Automatic,
                ),
                None => diagnostic
                    .label("no keyword")
                    .help(format!("the keywords are {}", keywords().collect::<Vec<_>>().join(", ")))
                    .help(format!("an entry is written `{}: …`", name.text)),
            };
            self.report(diagnostic);
            return (Head::Error, Vec::new());
        }
        let diagnostic =
            Diagnostic::new(codes::MISSING_COLON, name.span, format!("a `:` is missing after `{}`", name.text))
                .label(format!("write `{}:`", name.text));
        // `repeat 3:` has its colon in the wrong place.
        let misplaced = tail.zip(tail.and_then(|tail| self.text.get(name.span.end as usize..tail.start as usize)));
        let diagnostic = match misplaced {
            Some((tail, between)) => {
                let whole = Span { start: name.span.end, end: tail.end, ..tail };
                let between = between.strip_suffix(" then").unwrap_or(between);
                strays.pop_if(|last| matches!(&last.kind, ExprKind::Name(word) if word == "then"));
                diagnostic.fix("put the `:` here", whole, format!(":{between}"), Applicability::Automatic)
            }
            None => diagnostic.fix("insert `:`", name.span.tail(), ":", Applicability::Automatic),
        };
        self.report(diagnostic);
        (Head::Entry { key: name, values: strays }, attrs)
    }
}
