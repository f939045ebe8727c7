//! Declarations as other languages write them.

use scn_diagnostics::{Applicability, Diagnostic, Span, codes};
use smol_str::SmolStr;

use super::Builder;
use crate::ast::{Decl, Expr, ExprKind, Head, Keyword, Name, Phrase};

/// Words that begin a declaration elsewhere, the keyword that does the same here, and a declaration with it.
const WORDS: [(&[&str], Keyword, &str); 5] = [
    (&["import", "include", "require", "from", "using"], Keyword::Use, "use \"./people.scn\" as people"),
    (&["def", "function", "func", "fn", "fun", "sub", "procedure", "macro"], Keyword::Flow, "flow log_in(name: Text):"),
    (&["let", "var", "val", "constant", "define"], Keyword::Const, "const limit = 30s"),
    (&["class", "type", "actor"], Keyword::Persona, "persona Visitor extends Citizen:"),
    (&["test", "describe", "suite", "feature", "simulation"], Keyword::Scenario, "scenario renew-online:"),
];

/// Keywords that a plain name follows.
const NAMED: [Keyword; 6] =
    [Keyword::Scenario, Keyword::Sandbox, Keyword::Persona, Keyword::Flow, Keyword::Probe, Keyword::Const];

/// The bytes of `mask` that `char` goes on for.
fn while_in(mask: &str, char: impl Fn(char) -> bool) -> usize {
    mask.find(|found| !char(found)).unwrap_or(mask.len())
}

fn in_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || "_-.".contains(char)
}

/// `text` as a name: its words, joined by `-`.
fn as_name(text: &str) -> SmolStr {
    let words: Vec<&str> =
        text.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let name = words.join("-");
    match name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        true => name.into(),
        false => smol_str::format_smolstr!("case-{name}"),
    }
}

/// The module that an import of another language names: `std.people`, or `std import people`.
fn used(operand: &str) -> Option<String> {
    let names: Vec<&str> = operand.split_whitespace().collect();
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(|char| char.is_ascii_alphanumeric() || "_.".contains(char))
    };
    match names.as_slice() {
        [module] if is_name(module) => Some((*module).to_owned()),
        [module, "import", name] if is_name(module) && is_name(name) => Some(format!("{module}.{name}")),
        _ => None,
    }
}

impl Builder<'_> {
    /// Reports a line that begins as a declaration does elsewhere, such as `import "./people.scn"`.
    pub(super) fn foreign_declaration(&mut self, mask: &str) -> bool {
        let length = while_in(mask, in_name);
        let (word, rest) = mask.split_at_checked(length).unwrap_or_default();
        let Some((_, keyword, example)) = WORDS.iter().find(|(words, ..)| words.contains(&word)) else { return false };
        let operand = rest.trim_start();
        let begins = operand.starts_with(|char: char| char.is_ascii_alphabetic() || "_\"'{".contains(char));
        if operand.len() == rest.len() || !begins {
            return false;
        }
        let (span, meant) = (self.span(0..length), keyword.as_str());
        let diagnostic = Diagnostic::new(codes::UNKNOWN_KEYWORD, span, format!("no declaration begins with `{word}`"))
            .label(format!("here that is `{meant}`"));
        let diagnostic = match used(operand).filter(|_| *keyword == Keyword::Use) {
            Some(module) => {
                let whole = self.span(0..mask.trim_end().len());
                let written = format!("use {module}");
                diagnostic.help(format!("write `{written}`")).fix(
                    format!("write `{written}`"),
                    whole,
                    written,
                    Applicability::Suggested,
                )
            }
            None => diagnostic.help(format!("write `{example}`")).fix(
                format!("replace `{word}` by `{meant}`"),
                span,
                meant,
                Applicability::Suggested,
            ),
        };
        self.report(diagnostic);
        true
    }

    /// Reads a declaration whose name is written as elsewhere, which is reported: in quotes, or a template with the one that it
    /// extends in parentheses.
    pub(super) fn misnamed(&mut self, keyword: Keyword, mask: &str) -> Option<Head> {
        if !NAMED.contains(&keyword) {
            return None;
        }
        let word = keyword.as_str().len();
        let start = word + while_in(mask.get(word..)?, |char| char == ' ');
        let operand = mask.get(start..)?.trim_end();
        let keyword_span = self.span(0..word);
        let mut decl = Decl::new(keyword, keyword_span);
        match operand.chars().next()? {
            quote @ ('"' | '\'') if operand.len() > 2 && operand.ends_with(quote) => {
                let inner = start + 1..start + operand.len() - 1;
                if mask.get(inner.clone())?.contains(['"', '\'']) {
                    return None;
                }
                let written = self.text.get(self.body + inner.start..self.body + inner.end)?;
                let (span, name) = (self.span(start..start + operand.len()), as_name(written));
                decl.name = Some(Name { text: written.into(), span: self.span(inner) });
                let diagnostic = Diagnostic::new(codes::SYNTAX, span, "a name is written without quotes")
                    .label("what is declared has a name of letters, digits, `_` and `-`")
                    .fix(format!("write `{name}`"), span, name.as_str(), Applicability::Automatic);
                self.report(diagnostic);
            }
            _ if keyword == Keyword::Persona => {
                let name = while_in(operand, in_name);
                let base = operand.get(name..)?.trim_start().strip_prefix('(')?.strip_suffix(')')?.trim();
                if base.is_empty() || while_in(base, in_name) < base.len() {
                    return None;
                }
                let at = start + operand.find(base)?;
                let brackets = self.span(start + name..start + operand.len());
                let diagnostic =
                    Diagnostic::new(codes::SYNTAX, brackets, "a template says what it extends with `extends`")
                        .label(format!("write `extends {base}`"))
                        .fix(
                            format!("write `extends {base}`"),
                            brackets,
                            format!(" extends {base}"),
                            Applicability::Automatic,
                        );
                self.report(diagnostic);
                decl.name = Some(Name { text: operand.get(..name)?.into(), span: self.span(start..start + name) });
                decl.extends = Some(Name { text: base.into(), span: self.span(at..at + base.len()) });
            }
            _ => return None,
        }
        Some(Head::Decl(Box::new(decl)))
    }

    /// Reads `45 x Applicant`, `45 off Applicant` and `45 Applicant` as `45 of Applicant`, and reports them.
    pub(super) fn group_without_of(&mut self, count: &Expr, strays: &[Expr]) -> Option<Expr> {
        let (ExprKind::Number { .. }, [between @ .., template]) = (&count.kind, strays) else { return None };
        let ExprKind::Name(name) = &template.kind else { return None };
        let is_type = |name: &SmolStr| name.starts_with(|first: char| first.is_ascii_uppercase());
        let joins = |word: &Expr| matches!(&word.kind, ExprKind::Name(word) if !is_type(word));
        if between.len() > 1 || !between.iter().all(joins) || !is_type(name) {
            return None;
        }
        let gap = Span { start: count.span.end, end: template.span.start, ..count.span };
        let diagnostic = Diagnostic::new(codes::SYNTAX, gap, "a number of personas is written `45 of Applicant`")
            .label("an `of` is missing here")
            .fix("write `of`", gap, " of ", Applicability::Automatic);
        self.report(diagnostic);
        let span = count.span.to(template.span);
        let kind = ExprKind::Phrase(Phrase::Of, Box::new(count.clone()), Box::new(template.clone()));
        Some(Expr { kind, span })
    }
}
