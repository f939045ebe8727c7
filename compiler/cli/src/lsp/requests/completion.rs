//! What can be written at a place.

use std::collections::BTreeSet;

use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, CompletionList, CompletionResponse, Documentation,
    MarkupContent, MarkupKind, Position, Range, TextEdit,
};
use scn_analysis::{
    Kind, World,
    editor::{self, Declared, Names as Wish, Wanted},
};
use scn_grammar::ast::Keyword;
use scn_world::FileWorld;
use smol_str::{SmolStr, format_smolstr};

use super::super::{documents::Document, names::Names, place::Encoding};
use super::scope::{fields, fields_of_template, frontends, known, routes};

/// What completion looks at, none of which waits for types.
pub(super) struct Sight<'s> {
    pub document: &'s Document,
    /// The names as they were last known.
    pub names: Option<&'s Names>,
    pub encoding: Encoding,
}

/// A declaration and how the file that asks has to write it.
pub(super) struct Seen {
    pub declared: Declared,
    pub name: SmolStr,
}

/// All that a document can name of what files declare: its own declarations first.
pub(super) fn visible(sight: &Sight<'_>) -> Vec<Seen> {
    let document = sight.document;
    let own = editor::declared(&document.text, document.tree()).into_iter();
    let mut seen: Vec<Seen> = own.map(|declared| Seen { name: declared.name.clone(), declared }).collect();
    let Some(names) = sight.names else { return seen };
    for used in names.survey.uses(&names.findings, &document.path) {
        // A name with `_` before it is the file's own.
        let others = names.survey.declared(&names.findings, used.file).into_iter();
        let others = others.filter(|declared| !declared.name.starts_with('_'));
        seen.extend(others.map(|declared| Seen {
            name: match &used.alias {
                Some(alias) => format_smolstr!("{alias}.{}", declared.name),
                None => declared.name.clone(),
            },
            declared,
        }));
    }
    seen
}

/// What can be written at `position`.
pub(super) fn completion(sight: &Sight<'_>, position: Position) -> CompletionResponse {
    let document = sight.document;
    let offset = document.places.offset(position, &document.text, sight.encoding);
    let found = editor::completion(&document.text, offset);
    let mut items = Items {
        range: Range::new(document.places.position(found.from, sight.encoding), position),
        seen: BTreeSet::new(),
        items: Vec::new(),
    };
    for proposal in found.proposals {
        let suffix = match proposal.wanted {
            Wanted::Verb if proposal.detail.starts_with("metric ") => "",
            Wanted::Verb | Wanted::Attribute | Wanted::Entry => ": ",
            Wanted::Declaration => " ",
            Wanted::Module | Wanted::Type | Wanted::Generator | Wanted::Unit | Wanted::Value => "",
        };
        items.add(&proposal.name, of_wanted(proposal.wanted), &proposal.detail, &proposal.doc, suffix);
    }
    let declared = if found.names.is_empty() { Vec::new() } else { visible(sight) };
    for wish in &found.names {
        match wish {
            Wish::Declared(keyword) => {
                let suffix = if *keyword == Keyword::Probe { ": " } else { "" };
                for Seen { name, declared } in declared.iter().filter(|seen| seen.declared.keyword == *keyword) {
                    items.add(name, of_keyword(*keyword), &declared.signature, &declared.doc, suffix);
                }
            }
            Wish::ParametersOf(callee) => {
                let called = declared.iter().find(|seen| seen.name == *callee);
                for (name, ty) in called.into_iter().flat_map(|seen| &seen.declared.params) {
                    items.add(name, CompletionItemKind::Property, ty, "", ": ");
                }
            }
            Wish::Steps | Wish::Groups | Wish::Probes => {
                let journey = editor::journey(document.tree(), offset);
                let (names, what) = match wish {
                    Wish::Groups => (journey.groups, "group"),
                    Wish::Probes => (journey.probes, "probe"),
                    _ => (journey.steps, "step"),
                };
                names.iter().for_each(|name| items.add(name, CompletionItemKind::Value, what, "", ""));
            }
            Wish::FieldsOfTemplate(template) => {
                let base = template.rsplit('.').next().unwrap_or(template);
                let fields = fields_of_template(sight, base).into_iter();
                for (name, ty) in fields.filter(|(name, _)| !found.given.contains(name)) {
                    items.add(&name, CompletionItemKind::Field, &ty, "", ": ");
                }
            }
            Wish::FieldsOf(owner) => {
                let prefix = format!("{owner}.");
                let constants = declared.iter().filter(|seen| seen.declared.keyword == Keyword::Const);
                for Seen { name, declared } in constants.filter(|seen| seen.name.starts_with(&prefix)) {
                    items.add(name, of_keyword(declared.keyword), &declared.signature, &declared.doc, "");
                }
                for (name, ty) in fields(sight, owner, offset) {
                    items.add(&format!("{prefix}{name}"), CompletionItemKind::Field, &ty, "", "");
                }
            }
            Wish::Known(kind) => {
                for (name, detail) in known(sight, *kind, offset) {
                    // A name with a blank or a slash is a text.
                    let is_bare = found.in_text
                        || matches!(kind, Kind::Variable | Kind::Part | Kind::Store | Kind::Sandbox | Kind::Step);
                    let suffix = if *kind == Kind::Field { ": " } else { "" };
                    let name = match is_bare || *kind == Kind::Field {
                        true => name.to_string(),
                        false => format!("\"{name}\""),
                    };
                    items.add(&name, of_kind(*kind), &detail, "", suffix);
                }
            }
            Wish::RoutesOf(part) => {
                for (name, detail) in routes(sight, part, offset) {
                    items.add(&name, CompletionItemKind::Method, &detail, "", "");
                }
            }
            Wish::Frontends => {
                for name in frontends(sight, offset) {
                    items.add(&name, CompletionItemKind::Module, "", "", "");
                }
            }
            Wish::Modules => {
                for module in modules(sight) {
                    items.add(&module, CompletionItemKind::Module, "", "", "");
                }
            }
            Wish::Files => {
                for file in files(document, document.text.get(found.from..offset).unwrap_or_default()) {
                    items.add(&file, CompletionItemKind::File, "", "", "");
                }
            }
        }
    }
    // Before the first check nothing is known of other files: what is offered then is not all.
    CompletionResponse::CompletionList(CompletionList {
        is_incomplete: sight.names.is_none() && !found.names.is_empty(),
        item_defaults: None,
        apply_kind: None,
        items: items.items,
    })
}

