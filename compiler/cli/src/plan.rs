//! `esrc plan`: what a scenario compiles to.

use std::{io, path::PathBuf};

use clap::ValueEnum;
use scn_analysis::compile;
use scn_diagnostics::emit;
use scn_plan::{Plan, print};

use crate::{Exit, Failure, files, options::CompileOptions, output};

/// Shows what a scenario compiles to.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file; `-` reads standard input
    #[arg(required_unless_present = "schema")]
    file: Option<String>,
    /// The scenario, where the file declares several
    name: Option<String>,
    /// How the plan is shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Where the plan is written, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Shows the JSON Schema of what `--format json` writes, instead of a plan
    #[arg(long, conflicts_with_all = ["file", "name", "format"])]
    schema: bool,
    #[command(flatten)]
    compile: CompileOptions,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// An indented listing
    Text,
    /// A Mermaid flowchart
    Mermaid,
    /// A graph for Graphviz
    Dot,
    /// A picture, for a browser or a report
    Svg,
    /// The whole plan, versioned
    Json,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Some(file) = arguments.file.as_deref().filter(|_| !arguments.schema) else {
        return show(arguments, &in_json(print::schema(), "schema")?);
    };
    let input = files::open(file)?;
    let compilation = compile(&input.world, &input.path, &arguments.compile.options()?);
    if compilation.has_errors() {
        let options = output::options(&io::stderr());
        output::findings(&emit::terminal(&compilation.diagnostics, &compilation.sources, options));
        return Ok(Exit::Findings);
    }
    let plan = select(&compilation.scenarios, arguments.name.as_deref(), &input.path)?;
    let shown = match arguments.format {
        Format::Text => print::text(plan),
        Format::Mermaid => print::mermaid(plan),
        Format::Dot => print::dot(plan),
        Format::Svg => print::svg(plan),
        Format::Json => in_json(print::json(plan), "plan")?,
    };
    show(arguments, &shown)
}

fn in_json(written: Result<String, serde_json::Error>, what: &str) -> Result<String, Failure> {
    written.map(|json| json + "\n").map_err(|error| Failure {
        exit: Exit::Internal,
        message: format!("the {what} cannot be written as JSON: {error}"),
        help: None,
    })
}

fn show(arguments: &Arguments, shown: &str) -> Result<Exit, Failure> {
    match &arguments.out {
        Some(path) => output::file(path, shown)?,
        None => output::write(shown)?,
    }
    Ok(Exit::Clean)
}

fn select<'p>(plans: &'p [Plan], name: Option<&str>, path: &str) -> Result<&'p Plan, Failure> {
    let names = || plans.iter().map(|plan| plan.scenario.as_str()).collect::<Vec<_>>().join(", ");
    match (name, plans) {
        (_, []) => Err(Failure::usage(format!("`{path}` declares no scenario")).help("only scenarios have a plan")),
        (None, [only]) => Ok(only),
        (None, _) => Err(Failure::usage(format!("`{path}` declares several scenarios"))
            .help(format!("name one of them after the file: {}", names()))),
        (Some(name), _) => plans.iter().find(|plan| plan.scenario == name).ok_or_else(|| {
            Failure::usage(format!("`{path}` declares no scenario `{name}`")).help(format!("it declares {}", names()))
        }),
    }
}
