//! What is known of compiled expressions where they stand: their types and their ranges.

use std::sync::Arc;

use scn_plan::{BinaryOp, Expr, ExprKind, UnaryOp, Value};

use crate::{range::Bounds, scope::Scope, types::Type};

impl Scope {
    /// The type of what `expr` reads: of a variable, a persona's field, something that surrounds it, or a part of one;
    /// `None` for what is calculated.
    fn read_type(&self, expr: &ExprKind) -> Option<Type> {
        let ty = match expr {
            ExprKind::Slot(slot) => self.slot_type(*slot)?.clone(),
            ExprKind::Root(root) => self.root_type(*root)?.clone(),
            ExprKind::PersonaField(field) => {
                let mut joined: Option<Type> = None;
                for template in self.persona_may_be() {
                    let (_, (_, ty)) = template.fields.iter().find(|(_, (index, _))| index == field)?;
                    joined = Some(match joined {
                        Some(joined) => joined.join(ty.clone()),
                        None => ty.clone(),
                    });
                }
                joined?
            }
            ExprKind::Field(base, name) => match self.read_type(&base.kind)? {
                Type::Record(fields) => fields.get(name)?.clone(),
                Type::Maybe(inner) => match *inner {
                    Type::Record(fields) => fields.get(name)?.clone().maybe(),
                    _ => return None,
                },
                _ => return None,
            },
            _ => return None,
        };
        Some(match ty {
            Type::Maybe(inner) if self.is_some(expr) => *inner,
            ty => ty,
        })
    }

    /// Both ends of what `expr` can be here, by its type, by what it is calculated from, and by the conditions that hold
    /// where it stands; `None` if nothing is known of it, or if it may be none.
    pub fn bounds(&self, expr: &Expr) -> Option<Bounds> {
        let own = match &expr.kind {
            ExprKind::Value(value) => return Bounds::only(value),
            ExprKind::Unary(UnaryOp::Negate, operand) => self.bounds(operand).and_then(|range| range.negated()),
            ExprKind::Binary(BinaryOp::Else, left, right) => match self.read_type(&left.kind) {
                Some(Type::Maybe(inner)) => match (inner.bounds(), self.bounds(right)) {
                    (Some(left), Some(right)) => Some(left.hull(&right)),
                    _ => None,
                },
                _ => self.bounds(left),
            },
            ExprKind::Binary(op, left, right) => match (self.bounds(left), self.bounds(right)) {
                (Some(left), Some(right)) => left.calculated(*op, &right),
                _ => None,
            },
            kind => self.read_type(kind).and_then(|ty| match ty {
                Type::In(inner, bounds) if *inner != Type::File => Some(Arc::unwrap_or_clone(bounds)),
                Type::Status => Bounds::new(Value::Int(100), Value::Int(599)),
                _ => None,
            }),
        };
        let mut known = own;
        for (op, limit) in self.compared(&expr.kind) {
            let Some(holds) = Bounds::only(limit).and_then(|limit| Bounds::where_holds(op, &limit)) else { continue };
            known = Some(match known {
                Some(known) => known.meet(&holds),
                None => holds,
            });
        }
        known
    }
}
