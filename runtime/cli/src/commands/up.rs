//! `esr up`: a sandbox in the background.

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
    time::Duration,
};

use esr_engine::{Clock, WallClock};
use esr_sandbox::standing::{HostNews, HostOrder, PartRecord, SandboxRecord, Standing};
use esr_tap::RulesRecord;
use scn_plan::{
    Blueprint, Value,
    blueprint::{MAIN_BRANCH, PartKind},
};
use serde_json::json;
use smol_str::SmolStr;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::Instant,
};

use super::runtime;
use crate::{
    arguments::{Backend, Up},
    console::{Console, span},
    exit::{CommandError, Failure},
    ground::{all_healthy, healthy, published},
    interrupt::Interrupt,
    output,
    progress::Arrivals,
    project, sandboxes,
};

/// How long a sandbox may take to say that it stays, or to take everything down again: more than its grace.
const PATIENCE: Duration = Duration::from_secs(6);

/// How many lines of its log are shown of a sandbox that broke down.
const LAST_LINES: usize = 10;

/// Runs the command.
pub fn run(arguments: &Up) -> Result<ExitCode, CommandError> {
    let Backend::Embedded = arguments.on;
    let console = Console::new(arguments.json);
    let order = order(arguments)?;
    if let Some(standing) = standing(&order.blueprint.name)? {
        return already_up(&standing, &order, console, arguments.json);
    }
    let log = sandboxes::here().logs(&order.blueprint.name).join("sandbox.log");
    let record = runtime()?.block_on(async {
        let interrupt = Interrupt::watch()
            .map_err(|error| CommandError::new(Failure::Internal, format!("signals cannot be watched: {error}")))?;
        raise(&order, &log, arguments.wait, &interrupt, console).await
    });
    let record = match record {
        Ok(Some(record)) => record,
        // Another `esr up` was faster.
        Ok(None) => match standing(&order.blueprint.name)? {
            Some(standing) => return already_up(&standing, &order, console, arguments.json),
            None => {
                let message = format!("{} is coming up or going down already", order.blueprint.name);
                return Err(CommandError::new(Failure::Sandbox, message).help("`esr status` shows when it is up"));
            }
        },
        Err(error) => {
            // The process may have been killed before it could clean up after itself.
            let _ = sandboxes::here().mend();
            return Err(error);
        }
    };
    tell(&record, &order.blueprint, console, arguments.json, "up")
}

/// The path of the page that stands first in the entry: where a person begins.
fn first_page(blueprint: &Blueprint) -> Option<&str> {
    match &blueprint.part(&blueprint.entry)?.kind {
        PartKind::Frontend(frontend) => frontend.pages.keys().next().map(SmolStr::as_str),
        _ => None,
    }
}

fn standing(name: &str) -> Result<Option<Standing>, CommandError> {
    Ok(sandboxes::standing()?.into_iter().find(|one| one.record.name == name))
}

/// What is to be brought up.
fn order(arguments: &Up) -> Result<HostOrder, CommandError> {
    let compiled = project::compile_file(&arguments.file, &arguments.sandbox)?;
    let blueprint = compiled.sandbox(arguments.scenario.as_deref())?;
    Ok(HostOrder {
        state: sandboxes::STATE.into(),
        scenarios: compiled.scenarios_in(&blueprint.name),
        blueprint,
        file: arguments.file.to_string_lossy().into_owned(),
        rules: compiled.rules,
        seed: arguments.seed,
        ttl: u64::try_from(arguments.ttl).unwrap_or(u64::MAX),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// Starts the process of the sandbox and waits until it stands; none if another one of the name does.
async fn raise(
    order: &HostOrder,
    log: &Path,
    wait: i64,
    interrupt: &Interrupt,
    console: Console,
) -> Result<Option<SandboxRecord>, CommandError> {
    let mut host = Host::start(order, log).await?;
    console.line(title(order));
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
                return Err(CommandError::new(Failure::Interrupted, "interrupted; the sandbox has been taken down again"));
            }
            () = &mut deadline => {
                host.let_go().await;
                let message = match arrivals.missing().as_slice() {
                    [] => "the sandbox does not answer any more".to_owned(),
                    missing => format!(
                        "the sandbox did not come up within {}: no answer from {}",
                        Value::Duration(wait),
                        missing.join(", ")
                    ),
                };
                return Err(CommandError::new(Failure::Sandbox, message).help("`--wait` gives it longer"));
            }
            news = host.news() => news?,
        };
        match news {
            Some(HostNews::Healthy(part)) => arrivals.arrived(&part.name, healthy(&part.kind, &part.name, &part.url)),
            Some(HostNews::Up) => {
                arrivals.finish();
                console.line(all_healthy(order.blueprint.parts.len()));
                asked_to_stay = true;
                deadline.as_mut().reset(Instant::now() + PATIENCE);
                host.say(b"keep\n").await;
            }
            Some(HostNews::Kept(record)) => return Ok(Some(*record)),
            Some(HostNews::Taken) => return Ok(None),
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
            None => return Err(broken_down(log)),
        }
    }
}

