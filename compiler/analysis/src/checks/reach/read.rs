//! What an expression may come to at a place of the plan, and what holds there once a condition has been looked at.

use std::{borrow::Cow, cell::RefCell, rc::Rc};

use scn_diagnostics::Span;
use scn_plan::{BinaryOp, Call, Expr, ExprKind, UnaryOp, Value, plan::Template};

use scn_plan::collections::{HashMap, VecMap};
use smallvec::SmallVec;

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
    pub why: SmallVec<[Span; 2]>,
}

/// What is known at a node of the plan; shared by the nodes between which nothing is learnt.
pub(super) type State = Rc<VecMap<Place, Fact>>;

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

    fn at<'s>(&self, at: Place, state: &'s State) -> Cow<'s, Known> {
        match (state.get(&at), at) {
            (Some(fact), _) => Cow::Borrowed(&fact.known),
            (None, Place::Field(field)) => Cow::Owned(self.field(field, state)),
            (None, Place::Slot(_)) => Cow::Owned(Known::ANY),
        }
    }

    /// What [`Reader::read`] says, without a copy where that is kept.
    fn known<'s>(&self, expr: &Expr, state: &'s State) -> Cow<'s, Known> {
        match place(expr) {
            Some(place) => self.at(place, state),
            None => Cow::Owned(self.read(expr, state)),
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
                place(expr).map_or(Known::ANY, |place| self.at(place, state).into_owned())
            }
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right, expr, state),
            ExprKind::PersonaIs(_) | ExprKind::Unary(UnaryOp::Not, _) | ExprKind::IsNone(..) => {
                self.truth(expr, state).known()
            }
            ExprKind::Call(call) => self.made(call, state),
            ExprKind::Text(_) => Known::SOME,
            _ if is_constant(expr) => scn_plan::eval(expr, &Nothing).map_or(Known::ANY, |value| Known::exactly(&value)),
            _ => Known::ANY,
        }
    }

    fn binary(&self, op: BinaryOp, left: &Expr, right: &Expr, whole: &Expr, state: &State) -> Known {
        match op {
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
            _ => self.truth(whole, state).known(),
        }
    }

    /// How the condition `expr` may come out.
    pub fn truth(&self, expr: &Expr, state: &State) -> Truth {
        match &expr.kind {
            ExprKind::PersonaIs(name) => match self.template {
                Some(template) => Truth::of(template.lineage.contains(name)),
                None => Truth::OPEN,
            },
            ExprKind::Unary(UnaryOp::Not, operand) => {
                let Truth { holds, fails } = self.truth(operand, state);
                Truth { holds: fails, fails: holds }
            }
            ExprKind::IsNone(operand, none) => {
                let known = self.known(operand, state);
                let (is_none, is_some) = (known.none, !known.some.is_never());
                match none {
                    true => Truth { holds: is_none, fails: is_some },
                    false => Truth { holds: is_some, fails: is_none },
                }
            }
            ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), left, right) => {
                let a = self.truth(left, state);
                // The right side is looked at only where the left one leaves it open.
                let b = match self.granted(left, *op == BinaryOp::And, a, state) {
                    Some(state) => self.truth(right, &state),
                    None => Truth::default(),
                };
                match op {
                    BinaryOp::And => Truth { holds: a.holds && b.holds, fails: a.fails || b.fails },
                    _ => Truth { holds: a.holds || b.holds, fails: a.fails && b.fails },
                }
            }
            ExprKind::Binary(op, left, right) if compares(*op) && !is_constant(expr) => {
                compare(*op, &self.known(left, state), &self.known(right, state))
            }
            _ => self.read(expr, state).truth(),
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
        self.granted(condition, truth, self.truth(condition, state), state)
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
                    let bound = self.known(bound, &state);
                    let before = self.at(place, &state);
                    let known = bounded(&before, op, bound.only()?);
                    // What says nothing new is no reason.
                    if known != *before {
                        learn(&mut state, place, known, condition.span);
                    }
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
                    let before = self.at(place, &state);
                    let known = match *none == truth {
                        true => Known::exactly(&Value::None),
                        false => Known { none: false, some: before.some.clone() },
                    };
                    if known != *before {
                        learn(&mut state, place, known, condition.span);
                    }
                }
                Some(state)
            }
            _ => {
                let mut state = state.clone();
                if let Some(place) = place(condition) {
                    let known = Known::exactly(&Value::Bool(truth));
                    if known != *self.at(place, &state) {
                        learn(&mut state, place, known, condition.span);
                    }
                }
                Some(state)
            }
        }
    }
}

/// Notes that `condition` says what is at a place.
fn learn(state: &mut State, place: Place, known: Known, condition: Span) {
    let mut why = state.get(&place).map(|fact| fact.why.clone()).unwrap_or_default();
    if why.last() != Some(&condition) && why.len() < 4 {
        why.push(condition);
    }
    Rc::make_mut(state).insert(place, Fact { known, why });
}

/// Whether an operator yields a truth, whatever its operands are.
fn compares(op: BinaryOp) -> bool {
    use BinaryOp::{Contains, Equal, Greater, GreaterEqual, In, Less, LessEqual, Matches, NotEqual};
    matches!(op, Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual | In | Matches | Contains)
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
