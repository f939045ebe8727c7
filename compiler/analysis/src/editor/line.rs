//! The line that is being written, up to a place in it: it need not parse yet.

use scn_grammar::ast::Keyword;

/// What is open at the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// A text, by its quote.
    Text(char),
    /// `(`, `[` or `{`.
    Bracket(char),
    /// `${` in a text.
    Hole,
}

/// A line up to a place, and the lines that it is nested in.
#[derive(Debug)]
pub(super) struct Line<'t> {
    /// Spaces at its beginning.
    pub indent: usize,
    /// What is written, without them.
    pub written: &'t str,
    /// The lines that it is nested in, from the innermost outwards, trimmed.
    pub parents: Vec<&'t str>,
    /// The word before the place; in a text all of it that is written.
    pub word: &'t str,
    /// What comes before the word, without a quote.
    pub before: &'t str,
    /// Whether the word is in a text.
    pub in_text: bool,
}

/// Which argument is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// The one of this name.
    Named(String),
    /// The one with this index among those without a name.
    Position(usize),
}

/// A call, or a verb with its attributes, that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What is called; dotted names are one.
    pub callee: String,
    /// The keyword by which the prelude declares such, if it is of the language; a flow is declared by files.
    pub keyword: Keyword,
    /// The argument that the place is in.
    pub argument: Argument,
}

impl<'t> Line<'t> {
    /// The line up to the byte `offset`; none in a comment.
    pub fn at(text: &'t str, offset: usize) -> Option<Self> {
        let before = text.get(..offset)?;
        let (above, line) = before.rsplit_once('\n').unwrap_or(("", before));
        let written = line.trim_start();
        let indent = line.len() - written.len();
        let open = open(written)?;
        let (start, in_text) = match open.last() {
            Some((Open::Text(_), at)) => (at + 1, true),
            _ => (word_start(written), false),
        };
        let quote = usize::from(in_text);
        Some(Self {
            indent,
            written,
            parents: parents(above, indent),
            word: written.get(start..)?,
            before: written.get(..start - quote)?,
            in_text,
        })
    }

    /// The keyword that declares the verbs of items here.
    pub fn place(&self) -> Keyword {
        for parent in &self.parents {
            match parent.split([' ', ':']).next().unwrap_or_default() {
                "goals" => return Keyword::Metric,
                "probes" | "probe" => return Keyword::Probe,
                "on" | "route" | "service" | "agent" | "queue" | "partner" => return Keyword::Handler,
                _ => {}
            }
        }
        Keyword::Step
    }

    /// The call that the place is in.
    pub fn call(&self) -> Option<Call> {
        // Brackets from the innermost outwards: lists and records belong to an argument of what is around them.
        let mut before = self.before;
        while let Some((Open::Bracket(bracket), at)) = open(before)?.last().copied() {
            let inside = before.get(at + 1..).unwrap_or_default();
            let outside = before.get(..at).unwrap_or_default();
            let named = key(last_argument(inside).1);
            match bracket {
                '(' => {
                    let callee = trailing(outside);
                    if callee.is_empty() || is_declaration(self.written) {
                        return None;
                    }
                    let keyword = self.keyword_of(outside.strip_suffix(callee).unwrap_or_default());
                    let argument = match named {
                        Some(name) => Argument::Named(name.to_owned()),
                        None => Argument::Position(last_argument(inside).0),
                    };
                    return Some(Call { callee: callee.to_owned(), keyword, argument });
                }
                // `expect: { page: "/start" }` says its attributes in a record.
                '{' if verb(outside).is_some() && named.is_some() => {
                    let argument = Argument::Named(named.unwrap_or_default().to_owned());
                    return Some(self.verb_call(verb(outside)?, argument));
                }
                _ => before = outside,
            }
        }
        match verb(before) {
            Some(verb) => {
                let rest = before.split_once(':').map_or("", |(_, rest)| rest);
                let argument = match last_key(rest) {
                    Some(name) => Argument::Named(name.to_owned()),
                    None => Argument::Position(values(rest)),
                };
                Some(self.verb_call(verb, argument))
            }
            // An attribute on a line of its own, below its verb.
            None => {
                let name = before.trim_end().strip_suffix(':').filter(|name| is_word(name))?;
                let verb = verb(self.parents.first()?)?;
                Some(self.verb_call(verb, Argument::Named(name.to_owned())))
            }
        }
    }

