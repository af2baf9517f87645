//! `--format text`: the report for people, in 80 columns.
//!
//! The verdict comes first and last, so that it is seen in a pager and in a terminal. Between them: why it depends on
//! the order of connecting, a block for each cause, where the time went, what was read. A live run also tells each
//! finding in a line as it becomes known.

mod cause;
mod finding;
mod ladder;
mod no_redis;
mod page;
mod paint;
mod tally;
mod time_spent;
mod verdict;
mod why;
mod wrap;

pub use no_redis::{no_redis_in_a_line, nothing_judged};
pub use paint::Paint;
pub(super) use verdict::{extent, good_news, unjudged, who};
pub use wrap::printable;
pub(super) use wrap::wrapped;

use super::answer::Answer;
use super::clock::{Clock, TimeStyle};
use super::{Kept, Options, Report};
use crate::analyzer::{ConnectionsWanted, Event, Summary};
use crate::rules;
use crate::source::InputReport;
use page::Page;
use paint::Meaning;
use std::io::{self, Write};

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
    /// Causes only, and nothing when there are none (`-q`).
    pub quiet: bool,
    /// The verdict alone (`--brief`).
    pub brief: bool,
}

/// Keeps findings and connections and writes the report at the end.
#[derive(Debug)]
pub struct TextReport<W> {
    out: W,
    options: Options,
    kept: Kept,
    clock: Clock,
}

/// The ladder of a finding without colours, for formats that quote it.
pub(super) fn plain_ladder(finding: &rules::Finding, kept: &Kept, several_inputs: bool) -> String {
    let mut text = String::new();
    let page = Page {
        paint: Paint::default(),
        clock: &Clock::new(TimeStyle::Utc, None),
        kept,
        verbose: false,
        several_inputs,
    };
    ladder::write(&mut text, &page, finding);
    text
}

impl<W: Write> TextReport<W> {
    /// A report that writes to `out`.
    pub fn new(out: W, options: Options) -> Self {
        TextReport {
            out,
            kept: Kept::new(options.findings, options.connections),
            clock: Clock::new(options.text.time, None),
            options,
        }
    }

    fn write(&self, text: &mut String, page: &Page<'_>, answer: &Answer<'_>) {
        let TextOptions { quiet, brief, .. } = self.options.text;
        if brief {
            verdict::write(text, page, answer);
            text.truncate(text.trim_end().len() + 1);
            return;
        }
        if quiet && answer.causes.is_empty() {
            return;
        }
        verdict::write(text, page, answer);
        if !quiet {
            why::write(text, page, answer);
        }
        cause::write(text, page, answer);
        if self.options.connections == ConnectionsWanted::All {
            tally::connections(text, page, &answer.shown.connections);
        }
        if quiet {
            return;
        }
        time_spent::write(text, page, &answer.summary.endpoints);
        tally::write(text, page, answer);
        // Nobody scrolls up for it.
        if answer.summary.totals.redis_connections > 0 {
            text.push('\n');
            text.push_str(&page.paint.of(Meaning::Heading, "Verdict"));
            text.push('\n');
            verdict::write(text, page, answer);
            text.truncate(text.trim_end().len() + 1);
        }
    }

    fn announce(&mut self, finding: &rules::Finding) -> io::Result<()> {
        if !self.options.selection.shows(finding) {
            return Ok(());
        }
        self.clock.start_at(finding.first.time);
        let news = self.news(finding);
        let severity = self
            .options
            .text
            .paint
            .of(Meaning::of(finding.severity), finding.severity.name());
        let when = self.clock.show(finding.first.time);
        let title = printable(&finding.title);
        let confidence = finding.confidence.name();
        let ends = match (finding.client, finding.server) {
            (Some(client), Some(server)) => format!("  {client} > {server}"),
            (Some(end), None) | (None, Some(end)) => format!("  {end}"),
            (None, None) => String::new(),
        };
        writeln!(
            self.out,
            "{when}  {severity} {}, {confidence}{ends}: {title}{news}",
            finding.rule
        )?;
        self.out.flush()
    }

    /// What a revision changed, for a reader who saw the line before.
    fn news(&self, finding: &rules::Finding) -> String {
        if finding.withdrawn {
            return " (taken back: later packets prove it wrong)".to_owned();
        }
        let Some(before) = self.kept.finding(&finding.id) else {
            return String::new();
        };
        let changes = rules::changes(before, finding);
        match changes.is_empty() {
            true => " (updated)".to_owned(),
            false => format!(" (updated: {})", changes.join(", ")),
        }
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
        self.kept.end();
        let answer = Answer::new(&self.kept, &self.options, summary, inputs);
        let page = Page {
            paint: self.options.text.paint,
            clock: &self.clock,
            kept: &self.kept,
            verbose: self.options.text.verbose,
            several_inputs: inputs.len() > 1,
        };
        let mut text = String::new();
        self.write(&mut text, &page, &answer);
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}
