//! The formatter: one spelling for every tree.
//!
//! It works from what the layout pass and the tree know, and from the tokens of each logical line. Tokens are never
//! reordered; only the space between them, the line that an attribute stands on, and a few spellings that mean the same
//! are chosen. What comes out is parsed again and compared with what went in, so that a mistake of the formatter costs
//! nobody a line of theirs.
//!
//! **Architecture invariant:** it knows no step and no type, so it formats what does not compile as well.

mod comments;
mod groups;
mod lines;
mod render;
mod roles;
mod same;
mod tokens;
pub(crate) mod trivia;

use scn_diagnostics::{Code, Diagnostic, SourceId, codes};

use crate::layout::{self, Context};

/// Columns that the code of a line takes at most, where it can be broken.
pub const WIDTH: usize = 120;

/// What formatting a text yields.
#[derive(Clone, Debug, PartialEq)]
pub enum Formatted {
    /// The formatted text.
    Text(String),
    /// The text has syntax errors, these, and is to be left as it is: what its author meant is anyone's guess.
    Broken(Vec<Diagnostic>),
    /// The formatter would have changed the meaning of the text, which is a defect of its own. The text is to be left as
    /// it is.
    Defect,
}

/// The comments of a text, in their order.
fn words(text: &str) -> impl Iterator<Item = &str> {
    trivia::comments(text).into_iter().map(|range| text.get(range).unwrap_or(""))
}

/// What is wrong in a text whose tree is complete all the same.
const HARMLESS: [&Code; 3] = [codes::MISSPELLED_OPERATOR, codes::CHAINED_COMPARISON, codes::UNKNOWN_ESCAPE];

/// Formats a text.
///
/// The outcome means the same: its tree is the same, but for the place of attributes (on their verb's line or below it)
/// and for `name=value`, which becomes `name: value`. Its comments are the same, in the same order. Formatting it again
/// changes nothing.
pub fn format(source: SourceId, text: &str) -> Formatted {
    let (tree, diagnostics) = crate::parse(source, text);
    let errors = |diagnostics: Vec<Diagnostic>| -> Vec<Diagnostic> {
        let harmless = |found: &Diagnostic| HARMLESS.iter().any(|code| code.id == found.code.id);
        diagnostics.into_iter().filter(|found| !harmless(found)).collect()
    };
    let errors_before = errors(diagnostics);
    if !errors_before.is_empty() {
        return Formatted::Broken(errors_before);
    }
    let mut context = Context { source, text, base: 0, diagnostics: Vec::new() };
    let logical = layout::lines(&mut context);
    let formatted = lines::set(text, &tree, &logical);
    let (outcome, diagnostics) = crate::parse(source, &formatted);
    let unchanged = errors(diagnostics).is_empty()
        && same::shape(&tree) == same::shape(&outcome)
        && words(text).eq(words(&formatted));
    if unchanged { Formatted::Text(formatted) } else { Formatted::Defect }
}
