//! Styles by meaning. Without colour the same meanings are told by weight alone; a word or glyph always says it too.

use crate::rules::Severity;
use ratatui::style::{Color, Modifier, Style};

/// What a piece of the screen means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// Nothing special.
    Plain,
    /// A finding of this severity.
    Severity(Severity),
    /// The selected row.
    Selected,
    /// A heading.
    Heading,
    /// Less important.
    Quiet,
    /// AUTH, its reply, and the window between them.
    Window,
    /// A command sent inside the window, and its reply.
    Blind,
    /// The border of the pane that takes the keys.
    Focus,
    /// Something was not seen or not read.
    Loss,
}

/// Turns meanings into styles.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Theme {
    /// No colours, as `NO_COLOR` asks for.
    pub mono: bool,
}

impl Theme {
    /// The style of `meaning`. Only the sixteen basic colours, which every terminal palette defines.
    pub fn style(self, meaning: Meaning) -> Style {
        let weight = Style::new().add_modifier(weight(meaning));
        if self.mono {
            weight
        } else {
            weight.patch(colour(meaning))
        }
    }
}

fn weight(meaning: Meaning) -> Modifier {
    match meaning {
        Meaning::Selected => Modifier::REVERSED,
        Meaning::Heading
        | Meaning::Focus
        | Meaning::Loss
        | Meaning::Blind
        | Meaning::Severity(Severity::Error) => Modifier::BOLD,
        Meaning::Quiet => Modifier::DIM,
        Meaning::Plain | Meaning::Window | Meaning::Severity(_) => Modifier::empty(),
    }
}

fn colour(meaning: Meaning) -> Style {
    let style = Style::new();
    match meaning {
        Meaning::Severity(Severity::Error) | Meaning::Blind => style.fg(Color::Red),
        Meaning::Severity(Severity::Warning) | Meaning::Loss => style.fg(Color::Yellow),
        Meaning::Severity(Severity::Note) => style.fg(Color::Blue),
        Meaning::Window | Meaning::Focus => style.fg(Color::Cyan),
        Meaning::Plain | Meaning::Selected | Meaning::Heading | Meaning::Quiet => style,
    }
}

/// The glyph in front of the severity's word.
pub(super) const fn glyph(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "✗",
        Severity::Warning => "▲",
        Severity::Note => "○",
    }
}
