//! What goes to the terminal.

use std::{
    env, fs,
    io::{self, ErrorKind, IsTerminal, Write},
    path::Path,
};

use scn_diagnostics::emit::Options;

use crate::{Exit, Failure};

/// Writes `text` to standard output. A reader that went away, such as `head`, is no failure.
pub fn write(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure {
            exit: Exit::Usage,
            message: format!("standard output cannot be written: {error}"),
            help: None,
        }),
        _ => Ok(()),
    }
}

/// Writes `text` to the file at `path`; its folder is made where there is none.
pub fn file(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(path, text))
        .map_err(|error| Failure::usage(format!("`{}` cannot be written: {error}", path.display())))
}

/// Shows why a command could not do what it was asked to.
pub fn failure(failure: &Failure) {
    let mut out = io::stderr().lock();
    // Where standard error is closed there is nobody left to tell.
    let _ = writeln!(out, "esrc: {}", failure.message);
    if let Some(help) = &failure.help {
        let _ = writeln!(out, "  help: {help}");
    }
}

/// Shows findings beside a command's output. Where standard error cannot be written there is nobody left to tell.
pub fn findings(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// How diagnostics are rendered on `stream`: coloured on a terminal, unless `NO_COLOR` (<https://no-color.org>) is set.
pub fn options(stream: &impl IsTerminal) -> Options {
    let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    let width = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let default = Options::default();
    Options { color: stream.is_terminal() && !refused, width: width.unwrap_or(default.width) }
}
