//! The types of the language.

use std::{fmt, sync::Arc};

use scn_plan::collections::IndexMap;
use scn_plan::{Labels, Shape, ShapeField};
use smol_str::SmolStr;

use crate::range::Bounds;

/// What an expression yields.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    /// Something that has been reported; it goes with everything, so that one cause gives one error.
    Error,
    /// Known only at run time.
    Any,
    /// The type of `none`.
    None,
    /// `true`, `false`
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Decimal,
    /// `99%`
    Percent,
    /// Characters and how sensitive they are.
    Text(Labels),
    /// `/^X/`
    Regex,
    /// `/start`
    Path,
    /// An HTTP status, 100 to 599.
    Status,
    /// `800ms`
    Duration,
    /// `420KB`
    Size,
    /// `$130`
    Money,
    /// `20/s`
    Rate,
    /// `2026-11-23`
    Date,
    /// A file to upload.
    File,
    /// A new name, as `set:` gives.
    Name,
    /// One of these names.
    Choice(Vec<SmolStr>),
    /// A list.
    List(Box<Type>),
    /// A value or none.
    Maybe(Box<Type>),
    /// Both ends of an interval.
    Range(Box<Type>),
    /// A quantity or a date that lies between these ends, or a file whose size does: `Int in 18..90`.
    In(Box<Type>, Arc<Bounds>),
    /// These fields.
    Record(Arc<IndexMap<SmolStr, Type>>),
    /// Any record.
    AnyRecord,
    /// A persona of this template or of one that has its fields: a parameter of a flow.
    Template(SmolStr, Arc<IndexMap<SmolStr, Type>>),
    /// An HTTP response: `status body text headers time`.
    Response,
    /// The journey's persona.
    Persona,
    /// A name of the plan or the blueprint.
    Nominal(Nominal),
}

/// What a name of the plan or the blueprint stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Nominal {
    /// A frontend, service or partner.
    Part,
    /// A partner agency.
    Partner,
    /// A store of the part whose handler it is.
    Store,
    /// A queue of items that people decide on.
    Queue,
    /// A page, by its path.
    Page,
    /// A probe of the scenario.
    Probe,
    /// A step of the scenario.
    Step,
    /// A persona template.
    Template,
    /// A group of steps of the scenario.
    Group,
    /// A tag of steps of the scenario.
    Tag,
}

impl Nominal {
    /// What to call it in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Nominal::Part => "part",
            Nominal::Partner => "partner",
            Nominal::Store => "store",
            Nominal::Queue => "queue",
            Nominal::Page => "page",
            Nominal::Probe => "probe",
            Nominal::Step => "step",
            Nominal::Template => "persona template",
            Nominal::Group => "group",
            Nominal::Tag => "tag",
        }
    }
}

impl Type {
    /// A text that is not sensitive.
    pub const TEXT: Type = Type::Text(Labels::NONE);

    /// A record with these fields.
    pub fn record(fields: impl IntoIterator<Item = (SmolStr, Type)>) -> Type {
        Type::Record(Arc::new(fields.into_iter().collect()))
    }

    /// The type of its own name, for types without operands.
    pub fn named(name: &str) -> Option<Type> {
        Some(match name {
            "Any" => Type::Any,
            "Bool" => Type::Bool,
            "Int" => Type::Int,
            "Decimal" => Type::Decimal,
            "Percent" => Type::Percent,
            "Text" => Type::TEXT,
            "Regex" => Type::Regex,
            "Path" => Type::Path,
            "Status" => Type::Status,
            "Duration" => Type::Duration,
            "Size" => Type::Size,
            "Money" => Type::Money,
            "Rate" => Type::Rate,
            "Date" => Type::Date,
            "File" => Type::File,
            "Name" => Type::Name,
            "Record" => Type::AnyRecord,
            "Response" => Type::Response,
            "Part" | "Service" | "Frontend" => Type::Nominal(Nominal::Part),
            "Partner" => Type::Nominal(Nominal::Partner),
            "Store" => Type::Nominal(Nominal::Store),
            "Queue" => Type::Nominal(Nominal::Queue),
            "Page" => Type::Nominal(Nominal::Page),
            "Probe" => Type::Nominal(Nominal::Probe),
            "Step" => Type::Nominal(Nominal::Step),
            "Persona" => Type::Nominal(Nominal::Template),
            "Group" => Type::Nominal(Nominal::Group),
            "Tag" => Type::Nominal(Nominal::Tag),
            _ => return None,
        })
    }

