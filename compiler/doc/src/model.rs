//! What a file declares, as plain data.

/// A file, or a module of the standard library.
#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    /// Its path, or what a `use` calls it.
    pub name: String,
    /// The comment that the file begins with, in Markdown.
    pub intro: String,
    /// What it declares, in the order of the source; what is private is left out.
    pub entries: Vec<Entry>,
}

/// A declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What is declared.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The comment above it, in Markdown; none where there is none.
    pub doc: Option<String>,
    /// What follows from the declaration itself.
    pub blocks: Vec<Block>,
}

/// A kind of declaration, in the order in which a page lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Kind {
    Scenario,
    Flow,
    Persona,
    Const,
    Probe,
    Sandbox,
    Step,
    Handler,
    Generator,
    Metric,
}

impl Kind {
    /// All of them, in the order in which a page lists them.
    pub const ALL: [Kind; 10] = [
        Kind::Scenario,
        Kind::Flow,
        Kind::Persona,
        Kind::Const,
        Kind::Probe,
        Kind::Sandbox,
        Kind::Step,
        Kind::Handler,
        Kind::Generator,
        Kind::Metric,
    ];

    /// Several of them.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::Scenario => "Scenarios",
            Kind::Flow => "Flows",
            Kind::Persona => "Personas",
            Kind::Const => "Constants",
            Kind::Probe => "Probes",
            Kind::Sandbox => "Sandboxes",
            Kind::Step => "Steps",
            Kind::Handler => "Handler steps",
            Kind::Generator => "Generators",
            Kind::Metric => "Metrics",
        }
    }

    /// One of them.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Scenario => "scenario",
            Kind::Flow => "flow",
            Kind::Persona => "persona",
            Kind::Const => "constant",
            Kind::Probe => "probe",
            Kind::Sandbox => "sandbox",
            Kind::Step => "step",
            Kind::Handler => "handler step",
            Kind::Generator => "generator",
            Kind::Metric => "metric",
        }
    }
}

/// Part of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Source text.
    Code(String),
    /// A paragraph.
    Words(Vec<Piece>),
    /// A table: its heads, and its rows.
    Table(Vec<&'static str>, Vec<Vec<Vec<Piece>>>),
    /// A list: how far each item is indented, and what it says.
    List(Vec<(usize, Vec<Piece>)>),
}

/// Part of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Source text; the names in it that are documented somewhere lead there.
    Code(String),
    /// A name that leads nowhere, such as one that is declared here.
    Name(String),
    /// Markdown.
    Words(String),
}

impl Module {
    /// The entries of `kind`.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.kind == kind)
    }

    /// The declarations without a comment.
    pub fn undocumented(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.doc.is_none())
    }
}
