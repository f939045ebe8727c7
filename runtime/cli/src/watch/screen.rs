//! The terminal while a run is watched: the alternate screen, without a cursor, and back again on every way out.
//!
//! The alternate screen leaves the scrollback as it was, so that afterwards it holds the plain lines and nothing else.
//! The terminal is not made raw: Ctrl-C stays a signal. Only echo is off, lest keys that are pressed litter the screen.

use std::{
    io::{self, IsTerminal, Write},
    sync::{
        Mutex, MutexGuard, Once, PoisonError, TryLockError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use ratatui::{
    Frame, Terminal, TerminalOptions, Viewport,
    backend::CrosstermBackend,
    crossterm::{
        cursor::{Hide, Show},
        queue,
        terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen},
    },
    layout::Rect,
};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr};

/// Taken by whoever writes to the screen. Holds how the terminal was, if that has to be restored.
static TERMINAL: Mutex<Option<Termios>> = Mutex::new(None);

/// Whether the alternate screen is shown.
static IS_UP: AtomicBool = AtomicBool::new(false);

/// What a terminal that does not tell its size is taken for: columns and rows.
const USUAL: (u16, u16) = (80, 24);

/// Whoever has not drawn for so long was stopped, by Ctrl-Z for instance, and finds the screen changed.
const STOPPED: Duration = Duration::from_secs(1);

/// Whether there is a screen to draw on: standard output is a terminal that can do more than print lines, and this
/// process is the one that it listens to.
pub fn is_possible() -> bool {
    let capable = std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb");
    capable && io::stdout().is_terminal() && is_in_foreground(io::stdout())
}

/// A process in the background that changes the terminal would be stopped.
fn is_in_foreground(terminal: impl std::os::fd::AsFd) -> bool {
    tcgetpgrp(terminal).is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Whether the screen is up.
pub fn is_up() -> bool {
    IS_UP.load(Ordering::Acquire)
}

/// Gives the terminal back as it was, if it was taken; may be called at any time from anywhere.
pub fn leave() {
    let mut before = lock();
    if IS_UP.swap(false, Ordering::AcqRel) {
        let mut out = io::stdout().lock();
        // A terminal that has gone away needs nothing restored.
        let _ = queue!(out, LeaveAlternateScreen, Show).and_then(|()| out.flush());
    }
    if let Some(before) = before.as_mut().and_then(|guarded| guarded.take())
        && is_in_foreground(io::stdin())
    {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
    }
}

/// The lock, unless its holder does not let go: that may be this very thread, if it panicked while it drew.
fn lock() -> Option<MutexGuard<'static, Option<Termios>>> {
    for _ in 0..100 {
        match TERMINAL.try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
    None
}

/// The screen. The terminal is given back when it is dropped.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Page>>,
    size: (u16, u16),
    drawn: Instant,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn enter() -> io::Result<Self> {
        leave_before_panics_are_told();
        let size = size();
        let terminal = terminal(size)?;
        let mut before = TERMINAL.lock().unwrap_or_else(PoisonError::into_inner);
        if is_in_foreground(io::stdin())
            && let Ok(own) = tcgetattr(io::stdin())
        {
            let mut silent = own.clone();
            silent.local_modes.remove(LocalModes::ECHO);
            if tcsetattr(io::stdin(), OptionalActions::Now, &silent).is_ok() {
                *before = Some(own);
            }
        }
        IS_UP.store(true, Ordering::Release);
        let screen = Self { terminal, size, drawn: Instant::now() };
        let mut out = io::stdout().lock();
        let entered = queue!(out, EnterAlternateScreen, Hide, Clear(ClearType::All)).and_then(|()| out.flush());
        // Only now may anybody give the terminal back.
        drop((out, before));
        entered.map(|()| screen)
    }

    /// Draws a frame; does nothing once the terminal has been given back.
    ///
    /// # Errors
    ///
    /// If the terminal cannot be written.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame)) -> io::Result<()> {
        let _held = TERMINAL.lock().unwrap_or_else(PoisonError::into_inner);
        // In the background, the screen is somebody else's.
        if !is_up() || !is_in_foreground(io::stdout()) {
            return Ok(());
        }
        let size = size();
        if size != self.size || self.drawn.elapsed() > STOPPED {
            self.terminal = terminal(size)?;
            self.size = size;
            queue!(io::stdout(), Hide, Clear(ClearType::All))?;
        }
        self.drawn = Instant::now();
        self.terminal.draw(render).map(|_| ())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

/// The message of a panic belongs on the screen that stays.
fn leave_before_panics_are_told() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            leave();
            tell(panic);
        }));
    });
}

fn terminal((width, height): (u16, u16)) -> io::Result<Terminal<CrosstermBackend<Page>>> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
    Terminal::with_options(CrosstermBackend::new(Page::default()), TerminalOptions { viewport })
}

/// Columns and rows of the terminal.
fn size() -> (u16, u16) {
    match tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
        _ => USUAL,
    }
}

/// Collects a frame, so that it reaches the terminal in one piece.
#[derive(Default)]
struct Page(Vec<u8>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let page = std::mem::take(&mut self.0);
        // Whatever the terminal's owner wants of the cursor once it is given back is no business of ours.
        if !is_up() {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        out.write_all(&page)?;
        out.flush()
    }
}
