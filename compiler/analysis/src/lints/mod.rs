//! Lints: what compiles and is bad practice all the same.
//!
//! They read the syntax tree of one file, so they also speak where the file does not compile. Their levels are set in
//! `esr.toml`, and a comment `# esrc: allow(name)` silences one where it fires.

pub(crate) mod allow;
mod braces;
mod mentions;
mod names;
mod personal;
mod scenario;
mod secret;
mod texts;
mod unused;

use scn_diagnostics::{Diagnostic, SourceMap};

use crate::{modules::Modules, scenario::declarations};

/// Looks at the module at `root`.
pub(crate) fn check(modules: &Modules, root: usize, sources: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
    let Some(module) = modules.get(root) else { return };
    // What is wrong with the declarations themselves is reported where they are lowered.
    let scenarios = declarations(&module.tree, &mut Vec::new());
    scenario::check(&module.tree, &scenarios, diagnostics);
    let mut captured = Vec::new();
    texts::each(&module.tree, &mut |node, scope| unused::captures(node, scope, &mut captured), &mut |found| {
        secret::check(&found, sources, diagnostics);
        texts::spelt(found.expr, sources, |spelt| {
            personal::check(&spelt, diagnostics);
            braces::check(&spelt, diagnostics);
        });
    });
    unused::check(modules, root, &scenarios, &captured, sources, diagnostics);
}
