//! Modules as Markdown.

use std::fmt::Write as _;

use crate::{
    comment,
    links::Links,
    model::{Block, Entry, Kind, Module, Piece},
};

/// The page of a module.
pub fn markdown(module: &Module, links: &Links) -> String {
    let page = links.page(&module.name).unwrap_or_default();
    let mut out = format!("# {}\n", name(&module.name));
    if !module.intro.is_empty() {
        let _ = write!(out, "\n{}\n", module.intro);
    }
    for kind in Kind::ALL {
        let mut entries = module.of(kind).peekable();
        if entries.peek().is_some() {
            let _ = write!(out, "\n## {}\n", kind.plural());
        }
        for entry in entries {
            self::entry(entry, links, page, &mut out);
        }
    }
    if module.entries.is_empty() {
        out.push_str("\nThis file declares nothing that others can use.\n");
    }
    out
}

/// A page with some entries, which is `page` in `links`.
pub fn section(title: &str, about: &str, entries: &[&Entry], links: &Links, page: &str) -> String {
    let mut out = format!("# {title}\n\n{about}\n");
    for entry in entries {
        self::entry(entry, links, page, &mut out);
    }
    out
}

/// The page that leads to those of all modules.
pub fn index(title: &str, modules: &[Module], links: &Links) -> String {
    let mut out = format!("# {title}\n");
    for module in modules {
        let page = links.page(&module.name).unwrap_or_default();
        let _ = write!(out, "\n## [{}]({page}.md)\n", name(&module.name));
        if !module.intro.is_empty() {
            let _ = write!(out, "\n{}\n", comment::summary(&module.intro));
        }
        let mut rows = Vec::new();
        for entry in Kind::ALL.into_iter().flat_map(|kind| module.of(kind)) {
            let about = entry.doc.as_deref().map(comment::summary).unwrap_or_default();
            rows.push(vec![
                vec![Piece::Words(entry.kind.noun().to_owned())],
                vec![Piece::Code(entry.name.clone())],
                vec![Piece::Words(about)],
            ]);
        }
        if !rows.is_empty() {
            block(&Block::Table(vec!["", "", ""], rows), links, "index", &mut out);
        }
    }
    let missing: Vec<String> = modules.iter().flat_map(Module::undocumented).map(|entry| entry.name.clone()).collect();
    if !missing.is_empty() {
        let all: usize = modules.iter().map(|module| module.entries.len()).sum();
        let names: Vec<String> = missing.iter().map(|name| code(name, links, "index", true)).collect();
        let _ = write!(
            out,
            "\n## Not documented\n\n{} of {all} declarations have no `##` comment: {}.\n",
            missing.len(),
            names.join(", ")
        );
    }
    out
}

/// The entry of a declaration, as it stands on the page `page`.
pub(crate) fn entry(entry: &Entry, links: &Links, page: &str, out: &mut String) {
    let _ = write!(out, "\n### {}\n", name(&entry.name));
    // The declaration first, then what is said about it.
    let (first, rest) = match entry.blocks.as_slice() {
        [Block::Code(code), rest @ ..] => (Some(Block::Code(code.clone())), rest),
        all => (None, all),
    };
    first.iter().for_each(|first| block(first, links, page, out));
    if let Some(doc) = &entry.doc {
        let _ = write!(out, "\n{doc}\n");
    }
    rest.iter().for_each(|part| block(part, links, page, out));
}

fn block(block: &Block, links: &Links, page: &str, out: &mut String) {
    match block {
        Block::Code(code) => {
            let code: String = code.lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n").collect();
            let _ = write!(out, "\n{code}");
        }
        Block::Words(pieces) => {
            let _ = write!(out, "\n{}\n", self::pieces(pieces, links, page));
        }
        Block::List(items) => {
            out.push('\n');
            for (depth, item) in items {
                let _ = writeln!(out, "{}- {}", "  ".repeat(*depth), pieces(item, links, page));
            }
        }
        Block::Table(heads, rows) => {
            let _ = write!(out, "\n| {} |\n|{}\n", heads.join(" | "), "---|".repeat(heads.len()));
            for row in rows {
                let cells = row.iter().map(|cell| pieces(cell, links, page).replace('|', "\\|").replace('\n', " "));
                let _ = writeln!(out, "| {} |", cells.collect::<Vec<_>>().join(" | "));
            }
        }
    }
}

fn pieces(pieces: &[Piece], links: &Links, page: &str) -> String {
    let written = pieces.iter().map(|piece| match piece {
        Piece::Code(text) => code(text, links, page, true),
        Piece::Name(text) => code(text, links, page, false),
        Piece::Words(words) => words.clone(),
    });
    written.collect::<Vec<_>>().concat()
}

fn name(name: &str) -> String {
    code(name, &Links::default(), "", false)
}

/// Source text in a line. Each name in it that is documented leads there.
fn code(text: &str, links: &Links, page: &str, linked: bool) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.contains('`') {
        return format!("`` {text} ``");
    }
    let mut out = String::new();
    let mut plain = String::new();
    let end = |plain: &mut String, out: &mut String| {
        if !plain.is_empty() {
            let _ = write!(out, "`{plain}`");
            plain.clear();
        }
    };
    for word in words(&text) {
        match links.target(word, page).filter(|_| linked) {
            Some(target) => {
                end(&mut plain, &mut out);
                let _ = write!(out, "[`{word}`]({target})");
            }
            None => plain.push_str(word),
        }
    }
    end(&mut plain, &mut out);
    out
}

/// `text` in names and what stands between them; what is quoted holds no names.
fn words(text: &str) -> Vec<&str> {
    let is_name = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    let mut words = Vec::new();
    let (mut start, mut named, mut quoted) = (0, false, None);
    for (at, character) in text.char_indices() {
        let name = quoted.is_none() && is_name(character);
        if name != named {
            words.extend(text.get(start..at).filter(|word| !word.is_empty()));
            (start, named) = (at, name);
        }
        match quoted {
            None if matches!(character, '"' | '\'') => quoted = Some(character),
            Some(mark) if mark == character => quoted = None,
            _ => {}
        }
    }
    words.extend(text.get(start..).filter(|word| !word.is_empty()));
    words
}
