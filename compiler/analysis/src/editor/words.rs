//! What the word at a place is meant as, by where it stands.

use scn_diagnostics::Span;
use scn_grammar::ast::{Arg, Decl, Expr, ExprKind, Head, Keyword, Node, Tree, TypeExpr, TypeExprKind};
use smol_str::SmolStr;

use super::extent;
use crate::{expr::dotted, line::snake_case};

/// What a word does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// The verb of an item; the prelude declares such by this keyword.
    Verb(Keyword),
    /// An attribute of the item's verb, which is named.
    Attribute(SmolStr, Keyword),
    /// It begins a declaration or an entry of the block that this word opens.
    Block(SmolStr),
    /// It is called.
    Call,
    /// It is read: a constant, a variable, a template, a type.
    Name,
}

/// A word of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word; dotted names are one.
    pub text: SmolStr,
    /// Where it stands.
    pub span: Span,
    /// What it does there.
    pub role: Role,
}

impl Word {
    fn new(text: impl Into<SmolStr>, span: Span, role: Role) -> Self {
        Self { text: text.into(), span, role }
    }
}

/// The word at the byte `offset`.
pub fn word(tree: &Tree, offset: usize) -> Option<Word> {
    let path = path(tree, offset);
    let (node, above) = path.split_last()?;
    let place = place(above);
    let mut words = Vec::new();
    match &node.head {
        Head::Entry { key, values } => {
            match above.last().map(|parent| (&parent.head, parent.dash)) {
                _ if node.dash => words.push(Word::new(key.text.clone(), key.span, Role::Verb(place))),
                // An attribute may have a line of its own below its verb.
                Some((Head::Entry { key: verb, .. }, true)) => {
                    words.push(Word::new(snake_case(&key.text), key.span, Role::Attribute(verb.text.clone(), place)));
                }
                _ => words.push(Word::new(key.text.clone(), key.span, Role::Block(opening(above)))),
            }
            values.iter().for_each(|value| of_expr(value, &mut words));
        }
        // What a goal measures is a verb as much as `visit` is.
        Head::Expr { expr, .. } => match &expr.kind {
            ExprKind::Binary(_, metric, threshold) if place == Keyword::Metric => {
                match &metric.kind {
                    ExprKind::Call(callee, args) => {
                        as_verb(callee, place, &mut words);
                        of_args(args, &mut words);
                    }
                    _ => as_verb(metric, place, &mut words),
                }
                of_expr(threshold, &mut words);
            }
            ExprKind::Name(_) if node.dash => as_verb(expr, place, &mut words),
            _ => of_expr(expr, &mut words),
        },
        Head::Decl(decl) => {
            let role = Role::Block(opening(above).replace("scenario", "").into());
            words.push(Word::new(decl.keyword.as_str(), decl.keyword_span, role));
            of_decl(decl, &mut words);
        }
        Head::Error => {}
    }
    let verb = match &node.head {
        Head::Entry { key, .. } => key.text.clone(),
        _ => SmolStr::default(),
    };
    for attr in &node.attrs {
        let role = Role::Attribute(verb.clone(), place);
        words.push(Word::new(snake_case(&attr.key.text), attr.key.span, role));
        attr.values.iter().for_each(|value| of_expr(value, &mut words));
    }
    // Of `a.b` both the whole and `a` hold the place; the shortest is meant, unless it is only a part.
    words.into_iter().filter(|word| holds(word.span, offset)).max_by_key(|word| word.span.len())
}

/// The word that opens the innermost of these; a file may itself be a scenario.
fn opening(above: &[&Node]) -> SmolStr {
    match above.last().map(|node| &node.head) {
        Some(Head::Decl(decl)) => decl.keyword.as_str().into(),
        Some(Head::Entry { key, .. }) => key.text.clone(),
        _ => "scenario".into(),
    }
}

/// What is said above the line that the byte `offset` is on.
pub fn doc(tree: &Tree, offset: usize) -> Option<String> {
    path(tree, offset).last()?.doc.as_ref().map(ToString::to_string)
}

/// The nodes around the byte `offset`, from the outermost to the line that it is on.
pub(super) fn path(tree: &Tree, offset: usize) -> Vec<&Node> {
    let mut path: Vec<&Node> = Vec::new();
    let mut nodes = &tree.nodes;
    while let Some(node) = nodes.iter().find(|node| holds(extent(node), offset)) {
        path.push(node);
        if holds(node.span, offset) {
            break;
        }
        nodes = &node.children;
    }
    path
}

/// What the items are that stand below `above`, by the keyword that declares their verbs.
pub(super) fn place(above: &[&Node]) -> Keyword {
    for node in above.iter().rev() {
        match &node.head {
            Head::Entry { key, .. } if !node.dash => match key.text.as_str() {
                "goals" => return Keyword::Metric,
                "probes" => return Keyword::Probe,
                _ => {}
            },
            Head::Decl(decl) => match decl.keyword {
                Keyword::Probe => return Keyword::Probe,
                Keyword::On
                | Keyword::Route
                | Keyword::Service
                | Keyword::Agent
                | Keyword::Queue
                | Keyword::Partner => {
                    return Keyword::Handler;
                }
                _ => {}
            },
            _ => {}
        }
    }
    Keyword::Step
}

fn holds(span: Span, offset: usize) -> bool {
    span.start as usize <= offset && offset <= span.end as usize
}

fn as_verb(expr: &Expr, place: Keyword, words: &mut Vec<Word>) {
    if let ExprKind::Name(name) = &expr.kind {
        words.push(Word::new(name.clone(), expr.span, Role::Verb(place)));
    }
}

fn of_expr(expr: &Expr, words: &mut Vec<Word>) {
    expr.walk(&mut |inner| match &inner.kind {
        ExprKind::Call(callee, _) => {
            words.extend(dotted(callee).map(|name| Word::new(name, callee.span, Role::Call)));
        }
        ExprKind::Name(_) | ExprKind::Field(..) => {
            let is_called = words.last().is_some_and(|word| word.role == Role::Call && word.span == inner.span);
            if !is_called {
                words.extend(dotted(inner).map(|name| Word::new(name, inner.span, Role::Name)));
            }
        }
        ExprKind::Type(ty) => of_type(ty, words),
        _ => {}
    });
}

fn of_args(args: &[Arg], words: &mut Vec<Word>) {
    args.iter().for_each(|arg| of_expr(&arg.value, words));
}

fn of_type(ty: &TypeExpr, words: &mut Vec<Word>) {
    match &ty.kind {
        TypeExprKind::Name(name) => words.push(Word::new(name.clone(), ty.span, Role::Name)),
        TypeExprKind::Apply(_, args) => args.iter().for_each(|arg| of_type(arg, words)),
        TypeExprKind::Record(fields) => fields.iter().for_each(|(_, ty)| of_type(ty, words)),
        TypeExprKind::Range(low, high) => {
            of_expr(low, words);
            of_expr(high, words);
        }
        TypeExprKind::Choice(_) => {}
    }
}

fn of_decl(decl: &Decl, words: &mut Vec<Word>) {
    words.extend(decl.name.iter().map(|name| Word::new(name.text.clone(), name.span, Role::Name)));
    words.extend(decl.extends.iter().map(|name| Word::new(name.text.clone(), name.span, Role::Name)));
    decl.operands.iter().chain(&decl.arrow).chain(&decl.value).for_each(|expr| of_expr(expr, words));
    decl.ty.iter().chain(&decl.result).for_each(|ty| of_type(ty, words));
    for param in &decl.params {
        of_type(&param.ty, words);
        param.default.iter().for_each(|expr| of_expr(expr, words));
    }
}
