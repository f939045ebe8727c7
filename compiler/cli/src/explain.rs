//! `esrc explain`: what a diagnostic's code means.

use scn_diagnostics::{Code, Severity, codes};

use crate::{Exit, Failure, output};

/// Explains a diagnostic by its code, with an example that provokes it and one that does not.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A code such as E0301, or its name such as type-mismatch
    code: String,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let wanted = &arguments.code;
    // Names are words, however they are joined.
    let name = wanted.replace(['_', ' '], "-");
    let found =
        codes::ALL.iter().find(|code| code.id.eq_ignore_ascii_case(wanted) || code.name.eq_ignore_ascii_case(&name));
    let Some(code) = found else {
        let known = codes::ALL.iter().map(|code| code.id).collect::<Vec<_>>().join(" ");
        return Err(Failure::usage(format!("there is no diagnostic `{wanted}`")).help(format!("the codes are {known}")));
    };
    output::write(&explanation(code))?;
    Ok(Exit::Clean)
}

fn explanation(code: &Code) -> String {
    let severity = match code.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    // Lines of a doc comment keep the space that they begin with.
    let meaning: String = code.meaning.lines().map(|line| format!("{}\n", line.trim())).collect();
    let example = |text: &str| text.trim_end().lines().map(|line| format!("    {line}\n")).collect::<String>();
    format!(
        "{id} {name} ({severity})\n\n{meaning}\nWrong:\n\n{wrong}\nRight:\n\n{right}",
        id = code.id,
        name = code.name,
        wrong = example(code.wrong),
        right = example(code.right),
    )
}
