//! Brackets that are open in a logical line.

use scn_diagnostics::{Applicability, Diagnostic, codes};

use super::Context;

/// An open bracket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    /// The bracket.
    pub byte: u8,
    /// Its offset.
    pub at: usize,
    /// Indentation of the physical line that it stands in.
    pub indent: usize,
}

impl Open {
    pub fn closer(self) -> u8 {
        match self.byte {
            b'(' => b')',
            b'[' => b']',
            _ => b'}',
        }
    }
}

/// The brackets that are open, innermost last.
#[derive(Default)]
pub(super) struct Stack {
    open: Vec<Open>,
    /// How many of them each closing character closes.
    counts: [usize; 3],
}

impl Stack {
    fn count(&mut self, closer: u8) -> &mut usize {
        let [round, square, curly] = &mut self.counts;
        match closer {
            b')' => round,
            b']' => square,
            _ => curly,
        }
    }

    pub fn push(&mut self, open: Open) {
        *self.count(open.closer()) += 1;
        self.open.push(open);
    }

    pub fn pop(&mut self) -> Option<Open> {
        let open = self.open.pop()?;
        *self.count(open.closer()) -= 1;
        Some(open)
    }

    pub fn last(&self) -> Option<Open> {
        self.open.last().copied()
    }

    pub fn len(&self) -> usize {
        self.open.len()
    }

    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The place of the innermost bracket that `closer` closes.
    pub fn closed_by(&mut self, closer: u8) -> Option<usize> {
        // Many that are open need not be gone through for each that closes none of them.
        if *self.count(closer) == 0 {
            return None;
        }
        self.open.iter().rposition(|open| open.closer() == closer)
    }

    /// Closes all from the one at `place` on.
    pub fn truncate(&mut self, place: usize) {
        while self.open.len() > place {
            self.pop();
        }
    }
}

/// Says that `open` is not closed by `end`, the end of the text that it could enclose.
pub(super) fn unclosed(context: &mut Context<'_>, open: Open, end: usize) {
    let closer = char::from(open.closer());
    let bracket = char::from(open.byte);
    let end_span = context.span(end..end);
    let diagnostic = Diagnostic::new(
        codes::UNCLOSED_BRACKET,
        context.span(open.at..open.at + 1),
        format!("this `{bracket}` is never closed"),
    )
    .label(format!("no `{closer}` follows"))
    .help(format!("close it with `{closer}`"))
    .note("an open bracket goes on over lines that are indented deeper than the line that opened it, and ends before the next one that is not")
    .fix(
        format!("insert `{closer}`"),
        end_span,
        if open.byte == b'{' { " }".to_owned() } else { closer.to_string() },
        Applicability::Suggested,
    );
    context.report(diagnostic);
}

/// Says that the closing bracket at `at` does not belong to `open`, or to nothing.
pub(super) fn mismatched(context: &mut Context<'_>, at: usize, open: Option<Open>) {
    let found = context.slice(at..at + 1).to_owned();
    let span = context.span(at..at + 1);
    let diagnostic = match open {
        Some(open) => {
            let closer = char::from(open.closer());
            let bracket = char::from(open.byte);
            Diagnostic::new(codes::MISMATCHED_BRACKET, span, format!("`{found}` does not close `{bracket}`"))
                .label(format!("`{closer}` belongs here"))
                .also(context.span(open.at..open.at + 1), format!("this `{bracket}` is open"))
                .fix(format!("replace `{found}` by `{closer}`"), span, closer, Applicability::Suggested)
        }
        None => Diagnostic::new(codes::MISMATCHED_BRACKET, span, format!("this `{found}` closes nothing"))
            .label("no bracket is open here")
            .fix(format!("remove `{found}`"), span, "", Applicability::Suggested),
    };
    context.report(diagnostic);
}
