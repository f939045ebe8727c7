//! `plain-braces`: `{persona.name}` in a text, which other languages replace and this one sends as it stands.

use std::sync::LazyLock;

use regex::Regex;
use scn_diagnostics::{Applicability, Diagnostic, Span, codes};

use super::texts::Spelt;

/// What nobody writes in braces who does not mean its value.
static READS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[{#$]?\{\s*((?:persona|last|page|session)\.[A-Za-z_][\w.]*)\s*\}\}?").ok());

/// Looks at characters that are spelt out. Escapes make what is written longer than what is meant; places are told by what is
/// written.
pub(super) fn check(spelt: &Spelt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Spelt { written, span } = *spelt;
    // Most texts have no brace.
    if !written.as_bytes().contains(&b'{') {
        return;
    }
    for found in READS.iter().flat_map(|reads| reads.captures_iter(written)) {
        let (Some(whole), Some(read)) = (found.get(0), found.get(1)) else { continue };
        let at = span.start as usize;
        let place = Span::new(span.source, at + whole.start()..at + whole.end());
        let meant = format!("${{{}}}", read.as_str());
        let headline = format!("`{}` is sent as it stands", whole.as_str());
        diagnostics.push(
            Diagnostic::new(codes::PLAIN_BRACES, place, headline).label(format!("for its value, write `{meant}`")).fix(
                format!("write `{meant}`"),
                place,
                meant,
                Applicability::Suggested,
            ),
        );
    }
}
