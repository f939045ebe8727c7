//! Pages and their forms.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, Keyword, Node};
use scn_plan::collections::IndexMap;
use scn_plan::{
    Labels, Root, Shape, Value,
    blueprint::{Field, Form, Handler, Page},
};
use smol_str::SmolStr;

use super::{
    Lowering, Setting, branch, declarations,
    handler::{Place, mark_status_reads},
    outline::{PartOutline, duplicate, path_of, unknown_setting},
    refuse_items, settings, words,
};
use crate::{
    index::Meaning,
    line::snake_case,
    scope::{Binding, Scope},
    signatures::suggest,
    type_expr,
    types::Type,
};

/// A form while its page is lowered: the handler that it leads to comes later.
struct Draft {
    form: Form,
    types: IndexMap<SmolStr, Type>,
    name_span: Span,
    handled: Option<Span>,
}

impl Lowering<'_, '_> {
    /// The page at `path` of the frontend `part`.
    pub(super) fn page(&mut self, part: &PartOutline<'_>, path: &SmolStr, node: &Node) -> Page {
        refuse_items(node, self.diagnostics);
        let title = node.decl().and_then(|decl| decl.operands.get(1)).and_then(|title| self.constant_text(title));
        let title = title.unwrap_or_else(|| path.trim_start_matches('/').into());
        let mut scope = self.handler_scope();
        scope.bind("session", Binding::Root(Root::Session), Type::record([("id".into(), Type::TEXT)]));
        scope.bind("query", Binding::Root(Root::Query), Type::AnyRecord);

        let (on_view, shown_scope) = self.on_view(part, node, scope.clone());
        let mut page = Page {
            path: path.clone(),
            title,
            on_view,
            show: Vec::new(),
            shown: IndexMap::default(),
            texts: Vec::new(),
            forms: IndexMap::default(),
            span: node.span,
        };
        let shown = self.shown(node, &mut page, shown_scope);
        if let Some(handler) = &mut page.on_view {
            mark_status_reads(handler, page.show.iter().map(|(_, expr)| expr).chain(&page.texts));
        }

        let mut drafts: IndexMap<SmolStr, Draft> = IndexMap::default();
        for (child, decl) in declarations(node) {
            match (decl.keyword, &decl.name) {
                (Keyword::Form, Some(name)) => match drafts.get(&name.text) {
                    Some(first) => self.report(duplicate("form", &name.text, name.span, first.name_span)),
                    None => {
                        let draft = self.form(part, child, decl, name);
                        drafts.insert(name.text.clone(), draft);
                    }
                },
                (Keyword::On, _) | (Keyword::Form, None) => {}
                (Keyword::Branch, _) => self.report(branch::misplaced(decl, "page")),
                _ => self.report(
                    Diagnostic::new(codes::MISPLACED, decl.keyword_span, "this cannot stand in a page")
                        .help("a page holds `form`, `on view`, `on submit`, `show:` and `text:`"),
                ),
            }
        }
        page.shown = shown.iter().map(|(name, ty)| (name.clone(), ty.shape_field())).collect();
        scope.bind("show", Binding::Root(Root::Show), Type::Record(shown.into()));
        for (child, decl) in declarations(node) {
            if decl.keyword == Keyword::On && decl.name.as_ref().is_some_and(|event| event.text == "submit") {
                self.on_submit(part, child, decl, &scope, &mut drafts);
            }
        }
        page.forms = drafts.into_iter().map(|(name, draft)| (name, draft.form)).collect();
        page
    }

    /// What runs at each GET, and the names that the page can read after it.
    fn on_view(&mut self, part: &PartOutline<'_>, node: &Node, scope: Scope) -> (Option<Handler>, Scope) {
        let mut first: Option<(&Node, Span)> = None;
        for (child, decl) in declarations(node).filter(|(_, decl)| decl.keyword == Keyword::On) {
            match (decl.name.as_ref().map(|event| (event.text.as_str(), event.span)), first) {
                (Some(("view", span)), None) => first = Some((child, span)),
                (Some(("view", span)), Some((_, earlier))) => {
                    self.report(duplicate("handler", "on view", span, earlier))
                }
                (Some(("submit", _)), _) => {}
                (event, _) => {
                    let span = event.map_or(decl.keyword_span, |(_, span)| span);
                    self.report(
                        Diagnostic::new(codes::MISPLACED, span, "a page has no such event")
                            .help("write `on view:` or `on submit:`"),
                    );
                }
            }
        }
        match first {
            Some((child, _)) => {
                let (handler, scope) = self.handler(part, Place::View, &child.children, scope, child.span);
                (Some(handler), scope)
            }
            None => (None, scope),
        }
    }

