//! Branches: what `branch "feature/x":` blocks of frontends change.
//!
//! A branch is lowered as the sandbox that its author means: its blocks are merged into the syntax tree, and the result goes
//! the way of any other sandbox. So whatever holds for a page holds for one that a branch changes.

use scn_diagnostics::{Diagnostic, Label, Span, codes};
use scn_grammar::ast::{Decl, Keyword, Node};
use scn_plan::blueprint::MAIN_BRANCH;
use scn_plan::collections::HashSet;
use scn_plan::collections::IndexMap;
use smol_str::SmolStr;

use super::{
    declarations,
    outline::{duplicate, path_of},
    refuse_items, settings, variant,
};
use crate::{
    editor::extent,
    expr::{dotted, quoted_text},
    signatures::{list, nearest},
};

/// The branches of a sandbox by name, in the order of the source; each has a block in at least one frontend.
pub(super) struct Branches<'a> {
    sandbox: &'a Node,
    blocks: IndexMap<SmolStr, Vec<Block<'a>>>,
}

/// What a branch changes in one frontend.
struct Block<'a> {
    /// The frontend: an index into the sandbox's lines.
    frontend: usize,
    name_span: Span,
    /// Pages by path.
    pages: IndexMap<SmolStr, &'a Node>,
}

impl<'a> Branches<'a> {
    /// The branches of `sandbox`. What is wrong with the blocks themselves is reported; what is wrong in their pages shows
    /// once these are lowered.
    pub fn of(sandbox: &'a Node, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut blocks: IndexMap<SmolStr, Vec<Block<'a>>> = IndexMap::default();
        for (frontend, node) in sandbox.children.iter().enumerate() {
            if node.decl().is_none_or(|decl| decl.keyword != Keyword::Frontend) {
                continue;
            }
            for (child, decl) in declarations(node).filter(|(_, decl)| decl.keyword == Keyword::Branch) {
                let Some((name, name_span)) = name(decl, diagnostics) else { continue };
                let own = blocks.entry(name.clone()).or_default();
                if let Some(first) = own.last().filter(|block| block.frontend == frontend) {
                    let headline = format!("this frontend has two blocks of the branch `{name}`");
                    diagnostics.push(
                        Diagnostic::new(codes::DUPLICATE_NAME, name_span, headline)
                            .also(first.name_span, "the first is here")
                            .help("write all that the branch changes in this frontend in one block"),
                    );
                    continue;
                }
                own.push(Block { frontend, name_span, pages: pages(child, diagnostics) });
            }
        }
        Self { sandbox, blocks }
    }

    pub fn names(&self) -> impl Iterator<Item = &SmolStr> {
        self.blocks.keys()
    }

    /// The sandbox as it is on the branch `name`; frontends without a block of it stay as they are.
    pub fn merged(&self, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Node {
        let mut sandbox = self.sandbox.clone();
        for block in self.blocks.get(name).into_iter().flatten() {
            if let Some(frontend) = sandbox.children.get_mut(block.frontend) {
                block.change(frontend, diagnostics);
            }
        }
        sandbox
    }

    /// Leaves of `found`, which lowering the branch `name` has reported, what the branch itself brings about; `known` is what
    /// is reported without it, by code and place.
    pub fn keep_own(&self, name: &str, found: &mut Vec<Diagnostic>, known: &HashSet<(&str, Span)>) {
        found.retain(|diagnostic| !known.contains(&(diagnostic.code.id, diagnostic.primary.span)));
        let Some(blocks) = self.blocks.get(name) else { return };
        let pages: Vec<Span> = blocks.iter().flat_map(|block| block.pages.values().map(|page| extent(page))).collect();
        for diagnostic in found {
            let at = diagnostic.primary.span;
            if pages.iter().any(|page| contains(*page, at)) {
                continue;
            }
            // What stands outside of the block is right without it.
            let around = |block: &&Block<'_>| {
                self.sandbox.children.get(block.frontend).is_some_and(|frontend| contains(extent(frontend), at))
            };
            if let Some(block) = blocks.iter().find(around).or(blocks.first()) {
                diagnostic.secondary.push(Label {
                    span: block.name_span,
                    message: "it is so with the changes of this branch".to_owned(),
                });
            }
        }
    }
}

