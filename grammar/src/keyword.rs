//! The words that begin a declaration.

use crate::ast::Keyword;

impl Keyword {
    /// Every keyword and its spelling.
    pub const ALL: &'static [(Keyword, &'static str)] = &[
        (Keyword::Use, "use"),
        (Keyword::Const, "const"),
        (Keyword::Persona, "persona"),
        (Keyword::Flow, "flow"),
        (Keyword::Probe, "probe"),
        (Keyword::Scenario, "scenario"),
        (Keyword::Sandbox, "sandbox"),
        (Keyword::Frontend, "frontend"),
        (Keyword::Page, "page"),
        (Keyword::Form, "form"),
        (Keyword::On, "on"),
        (Keyword::Store, "store"),
        (Keyword::Branch, "branch"),
        (Keyword::Service, "service"),
        (Keyword::Route, "route"),
        (Keyword::Partner, "partner"),
        (Keyword::Agent, "agent"),
        (Keyword::Queue, "queue"),
        (Keyword::Step, "step"),
        (Keyword::Handler, "handler"),
        (Keyword::Generator, "generator"),
        (Keyword::Metric, "metric"),
    ];

    /// The keyword that is spelled `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, spelling)| *spelling == word).map(|(keyword, _)| *keyword)
    }

    /// Its spelling.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(keyword, _)| *keyword == self).map_or("", |(_, spelling)| spelling)
    }

    /// Whether its line ends with a colon when lines are nested under it.
    pub(crate) fn takes_colon(self) -> bool {
        !matches!(self, Keyword::Use | Keyword::Const | Keyword::Store)
    }
}
