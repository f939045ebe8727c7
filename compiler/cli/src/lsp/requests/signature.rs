//! Which arguments a call takes, while it is being written.

use gen_lsp_types::{
    ActiveParameter, Documentation, MarkupContent, MarkupKind, ParameterInformation, ParameterInformationLabel,
    Position, SignatureHelp, SignatureInformation,
};
use scn_analysis::editor::{self, Argument, Declared};
use scn_grammar::ast::Keyword;

use super::{
    completion::{Sight, visible},
    meaning::of_prelude,
};

/// The signature of the call, the metric or the verb around a place, and which of its parameters is meant there.
pub(super) fn help(sight: &Sight<'_>, position: Position) -> Option<SignatureHelp> {
    let document = sight.document;
    let offset = document.places.offset(position, &document.text, sight.encoding);
    let call = editor::call(&document.text, offset)?;
    let signature = match of_prelude(call.keyword, &call.callee) {
        Some(declared) => information(declared, &call.argument),
        None => {
            let keyword = if call.keyword == Keyword::Probe { Keyword::Probe } else { Keyword::Flow };
            let mut seen = visible(sight).into_iter();
            let found = seen.find(|seen| seen.declared.keyword == keyword && seen.name == call.callee)?;
            information(&found.declared, &call.argument)
        }
    };
    Some(SignatureHelp { signatures: vec![signature], active_signature: Some(0), active_parameter: None })
}

fn information(declared: &Declared, argument: &Argument) -> SignatureInformation {
    let active = match argument {
        Argument::Named(name) => declared.param(name),
        Argument::Unnamed => None,
        // What is repeated is the last.
        Argument::Position(at) if declared.signature.contains("...") => {
            Some((*at).min(declared.params.len().saturating_sub(1)))
        }
        Argument::Position(at) => Some(*at).filter(|at| *at < declared.params.len()),
    };
    let parameters = declared.params.iter().map(|(name, ty)| ParameterInformation {
        label: ParameterInformationLabel::String(format!("{name}: {ty}")),
        documentation: None,
    });
    let value = declared.doc.clone();
    SignatureInformation {
        label: declared.signature.clone(),
        documentation: (!value.is_empty())
            .then_some(Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })),
        parameters: Some(parameters.collect()),
        active_parameter: active.and_then(|at| u32::try_from(at).ok()).map(ActiveParameter::Int),
    }
}
