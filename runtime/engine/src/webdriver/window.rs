//! A window of a browser, and what a person does in it.

use std::path::PathBuf;

use fantoccini::{
    Client, ClientBuilder,
    elements::{Element, ElementRef},
    error::CmdError,
};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process};
use scn_plan::FileSpec;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;
use url::Url;

use super::{Asked, BrowserError, proxy::Proxy};
use crate::{
    clock::{Clock, timeout},
    files,
};

/// The name of an element's reference. Source: W3C WebDriver, «web element identifier».
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What the browser is started with: without a screen, and without anything that it would ask the world for by itself.
/// It shows what its sandbox serves and nothing else, so it does without a sandbox of its own, which containers seldom allow.
const ARGUMENTS: [&str; 13] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--dns-prefetch-disable",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--window-size=1280,900",
];

/// How long a browser may take to end, in nanoseconds: 5 s.
const PATIENCE: u64 = 5_000_000_000;

/// A window. The session behind it ends with [`close`](Window::close).
#[derive(Debug)]
pub(crate) struct Window {
    client: Client,
    _proxy: Proxy,
    /// What the browser asks for.
    pub(crate) asked: Option<mpsc::UnboundedReceiver<Asked>>,
    /// The browser's process, where the driver tells it.
    process: Option<i32>,
    /// Its profile, and the files that it uploads.
    directory: PathBuf,
    uploads: u32,
}

/// A hold on a window, with which something can be done while requests are answered.
#[derive(Clone, Debug)]
pub(crate) struct Hand(Client);

/// What a window shows.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Its address.
    pub(crate) url: Url,
    /// Its source, as `scripts/snapshot.js` describes it.
    pub(crate) html: String,
}

/// What is to be changed at a control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Text is typed, in place of what was there.
    Type(String),
    /// It is clicked: a box, a radio button.
    Click,
    /// Options are chosen, by their places.
    Choose(Vec<usize>),
    /// Files are given.
    Give(Vec<FileSpec>),
}

/// Why something could not be done in a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The browser is gone or does not understand: its own fault.
    Broken(String),
    /// The page does not let it be done.
    Refused(String),
    /// The page was left in the meantime.
    Moving,
}

impl From<CmdError> for Trouble {
    fn from(error: CmdError) -> Self {
        Trouble::from(&error)
    }
}

impl From<&CmdError> for Trouble {
    fn from(error: &CmdError) -> Self {
        match error {
            CmdError::Standard(told) => {
                let text = told.message.lines().next().unwrap_or_default().to_owned();
                match told.error.description() {
                    "element not interactable" | "element click intercepted" | "invalid element state" => {
                        Trouble::Refused(text)
                    }
                    // A dialog is accepted by the next command; a page that is left takes its scripts along.
                    "stale element reference"
                    | "no such element"
                    | "unexpected alert open"
                    | "script timeout"
                    | "javascript error" => Trouble::Moving,
                    // The window's page failed to load: what became of the request says more.
                    "unknown error" if told.message.contains("net::ERR_") => Trouble::Refused(text),
                    "timeout" => Trouble::Refused(format!("the page keeps the browser busy: {text}")),
                    code => Trouble::Broken(format!("{code}: {text}")),
                }
            }
            other => Trouble::Broken(other.to_string()),
        }
    }
}

