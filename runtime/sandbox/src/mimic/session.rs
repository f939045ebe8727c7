//! Browser sessions of a frontend.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use http::{HeaderMap, HeaderValue, header};
use rand::Rng;
use scn_plan::{Record, Text};
use smol_str::{SmolStr, format_smolstr};

use crate::trace::Trace;

/// What a session last saw on a page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// The values that it showed.
    pub(crate) show: Record,
    /// Its paragraphs.
    pub(crate) texts: Vec<Text>,
}

/// The sessions of a frontend by id.
pub(crate) struct Sessions {
    cookie: SmolStr,
    sessions: Mutex<HashMap<SmolStr, Session>>,
}

/// A session.
#[derive(Default)]
struct Session {
    /// The run whose persona has it; none for people who use the sandbox by hand.
    run: Option<SmolStr>,
    /// What it last saw, by the page's path.
    seen: HashMap<SmolStr, Seen>,
}

impl Sessions {
    /// None yet. The cookie bears the part's name, for cookies know hosts but not ports.
    pub(crate) fn new(part: &str) -> Self {
        Self { cookie: format_smolstr!("session-{part}"), sessions: Mutex::default() }
    }

    /// The session that the request belongs to, and the cookie to set if it begins here.
    pub(crate) fn of(&self, headers: &HeaderMap, trace: &Trace) -> (SmolStr, Option<HeaderValue>) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        for header in headers.get_all(header::COOKIE) {
            for pair in header.to_str().unwrap_or("").split(';') {
                match pair.trim().split_once('=') {
                    Some((name, id)) if name == self.cookie && sessions.contains_key(id) => return (id.into(), None),
                    _ => {}
                }
            }
        }
        let mut rng = trace.rng("session");
        let id = loop {
            // Requests of the same place may come twice, as in a second run of the same seed: then the next draw counts.
            let id = format_smolstr!("{:016x}{:016x}", rng.next_u64(), rng.next_u64());
            if !sessions.contains_key(&id) {
                break id;
            }
        };
        sessions.insert(id.clone(), Session { run: trace.run.clone(), seen: HashMap::new() });
        let cookie = HeaderValue::try_from(format!("{}={id}; Path=/; HttpOnly; SameSite=Lax", self.cookie)).ok();
        (id, cookie)
    }

    /// What session `id` last saw on `page`; none if it never did.
    pub(crate) fn seen(&self, id: &str, page: &str) -> Option<Seen> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(id)?.seen.get(page).cloned()
    }

    /// Session `id` sees this on `page`.
    pub(crate) fn sees(&self, id: &str, page: &SmolStr, seen: Seen) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.entry(id.into()).or_default().seen.insert(page.clone(), seen);
    }

    /// The run is over: its personas will not come back.
    pub(crate) fn forget(&self, run: &SmolStr) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| session.run.as_ref() != Some(run));
    }
}