    /// Names that [`Type::named`] knows and that people write, for suggestions.
    pub const NAMES: &[&str] = &[
        "Any", "Bool", "Int", "Decimal", "Percent", "Text", "Regex", "Path", "Status", "Duration", "Size", "Money",
        "Rate", "Date", "File", "Record", "Choice", "List", "Maybe", "Response",
    ];

    /// What a `Maybe` may hold; the type itself otherwise.
    pub fn some(&self) -> &Type {
        match self {
            Type::Maybe(inner) => inner,
            other => other,
        }
    }

    /// The type without a range of its own: `Int` of `Int in 18..90`. A `Maybe` keeps its own.
    pub fn base(&self) -> &Type {
        match self {
            Type::In(inner, _) => inner,
            other => other,
        }
    }

    /// The range that is part of the type.
    pub fn bounds(&self) -> Option<&Bounds> {
        match self {
            Type::In(_, bounds) => Some(bounds),
            _ => None,
        }
    }

    /// The type of values that lie in `bounds`, where it has an order; with an open end, the type itself.
    pub fn within(self, bounds: Option<Bounds>) -> Type {
        let ordered = self.is_quantity() || matches!(self.base(), Type::Date | Type::File);
        match bounds {
            Some(bounds) if ordered && bounds.ends().is_some() => {
                Type::In(Box::new(self.base().clone()), Arc::new(bounds))
            }
            _ => self,
        }
    }

    /// Types in it, itself and those of its fields' fields too; a field counts wherever it stands.
    pub fn size(&self) -> usize {
        match self {
            Type::Maybe(inner) | Type::List(inner) | Type::Range(inner) | Type::In(inner, _) => 1 + inner.size(),
            Type::Record(fields) => 1 + fields.values().map(Type::size).sum::<usize>(),
            _ => 1,
        }
    }

    /// The type without any range in it.
    pub fn wide(&self) -> Type {
        match self {
            Type::In(inner, _) => (**inner).clone(),
            Type::Maybe(inner) => Type::Maybe(Box::new(inner.wide())),
            Type::List(inner) => Type::List(Box::new(inner.wide())),
            Type::Record(fields) => Type::record(fields.iter().map(|(name, ty)| (name.clone(), ty.wide()))),
            other => other.clone(),
        }
    }

    /// The type, or none.
    pub fn maybe(self) -> Type {
        match self {
            already @ (Type::Maybe(_) | Type::Any | Type::Error) => already,
            other => Type::Maybe(Box::new(other)),
        }
    }

    /// How sensitive its texts are.
    pub fn labels(&self) -> Labels {
        match self {
            Type::Text(labels) => *labels,
            Type::Maybe(inner) | Type::List(inner) | Type::Range(inner) => inner.labels(),
            Type::Record(fields) => fields.values().fold(Labels::NONE, |labels, field| labels.union(field.labels())),
            Type::Template(_, fields) => {
                fields.values().fold(Labels::NONE, |labels, field| labels.union(field.labels()))
            }
            _ => Labels::NONE,
        }
    }

    /// The type with `labels` added to its texts.
    pub fn labelled(self, labels: Labels) -> Type {
        match self {
            Type::Text(own) => Type::Text(own.union(labels)),
            Type::Maybe(inner) => Type::Maybe(Box::new(inner.labelled(labels))),
            other => other,
        }
    }

    /// Whether something has been reported about it.
    pub fn is_error(&self) -> bool {
        matches!(self, Type::Error)
    }

