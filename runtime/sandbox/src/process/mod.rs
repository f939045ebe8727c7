//! Parts that are processes: they are cloned, built, run, awaited and ended here.
//!
//! A process does not outlive its sandbox, however that ends: between the two stands a supervisor ([`supervise`]), which
//! ends the process when the pipe to the sandbox closes.

mod output;
mod sources;
mod supervised;
mod supervisor;

pub use supervisor::supervise;

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use esr_engine::{Clock, Request, Transport, clock::timeout};
use http::{HeaderMap, Method};
use scn_plan::{
    Blueprint, Env, Expr, Member, Root, Text, Value,
    blueprint::{MAIN_BRANCH, Part, Process},
    eval, nanos,
};
use smol_str::{SmolStr, format_smolstr};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::{Options, UpError};
use supervised::{Ending, Order, Supervised};

/// How often a process is asked whether it is up, in nanoseconds: 50 ms.
const EVERY: u64 = 50 * nanos::MILLI as u64;

/// How long a process may take from its start until it is up, in nanoseconds: 60 s.
const PATIENCE: u64 = 60 * nanos::SECOND as u64;

/// How long a build may take, in nanoseconds: 10 min.
const BUILD_PATIENCE: u64 = 600 * nanos::SECOND as u64;

/// A process that is a part.
pub(crate) struct Running {
    supervised: Supervised,
}

impl Running {
    /// Ends it: asks it to, and after 3 s makes it.
    pub(crate) async fn end(self, clock: &dyn Clock) {
        self.supervised.end(clock).await;
    }
}

/// A process that is to be started.
pub(crate) struct Launch<'a> {
    pub(crate) blueprint: &'a Blueprint,
    pub(crate) part: &'a Part,
    pub(crate) process: &'a Process,
    /// Where it is to listen.
    pub(crate) port: u16,
    /// Roots of the proxies between it and the parts that it calls.
    pub(crate) peers: HashMap<SmolStr, Url>,
    pub(crate) options: &'a Options,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) transport: Arc<dyn Transport>,
}

/// A port for a process: the one that it asks for, or a free one.
pub(crate) async fn port(blueprint: &Blueprint, part: &Part, process: &Process) -> Result<u16, UpError> {
    let wrong = |what: String| UpError::Process {
        part: part.name.clone(),
        what,
        said: Vec::new(),
        place: blueprint.sources.place(process.span),
    };
    // It is free again as soon as this is over; nobody else is to take it in between.
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, process.port.unwrap_or(0))).await;
    match (bound.and_then(|listener| listener.local_addr()), process.port) {
        (Ok(address), _) => Ok(address.port()),
        (Err(error), Some(port)) if error.kind() == std::io::ErrorKind::AddrInUse => Err(wrong(format!(
            "port {port} is in use: stop what listens there, choose another `port:`, or leave `port:` out to be given a \
             free one in the variable PORT"
        ))),
        (Err(error), _) => Err(wrong(format!("it finds no port to listen on: {error}"))),
    }
}

