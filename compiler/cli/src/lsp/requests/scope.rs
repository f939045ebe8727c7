//! Which names can be read at a place, by the names as they were last known.

use std::collections::{BTreeMap, BTreeSet};

use scn_analysis::{Kind, Symbol, editor};
use scn_diagnostics::Span;
use smol_str::SmolStr;

use super::{super::names::Names, completion::Sight};

/// Names of a kind that the document can see, and what they belong to or are.
pub(super) fn known(sight: &Sight<'_>, kind: Kind, offset: usize) -> Vec<(SmolStr, String)> {
    let Some(names) = sight.names else { return Vec::new() };
    let symbols = names.index.symbols().map(|(_, symbol)| symbol);
    let blueprint = Blueprint::around(sight, names, offset);
    let found = symbols.filter(|symbol| match kind {
        Kind::Variable => is_in_scope(sight, names, symbol, offset),
        _ => symbol.kind == kind && blueprint.as_ref().is_none_or(|blueprint| blueprint.has(symbol)),
    });
    found
        .map(|symbol| {
            let ty = names.index.type_of(symbol.declared);
            let owner = || {
                let owner = symbol.owners.first()?;
                let text = names.findings.sources.slice(*owner);
                (!text.contains('\n')).then(|| text.to_owned())
            };
            (symbol.name.clone(), ty.or_else(owner).unwrap_or_default())
        })
        .collect()
}

/// The paths of a part's routes, with the lines that declare them.
pub(super) fn routes(sight: &Sight<'_>, part: &str, offset: usize) -> Vec<(SmolStr, String)> {
    let Some(names) = sight.names else { return Vec::new() };
    let blueprint = Blueprint::around(sight, names, offset);
    let symbols = || names.index.symbols().map(|(_, symbol)| symbol);
    let is_here = |symbol: &Symbol| blueprint.as_ref().is_none_or(|blueprint| blueprint.has(symbol));
    let parts: Vec<Span> = symbols()
        .filter(|symbol| symbol.kind == Kind::Part && symbol.name == part && is_here(symbol))
        .map(|symbol| symbol.declared)
        .collect();
    let routes = symbols().filter(|symbol| symbol.kind == Kind::Route);
    let routes = routes.filter(|route| route.owners.iter().any(|owner| parts.contains(owner)));
    routes.map(|route| (route.name.clone(), declaring(names, route))).collect()
}

/// The frontends of the sandbox that a place is in.
pub(super) fn frontends(sight: &Sight<'_>, offset: usize) -> Vec<SmolStr> {
    let Some(names) = sight.names else { return Vec::new() };
    let blueprint = Blueprint::around(sight, names, offset);
    let parts = names.index.symbols().map(|(_, symbol)| symbol).filter(|symbol| symbol.kind == Kind::Part);
    let own = parts.filter(|part| blueprint.as_ref().is_none_or(|blueprint| blueprint.has(part)));
    own.filter(|part| declaring(names, part).starts_with("frontend ")).map(|part| part.name.clone()).collect()
}

/// The line that declares something, without the colon at its end.
fn declaring(names: &Names, symbol: &Symbol) -> String {
    let source = names.text(symbol.declared.source);
    let line = source.and_then(|source| source.line(source.line_column(symbol.declared.range().start).line));
    line.unwrap_or_default().trim().trim_end_matches(':').to_owned()
}

/// The sandbox that a place is about, and who has what in it.
struct Blueprint<'n> {
    sandboxes: Vec<Span>,
    by_place: BTreeMap<Span, &'n Symbol>,
}

impl<'n> Blueprint<'n> {
    /// None where no sandbox is named: a flow may be taken in any.
    fn around(sight: &Sight<'_>, names: &'n Names, offset: usize) -> Option<Self> {
        let name = editor::sandbox(sight.document.tree(), offset)?;
        let symbols = || names.index.symbols().map(|(_, symbol)| symbol);
        let of_name = symbols().filter(|symbol| symbol.kind == Kind::Sandbox && symbol.name == name);
        let sandboxes: Vec<Span> = of_name.map(|symbol| symbol.declared).collect();
        let by_place = symbols().map(|symbol| (symbol.declared, symbol)).collect();
        (!sandboxes.is_empty()).then_some(Self { sandboxes, by_place })
    }

    /// Whether something belongs to the sandbox; what belongs to none does not count.
    fn has(&self, symbol: &Symbol) -> bool {
        match symbol.kind {
            Kind::Part | Kind::Page => symbol.owners.iter().any(|owner| self.sandboxes.contains(owner)),
            Kind::Store | Kind::Form | Kind::Control | Kind::Route | Kind::Envelope => {
                let owners = symbol.owners.iter().filter_map(|owner| self.by_place.get(owner));
                owners.into_iter().any(|owner| self.has(owner))
            }
            _ => true,
        }
    }
}

