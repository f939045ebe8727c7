//! What an expression may come to at a place of the plan, and what holds there once a condition has been looked at.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use scn_diagnostics::Span;
use scn_plan::{BinaryOp, Call, Expr, ExprKind, UnaryOp, Value, plan::Template};

use scn_plan::collections::HashMap;

use super::domain::{Known, Truth, Values, bounded, compare};
use crate::expr::is_constant;

/// What conditions look at: something that keeps its value until it is set again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A variable.
    Slot(u32),
    /// A field of the persona.
    Field(u32),
}

/// What is known of a place, and the conditions that say so.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fact {
    /// What it may be.
    pub known: Known,
    /// Conditions on the way.
    pub why: Vec<Span>,
}

/// What is known at a node of the plan; shared by the nodes between which nothing is learnt.
pub(super) type State = Rc<BTreeMap<Place, Fact>>;

/// Reads expressions for one kind of persona.
pub(super) struct Reader<'a> {
    /// The persona's template; without one, nothing is known of it.
    pub template: Option<&'a Template>,
    /// What its fields are made as; nothing of those that depend on what else is known.
    made: RefCell<HashMap<u32, Option<Known>>>,
}

/// The place that an expression reads.
pub(super) fn place(expr: &Expr) -> Option<Place> {
    match expr.kind {
        ExprKind::Slot(slot) => Some(Place::Slot(slot.0)),
        ExprKind::PersonaField(field) => Some(Place::Field(field)),
        _ => None,
    }
}

impl<'a> Reader<'a> {
    /// A reader for personas of `template`.
    pub fn new(template: Option<&'a Template>) -> Self {
        Self { template, made: RefCell::default() }
    }

    /// How the persona's field is made.
    pub fn maker(&self, field: u32) -> Option<&Expr> {
        let (_, maker) = self.template?.fields.iter().find(|(index, _)| *index == field)?;
        // A field that could not be read is none.
        (maker.as_value() != Some(&Value::None)).then_some(maker)
    }

    fn at(&self, at: Place, state: &State) -> Known {
        if let Some(fact) = state.get(&at) {
            return fact.known.clone();
        }
        match at {
            Place::Field(field) => self.field(field, state),
            Place::Slot(_) => Known::ANY,
        }
    }

    fn field(&self, field: u32, state: &State) -> Known {
        if let Some(Some(known)) = self.made.borrow().get(&field) {
            return known.clone();
        }
        let Some(maker) = self.maker(field) else { return Known::ANY };
        let known = self.read(maker, state);
        let mut depends = false;
        maker.walk(&mut |part| depends |= place(part).is_some());
        self.made.borrow_mut().insert(field, (!depends).then(|| known.clone()));
        known
    }

