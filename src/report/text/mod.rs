//! `--format text`: the report for people, in 80 columns.
//!
//! Findings come at the end, the worst first; a live run also tells each one in a line as it becomes known.

mod finding;
mod healthy;
pub use healthy::{no_redis_in_a_line, nothing_judged};
pub use wrap::printable;
mod ladder;
mod paint;
mod story;
mod tally;
mod wrap;

pub use paint::Paint;
pub(super) use wrap::wrapped;

use super::clock::{Clock, TimeStyle};
use super::{Kept, Options, Report, Shown};
use crate::analyzer::{ConnectionsWanted, Event, Summary};
use crate::model::{ConnectionId, PacketRef, Timestamp};
use crate::rules::{self, Severity};
use crate::source::InputReport;
use paint::Meaning;
use std::io::{self, Write};

/// Columns of the report.
const WIDTH: usize = 80;

/// How the text looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextOptions {
    /// Colours.
    pub paint: Paint,
    /// Times.
    pub time: TimeStyle,
    /// Show every finding in full (`-v`).
    pub verbose: bool,
    /// Tell each finding in one line at once (`live`).
    pub live: bool,
    /// No tally and no praise, findings only (`-q`).
    pub quiet: bool,
}

/// Keeps findings and connections and writes the report at the end.
#[derive(Debug)]
pub struct TextReport<W> {
    out: W,
    options: Options,
    kept: Kept,
    clock: Clock,
}

/// What every part of the text needs to know.
pub(super) struct Page<'a> {
    paint: Paint,
    clock: &'a Clock,
    kept: &'a Kept,
    verbose: bool,
    /// With several inputs a packet needs its file.
    several_inputs: bool,
}

impl Page<'_> {
    /// `#4`, or `[1]#4` where there are several inputs.
    fn packet(&self, at: PacketRef) -> String {
        if self.several_inputs {
            format!("[{}]#{}", at.file(), at.number())
        } else {
            format!("#{}", at.number())
        }
    }

    fn time(&self, time: Timestamp) -> String {
        self.clock.show(time)
    }

    /// `connection 3  10.0.0.1:40000 -> 10.0.0.2:6379  tcp.stream 3`
    fn connection(&self, id: ConnectionId) -> String {
        let Some(c) = self.kept.connection(id) else {
            return format!("connection {}", id.0);
        };
        let mut text = format!("connection {}  {} -> {}", id.0, c.client, c.server);
        let vantage = c.vantages.iter().find_map(|v| v.tcp_stream);
        if let Some(stream) = vantage {
            text.push_str(&format!("  tcp.stream {stream}"));
        }
        text
    }
}

impl<W: Write> TextReport<W> {
    /// A report that writes to `out`.
    pub fn new(out: W, options: Options) -> Self {
        TextReport {
            out,
            kept: Kept::default(),
            clock: Clock::new(options.text.time, None),
            options,
        }
    }

    fn announce(&mut self, finding: &rules::Finding) -> io::Result<()> {
        if !self.options.selection.shows(finding) {
            return Ok(());
        }
        self.clock.start_at(finding.first.time);
        let news = match (finding.withdrawn, finding.revision) {
            (true, _) => " (taken back)",
            (false, 0 | 1) => "",
            (false, _) => " (updated)",
        };
        let severity = self
            .options
            .text
            .paint
            .of(Meaning::of(finding.severity), finding.severity.name());
        let when = self.clock.show(finding.first.time);
        let title = printable(&finding.title);
        writeln!(
            self.out,
            "{when}  {severity} {}{news}: {title}",
            finding.rule
        )?;
        self.out.flush()
    }
}

impl<W: Write> Report for TextReport<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        if let Event::Finding(finding) = event
            && self.options.text.live
            && self.kept.is_news(finding)
        {
            self.announce(finding)?;
        }
        self.kept.apply(event);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary, inputs: &[InputReport]) -> io::Result<()> {
        if let Some((first, _)) = summary.span {
            self.clock.start_at(first);
        }
        let shown = self
            .kept
            .shown(&self.options.selection, self.options.connections);
        let page = Page {
            paint: self.options.text.paint,
            clock: &self.clock,
            kept: &self.kept,
            verbose: self.options.text.verbose,
            several_inputs: inputs.len() > 1,
        };
        let mut text = String::new();
        story::write(&mut text, &page, &shown.findings);
        if self.options.connections == ConnectionsWanted::All {
            tally::connections(&mut text, &page, &shown.connections);
        }
        if !self.options.text.quiet {
            conclusion(&mut text, &page, &shown, summary);
            tally::write(&mut text, &page, summary, inputs, &shown);
        }
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

/// Says in a sentence or two what the findings leave open: nothing wrong, or nothing to judge.
fn conclusion(text: &mut String, page: &Page<'_>, shown: &Shown<'_>, summary: &Summary) {
    let wrong = shown.findings.iter().any(|f| f.severity > Severity::Note);
    if summary.totals.redis_connections == 0 {
        healthy::no_redis(text, page, summary);
    } else if !wrong {
        healthy::all_well(text, page, shown, summary);
    }
}
