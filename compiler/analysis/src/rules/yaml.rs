//! YAML as a tree whose keys and values know where they stand.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as Chars};
use scn_diagnostics::{Diagnostic, SourceId, Span, codes};
use smol_str::SmolStr;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Yaml {
    pub kind: Kind,
    /// Of a scalar, its quotes included; of others, their beginning.
    pub span: Span,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Scalar(Scalar),
    List(Vec<Yaml>),
    /// Keys in the order of the text.
    Map(Vec<(Scalar, Yaml)>),
    /// It has been reported.
    Error,
}

/// A scalar.
#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub text: SmolStr,
    /// Whether it has no quotes and stands for `true`, `null` or a number where it reads so.
    pub plain: bool,
    /// Its characters without quotes; where escapes or line breaks were resolved, the whole scalar.
    pub span: Span,
    /// Whether the text under `span` is `text`, letter by letter.
    pub verbatim: bool,
}

impl Scalar {
    /// Whether nothing is written, or what YAML calls null.
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }
}

/// The document in `text`, which is `source`; `None` if there is none, or it cannot be read, which is reported.
pub(super) fn parse(source: SourceId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Yaml> {
    // The library counts characters, spans count bytes.
    let mut offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    offsets.push(text.len());
    let reader = Reader { source, text, offsets, parser: Parser::new_from_str(text), depth: 0, diagnostics };
    reader.document()
}

/// So many levels are read; a rule has three.
const DEEPEST: usize = 32;

struct Reader<'t, 'd> {
    source: SourceId,
    text: &'t str,
    offsets: Vec<usize>,
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    depth: usize,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'t> Reader<'t, '_> {
    fn document(mut self) -> Option<Yaml> {
        let mut document = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return document,
                Event::DocumentStart(_) if document.is_some() => {
                    self.refuse(span, "a rules file holds one document", "leave out what follows `---`")
                }
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => continue,
                event => {
                    document = Some(self.value(event, span)?);
                    continue;
                }
            };
            return None;
        }
    }

    /// The next event; `None` after an error, which is reported, or at the end.
    fn next(&mut self) -> Option<(Event<'t>, Chars)> {
        match self.parser.next()? {
            Ok(next) => Some(next),
            Err(error) => {
                self.malformed(&error);
                None
            }
        }
    }

    fn malformed(&mut self, error: &ScanError) {
        let start = self.offset(error.marker().index());
        let rest = self.text.get(start..).unwrap_or("");
        // At least a character, so that there is something to point at.
        let length = rest.chars().next().filter(|first| *first != '\n').map_or(0, char::len_utf8);
        let span = Span::new(self.source, start..start + length);
        self.diagnostics.push(
            Diagnostic::new(codes::BAD_RULES_FILE, span, "this is no YAML")
                .label(error.info())
                .note("nothing after this place was read"),
        );
    }

    /// The value that begins with `event`; `None` if it cannot be read to its end.
    fn value(&mut self, event: Event<'t>, chars: Chars) -> Option<Yaml> {
        let span = self.span(chars);
        if self.depth == DEEPEST {
            self.refuse(chars, "this is nested too deeply for a rule", "a rule has three levels");
            return None;
        }
        self.depth += 1;
        let kind = match event {
            Event::Scalar(text, style, anchor, _) => {
                if anchor != 0 {
                    self.refuse(chars, "rules have no anchors", "write the value out where it is meant");
                }
                Kind::Scalar(self.scalar(&text, style, span))
            }
            Event::SequenceStart(..) => self.list()?,
            Event::MappingStart(..) => self.map()?,
            _ => {
                self.refuse(chars, "rules have no aliases", "write the value out where it is meant");
                Kind::Error
            }
        };
        self.depth -= 1;
        Some(Yaml { kind, span })
    }

    fn list(&mut self) -> Option<Kind> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Some(Kind::List(items)),
                (event, span) => items.push(self.value(event, span)?),
            }
        }
    }

    fn map(&mut self) -> Option<Kind> {
        let mut entries: Vec<(Scalar, Yaml)> = Vec::new();
        loop {
            let (event, chars) = self.next()?;
            if event == Event::MappingEnd {
                return Some(Kind::Map(entries));
            }
            let key = self.value(event, chars)?;
            let (event, span) = self.next()?;
            let value = self.value(event, span)?;
            let Kind::Scalar(key) = key.kind else {
                if !matches!(key.kind, Kind::Error) {
                    self.refuse(chars, "a key is a word", "write `key: value`");
                }
                continue;
            };
            match entries.iter().find(|(first, _)| first.text == key.text) {
                Some((first, _)) => self.diagnostics.push(
                    Diagnostic::new(codes::DUPLICATE_NAME, key.span, format!("`{}` is given twice", key.text))
                        .also(first.span, "it is given here first")
                        .help("keep one of the two"),
                ),
                None => entries.push((key, value)),
            }
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, whole: Span) -> Scalar {
        let inside = match style {
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted if whole.len() >= 2 => {
                Span { start: whole.start + 1, end: whole.end - 1, ..whole }
            }
            _ => whole,
        };
        let verbatim = self.text.get(inside.range()) == Some(text);
        let span = if verbatim { inside } else { whole };
        Scalar { text: text.into(), plain: style == ScalarStyle::Plain, span, verbatim }
    }

    fn offset(&self, chars: usize) -> usize {
        self.offsets.get(chars).copied().unwrap_or(self.text.len())
    }

    fn span(&self, chars: Chars) -> Span {
        Span::new(self.source, self.offset(chars.start.index())..self.offset(chars.end.index()))
    }

    /// Reports what is no part of a rules file.
    fn refuse(&mut self, chars: Chars, headline: &str, help: &str) {
        let diagnostic = Diagnostic::new(codes::BAD_RULES_FILE, self.span(chars), headline).help(help);
        self.diagnostics.push(diagnostic);
    }
}
