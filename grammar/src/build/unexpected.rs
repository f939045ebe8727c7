//! What to say where a line stops making sense: what was found, and what could stand there.

use pest::error::{Error, ErrorVariant, InputLocation};
use scn_diagnostics::{Applicability, Diagnostic, codes};

use super::{Builder, Rule, number::is_unit};

/// Reports that the rule `started` does not match the mask.
pub(super) fn report(builder: &mut Builder<'_>, started: Rule, error: Error<Rule>) {
    let at = match error.location {
        InputLocation::Pos(at) => at,
        InputLocation::Span((at, _)) => at,
    };
    let expected = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => expected(positives),
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    let rest = builder.mask.get(at..).unwrap_or("");
    let space = rest.len() - rest.trim_start().len();
    let field = builder.mask.get(..at).is_some_and(|before| before.ends_with('.') && !before.ends_with(".."));
    if field && space > 0 && space < rest.len() {
        let span = builder.span(at..at + space);
        let diagnostic = Diagnostic::new(codes::SYNTAX, span, "a name follows a `.` without a space").fix(
            "remove the space",
            span,
            "",
            Applicability::Automatic,
        );
        builder.report(diagnostic);
        return;
    }
    let at = at + space;
    let rest = rest.trim_start();
    let end = builder.text.len().saturating_sub(builder.body).min(builder.mask.trim_end().len());
    let (span, found) = if rest.is_empty() || at >= end {
        (builder.span(end..end), None)
    } else {
        let span = builder.span(at..at + token_length(rest));
        let from = (span.start as usize).saturating_sub(builder.base);
        let to = (span.end as usize).saturating_sub(builder.base);
        (span, Some(builder.text.get(from..to).unwrap_or("").to_owned()))
    };
    if found.as_deref() == Some("=") && rest.starts_with("==") && expected.contains(&EQUALS) {
        let both = builder.span(at..at + 2);
        let diagnostic = Diagnostic::new(codes::SYNTAX, both, "a name is given a value with one `=`").fix(
            "write `=`",
            both,
            "=",
            Applicability::Automatic,
        );
        builder.report(diagnostic);
        return;
    }
    if found.as_deref() == Some(":") && expected.contains(&EQUALS) {
        let diagnostic = Diagnostic::new(codes::SYNTAX, span, "a constant is given its value with `=`").fix(
            "write ` =`",
            span,
            " =",
            Applicability::Automatic,
        );
        builder.report(diagnostic);
        return;
    }
    if found.as_deref() == Some(":") && rest.trim_end() == ":" {
        let diagnostic = Diagnostic::new(codes::SYNTAX, span, "a value has no `:` behind it")
            .label("what belongs to the line stands below it without one")
            .fix("remove it", span, "", Applicability::Automatic);
        builder.report(diagnostic);
        return;
    }
    let operator =
        builder.mask.get(..at).and_then(|before| before.chars().next_back()).filter(|char| "+-*/%".contains(*char));
    if let (Some("="), Some(operator)) = (found.as_deref(), operator) {
        let both = builder.span(at - 1..at + 1);
        let diagnostic = Diagnostic::new(codes::SYNTAX, both, format!("there is no `{operator}=`"))
            .help(format!("write `- set: total to: total {operator} 1`"));
        builder.report(diagnostic);
        return;
    }
    let wanted = list(&expected);
    let whole = if started == Rule::expression { "expression" } else { "line" };
    let headline = match (&found, wanted.as_str()) {
        (Some(found), "") => format!("`{found}` cannot stand here"),
        (Some(found), wanted) => format!("expected {wanted}, found `{found}`"),
        (None, "") => format!("this {whole} is incomplete"),
        (None, wanted) => format!("expected {wanted} at the end of this {whole}"),
    };
    let label = match wanted.as_str() {
        "" => "not expected here".to_owned(),
        wanted => format!("expected {wanted}"),
    };
    let mut diagnostic = Diagnostic::new(codes::SYNTAX, span, headline).label(label);
    let before = builder.mask.get(..at).unwrap_or_default().trim_end();
    // A goal has no key before it.
    let is_goal = found.as_deref() == Some(",") && !before.contains(':') && before.contains(['<', '>', '=']);
    if is_goal {
        diagnostic = diagnostic.help("make each goal an item of its own");
    } else if found.is_none() && before.strip_suffix('%').is_some_and(|before| before.ends_with(' ')) {
        diagnostic = diagnostic.help("a number and its unit are written as one, such as `99%`");
    } else if let Some(help) = found.as_deref().and_then(|found| help(found, rest)) {
        diagnostic = diagnostic.help(help);
    }
    builder.report(diagnostic);
}

