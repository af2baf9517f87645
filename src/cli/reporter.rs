//! The audience of `analyze`, `exchanges` and `live`: a report, and what is said beside it on standard error.

use super::failure::{Failure, say};
use super::inputs::Meter;
use super::progress::Bar;
use super::run::{self, Audience, Ended, SoFar, Whole};
use super::verdict::Verdict;
use crate::analyzer::{Event, ExchangeLine, StopReason, Stopped};
use crate::model::Timestamp;
use crate::report::{Progress, Report, no_redis_in_a_line, nothing_judged};
use crate::source::InputReport;
use std::io;

/// Problems of one input told on standard error; the report counts them all.
const WARNINGS: usize = 10;

/// A report at work.
pub(super) struct Reporter<'r> {
    pub(super) report: Box<dyn Report + 'r>,
    pub(super) verdict: Verdict,
    pub(super) quiet: bool,
    /// The report does not say by itself that there was no Redis.
    pub(super) tell_no_redis: bool,
    /// How far the files are read. An interface has no end to be near to: there, drops are told as they happen.
    pub(super) files: Option<(Meter, Bar)>,
    /// What has come from an interface so far.
    pub(super) status: Option<Bar>,
    pub(super) dropped: u64,
    /// There is a finding that `--fail-on` asks for.
    pub(super) found: bool,
    /// `--fail-on` was given, and there was nothing to decide on.
    pub(super) undecided: bool,
}

impl<'r> Reporter<'r> {
    pub(super) fn new(report: Box<dyn Report + 'r>, verdict: Verdict, quiet: bool) -> Self {
        Reporter {
            report,
            verdict,
            quiet,
            tell_no_redis: false,
            files: None,
            status: None,
            dropped: 0,
            found: false,
            undecided: false,
        }
    }

    /// Shows on a terminal how far the files are read.
    pub(super) fn with_bar(mut self, meter: Meter) -> Self {
        self.files = Some((meter, Bar::new(self.quiet)));
        self
    }

    /// Shows on a terminal what has come so far.
    #[cfg(feature = "live")]
    pub(super) fn with_status(mut self) -> Self {
        self.status = Some(Bar::status(self.quiet));
        self
    }

    /// Why less was read than there is. An interface has no end to be missed.
    fn stopped(&self, whole: &Whole) -> Option<Stopped> {
        let (meter, _) = self.files.as_ref()?;
        let reason = match whole.ended {
            Ended::Signal(_) => StopReason::Signal,
            Ended::Broke(_) => StopReason::Input,
            Ended::Input | Ended::Enough => return None,
        };
        let (bytes_read, bytes_total) = meter.bytes();
        Some(Stopped {
            reason,
            at: whole.last,
            bytes_read,
            bytes_total,
        })
    }

    /// Lets the report write while the status line is off the screen.
    fn write(&mut self, write: impl FnOnce(&mut dyn Report) -> io::Result<()>) -> io::Result<()> {
        let report = &mut *self.report;
        match &self.status {
            Some(status) => status.aside(|| write(report)),
            None => write(report),
        }
    }

    fn tell_drops(&mut self, dropped: u64) {
        if dropped > self.dropped && !self.quiet && self.files.is_none() {
            let new = dropped - self.dropped;
            let warn = || {
                say(&format!(
                    "warning: {new} packets dropped by the kernel or the interface"
                ));
            };
            match &self.status {
                Some(status) => status.aside(warn),
                None => warn(),
            }
        }
        self.dropped = self.dropped.max(dropped);
    }
}

impl Audience for Reporter<'_> {
    fn begin(&mut self, first: Timestamp) {
        self.report.begin(first);
    }

    fn event(&mut self, event: Event) -> Result<Option<Box<ExchangeLine>>, Failure> {
        self.write(|report| report.event(&event))?;
        Ok(match event {
            Event::Exchange(line) => Some(line),
            _ => None,
        })
    }

    fn wants_more(&self) -> bool {
        self.report.wants_more()
    }

    fn progress(&mut self, so_far: &SoFar<'_>) -> Result<(), Failure> {
        if let Some((meter, bar)) = &self.files {
            let (read, total) = meter.bytes();
            bar.update(read, total, so_far.packets);
        }
        let dropped = run::dropped(&so_far.source.inputs());
        self.tell_drops(dropped);
        let totals = so_far.analyzer.totals();
        let commands = so_far.analyzer.commands_read();
        if let Some(status) = &self.status {
            status.tell(&totals, commands, dropped);
        }
        let progress = Progress {
            time: so_far.time,
            packets: so_far.packets,
            commands,
            findings: self.verdict.findings(&totals.findings),
            dropped,
        };
        Ok(self.write(|report| report.progress(&progress))?)
    }

    fn finish(&mut self, whole: &mut Whole) -> Result<(), Failure> {
        let files = self.files.as_ref().map(|(_, bar)| bar);
        for bar in files.into_iter().chain(&self.status) {
            bar.clear();
        }
        if !self.quiet {
            warn(&whole.inputs);
        }
        whole.summary.stopped = self.stopped(whole);
        self.found = self.verdict.found(&whole.summary.totals.findings);
        // The summary of what was seen comes first; then the reason why there is no more.
        self.report.finish(&whole.summary, &whole.inputs)?;
        if let Ended::Broke(error) = &whole.ended {
            say(&format!("redorder: {error}"));
        }
        if self.verdict.decides()
            && let Some(why) = nothing_judged(&whole.summary)
        {
            self.undecided = true;
            say(&format!(
                "redorder: --fail-on can not decide: no Redis command was judged ({why})"
            ));
        }
        if self.tell_no_redis && !self.quiet && whole.summary.totals.redis_connections == 0 {
            say(&format!("redorder: {}", no_redis_in_a_line(&whole.summary)));
        }
        Ok(())
    }
}

/// `warning: a.pcap: offset 1234: reason`
fn warn(inputs: &[InputReport]) {
    for input in inputs {
        for problem in input.problems.iter().take(WARNINGS) {
            say(&format!(
                "warning: {}: offset {}: {}",
                input.path, problem.offset, problem.reason
            ));
        }
        let told = input.problems.len().min(WARNINGS) as u64;
        let unsaid = input.problems_total.saturating_sub(told);
        if unsaid > 0 {
            say(&format!(
                "warning: {}: {unsaid} more damaged places",
                input.path
            ));
        }
    }
}