impl Launch<'_> {
    /// Clones, builds and starts it, and waits until it is up.
    pub(crate) async fn start(self) -> Result<Running, UpError> {
        let directory = sources::fetch(&self).await?;
        let environment = self.environment()?;
        if let Some(build) = &self.process.build {
            let order = self.order(build, "build", &directory, &environment)?;
            let built = timeout(&*self.clock, BUILD_PATIENCE, self.run_to_end(order)).await;
            match built {
                Ok(outcome) => outcome?,
                Err(_) => return Err(self.failed("its build takes longer than 10 minutes".to_owned(), Vec::new())),
            }
        }
        let order = self.order(&self.process.run, "run", &directory, &environment)?;
        let mut supervised = self.supervise(order).await?;
        let healthy = timeout(&*self.clock, PATIENCE, self.await_health());
        tokio::select! {
            healthy = healthy => match healthy {
                Ok(()) => Ok(Running { supervised }),
                Err(_) => {
                    let said = supervised.said();
                    supervised.end(&*self.clock).await;
                    let what = match &self.process.health {
                        Some(path) => format!(
                            "it does not answer GET {path} on port {} within 60 s; the port is in the variable PORT",
                            self.port
                        ),
                        None => format!(
                            "it does not listen on port {} within 60 s; the port is in the variable PORT",
                            self.port
                        ),
                    };
                    Err(self.failed(what, said))
                }
            },
            ending = supervised.ended() => {
                let said = supervised.said();
                Err(self.failed(format!("it ended before it was up, {ending}"), said))
            }
        }
    }

    /// Runs something that is to end by itself.
    async fn run_to_end(&self, order: Order) -> Result<(), UpError> {
        let what = order.words.join(" ");
        let mut supervised = self.supervise(order).await?;
        match supervised.ended().await {
            Ending { code: Some(0), .. } => Ok(()),
            ending => Err(self.failed(format!("`{what}` failed, {ending}"), supervised.said())),
        }
    }

    async fn supervise(&self, order: Order) -> Result<Supervised, UpError> {
        let program = order.words.first().cloned().unwrap_or_default();
        let on_output = self.options.on_output.clone();
        let part = self.part.name.clone();
        let supervised =
            Supervised::start(&self.options.supervisor, order, Arc::new(move |line: &str| on_output(&part, line)))
                .await;
        supervised.map_err(|error| {
            let what = match error.kind() {
                std::io::ErrorKind::NotFound => {
                    format!("there is no program `{program}`: install it, or name it with its path")
                }
                _ => format!("`{program}` cannot be run: {error}"),
            };
            self.failed(what, Vec::new())
        })
    }

    async fn await_health(&self) {
        while !self.is_up().await {
            self.clock.sleep_until(self.clock.now().plus(EVERY)).await;
        }
    }

    async fn is_up(&self) -> bool {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let Some(path) = &self.process.health else { return TcpStream::connect(address).await.is_ok() };
        let Ok(url) = Url::parse(&format!("http://{address}{path}")) else { return false };
        let request = Request { method: Method::GET, url, headers: HeaderMap::new(), body: bytes::Bytes::new() };
        let asked = timeout(&*self.clock, nanos::SECOND as u64, self.transport.send(request)).await;
        matches!(asked, Ok(Ok(response)) if response.status.as_u16() < 400)
    }

    /// What is to be run, by the words that `expr` yields.
    fn order(
        &self,
        expr: &Expr,
        setting: &str,
        directory: &std::path::Path,
        environment: &[(String, String)],
    ) -> Result<Order, UpError> {
        let text = self.text(expr)?;
        let words = shlex::split(&text).filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| {
            self.failed(format!("`{setting}: {text}` names no program, or a quotation mark is not closed"), Vec::new())
        })?;
        Ok(Order { words, directory: directory.to_owned(), environment: environment.to_vec() })
    }

    /// The variables that it is given: where to listen, where its peers are, and what the blueprint says.
    fn environment(&self) -> Result<Vec<(String, String)>, UpError> {
        let mut environment =
            vec![("PORT".to_owned(), self.port.to_string()), ("HOST".to_owned(), Ipv4Addr::LOCALHOST.to_string())];
        let mut peers: Vec<_> = self.peers.iter().collect();
        peers.sort();
        for (peer, url) in peers {
            environment.push((variable(peer), url.as_str().trim_end_matches('/').to_owned()));
        }
        for (name, value) in &self.process.env {
            environment.push((name.to_string(), self.text(value)?));
        }
        Ok(environment)
    }

    /// A text that is known when the sandbox comes up.
    fn text(&self, expr: &Expr) -> Result<String, UpError> {
        let value = eval(expr, &UpFacts { blueprint: self.blueprint }).map_err(|error| UpError::Blueprint {
            what: error.message,
            place: self.blueprint.sources.place(error.span),
        })?;
        Ok(value.to_text().value.to_string())
    }

    /// The directory of the file that declares it.
    fn home(&self) -> PathBuf {
        let file = self.blueprint.sources.line_of(self.part.span).map(|(file, _)| PathBuf::from(file));
        let home = file.and_then(|file| file.parent().map(PathBuf::from)).unwrap_or_default();
        if home.as_os_str().is_empty() { PathBuf::from(".") } else { home }
    }

    fn failed(&self, what: String, said: Vec<String>) -> UpError {
        UpError::Process {
            part: self.part.name.clone(),
            what,
            said,
            place: self.blueprint.sources.place(self.process.span),
        }
    }
}

/// The variable that holds the address of `peer`: `ELIGIBILITY_SVC_URL`.
fn variable(peer: &str) -> String {
    let name = peer.chars().map(|char| if char.is_ascii_alphanumeric() { char.to_ascii_uppercase() } else { '_' });
    format!("{}_URL", name.collect::<String>())
}

/// What the texts of a process read.
struct UpFacts<'a> {
    blueprint: &'a Blueprint,
}

impl Env for UpFacts<'_> {
    fn root(&self, root: Root) -> Value {
        match root {
            Root::Branch => {
                Value::text(self.blueprint.branch.clone().unwrap_or_else(|| SmolStr::new_static(MAIN_BRANCH)))
            }
            _ => Value::None,
        }
    }

    fn member(&self, member: Member, argument: Option<&Value>) -> Value {
        match (member, argument.and_then(Value::as_str)) {
            (Member::EnvVar | Member::Secret, Some(name)) => {
                std::env::var(name).map_or(Value::None, |value| Value::Text(Text::plain(format_smolstr!("{value}"))))
            }
            _ => Value::None,
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn peers_are_found_in_variables_of_their_names() {
        for (peer, expected) in [("eligibility-svc", "ELIGIBILITY_SVC_URL"), ("SSA.VERIFY", "SSA_VERIFY_URL")] {
            assert_eq!(super::variable(peer), expected);
        }
    }
}
