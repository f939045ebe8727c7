//! `esrc check --fix`: applies the fixes that are surely what was meant.

use std::{
    collections::{BTreeMap, HashSet},
    io,
};

use scn_analysis::{Findings, Over, World};
use scn_diagnostics::{Diagnostic, Severity, SourceMap, fixes};

use super::{Arguments, Format, check, exit, render, summary};
use crate::{
    Exit, Failure,
    files::{Inputs, STDIN},
    fmt::{difference, write},
    output,
};

/// A mended line reveals what its mistake hid; more often than this it hardly does, and the run has to end.
const MOST_PASSES: usize = 20;

/// Mends the files that were named, writes them unless only the difference is asked for, and shows what is left.
pub(super) fn run(arguments: &Arguments, inputs: &Inputs) -> Result<Exit, Failure> {
    let mut world = Over { world: &inputs.world, texts: BTreeMap::new() };
    let (mut findings, fixed, refused) = mend(arguments, inputs, &mut world)?;
    let (mut unwritable, mut output_text) = (false, None);
    for (path, text) in &world.texts {
        let before = inputs.world.read(path).map_err(|error| Failure::usage(format!("`{path}`: {error}")))?;
        if before == *text {
            continue;
        }
        if arguments.diff {
            output::write(&difference(path, &before, text, "fixed"))?;
        } else if path == STDIN {
            output_text = Some(text.clone());
        } else if let Err(error) = write::replace(path, &before, text) {
            output::failure(&Failure::usage(format!("`{path}` cannot be written, and is as it was: {error}")));
            unwritable = true;
        }
    }
    let from_input = inputs.paths.iter().any(|path| path == STDIN) && !arguments.diff;
    if from_input {
        let text = match output_text {
            Some(text) => text,
            None => inputs.world.read(STDIN).map_err(|error| Failure::usage(error.to_string()))?,
        };
        output::write(&text)?;
    }
    if unwritable {
        // What was not written is not mended.
        (findings, _) = check(arguments, inputs, &inputs.world)?;
    }
    let Findings { sources, diagnostics } = findings;
    // Standard output holds the text or the difference; what is left is told beside it.
    let beside = from_input || arguments.diff;
    let options = if beside { output::options(&io::stderr()) } else { output::options(&io::stdout()) };
    let mut said = render(arguments, inputs, &diagnostics, &sources, options);
    let report = format!("{}{}", report(fixed, &diagnostics, arguments.diff), refused.unwrap_or_default());
    if arguments.format == Format::Text {
        said.push_str(&summary(inputs, &diagnostics));
        said.push_str(&report);
    } else {
        output::findings(&report);
    }
    if beside {
        output::findings(&said)
    } else {
        output::write(&said)?
    };
    Ok(match (unwritable, arguments.diff && fixed > 0) {
        (true, _) => Exit::Usage,
        (false, true) => Exit::Findings,
        (false, false) => exit(&diagnostics),
    })
}

fn report(fixed: usize, left: &[Diagnostic], diff: bool) -> String {
    let verb = if diff { "would fix" } else { "fixed" };
    format!("{verb} {fixed} of {}\n", fixed + left.len())
}

/// Applies fixes pass by pass, in memory. The findings that are left, how many were applied, and what was given up.
fn mend(
    arguments: &Arguments,
    inputs: &Inputs,
    world: &mut Over<'_>,
) -> Result<(Findings, usize, Option<String>), Failure> {
    // Only what the command line names is changed, never a library that it uses.
    let named: HashSet<&str> = inputs.paths.iter().map(String::as_str).collect();
    let (mut findings, _) = check(arguments, inputs, world)?;
    let mut fixed = 0;
    for _ in 0..MOST_PASSES {
        let may_change = |id| findings.sources.get(id).is_some_and(|source| named.contains(source.name()));
        let applied = fixes::apply(&findings.diagnostics, &findings.sources, may_change);
        if applied.count == 0 {
            break;
        }
        let kept = world.texts.clone();
        for (id, text) in applied.texts {
            if let Some(source) = findings.sources.get(id) {
                world.texts.insert(source.name().to_owned(), text.into());
            }
        }
        let (after, _) = check(arguments, inputs, world)?;
        if let Some(path) = worsened(&findings, &after, &named) {
            world.texts = kept;
            let refused =
                format!("left the rest as it is: fixing `{path}` further would bring in mistakes of its own\n");
            return Ok((findings, fixed, Some(refused)));
        }
        fixed += applied.count;
        findings = after;
    }
    Ok((findings, fixed, None))
}

/// A file that reads worse than before: it has more errors of layout and syntax, which would hide what it means.
fn worsened(before: &Findings, after: &Findings, named: &HashSet<&str>) -> Option<String> {
    let unread = |diagnostics: &[Diagnostic], sources: &SourceMap, path: &str| {
        let is_syntax = |diagnostic: &&Diagnostic| {
            diagnostic.severity == Severity::Error
                && (diagnostic.code.id.starts_with("E00") || diagnostic.code.id.starts_with("E01"))
                && sources.get(diagnostic.primary.span.source).is_some_and(|source| source.name() == path)
        };
        diagnostics.iter().filter(is_syntax).count()
    };
    let mut paths: Vec<&str> = named.iter().copied().collect();
    paths.sort_unstable();
    let worse = |path: &&str| {
        unread(&after.diagnostics, &after.sources, path) > unread(&before.diagnostics, &before.sources, path)
    };
    paths.into_iter().find(worse).map(str::to_owned)
}