    /// Whether it is a number or a quantity, so that values of it have an order and a distance.
    pub fn is_quantity(&self) -> bool {
        matches!(
            self.base(),
            Type::Int
                | Type::Decimal
                | Type::Percent
                | Type::Status
                | Type::Duration
                | Type::Size
                | Type::Money
                | Type::Rate
        )
    }

    /// Whether it is a number without a unit.
    pub fn is_number(&self) -> bool {
        matches!(self.base(), Type::Int | Type::Decimal | Type::Status)
    }

    /// The smallest type that holds values of both.
    pub fn join(self, other: Type) -> Type {
        match (self, other) {
            (Type::Error, _) | (_, Type::Error) => Type::Error,
            (a, b) if a == b => a,
            (Type::None, b) => b.maybe(),
            (a, Type::None) => a.maybe(),
            (Type::Maybe(a), Type::Maybe(b)) => a.join(*b).maybe(),
            (Type::Maybe(a), b) => a.join(b).maybe(),
            (a, Type::Maybe(b)) => a.join(*b).maybe(),
            (Type::In(a, here), Type::In(b, there)) if a == b => {
                let both = here.hull(&there);
                if both.ends().is_some() { Type::In(a, Arc::new(both)) } else { *a }
            }
            (Type::In(a, here), Type::In(b, there)) => a.join(*b).within(Some(here.hull(&there))),
            (Type::In(a, _), b) => a.join(b),
            (a, Type::In(b, _)) => a.join(*b),
            (Type::Text(a), Type::Text(b)) => Type::Text(a.union(b)),
            (Type::Int, Type::Decimal) | (Type::Decimal, Type::Int) => Type::Decimal,
            (Type::Int, Type::Status) | (Type::Status, Type::Int) => Type::Int,
            (Type::List(a), Type::List(b)) => Type::List(Box::new(a.join(*b))),
            (Type::Record(_) | Type::AnyRecord, Type::Record(_) | Type::AnyRecord) => Type::AnyRecord,
            _ => Type::Any,
        }
    }

    /// What data from outside must be to be of this type.
    pub fn shape(&self) -> Shape {
        match self {
            Type::Bool => Shape::Bool,
            Type::Int | Type::Status => Shape::Int,
            Type::Decimal => Shape::Decimal,
            Type::Percent => Shape::Percent,
            Type::Text(_) | Type::Regex | Type::Path | Type::Name => Shape::Text { pattern: None },
            Type::Duration => Shape::Duration,
            Type::Size => Shape::Size,
            Type::Money => Shape::Money,
            Type::Date => Shape::Date,
            Type::File => Shape::File { max: None },
            Type::Choice(names) => Shape::Choice(names.clone()),
            Type::List(item) => Shape::List(Box::new(item.shape())),
            Type::In(inner, bounds) => match bounds.ends() {
                Some((low, high)) => Shape::Within(Box::new(inner.shape()), Box::new((low.clone(), high.clone()))),
                None => inner.shape(),
            },
            Type::Maybe(inner) => inner.shape(),
            Type::Record(fields) => {
                Shape::Record(fields.iter().map(|(name, ty)| (name.clone(), ty.shape_field())).collect())
            }
            _ => Shape::Any,
        }
    }

    /// The type of what is held against `shape`.
    pub fn of_shape(shape: &Shape) -> Type {
        match shape {
            Shape::Any => Type::Any,
            Shape::Bool => Type::Bool,
            Shape::Int => Type::Int,
            Shape::Decimal => Type::Decimal,
            Shape::Percent => Type::Percent,
            Shape::Money => Type::Money,
            Shape::Duration => Type::Duration,
            Shape::Size => Type::Size,
            Shape::Date => Type::Date,
            Shape::Text { .. } => Type::TEXT,
            Shape::File { .. } => Type::File,
            Shape::Choice(options) => Type::Choice(options.clone()),
            Shape::Within(of, ends) => Type::of_shape(of).within(Bounds::new(ends.0.clone(), ends.1.clone())),
            Shape::List(of) => Type::List(Box::new(Type::of_shape(of))),
            Shape::Record(fields) => {
                let ty = |field: &ShapeField| {
                    let ty = Type::of_shape(&field.shape).labelled(field.labels);
                    if field.required { ty } else { ty.maybe() }
                };
                Type::record(fields.iter().map(|(name, field)| (name.clone(), ty(field))))
            }
        }
    }

