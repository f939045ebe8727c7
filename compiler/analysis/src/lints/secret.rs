//! `hard-coded-secret`: what opens a door has no place in a file that many read.

use std::sync::LazyLock;

use regex::RegexSet;
use scn_diagnostics::{Diagnostic, SourceMap, codes};
use scn_grammar::ast::{ExprKind, TextPart};

use super::texts::{Written, literal};

/// Shapes of keys and tokens as their issuers document them, and of credentials in headers and URLs.
static SHAPES: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSet::new([
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
        r"\bgithub_pat_[A-Za-z0-9_]{40,}\b",
        r"\bglpat-[A-Za-z0-9_-]{20,}",
        r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
        r"\b[rs]k_live_[A-Za-z0-9]{16,}\b",
        r"\bAIza[A-Za-z0-9_-]{35}",
        r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
        r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+",
        r"^(?:Basic [A-Za-z0-9+/]{8,}=*|Bearer [A-Za-z0-9._~+/-]{12,}=*)$",
        r"[a-z]://[^/\s:@]+:[^/\s:@]+@",
    ])
    .ok()
});

/// The shortest key or token is `xoxb-` with ten characters.
const SHORTEST_KEY: usize = 15;

/// Whether a text may have one of these shapes, told without them: there is a long word, a URL with a user, a header's beginning
/// or that of a key in a file.
fn may_have_shape(text: &str) -> bool {
    // The shortest of all is `x://a:b@`, and the shortest that is no URL is `Basic ` with eight characters.
    if text.len() >= 8 && text.as_bytes().contains(&b':') && text.contains("://") {
        return true;
    }
    if text.len() < 14 {
        return false;
    }
    let mut word = 0;
    let has_long_word = text.bytes().any(|byte| {
        let goes_on = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        word = if goes_on { word + 1 } else { 0 };
        word >= SHORTEST_KEY
    });
    has_long_word
        || text.starts_with("Basic ")
        || text.starts_with("Bearer ")
        || (text.as_bytes().contains(&b'-') && text.contains("-----BEGIN "))
}

/// Words of values that are plainly made up.
const MADE_UP: [&str; 8] = ["test", "example", "sample", "dummy", "synthetic", "fake", "wrong", "invalid"];

/// Looks at what one value spells out.
pub(super) fn check(written: &Written<'_>, sources: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
    let ExprKind::Text { parts, .. } = &written.expr.kind else { return };
    let named = is_secret_name(written.name) && literal(written.expr).is_some_and(is_secret_value);
    let shaped = || {
        parts.iter().any(|part| match part {
            TextPart::Literal(text, _) if may_have_shape(text) => {
                SHAPES.as_ref().is_some_and(|shapes| shapes.is_match(text))
            }
            _ => false,
        })
    };
    if !named && !shaped() {
        return;
    }
    let headline = match named {
        true => format!("the value of `{}` is spelt out", written.name),
        false => "this looks like a key or a password".to_owned(),
    };
    let span = crate::program::inside(written.expr.span, sources);
    diagnostics.push(
        Diagnostic::new(codes::HARD_CODED_SECRET, span, headline)
            .help("take it from the environment: `secret(\"NAME\")`; for a persona's own, generate one: `password()`")
            .note("who can read this file can read it, and so can everyone who ever had a copy"),
    );
}

/// Whether this names what is kept secret, whatever its case and whatever stands between its words.
fn is_secret_name(name: &str) -> bool {
    // The shortest of them is `token`.
    if name.len() < 5 {
        return false;
    }
    // As long as the longest of them.
    let mut bare = [0; 12];
    let mut length = 0;
    for byte in name.bytes().filter(u8::is_ascii_alphanumeric) {
        let Some(next) = bare.get_mut(length) else { return false };
        *next = byte.to_ascii_lowercase();
        length += 1;
    }
    matches!(
        bare.get(..length),
        Some(
            b"password"
                | b"passwd"
                | b"passphrase"
                | b"secret"
                | b"clientsecret"
                | b"apikey"
                | b"accesskey"
                | b"secretkey"
                | b"privatekey"
                | b"token"
                | b"accesstoken"
                | b"authtoken"
                | b"apitoken"
                | b"bearertoken"
        )
    )
}

/// Whether a text may be a secret: it is one word, and none that says that it is made up.
fn is_secret_value(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    text.len() >= 4
        && !text.contains(char::is_whitespace)
        && !text.contains('<')
        // A label or an expression in quotes.
        && !text.contains(['(', '$'])
        && !MADE_UP.iter().any(|word| lower.contains(word))
        && !is_secret_name(text)
        // `last.token`, `persona.password`
        && !text.split_once('.').is_some_and(|(first, _)| matches!(first, "last" | "persona" | "page" | "form" | "body"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_of_each_shape_is_looked_at() {
        let of = |start: &str, length: usize| format!("{start}{}", "A1".repeat(length.div_ceil(2)).split_at(length).0);
        let shortest = [
            of("AKIA", 16),
            of("ghp_", 36),
            of("github_pat_", 40),
            of("glpat-", 20),
            of("xoxb-", 10),
            of("sk_live_", 16),
            of("AIza", 35),
            "-----BEGIN PRIVATE KEY-----".to_owned(),
            format!("{}.{}.A", of("eyJ", 8), of("eyJ", 8)),
            of("Basic ", 8),
            of("Bearer ", 12),
            "x://a:b@".to_owned(),
        ];
        let shapes = SHAPES.as_ref().expect("patterns that compile");
        let mut seen = vec![false; shapes.len()];
        for text in &shortest {
            assert!(may_have_shape(text), "{text}");
            shapes.matches(text).iter().for_each(|shape| seen[shape] = true);
        }
        assert!(seen.iter().all(|seen| *seen), "a shape without a text: {seen:?}");
    }
}
