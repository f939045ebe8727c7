//! `esrc check`: every finding in some files.

mod fix;

use std::{collections::HashSet, io};

use clap::ValueEnum;
use scn_analysis::{Findings, Rest, World};
use scn_diagnostics::{Diagnostic, Severity, SourceMap, emit};

use crate::{
    Exit, Failure,
    files::{self, Inputs},
    options::CompileOptions,
    output,
};

/// Checks files and shows every finding.
///
/// Exits with 0 if there is none (notes do not count), 1 if there are some, 2 for a missing file, 70 for a defect of esrc.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files, or folders with .scn and .scn.yaml files; `-` reads standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// How findings are shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Show no more than so many findings; 0 shows all. The exit code and the counts are of all
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    max_findings: usize,
    /// Apply the fixes that are surely what was meant, and show what is left. With `-`, the text goes to standard output
    #[arg(long)]
    fix: bool,
    /// Show what --fix would change, and change nothing
    #[arg(long, conflicts_with = "fix")]
    diff: bool,
    /// Fail where `esr.lock` would have to change for libraries that are kept in git
    #[arg(long)]
    locked: bool,
    #[command(flatten)]
    compile: CompileOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: each with the lines of the source that it is about
    Text,
    /// A JSON object on each line
    Json,
    /// One line each
    Short,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// JUnit XML: each file is a test case
    Junit,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut inputs = files::expand(&arguments.paths)?;
    if arguments.locked {
        inputs.world = inputs.world.locked();
    }
    if arguments.fix || arguments.diff {
        return fix::run(arguments, &inputs);
    }
    let (Findings { sources, diagnostics }, rest) = check(arguments, &inputs, &inputs.world)?;
    // The process ends when these are shown.
    std::mem::forget(rest);
    let shown = render(arguments, &inputs, &diagnostics, &sources, output::options(&io::stdout()));
    output::write(&shown)?;
    if arguments.format == Format::Text {
        output::write(&summary(&inputs, &diagnostics))?;
    }
    Ok(exit(&diagnostics))
}

/// Every finding, each once, also where several of the files use the one that it is in.
fn check(arguments: &Arguments, inputs: &Inputs, world: &dyn World) -> Result<(Findings, Rest), Failure> {
    let (mut findings, rest) = scn_analysis::check(world, &inputs.paths, &arguments.compile.options()?);
    let mut seen = HashSet::new();
    let sources = &findings.sources;
    findings.diagnostics.retain(|diagnostic| {
        let span = diagnostic.primary.span;
        let file = sources.get(span.source).map(|source| source.name().to_owned());
        seen.insert((file, span.start, span.end, diagnostic.code.id, diagnostic.headline.clone()))
    });
    Ok((findings, rest))
}

/// The findings in the format asked for. Where some are left out, standard error says how many.
fn render(
    arguments: &Arguments,
    inputs: &Inputs,
    all: &[Diagnostic],
    sources: &SourceMap,
    options: emit::Options,
) -> String {
    let most = if arguments.max_findings == 0 { all.len() } else { arguments.max_findings };
    let shown = all.get(..most.min(all.len())).unwrap_or(all);
    if shown.len() < all.len() {
        let more = all.len() - shown.len();
        output::findings(&format!("esrc: {} of {} findings are shown; {more} more\n", shown.len(), all.len()));
    }
    match arguments.format {
        Format::Text => emit::terminal(shown, sources, options),
        Format::Json => emit::json_lines(shown, sources),
        Format::Short => emit::short(shown, sources),
        Format::Sarif => emit::sarif(shown, sources, env!("CARGO_PKG_VERSION")),
        Format::Github => emit::github(shown, sources),
        Format::Junit => emit::junit(all, shown.len(), sources, &inputs.paths),
    }
}

fn summary(inputs: &Inputs, all: &[Diagnostic]) -> String {
    let files = match inputs.paths.len() {
        1 => "1 file".to_owned(),
        many => format!("{many} files"),
    };
    let summary = emit::summary(all).unwrap_or_else(|| "nothing found".to_owned());
    format!("{files} checked: {summary}\n")
}

fn exit(all: &[Diagnostic]) -> Exit {
    let clean = all.iter().all(|diagnostic| diagnostic.severity == Severity::Note);
    if clean { Exit::Clean } else { Exit::Findings }
}