    /// What the page shows: values by name with their types, and paragraphs.
    fn shown(&mut self, node: &Node, page: &mut Page, mut scope: Scope) -> IndexMap<SmolStr, Type> {
        let mut types = IndexMap::default();
        for setting in settings(node) {
            match (setting.key.text.as_str(), setting.values) {
                ("text", values) if !values.is_empty() => {
                    for text in values {
                        let compiled = self.checker(&mut scope).check(text, &Type::TEXT).0;
                        page.texts.push(compiled);
                    }
                }
                ("show", values) => {
                    for (name, value) in self.show_fields(&setting, values) {
                        let (compiled, ty) = self.checker(&mut scope).infer(value, &Type::Any);
                        if types.insert(name.text.clone(), ty).is_some() {
                            let diagnostic = Diagnostic::new(
                                codes::DUPLICATE_NAME,
                                name.span,
                                format!("`{}` is shown twice", name.text),
                            );
                            self.report(diagnostic.help("keep one of the two"));
                            continue;
                        }
                        page.show.push((name.text.clone(), compiled));
                    }
                }
                ("text", _) => self.report(
                    Diagnostic::new(codes::MISSING_ARGUMENT, setting.key.span, "`text` has no value")
                        .help("write `text: \"…\"`"),
                ),
                _ => self.report(unknown_setting(setting.key, "page", &words::PAGE)),
            }
        }
        types
    }

