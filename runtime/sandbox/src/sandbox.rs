//! A sandbox that is up.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsString,
    io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use esr_engine::{Clock, Faults, Request, Saturation, Transport, clock::timeout};
use futures_util::future::join_all;
use http::{HeaderMap, Method};
use scn_plan::{
    Blueprint, Span,
    blueprint::{Agent, Elsewhere, Existence, HandlerStep, HandlerStepKind, MAIN_BRANCH, Part, PartKind},
    nanos,
};
use smol_str::SmolStr;
use tokio::{sync::Semaphore, task::JoinSet};
use url::Url;

use crate::{
    UpError,
    fault::{FaultSet, RunFaults},
    gov::{self, Gov},
    ledger::{Ledger, Recorders},
    mimic::{self, Mimic, PublicPaths, Reviews, Sessions, Stores, Verb, Watcher},
    process::{self, Launch, Running},
    proxy::{PERSONA, Proxy},
    seed,
    trace::Visitors,
    wire::{Listener, Stage, Tasks},
};

/// How long requests under way may take when a sandbox goes down, in nanoseconds: 3 s.
const GRACE: u64 = 3 * nanos::SECOND as u64;

/// How long a part may take to answer its health check, in nanoseconds: 10 s.
const HEALTH_TIMEOUT: u64 = 10 * nanos::SECOND as u64;

/// A part that has become healthy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthy {
    /// Its name.
    pub part: SmolStr,
    /// What it is: `frontend`, `service`, `partner`, `agent` or `queue`.
    pub kind: &'static str,
    /// The root of a frontend, as people reach it; of another part, its own listener.
    pub url: Url,
}

/// Is told of each line that a part says, with the part's name.
pub type OnOutput = Arc<dyn Fn(&SmolStr, &str) + Send + Sync>;

/// How a sandbox is brought up.
#[derive(Clone)]
pub struct Options {
    /// The seed of every draw that no request's key decides.
    pub seed: u64,
    /// Told of each part as it becomes healthy.
    pub on_healthy: Arc<dyn Fn(&Healthy) + Send + Sync>,
    /// Told of each line that a part says which is a process.
    pub on_output: OnOutput,
    /// Where the sources of processes are cloned to; what is there is replaced.
    pub work: PathBuf,
    /// The program and first arguments that call [`supervise`](crate::supervise) with the arguments that follow.
    pub supervisor: Vec<OsString>,
}

impl Default for Options {
    fn default() -> Self {
        let own = std::env::current_exe().map(OsString::from).unwrap_or_else(|_| "esr".into());
        Self {
            seed: 0,
            on_healthy: Arc::new(|_| {}),
            on_output: Arc::new(|_, _| {}),
            work: std::env::temp_dir().join("esr-parts"),
            supervisor: vec![own, "supervise".into()],
        }
    }
}

/// What a sandbox gets its time from, sends its calls through, and records its spans with.
#[derive(Clone)]
pub struct Deps {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The wire between the parts.
    pub transport: Arc<dyn Transport>,
    /// Take the spans.
    pub recorders: Arc<dyn Recorders>,
}

/// A sandbox whose parts run in this process, on loopback. It goes down with [`Sandbox::down`], or at once when it is
/// dropped.
pub struct Sandbox {
    entry: SmolStr,
    /// Roots of the frontends as people reach them.
    frontends: HashMap<SmolStr, Url>,
    gov: Option<Url>,
    /// Roots of the partners as people reach them.
    partners: BTreeMap<SmolStr, Url>,
    /// Parts that are processes.
    processes: Vec<Running>,
    clock: Arc<dyn Clock>,
    /// Browser sessions, of all frontends.
    sessions: Vec<Arc<Sessions>>,
    faults: Arc<FaultSet>,
    ledger: Arc<Ledger>,
    tasks: Arc<Tasks>,
}

