//! What the prelude declares: the signatures of steps, handler steps, probes, generators and metrics.
//!
//! **Architecture invariant:** no signature is written in Rust; every one is read from `stdlib/prelude.scn`.

use std::sync::{Arc, LazyLock};

use scn_diagnostics::{Diagnostic, Source, SourceId, SourceMap, Span, codes};
use scn_grammar::ast;
use scn_plan::collections::HashSet;
use scn_plan::collections::IndexMap;
use scn_plan::{Expr, Labels};
use smol_str::SmolStr;

use crate::{
    expr::ExprChecker,
    modules::is_private,
    scope::{Scope, Symbols},
    type_expr::{self, Templates},
    types::Type,
};

/// A parameter of a signature.
#[derive(Clone, Debug)]
pub(crate) struct Param {
    /// Its name, in snake case.
    pub name: SmolStr,
    /// Its type.
    pub ty: Type,
    /// Its value where the argument is left out.
    pub default: Option<Expr>,
    /// Whether it takes any number of positional arguments.
    pub variadic: bool,
}

impl Param {
    /// Whether the argument must be given.
    pub fn required(&self) -> bool {
        self.default.is_none() && !self.variadic && !matches!(self.ty, Type::Maybe(_))
    }
}

/// What can be used by name and arguments.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    /// Its name.
    pub name: SmolStr,
    /// What it takes.
    pub params: Vec<Param>,
    /// What it yields.
    pub result: Option<Type>,
    /// What expressions in its arguments can read besides what every expression can.
    pub exposes: Vec<(SmolStr, Type)>,
}

impl Signature {
    /// The parameter named `name`.
    pub fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name == name)
    }
}

/// All signatures of one kind, by name.
pub(crate) type Table = IndexMap<SmolStr, Signature>;

/// Everything that the prelude declares.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signatures {
    /// Steps of a journey.
    pub steps: Table,
    /// Steps of a handler.
    pub handlers: Table,
    /// Faults.
    pub probes: Table,
    /// Makers of synthetic data.
    pub generators: Table,
    /// What goals measure.
    pub metrics: Table,
}

impl Signatures {
    /// The sources of a compilation that has read nothing yet. The prelude is the first of them, so that its spans are the same in
    /// every compilation of a process.
    pub fn sources() -> SourceMap {
        static PRELUDE: LazyLock<Source> = LazyLock::new(|| Source::new(scn_stdlib::PRELUDE_NAME, scn_stdlib::PRELUDE));
        let mut sources = SourceMap::new();
        sources.add(PRELUDE.clone());
        sources
    }

    /// What the prelude declares, which a process reads once. A finding in it is a defect of the prelude, and is reported like any
    /// other.
    pub fn load() -> (Arc<Self>, Vec<Diagnostic>) {
        static PRELUDE: LazyLock<(Arc<Signatures>, Vec<Diagnostic>)> = LazyLock::new(|| {
            let mut diagnostics = Vec::new();
            // The first of all sources.
            let signatures = Signatures::read(SourceId::default(), &mut diagnostics);
            (Arc::new(signatures), diagnostics)
        });
        PRELUDE.clone()
    }

    fn read(source: SourceId, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let (tree, found) = scn_grammar::parse(source, scn_stdlib::PRELUDE);
        diagnostics.extend(found);
        let mut signatures = Self::default();
        for node in &tree.nodes {
            let Some(decl) = node.decl() else { continue };
            let Some(name) = &decl.name else { continue };
            let signature = signature(decl, node, name, &Templates::default(), Scope::default(), diagnostics);
            let table = match decl.keyword {
                ast::Keyword::Step => &mut signatures.steps,
                ast::Keyword::Handler => &mut signatures.handlers,
                ast::Keyword::Probe => &mut signatures.probes,
                ast::Keyword::Generator => &mut signatures.generators,
                ast::Keyword::Metric => &mut signatures.metrics,
                _ => continue,
            };
            table.insert(name.text.clone(), signature);
        }
        signatures
    }
}

