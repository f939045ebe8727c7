//! What an expression may come to at a place of the plan, and what holds there once a condition has been looked at.

use std::{borrow::Cow, cell::OnceCell};

use scn_diagnostics::Span;
use scn_plan::{BinaryOp, Call, Expr, ExprKind, UnaryOp, Value, plan::Template};

use super::{
    domain::{Known, Truth, Values, bounded, compare},
    state::{Place, State, place},
};
use crate::expr::is_constant;

/// What is known of a place of which nothing is known.
static ANY: Known = Known::ANY;

/// Reads expressions for one kind of persona.
pub(super) struct Reader<'a> {
    /// The persona's template; without one, nothing is known of it.
    pub template: Option<&'a Template>,
    /// What its fields are made as; nothing of those that depend on what else is known.
    made: Vec<OnceCell<Option<Known>>>,
}

/// How a condition may come out, and what is known then.
#[derive(Default)]
pub(super) struct Decided {
    /// How it may come out.
    pub truth: Truth,
    /// What is known where it holds, if that was wanted and can be.
    pub holds: Option<State>,
    /// What is known where it does not, likewise.
    pub fails: Option<State>,
}

impl<'a> Reader<'a> {
    /// A reader for personas of `template` in a plan whose personas have so many fields.
    pub fn new(template: Option<&'a Template>, fields: usize) -> Self {
        Self { template, made: std::iter::repeat_with(OnceCell::new).take(fields).collect() }
    }

    /// How the persona's field is made.
    pub fn maker(&self, field: u32) -> Option<&Expr> {
        let (_, maker) = self.template?.fields.iter().find(|(index, _)| *index == field)?;
        // A field that could not be read is none.
        (maker.as_value() != Some(&Value::None)).then_some(maker)
    }

    fn at<'s>(&'s self, at: Place, state: &'s State) -> Cow<'s, Known> {
        match (state.get(at), at) {
            (Some(fact), _) => Cow::Borrowed(&fact.known),
            (None, Place::Field(field)) => self.field(field, state),
            (None, Place::Slot(_)) => Cow::Borrowed(&ANY),
        }
    }

    /// What [`Reader::read`] says, without a copy where that is kept.
    fn known<'s>(&'s self, expr: &Expr, state: &'s State) -> Cow<'s, Known> {
        match place(expr) {
            Some(place) => self.at(place, state),
            None => Cow::Owned(self.read(expr, state)),
        }
    }