    /// What a field of data from outside must be to be of this type.
    pub fn shape_field(&self) -> ShapeField {
        ShapeField { shape: self.shape(), required: !matches!(self, Type::Maybe(_)), labels: self.labels() }
    }

    /// A value of this type as people write it, for help texts.
    pub fn example(&self) -> Option<&'static str> {
        Some(match self.base() {
            Type::Bool => "`true` or a condition such as `amount > $200`",
            Type::Int => "`3`",
            Type::Decimal => "`2.5`",
            Type::Percent => "`99%`",
            Type::Text(_) => "`\"X123\"`",
            Type::Regex => "`/^X\\d{8}$/`",
            Type::Path => "`\"/start\"`",
            Type::Status => "`200`",
            Type::Duration => "`800ms`, `2.5s` or `15m`",
            Type::Size => "`420KB` or `2MB`",
            Type::Money => "`$130` or `$12.50`",
            Type::Rate => "`20/s`",
            Type::Date => "`2026-11-23`",
            Type::Range(inner) => match **inner {
                Type::Int => "`18..90`",
                Type::Money => "`$1..$5`",
                Type::Size => "`80KB..900KB`",
                Type::Duration => "`1s..3s`",
                _ => return None,
            },
            Type::Record(_) | Type::AnyRecord => "`{ name: value }`",
            Type::List(_) => "`[a, b]`",
            Type::Maybe(inner) => return inner.example(),
            Type::Template(..) => "`persona`",
            _ => return None,
        })
    }
}

impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Error | Type::Any => out.write_str("Any"),
            Type::None => out.write_str("none"),
            Type::Bool => out.write_str("Bool"),
            Type::Int => out.write_str("Int"),
            Type::Decimal => out.write_str("Decimal"),
            Type::Percent => out.write_str("Percent"),
            Type::Text(_) => out.write_str("Text"),
            Type::Regex => out.write_str("Regex"),
            Type::Path => out.write_str("Path"),
            Type::Status => out.write_str("Status"),
            Type::Duration => out.write_str("Duration"),
            Type::Size => out.write_str("Size"),
            Type::Money => out.write_str("Money"),
            Type::Rate => out.write_str("Rate"),
            Type::Date => out.write_str("Date"),
            Type::File => out.write_str("File"),
            Type::Name => out.write_str("Name"),
            Type::Choice(names) => {
                out.write_str("Choice{")?;
                for (index, name) in names.iter().enumerate() {
                    write!(out, "{}{name}", if index == 0 { "" } else { ", " })?;
                }
                out.write_str("}")
            }
            Type::List(item) => write!(out, "List[{item}]"),
            Type::Maybe(inner) => write!(out, "Maybe[{inner}]"),
            Type::Range(inner) => write!(out, "Range[{inner}]"),
            Type::In(inner, bounds) => write!(out, "{inner} in {bounds}"),
            Type::Record(fields) => {
                out.write_str("Record{")?;
                for (index, (name, ty)) in fields.iter().enumerate() {
                    write!(out, "{}{name}: {ty}", if index == 0 { "" } else { ", " })?;
                }
                out.write_str("}")
            }
            Type::AnyRecord => out.write_str("Record"),
            Type::Template(name, _) => out.write_str(name),
            Type::Response => out.write_str("Response"),
            Type::Persona => out.write_str("Persona"),
            Type::Nominal(nominal) => out.write_str(match nominal {
                Nominal::Part => "Part",
                Nominal::Partner => "Partner",
                Nominal::Store => "Store",
                Nominal::Queue => "Queue",
                Nominal::Page => "Page",
                Nominal::Probe => "Probe",
                Nominal::Step => "Step",
                Nominal::Template => "Persona",
                Nominal::Group => "Group",
                Nominal::Tag => "Tag",
            }),
        }
    }
}
