//! What a file declares, with its types, for documentation.

use std::sync::Arc;

use scn_plan::Labels;

use crate::{constants::Constants, persona::Personas, scope::Binding, types::Type};

/// The constants and persona templates that a compiled file declares or uses.
#[derive(Debug, Default)]
pub struct Declared {
    constants: Arc<Constants>,
    personas: Personas,
}

/// The type of a persona's field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldType {
    /// As it is written.
    pub ty: String,
    /// How sensitive it is.
    pub labels: Labels,
}

impl Declared {
    pub(crate) fn new(constants: &[Arc<Constants>], personas: Personas) -> Self {
        Self { constants: constants.first().cloned().unwrap_or_default(), personas }
    }

    /// The type and the value of a constant, as they are written. A value that is sensitive is redacted.
    pub fn constant(&self, name: &str) -> Option<(String, String)> {
        let (binding, ty) = self.constants.get(name)?;
        match binding {
            Binding::Const(value) if !matches!(ty, Type::Error) => {
                Some((ty.to_string(), value.as_value()?.to_string()))
            }
            _ => None,
        }
    }

    /// The type of the field `field` of the template `template`, its own or an inherited one; without one, its value has
    /// a mistake.
    pub fn field(&self, template: &str, field: &str) -> Option<FieldType> {
        let (_, ty) = self.personas.visible(0, template)?.fields.get(field)?;
        let labels = ty.labels();
        match ty {
            Type::Error => None,
            _ => Some(FieldType { ty: ty.to_string(), labels }),
        }
    }

    /// The names of the fields that `template` has, inherited ones first.
    pub fn fields(&self, template: &str) -> Vec<&str> {
        let info = self.personas.visible(0, template);
        info.into_iter().flat_map(|info| info.fields.keys()).map(|name| name.as_str()).collect()
    }
}
