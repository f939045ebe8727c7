//! What the names of an expression stand for.

use scn_plan::collections::{HashMap, HashSet, IndexMap, VecMap};
use std::sync::Arc;

use scn_diagnostics::{Code, Span, codes};
use scn_plan::{BinaryOp, Expr, ExprKind, Root, SlotId, UnaryOp, Value};
use smol_str::SmolStr;

use crate::{
    constants::Constants,
    index::Notes,
    range,
    types::{Nominal, Type},
};

/// What a name stands for.
#[derive(Clone, Debug)]
pub(crate) enum Binding {
    /// A variable.
    Slot(SlotId),
    /// Something that surrounds the expression.
    Root(Root),
    /// A constant.
    Const(Expr),
    /// `page`, whose members only the engine can answer.
    Page,
    /// `last`, the last response.
    Last,
    /// `persona`.
    Persona,
}

/// A template's fields, as `persona` sees them.
#[derive(Clone, Debug)]
pub(crate) struct TemplateView {
    /// Itself and its ancestors, nearest first.
    pub lineage: Vec<SmolStr>,
    /// Where its name is declared.
    pub declared: Span,
    /// Its fields with their index and type.
    pub fields: Arc<IndexMap<SmolStr, (u32, Type)>>,
    /// Whether some of its fields could not be read, which has been reported.
    pub incomplete: bool,
}

/// Something known to hold where an expression stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact {
    /// This expression is not none.
    Some(ExprKind),
    /// The persona is of this template.
    Is(SmolStr),
    /// The persona is not of this template.
    IsNot(SmolStr),
    /// The comparison of this expression with a constant holds.
    Compares(ExprKind, BinaryOp, Value),
    /// Nothing any more: its variable has been set anew.
    Forgotten,
}

/// Names that resolve by the type that is asked for, such as parts and pages.
#[derive(Clone, Debug)]
pub(crate) struct Symbols {
    known: VecMap<Nominal, Vec<SmolStr>>,
    /// What an unknown one is reported as.
    pub code: &'static Code,
    /// The declaration of the sandbox that the names are of.
    pub sandbox: Option<Span>,
}

impl Default for Symbols {
    fn default() -> Self {
        Self { known: VecMap::new(), code: codes::UNKNOWN_NAME, sandbox: None }
    }
}

impl Symbols {
    /// No names yet; an unknown one will be reported as `code`.
    pub fn new(code: &'static Code) -> Self {
        Self { known: VecMap::new(), code, sandbox: None }
    }

    /// Says which names of `kind` there are. A kind of which nothing was said takes every name.
    pub fn declare(&mut self, kind: Nominal, names: impl IntoIterator<Item = SmolStr>) {
        self.known.entry(kind).or_default().extend(names);
    }

    /// The names of `kind`; `None` if nothing is known of them.
    pub fn of(&self, kind: Nominal) -> Option<&[SmolStr]> {
        self.known.get(&kind).map(Vec::as_slice)
    }
}

/// The names that an expression can read, innermost last, and the slots behind its variables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// Names that hold throughout the module, behind all others.
    constants: Option<Arc<Constants>>,
    slots: Vec<SmolStr>,
    variables: IndexMap<SmolStr, SlotId>,
    names: Vec<Named>,
    /// Where each name stands in `names`, the innermost of those that are called so.
    places: HashMap<SmolStr, usize>,
    facts: Vec<Fact>,
    /// Where a journey passes without setting a variable that others of its paths set.
    missing: HashMap<SlotId, Vec<Missing>>,
    /// Conditions that never change, each with a variable that is set where it holds.
    guarded: Vec<(Expr, Option<SlotId>)>,
    /// The templates that the persona may be of; empty where there is no persona.
    templates: Vec<TemplateView>,
    /// Fields that all of these have, with their index and type, as far as they were read.
    persona_fields: Vec<(SmolStr, u32, Type)>,
    /// Whether synthetic data can be made here.
    pub generators: bool,
    /// Whether it is that of a flow's body.
    pub in_flow: bool,
    /// Variables that are set in one place only, so that their ranges hold wherever they are read, in loops too.
    pub set_once: Option<Arc<HashSet<SmolStr>>>,
    /// Where it is noted what names stand for.
    pub notes: Notes,
}

/// A name, and what it stands for.
#[derive(Clone, Debug)]
struct Named {
    name: SmolStr,
    binding: Binding,
    ty: Type,
    /// Where the name stands that it hides.
    hides: Option<usize>,
}

/// A path that does not set a variable: what it goes by, and what to say there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    /// The condition or the arm.
    pub span: Span,
    /// Such as «not set where this does not hold».
    pub message: &'static str,
}

/// A place in a scope to return to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    names: usize,
    facts: usize,
    guarded: usize,
}

