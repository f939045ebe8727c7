//! Operators of other languages.

use scn_diagnostics::{Applicability, Diagnostic, Span, codes};

use super::Builder;

/// Verbs of lines that are meant to set a variable.
pub(super) const ASSIGNING: [&str; 6] = ["set", "let", "var", "val", "const", "assign"];

impl Builder<'_> {
    /// Reports the operator `found`, which is spelled `meant` here.
    pub(super) fn misspelled(&mut self, span: Span, found: &str, meant: &str) {
        let word = meant.starts_with(|first: char| first.is_ascii_alphabetic());
        let offset = |at: u32| (at as usize).checked_sub(self.base);
        let before = offset(span.start).and_then(|at| self.text.get(..at)).and_then(|text| text.chars().next_back());
        let after = offset(span.end).and_then(|at| self.text.get(at..)).and_then(|text| text.chars().next());
        let glued = |char: Option<char>| word && char.is_some_and(|char| !char.is_whitespace());
        // Nothing is inserted before a prefix that follows a bracket: `(!a)` becomes `(not a)`.
        let space_before = if glued(before) && !before.is_some_and(|char| "([{,\"'".contains(char)) { " " } else { "" };
        let space_after = if glued(after) { " " } else { "" };
        if found == "=" && self.assigns(span) {
            let diagnostic = Diagnostic::new(codes::MISSPELLED_OPERATOR, span, "`set` takes its value after `to:`")
                .label("write `to:`")
                .fix("replace `=` by `to:`", span, "to:", Applicability::Automatic)
                .help("a variable is set by `- set: total to: 5`");
            self.report(diagnostic);
            return;
        }
        // What stands behind no key is a goal, which hardly ever asks for one value alone.
        let may_be_goal = matches!(found, "=" | "&&" | "||");
        let is_goal = may_be_goal && !self.before(span).is_some_and(|before| before.contains(':'));
        let mut diagnostic =
            Diagnostic::new(codes::MISSPELLED_OPERATOR, span, format!("`{found}` is written `{meant}`"))
                .label(format!("write `{meant}`"))
                .fix(
                    format!("replace `{found}` by `{meant}`"),
                    span,
                    format!("{space_before}{meant}{space_after}"),
                    if is_goal { Applicability::Suggested } else { Applicability::Automatic },
                );
        if is_goal && found != "=" {
            diagnostic = diagnostic.help("make each goal an item of its own");
        } else if is_goal {
            diagnostic = diagnostic.help("write `<=` or `>=` for the most or the least that a goal allows");
        } else if found == "=" {
            diagnostic = diagnostic
                .note("a lone `=` compares nothing; only the older spelling `key=value` after a value has one");
        }
        self.report(diagnostic);
    }

    /// What stands before `span` in its line.
    fn before(&self, span: Span) -> Option<&str> {
        self.mask.get(..(span.start as usize).saturating_sub(self.base + self.body))
    }

    /// Whether the `=` at `span` is meant to set a variable, as in `set: total = 5`.
    fn assigns(&self, span: Span) -> bool {
        let Some((key, name)) = self.before(span).and_then(|before| before.split_once(':')) else { return false };
        let name = name.trim();
        let is_name = !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || "_-".contains(char));
        ASSIGNING.contains(&key.trim()) && is_name
    }
}