impl Sandbox {
    /// Brings every part up, with a proxy on each edge and in front of each frontend, and waits until all are healthy.
    ///
    /// It is all or nothing: after an error, nothing listens. Must run within a Tokio runtime.
    pub async fn up(blueprint: Arc<Blueprint>, options: Options, deps: Deps) -> Result<Sandbox, UpError> {
        check(&blueprint)?;
        let ledger = Ledger::new(deps.recorders, deps.clock.clone());
        let tasks = Tasks::new(deps.clock.clone());
        let sandbox = Sandbox {
            entry: blueprint.entry.clone(),
            frontends: HashMap::new(),
            gov: None,
            partners: BTreeMap::new(),
            processes: Vec::new(),
            clock: deps.clock.clone(),
            sessions: Vec::new(),
            faults: FaultSet::new(blueprint.parts.keys().cloned()),
            ledger,
            tasks,
        };
        let Deps { clock, transport, .. } = deps;
        Builder { blueprint, options, clock, transport }.build(sandbox).await
    }

    /// The root of the frontend that journeys' paths resolve at.
    pub fn url(&self) -> &Url {
        &self.frontends[&self.entry]
    }

    /// The root of the GOV endpoint, which serves the draft rules under `/policies`.
    pub fn gov_url(&self) -> Option<&Url> {
        self.gov.as_ref()
    }

    /// Roots of the partners, as personas send them envelopes.
    pub fn partners(&self) -> &BTreeMap<SmolStr, Url> {
        &self.partners
    }

    /// Name of the frontend that journeys' paths resolve at.
    pub fn entry_part(&self) -> &SmolStr {
        &self.entry
    }

    /// Whether connections could not be accepted for want of something on this machine.
    pub fn saturation(&self) -> &Saturation {
        &self.tasks.saturation
    }

    /// What applies and removes the faults of `run`, which strike its requests alone.
    pub fn faults(&self, run: SmolStr) -> Arc<dyn Faults> {
        Arc::new(RunFaults { set: self.faults.clone(), run })
    }

    /// The run is over: waits until nothing of it is under way, for `grace` nanoseconds at most, and records what is then
    /// left as `interrupted`. Nothing of the run is recorded from then on, though its work goes on.
    pub async fn settle(&self, run: &SmolStr, grace: u64) {
        self.ledger.settle(run, grace).await;
        self.sessions.iter().for_each(|sessions| sessions.forget(run));
    }

    /// Takes everything down: no new request comes in, those under way get 3 s, then every port is free. What is cut off
    /// by that is recorded as `interrupted`.
    pub async fn down(mut self) {
        self.tasks.close(GRACE, || self.ledger.shut()).await;
        let mut ending = JoinSet::new();
        for process in std::mem::take(&mut self.processes) {
            let clock = self.clock.clone();
            ending.spawn(async move { process.end(&*clock).await });
        }
        ending.join_all().await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.ledger.shut();
        self.tasks.abort();
    }
}

struct Builder {
    blueprint: Arc<Blueprint>,
    options: Options,
    clock: Arc<dyn Clock>,
    transport: Arc<dyn Transport>,
}

