//! Where journeys begin, for the checks of a scenario against its blueprint.

use scn_plan::{
    Blueprint,
    blueprint::{Frontend, PartKind},
};

/// The frontend that journeys begin at; none if the blueprint does not say what it shows.
pub(crate) fn entry(blueprint: &Blueprint) -> Option<&Frontend> {
    let part = blueprint.part(&blueprint.entry).filter(|part| part.is_open_book())?;
    match &part.kind {
        PartKind::Frontend(frontend) => Some(frontend),
        _ => None,
    }
}
