//! Events out as text and JSON. The only folder that names `serde`.
//!
//! Every format is a [`Report`] over `impl Write`: it hears events while they become known and writes the rest when
//! the last packet has been read. A report never prints on its own and never judges: it shows what it was told.

mod anonymous;
mod answer;
mod catalogue;
mod clock;
mod compare;
mod exchanges;
mod json;
mod kept;
mod markdown;
mod ndjson;
mod order;
mod selection;
mod text;
mod wireshark;

pub use anonymous::anonymous;
pub use catalogue::{CatalogueFormat, write_catalogue, write_rule};
use clock::Utc;
pub use clock::{Clock, TimeStyle, rfc3339};
pub use compare::{CompareFormat, Comparison, Side};
pub use exchanges::{ExchangeChoice, ExchangeFormat, ExchangeReport, StatsReport};
pub use json::JsonReport;
pub use kept::{Kept, Shown};
pub use markdown::MarkdownReport;
pub use ndjson::NdjsonReport;
pub use selection::{RuleChoice, Selection};
pub use text::{Paint, TextOptions, TextReport, no_redis_in_a_line, nothing_judged, printable};
pub use wireshark::frame_filter;

use crate::analyzer::{ConnectionsWanted, Event, Summary};
use crate::model::Timestamp;
use crate::source::InputReport;
use std::io::{self, Write};

/// An output format at work.
pub trait Report {
    /// Takes one event, in the order the analyzer gives them.
    ///
    /// # Errors
    /// What the writer says.
    fn event(&mut self, event: &Event) -> io::Result<()>;

    /// The first packet that is analysed is of this time.
    fn begin(&mut self, first: Timestamp) {
        let _ = first;
    }

    /// Hears how far the run is. Only streaming formats write it.
    ///
    /// # Errors
    /// What the writer says.
    fn progress(&mut self, progress: &Progress) -> io::Result<()> {
        let _ = progress;
        Ok(())
    }

    /// `false` once more events would not be shown (`-c N`): the caller may stop reading.
    fn wants_more(&self) -> bool {
        true
    }

    /// The last packet has been read. Writes what waits and flushes.
    ///
    /// # Errors
    /// What the writer says.
    fn finish(&mut self, summary: &Summary, inputs: &[InputReport]) -> io::Result<()>;
}

/// How far a run is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Capture time of the last packet.
    pub time: Option<Timestamp>,
    /// Packets read.
    pub packets: u64,
    /// Commands seen.
    pub commands: u64,
    /// Findings so far, those taken back left out.
    pub findings: u64,
    /// Packets lost by the kernel and the interface.
    pub dropped: u64,
}

/// The formats of `analyze` and `live`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    /// For people, in 80 columns.
    #[default]
    Text,
    /// One document, `redorder/1`.
    Json,
    /// One JSON object a line, written out at once.
    Ndjson,
    /// At most forty lines, to be pasted into an issue.
    Markdown,
}

impl Format {
    /// Every format, in help order.
    pub const ALL: [Format; 4] = [Format::Text, Format::Json, Format::Ndjson, Format::Markdown];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Json => "json",
            Format::Ndjson => "ndjson",
            Format::Markdown => "markdown",
        }
    }

    /// A report of this format that writes to `out`.
    pub fn report<'w, W: Write + 'w>(self, out: W, options: Options) -> Box<dyn Report + 'w> {
        match self {
            Format::Text => Box::new(TextReport::new(out, options)),
            Format::Json => Box::new(JsonReport::new(out, options)),
            Format::Ndjson => Box::new(NdjsonReport::new(out, options)),
            Format::Markdown => Box::new(MarkdownReport::new(out, options)),
        }
    }
}

/// What to show, the same for every format.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which findings.
    pub selection: Selection,
    /// Which connections.
    pub connections: ConnectionsWanted,
    /// Findings of one rule that a document lists. All of them are counted.
    pub findings: usize,
    /// What was typed, for formats that say where they come from; empty = not said.
    pub command_line: String,
    /// Inputs with a hash of their bytes, for formats that say where they come from: path, algorithm and hash.
    pub hashes: Vec<(String, String)>,
    /// How the text looks.
    pub text: TextOptions,
}

/// Findings of one rule in a document, unless asked otherwise.
pub const FINDINGS: usize = 1_000;

impl Default for Options {
    fn default() -> Self {
        Options {
            selection: Selection::default(),
            connections: ConnectionsWanted::default(),
            findings: FINDINGS,
            command_line: String::new(),
            hashes: Vec::new(),
            text: TextOptions::default(),
        }
    }
}