impl Builder {
    async fn build(self, mut sandbox: Sandbox) -> Result<Sandbox, UpError> {
        let visitors = Visitors::new(self.options.seed);
        // Everything is bound before anything is started, so that every part knows where its peers are. A fixed port
        // comes first: no other part is to take it by chance.
        let mut entries = Vec::new();
        let mut frontends: Vec<&Part> = self.blueprint.parts.values().filter(|part| is_frontend(part)).collect();
        frontends.sort_by_key(|part| fixed_port(part).is_none());
        for part in frontends {
            let listener = bind(&self.blueprint, part, fixed_port(part)).await?;
            sandbox.frontends.insert(part.name.clone(), root(&listener, part)?);
            entries.push((PERSONA.into(), part, listener));
        }
        for part in self.blueprint.parts.values().filter(|part| matches!(part.kind, PartKind::Partner(_))) {
            let listener = bind(&self.blueprint, part, None).await?;
            sandbox.partners.insert(part.name.clone(), root(&listener, part)?);
            entries.push((PERSONA.into(), part, listener));
        }
        let mut own = Vec::new();
        let mut targets = HashMap::new();
        let mut ports = HashMap::new();
        for part in self.blueprint.parts.values() {
            if let Existence::Process(process) = part.existence() {
                let port = process::port(&self.blueprint, part, process).await?;
                let url = Url::parse(&format!("http://{}:{port}/", Ipv4Addr::LOCALHOST));
                let url = url.map_err(|error| UpError::Listen { part: part.name.clone(), why: error.to_string() })?;
                targets.insert(part.name.clone(), url);
                ports.insert(part.name.clone(), port);
                continue;
            }
            let listener = bind(&self.blueprint, part, None).await?;
            targets.insert(part.name.clone(), root(&listener, part)?);
            own.push((part, listener));
        }
        let mut inner = Vec::new();
        let mut peers: HashMap<SmolStr, HashMap<SmolStr, Url>> = HashMap::new();
        for edge in &self.blueprint.edges {
            let Some(callee) = self.blueprint.part(&edge.callee) else { continue };
            let listener = bind(&self.blueprint, callee, None).await?;
            peers.entry(edge.caller.clone()).or_default().insert(edge.callee.clone(), root(&listener, callee)?);
            inner.push((edge.caller.clone(), callee, listener));
        }

        let gov = Gov::of(&self.blueprint);
        let gov_url = serve_gov(&gov, &sandbox.tasks).await?;
        for (part, listener) in own {
            let peers = peers.get(&part.name).cloned().unwrap_or_default();
            let mimic = self.mimic(part, peers, &visitors, &sandbox, &gov)?;
            sandbox.sessions.push(mimic.sessions.clone());
            listener.serve(Arc::new(mimic), &sandbox.tasks, Stage::Closed);
        }
        let stages = entries.into_iter().map(|entry| (entry, Stage::Draining));
        for ((caller, callee, listener), until) in stages.chain(inner.into_iter().map(|edge| (edge, Stage::Closed))) {
            let Some(target) = targets.get(&callee.name) else { continue };
            let watchers = self.watchers(&callee.name, &peers);
            let proxy = Proxy {
                caller,
                callee: callee.name.clone(),
                target: target.clone(),
                paths: PublicPaths::of(callee),
                faults: sandbox.faults.clone(),
                visitors: visitors.clone(),
                clock: self.clock.clone(),
                transport: self.transport.clone(),
                ledger: sandbox.ledger.clone(),
                watchers,
                is_process: ports.contains_key(&callee.name),
                tasks: sandbox.tasks.clone(),
            };
            listener.serve(Arc::new(proxy), &sandbox.tasks, until);
        }
        targets.retain(|part, _| !ports.contains_key(part));
        self.await_health(&sandbox, &targets, &gov_url).await?;
        self.start_processes(&mut sandbox, &ports, &peers).await?;
        sandbox.gov = Some(gov_url);
        Ok(sandbox)
    }

    fn mimic(
        &self,
        part: &Part,
        peers: HashMap<SmolStr, Url>,
        visitors: &Arc<Visitors>,
        sandbox: &Sandbox,
        gov: &Arc<Gov>,
    ) -> Result<Mimic, UpError> {
        let stores = Stores::new(&part.stores);
        let seeds = self.blueprint.seeds.iter().enumerate();
        for (number, seed) in seeds.filter(|(_, seed)| seed.part == part.name) {
            seed::plant(&self.blueprint, seed, number, self.options.seed, &stores)?;
        }
        Ok(Mimic {
            blueprint: self.blueprint.clone(),
            part: part.clone(),
            branch: self.blueprint.branch.clone().unwrap_or_else(|| MAIN_BRANCH.into()),
            peers,
            stores,
            sessions: Arc::new(Sessions::new(&part.name)),
            workers: part.workers.map(|workers| Semaphore::new(workers as usize)),
            visitors: visitors.clone(),
            clock: self.clock.clone(),
            transport: self.transport.clone(),
            ledger: sandbox.ledger.clone(),
            gov: gov.clone(),
            reviews: Reviews::of(&part.kind),
            tasks: sandbox.tasks.clone(),
        })
    }

    /// The agents that watch requests to `part`.
    fn watchers(&self, part: &str, peers: &HashMap<SmolStr, HashMap<SmolStr, Url>>) -> Vec<Watcher> {
        let agents = self.blueprint.parts.values().filter_map(|agent| match &agent.kind {
            PartKind::Agent(Agent { watches, .. }) if watches.part == part => {
                let url = peers.get(part)?.get(&agent.name)?.clone();
                Some(Watcher { agent: agent.name.clone(), watch: watches.clone(), url })
            }
            _ => None,
        });
        agents.collect()
    }

