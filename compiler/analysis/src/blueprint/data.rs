//! Seed data: what the stores hold before the first journey.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, ExprKind as Ast, Node, Phrase};
use scn_plan::{
    Expr, Value,
    blueprint::{Seed, SeedRecords},
};
use smol_str::SmolStr;

use super::{Lowering, handler::KeyUse};
use crate::{
    expr::{dotted, fits, quoted_text},
    line::{Attribute, Line},
    signatures::{list, suggest},
    types::Type,
};

/// What a line of `data:` can say of a seed.
const ATTRIBUTES: [&str; 5] = ["key", "records", "with", "tag", "retain"];

impl Lowering<'_, '_> {
    /// The seeds under `data:`.
    pub(super) fn data(&mut self, nodes: &[Node]) -> Vec<Seed> {
        let mut seeds = Vec::with_capacity(nodes.len());
        for node in nodes {
            match Line::of(node, |_| false) {
                Some(line) if line.verb.text == "seed" => seeds.extend(self.seed(&line)),
                Some(line) => {
                    let headline = format!("`data:` has no `{}`", line.verb.text);
                    let diagnostic = Diagnostic::new(codes::UNKNOWN_STEP, line.verb.span, headline);
                    let diagnostic = suggest(diagnostic, &line.verb.text, line.verb.span, "line of data", ["seed"]);
                    self.report(diagnostic);
                }
                None if matches!(node.head, ast::Head::Error) => {}
                None => self.report(
                    Diagnostic::new(codes::MISPLACED, node.span, "`data:` holds seeds")
                        .help("write `- seed: PART.STORE key: FIELD records: [ … ]`"),
                ),
            }
        }
        seeds
    }

    fn seed(&mut self, line: &Line<'_>) -> Option<Seed> {
        for attr in line.attrs.iter().filter(|attr| !ATTRIBUTES.iter().any(|known| attr.is(known))) {
            let headline = format!("`seed` has no attribute `{}`", attr.key.text);
            let diagnostic = Diagnostic::new(codes::UNKNOWN_ATTRIBUTE, attr.key.span, headline);
            let diagnostic = suggest(diagnostic, &attr.key.text, attr.key.span, "attribute", ATTRIBUTES);
            self.report(diagnostic);
        }
        let (part, store, record) = self.seeded(line)?;
        let attribute = |name: &str| line.attrs.iter().find(|attr| attr.is(name));
        let key = self.seed_key(line, attribute("key"), &store, &record)?;
        let tag = attribute("tag").and_then(Attribute::value).and_then(|tag| match dotted(&tag) {
            Some(tag) => Some(tag),
            None => self.constant_text(&tag),
        });
        let retain = attribute("retain").and_then(Attribute::value);
        let retain = match retain.and_then(|retain| self.constant(&retain, &Type::Duration)) {
            Some(Value::Duration(nanos)) => Some(nanos),
            _ => None,
        };
        let records = match (attribute("records"), attribute("with")) {
            (Some(records), None) => self.listed(records, &record)?,
            (None, Some(with)) => self.personas(with, &store, &record, &key)?,
            (Some(_), Some(with)) => {
                self.report(
                    Diagnostic::new(
                        codes::SURPLUS_ARGUMENT,
                        with.key.span,
                        "a seed lists records or makes them, not both",
                    )
                    .help("write a second `- seed:` for the same store"),
                );
                return None;
            }
            (None, None) => {
                self.report(
                    Diagnostic::new(codes::MISSING_ARGUMENT, line.verb.span, "this seed puts nothing into its store")
                        .help("add `records: [{ … }]`, or `with: 500 of Citizen`"),
                );
                return None;
            }
        };
        if let (Type::Record(fields), Some(attr)) = (&record, attribute("key"))
            && let Some(ty) = fields.get(&key)
        {
            let span = attr.values.first().map_or(attr.span, |value| value.span);
            let ty = ty.clone();
            self.keys.push(KeyUse { part: part.clone(), store: store.clone(), ty, span });
        }
        Some(Seed { part, store, key, records, tag, retain, span: line.span })
    }

    /// `PART.STORE`, and the type of the store's records.
    fn seeded(&mut self, line: &Line<'_>) -> Option<(SmolStr, SmolStr, Type)> {
        let malformed = |span| {
            Diagnostic::new(codes::UNDECLARED_STORE, span, "a seed names a part and one of its stores")
                .help("write `seed: eligibility-svc.citizens`")
        };
        let Some(target) = line.values.first() else {
            self.report(malformed(line.verb.span));
            return None;
        };
        let written = dotted(target).map(|name| (name, target.span)).or_else(|| quoted_text(target));
        let Some((part, store, span)) =
            written.as_ref().and_then(|(name, span)| name.rsplit_once('.').map(|(part, store)| (part, store, *span)))
        else {
            self.report(malformed(target.span));
            return None;
        };
        // The two halves of the name have spans of their own.
        let boundary = u32::try_from(part.len()).unwrap_or(0);
        let part_span = Span { end: span.start + boundary, ..span };
        let store_span = Span { start: span.start + boundary + 1, ..span };
        let Some(outline) = self.outline.parts.get(part) else {
            let diagnostic = Diagnostic::new(codes::UNDECLARED_PART, part_span, format!("there is no part `{part}`"));
            let parts = self.outline.parts.keys().map(SmolStr::as_str);
            let diagnostic = suggest(diagnostic, part, part_span, "part", parts);
            self.report(diagnostic);
            return None;
        };
        let Some((record, _)) = outline.stores.get(store) else {
            let diagnostic =
                Diagnostic::new(codes::UNDECLARED_STORE, store_span, format!("`{part}` has no store `{store}`"))
                    .also(outline.name.span, "it is declared here");
            let stores = outline.stores.keys().map(SmolStr::as_str);
            let diagnostic = suggest(diagnostic, store, store_span, "store", stores);
            self.report(diagnostic);
            return None;
        };
        Some((part.into(), store.into(), record.clone()))
    }

