//! The driver's process.

use std::{path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdin, Command},
};

use super::BrowserError;

/// Runs the driver until its own input is closed, as it is when whoever started it ends in whatever way; then ends the
/// process group, which the driver and its browsers are in, and removes their files.
const LIFELINE: &str = r#"
scratch=$1; shift
"$@" &
exec >/dev/null 2>&1
cat
trap "" TERM
kill 0
sleep 1
rm -rf "$scratch"
kill -KILL 0
"#;

/// The variable that names another driver than the one on the path.
const VARIABLE: &str = "ESR_CHROMEDRIVER";

const INSTALL: &str = "install Chromium and its driver (on Debian `apt-get install chromium chromium-driver`), name the driver \
                       in the variable ESR_CHROMEDRIVER, or let the personas be driven over HTTP: without `drives: browser`";

/// Chromium's driver, on a port that it chose. It ends, with its browsers, when this is dropped.
#[derive(Debug)]
pub(super) struct Driver {
    /// Where it listens.
    pub(super) address: String,
    /// Closed when this is dropped, which ends the process.
    _lifeline: Option<ChildStdin>,
    _process: Child,
}

impl Driver {
    pub(super) async fn start(scratch: &Path) -> Result<Self, BrowserError> {
        let program = std::env::var_os(VARIABLE).unwrap_or_else(|| "chromedriver".into());
        let failed = |why: String| BrowserError { message: format!("no browser can be driven: {why}"), help: INSTALL };
        let name = program.to_string_lossy().into_owned();
        let mut process = Command::new("/bin/sh")
            .args(["-c", LIFELINE, "esr"])
            .arg(scratch)
            .arg(&program)
            .arg("--port=0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // An interrupt at the terminal is for the run, which ends its browsers itself.
            .process_group(0)
            .spawn()
            .map_err(|error| failed(format!("/bin/sh does not start: {error}")))?;
        let lifeline = process.stdin.take();
        let Some(output) = process.stdout.take() else { return Err(failed(format!("`{name}` says nothing"))) };
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                let address = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
                // It goes on printing, and must not wait for a reader.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(Self { address, _lifeline: lifeline, _process: process });
            }
        }
        Err(failed(format!("`{name}` is not on the path, or does not start")))
    }
}
