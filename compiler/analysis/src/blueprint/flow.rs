//! Where journeys begin, for the checks of a scenario against its blueprint.

use scn_plan::{
    Blueprint,
    blueprint::{Frontend, PartKind},
};

/// The frontend that journeys begin at.
pub(crate) fn entry(blueprint: &Blueprint) -> Option<&Frontend> {
    match &blueprint.part(&blueprint.entry)?.kind {
        PartKind::Frontend(frontend) => Some(frontend),
        _ => None,
    }
}
