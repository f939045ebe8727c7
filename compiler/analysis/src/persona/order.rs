//! The order in which a persona's fields are made.

use std::{borrow::Cow, sync::Arc};

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast;
use scn_plan::Expr;
use scn_plan::collections::IndexMap;
use smol_str::SmolStr;

use super::{Fields, Made};
use crate::bodies::way;

/// A template's own fields as they are declared, each with its value.
pub(super) type Own<'a> = IndexMap<&'a SmolStr, (&'a ast::Name, Option<Cow<'a, ast::Expr>>)>;

/// Indices into `own`, each after those of the fields that it reads.
pub(super) fn of_own(own: &Own<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<usize> {
    let reads = |field: usize| {
        let (_, (_, value)) = own.get_index(field)?;
        let mut reads = Vec::new();
        value.iter().for_each(|value| persona_reads(value, own, &mut reads));
        Some(reads)
    };
    ordered(own.len(), reads, |path, read, span| {
        let name = |field: &usize| own.get_index(*field).map_or("", |(name, _)| name.as_str());
        let names: Vec<&str> = path.iter().chain([&read]).map(name).collect();
        let headline = format!("the field `{}` needs its own value to be made", path.last().map_or("", name));
        diagnostics.push(
            Diagnostic::new(codes::PERSONA_CYCLE, span, headline)
                .note(way(&names))
                .help("give one of these fields a value of its own"),
        );
    })
}

/// The fields of `persona` among `own` that `expr` reads.
fn persona_reads(expr: &ast::Expr, own: &Own<'_>, into: &mut Vec<(usize, Span)>) {
    expr.walk(&mut |part| {
        if let ast::ExprKind::Field(owner, name) = &part.kind
            && matches!(&owner.kind, ast::ExprKind::Name(owner) if owner == "persona")
        {
            into.extend(own.get_index_of(&&name.text).map(|field| (field, name.span)));
        }
    });
}

/// Fields in the order that they are to be made, each after those that its expression reads; and a circle of fields that
/// need one another, empty where there is none. `exprs` has the place of each in `fields`.
pub(super) fn of_all(fields: &Fields, exprs: &[Option<Arc<Made>>]) -> (Vec<(u32, Arc<Expr>)>, Vec<SmolStr>) {
    let mut places: Vec<(u32, usize)> = fields.values().enumerate().map(|(at, (index, _))| (*index, at)).collect();
    places.sort_unstable();
    let place = |read: &u32| {
        let at = places.binary_search_by_key(read, |(index, _)| *index).ok()?;
        places.get(at).map(|(_, place)| (*place, ()))
    };
    let reads = |field: usize| Some(exprs.get(field)?.as_ref()?.reads.iter().filter_map(place).collect());
    let mut circle = Vec::new();
    let order = ordered(fields.len(), reads, |path, read, ()| {
        let around = path.iter().skip_while(|on| **on != read).chain([&read]);
        circle = around.filter_map(|field| fields.get_index(*field)).map(|(name, _)| name.clone()).collect();
    });
    let made = order.into_iter().filter_map(|field| {
        let (_, (index, _)) = fields.get_index(field)?;
        Some((*index, exprs.get(field)?.as_ref()?.expr.clone()))
    });
    (made.collect(), circle)
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

/// The fields below `count`, each after those that it reads; without those of which `reads` knows nothing. `circular` is told each
/// read of a field that is not made yet, and the way to it.
fn ordered<P>(
    count: usize,
    reads: impl Fn(usize) -> Option<Vec<(usize, P)>>,
    mut circular: impl FnMut(Vec<usize>, usize, P),
) -> Vec<usize> {
    let mut states = vec![State::New; count];
    let mut order = Vec::with_capacity(count);
    // The fields on the way, each with what it still reads.
    let mut path: Vec<(usize, Vec<(usize, P)>)> = Vec::new();
    for first in 0..count {
        let mut enter = Some(first);
        loop {
            if let Some(field) = enter.take()
                && let Some(state) = states.get_mut(field).filter(|state| **state == State::New)
                && let Some(mut found) = reads(field)
            {
                // Most read nothing.
                if found.is_empty() {
                    *state = State::Done;
                    order.push(field);
                } else {
                    *state = State::Open;
                    found.reverse();
                    path.push((field, found));
                }
            }
            let Some((field, rest)) = path.last_mut() else { break };
            match rest.pop() {
                None => {
                    order.push(*field);
                    states.get_mut(*field).into_iter().for_each(|state| *state = State::Done);
                    path.pop();
                }
                Some((read, place)) if states.get(read) == Some(&State::Open) => {
                    circular(path.iter().map(|(on, _)| *on).collect(), read, place);
                }
                Some((read, _)) => enter = Some(read),
            }
        }
    }
    order
}
