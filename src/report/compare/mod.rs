//! `redorder compare`: the same questions to two captures, side by side.

mod comparison;
mod json;
mod text;

pub use comparison::{Comparison, Side};

use std::io::{self, Write};

/// The formats of `compare`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CompareFormat {
    /// For people.
    #[default]
    Text,
    /// One document, `redorder-compare/1`.
    Json,
    /// Tables, to be pasted into an issue.
    Markdown,
}

impl CompareFormat {
    /// Every format, in help order.
    pub const ALL: [CompareFormat; 3] = [
        CompareFormat::Text,
        CompareFormat::Json,
        CompareFormat::Markdown,
    ];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            CompareFormat::Text => "text",
            CompareFormat::Json => "json",
            CompareFormat::Markdown => "markdown",
        }
    }
}

impl Comparison<'_> {
    /// Writes it.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, out: &mut impl Write, format: CompareFormat) -> io::Result<()> {
        match format {
            CompareFormat::Text => text::write(out, self),
            CompareFormat::Markdown => text::write_markdown(out, self),
            CompareFormat::Json => json::write(out, self),
        }
    }
}