/// The process of a sandbox that is coming up.
struct Host {
    child: Child,
    orders: Option<ChildStdin>,
    news: Lines<BufReader<ChildStdout>>,
}

impl Host {
    async fn start(order: &HostOrder, log: &Path) -> Result<Self, CommandError> {
        let unwritable = |error: io::Error| {
            CommandError::new(Failure::Usage, format!("cannot write `{}`: {error}", log.display()))
                .help("the log of a sandbox is kept there: make it writable, or work in another directory")
        };
        fs::create_dir_all(log.parent().unwrap_or(Path::new("."))).map_err(unwritable)?;
        let errors = OpenOptions::new().create(true).append(true).open(log).map_err(unwritable)?;
        let internal = |error: &dyn std::fmt::Display| {
            CommandError::new(Failure::Internal, format!("the process of the sandbox cannot be started: {error}"))
        };
        let program: PathBuf = std::env::current_exe().map_err(|error| internal(&error))?;
        let mut child = Command::new(program)
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
        let mut host = Self { child, orders: Some(orders), news: BufReader::new(news).lines() };
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
fn broken_down(log: &Path) -> CommandError {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n");
    let mut failure = CommandError::new(Failure::Sandbox, "the process of the sandbox ended before it was up")
        .help(format!("what it said is in {}", log.display()));
    if !last.is_empty() {
        failure.diagnostics = Some(last + "\n");
    }
    failure
}

fn title(order: &HostOrder) -> String {
    let mut title = format!("🏗️  {}", order.blueprint.name);
    let mut more: Vec<String> = Vec::new();
    if !order.scenarios.is_empty() {
        more.push(format!("for {}", order.scenarios.join(", ")));
    }
    if let Some(branch) = &order.blueprint.branch {
        more.push(format!("branch {branch}"));
    }
    if let Some(rules) = &order.rules {
        more.push(format!("rules {}", rules.file));
    }
    if !more.is_empty() {
        title += &format!(" {}", more.join(", "));
    }
    title
}

/// A sandbox of this name stands: that is as it should be if it is the one that was asked for.
fn already_up(standing: &Standing, order: &HostOrder, console: Console, json: bool) -> Result<ExitCode, CommandError> {
    let record = &standing.record;
    let mut differs = Vec::new();
    let or = |name: &Option<SmolStr>, none: &str| name.as_deref().unwrap_or(none).to_owned();
    if record.branch != order.blueprint.branch {
        let (was, is) = (or(&record.branch, MAIN_BRANCH), or(&order.blueprint.branch, MAIN_BRANCH));
        differs.push(format!("it is on branch {was}, not {is}"));
    }
    if record.rules != order.rules {
        let file = |rules: &Option<RulesRecord>| rules.as_ref().map(|rules| SmolStr::new(&rules.file));
        let (was, is) = (file(&record.rules), file(&order.rules));
        differs.push(match was == is {
            true => format!("{} has changed since", or(&was, "")),
            false => format!("its draft rules are {}, not {}", or(&was, "none"), or(&is, "none")),
        });
    }
    if record.seed != order.seed {
        differs.push(format!("its seed is {}, not {}", record.seed, order.seed));
    }
    if differs.is_empty() && !standing.blueprint().is_ok_and(|blueprint| !project::differ(&blueprint, &order.blueprint))
    {
        differs.push("what it is made of has changed since".to_owned());
    }
    if !differs.is_empty() {
        let message = format!("{} is up already: {}", record.name, differs.join("; "));
        return Err(CommandError::new(Failure::Sandbox, message)
            .help(format!("`esr down {}` takes it down; then bring it up anew", record.name)));
    }
    console.line(format!("🟢 {} is up already", record.name));
    tell(record, &order.blueprint, console, json, "already up")
}

fn tell(
    record: &SandboxRecord,
    blueprint: &Blueprint,
    console: Console,
    json: bool,
    outcome: &str,
) -> Result<ExitCode, CommandError> {
    if let Some(line) = record.gov.as_ref().and_then(|gov| published(blueprint.rules.len(), gov)) {
        console.line(line);
    }
    let start = first_page(blueprint).and_then(|path| record.url.join(path).ok()).unwrap_or_else(|| record.url.clone());
    console.line(format!("🔗 {start}"));
    let mut next: Vec<String> = Vec::new();
    if let Some(scenario) = record.scenarios.first() {
        next.push(format!("esr run {scenario} --watch"));
    }
    next.push("esr down".to_owned());
    let left = record.expires.since(WallClock::new().now());
    let by_itself = span(left);
    console.line(format!("   next: {}   (it goes down by itself in {by_itself})", next.join(" · ")));
    if json {
        let parts: &[PartRecord] = &record.parts;
        let value = json!({
            "exit_code": 0,
            "outcome": outcome,
            "sandbox": record.name,
            "url": record.url,
            "start": start,
            "gov": record.gov,
            "scenarios": record.scenarios,
            "branch": record.branch,
            "rules": record.rules,
            "pid": record.pid,
            "expires": record.expires,
            "parts": parts,
        });
        output::print(|out| writeln!(out, "{value}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
