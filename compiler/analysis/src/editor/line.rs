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

/// A line up to a place, and the lines that it is nested in. What is in brackets over several lines is one.
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
    /// The lines above it, and what comes after the place.
    around: (&'t str, &'t str),
}

/// Which argument is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// The one of this name.
    Named(String),
    /// The one with this index among those without a name.
    Position(usize),
    /// One whose name is not written yet.
    Unnamed,
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
        let (before, after) = (text.get(..offset)?, text.get(offset..)?);
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let mut start = line;
        // A line in brackets goes on with the one that opened them.
        let above = parents(before.get(..start)?, indent_of(before.get(start..)?));
        for (from, opening) in above.into_iter().take(MOST_OPEN_LINES) {
            if leaves_open(opening) && leaves_open(before.get(from..line)?) {
                start = from;
            }
        }
        // With its indentation.
        start = before.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let line = before.get(start..)?;
        let above = before.get(..start)?;
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
            parents: parents(above, indent).into_iter().map(|(_, line)| line.trim_end()).collect(),
            word: written.get(start..)?,
            before: written.get(..start - quote)?,
            in_text,
            around: (above, after),
        })
    }

    /// The first words of the lines beside this one, in the block that it is in.
    pub fn siblings(&self) -> Vec<&'t str> {
        let (above, below) = self.around;
        let own = |line: &&str| indent_of(line) >= self.indent || line.trim().is_empty();
        let here = |line: &&str| indent_of(line) == self.indent;
        let lines = above.lines().rev().take_while(own).chain(below.lines().skip(1).take_while(own));
        lines.filter(here).map(first_word).filter(|word| !word.is_empty()).collect()
    }

    /// Whether the file declares scenarios, so that it is none itself.
    pub fn is_beside_scenarios(&self) -> bool {
        let (above, below) = self.around;
        above.lines().chain(below.lines().skip(1)).any(|line| line.starts_with("scenario "))
    }

    /// The names of the attributes and arguments that the line has around the place, in the brackets that it is in.
    pub fn given(&self) -> Vec<&'t str> {
        let inside = match open(self.before).and_then(|open| open.last().copied()) {
            Some((Open::Bracket(_), at)) => self.before.get(at + 1..).unwrap_or_default(),
            _ => self.before,
        };
        let rest = self.around.1.lines().next().unwrap_or_default();
        let keys = |text: &'t str| {
            let colons = outermost(text).filter(|(_, char)| *char == ':').map(|(at, _)| at);
            colons.filter_map(|at| text.get(..at)).map(trailing).collect::<Vec<&str>>()
        };
        keys(inside).into_iter().chain(keys(rest)).collect()
    }

    /// The keyword that declares the verbs of items here.
    pub fn place(&self) -> Keyword {
        for parent in &self.parents {
            match parent.split([' ', ':']).next().unwrap_or_default() {
                "goals" | "slo" => return Keyword::Metric,
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
        let mut brackets = open(before)?;
        while let Some((Open::Bracket(bracket), at)) = brackets.pop() {
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
                '{' if verb(outside).is_some_and(|verb| is_only_verb(outside, verb)) => {
                    let argument = named.map_or(Argument::Unnamed, |name| Argument::Named(name.to_owned()));
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

/// No more lines than this are looked at for a bracket that is open.
const MOST_OPEN_LINES: usize = 8;

/// What is open while a text is read.
#[derive(Default)]
struct Scan {
    /// Outermost first, and where each begins.
    open: Vec<(Open, usize)>,
    before: Option<char>,
    in_comment: bool,
}

impl Scan {
    fn read(&mut self, at: usize, char: char) {
        if self.in_comment {
            self.in_comment = char != '\n';
            self.before = Some(char);
            return;
        }
        match (self.open.last().map(|(open, _)| *open), char) {
            // Texts end with their line, if not before.
            (_, '\n') => self.open.retain(|(open, _)| matches!(open, Open::Bracket(_))),
            (Some(Open::Text(quote)), char) if char == quote && self.before != Some('\\') => drop(self.open.pop()),
            (Some(Open::Text('"')), '{') if self.before == Some('$') => self.open.push((Open::Hole, at)),
            (Some(Open::Text(_)), _) => {}
            (_, '"' | '\'') => self.open.push((Open::Text(char), at)),
            (_, '(' | '[' | '{') => self.open.push((Open::Bracket(char), at)),
            (Some(Open::Hole), '}') | (Some(Open::Bracket(_)), ')' | ']' | '}') => drop(self.open.pop()),
            (_, '#') if self.before.is_none_or(char::is_whitespace) => self.in_comment = true,
            _ => {}
        }
        self.before = Some(char);
    }
}

/// What is open at the end of `written`, outermost first, and where each begins; none in a comment.
fn open(written: &str) -> Option<Vec<(Open, usize)>> {
    let mut scan = Scan::default();
    written.char_indices().for_each(|(at, char)| scan.read(at, char));
    (!scan.in_comment).then_some(scan.open)
}

/// Whether a bracket is open at the end of `written`.
fn leaves_open(written: &str) -> bool {
    open(written).is_some_and(|open| open.iter().any(|(open, _)| matches!(open, Open::Bracket(_))))
}

/// The characters of a text that are in no quotes and no brackets.
fn outermost(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut scan = Scan::default();
    text.char_indices().filter(move |(at, char)| {
        let was_outside = scan.open.is_empty();
        scan.read(*at, *char);
        was_outside && scan.open.is_empty() && !scan.in_comment
    })
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The word that a line begins with; a dash before it belongs to no word.
pub(super) fn first_word(line: &str) -> &str {
    let line = line.trim_start().trim_start_matches("- ").trim_start();
    let end = line.find(|char: char| !(char.is_ascii_alphanumeric() || "_-".contains(char))).unwrap_or(line.len());
    line.get(..end).unwrap_or_default()
}

/// Whether a line has nothing but its verb: `- expect: `.
fn is_only_verb(line: &str, verb: &str) -> bool {
    line.trim_end().strip_suffix(':').is_some_and(|line| line.trim_end().ends_with(verb))
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
    let commas = outermost(inside).filter(|(_, char)| *char == ',');
    let (count, start) = commas.fold((0, 0), |(count, _), (at, _)| (count + 1, at + 1));
    (count, inside.get(start..).unwrap_or_default())
}

/// `name` of `name: …`.
fn key(written: &str) -> Option<&str> {
    let (name, _) = written.trim_start().split_once(':')?;
    is_word(name).then_some(name)
}

/// The last `name:` of a line that is not in a text or in brackets.
fn last_key(rest: &str) -> Option<&str> {
    let colons: Vec<usize> = outermost(rest).filter(|(_, char)| *char == ':').map(|(at, _)| at).collect();
    let names = colons.into_iter().rev().filter_map(|at| rest.get(..at)).map(trailing);
    names.into_iter().find(|name| name.starts_with(|char: char| char.is_ascii_alphabetic()))
}

/// How many values a line has that are finished.
fn values(rest: &str) -> usize {
    let blanks = outermost(rest).filter(|(_, char)| char.is_whitespace()).map(|(at, _)| at);
    let mut count = 0;
    let mut from = 0;
    for at in blanks {
        count += usize::from(at > from);
        from = at + 1;
    }
    count
}

/// Whether an operand has to follow what is written.
pub(super) fn ends_with_operator(before: &str) -> bool {
    let before = before.trim_end();
    let word = before.rsplit(' ').next().unwrap_or_default();
    let words = ["and", "or", "not", "in", "contains", "matches", "is", "=="];
    let is_dash = before == "-";
    !is_dash
        && (before.ends_with(['<', '>', '=', '+', '*', '?', '%']) && !before.ends_with("->") && !is_percentage(word))
        || words.contains(&word)
        || !is_dash && (word == "-" || word == "/")
}

fn is_percentage(word: &str) -> bool {
    word.strip_suffix('%').is_some_and(|number| number.ends_with(|char: char| char.is_ascii_digit()))
}

/// The lines that the place is nested in, from the innermost outwards, without their indentation, and where each begins.
fn parents(above: &str, indent: usize) -> Vec<(usize, &str)> {
    let mut parents = Vec::new();
    let (mut indent, mut end) = (indent, above.len());
    for line in above.rsplit('\n') {
        if indent == 0 {
            break;
        }
        let start = end - line.len();
        end = start.saturating_sub(1);
        let written = line.trim_start();
        let depth = line.len() - written.len();
        if depth < indent && !written.is_empty() && !written.starts_with('#') {
            parents.push((start + depth, written));
            indent = depth;
        }
    }
    parents
}