    /// What `expr` may come to.
    pub fn read(&self, expr: &Expr, state: &State) -> Known {
        match &expr.kind {
            ExprKind::Value(value) => Known::exactly(value),
            ExprKind::Slot(_) | ExprKind::PersonaField(_) => {
                place(expr).map_or(Known::ANY, |place| self.at(place, state))
            }
            ExprKind::PersonaIs(name) => match self.template {
                Some(template) => Known::exactly(&Value::Bool(template.lineage.contains(name))),
                None => Truth::OPEN.known(),
            },
            ExprKind::Unary(UnaryOp::Not, operand) => {
                let Truth { holds, fails } = self.read(operand, state).truth();
                Truth { holds: fails, fails: holds }.known()
            }
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right, expr, state),
            ExprKind::IsNone(operand, none) => {
                let known = self.read(operand, state);
                let some = Known { none: false, ..known.clone() };
                let (is_none, is_some) = (known.none, !some.is_impossible());
                match none {
                    true => Truth { holds: is_none, fails: is_some },
                    false => Truth { holds: is_some, fails: is_none },
                }
                .known()
            }
            ExprKind::Call(call) => self.made(call, state),
            ExprKind::Text(_) => Known::SOME,
            _ if is_constant(expr) => scn_plan::eval(expr, &Nothing).map_or(Known::ANY, |value| Known::exactly(&value)),
            _ => Known::ANY,
        }
    }

    fn binary(&self, op: BinaryOp, left: &Expr, right: &Expr, whole: &Expr, state: &State) -> Known {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let a = self.read(left, state).truth();
                // The right side is looked at only where the left one leaves it open.
                let truth = op == BinaryOp::And;
                let b = match self.granted(left, truth, a, state) {
                    Some(state) => self.read(right, &state).truth(),
                    None => Truth::default(),
                };
                match op {
                    BinaryOp::And => Truth { holds: a.holds && b.holds, fails: a.fails || b.fails },
                    _ => Truth { holds: a.holds || b.holds, fails: a.fails && b.fails },
                }
                .known()
            }
            BinaryOp::Else => {
                let first = self.read(left, state);
                match first.none {
                    true => Known { none: false, ..first }.or(self.read(right, state)),
                    false => first,
                }
            }
            BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder => {
                let (a, b) = (self.read(left, state), self.read(right, state));
                match (a.only(), b.only()) {
                    (Some(a), Some(b)) => scn_plan::apply(op, a, b).map_or(Known::ANY, |value| Known::exactly(&value)),
                    _ => shifted(op, &a, &b).unwrap_or(Known::ANY),
                }
            }
            _ if is_constant(whole) => {
                scn_plan::eval(whole, &Nothing).map_or(Known::ANY, |value| Known::exactly(&value))
            }
            _ => compare(op, &self.read(left, state), &self.read(right, state)).known(),
        }
    }

    /// What a generator makes.
    fn made(&self, call: &Call, state: &State) -> Known {
        let constant = |name: &str| call.arg(name).and_then(|arg| self.read(arg, state).only().cloned());
        match call.name.as_str() {
            "int" | "decimal" | "money" | "date" => match constant("range") {
                Some(Value::Range(ends)) => {
                    Known { none: false, some: Values::Between(ends.0.clone(), ends.1.clone()) }
                }
                _ => Known::SOME,
            },
            "chance" => match constant("probability") {
                Some(Value::Percent(share)) => Truth { holds: share > 0.0, fails: share < 1.0 }.known(),
                _ => Truth::OPEN.known(),
            },
            "choice" => match call.arg("values").map(|values| &values.kind) {
                Some(ExprKind::List(items)) => {
                    items.iter().map(|item| self.read(item, state)).reduce(Known::or).unwrap_or(Known::ANY)
                }
                Some(ExprKind::Value(Value::List(items))) => {
                    items.iter().map(Known::exactly).reduce(Known::or).unwrap_or(Known::ANY)
                }
                _ => Known::ANY,
            },
            "maybe" => {
                let value = call.arg("value").map_or(Known::ANY, |value| self.read(value, state));
                match constant("probability") {
                    Some(Value::Percent(share)) if share >= 1.0 => value,
                    Some(Value::Percent(share)) if share <= 0.0 => Known::exactly(&Value::None),
                    _ => Known { none: true, ..value },
                }
            }
            // Others may come to be; whatever they make, nothing is claimed of it.
            _ => Known::ANY,
        }
    }

    /// What is known where `condition` is `truth`; nothing where it cannot be.
    pub fn assume(&self, condition: &Expr, truth: bool, state: &State) -> Option<State> {
        self.granted(condition, truth, self.read(condition, state).truth(), state)
    }

    /// What is known where `condition`, which comes out as `found`, is `truth`; nothing where it cannot be.
    pub fn granted(&self, condition: &Expr, truth: bool, found: Truth, state: &State) -> Option<State> {
        if !(if truth { found.holds } else { found.fails }) {
            return None;
        }
        match &condition.kind {
            ExprKind::Unary(UnaryOp::Not, operand) => self.assume(operand, !truth, state),
            ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), left, right) => {
                if truth == (*op == BinaryOp::And) {
                    return self.assume(right, truth, &self.assume(left, truth, state)?);
                }
                // One of the two decides; where the left one cannot, the right one has.
                match self.assume(left, truth, state) {
                    None => self.assume(right, truth, &self.assume(left, !truth, state)?),
                    Some(_) => Some(state.clone()),
                }
            }
            ExprKind::Binary(op, left, right) => {
                let mut state = state.clone();
                let mut narrow = |of: &Expr, op: BinaryOp, bound: &Expr| {
                    let place = place(of)?;
                    let bound = self.read(bound, &state).only()?.clone();
                    let known = bounded(&self.at(place, &state), op, &bound);
                    self.learn(&mut state, place, known, condition.span);
                    Some(())
                };
                let op = if truth { Some(*op) } else { opposite(*op) };
                if let Some(op) = op
                    && narrow(left, op, right).is_none()
                    && let Some(op) = mirrored(op)
                {
                    narrow(right, op, left);
                }
                Some(state)
            }
            ExprKind::IsNone(operand, none) => {
                let mut state = state.clone();
                if let Some(place) = place(operand) {
                    let known = match *none == truth {
                        true => Known::exactly(&Value::None),
                        false => Known { none: false, ..self.at(place, &state) },
                    };
                    self.learn(&mut state, place, known, condition.span);
                }
                Some(state)
            }
            _ => {
                let mut state = state.clone();
                if let Some(place) = place(condition) {
                    self.learn(&mut state, place, Known::exactly(&Value::Bool(truth)), condition.span);
                }
                Some(state)
            }
        }
    }

    fn learn(&self, state: &mut State, place: Place, known: Known, condition: Span) {
        // What says nothing new is no reason.
        if known == self.at(place, state) {
            return;
        }
        let mut why = state.get(&place).map(|fact| fact.why.clone()).unwrap_or_default();
        if why.last() != Some(&condition) && why.len() < 4 {
            why.push(condition);
        }
        Rc::make_mut(state).insert(place, Fact { known, why });
    }
}