    fn field(&self, field: u32, state: &State) -> Cow<'_, Known> {
        let kept = self.made.get(field as usize);
        if let Some(Some(known)) = kept.and_then(OnceCell::get) {
            return Cow::Borrowed(known);
        }
        let Some(maker) = self.maker(field) else { return Cow::Borrowed(&ANY) };
        let known = self.read(maker, state);
        let Some(kept) = kept.filter(|kept| kept.get().is_none()) else { return Cow::Owned(known) };
        let mut depends = false;
        maker.walk(&mut |part| depends |= place(part).is_some());
        match depends {
            true => {
                kept.get_or_init(|| None);
                Cow::Owned(known)
            }
            false => kept.get_or_init(|| Some(known)).as_ref().map_or(Cow::Borrowed(&ANY), Cow::Borrowed),
        }
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
        self.decide(expr, state, Truth::default()).truth
    }

    /// How `condition` may come out, and what is known then, as far as that is `wanted`.
    pub fn decide(&self, condition: &Expr, state: &State, wanted: Truth) -> Decided {
        match &condition.kind {
            ExprKind::Unary(UnaryOp::Not, operand) => {
                let Decided { truth, holds, fails } = self.decide(operand, state, wanted.opposite());
                Decided { truth: truth.opposite(), holds: fails, fails: holds }
            }
            ExprKind::Binary(BinaryOp::And, left, right) => self.both(left, right, state, wanted),
            ExprKind::Binary(BinaryOp::Or, left, right) => self.one(left, right, state, wanted),
            ExprKind::Binary(op, left, right) => self.relation(condition, (*op, left, right), state, wanted),
            ExprKind::IsNone(operand, none) => {
                let known = self.known(operand, state);
                let (is_none, is_some) = (known.none, !known.some.is_never());
                let truth = match none {
                    true => Truth { holds: is_none, fails: is_some },
                    false => Truth { holds: is_some, fails: is_none },
                };
                decided(truth, wanted, |truth| {
                    let Some(place) = place(operand) else { return state.clone() };
                    let learnt = match *none == truth {
                        true => Known::exactly(&Value::None),
                        false => Known { none: false, some: known.some.clone() },
                    };
                    told(state, place, &known, learnt, condition.span)
                })
            }
            ExprKind::PersonaIs(name) => {
                let truth = self.template.map_or(Truth::OPEN, |template| Truth::of(template.lineage.contains(name)));
                decided(truth, wanted, |_| state.clone())
            }
            _ => {
                let known = self.known(condition, state);
                decided(known.truth(), wanted, |truth| match place(condition) {
                    Some(place) => told(state, place, &known, Known::exactly(&Value::Bool(truth)), condition.span),
                    None => state.clone(),
                })
            }
        }
    }

    /// `left and right`: the right side is looked at only where the left one leaves it open.
    fn both(&self, left: &Expr, right: &Expr, state: &State, wanted: Truth) -> Decided {
        let Decided { truth: a, holds: open, .. } = self.decide(left, state, Truth::of(true));
        // Where the left one cannot fail, the right one has.
        let rest = Truth { holds: wanted.holds, fails: wanted.fails && !a.fails };
        let second = open.map(|open| self.decide(right, &open, rest)).unwrap_or_default();
        let b = second.truth;
        Decided {
            truth: Truth { holds: a.holds && b.holds, fails: a.fails || b.fails },
            holds: second.holds,
            fails: if a.fails { wanted.fails.then(|| state.clone()) } else { second.fails },
        }
    }

    /// `left or right`, likewise.
    fn one(&self, left: &Expr, right: &Expr, state: &State, wanted: Truth) -> Decided {
        let Decided { truth: a, fails: open, .. } = self.decide(left, state, Truth::of(false));
        let rest = Truth { holds: wanted.holds && !a.holds, fails: wanted.fails };
        let second = open.map(|open| self.decide(right, &open, rest)).unwrap_or_default();
        let b = second.truth;
        Decided {
            truth: Truth { holds: a.holds || b.holds, fails: a.fails && b.fails },
            holds: if a.holds { wanted.holds.then(|| state.clone()) } else { second.holds },
            fails: second.fails,
        }
    }

    /// A comparison, or what else stands between two operands.
    fn relation(
        &self,
        condition: &Expr,
        (op, left, right): (BinaryOp, &Expr, &Expr),
        state: &State,
        wanted: Truth,
    ) -> Decided {
        let places = (place(left), place(right));
        let is_known = matches!(places, (None, None)) && is_constant(condition);
        if is_known || !compares(op) && matches!(places, (None, None)) {
            return decided(self.read(condition, state).truth(), wanted, |_| state.clone());
        }
        let (low, high) = (self.known(left, state), self.known(right, state));
        let truth = match compares(op) {
            true => compare(op, &low, &high),
            false => self.read(condition, state).truth(),
        };
        let narrowed = |place: Option<Place>, known: &Known, op: BinaryOp, bound: &Known| {
            let (place, bound) = (place?, bound.only()?);
            Some(match bounded(known, op, bound) {
                Some(known) => state.learn(place, known, condition.span),
                // What says nothing new is no reason.
                None => state.clone(),
            })
        };
        decided(truth, wanted, |truth| {
            let op = if truth { Some(op) } else { opposite(op) };
            let learnt = op.and_then(|op| {
                let learnt = narrowed(places.0, &low, op, &high);
                learnt.or_else(|| narrowed(places.1, &high, mirrored(op)?, &low))
            });
            learnt.unwrap_or_else(|| state.clone())
        })
    }

    /// What a generator makes.
    fn made(&self, call: &Call, state: &State) -> Known {
        let constant = |name: &str| match call.arg(name)? {
            Expr { kind: ExprKind::Value(value), .. } => Some(Cow::Borrowed(value)),
            arg => self.read(arg, state).only().cloned().map(Cow::Owned),
        };
        match call.name.as_str() {
            "int" | "decimal" | "money" | "date" => match constant("range").as_deref() {
                Some(Value::Range(ends)) => {
                    Known { none: false, some: Values::Between(ends.0.clone(), ends.1.clone()) }
                }
                _ => Known::SOME,
            },
            "chance" => match constant("probability").as_deref() {
                Some(Value::Percent(share)) => Truth { holds: *share > 0.0, fails: *share < 1.0 }.known(),
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
                match constant("probability").as_deref() {
                    Some(Value::Percent(share)) if *share >= 1.0 => value,
                    Some(Value::Percent(share)) if *share <= 0.0 => Known::exactly(&Value::None),
                    _ => Known { none: true, ..value },
                }
            }
            // Others may come to be; whatever they make, nothing is claimed of it.
            _ => Known::ANY,
        }
    }
}

/// What comes of a condition that may come out as `truth`, where `learnt` says what is known then.
fn decided(truth: Truth, wanted: Truth, learnt: impl Fn(bool) -> State) -> Decided {
    Decided {
        truth,
        holds: (truth.holds && wanted.holds).then(|| learnt(true)),
        fails: (truth.fails && wanted.fails).then(|| learnt(false)),
    }
}

/// What is known where `condition` says that `learnt` is at a place where `known` was before. What says nothing new is no
/// reason.
fn told(state: &State, place: Place, known: &Known, learnt: Known, condition: Span) -> State {
    if learnt == *known { state.clone() } else { state.learn(place, learnt, condition) }
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