/// The items, each name once.
struct Items {
    /// What they are written in place of.
    range: Range,
    seen: BTreeSet<String>,
    items: Vec<CompletionItem>,
}

impl Items {
    fn add(&mut self, name: &str, kind: CompletionItemKind, detail: &str, doc: &str, suffix: &str) {
        if !self.seen.insert(name.to_owned()) {
            return;
        }
        let documentation =
            || Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: doc.to_owned() });
        self.items.push(CompletionItem {
            label: name.to_owned(),
            kind: Some(kind),
            detail: Some(detail.to_owned()).filter(|detail| !detail.is_empty()),
            documentation: (!doc.is_empty()).then(documentation),
            text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit {
                range: self.range,
                new_text: format!("{name}{suffix}"),
            })),
            ..CompletionItem::default()
        });
    }
}

/// Modules of the libraries that the settings name.
fn modules(sight: &Sight<'_>) -> Vec<String> {
    let Some(names) = sight.names else { return Vec::new() };
    let libraries = names.survey.libraries(&names.findings, &sight.document.path).into_iter();
    let modules = libraries.flat_map(|(library, folder)| {
        let files = folder.map(|folder| FileWorld::new().siblings(&format!("{folder}/it"))).unwrap_or_default();
        let names =
            files.into_iter().filter_map(|file| Some(file.rsplit('/').next()?.strip_suffix(".scn")?.to_owned()));
        names.map(move |name| format!("{library}.{name}")).collect::<Vec<_>>()
    });
    modules.collect()
}

/// Source files in the folder that is being written, as a `use` names them.
fn files(document: &Document, written: &str) -> Vec<String> {
    let folder = written.rsplit_once('/').map_or(".", |(folder, _)| folder);
    let here = document.path.rsplit_once('/').map_or("", |(here, _)| here);
    let around = format!("{here}/{folder}/");
    let listed = FileWorld::new().siblings(&format!("{around}it"));
    let files = listed.into_iter().filter_map(|path| Some(path.rsplit_once('/')?.1.to_owned()));
    let mut files: Vec<String> = files.map(|name| format!("{folder}/{name}")).collect();
    let folders = std::fs::read_dir(&around).into_iter().flatten().filter_map(Result::ok);
    let folders = folders.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let folders = folders.filter_map(|entry| entry.file_name().into_string().ok());
    files.extend(folders.filter(|name| !name.starts_with('.')).map(|name| format!("{folder}/{name}/")));
    files.sort();
    // Not the file itself.
    let own = document.path.rsplit('/').next().unwrap_or_default();
    files.retain(|file| folder != "." || file.strip_prefix("./") != Some(own));
    files
}

fn of_wanted(wanted: Wanted) -> CompletionItemKind {
    match wanted {
        Wanted::Declaration => CompletionItemKind::Keyword,
        Wanted::Entry | Wanted::Attribute => CompletionItemKind::Property,
        Wanted::Verb | Wanted::Generator => CompletionItemKind::Function,
        Wanted::Module => CompletionItemKind::Module,
        Wanted::Type => CompletionItemKind::Class,
        Wanted::Unit => CompletionItemKind::Unit,
        Wanted::Value => CompletionItemKind::Value,
    }
}

fn of_keyword(keyword: Keyword) -> CompletionItemKind {
    match keyword {
        Keyword::Persona => CompletionItemKind::Class,
        Keyword::Const => CompletionItemKind::Constant,
        _ => CompletionItemKind::Function,
    }
}

fn of_kind(kind: Kind) -> CompletionItemKind {
    match kind {
        Kind::Variable | Kind::Parameter => CompletionItemKind::Variable,
        Kind::Field | Kind::Control => CompletionItemKind::Field,
        Kind::Page => CompletionItemKind::File,
        Kind::Form => CompletionItemKind::Struct,
        _ => CompletionItemKind::Module,
    }
}
