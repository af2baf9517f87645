//! Colours by meaning. The words say the same without them.

use crate::rules::Severity;

/// Colours on or off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Paint {
    on: bool,
}

/// What a colour stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    Error,
    Warning,
    Note,
    Good,
    Heading,
    Aside,
}

impl Meaning {
    pub(super) const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Error => Meaning::Error,
            Severity::Warning => Meaning::Warning,
            Severity::Note => Meaning::Note,
        }
    }

    /// Parameters of the SGR sequence (ECMA-48), from the sixteen colours every terminal has.
    const fn code(self) -> &'static str {
        match self {
            Meaning::Error => "1;31",
            Meaning::Warning => "33",
            Meaning::Note => "36",
            Meaning::Good => "32",
            Meaning::Heading => "1",
            Meaning::Aside => "2",
        }
    }
}

impl Paint {
    /// With colours or without.
    pub const fn new(on: bool) -> Self {
        Paint { on }
    }

    pub(super) fn of(self, meaning: Meaning, text: &str) -> String {
        if self.on && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", meaning.code())
        } else {
            text.to_owned()
        }
    }
}
