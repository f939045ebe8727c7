//! The driver's process.

use std::{ffi::OsString, path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdin, Command},
};

use super::BrowserError;

/// Runs the driver until its own input is closed, as it is when whoever started it ends in whatever way; then ends the
/// process group, which the driver and its browsers are in, and removes their files.
const LIFELINE: &str = r#"
scratch=$1; shift
"$@" 2>&1 &
exec >/dev/null 2>&1
cat
trap "" TERM
kill 0
sleep 1
rm -rf "$scratch"
kill -KILL 0
"#;

/// The driver asks for a free port twice, once for each family of addresses, and gives up if somebody else was faster; so it
/// is started so often at most.
const ATTEMPTS: usize = 5;

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
        let mut said = String::new();
        for _ in 0..ATTEMPTS {
            match Self::attempt(scratch).await? {
                Ok(driver) => return Ok(driver),
                Err(last) => said = last,
            }
        }
        Err(failed(format!("`{}` does not start: {said}", program().to_string_lossy())))
    }

    /// Starts the driver once; the inner error is the last line that it said.
    async fn attempt(scratch: &Path) -> Result<Result<Self, String>, BrowserError> {
        let mut process = Command::new("/bin/sh")
            .args(["-c", LIFELINE, "esr"])
            .arg(scratch)
            .arg(program())
            .arg("--port=0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // An interrupt at the terminal is for the run, which ends its browsers itself.
            .process_group(0)
            .spawn()
            .map_err(|error| failed(format!("/bin/sh does not start: {error}")))?;
        let lifeline = process.stdin.take();
        let Some(output) = process.stdout.take() else { return Ok(Err("it says nothing".to_owned())) };
        let mut said = "it says nothing".to_owned();
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                let address = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
                // It goes on printing, and must not wait for a reader.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(Ok(Self { address, _lifeline: lifeline, _process: process }));
            }
            said = line;
        }
        Ok(Err(said))
    }
}

fn program() -> OsString {
    std::env::var_os(VARIABLE).unwrap_or_else(|| "chromedriver".into())
}

fn failed(why: String) -> BrowserError {
    BrowserError { message: format!("no browser can be driven: {why}"), help: INSTALL }
}