impl Window {
    /// Opens a window at the driver that listens at `driver`; its files are kept in `directory`.
    pub(super) async fn open(driver: &str, directory: PathBuf) -> Result<Self, BrowserError> {
        let failed = |why: String| BrowserError {
            message: format!("a browser does not start: {why}"),
            help: "`chromium --headless --no-sandbox --dump-dom about:blank` shows whether it can be started at all",
        };
        std::fs::create_dir_all(&directory).map_err(|error| failed(format!("`{}`: {error}", directory.display())))?;
        let (sender, asked) = mpsc::unbounded_channel();
        let proxy = Proxy::listen(sender).await.map_err(|error| failed(format!("its proxy finds no port: {error}")))?;
        let arguments = ARGUMENTS.iter().map(ToString::to_string).chain([
            format!("--user-data-dir={}", directory.join("profile").display()),
            format!("--proxy-server=http://127.0.0.1:{}", proxy.port),
            // Addresses of this machine, too.
            "--proxy-bypass-list=<-loopback>".to_owned(),
        ]);
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments.collect::<Vec<_>>() },
            "unhandledPromptBehavior": "accept",
            // In milliseconds; a step's own bound is kept by the journey.
            "timeouts": { "script": 5000 },
        });
        let capabilities = capabilities.as_object().cloned().unwrap_or_default();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(driver)
            .await
            .map_err(|error| failed(error.to_string().lines().next().unwrap_or_default().to_owned()))?;
        let told = client.capabilities().and_then(|told| told.get("goog:processID")).and_then(Json::as_i64);
        let process = told.and_then(|id| i32::try_from(id).ok());
        Ok(Self { client, _proxy: proxy, asked: Some(asked), process, directory, uploads: 0 })
    }

    /// A hold on the window.
    pub(crate) fn hand(&self) -> Hand {
        Hand(self.client.clone())
    }

    /// Writes `file` where the browser can take it from.
    pub(crate) fn write(&mut self, file: &FileSpec) -> Result<String, String> {
        self.uploads += 1;
        let directory = self.directory.join("uploads").join(self.uploads.to_string());
        let name = file.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let path = directory.join(if name.is_empty() { "file" } else { name });
        let content = files::make(file)?;
        let written = std::fs::create_dir_all(&directory).and_then(|()| std::fs::write(&path, content));
        written.map_err(|error| format!("`{}` cannot be written: {error}", path.display()))?;
        Ok(path.display().to_string())
    }

    /// Ends the browser and removes its files.
    pub(crate) async fn close(self, clock: &dyn Clock) {
        // Requests that nobody answers would hold it up.
        drop(self.asked);
        let closed = timeout(clock, PATIENCE, self.client.close()).await;
        if closed.is_err()
            && let Some(process) = self.process.and_then(Pid::from_raw)
        {
            // It is busy with a page that never ends.
            let _ = kill_process(process, Signal::KILL);
        }
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Hand {
    /// Opens an address.
    pub(crate) async fn go(self, url: Url) -> Result<(), Trouble> {
        Ok(self.0.goto(url.as_str()).await?)
    }

    /// Waits until the page is loaded and drawn; in a window that a click has opened, if one has.
    pub(crate) async fn settle(self) -> Result<(), Trouble> {
        let windows = self.0.windows().await?;
        if let [_, .., newest] = windows.as_slice() {
            self.0.switch_to_window(newest.clone()).await?;
        }
        self.0.execute_async(include_str!("scripts/settle.js"), Vec::new()).await?;
        Ok(())
    }

    /// What the window shows.
    pub(crate) async fn look(self) -> Result<Shown, Trouble> {
        let shown = self.0.execute(include_str!("scripts/snapshot.js"), Vec::new()).await?;
        let text = |name: &str| shown.get(name).and_then(Json::as_str).unwrap_or_default();
        let url = Url::parse(text("url")).map_err(|error| Trouble::Broken(format!("it is nowhere: {error}")))?;
        Ok(Shown { url, html: text("html").to_owned() })
    }

    /// Clicks the element of this number.
    pub(crate) async fn click(self, node: u32) -> Result<(), Trouble> {
        let element = self.element(node).await?;
        match element.click().await {
            // Boxes and radio buttons are often drawn by something else.
            Err(error) if matches!(Trouble::from(&error), Trouble::Refused(_)) => {
                let is_drawn_otherwise = "return arguments[0].matches('input[type=checkbox], input[type=radio]')";
                let element = reference(&element);
                if self.0.execute(is_drawn_otherwise, vec![element.clone()]).await? != Json::Bool(true) {
                    return Err(error.into());
                }
                self.0.execute("arguments[0].click()", vec![element]).await?;
                Ok(())
            }
            done => Ok(done?),
        }
    }

    /// Changes the control of this number. `files` are where [`Window::write`] put those that are given.
    pub(crate) async fn change(self, node: u32, change: Change, files: Vec<String>) -> Result<(), Trouble> {
        match change {
            Change::Click => self.click(node).await,
            Change::Choose(places) => {
                let element = self.element(node).await?;
                self.0.execute(include_str!("scripts/choose.js"), vec![reference(&element), json!(places)]).await?;
                Ok(())
            }
            Change::Give(_) => Ok(self.element(node).await?.send_keys(&files.join("\n")).await?),
            Change::Type(text) => {
                let element = self.element(node).await?;
                let kind = element.attr("type").await?.unwrap_or_default().to_ascii_lowercase();
                if has_keys(&text) && !NOT_TYPED.contains(&kind.as_str()) {
                    element.clear().await?;
                    element.send_keys(&text).await?;
                } else {
                    let script = include_str!("scripts/enter.js");
                    self.0.execute(script, vec![reference(&element), Json::String(text)]).await?;
                }
                Ok(())
            }
        }
    }

    /// Submits the form of this number as it is submitted without a button.
    pub(crate) async fn submit(self, node: u32) -> Result<(), Trouble> {
        let form = self.element(node).await?;
        self.0.execute("arguments[0].requestSubmit()", vec![reference(&form)]).await?;
        Ok(())
    }

    /// The names of the controls for which the browser does not submit the form of this number, with what it says of each.
    pub(crate) async fn invalid(self, form: u32) -> Result<Vec<(String, String)>, Trouble> {
        let told = self.0.execute(include_str!("scripts/invalid.js"), vec![json!(form)]).await?;
        Ok(serde_json::from_value(told).unwrap_or_default())
    }

    /// An image of the window (PNG), with every text as `covered` makes it of what is there.
    pub(crate) async fn screenshot(self, covered: impl Fn(&str) -> String) -> Result<Vec<u8>, Trouble> {
        let texts = self.0.execute(include_str!("scripts/texts.js"), Vec::new()).await?;
        let texts: Vec<String> = serde_json::from_value(texts).unwrap_or_default();
        let others = texts.iter().enumerate().map(|(at, text)| (at, covered(text)));
        let others: Vec<_> = others.filter(|(at, text)| texts.get(*at) != Some(text)).collect();
        let cover = |others: Json| async { self.0.execute(include_str!("scripts/cover.js"), vec![others]).await };
        let before = cover(json!(others)).await?;
        let image = self.0.screenshot().await;
        cover(before).await?;
        Ok(image?)
    }

    async fn element(&self, node: u32) -> Result<Element, Trouble> {
        let found = self.0.execute(include_str!("scripts/find.js"), vec![json!(node)]).await?;
        let reference = found.get(ELEMENT).and_then(Json::as_str).ok_or(Trouble::Moving)?;
        Ok(Element::from_element_id(self.0.clone(), ElementRef::from(reference.to_owned())))
    }
}

fn reference(element: &Element) -> Json {
    json!({ ELEMENT: element.element_id().to_string() })
}

/// Kinds of inputs whose keys mean something else in every language.
const NOT_TYPED: [&str; 7] = ["date", "datetime-local", "month", "week", "time", "color", "range"];

/// Whether keys can be sent for every character of `text`. Source: W3C WebDriver §17.4.2 gives the private use area to keys
/// such as Tab; Chromium's driver knows no key beyond the basic multilingual plane.
fn has_keys(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || (!c.is_control() && c < '\u{10000}' && !('\u{e000}'..'\u{f900}').contains(&c)))
}