/// An interval moved by one value.
fn shifted(op: BinaryOp, a: &Known, b: &Known) -> Option<Known> {
    if a.none || b.none || !matches!(op, BinaryOp::Add | BinaryOp::Subtract) {
        return None;
    }
    let ((low, high), (lower, higher)) = (a.some.ends()?, b.some.ends()?);
    let (from, to) = match op {
        BinaryOp::Add => (scn_plan::apply(op, low, lower).ok()?, scn_plan::apply(op, high, higher).ok()?),
        _ => (scn_plan::apply(op, low, higher).ok()?, scn_plan::apply(op, high, lower).ok()?),
    };
    Some(Known { none: false, some: Values::Between(from, to) })
}

/// What holds where `a op b` does not. Of a comparison with none, nothing follows from that, but these are types'
/// business.
fn opposite(op: BinaryOp) -> Option<BinaryOp> {
    Some(match op {
        BinaryOp::Equal => BinaryOp::NotEqual,
        BinaryOp::NotEqual => BinaryOp::Equal,
        BinaryOp::Less => BinaryOp::GreaterEqual,
        BinaryOp::LessEqual => BinaryOp::Greater,
        BinaryOp::Greater => BinaryOp::LessEqual,
        BinaryOp::GreaterEqual => BinaryOp::Less,
        _ => return None,
    })
}

/// `b op a` for `a op b`.
fn mirrored(op: BinaryOp) -> Option<BinaryOp> {
    Some(match op {
        BinaryOp::Equal | BinaryOp::NotEqual => op,
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessEqual => BinaryOp::GreaterEqual,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterEqual => BinaryOp::LessEqual,
        _ => return None,
    })
}

/// The surroundings of constants: none.
struct Nothing;

impl scn_plan::Env for Nothing {}