    fn verb_call(&self, verb: &str, argument: Argument) -> Call {
        Call { callee: verb.to_owned(), keyword: self.place(), argument }
    }

    /// What is called behind `before`: a flow by `do`, a metric at the beginning of a goal, else a generator.
    fn keyword_of(&self, before: &str) -> Keyword {
        match before.trim() {
            "-" if self.place() == Keyword::Metric => Keyword::Metric,
            "- do:" => Keyword::Flow,
            _ => Keyword::Generator,
        }
    }
}

/// What is open at the end of `written`, outermost first, and where each begins; none in a comment.
fn open(written: &str) -> Option<Vec<(Open, usize)>> {
    let mut open: Vec<(Open, usize)> = Vec::new();
    let mut before = ' ';
    for (at, char) in written.char_indices() {
        match (open.last().map(|(open, _)| *open), char) {
            (Some(Open::Text(quote)), char) if char == quote && before != '\\' => drop(open.pop()),
            (Some(Open::Text('"')), '{') if before == '$' => open.push((Open::Hole, at)),
            (Some(Open::Text(_)), _) => {}
            (_, '"' | '\'') => open.push((Open::Text(char), at)),
            (_, '(' | '[' | '{') => open.push((Open::Bracket(char), at)),
            (Some(Open::Hole), '}') | (Some(Open::Bracket(_)), ')' | ']' | '}') => drop(open.pop()),
            (_, '#') if before == ' ' => return None,
            _ => {}
        }
        before = char;
    }
    Some(open)
}

pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|char| char.is_ascii_alphanumeric() || "_-.".contains(char))
}

fn word_start(written: &str) -> usize {
    written.len() - trailing(written).len()
}

/// The word at the end of a text.
fn trailing(text: &str) -> &str {
    let length = text.bytes().rev().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte)).count();
    // The dash of an item is no part of its word.
    let word = text.get(text.len() - length..).unwrap_or_default();
    match text.trim_start() == word {
        true => word.trim_start_matches('-'),
        false => word,
    }
}

fn is_declaration(written: &str) -> bool {
    ["flow ", "probe ", "step ", "handler ", "generator ", "metric "].iter().any(|word| written.starts_with(word))
}

/// The verb of an item's line.
pub(super) fn verb(line: &str) -> Option<&str> {
    let (verb, _) = line.strip_prefix('-')?.trim_start().split_once(':')?;
    is_word(verb).then_some(verb)
}

/// How many arguments come before the last, and what is written of that.
fn last_argument(inside: &str) -> (usize, &str) {
    let (mut count, mut start) = (0, 0);
    for (at, _) in inside.match_indices(',') {
        let is_outermost = inside.get(..at).and_then(open).is_some_and(|open| open.is_empty());
        if is_outermost {
            (count, start) = (count + 1, at + 1);
        }
    }
    (count, inside.get(start..).unwrap_or_default())
}

/// `name` of `name: …`.
fn key(written: &str) -> Option<&str> {
    let (name, _) = written.trim_start().split_once(':')?;
    is_word(name).then_some(name)
}

/// The last `name:` of a line that is not in a text or in brackets.
fn last_key(rest: &str) -> Option<&str> {
    let colons = rest.match_indices(':').rev().map(|(at, _)| rest.get(..at).unwrap_or_default());
    let names = colons.filter(|before| open(before).is_some_and(|open| open.is_empty())).map(trailing);
    names.into_iter().find(|name| name.starts_with(|char: char| char.is_ascii_alphabetic()))
}

/// How many values a line has that are finished.
fn values(rest: &str) -> usize {
    let mut count = 0;
    let mut inside = false;
    for (at, char) in rest.char_indices() {
        let is_between = char == ' ' && rest.get(..at).and_then(open).is_some_and(|open| open.is_empty());
        count += usize::from(inside && is_between);
        inside = !is_between;
    }
    count
}

/// The lines that the place is nested in, from the innermost outwards, trimmed.
fn parents(above: &str, indent: usize) -> Vec<&str> {
    let mut parents = Vec::new();
    let mut indent = indent;
    for line in above.lines().rev() {
        if indent == 0 {
            break;
        }
        let written = line.trim_start();
        let depth = line.len() - written.len();
        if depth < indent && !written.is_empty() && !written.starts_with('#') {
            parents.push(written.trim_end());
            indent = depth;
        }
    }
    parents
}
