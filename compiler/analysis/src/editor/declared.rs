//! What a file declares for others.

use std::sync::LazyLock;

use scn_diagnostics::{SourceId, Span};
use scn_grammar::ast::{Head, Keyword, Node, Tree};
use smol_str::SmolStr;

use crate::line::snake_case;

/// A declaration as its users see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The keyword that declares it.
    pub keyword: Keyword,
    /// Its name.
    pub name: SmolStr,
    /// Where its name stands.
    pub name_span: Span,
    /// Its line as it is written, without the colon at its end.
    pub signature: String,
    /// What the `##` comments above it say; empty without any.
    pub doc: String,
    /// Its parameters: each name, and its type and default as they are written.
    pub params: Vec<(SmolStr, String)>,
}

impl Declared {
    /// The index of the parameter with this name, as it can be written: `failIf` is `fail_if`.
    pub fn param(&self, name: &str) -> Option<usize> {
        let name = snake_case(name);
        self.params.iter().position(|(param, _)| *param == name)
    }
}

/// The declarations at the top of a file.
pub fn declared(text: &str, tree: &Tree) -> Vec<Declared> {
    tree.nodes.iter().filter_map(|node| declaration(text, node)).collect()
}

fn declaration(text: &str, node: &Node) -> Option<Declared> {
    let Head::Decl(decl) = &node.head else { return None };
    let name = decl.name.as_ref().filter(|_| decl.keyword != Keyword::Use)?;
    let slice = |span: Span| text.get(span.range()).unwrap_or_default();
    let params = decl.params.iter().map(|param| {
        let default = param.default.as_ref().map(|default| format!(" = {}", slice(default.span)));
        (param.name.text.clone(), format!("{}{}", slice(param.ty.span), default.unwrap_or_default()))
    });
    Some(Declared {
        keyword: decl.keyword,
        name: name.text.clone(),
        name_span: name.span,
        signature: slice(node.span).trim_end_matches(':').to_owned(),
        doc: node.doc.as_ref().map(SmolStr::to_string).unwrap_or_default(),
        params: params.collect(),
    })
}

/// What the prelude declares: steps, handler steps, probes, generators and metrics.
pub fn prelude() -> &'static [Declared] {
    static PRELUDE: LazyLock<Vec<Declared>> = LazyLock::new(|| {
        let (tree, _) = scn_grammar::parse(SourceId::default(), scn_stdlib::PRELUDE);
        declared(scn_stdlib::PRELUDE, &tree)
    });
    &PRELUDE
}
