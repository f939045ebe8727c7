//! Draft rules: from a rules file to what they change in the forms of a blueprint.
//!
//! The file is read once; what it names is looked up in each blueprint that has the frontend, so a rule is bound to
//! every form that it applies to, and reported if there is none.

mod bind;
mod read;
mod yaml;

use std::sync::Arc;

use scn_diagnostics::{Diagnostic, Severity, Source, SourceMap, Span, codes};
use scn_plan::{
    Blueprint,
    blueprint::{Frontend, PartKind},
};

use crate::{signatures::Signatures, signatures::suggest, world::World};
use read::Draft;

/// The rules of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    drafts: Vec<Draft>,
    /// By draft: whether it has been bound to a form.
    bound: Vec<bool>,
    /// Whether the file could be read without errors.
    sound: bool,
}

impl Rules {
    /// Reads the rules file at `path`; without one there are no rules.
    pub fn load(
        world: &dyn World,
        path: Option<&str>,
        sources: &mut SourceMap,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let Some(path) = path else { return Self { sound: true, ..Self::default() } };
        let text = match world.read(path) {
            Ok(text) => text,
            Err(error) => {
                let source = sources.add(Source::new(path, ""));
                let headline = format!("`{path}` cannot be read: {error}");
                diagnostics.push(Diagnostic::new(codes::BAD_RULES_FILE, Span::new(source, 0..0), headline));
                return Self::default();
            }
        };
        let source = sources.add(Source::new(path, text.clone()));
        let before = diagnostics.len();
        let document = yaml::parse(source, &text, diagnostics);
        let drafts = document.map(|document| read::drafts(&document, diagnostics)).unwrap_or_default();
        if drafts.is_empty() && !has_errors(diagnostics, before) {
            let headline = format!("`{path}` holds no rule");
            diagnostics.push(
                Diagnostic::new(codes::BAD_RULES_FILE, Span::new(source, 0..0), headline)
                    .help("write each rule as an item that begins with `- rule_id: …`"),
            );
        }
        let sound = !has_errors(diagnostics, before);
        Self { bound: vec![false; drafts.len()], drafts, sound }
    }

    /// Binds the rules to the forms of `blueprint` that they apply to. What is wrong with one there is reported.
    pub fn bind(&mut self, blueprint: &mut Arc<Blueprint>, signatures: &Signatures, diagnostics: &mut Vec<Diagnostic>) {
        if self.drafts.is_empty() {
            return;
        }
        let blueprint = Arc::make_mut(blueprint);
        let before = diagnostics.len();
        for (at, bound) in bind::bind(&self.drafts, blueprint, signatures, diagnostics).into_iter().enumerate() {
            if let Some(known) = self.bound.get_mut(at) {
                *known |= bound;
            }
        }
        self.sound &= !has_errors(diagnostics, before);
    }

    /// Whether every rule is bound and nothing was wrong with any: else the forms lack what the file meant to add.
    pub fn is_sound(&self) -> bool {
        self.sound && self.bound.iter().all(|bound| *bound)
    }

    /// Reports the rules that apply to no form of these blueprints.
    pub fn report_unbound(&self, blueprints: &[Arc<Blueprint>], diagnostics: &mut Vec<Diagnostic>) {
        // Where no sandbox could be read at all, that has been reported, and nothing is known of its forms.
        if blueprints.is_empty() {
            return;
        }
        let unbound = self.drafts.iter().zip(&self.bound).filter(|(_, bound)| !**bound);
        for (draft, _) in unbound {
            let frontends: Vec<(&str, &Frontend)> =
                blueprints.iter().flat_map(|blueprint| frontends(blueprint)).collect();
            let named: Vec<&Frontend> = frontends
                .iter()
                .filter(|(name, _)| *name == draft.frontend.text)
                .map(|(_, frontend)| *frontend)
                .collect();
            let (word, what, mut names): (_, _, Vec<&str>) = if named.is_empty() {
                (&draft.frontend, "frontend", frontends.iter().map(|(name, _)| *name).collect())
            } else {
                let pages = named.iter().flat_map(|frontend| frontend.pages.values());
                (&draft.form, "form", pages.flat_map(|page| page.forms.keys()).map(|name| name.as_str()).collect())
            };
            names.sort_unstable();
            names.dedup();
            let headline = match what {
                "form" => format!("the frontend `{}` has no form `{}`", draft.frontend.text, word.text),
                _ => format!("the sandbox has no frontend `{}`", word.text),
            };
            let diagnostic = Diagnostic::new(codes::UNKNOWN_RULE_FORM, word.span, headline);
            diagnostics.push(suggest(diagnostic, &word.text, word.span, what, names));
        }
    }
}

/// The frontends of a blueprint by name.
fn frontends(blueprint: &Blueprint) -> impl Iterator<Item = (&str, &Frontend)> {
    blueprint.parts.iter().filter_map(|(name, part)| match &part.kind {
        PartKind::Frontend(frontend) => Some((name.as_str(), frontend)),
        _ => None,
    })
}

fn has_errors(diagnostics: &[Diagnostic], from: usize) -> bool {
    diagnostics.iter().skip(from).any(|found| found.severity == Severity::Error)
}