impl Block<'_> {
    /// Merges the block's pages into those of `frontend`.
    fn change(&self, frontend: &mut Node, diagnostics: &mut Vec<Diagnostic>) {
        let mut own: IndexMap<SmolStr, usize> = IndexMap::default();
        for (at, child) in frontend.children.iter().enumerate() {
            let Some(decl) = child.decl().filter(|decl| decl.keyword == Keyword::Page) else { continue };
            // What is no path is reported where the frontend is lowered without the branch.
            if let Some((path, _)) = decl.operands.first().and_then(|path| path_of(path, &mut Vec::new())) {
                own.entry(path).or_insert(at);
            }
        }
        for (path, variant) in &self.pages {
            match own.get(path).and_then(|at| frontend.children.get_mut(*at)) {
                Some(page) => *page = variant::page(Some(page), variant, diagnostics),
                None => frontend.children.push(variant::page(None, variant, diagnostics)),
            }
        }
    }
}

/// The name of the branch that `decl` declares, and where it stands.
fn name(decl: &Decl, diagnostics: &mut Vec<Diagnostic>) -> Option<(SmolStr, Span)> {
    let operand = decl.operands.first()?;
    match dotted(operand).map(|name| (name, operand.span)).or_else(|| quoted_text(operand)) {
        Some((name, span)) if name == MAIN_BRANCH => {
            diagnostics.push(
                Diagnostic::new(codes::BRANCH_NAME, span, "`main` is what stands outside of branch blocks")
                    .help("write these pages directly in the frontend, or name another branch"),
            );
            None
        }
        Some((name, span)) if !name.trim().is_empty() => Some((name, span)),
        _ => {
            diagnostics.push(
                Diagnostic::new(codes::BRANCH_NAME, operand.span, "a branch has a name that is written out")
                    .help("write its name in quotes, such as `branch \"feature/new-form\":`"),
            );
            None
        }
    }
}

/// The pages of a branch block by path.
fn pages<'a>(block: &'a Node, diagnostics: &mut Vec<Diagnostic>) -> IndexMap<SmolStr, &'a Node> {
    const HOLDS: &str = "a branch holds pages; what else the frontend has stands outside of it";
    refuse_items(block, diagnostics);
    for setting in settings(block) {
        let headline = format!("`{}` cannot stand in a branch", setting.key.text);
        diagnostics.push(Diagnostic::new(codes::MISPLACED, setting.key.span, headline).help(HOLDS));
    }
    let mut pages: IndexMap<SmolStr, &Node> = IndexMap::default();
    for (node, decl) in declarations(block) {
        if decl.keyword == Keyword::Branch {
            diagnostics.push(misplaced(decl, "branch"));
            continue;
        }
        if decl.keyword != Keyword::Page {
            let headline = "this cannot stand in a branch";
            diagnostics.push(Diagnostic::new(codes::MISPLACED, decl.keyword_span, headline).help(HOLDS));
            continue;
        }
        let Some((path, span)) = decl.operands.first().and_then(|path| path_of(path, diagnostics)) else { continue };
        match pages.get(&path) {
            Some(first) => diagnostics.push(duplicate("page", &path, span, first.span)),
            None => {
                pages.insert(path, node);
            }
        }
    }
    pages
}

/// A branch block stands where none can.
pub(super) fn misplaced(decl: &Decl, place: &str) -> Diagnostic {
    Diagnostic::new(codes::MISPLACED, decl.keyword_span, format!("a branch cannot stand in a {place}"))
        .help("write it directly in a frontend, with the pages that it changes under it")
}

/// None of the frontends of the sandbox whose name stands at `sandbox` has the branch `wanted`.
pub(crate) fn unknown(wanted: &str, sandbox: Span, branches: &[SmolStr]) -> Diagnostic {
    let known: Vec<&str> = std::iter::once(MAIN_BRANCH).chain(branches.iter().map(SmolStr::as_str)).collect();
    let headline = match known.as_slice() {
        [only] => format!("there is no branch `{wanted}`; there is only `{only}`"),
        _ => format!("there is no branch `{wanted}`; there are {}", list(&known)),
    };
    let diagnostic = Diagnostic::new(codes::UNKNOWN_BRANCH, sandbox, headline).label("of this sandbox");
    diagnostic.help(match (nearest(wanted, known.iter().copied()), branches) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, []) => "declare the branch with `branch \"NAME\":` in a frontend of this sandbox".to_owned(),
        (None, _) => "choose one of these, or declare the branch with `branch \"NAME\":` in a frontend".to_owned(),
    })
}

fn contains(extent: Span, span: Span) -> bool {
    extent.source == span.source && extent.start <= span.start && span.end <= extent.end
}
