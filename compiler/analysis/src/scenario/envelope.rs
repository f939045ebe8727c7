//! Envelopes that a journey sends to another agency.

use scn_diagnostics::{Diagnostic, codes};
use scn_plan::blueprint::PartKind;
use smol_str::SmolStr;

use super::steps::Steps;
use crate::{
    content::{self, given, written},
    expr::{Bound, quoted_text},
    index::Meaning,
    line::Line,
    signatures::{Signature, suggest},
    types::Type,
};

impl Steps<'_, '_, '_> {
    /// Makes `signature` ask for what the partner wants in the envelope that `line` sends, and yields that. A partner or a
    /// schema that the sandbox does not have is reported.
    pub(super) fn expect_envelope(&mut self, signature: &mut Signature, line: &Line<'_>) -> Option<Type> {
        let blueprint = self.lowering.blueprint?;
        let (name, at) = given(line, 1, "to").and_then(written)?;
        let partners = || {
            blueprint.parts.values().filter(|part| matches!(part.kind, PartKind::Partner(_))).map(|part| &*part.name)
        };
        let Some(part) = blueprint.part(&name) else {
            let found = Diagnostic::new(codes::UNKNOWN_PART, at, format!("the sandbox has no partner `{name}`"));
            self.lowering.report(suggest(found, &name, at, "partner", partners()));
            return None;
        };
        let PartKind::Partner(partner) = &part.kind else {
            let headline = format!("`{name}` is a {}, and envelopes are sent to partners", part.kind.noun());
            let found = Diagnostic::new(codes::WRONG_PART, at, headline).also(part.span, "it is declared here");
            let known: Vec<&str> = partners().collect();
            self.lowering.report(match known.as_slice() {
                [] => found.help("the sandbox has no partner: declare one, such as `partner IRS:`"),
                known => found.help(format!("its partners are {}", crate::signatures::list(known))),
            });
            return None;
        };
        if !part.is_open_book() {
            return None;
        }
        let (schema, span) = given(line, 2, "schema").and_then(quoted_text)?;
        let Some(envelope) = partner.envelopes.get(&schema) else {
            let schemas = partner.envelopes.keys().map(SmolStr::as_str);
            let found = content::unknown_schema(&name, part.span, (&schema, span), schemas);
            self.lowering.report(found);
            return None;
        };
        self.scope.notes.note(span, || Meaning::Declared(envelope.span));
        let payload = Type::of_shape(envelope.payload.as_ref()?);
        content::expect(signature, "payload", &payload);
        Some(payload)
    }

    /// The payload must have every field that the partner requires.
    pub(super) fn check_payload(&mut self, bound: &Bound, wanted: &Type) {
        if let Some(found) = bound.call.arg("payload").and_then(|payload| content::lacking(payload, wanted)) {
            self.lowering.report(found);
        }
    }
}