    fn seed_key(
        &mut self,
        line: &Line<'_>,
        key: Option<&Attribute<'_>>,
        store: &str,
        record: &Type,
    ) -> Option<SmolStr> {
        let Some(key) = key else {
            self.report(
                Diagnostic::new(
                    codes::STORE_KEY,
                    line.verb.span,
                    "this seed does not say what its records are kept under",
                )
                .help("add `key:` with the name of one of the records' fields"),
            );
            return None;
        };
        let written = key
            .values
            .first()
            .and_then(|value| dotted(value).map(|name| (name, value.span)).or_else(|| quoted_text(value)));
        let Some((name, span)) = written else {
            self.report(
                Diagnostic::new(codes::STORE_KEY, key.span, "a seed's key is the name of a field")
                    .help("write the name of one of the records' fields"),
            );
            return None;
        };
        match record {
            Type::Record(fields) if !fields.contains_key(&name) => {
                let diagnostic =
                    Diagnostic::new(codes::STORE_KEY, span, format!("records in `{store}` have no field `{name}`"));
                let fields = fields.keys().map(SmolStr::as_str);
                let diagnostic = suggest(diagnostic, &name, span, "field", fields);
                self.report(diagnostic);
                None
            }
            _ => Some(name),
        }
    }

    /// `records: [{ … }, { … }]`
    fn listed(&mut self, attr: &Attribute<'_>, record: &Type) -> Option<SeedRecords> {
        let value = attr.value()?;
        let Ast::List(items) = &value.kind else {
            self.report(
                Diagnostic::new(codes::TYPE_MISMATCH, value.span, "a list of records is expected here")
                    .help("write `records: [{ id: \"1\" }]`"),
            );
            return None;
        };
        let mut records: Vec<Expr> = Vec::with_capacity(items.len());
        for item in items {
            // A field of another name is missing under its own; one cause, one error.
            if self.surplus_fields(item, record) {
                continue;
            }
            if let Some(value) = self.constant(item, record) {
                records.push(Expr::value(value, item.span));
            }
        }
        Some(SeedRecords::Listed(records))
    }

    /// Reports fields that the store's records do not have; whether there are any.
    fn surplus_fields(&mut self, item: &ast::Expr, record: &Type) -> bool {
        let (Ast::Record(given), Type::Record(fields)) = (&item.kind, record) else { return false };
        let known = self.diagnostics.len();
        for (name, _) in given.iter().filter(|(name, _)| !fields.contains_key(&name.text)) {
            let headline = format!("records of this store have no field `{}`", name.text);
            let diagnostic = Diagnostic::new(codes::UNKNOWN_FIELD, name.span, headline);
            let diagnostic = suggest(diagnostic, &name.text, name.span, "field", fields.keys().map(SmolStr::as_str));
            self.report(diagnostic);
        }
        self.diagnostics.len() > known
    }

    /// `with: 500 of Citizen`
    fn personas(&mut self, attr: &Attribute<'_>, store: &str, record: &Type, key: &SmolStr) -> Option<SeedRecords> {
        let value = attr.value()?;
        let Ast::Phrase(Phrase::Of, count, template) = &value.kind else {
            self.report(
                Diagnostic::new(codes::TYPE_MISMATCH, value.span, "a number of personas is expected here")
                    .help("write `with: 500 of Citizen`"),
            );
            return None;
        };
        let count = match self.constant(count, &Type::Int)? {
            Value::Int(number) => match u32::try_from(number) {
                Ok(number) if number > 0 => number,
                _ => {
                    self.report(Diagnostic::new(codes::BAD_VALUE, count.span, "there is at least one persona"));
                    return None;
                }
            },
            _ => return None,
        };
        let name = dotted(template)?;
        let (Some(compiled), Some(view)) = (self.context.template(&name), self.context.template_view(&name)) else {
            let diagnostic = Diagnostic::new(
                codes::UNKNOWN_PERSONA,
                template.span,
                format!("there is no persona template `{name}`"),
            );
            let names = self.context.template_names();
            let diagnostic =
                suggest(diagnostic, &name, template.span, "persona template", names.iter().map(SmolStr::as_str));
            self.report(diagnostic);
            return None;
        };
        let mut lacking: Vec<&str> = Vec::new();
        if let Type::Record(fields) = record {
            for (field, wanted) in fields.iter() {
                match view.fields.get(field) {
                    Some((_, own)) if fits(own, wanted) => {}
                    None if matches!(wanted, Type::Maybe(_)) => {}
                    _ => lacking.push(field),
                }
            }
        } else if !view.fields.contains_key(key) {
            lacking.push(key);
        }
        if !lacking.is_empty() {
            self.report(
                Diagnostic::new(
                    codes::SEED_TEMPLATE,
                    template.span,
                    format!("a `{name}` makes no record of `{store}`"),
                )
                .note(format!("the store's records need {}", list(&lacking)))
                .help("give the template fields of these names and types"),
            );
            return None;
        }
        Some(SeedRecords::Personas { count, template: compiled.clone() })
    }
}
