//! Parts that come up one after the other.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use smol_str::SmolStr;

use crate::console::Console;

/// Prints a line for each part as it comes up; at a terminal, below them, which parts are waited for.
pub struct Arrivals {
    console: Console,
    bar: Option<ProgressBar>,
    missing: Vec<SmolStr>,
}

impl Arrivals {
    /// None of `parts` has come up.
    pub fn new<'a>(parts: impl Iterator<Item = &'a SmolStr>, console: Console) -> Self {
        let missing: Vec<SmolStr> = parts.cloned().collect();
        let bar = console.is_live().then(|| {
            let bar = ProgressBar::with_draw_target(Some(missing.len() as u64), ProgressDrawTarget::stdout());
            let style =
                ProgressStyle::with_template("   {spinner} {pos} of {len} parts are healthy; waiting for {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        let arrivals = Self { console, bar, missing };
        arrivals.show();
        arrivals
    }

    /// The part has come up, which `line` says.
    pub fn arrived(&mut self, part: &str, line: String) {
        self.missing.retain(|missing| missing != part);
        match &self.bar {
            Some(bar) => {
                bar.println(line);
                bar.inc(1);
                self.show();
            }
            None => self.console.line(line),
        }
    }

    /// The parts that have not come up.
    pub fn missing(&self) -> Vec<&str> {
        self.missing.iter().map(SmolStr::as_str).collect()
    }

    /// All have come up.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn show(&self) {
        if let Some(bar) = &self.bar {
            bar.set_message(self.missing().join(", "));
        }
    }
}

impl Drop for Arrivals {
    fn drop(&mut self) {
        // An error is told below the lines, not over them.
        self.finish();
    }
}