    /// The names and values of `show: { a: x }`, or of the block under `show:`.
    fn show_fields<'n>(
        &mut self,
        setting: &Setting<'n>,
        values: &'n [ast::Expr],
    ) -> Vec<(&'n ast::Name, &'n ast::Expr)> {
        match values {
            [ast::Expr { kind: ast::ExprKind::Record(fields), .. }] => {
                fields.iter().map(|(name, value)| (name, value)).collect()
            }
            [] => setting
                .children
                .iter()
                .filter_map(|child| match &child.head {
                    ast::Head::Entry { key, values } => Some((key, values.first()?)),
                    _ => None,
                })
                .collect(),
            [first, ..] => {
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, first.span, "what a page shows has names")
                        .help("write `show: { amount: quote.body.amount }`"),
                );
                Vec::new()
            }
        }
    }

    fn form(&mut self, part: &PartOutline<'_>, node: &Node, decl: &ast::Decl, name: &ast::Name) -> Draft {
        refuse_items(node, self.diagnostics);
        let to = decl.arrow.as_ref().and_then(|arrow| {
            let (path, span) = path_of(arrow, self.diagnostics)?;
            self.check_page(part, &path, span).then_some(path)
        });
        let mut fields: IndexMap<SmolStr, Field> = IndexMap::default();
        let mut types = IndexMap::default();
        for child in &node.children {
            let ast::Head::Entry { key, values } = &child.head else { continue };
            if let Some(first) = fields.get(&key.text) {
                let first = first.span;
                self.report(duplicate("field", &key.text, key.span, first));
                continue;
            }
            let (field, ty) = self.field(child, key, values);
            types.insert(key.text.clone(), ty);
            fields.insert(key.text.clone(), field);
        }
        let form = Form {
            name: name.text.clone(),
            to,
            fields,
            on_submit: None,
            mutating: false,
            decisions: Vec::new(),
            span: node.span,
        };
        Draft { form, types, name_span: name.span, handled: None }
    }

    /// Whether `part` has a page at `path`; if not, that is reported.
    pub(super) fn check_page(&mut self, part: &PartOutline<'_>, path: &str, span: Span) -> bool {
        if let Some(page) = part.pages.get(path) {
            self.context.notes.note(span, || Meaning::Declared(page.span));
            return true;
        }
        let headline = format!("`{}` has no page {path}", part.name.text);
        let diagnostic = Diagnostic::new(codes::UNDECLARED_PAGE, span, headline);
        let diagnostic = suggest(diagnostic, path, span, "page", part.pages.keys().map(SmolStr::as_str));
        self.report(diagnostic);
        false
    }

    fn field(&mut self, node: &Node, key: &ast::Name, values: &[ast::Expr]) -> (Field, Type) {
        let ty = match values.first() {
            Some(ty) => self.field_type(ty),
            None => {
                self.report(
                    Diagnostic::new(
                        codes::BAD_FIELD,
                        key.span,
                        format!("the field `{}` does not say what it holds", key.text),
                    )
                    .help(format!("write `{}: Text`", key.text)),
                );
                Type::Error
            }
        };
        let mut label = None;
        let mut labels = Labels::NONE;
        let mut value = ty.shape_field();
        // Attributes stand on the field's line or below it.
        let below = node.children.iter().filter_map(|child| match &child.head {
            ast::Head::Entry { key, values } => Some((key, values.as_slice())),
            _ => None,
        });
        for (name, given) in node.attrs.iter().map(|attr| (&attr.key, attr.values.as_slice())).chain(below) {
            let Some(given) = given.first() else {
                self.report(Diagnostic::new(
                    codes::MISSING_ARGUMENT,
                    name.span,
                    format!("`{}` has no value", name.text),
                ));
                continue;
            };
            match (snake_case(&name.text).as_str(), &mut value.shape) {
                ("label", _) => label = self.constant_text(given),
                ("pii", _) if self.flag(given) => labels = labels.union(Labels::PII),
                ("secret", _) if self.flag(given) => labels = labels.union(Labels::SECRET),
                ("pii" | "secret", _) => {}
                ("pattern", Shape::Text { pattern }) => {
                    if let Some(Value::Regex(source)) = self.constant(given, &Type::Regex) {
                        *pattern = Some(source);
                    }
                }
                ("max", Shape::File { max }) => {
                    if let Some(Value::Size(size)) = self.constant(given, &Type::Size) {
                        *max = Some(size);
                    }
                }
                ("pattern" | "max", _) if ty.is_error() => {}
                ("pattern", _) => self.report(
                    Diagnostic::new(
                        codes::BAD_FIELD,
                        name.span,
                        format!("only a Text has a pattern, and this is {ty}"),
                    )
                    .help("leave `pattern:` out, or make the field a Text"),
                ),
                ("max", _) => self.report(
                    Diagnostic::new(
                        codes::BAD_FIELD,
                        name.span,
                        format!("only a File has a largest size, and this is {ty}"),
                    )
                    .help("leave `max:` out, or make the field a File"),
                ),
                _ => self.report(unknown_setting(name, "field", &words::FIELD)),
            }
        }
        value.labels = value.labels.union(labels);
        (Field { label, value, rules: Vec::new(), span: node.span }, ty.labelled(labels))
    }

    /// Whether `true` is written.
    fn flag(&mut self, expr: &ast::Expr) -> bool {
        self.constant(expr, &Type::Bool) == Some(Value::Bool(true))
    }

    /// The type of a field: one that people can enter into a form.
    fn field_type(&mut self, expr: &ast::Expr) -> Type {
        let ty = type_expr::of_expr(expr, self.diagnostics);
        match ty.some().base() {
            Type::Text(_) | Type::Bool | Type::Int | Type::Decimal | Type::Percent | Type::Money => ty,
            Type::Duration | Type::Size | Type::Date | Type::File | Type::Choice(_) | Type::Error => ty,
            other => {
                self.report(
                    Diagnostic::new(codes::BAD_FIELD, expr.span, format!("a form has no control for {other}"))
                        .help("a field is a Text, Int, Decimal, Percent, Money, Date, Duration, Size, Bool, File or Choice, or a Maybe of one"),
                );
                Type::Error
            }
        }
    }

    /// `on submit FORM:`; without a name, of the page's only form.
    fn on_submit(
        &mut self,
        part: &PartOutline<'_>,
        node: &Node,
        decl: &ast::Decl,
        scope: &Scope,
        drafts: &mut IndexMap<SmolStr, Draft>,
    ) {
        let name = decl.operands.first().and_then(|name| Some((crate::expr::dotted(name)?, name.span)));
        let names = || drafts.keys().map(SmolStr::as_str).collect::<Vec<_>>();
        let form = match name {
            Some((name, span)) => {
                if !drafts.contains_key(&name) {
                    let diagnostic =
                        Diagnostic::new(codes::UNDECLARED_FORM, span, format!("this page has no form `{name}`"));
                    let diagnostic = suggest(diagnostic, &name, span, "form", names());
                    self.report(diagnostic);
                    return;
                }
                name
            }
            None => match names().as_slice() {
                [only] => SmolStr::new(only),
                [] => {
                    self.report(
                        Diagnostic::new(
                            codes::UNDECLARED_FORM,
                            decl.keyword_span,
                            "this page has no form that could be submitted",
                        )
                        .help("declare one with `form NAME -> \"/next\":`"),
                    );
                    return;
                }
                several => {
                    let diagnostic = Diagnostic::new(
                        codes::UNDECLARED_FORM,
                        decl.keyword_span,
                        "this page has several forms, and this does not say which",
                    );
                    self.report(
                        diagnostic
                            .help(format!("write `on submit NAME:` with one of {}", crate::signatures::list(several))),
                    );
                    return;
                }
            },
        };
        let Some(draft) = drafts.get_mut(&form) else { return };
        if let Some(first) = draft.handled {
            self.report(duplicate("handler", &format!("on submit {form}"), decl.keyword_span, first));
            return;
        }
        draft.handled = Some(decl.keyword_span);
        let mut scope = scope.clone();
        scope.bind("form", Binding::Root(Root::Form), Type::Record(draft.types.clone().into()));
        let (handler, _) = self.handler(part, Place::Submit, &node.children, scope, node.span);
        draft.form.on_submit = Some(handler);
    }
}
