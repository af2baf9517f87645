//! `redorder compare`: the same questions to two captures, side by side.

mod comparison;
mod json;
mod text;

pub use comparison::{Comparison, Side};

use super::anonymous::without_addresses;
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

    /// Writes it with `client-1`, `proxy-1` and the like for addresses. The same end is called the same on both sides.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_anonymous(&self, out: &mut impl Write, format: CompareFormat) -> io::Result<()> {
        let runs = [self.before, self.after].map(|side| &side.summary);
        without_addresses(out, runs, |out| self.write(out, format))
    }
}
