//! `--watch`: a run under way, as a live view on a terminal; the plain lines elsewhere, and afterwards.

mod board;
mod layout;
mod screen;
#[cfg(test)]
mod tests;
mod view;

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use esr_engine::{Clock, Progress};
use scn_plan::Plan;

use crate::console::Console;
use board::Board;
use screen::Screen;
pub use screen::leave as leave_screen;

/// The view is drawn anew when something happens, but not more often than this, and at least every [`IDLE`].
const FRAME: Duration = Duration::from_millis(100);

/// The clock and the probes' windows go on while nothing happens.
const IDLE: Duration = Duration::from_millis(250);

/// Shows what happens in a run: on a live view, or in plain lines.
pub struct Watcher {
    plan: Arc<Plan>,
    console: Console,
    /// Told of everything, as long as there is a view.
    view: Option<(Sender<Progress>, JoinHandle<()>)>,
    /// What the plain lines are to say once the view is gone.
    held: Vec<Progress>,
}

impl Watcher {
    /// Shows a run of `plan`: on a live view if that is `wanted` and standard output is a terminal for people, else in
    /// plain lines. Nothing else may be printed until [`stop`](Self::stop).
    pub fn start(plan: Arc<Plan>, console: Console, clock: Arc<dyn Clock>, wanted: bool) -> Self {
        let mut watcher = Self { plan, console, view: None, held: Vec::new() };
        // A terminal that cannot be written gets the plain lines, which then cannot be written either.
        if wanted
            && !console.is_for_machines()
            && screen::is_possible()
            && let Ok(screen) = Screen::enter()
        {
            let (sender, receiver) = channel();
            let board = Board::new(watcher.plan.clone(), clock.now());
            // A thread of its own: drawing may block on a slow terminal.
            watcher.view = Some((sender, std::thread::spawn(move || show(screen, board, &receiver, &*clock))));
        }
        watcher
    }

    /// Shows what happened.
    pub fn note(&mut self, progress: Progress) {
        if !screen::is_up() {
            // The view may be gone before the run is over, for instance after Ctrl-C.
            self.print_held();
            self.console.progress(&self.plan, &progress);
            return;
        }
        if matches!(progress, Progress::Started { .. } | Progress::Probe(_)) {
            self.held.push(progress.clone());
        }
        if let Some((view, _)) = &self.view {
            // A view that has failed has given the terminal back.
            let _ = view.send(progress);
        }
    }

    /// Gives the terminal back and prints the plain lines that had to wait.
    pub fn stop(mut self) {
        self.close();
        self.print_held();
    }

    fn close(&mut self) {
        if let Some((sender, thread)) = self.view.take() {
            drop(sender);
            // It has given the terminal back even if it panicked.
            let _ = thread.join();
        }
    }

    fn print_held(&mut self) {
        for progress in std::mem::take(&mut self.held) {
            self.console.progress(&self.plan, &progress);
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.close();
    }
}

/// Draws the board until nobody tells anything any more; the last frame shows all that was told.
fn show(mut screen: Screen, mut board: Board, told: &Receiver<Progress>, clock: &dyn Clock) {
    let colours = view::Colours::of_the_environment();
    let mut open = true;
    loop {
        board.tick(clock.now());
        if screen.draw(|frame| view::draw(&board, colours, frame.area(), frame.buffer_mut())).is_err() || !open {
            return;
        }
        let next = Instant::now() + FRAME;
        let mut wait = IDLE;
        loop {
            match told.recv_timeout(wait) {
                Ok(progress) => board.note(&progress, clock.now()),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => {
                    open = false;
                    break;
                }
            }
            // What comes in quick succession is shown together.
            wait = next.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                break;
            }
        }
    }
}
