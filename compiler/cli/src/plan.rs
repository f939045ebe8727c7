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
    file: String,
    /// The scenario, where the file declares several
    name: Option<String>,
    /// How the plan is shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Where the plan is written, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
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
    let input = files::open(&arguments.file)?;
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
        Format::Json => match print::json(plan) {
            Ok(json) => json + "\n",
            Err(error) => {
                return Err(Failure {
                    exit: Exit::Internal,
                    message: format!("the plan cannot be written as JSON: {error}"),
                    help: None,
                });
            }
        },
    };
    match &arguments.out {
        Some(path) => output::file(path, &shown)?,
        None => output::write(&shown)?,
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
