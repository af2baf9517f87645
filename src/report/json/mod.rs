//! `--format json`: one document of version `redorder/1`.
//!
//! The structs here are the published shape. Nothing internal derives `Serialize`, so that a change inside can not
//! change what scripts read. Key order, names and meanings are in `docs/JSON.md`.

mod clients;
mod codes;
mod connection;
mod coverage;
mod document;
mod finding;
mod page;
mod pretty;
mod serializer;
mod visible;

pub(super) use connection::Connection;
pub(super) use document::{Input, SCHEMA, Totals};
pub(super) use finding::{At, Finding};
pub(super) use pretty::write as write_pretty;
pub(super) use visible::Visible;

use super::answer::Answer;
use super::{Kept, Options, Report};
use crate::analyzer::{Event, Summary};
use crate::source::InputReport;
use document::Document;
use std::io::{self, Write};

/// Keeps findings and connections and writes one document at the end.
#[derive(Debug)]
pub struct JsonReport<W> {
    out: W,
    options: Options,
    kept: Kept,
}

impl<W: Write> JsonReport<W> {
    /// A report that writes to `out`.
    pub fn new(out: W, options: Options) -> Self {
        JsonReport {
            out,
            kept: Kept::new(options.findings, options.connections),
            options,
        }
    }
}

impl<W: Write> Report for JsonReport<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.kept.apply(event);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary, inputs: &[InputReport]) -> io::Result<()> {
        self.kept.end();
        let answer = Answer::new(&self.kept, &self.options, summary, inputs);
        let document = Document::new(&answer);
        pretty::write(&mut self.out, &document)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}