/// The length of the token that `rest` begins with.
fn token_length(rest: &str) -> usize {
    let word = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let length = match rest.chars().next() {
        Some(first) if word(first) => rest.find(|char| !word(char)).unwrap_or(rest.len()),
        Some('"' | '\'' | '\u{1}' | '\u{2}') => rest
            .char_indices()
            .skip(1)
            .find(|(_, char)| !matches!(char, '\u{1}' | '\u{2}' | '"' | '\''))
            .map_or(rest.len(), |(at, _)| at),
        Some(first) => first.len_utf8(),
        None => 0,
    };
    length.max(1)
}

/// What stands in `rules`, in people's words, each once, the broadest in place of its parts.
fn expected(rules: &[Rule]) -> Vec<&'static str> {
    let mut words: Vec<&'static str> = Vec::new();
    let mut add = |word| {
        if !words.contains(&word) {
            words.push(word);
        }
    };
    for rule in rules {
        if let Some(word) = word(*rule) {
            add(word);
        }
    }
    // After a complete value almost anything may follow; a long list would not help.
    if words.contains(&VALUE) {
        words.retain(|word| !matches!(*word, ATTRIBUTE | OPERATOR | RANGE | COMMA | NAME));
    } else if words.contains(&OPERATOR) {
        words.retain(|word| *word != COMMA);
    }
    words
}

const VALUE: &str = "a value";
const OPERATOR: &str = "an operator";
const ATTRIBUTE: &str = "an attribute `name: …`";
const COMMA: &str = "`,`";
const RANGE: &str = "`..`";
const NAME: &str = "a name";
const EQUALS: &str = "`=`";

fn word(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::EOI => "the end of the line",
        Rule::expr
        | Rule::values
        | Rule::term
        | Rule::operators
        | Rule::operand
        | Rule::text
        | Rule::block
        | Rule::regex
        | Rule::path
        | Rule::date
        | Rule::number
        | Rule::lit_true
        | Rule::lit_false
        | Rule::lit_none
        | Rule::metric
        | Rule::bare
        | Rule::list
        | Rule::record
        | Rule::group
        | Rule::request
        | Rule::composite
        | Rule::stray
        | Rule::op_not
        | Rule::op_negate
        | Rule::op_bang
        | Rule::target => VALUE,
        Rule::method => "a method such as `POST`",
        Rule::attr_colon | Rule::attr_equals | Rule::attr_key => ATTRIBUTE,
        Rule::op_same
        | Rule::op_equal
        | Rule::op_unlike
        | Rule::op_not_equal
        | Rule::op_diamond
        | Rule::op_less_equal
        | Rule::op_greater_equal
        | Rule::op_less
        | Rule::op_greater
        | Rule::op_assign
        | Rule::op_at_least
        | Rule::op_at_most
        | Rule::op_else
        | Rule::op_pipes
        | Rule::op_amps
        | Rule::op_add
        | Rule::op_subtract
        | Rule::op_multiply
        | Rule::op_divide
        | Rule::op_remainder
        | Rule::op_or
        | Rule::op_and
        | Rule::op_in
        | Rule::op_matches
        | Rule::op_contains
        | Rule::op_is
        | Rule::ph_of
        | Rule::ph_weight
        | Rule::ph_over
        | Rule::ph_for => OPERATOR,
        Rule::op_range => RANGE,
        Rule::colon | Rule::arm_colon | Rule::tail_colon => "`:`",
        Rule::comma => COMMA,
        Rule::equals => EQUALS,
        Rule::arrow => "`->`",
        Rule::params => "parameters in `(…)`",
        Rule::param => "a parameter `name: Type`",
        Rule::ty | Rule::ty_record | Rule::ty_choice | Rule::ty_apply | Rule::ty_range => "a type",
        Rule::ty_field => "a field `name: Type`",
        Rule::pair => "a field `name: value`",
        Rule::arg => "an argument",
        Rule::name | Rule::key | Rule::dotted | Rule::alias | Rule::base => NAME,
        Rule::kw_as => "`as`",
        Rule::kw_extends => "`extends`",
        _ => return None,
    })
}

fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

/// Advice for what people bring along from other languages.
fn help(found: &str, rest: &str) -> Option<&'static str> {
    Some(match found {
        "#" => "a comment begins with a `#` after a space",
        "=" if rest.starts_with("=>") => "an arrow is written `->`",
        "&" | "*" => "there are no anchors or aliases; give a value a name with `const`",
        ">" if rest.trim_end() == ">" => "write a text of several lines as a `|` block",
        "?" => "write `a ?? b` for a default; choose between values in steps of their own with `if`",
        "," => {
            "attributes stand side by side without commas, `status: 200 page: \"/done\"`; with commas they stand in `{ … }`"
        }
        _ if is_unit(found) => "a number and its unit are written as one, such as `15m`, `420KB` or `$130`",
        ";" => "one line holds one item; there is no `;`",
        "@" | "^" | "~" | "\\" | "`" => "put a text in quotes",
        _ => return None,
    })
}
