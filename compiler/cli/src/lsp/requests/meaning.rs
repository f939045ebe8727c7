//! What words mean: in the prelude, in the file and in what it uses.

use std::sync::Arc;

use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionResponse, Contents, DefinitionResponse, Documentation, Hover,
    Location, MarkupContent, MarkupKind, Position,
};
use scn_analysis::{
    World,
    editor::{self, Declared, Role, Wanted, Word},
};
use scn_diagnostics::SourceId;
use scn_grammar::ast::Keyword;
use scn_world::FileWorld;
use smol_str::{SmolStr, format_smolstr};

use super::super::{
    documents::{Document, uri_of},
    place::{Encoding, Places},
};

/// A declaration and the file that it is in.
struct Found {
    declared: Declared,
    /// How the file that asks has to write it.
    name: SmolStr,
    /// The file's path, or the name of a module of the standard library.
    module: String,
    text: Arc<str>,
}

/// All that a document can name of what files declare: its own declarations first.
fn visible(document: &Document, open: &[Arc<Document>]) -> Vec<Found> {
    let world = FileWorld::over(open.iter().map(|document| (document.path.clone(), document.text.clone())));
    let mut found = Vec::new();
    let own = editor::declared(&document.text, document.tree()).into_iter();
    found.extend(own.map(|declared| Found {
        name: declared.name.clone(),
        declared,
        module: document.path.clone(),
        text: document.text.clone(),
    }));
    for used in editor::uses(&document.path, document.tree()) {
        let text = match scn_stdlib::module(&used.module) {
            Some(module) => module.text.into(),
            None => match world.read(&used.module) {
                Ok(text) => text,
                // What cannot be read is reported where it is used.
                Err(_) => continue,
            },
        };
        let (tree, _) = scn_grammar::parse(SourceId::default(), &text);
        // A name with `_` before it is the file's own.
        let others = editor::declared(&text, &tree).into_iter().filter(|declared| !declared.name.starts_with('_'));
        found.extend(others.map(|declared| Found {
            name: match &used.alias {
                Some(alias) => format_smolstr!("{alias}.{}", declared.name),
                None => declared.name.clone(),
            },
            declared,
            module: used.module.clone(),
            text: text.clone(),
        }));
    }
    found
}

/// What the prelude says of a verb or of what is called.
fn of_prelude(keyword: Keyword, name: &str) -> Option<&'static Declared> {
    let is_percentile = keyword == Keyword::Metric
        && name.strip_prefix('p').is_some_and(|digits| digits.starts_with(|char: char| char.is_ascii_digit()));
    let name = if is_percentile { "pNN" } else { name };
    editor::prelude().iter().find(|declared| declared.keyword == keyword && declared.name == name)
}

fn word(document: &Document, position: Position, encoding: Encoding) -> Option<Word> {
    editor::word(document.tree(), document.places.offset(position, &document.text, encoding))
}

/// What is said of the word at a place.
pub(super) fn hover(
    document: &Document,
    position: Position,
    open: &[Arc<Document>],
    encoding: Encoding,
) -> Option<Hover> {
    let word = word(document, position, encoding)?;
    let own = || visible(document, open).into_iter().find(|found| found.name == word.text).map(|found| found.declared);
    let said = match &word.role {
        Role::Verb(keyword) => match of_prelude(*keyword, &word.text) {
            Some(declared) => shown(declared),
            None => shown(&own()?),
        },
        Role::Attribute(verb, keyword) => {
            let declared = of_prelude(*keyword, verb)?;
            let (name, ty) = declared.params.iter().find(|(name, _)| *name == word.text)?;
            format!("```scn\n{name}: {ty}\n```\n\nAn attribute of `{verb}`.")
        }
        Role::Call => match of_prelude(Keyword::Generator, &word.text) {
            Some(declared) => shown(declared),
            None => shown(&own()?),
        },
        Role::Name => shown(&own()?),
    };
    Some(Hover {
        contents: Contents::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: said }),
        range: Some(document.places.range(word.span, encoding)),
    })
}

fn shown(declared: &Declared) -> String {
    let signature = format!("```scn\n{}\n```", declared.signature);
    match declared.doc.is_empty() {
        true => signature,
        false => format!("{signature}\n\n{}", declared.doc),
    }
}

/// Where the word at a place is declared; what the standard library declares is in no file.
pub(super) fn definition(
    document: &Document,
    position: Position,
    open: &[Arc<Document>],
    encoding: Encoding,
) -> Option<DefinitionResponse> {
    let word = word(document, position, encoding)?;
    let found = visible(document, open).into_iter().find(|found| found.name == word.text)?;
    let uri = if found.module == document.path { document.uri.clone() } else { uri_of(&found.module)? };
    let range = Places::of(&found.text).range(found.declared.name_span, encoding);
    Some(DefinitionResponse::Definition(gen_lsp_types::Definition::Location(Location { uri, range })))
}

/// What can be written at a place.
pub(super) fn completion(
    document: &Document,
    position: Position,
    open: &[Arc<Document>],
    encoding: Encoding,
) -> CompletionResponse {
    let offset = document.places.offset(position, &document.text, encoding);
    let (proposals, keywords) = editor::proposals(&document.text, offset);
    let mut items: Vec<CompletionItem> = proposals
        .into_iter()
        .map(|proposal| {
            let text = match proposal.wanted {
                Wanted::Verb if is_metric(&proposal.detail) => None,
                Wanted::Verb | Wanted::Attribute | Wanted::Entry => Some(format!("{}: ", proposal.name)),
                Wanted::Declaration => Some(format!("{} ", proposal.name)),
                Wanted::Declared(_) => None,
            };
            item(&proposal.name, kind(proposal.wanted), &proposal.detail, &proposal.doc, text)
        })
        .collect();
    if !keywords.is_empty() {
        let found = visible(document, open).into_iter().filter(|found| keywords.contains(&found.declared.keyword));
        items.extend(found.map(|found| {
            let Declared { keyword, signature, doc, .. } = &found.declared;
            item(&found.name, kind(Wanted::Declared(*keyword)), signature, doc, None)
        }));
    }
    CompletionResponse::CompletionItemList(items)
}

fn is_metric(signature: &str) -> bool {
    signature.starts_with("metric ")
}

fn item(name: &str, kind: CompletionItemKind, detail: &str, doc: &str, insert_text: Option<String>) -> CompletionItem {
    let documentation =
        || Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: doc.to_owned() });
    CompletionItem {
        label: name.to_owned(),
        kind: Some(kind),
        detail: Some(detail.to_owned()).filter(|detail| !detail.is_empty()),
        documentation: (!doc.is_empty()).then(documentation),
        insert_text,
        ..CompletionItem::default()
    }
}

fn kind(wanted: Wanted) -> CompletionItemKind {
    match wanted {
        Wanted::Declaration => CompletionItemKind::Keyword,
        Wanted::Entry | Wanted::Attribute => CompletionItemKind::Property,
        Wanted::Verb => CompletionItemKind::Function,
        Wanted::Declared(Keyword::Persona) => CompletionItemKind::Class,
        Wanted::Declared(Keyword::Const) => CompletionItemKind::Constant,
        Wanted::Declared(_) => CompletionItemKind::Function,
    }
}