/// The signature that `decl` says, with types among `templates`; defaults can read what `scope` holds.
pub(crate) fn signature(
    decl: &ast::Decl,
    node: &ast::Node,
    name: &ast::Name,
    templates: &Templates<'_>,
    mut scope: Scope,
    diagnostics: &mut Vec<Diagnostic>,
) -> Signature {
    let attr = |key: &str| node.attrs.iter().find(|attr| attr.key.text == key).and_then(|attr| attr.values.first());
    let mut params = Vec::with_capacity(decl.params.len());
    let mut names = HashSet::with_capacity_and_hasher(decl.params.len(), Default::default());
    for param in &decl.params {
        if !names.insert(&param.name.text) {
            let headline = format!("there is a parameter `{}` already", param.name.text);
            diagnostics.push(Diagnostic::new(codes::DUPLICATE_NAME, param.name.span, headline));
        }
        let ty = templates.of_type(&param.ty, diagnostics);
        let default = param.default.as_ref().map(|default| {
            // A default is checked where no signature is known: it is a literal or a constant.
            let (signatures, symbols) = (Signatures::default(), Symbols::default());
            ExprChecker::new(&signatures, &symbols, &mut scope, diagnostics).check(default, &ty).0
        });
        params.push(Param { name: param.name.text.clone(), ty, default, variadic: param.variadic });
    }
    let flag = |key: &str| attr(key).is_some_and(|value| value.kind == ast::ExprKind::Bool(true));
    let label = |key: &str, labels: Labels| if flag(key) { labels } else { Labels::NONE };
    let labels = label("pii", Labels::PII).union(label("secret", Labels::SECRET));
    let result = decl.result.as_ref().map(|ty| templates.of_type(ty, diagnostics).labelled(labels));
    let exposes = match attr("exposes").map(|value| type_expr::of_expr(value, diagnostics)) {
        Some(Type::Record(fields)) => Arc::unwrap_or_clone(fields).into_iter().collect(),
        _ => Vec::new(),
    };
    Signature { name: name.text.clone(), params, result, exposes }
}

/// A name nearest to `name` among `names`, if one is near enough to be meant.
pub(crate) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    /// Beyond so many names none is looked for: a file may have a hundred thousand wrong ones.
    const MOST: usize = 500;
    let lower = name.to_lowercase();
    let most = |candidate: &str| (name.len().max(candidate.len()) / 3).max(1);
    let names: Vec<&str> = names.into_iter().take(MOST).collect();
    // Only the file is missing before the dot, or is too much.
    let last = |name: &str| name.rsplit('.').next().map(str::len);
    let is_same = |candidate: &str| {
        let (short, long) = if candidate.len() < name.len() { (candidate, name) } else { (name, candidate) };
        short != long && long.ends_with(short) && last(long) == Some(short.len())
    };
    if let Some(same) = names.iter().find(|candidate| is_same(candidate)) {
        return Some(same);
    }
    names
        .into_iter()
        .filter(|candidate| name.len().abs_diff(candidate.len()) <= most(candidate))
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            let length = name.chars().count().max(candidate.chars().count());
            *distance <= (length / 3).max(1)
        })
        .min_by_key(|(distance, candidate)| (*distance, candidate.len()))
        .map(|(_, candidate)| candidate)
}

/// Why nothing is known of `name`, if it is one that files keep to themselves.
pub(crate) fn private(name: &str) -> Option<&'static str> {
    let last = name.rsplit('.').next().unwrap_or(name);
    is_private(last).then_some("a name that begins with `_` can be read only in the file that declares it")
}

/// Adds to `diagnostic` what may have been meant by the unknown `name` at `span`: the nearest of `names` with a fix, or
/// the list of them where none is near.
pub(crate) fn suggest<'n>(
    diagnostic: Diagnostic,
    name: &str,
    span: Span,
    what: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Diagnostic {
    let diagnostic = match private(name) {
        Some(note) => diagnostic.note(note),
        None => diagnostic,
    };
    let names: scn_plan::collections::IndexSet<&str> = names.into_iter().collect();
    let names: Vec<&str> = names.into_iter().collect();
    if let Some(near) = nearest(name, names.iter().copied()) {
        return diagnostic.help(format!("did you mean `{near}`?")).fix(
            format!("write `{near}`"),
            span,
            near,
            scn_diagnostics::Applicability::Suggested,
        );
    }
    match names.as_slice() {
        [] => diagnostic.help(format!("there is no {what} here")),
        [only] => diagnostic.help(format!("the only {what} is `{only}`")),
        _ => diagnostic.help(format!("known here: {}", list(&names))),
    }
}

/// `` `a`, `b` and `c` ``; of more than thirteen names twelve are listed.
pub(crate) fn list(names: &[&str]) -> String {
    const MOST: usize = 12;
    // That there is one more takes as much room as its name.
    let most = if names.len() > MOST + 1 { MOST } else { names.len() };
    let mut quoted: Vec<String> = names.iter().take(most).map(|name| format!("`{name}`")).collect();
    if names.len() > most {
        return format!("{} and {} more", quoted.join(", "), names.len() - most);
    }
    match quoted.pop() {
        Some(last) if quoted.is_empty() => last,
        Some(last) => format!("{} and {last}", quoted.join(", ")),
        None => String::new(),
    }
}
