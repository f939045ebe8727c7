//! Controls of forms and their state.

use scn_plan::{FileSpec, Labels};

/// A control.
#[derive(Clone, Debug)]
pub(crate) struct Control {
    /// What a browser knows it by.
    pub(crate) node: Option<u32>,
    /// The form that it belongs to: an index into the page's forms.
    pub(crate) form: Option<usize>,
    /// Its `name`; empty without one.
    pub(crate) name: String,
    /// How sensitive it is, and what has been entered.
    pub(crate) labels: Labels,
    /// Whether it, or a field set around it, is disabled.
    pub(crate) disabled: bool,
    /// Whether a browser does not show it.
    pub(crate) unseen: bool,
    /// Whether it shows its value but takes no other.
    pub(crate) read_only: bool,
    /// What it is and holds.
    pub(crate) kind: Kind,
}

/// What a control is and holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Submitted, never seen.
    Hidden(String),
    /// One line of text, or something that is written like one (a date, a colour, …).
    Line(String),
    /// Lines of text.
    Lines(String),
    /// A box to tick.
    Checkbox {
        /// What is submitted when it is ticked.
        value: String,
        /// Whether it is ticked.
        checked: bool,
    },
    /// One of the buttons of the same name in a form, of which one is chosen.
    Radio {
        /// What is submitted when it is chosen.
        value: String,
        /// The text beside it.
        label: String,
        /// Whether it is chosen.
        checked: bool,
    },
    /// A list of options.
    Select {
        /// The options in document order.
        options: Vec<Choice>,
        /// Whether several can be chosen at once.
        multiple: bool,
    },
    /// Files to upload.
    File(Vec<FileSpec>),
    /// A button that submits the form.
    Submit(Button),
    /// A button that sets the form back.
    Reset(Button),
    /// A button that only a script would give a meaning.
    Inert(Button),
}

/// An option of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What is submitted when it is chosen.
    pub(crate) value: String,
    /// The text that is seen.
    pub(crate) label: String,
    /// Whether it is chosen.
    pub(crate) selected: bool,
    /// Whether it cannot be chosen.
    pub(crate) disabled: bool,
}

/// What a button carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Button {
    /// The text on it.
    pub(crate) label: String,
    /// What is submitted under its name.
    pub(crate) value: String,
    /// Whether it is an image, which submits coordinates instead.
    pub(crate) image: bool,
    /// Its `formaction`.
    pub(crate) action: Option<String>,
    /// Its `formmethod`.
    pub(crate) method: Option<String>,
    /// Its `formenctype`.
    pub(crate) enctype: Option<String>,
}

impl Control {
    /// Whether a person can enter something here.
    pub(crate) fn takes_input(&self) -> bool {
        let kind = !matches!(self.kind, Kind::Hidden(_) | Kind::Submit(_) | Kind::Reset(_) | Kind::Inert(_));
        // What takes these is often drawn by something else.
        let drawn_otherwise = matches!(self.kind, Kind::File(_) | Kind::Checkbox { .. } | Kind::Radio { .. });
        kind && !self.disabled && !self.read_only && (drawn_otherwise || !self.unseen)
    }

    /// Name and kind for messages; none if no one can act on it.
    pub(super) fn describe(&self) -> Option<String> {
        let (name, kind) = match &self.kind {
            Kind::Hidden(_) => return None,
            Kind::Line(_) | Kind::Lines(_) => (&self.name, "text"),
            Kind::Checkbox { .. } => (&self.name, "checkbox"),
            Kind::Radio { .. } => (&self.name, "radio"),
            Kind::Select { .. } => (&self.name, "list"),
            Kind::File(_) => (&self.name, "file"),
            Kind::Submit(button) | Kind::Reset(button) | Kind::Inert(button) => (&button.label, "button"),
        };
        let state = if self.disabled { ", disabled" } else { "" };
        Some(format!("{name} ({kind}{state})"))
    }
}