    /// Starts the parts that are processes: those that call others after these, and else all at once.
    async fn start_processes(
        &self,
        sandbox: &mut Sandbox,
        ports: &HashMap<SmolStr, u16>,
        peers: &HashMap<SmolStr, HashMap<SmolStr, Url>>,
    ) -> Result<(), UpError> {
        let mut waiting: Vec<&Part> =
            self.blueprint.parts.values().filter(|part| ports.contains_key(&part.name)).collect();
        while !waiting.is_empty() {
            let calls = |caller: &Part, callee: &Part| {
                self.blueprint.edges.iter().any(|edge| edge.caller == caller.name && edge.callee == callee.name)
            };
            let is_free = |part: &&Part| !waiting.iter().any(|other| other.name != part.name && calls(part, other));
            let mut now: Vec<&Part> = waiting.iter().copied().filter(is_free).collect();
            if now.is_empty() {
                // They call each other in a circle.
                now.clone_from(&waiting);
            }
            waiting.retain(|part| !now.iter().any(|started| started.name == part.name));
            let launches = now.iter().filter_map(|part| {
                let Existence::Process(process) = part.existence() else { return None };
                let launch = Launch {
                    blueprint: &self.blueprint,
                    part,
                    process,
                    port: *ports.get(&part.name)?,
                    peers: peers.get(&part.name).cloned().unwrap_or_default(),
                    options: &self.options,
                    clock: self.clock.clone(),
                    transport: self.transport.clone(),
                };
                Some(async move { (launch.part, launch.start().await) })
            });
            let mut failed = None;
            for (part, started) in join_all(launches).await {
                match started {
                    Ok(running) => {
                        sandbox.processes.push(running);
                        let url = sandbox.frontends.get(&part.name).cloned();
                        let own = ports.get(&part.name).map(|port| format!("http://{}:{port}/", Ipv4Addr::LOCALHOST));
                        if let Some(url) = url.or_else(|| Url::parse(&own?).ok()) {
                            (self.options.on_healthy)(&Healthy {
                                part: part.name.clone(),
                                kind: part.kind.noun(),
                                url,
                            });
                        }
                    }
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
            if let Some(error) = failed {
                for process in std::mem::take(&mut sandbox.processes) {
                    process.end(&*self.clock).await;
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// Asks all parts at once, and tells of each as it answers.
    async fn await_health(&self, sandbox: &Sandbox, targets: &HashMap<SmolStr, Url>, gov: &Url) -> Result<(), UpError> {
        let mut checks = JoinSet::new();
        for (part, target) in targets.iter().chain([(&gov::NAME, gov)]) {
            let (part, mut url) = (part.clone(), target.clone());
            let (clock, transport) = (self.clock.clone(), self.transport.clone());
            url.set_path(mimic::HEALTH_PATH);
            checks.spawn(async move {
                let request =
                    Request { method: Method::GET, url, headers: HeaderMap::new(), body: bytes::Bytes::new() };
                let why = match timeout(&*clock, HEALTH_TIMEOUT, transport.send(request)).await {
                    Ok(Ok(response)) if response.status.is_success() => return Ok(part),
                    Ok(Ok(response)) => format!("HTTP {}", response.status.as_u16()),
                    Ok(Err(error)) => error.to_string(),
                    Err(elapsed) => elapsed.to_string(),
                };
                Err(UpError::Unhealthy { part, why })
            });
        }
        while let Some(checked) = checks.join_next().await {
            let Ok(part) = checked else { continue };
            let part = part?;
            // The GOV endpoint is no part.
            let Some(kind) = self.blueprint.part(&part).map(|part| part.kind.noun()) else { continue };
            if let Some(url) = sandbox.frontends.get(&part).or_else(|| targets.get(&part)).cloned() {
                (self.options.on_healthy)(&Healthy { part, kind, url });
            }
        }
        Ok(())
    }
}

fn is_frontend(part: &Part) -> bool {
    matches!(part.kind, PartKind::Frontend(_))
}

fn fixed_port(part: &Part) -> Option<u16> {
    match &part.kind {
        PartKind::Frontend(frontend) => frontend.port,
        _ => None,
    }
}

async fn bind(blueprint: &Blueprint, part: &Part, port: Option<u16>) -> Result<Listener, UpError> {
    Listener::bind(port).await.map_err(|error| match (error.kind(), port) {
        (io::ErrorKind::AddrInUse, Some(port)) => {
            UpError::PortInUse { port, part: part.name.clone(), place: blueprint.sources.place(part.span) }
        }
        _ => {
            let on =
                port.map(|port| format!("{}: ", SocketAddr::from((Ipv4Addr::LOCALHOST, port)))).unwrap_or_default();
            UpError::Listen { part: part.name.clone(), why: format!("{on}{error}") }
        }
    })
}

/// Publishes the draft rules; yields the endpoint's root.
async fn serve_gov(gov: &Arc<Gov>, tasks: &Arc<Tasks>) -> Result<Url, UpError> {
    let failed = |why: String| UpError::Listen { part: gov::NAME, why };
    let listener = Listener::bind(None).await.map_err(|error| failed(error.to_string()))?;
    let url = listener.url().map_err(|error| failed(error.to_string()))?;
    listener.serve(gov.clone(), tasks, Stage::Draining);
    Ok(url)
}

fn root(listener: &Listener, part: &Part) -> Result<Url, UpError> {
    listener.url().map_err(|error| UpError::Listen { part: part.name.clone(), why: error.to_string() })
}

/// Whether this backend can do what the blueprint asks for.
fn check(blueprint: &Blueprint) -> Result<(), UpError> {
    let wrong = |what: String, span: Span| Err(UpError::Blueprint { what, place: blueprint.sources.place(span) });
    match blueprint.part(&blueprint.entry) {
        Some(part) if is_frontend(part) => {}
        _ => return wrong(format!("the entry `{}` is no frontend", blueprint.entry), blueprint.span),
    }
    for part in blueprint.parts.values() {
        if let Existence::Elsewhere(Elsewhere { setting, span }) = part.existence() {
            let place = blueprint.sources.place(*span);
            return Err(UpError::Elsewhere { part: part.name.clone(), setting: setting.clone(), place });
        }
        if part.workers == Some(0) {
            let what = format!("`{}` has no workers, so it would never answer", part.name);
            return wrong(what, part.workers_span.unwrap_or(part.span));
        }
        for handler in handlers(part) {
            if let Some((verb, span)) = unknown_verb(&handler.steps) {
                return wrong(format!("`{verb}` is no step that handlers of the embedded sandbox have"), span);
            }
        }
    }
    for seed in &blueprint.seeds {
        let part = blueprint.part(&seed.part);
        if part.is_none_or(|part| !part.stores.contains_key(&seed.store)) {
            return wrong(format!("there is no store `{}.{}` for this seed", seed.part, seed.store), seed.span);
        }
    }
    Ok(())
}

fn handlers(part: &Part) -> Vec<&scn_plan::blueprint::Handler> {
    match &part.kind {
        PartKind::Frontend(frontend) => {
            let pages = frontend.pages.values();
            pages
                .flat_map(|page| {
                    page.on_view.iter().chain(page.forms.values().filter_map(|form| form.on_submit.as_ref()))
                })
                .collect()
        }
        PartKind::Service(service) => service.routes.iter().map(|route| &route.handler).collect(),
        PartKind::Partner(partner) => partner.envelopes.values().map(|envelope| &envelope.handler).collect(),
        PartKind::Agent(agent) => vec![&agent.handler],
        PartKind::Queue(queue) => queue.on_decided.iter().collect(),
    }
}

fn unknown_verb(steps: &[HandlerStep]) -> Option<(&SmolStr, Span)> {
    steps.iter().find_map(|step| match &step.kind {
        HandlerStepKind::Call { call, .. } => Verb::named(&call.name).is_none().then_some((&call.name, call.span)),
        HandlerStepKind::If { arms, otherwise } => {
            arms.iter().find_map(|(_, body)| unknown_verb(body)).or_else(|| unknown_verb(otherwise))
        }
        HandlerStepKind::For { body, .. } | HandlerStepKind::Retry { body, .. } => unknown_verb(body),
        HandlerStepKind::Set { .. } => None,
    })
}
