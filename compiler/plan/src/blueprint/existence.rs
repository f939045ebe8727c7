//! Other ways to exist than as behaviour that is written in the language.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Part, PartKind};
use crate::{Expr, Span};

/// A part that is a process. Its texts read `branch`, `env` and `secret`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Process {
    /// Where its sources are: what `git` can clone, or a directory, relative to the file that declares the part. Without it,
    /// it runs in that file's own directory.
    pub repo: Option<Expr>,
    /// The branch that is cloned.
    pub branch: Option<Expr>,
    /// What is run once before it starts.
    pub build: Option<Expr>,
    /// What is run.
    pub run: Expr,
    /// The port on loopback that it listens on; without it, it is given a free one.
    pub port: Option<u16>,
    /// A path that it answers with a status below 400 once it is up; without it, it is up when it takes connections.
    pub health: Option<SmolStr>,
    /// More variables of its environment.
    pub env: Vec<(SmolStr, Expr)>,
    /// Where `run:` stands.
    pub span: Span,
}

/// A setting that asks for a part which only another backend has, such as `image`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// The setting's name.
    pub setting: SmolStr,
    /// Where it stands.
    pub span: Span,
}

/// How a part exists in a sandbox on this machine.
#[derive(Clone, Copy, Debug)]
pub enum Existence<'a> {
    /// As the behaviour that the blueprint gives it.
    Mimic,
    /// As a process.
    Process(&'a Process),
    /// Not at all.
    Elsewhere(&'a Elsewhere),
}

impl Part {
    /// How it exists on this machine: as its behaviour if it has any, else as a process, else not at all.
    pub fn existence(&self) -> Existence<'_> {
        match (&self.process, &self.elsewhere) {
            _ if self.has_behaviour() => Existence::Mimic,
            (Some(process), _) => Existence::Process(process),
            (None, Some(elsewhere)) => Existence::Elsewhere(elsewhere),
            (None, None) => Existence::Mimic,
        }
    }

    /// Whether the blueprint says what it answers. What it answers is unknown if it does not, and it exists elsewhere.
    pub fn has_behaviour(&self) -> bool {
        match &self.kind {
            PartKind::Frontend(frontend) => !frontend.pages.is_empty(),
            PartKind::Service(service) => !service.routes.is_empty(),
            PartKind::Partner(partner) => !partner.envelopes.is_empty(),
            PartKind::Agent(_) | PartKind::Queue(_) => true,
        }
    }

    /// Whether what it answers can be known before it is asked.
    pub fn is_open_book(&self) -> bool {
        matches!(self.existence(), Existence::Mimic)
    }
}
