//! `--format ndjson` of `analyze` and `live`: one JSON object a line, written out at once.

use super::json::{Connection, Finding, Input, SCHEMA, Totals, Visible};
use super::{Kept, Options, Progress, Report, rfc3339};
use crate::analyzer::{ConnectionReport, ConnectionsWanted, Event, Summary};
use crate::model::ConnectionId;
use crate::rules;
use crate::source::InputReport;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Writes each event as a line of its own.
#[derive(Debug)]
pub struct NdjsonReport<W> {
    out: W,
    options: Options,
    kept: Kept,
    /// Ids that have been written: their later revisions follow, whatever the selection says of them.
    written: BTreeSet<String>,
    /// Connections that they name.
    named: BTreeSet<ConnectionId>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Finding(Box<FindingLine<'a>>),
    Connection(Box<ConnectionLine<'a>>),
    Progress(ProgressLine),
    Summary(Box<SummaryLine<'a>>),
}

#[derive(Serialize)]
struct ConnectionLine<'a> {
    schema: &'static str,
    #[serde(flatten)]
    connection: Connection<'a>,
}

#[derive(Serialize)]
struct FindingLine<'a> {
    schema: &'static str,
    #[serde(flatten)]
    finding: Finding<'a>,
    client: Option<String>,
    server: Option<String>,
    revision: u32,
    #[serde(rename = "final")]
    is_final: bool,
    withdrawn: bool,
}

#[derive(Serialize)]
struct ProgressLine {
    schema: &'static str,
    time: Option<String>,
    packets: u64,
    commands: u64,
    findings: u64,
    dropped: u64,
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    schema: &'static str,
    totals: Totals<'a>,
    inputs: Vec<Input<'a>>,
}

impl<W: Write> NdjsonReport<W> {
    /// A report that writes to `out`.
    pub fn new(out: W, options: Options) -> Self {
        NdjsonReport {
            out,
            options,
            kept: Kept::default(),
            written: BTreeSet::new(),
            named: BTreeSet::new(),
        }
    }

    /// A finding that was written names it, or all are asked for.
    fn wants(&self, connection: &ConnectionReport) -> bool {
        self.options.connections == ConnectionsWanted::All || self.named.contains(&connection.id)
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        serde_json::to_writer(Visible(&mut self.out), line)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }

    fn finding(&mut self, finding: &rules::Finding) -> io::Result<()> {
        let known = self.written.contains(&finding.id);
        let news = !finding.withdrawn && self.options.selection.shows(finding);
        if !known && !news {
            return Ok(());
        }
        self.written.insert(finding.id.clone());
        self.named.extend(&finding.connections);
        self.line(&Line::Finding(Box::new(FindingLine {
            schema: SCHEMA,
            finding: Finding::new(finding),
            client: finding.client.map(|e| e.to_string()),
            server: finding.server.map(|e| e.to_string()),
            revision: finding.revision,
            is_final: finding.is_final,
            withdrawn: finding.withdrawn,
        })))
    }
}

impl<W: Write> Report for NdjsonReport<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Finding(finding) => {
                self.kept.apply(event);
                self.finding(finding)
            }
            Event::Connection(c) if !self.wants(c) => Ok(()),
            Event::Connection(connection) => {
                self.line(&Line::Connection(Box::new(ConnectionLine {
                    schema: SCHEMA,
                    connection: Connection::new(connection),
                })))
            }
            Event::Exchange(_) => Ok(()),
        }
    }

    fn progress(&mut self, progress: &Progress) -> io::Result<()> {
        self.line(&Line::Progress(ProgressLine {
            schema: SCHEMA,
            time: progress.time.map(rfc3339),
            packets: progress.packets,
            commands: progress.commands,
            findings: progress.findings,
            dropped: progress.dropped,
        }))
    }

    fn finish(&mut self, summary: &Summary, inputs: &[InputReport]) -> io::Result<()> {
        self.kept.end();
        let by_rule = self.kept.shown(&self.options.selection).by_rule;
        self.line(&Line::Summary(Box::new(SummaryLine {
            schema: SCHEMA,
            totals: Totals::new(&summary.totals, by_rule),
            inputs: Input::all(inputs, summary),
        })))
    }
}
