//! Standard output and standard error, whose readers may go away at any moment (`esr trace RUN | head`).

use std::io::{self, BufWriter, ErrorKind, Write};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::exit::{CommandError, Failure};

/// Whether somebody still reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// As far as is known.
    There,
    /// Whoever read has seen enough.
    Gone,
}

/// Prints what a command was asked for. A reader who has seen enough is no error.
///
/// # Errors
///
/// If standard output cannot be written, for instance because the disk behind it is full.
pub fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Reader, CommandError> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(CommandError::new(Failure::Usage, format!("cannot write to standard output: {error}"))),
    }
}

/// Whether somebody still reads standard output; found out without printing anything.
pub fn reader() -> Reader {
    let stdout = io::stdout();
    let mut asked = [PollFd::new(&stdout, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    match poll(&mut asked, Some(&now)) {
        Ok(_) if asked[0].revents().contains(PollFlags::ERR) => Reader::Gone,
        _ => Reader::There,
    }
}

/// Says something on standard error, where there is somebody to hear it.
pub fn say(text: impl std::fmt::Display) {
    let _ = write!(io::stderr(), "{text}");
}