impl Scope {
    /// The constants of a module, and nothing else.
    pub fn with(constants: Arc<Constants>, notes: &Notes) -> Self {
        Self { constants: Some(constants), notes: notes.clone(), ..Self::default() }
    }

    /// Gives `name` to something.
    pub fn bind(&mut self, name: impl Into<SmolStr>, binding: Binding, ty: Type) {
        let name = name.into();
        if self.places.is_empty() {
            // A journey binds a handful at once.
            self.places.reserve(6);
        }
        let hides = self.places.insert(name.clone(), self.names.len());
        self.names.push(Named { name, binding, ty, hides });
    }

    /// A new variable called `name`; it hides an older one of the same name.
    pub fn declare(&mut self, name: impl Into<SmolStr>, ty: Type) -> SlotId {
        let name = name.into();
        let slot = SlotId(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
        self.slots.push(name.clone());
        self.bind(name, Binding::Slot(slot), ty);
        slot
    }

    /// The variable called `name`, set here: every setting of a name shares one slot, and what was known of its value
    /// is forgotten.
    pub fn assign(&mut self, name: &SmolStr, ty: Type) -> SlotId {
        let ty = if self.set_once.as_ref().is_some_and(|names| names.contains(name)) { ty } else { ty.wide() };
        let Some(slot) = self.variables.get(name).copied() else {
            let slot = self.declare(name.clone(), ty);
            self.variables.insert(name.clone(), slot);
            return slot;
        };
        self.forget(slot);
        self.missing.remove(&slot);
        self.guarded.iter_mut().filter(|(_, set)| *set == Some(slot)).for_each(|(_, set)| *set = None);
        self.bind(name.clone(), Binding::Slot(slot), ty);
        slot
    }

    /// Forgets what was known of the value of `slot`.
    pub fn forget(&mut self, slot: SlotId) {
        // The places stay, for marks count places.
        for fact in &mut self.facts {
            if let Fact::Some(known) | Fact::Compares(known, ..) = fact
                && reads(known, slot)
            {
                *fact = Fact::Forgotten;
            }
        }
    }

    /// Begins the scope of a flow's body, which sees `constants` and nothing of this one; yields this one, to be given to
    /// [`Scope::leave`].
    pub fn enter(&mut self, constants: Arc<Constants>) -> Scope {
        let slots = std::mem::take(&mut self.slots);
        let inner = Scope { slots, in_flow: true, ..Scope::with(constants, &self.notes) };
        std::mem::replace(self, inner)
    }

    /// Ends the scope of a flow's body.
    pub fn leave(&mut self, outer: Scope) {
        let slots = std::mem::take(&mut self.slots);
        *self = Scope { slots, ..outer };
    }

    /// A variable that no expression of the source can name.
    pub fn hidden(&mut self) -> SlotId {
        let slot = SlotId(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
        self.slots.push(SmolStr::default());
        slot
    }

    /// The variables that have been set since `mark`, each with its slot and its type at the end.
    pub fn assigned_since(&self, mark: Mark) -> IndexMap<SmolStr, (SlotId, Type)> {
        let mut assigned = IndexMap::default();
        for named in self.names.iter().skip(mark.names) {
            if let Binding::Slot(slot) = named.binding {
                assigned.insert(named.name.clone(), (slot, named.ty.clone()));
            }
        }
        assigned
    }

    /// Says on which paths to this place the variable `slot` is not set.
    pub fn miss(&mut self, slot: SlotId, paths: Vec<Missing>) {
        self.missing.insert(slot, paths);
    }

    /// The paths to this place on which the variable that `expr` is, or is read from, is not set.
    pub fn missed(&self, expr: &Expr) -> Option<(&SmolStr, &[Missing])> {
        match &expr.kind {
            ExprKind::Slot(slot) => {
                let paths = self.missing.get(slot).filter(|paths| !paths.is_empty())?;
                Some((self.slots.get(slot.0 as usize)?, paths))
            }
            ExprKind::Field(base, _) | ExprKind::Index(base, _) => self.missed(base),
            _ => None,
        }
    }

    /// Says that `slot` is set, to a value of type `ty`, wherever `condition` holds, which is remembered if the condition
    /// cannot change.
    pub fn guard(&mut self, condition: &Expr, slot: SlotId, ty: &Type) {
        if is_lasting(condition) && !matches!(ty, Type::Maybe(_) | Type::None) {
            self.guarded.push((condition.clone(), Some(slot)));
        }
    }

    /// Whether `name` is a variable of the journey that is kept in `slot`, not one that a step or a loop declares for itself.
    pub fn is_variable(&self, name: &str, slot: SlotId) -> bool {
        self.variables.get(name) == Some(&slot)
    }

    /// What `name` stands for, and its type.
    pub fn lookup(&self, name: &str) -> Option<(&Binding, &Type)> {
        match self.places.get(name).and_then(|place| self.names.get(*place)) {
            Some(named) => Some((&named.binding, &named.ty)),
            None => self.constants.as_ref()?.get(name).map(|(binding, ty)| (binding, ty)),
        }
    }

    /// Whether constants of files that are used `as` something can be read.
    pub fn uses_modules(&self) -> bool {
        self.constants.iter().flat_map(|constants| constants.keys()).any(|name| name.contains('.'))
    }

    /// Every name, for suggestions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names
            .iter()
            .map(|named| &named.name)
            .chain(self.constants.iter().flat_map(|constants| constants.keys()))
            .map(SmolStr::as_str)
    }

    /// The names of all variables so far, by slot.
    pub fn slots(&self) -> &[SmolStr] {
        &self.slots
    }

    /// A place to return to with [`Scope::reset`].
    pub fn mark(&self) -> Mark {
        Mark { names: self.names.len(), facts: self.facts.len(), guarded: self.guarded.len() }
    }

    /// Forgets the names and facts that came after `mark`; slots stay.
    pub fn reset(&mut self, mark: Mark) {
        // The last that came hides what came before it.
        for named in self.names.drain(mark.names.min(self.names.len())..).rev() {
            match named.hides {
                Some(place) => self.places.insert(named.name, place),
                None => self.places.remove(&named.name),
            };
        }
        self.facts.truncate(mark.facts);
        self.guarded.truncate(mark.guarded);
    }

    /// Takes what is known where `condition` is `truth` for granted from here on.
    pub fn assume(&mut self, condition: &Expr, truth: bool) {
        facts(condition, truth, &mut self.facts);
        if truth {
            let set = self.guarded.iter().filter(|(known, _)| same(&known.kind, &condition.kind));
            self.facts.extend(set.filter_map(|(_, slot)| Some(Fact::Some(ExprKind::Slot((*slot)?)))));
        }
    }

    /// Whether `expr` is known not to be none.
    pub fn is_some(&self, expr: &ExprKind) -> bool {
        self.facts.iter().any(|fact| matches!(fact, Fact::Some(known) if same(known, expr)))
    }

    /// Says which templates the persona may be of.
    pub fn may_be_of(&mut self, templates: Vec<TemplateView>) {
        *self.templates_mut() = templates;
    }

    /// The templates that the persona may be of, to be changed.
    pub fn templates_mut(&mut self) -> &mut Vec<TemplateView> {
        self.persona_fields.clear();
        &mut self.templates
    }

    /// The templates that the persona may be of, whatever is known here.
    pub fn templates(&self) -> &[TemplateView] {
        &self.templates
    }

    /// What [`Scope::learn_field`] was told of a persona's field.
    pub fn known_field(&self, name: &str) -> Option<(u32, &Type)> {
        let (_, index, ty) = self.persona_fields.iter().find(|(known, ..)| known == name)?;
        (!self.is_narrowed()).then_some((*index, ty))
    }

    /// Remembers a field that all templates have which the persona may be of here.
    pub fn learn_field(&mut self, name: &SmolStr, index: u32, ty: &Type) {
        if !self.is_narrowed() {
            self.persona_fields.push((name.clone(), index, ty.clone()));
        }
    }

    /// Whether something is known here of the persona's template.
    fn is_narrowed(&self) -> bool {
        self.facts.iter().any(|fact| matches!(fact, Fact::Is(_) | Fact::IsNot(_)))
    }

    /// The templates that the persona may be of, by what is known here.
    pub fn persona_may_be(&self) -> impl Iterator<Item = &TemplateView> {
        self.templates.iter().filter(|template| {
            self.facts.iter().all(|fact| match fact {
                Fact::Is(name) => template.lineage.contains(name),
                Fact::IsNot(name) => !template.lineage.contains(name),
                Fact::Some(_) | Fact::Compares(..) | Fact::Forgotten => true,
            })
        })
    }

    /// What is known of `expr` by comparisons with constants that hold here.
    pub fn compared(&self, expr: &ExprKind) -> impl Iterator<Item = (BinaryOp, &Value)> {
        self.facts.iter().filter_map(move |fact| match fact {
            Fact::Compares(known, op, limit) if same(known, expr) => Some((*op, limit)),
            _ => None,
        })
    }

    /// The type of the variable behind `slot`, as it was last given.
    pub fn slot_type(&self, slot: SlotId) -> Option<&Type> {
        let mut names = self.names.iter().rev();
        names.find(|named| matches!(named.binding, Binding::Slot(own) if own == slot)).map(|named| &named.ty)
    }

    /// The type of what surrounds an expression as `root`.
    pub fn root_type(&self, root: Root) -> Option<&Type> {
        let mut names = self.names.iter().rev();
        names.find(|named| matches!(named.binding, Binding::Root(own) if own == root)).map(|named| &named.ty)
    }
}

/// Collects what holds where `condition` is `truth`.
fn facts(condition: &Expr, truth: bool, into: &mut Vec<Fact>) {
    match &condition.kind {
        ExprKind::IsNone(operand, none) if *none != truth => into.push(Fact::Some(operand.kind.clone())),
        ExprKind::PersonaIs(template) if truth => into.push(Fact::Is(template.clone())),
        ExprKind::PersonaIs(template) => into.push(Fact::IsNot(template.clone())),
        ExprKind::Binary(op @ (BinaryOp::Equal | BinaryOp::NotEqual), left, right)
            if [left, right].iter().any(|side| side.as_value() == Some(&Value::None)) =>
        {
            // `x != none` says what `x is some` says.
            let operand = if left.as_value() == Some(&Value::None) { right } else { left };
            if (*op == BinaryOp::NotEqual) == truth {
                into.push(Fact::Some(operand.kind.clone()));
            }
        }
        ExprKind::Binary(BinaryOp::In, item, all) => {
            if let (Some(Value::Range(ends)), true) = (all.as_value(), truth) {
                into.push(Fact::Compares(item.kind.clone(), BinaryOp::GreaterEqual, ends.0.clone()));
                into.push(Fact::Compares(item.kind.clone(), BinaryOp::LessEqual, ends.1.clone()));
            }
        }
        ExprKind::Binary(op, left, right) if range::flipped(*op).is_some() => {
            let op = if truth { Some(*op) } else { range::denied(*op) };
            let (Some(op), Some(flipped)) = (op, op.and_then(range::flipped)) else { return };
            let (side, op, limit) = match (left.as_value(), right.as_value()) {
                (None, Some(limit)) => (left, op, limit),
                (Some(limit), None) => (right, flipped, limit),
                _ => return,
            };
            if op == BinaryOp::Equal {
                // What equals a value is not none.
                into.push(Fact::Some(side.kind.clone()));
            }
            into.push(Fact::Compares(side.kind.clone(), op, limit.clone()));
        }
        ExprKind::Unary(UnaryOp::Not, operand) => facts(operand, !truth, into),
        ExprKind::Binary(BinaryOp::And, left, right) if truth => {
            facts(left, true, into);
            facts(right, true, into);
        }
        ExprKind::Binary(BinaryOp::Or, left, right) if !truth => {
            facts(left, false, into);
            facts(right, false, into);
        }
        _ => {}
    }
}

/// Whether what `expr` reads changes when `slot` is set anew.
fn reads(expr: &ExprKind, slot: SlotId) -> bool {
    match expr {
        ExprKind::Slot(own) => *own == slot,
        ExprKind::Field(base, _) => reads(&base.kind, slot),
        _ => false,
    }
}

/// Whether two expressions read the same thing; their spans do not matter.
fn same(a: &ExprKind, b: &ExprKind) -> bool {
    match (a, b) {
        (ExprKind::Field(a, name), ExprKind::Field(b, other)) => name == other && same(&a.kind, &b.kind),
        (ExprKind::Slot(a), ExprKind::Slot(b)) => a == b,
        (ExprKind::PersonaField(a), ExprKind::PersonaField(b)) => a == b,
        (ExprKind::Root(a), ExprKind::Root(b)) => a == b,
        (ExprKind::PersonaIs(a), ExprKind::PersonaIs(b)) => a == b,
        (ExprKind::Value(a), ExprKind::Value(b)) => a == b,
        (ExprKind::IsNone(a, none), ExprKind::IsNone(b, other)) => none == other && same(&a.kind, &b.kind),
        (ExprKind::Unary(op, a), ExprKind::Unary(other, b)) => op == other && same(&a.kind, &b.kind),
        (ExprKind::Binary(op, a, c), ExprKind::Binary(other, b, d)) => {
            op == other && same(&a.kind, &b.kind) && same(&c.kind, &d.kind)
        }
        _ => false,
    }
}

/// Whether `condition` is the same throughout a journey: it reads nothing but the persona.
fn is_lasting(condition: &Expr) -> bool {
    match &condition.kind {
        ExprKind::PersonaIs(_) | ExprKind::PersonaField(_) | ExprKind::Value(_) => true,
        ExprKind::Field(base, _) | ExprKind::Unary(_, base) | ExprKind::IsNone(base, _) => is_lasting(base),
        ExprKind::Binary(_, left, right) => is_lasting(left) && is_lasting(right),
        _ => false,
    }
}
