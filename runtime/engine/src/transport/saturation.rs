//! Notices when this machine runs out of what connections are made of.

use std::{
    error::Error,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rustix::io::Errno;

/// The first time that a connection failed for want of file descriptors, ports or memory on this machine. Whoever sees
/// that failure from outside would blame the callee for it. Clones share what they notice.
#[derive(Clone, Debug, Default)]
pub struct Saturation(Arc<Mutex<Option<String>>>);

impl Saturation {
    /// Notices whether `error`, or what caused it, is such a failure.
    pub fn note(&self, error: &(dyn Error + 'static)) {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<io::Error>().filter(|error| is_shortage(error)) {
                self.first().get_or_insert_with(|| error.to_string());
            }
            // An I/O error that wraps another is not told as its source.
            let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            cause = wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source());
        }
    }

    /// What this machine ran out of, in the system's words; none if it had enough of everything.
    pub fn reason(&self) -> Option<String> {
        self.first().clone()
    }

    /// Notices anew from now on.
    pub fn forget(&self) {
        *self.first() = None;
    }

    fn first(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_shortage(error: &io::Error) -> bool {
    const SHORTAGES: [Errno; 5] = [Errno::MFILE, Errno::NFILE, Errno::ADDRNOTAVAIL, Errno::NOBUFS, Errno::NOMEM];
    Errno::from_io_error(error).is_some_and(|errno| SHORTAGES.contains(&errno))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_machine_lacks_is_noticed() {
        let saturation = Saturation::default();
        saturation.note(&io::Error::from_raw_os_error(Errno::CONNREFUSED.raw_os_error()));
        saturation.note(&io::Error::other("some other trouble"));
        assert_eq!(saturation.reason(), None);
        let outer = io::Error::other(io::Error::from_raw_os_error(Errno::MFILE.raw_os_error()));
        saturation.clone().note(&outer);
        assert!(saturation.reason().is_some_and(|reason| reason.contains("files")), "{saturation:?}");
    }
}
