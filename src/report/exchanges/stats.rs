//! `redorder exchanges --stats`: a row for each command instead of a line for each exchange.

use super::ExchangeChoice;
use super::again::Again;
use crate::analyzer::{Event, ExchangeLine, LineKind, Summary};
use crate::legs::Latency;
use crate::model::span;
use crate::report::Report;
use crate::report::text::printable;
use crate::source::InputReport;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Commands with a row of their own; unknown first words come from the wire, so there may be many.
const COMMANDS: usize = 1_000;
/// Columns of a command's name.
const NAME: usize = 16;

/// Counts what [`super::ExchangeReport`] would list.
#[derive(Debug)]
pub struct StatsReport<W> {
    out: W,
    choice: ExchangeChoice,
    rows: BTreeMap<String, Row>,
    /// What was counted and taken back: the first telling counts.
    again: Again,
    /// Lines of commands that found no room.
    dropped: u64,
}

#[derive(Debug, Default)]
struct Row {
    count: u64,
    errors: u64,
    unanswered: u64,
    /// Bytes of the commands on the wire.
    sent: u64,
    /// Bytes of their replies.
    received: u64,
    latency: Latency,
}

impl<W: Write> StatsReport<W> {
    /// A report that writes to `out`.
    pub fn new(out: W, choice: ExchangeChoice) -> Self {
        StatsReport {
            out,
            choice,
            rows: BTreeMap::new(),
            again: Again::default(),
            dropped: 0,
        }
    }

    fn add(&mut self, name: &str, line: &ExchangeLine) {
        if self.rows.len() >= COMMANDS && !self.rows.contains_key(name) {
            self.dropped += 1;
            return;
        }
        let row = self.rows.entry(name.to_owned()).or_default();
        row.count += 1;
        row.errors += u64::from(matches!(line.reply_type, Some("error" | "bulk-error")));
        row.unanswered += u64::from(line.kind == LineKind::Unanswered);
        row.sent += u64::from(line.command_bytes.unwrap_or_default());
        row.received += u64::from(line.reply_bytes.unwrap_or_default());
        if let Some(ns) = line.latency_ns() {
            row.latency.record(ns);
        }
    }
}

impl<W: Write> Report for StatsReport<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        if let Event::Exchange(line) = event
            && let Some(name) = &line.command
            && !self.again.is_told(line)
            && self.choice.takes(line)
        {
            match line.taken_back {
                true => self.again.stands(line),
                false => self.add(name, line),
            }
        }
        Ok(())
    }

    fn finish(&mut self, _: &Summary, _: &[InputReport]) -> io::Result<()> {
        writeln!(
            self.out,
            "{:NAME$} {:>9} {:>8} {:>9} {:>9} {:>9} {:>9} {:>11} {:>11}",
            "command", "count", "errors", "no reply", "p50", "p99", "max", "sent", "received"
        )?;
        let mut rows: Vec<(&String, &Row)> = self.rows.iter().collect();
        rows.sort_by_key(|(name, row)| (Reverse(row.count), (*name).clone()));
        for (name, row) in rows {
            let about = if row.latency.is_exact() { "" } else { "~" };
            let time = |ns: Option<i64>, about: &str| {
                ns.map_or_else(|| "-".to_owned(), |ns| format!("{about}{}", span(ns)))
            };
            let max = (row.latency.count() > 0).then(|| row.latency.max());
            writeln!(
                self.out,
                "{:NAME$} {:>9} {:>8} {:>9} {:>9} {:>9} {:>9} {:>11} {:>11}",
                printable(name),
                row.count,
                row.errors,
                row.unanswered,
                time(row.latency.told(50), about),
                time(row.latency.told(99), about),
                time(max, ""),
                format!("{}B", row.sent),
                format!("{}B", row.received)
            )?;
        }
        if self.dropped > 0 {
            writeln!(self.out, "and {} lines of further commands", self.dropped)?;
        }
        self.out.flush()
    }
}
