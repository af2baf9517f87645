//! `redorder exchanges`: every command with its reply, one line each.

mod again;
mod cell;
#[cfg(test)]
mod fixture;
mod line;
mod pile;
mod rows;
mod runs;
mod same;
mod stats;
mod table;
mod text;
mod window;

pub use stats::StatsReport;

use super::Report;
use super::clock::{Clock, TimeStyle};
use crate::analyzer::{Event, ExchangeLine, Summary};
use crate::model::Timestamp;
use crate::source::InputReport;
use again::Again;
use rows::{Ends, Rows};
use std::io::{self, Write};
use table::Table;

/// The formats of `exchanges`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ExchangeFormat {
    /// For people.
    #[default]
    Text,
    /// Tab-separated, one header line; tabs, line ends and backslashes are written `\t`, `\n`, `\r`, `\\`, other control
    /// characters `\x1b`.
    Tsv,
    /// One JSON object a line.
    Ndjson,
}

impl ExchangeFormat {
    /// Every format, in help order.
    pub const ALL: [ExchangeFormat; 3] = [
        ExchangeFormat::Text,
        ExchangeFormat::Tsv,
        ExchangeFormat::Ndjson,
    ];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            ExchangeFormat::Text => "text",
            ExchangeFormat::Tsv => "tsv",
            ExchangeFormat::Ndjson => "ndjson",
        }
    }
}

/// Which lines are shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ExchangeChoice {
    /// Only error replies.
    pub errors: bool,
    /// Only these commands, in capitals; none = all.
    pub commands: Vec<String>,
    /// Only commands with such an argument, as it is shown: a tag without its length, or the key itself with `--show keys`.
    pub keys: Vec<String>,
    /// Only exchanges that took at least this long, ns.
    pub min_latency_ns: Option<i64>,
    /// Stop after this many lines.
    pub count: Option<u64>,
}

impl ExchangeChoice {
    fn takes(&self, line: &ExchangeLine) -> bool {
        let error = || matches!(line.reply_type, Some("error" | "bulk-error"));
        let command = |name: &String| line.command.as_deref() == Some(name.as_str());
        let key = |key: &String| line.args.iter().any(|arg| is_key(arg, key));
        let slow = |least| line.latency_ns().is_some_and(|ns| ns >= least);
        (!self.errors || error())
            && (self.commands.is_empty() || self.commands.iter().any(command))
            && (self.keys.is_empty() || self.keys.iter().any(key))
            && self.min_latency_ns.is_none_or(slow)
    }
}

/// `key#1` means `<key#1 5B>`; anything else is the argument itself.
fn is_key(arg: &str, key: &str) -> bool {
    let tag = arg
        .strip_prefix('<')
        .and_then(|rest| rest.split(' ').next());
    arg == key || tag == Some(key)
}

/// Writes a line per [`Event::Exchange`], in the order of the commands.
#[derive(Debug)]
pub struct ExchangeReport<W> {
    page: Page<W>,
    maker: Maker,
    choice: ExchangeChoice,
    /// Where rows wait for those that belong in front of them; `None` = they come with their replies.
    waiting: Option<Rows>,
    /// Rows that were taken back when they had been written.
    again: Again,
    /// The header of a table has been written.
    begun: bool,
    /// The row that is written at once.
    row: Vec<u8>,
}

/// Makes the row of a line.
#[derive(Debug)]
struct Maker {
    format: ExchangeFormat,
    clock: Clock,
    table: Table,
}

impl Maker {
    fn make(&mut self, row: &mut Vec<u8>, line: &ExchangeLine) -> io::Result<Ends> {
        match self.format {
            ExchangeFormat::Text => {
                let ends = text::write(row, &mut self.clock, line)?;
                return Ok(Some(ends));
            }
            ExchangeFormat::Tsv => self.table.write(row, line),
            ExchangeFormat::Ndjson => line::write_json(row, line)?,
        }
        Ok(None)
    }
}

/// Where rows are written.
#[derive(Debug)]
struct Page<W> {
    out: W,
    /// Every line is written out at once.
    prompt: bool,
    written: u64,
    /// Columns of the ends of a connection in text.
    ends: u32,
    ragged: bool,
}