/// Whether a variable or a parameter belongs to the journey, the flow or the handler around a place, and has a value there.
fn is_in_scope(sight: &Sight<'_>, names: &Names, symbol: &Symbol, offset: usize) -> bool {
    let source = names.source(&sight.document.path);
    let line = sight.document.text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let text = &sight.document.text;
    // What is written below belongs to it as long as it is indented deeper, and the end may have moved meanwhile.
    let goes_on = |owner: &Span| {
        let start = owner.range().start;
        let column = start - text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let mut below = text.get(owner.range().end..offset)?.lines().skip(1).filter(|line| !line.trim().is_empty());
        Some(below.all(|line| line.len() - line.trim_start().len() > column))
    };
    let holds = |owner: &Span| {
        Some(owner.source) == source
            && owner.range().start <= offset
            && (offset <= owner.range().end || goes_on(owner).unwrap_or_default())
    };
    match symbol.kind {
        Kind::Parameter => symbol.owners.iter().any(holds),
        Kind::Variable => symbol.declared.range().start < line && symbol.owners.iter().any(holds),
        _ => false,
    }
}

/// The fields of `persona`, of the variable with this name, or of a field of one of them.
pub(super) fn fields(sight: &Sight<'_>, owner: &str, offset: usize) -> Vec<(SmolStr, String)> {
    let Some(names) = sight.names else { return Vec::new() };
    if let Some((owner, field)) = owner.rsplit_once('.') {
        let of_owner = fields(sight, owner, offset);
        let ty = of_owner.iter().find(|(name, _)| name == field).map(|(_, ty)| ty.as_str());
        return ty.map(editor::fields).unwrap_or_default();
    }
    let symbols = || names.index.symbols().map(|(_, symbol)| symbol);
    match owner {
        "persona" => {
            // Whoever takes the journey is of a template that the document names.
            let source = names.source(&sight.document.path);
            let here = names.index.occurrences().iter().filter(|place| Some(place.at.source) == source);
            let named = here.filter_map(|place| names.index.symbol(place.symbol));
            let templates: BTreeSet<Span> =
                named.filter(|symbol| symbol.kind == Kind::Template).map(|symbol| symbol.declared).collect();
            let is_theirs =
                |symbol: &&Symbol| templates.is_empty() || symbol.owners.iter().any(|owner| templates.contains(owner));
            typed(names, symbols().filter(|symbol| symbol.kind == Kind::Field).filter(is_theirs))
        }
        "form" => {
            // Of the page that the handler is on.
            let blueprint = Blueprint::around(sight, names, offset);
            let page = editor::page(sight.document.tree(), offset);
            let is_here = |symbol: &&Symbol| {
                let Some(blueprint) = &blueprint else { return true };
                let forms = symbol.owners.iter().filter_map(|owner| blueprint.by_place.get(owner));
                let mut pages = forms.flat_map(|form| &form.owners).filter_map(|page| blueprint.by_place.get(page));
                blueprint.has(symbol) && page.as_ref().is_none_or(|page| pages.any(|known| known.name == *page))
            };
            typed(names, symbols().filter(|symbol| symbol.kind == Kind::Control).filter(is_here))
        }
        _ => {
            let variable = symbols().find(|symbol| symbol.name == owner && is_in_scope(sight, names, symbol, offset));
            let Some(ty) = variable.and_then(|variable| names.index.type_of(variable.declared)) else {
                return Vec::new();
            };
            let fields = editor::fields(&ty);
            if !fields.is_empty() {
                return fields;
            }
            // A persona, of one of several templates.
            let templates = ty.split(" or ").filter_map(|ty| ty.rsplit('.').next());
            templates.flat_map(|template| fields_of_template(sight, template)).collect()
        }
    }
}

/// The fields of the template with this name, those that it inherits too.
pub(super) fn fields_of_template(sight: &Sight<'_>, template: &str) -> Vec<(SmolStr, String)> {
    let Some(names) = sight.names else { return Vec::new() };
    let fields = names.index.symbols().map(|(_, symbol)| symbol).filter(|symbol| symbol.kind == Kind::Field);
    let is_its = |symbol: &&Symbol| symbol.owners.iter().any(|owner| names.findings.sources.slice(*owner) == template);
    typed(names, fields.filter(is_its))
}

fn typed<'n>(names: &'n Names, symbols: impl Iterator<Item = &'n Symbol>) -> Vec<(SmolStr, String)> {
    symbols.map(|symbol| (symbol.name.clone(), names.index.type_of(symbol.declared).unwrap_or_default())).collect()
}
