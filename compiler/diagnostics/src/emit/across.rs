//! The view of a diagnostic whose labels lie in several files: one frame around all of them, drawn by ariadne.

use std::{borrow::Cow, collections::BTreeMap, fmt, ops::Range};

use ariadne::{Cache, CharSet, Color, Config, IndexType, Report, ReportKind};

use super::{excerpt::LONGEST, terminal::within};
use crate::{Diagnostic, Label, Severity, SourceId, SourceMap, source::harmless};

/// The files that frames are drawn from; each is read into lines once.
pub(super) struct Files<'a> {
    sources: &'a SourceMap,
    read: BTreeMap<SourceId, ariadne::Source<Cow<'a, str>>>,
}

impl<'a> Files<'a> {
    /// None read yet.
    pub(super) fn of(sources: &'a SourceMap) -> Self {
        Self { sources, read: BTreeMap::new() }
    }

    /// The frame; none if the labels lie in one file, or where lines are too long to be drawn whole.
    pub(super) fn frame(&mut self, diagnostic: &Diagnostic, color: bool) -> Option<String> {
        let home = diagnostic.primary.span.source;
        if diagnostic.secondary.iter().all(|label| label.span.source == home) {
            return None;
        }
        let labels: Vec<&Label> = [&diagnostic.primary].into_iter().chain(&diagnostic.secondary).collect();
        for label in &labels {
            let source = self.sources.get(label.span.source)?;
            if source.line_range(source.line_index(label.span.start as usize)).len() > LONGEST {
                return None;
            }
            self.read.entry(label.span.source).or_insert_with(|| ariadne::Source::from(drawable(source.text())));
        }
        // By characters: where ariadne is given bytes, it takes the character where another file's labels begin for a byte.
        let place = |label: &Label| {
            let bytes = within(label.span, self.sources);
            let text = self.sources.get(label.span.source).map_or("", |source| source.text().as_ref());
            let characters = |range: Range<usize>| text.get(range).map_or(0, |text| text.chars().count());
            let start = characters(0..bytes.start);
            (label.span.source, start..start + characters(bytes))
        };
        let own = match diagnostic.severity {
            Severity::Error => Color::Red,
            Severity::Warning => Color::Yellow,
            Severity::Note => Color::Cyan,
        };
        let drawn = labels.iter().enumerate().map(|(at, label)| {
            let drawn = ariadne::Label::new(place(label)).with_color(if at == 0 { own } else { Color::Magenta });
            // In the order of the labels, as they tell what there is to tell.
            let drawn = drawn.with_order(i32::try_from(at).unwrap_or(i32::MAX));
            match harmless(&label.message).unwrap_or_else(|| label.message.clone()).as_str() {
                "" => drawn,
                message => drawn.with_message(message),
            }
        });
        let config = Config::default()
            .with_color(color)
            .with_char_set(CharSet::Unicode)
            .with_index_type(IndexType::Char)
            .with_tab_width(4);
        let report = Report::build(ReportKind::Custom("", own), place(&diagnostic.primary))
            .with_config(config)
            .with_labels(drawn)
            .finish();
        let mut out = Vec::new();
        report.write(&mut *self, &mut out).ok()?;
        let out = String::from_utf8(out).ok()?;
        // The headline stands above the frame already.
        let (_, frame) = out.split_once('\n')?;
        Some(frame.lines().flat_map(|line| [line.trim_end(), "\n"]).collect())
    }
}

impl<'a> Cache<SourceId> for Files<'a> {
    type Storage = Cow<'a, str>;

    fn fetch(&mut self, id: &SourceId) -> Result<&ariadne::Source<Cow<'a, str>>, impl fmt::Debug> {
        self.read.get(id).ok_or(*id)
    }

    fn display<'b>(&self, id: &'b SourceId) -> Option<impl fmt::Display + 'b> {
        self.sources.get(*id).map(|source| source.name().to_owned())
    }
}

/// `text` with another character for each that a terminal must not be sent, and that ends a line for ariadne but not for ESR.
fn drawable(text: &str) -> Cow<'_, str> {
    const ENDS: [char; 5] = ['\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    if harmless(text).is_none() && !text.contains(ENDS) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| match c {
        '\n' | '\r' | '\t' => c,
        c if ENDS.contains(&c) || harmless(c.encode_utf8(&mut [0; 4])).is_some() => '\u{fffd}',
        c => c,
    };
    Cow::Owned(text.chars().map(shown).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Source, Span, codes};

    /// Wherever the labels lie, also at the end of an empty file, beside a character of several bytes or at the end of a line,
    /// there is a frame, and it says where they are.
    #[test]
    fn labels_may_lie_anywhere() {
        let texts = ["", "a", "é: \u{1F98A}\r\n\r\nzwei\u{2028}x\u{85}\tdrei", "- a\n- b\n"];
        for first in texts {
            for second in texts {
                let mut sources = SourceMap::default();
                let (one, two) =
                    (sources.add(Source::new("one.scn", first)), sources.add(Source::new("two.scn", second)));
                for start in (0..=first.len()).filter(|at| first.is_char_boundary(*at)) {
                    for (from, to) in (0..=second.len()).flat_map(|from| [(from, from), (from, second.len())]) {
                        let span =
                            |source, start: usize, end: usize| Span { source, start: start as u32, end: end as u32 };
                        let diagnostic =
                            Diagnostic::new(codes::UNKNOWN_NAME, span(one, start, first.len()), "it is not here")
                                .also(span(two, from, to), "but here");
                        let frame = Files::of(&sources).frame(&diagnostic, false).unwrap_or_default();
                        let line = sources.place(diagnostic.primary.span);
                        // What lies behind the last line break is drawn at the end of the line before.
                        let is_behind = start == first.len() && first.ends_with('\n');
                        assert!(frame.contains(&line) || is_behind, "{first:?} {second:?} {line}:\n{frame}");
                        assert!(frame.contains("but here"), "{frame}");
                    }
                }
            }
        }
    }
}
