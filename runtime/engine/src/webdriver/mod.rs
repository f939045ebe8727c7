//! Browsers of personas that have one: headless Chromium, driven by W3C WebDriver.
//!
//! **Architecture invariant:** a browser only renders. Everything that it asks the network for comes to a proxy of its own
//! ([`proxy`]), which hands it to the journey, and the journey sends it through the [`Transport`](crate::Transport) as it
//! sends its own requests. So spans, cookies, limits and the borders of the sandbox are the same for all personas. What no
//! parameter of the engine can rule is the browser's own time: its timers and how long it takes to draw.

mod driver;
mod proxy;
mod window;

use std::{fmt, path::PathBuf, sync::OnceLock};

use tokio::sync::Semaphore;

use driver::Driver;
pub(crate) use proxy::Asked;
pub(crate) use window::{Change, Hand, Shown, Trouble, Window};

/// Starts browsers, each with a profile of its own. All end when this is dropped, and when this process dies.
#[derive(Debug)]
pub struct Browsers {
    driver: Driver,
    scratch: PathBuf,
    /// As many browsers start at once as this machine has processors.
    starting: Semaphore,
    /// The first breakdown of a browser.
    trouble: OnceLock<String>,
}

/// Why there is no browser: a sentence, and what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserError {
    /// A sentence that stands alone.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

impl fmt::Display for BrowserError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for BrowserError {}

impl Drop for Browsers {
    fn drop(&mut self) {
        // Windows remove their own files; what is left is of browsers that were ended.
        let _ = std::fs::remove_dir_all(&self.scratch);
    }
}

impl Browsers {
    /// Starts the driver. Files that browsers need while they live are kept in the directory `scratch`.
    ///
    /// # Errors
    ///
    /// If there is no driver, or it does not start.
    pub async fn start(scratch: PathBuf) -> Result<Self, BrowserError> {
        // The driver's and the browser's working directories are their own.
        let scratch = std::path::absolute(&scratch).unwrap_or(scratch);
        let driver = Driver::start(&scratch).await?;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self { driver, scratch, starting: Semaphore::new(processors), trouble: OnceLock::new() })
    }

    /// Opens a window with an empty profile, named `name` among those of this run.
    pub(crate) async fn open(&self, name: &str) -> Result<Window, BrowserError> {
        // It is closed by nobody.
        let _place = self.starting.acquire().await;
        let opened = Window::open(&self.driver.address, self.scratch.join(name)).await;
        opened.inspect_err(|error| self.broke(&error.message))
    }

    /// Notes that a browser broke down.
    pub(crate) fn broke(&self, why: &str) {
        let _ = self.trouble.set(why.to_owned());
    }

    /// Why a browser broke down, if one did: what the run measured says little of the sandbox then.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.get().map(String::as_str)
    }
}
