//! The process of a sandbox while it comes up, from the side of whoever starts it.

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use esr_sandbox::standing::{HostNews, HostOrder, SandboxRecord};
use scn_plan::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::Instant,
};

use crate::{
    console::Console,
    exit::{CommandError, Failure},
    ground::{all_healthy, healthy},
    interrupt::Interrupt,
    progress::Arrivals,
    sandboxes,
};

/// How long a sandbox may take to say that it stays, or to take everything down again: more than its grace.
const PATIENCE: Duration = Duration::from_secs(6);

/// Becomes the program that it is given, without the files that a shell may have opened for its commands (as `flock` and
/// `$(…)` do): a sandbox that kept them would hold them open for as long as it stands.
const WITHOUT_OTHER_FILES: &str = r#"exec "$0" "$@" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-"#;

/// How many lines of its log are shown of a sandbox that broke down.
const LAST_LINES: usize = 10;

/// Starts the process of the sandbox and waits until it stands; none if another one of the name does.
///
/// # Errors
///
/// If it does not come to stand within `wait` nanoseconds, or is interrupted; nothing is left behind then.
pub async fn raise(
    order: &HostOrder,
    log: &Path,
    wait: i64,
    interrupt: &Interrupt,
    console: Console,
) -> Result<Option<SandboxRecord>, CommandError> {
    let mut host = Host::start(order, log).await?;
    let mut arrivals = Arrivals::new(order.blueprint.parts.keys(), console);
    let deadline = tokio::time::sleep(Duration::from_nanos(u64::try_from(wait).unwrap_or(0)));
    tokio::pin!(deadline);
    let mut asked_to_stay = false;
    loop {
        let news = tokio::select! {
            biased;
            // Once it has been asked to stay, it stands or says why not.
            () = interrupt.run.cancelled(), if !asked_to_stay => {
                host.let_go().await;
                return Err(interrupted());
            }
            () = &mut deadline => {
                host.let_go().await;
                if interrupt.run.is_cancelled() {
                    return Err(interrupted());
                }
                return Err(too_late(wait, &arrivals.missing()));
            }
            news = host.news() => news?,
        };
        match news {
            Some(HostNews::Taken) => return Ok(None),
            Some(HostNews::Healthy(part)) => arrivals.arrived(&part.name, healthy(&part.kind, &part.name, &part.url)),
            Some(HostNews::Up) => {
                arrivals.finish();
                console.line(all_healthy(order.blueprint.parts.len()));
                asked_to_stay = true;
                deadline.as_mut().reset(Instant::now() + PATIENCE);
                host.say(b"keep\n").await;
            }
            Some(HostNews::Kept(record)) => return Ok(Some(*record)),
            Some(HostNews::Failed(why)) => {
                host.let_go().await;
                return Err(CommandError::new(Failure::Sandbox, format!("the sandbox did not come up: {why}")));
            }
            Some(HostNews::Unwritable(why)) => {
                host.let_go().await;
                return Err(CommandError::new(
                    Failure::Usage,
                    format!("{} cannot be written: {why}", sandboxes::STATE),
                )
                .help("what is known of a sandbox is kept there: make it writable, or work in another directory"));
            }
            None => return Err(broken_down(log, host.log_from)),
        }
    }
}

/// The process of a sandbox that is coming up.
struct Host {
    child: Child,
    orders: Option<ChildStdin>,
    news: Lines<BufReader<ChildStdout>>,
    /// Where its part of the log begins, in bytes.
    log_from: u64,
}

impl Host {
    async fn start(order: &HostOrder, log: &Path) -> Result<Self, CommandError> {
        let unwritable = |error: io::Error| {
            CommandError::new(Failure::Usage, format!("cannot write `{}`: {error}", log.display()))
                .help("the log of a sandbox is kept there: make it writable, or work in another directory")
        };
        fs::create_dir_all(log.parent().unwrap_or(Path::new("."))).map_err(unwritable)?;
        let errors = OpenOptions::new().create(true).append(true).open(log).map_err(unwritable)?;
        let log_from = errors.metadata().map_err(unwritable)?.len();
        let internal = |error: &dyn std::fmt::Display| {
            CommandError::new(Failure::Internal, format!("the process of the sandbox cannot be started: {error}"))
        };
        let program: PathBuf = std::env::current_exe().map_err(|error| internal(&error))?;
        let mut child = Command::new("/bin/sh")
            .args(["-c", WITHOUT_OTHER_FILES])
            .arg(program)
            .arg("host")
            .arg(order.blueprint.name.as_str())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .map_err(|error| internal(&error))?;
        let (Some(orders), Some(news)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(internal(&"it has no pipes"));
        };
        let mut host = Self { child, orders: Some(orders), news: BufReader::new(news).lines(), log_from };
        let mut text = serde_json::to_vec(order).map_err(|error| internal(&error))?;
        text.push(b'\n');
        host.say(&text).await;
        Ok(host)
    }

    /// Says something to it. If it has ended, its news end as well.
    async fn say(&mut self, text: &[u8]) {
        if let Some(orders) = &mut self.orders {
            let _ = orders.write_all(text).await;
            let _ = orders.flush().await;
        }
    }

    /// What it tells next; none if it has ended.
    async fn news(&mut self) -> Result<Option<HostNews>, CommandError> {
        let line = self.news.next_line().await.unwrap_or(None);
        line.map(|line| {
            serde_json::from_str(&line).map_err(|error| {
                CommandError::new(
                    Failure::Internal,
                    format!("the process of the sandbox said what nobody knows: {error}"),
                )
            })
        })
        .transpose()
    }

    /// Lets it take everything down again, and waits for that.
    async fn let_go(mut self) {
        self.orders = None;
        if tokio::time::timeout(PATIENCE, self.child.wait()).await.is_err() {
            // What it leaves behind is mended as after any crash.
            let _ = self.child.kill().await;
        }
    }
}

/// The sandbox's process ended without a word.
fn broken_down(log: &Path, from: u64) -> CommandError {
    let text = fs::read(log).unwrap_or_default();
    let own = text.get(usize::try_from(from).unwrap_or(usize::MAX)..).unwrap_or_default();
    let text = String::from_utf8_lossy(own);
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n");
    let mut failure = CommandError::new(Failure::Sandbox, "the process of the sandbox ended before it was up")
        .help(format!("what it said is in {}", log.display()));
    if !last.is_empty() {
        failure.diagnostics = Some(last + "\n");
    }
    failure
}

/// These parts did not become healthy within `wait` nanoseconds; without any, it does not say that it stays.
fn too_late(wait: i64, missing: &[&str]) -> CommandError {
    if missing.is_empty() {
        return CommandError::new(Failure::Sandbox, "the sandbox came up, and then did not answer any more")
            .help("it has been ended; try again");
    }
    let (waited, missing) = (Value::Duration(wait), missing.join(", "));
    CommandError::new(
        Failure::Sandbox,
        format!("the sandbox did not come up within {waited}: no answer from {missing}"),
    )
    .help("`--wait` gives it longer")
}

/// Somebody who had asked for a sandbox changed their mind.
pub fn interrupted() -> CommandError {
    CommandError::new(Failure::Interrupted, "interrupted; the sandbox has been taken down again")
}