impl<W: Write> Page<W> {
    /// There will be a row with such ends.
    fn make_room(&mut self, ends: Ends) {
        if let Some((_, width)) = ends.filter(|_| !self.ragged) {
            self.ends = self.ends.max(width);
        }
    }

    fn write(&mut self, ends: Ends, row: &[u8]) -> io::Result<()> {
        self.written += 1;
        match ends {
            Some((at, width)) => {
                let (front, behind) = row.split_at(row.len().min(at as usize));
                let gap = self.ends.saturating_sub(width) as usize;
                self.out.write_all(front)?;
                write!(self.out, "{:gap$}", "")?;
                self.out.write_all(behind)?;
            }
            None => self.out.write_all(row)?,
        }
        if self.prompt {
            self.out.flush()
        } else {
            Ok(())
        }
    }
}

impl<W: Write> ExchangeReport<W> {
    /// A report that writes to `out`.
    pub fn new(out: W, format: ExchangeFormat, choice: ExchangeChoice, time: TimeStyle) -> Self {
        ExchangeReport {
            page: Page {
                out,
                prompt: false,
                written: 0,
                ends: 0,
                ragged: false,
            },
            maker: Maker {
                format,
                clock: Clock::new(time, None),
                table: Table::new(),
            },
            choice,
            waiting: Some(Rows::new(format == ExchangeFormat::Text)),
            again: Again::default(),
            begun: false,
            row: Vec::new(),
        }
    }

    /// Flushes every line: somebody reads along.
    #[must_use]
    pub fn prompt(mut self, prompt: bool) -> Self {
        self.page.prompt = prompt;
        self
    }

    /// Does not align the lines: addresses will be replaced in them, and the gaps would tell how long they were.
    #[must_use]
    pub fn ragged(mut self) -> Self {
        self.page.ragged = true;
        self
    }

    /// Writes a line as soon as its reply is there, in that order: what is read goes on for as long as it is watched.
    #[must_use]
    pub fn unordered(self) -> Self {
        ExchangeReport {
            waiting: None,
            ..self
        }
    }

    fn header(&mut self) -> io::Result<()> {
        if self.maker.format == ExchangeFormat::Tsv && !self.begun {
            writeln!(self.page.out, "{}", table::COLUMNS.join("\t"))?;
        }
        self.begun = true;
        Ok(())
    }

    /// Lets the row of a line wait, or writes it.
    fn put(&mut self, line: &ExchangeLine) -> io::Result<()> {
        let (maker, page) = (&mut self.maker, &mut self.page);
        let Some(rows) = &mut self.waiting else {
            self.row.clear();
            let ends = maker.make(&mut self.row, line)?;
            page.make_room(ends);
            return page.write(ends, &self.row);
        };
        rows.put(line, |row| {
            let ends = maker.make(row, line)?;
            page.make_room(ends);
            Ok(ends)
        })
    }

    /// Writes the rows that need not wait any longer; at the end none needs to.
    fn release(&mut self, all: bool) -> io::Result<()> {
        while self.wants_more()
            && let Some(rows) = &mut self.waiting
            && let Some((ends, row)) = rows.next(all)
        {
            self.page.write(ends, row)?;
        }
        Ok(())
    }
}

impl<W: Write> Report for ExchangeReport<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        let Event::Exchange(line) = event else {
            return Ok(());
        };
        if !self.wants_more() || self.again.is_told(line) || !self.choice.takes(line) {
            return Ok(());
        }
        if line.taken_back {
            let waits = self.waiting.as_mut().is_some_and(|r| r.take_back(line));
            if !waits {
                self.again.stands(line);
            }
            return Ok(());
        }
        self.header()?;
        self.put(line)?;
        self.release(false)
    }

    fn begin(&mut self, first: Timestamp) {
        self.maker.clock.start_at(first);
    }

    fn wants_more(&self) -> bool {
        self.choice
            .count
            .is_none_or(|most| self.page.written < most)
    }

    fn finish(&mut self, _: &Summary, _: &[InputReport]) -> io::Result<()> {
        self.header()?;
        self.release(true)?;
        self.page.out.flush()
    }
}
