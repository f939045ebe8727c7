//! Paths of routes, with parameters.

use std::fmt;

use scn_plan::{Expr, ExprKind, TextPart, Value};
use smol_str::SmolStr;

/// A path; a segment `{name}` stands for any one segment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PathTemplate {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq)]
enum Segment {
    Literal(SmolStr),
    Parameter(SmolStr),
    /// Known only at run time.
    Unknown,
}

/// Stands for what an expression will put into a path; it can be in no path that is written.
const HOLE: char = '\u{0}';

impl PathTemplate {
    /// The template that `path` writes.
    pub fn parse(path: &str) -> Self {
        let path = path.split('?').next().unwrap_or_default();
        let segments = path.split('/').map(|segment| {
            match segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) {
                Some(name) => Segment::Parameter(name.into()),
                None if segment.contains(HOLE) => Segment::Unknown,
                None => Segment::Literal(segment.into()),
            }
        });
        Self { segments: segments.collect() }
    }

    /// The path that a call's expression yields, as far as it is known; `None` if nothing of it is.
    pub fn of_call(path: &Expr) -> Option<Self> {
        match &path.kind {
            ExprKind::Value(value @ (Value::Path(_) | Value::Text(_))) => value.as_str().map(Self::parse_called),
            ExprKind::Text(parts) => {
                let mut written = String::new();
                for part in parts {
                    match part {
                        TextPart::Literal(literal) => written.push_str(literal),
                        TextPart::Value(_) => written.push(HOLE),
                    }
                }
                written.starts_with('/').then(|| Self::parse_called(&written))
            }
            _ => None,
        }
    }

    /// In a called path braces are characters like any other.
    fn parse_called(path: &str) -> Self {
        let mut template = Self::parse(path);
        for segment in &mut template.segments {
            if let Segment::Parameter(name) = segment {
                *segment = Segment::Literal(format!("{{{name}}}").into());
            }
        }
        template
    }

    /// The names of its parameters.
    pub fn parameters(&self) -> impl Iterator<Item = &SmolStr> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Parameter(name) => Some(name),
            _ => None,
        })
    }

    /// A parameter that stands in it twice.
    pub fn repeated(&self) -> Option<&SmolStr> {
        self.parameters()
            .enumerate()
            .find(|(at, name)| self.parameters().take(*at).any(|other| other == *name))
            .map(|(_, name)| name)
    }

    /// Whether a request to the path `called` may arrive at this one.
    pub fn admits(&self, called: &PathTemplate) -> bool {
        self.segments.len() == called.segments.len()
            && self.segments.iter().zip(&called.segments).all(|(own, called)| match (own, called) {
                (Segment::Literal(own), Segment::Literal(called)) => own == called,
                _ => true,
            })
    }

    /// Whether both take the same requests.
    pub fn same_as(&self, other: &PathTemplate) -> bool {
        self.segments.len() == other.segments.len()
            && self.segments.iter().zip(&other.segments).all(|(own, other)| match (own, other) {
                (Segment::Literal(own), Segment::Literal(other)) => own == other,
                (Segment::Parameter(_), Segment::Parameter(_)) => true,
                _ => false,
            })
    }

    /// How many of its segments are parameters; a route with fewer is preferred.
    pub fn openness(&self) -> usize {
        self.parameters().count()
    }
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.segments.iter().enumerate() {
            let slash = if at == 0 { "" } else { "/" };
            match segment {
                Segment::Literal(text) => write!(out, "{slash}{text}")?,
                Segment::Parameter(name) => write!(out, "{slash}{{{name}}}")?,
                Segment::Unknown => write!(out, "{slash}…")?,
            }
        }
        Ok(())
    }
}
