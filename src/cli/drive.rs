//! The loop: packets in, events to the report, the verdict at the end.

use super::failure::{Failure, say};
use super::inputs::{Meter, Opened};
use super::progress::Bar;
use super::signals::Interrupt;
use crate::analyzer::{Analyzer, Event};
use crate::model::Timestamp;
use crate::packet::SkipReason;
use crate::report::{Progress, Report, Selection, no_redis_in_a_line};
use crate::rules::{Finding, Severity};
use crate::source::{Files, Filter, InputReport, Source, SourceError};
use std::collections::BTreeMap;

/// Packets between two looks at the progress. Counted, not timed, so that the same input gives the same output.
const STEP: u64 = 100_000;

/// What the exit code is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Outcome {
    /// Findings at or above `--fail-on`.
    pub(super) found: bool,
    /// An input could not be read, or not to its end.
    pub(super) incomplete: bool,
}

/// Watches for findings that `--fail-on` asks for.
#[derive(Debug)]
pub(super) struct Verdict {
    selection: Selection,
    fail_on: Option<Severity>,
    /// Severity of the last revision by id.
    findings: BTreeMap<String, Severity>,
}

impl Verdict {
    pub(super) fn new(selection: Selection, fail_on: Option<Severity>) -> Self {
        Verdict {
            selection,
            fail_on,
            findings: BTreeMap::new(),
        }
    }

    pub(super) fn hear(&mut self, event: &Event) {
        match event {
            Event::Finding(f) if f.withdrawn => {
                self.findings.remove(&f.id);
            }
            Event::Finding(f) if self.selection.chooses(f.rule) => self.keep(f),
            _ => {}
        }
    }

    fn keep(&mut self, finding: &Finding) {
        self.findings.insert(finding.id.clone(), finding.severity);
    }

    pub(super) fn findings(&self) -> u64 {
        self.findings.len() as u64
    }

    /// There is a finding to fail on.
    pub(super) fn found(&self) -> bool {
        let fails = |least| self.findings.values().any(|s| *s >= least);
        self.fail_on.is_some_and(fails)
    }
}

/// One run over files.
pub(super) struct Run<'r> {
    pub(super) analyzer: Analyzer,
    pub(super) report: Box<dyn Report + 'r>,
    pub(super) filter: Option<Filter>,
    pub(super) verdict: Verdict,
    pub(super) quiet: bool,
    /// The report does not say by itself that there was no Redis.
    pub(super) tell_no_redis: bool,
}

impl Run<'_> {
    /// Reads `opened` to its end, to Ctrl-C or until the report wants no more, and finishes the report.
    pub(super) fn over(mut self, opened: Opened) -> Result<Outcome, Failure> {
        let mut source = opened.source;
        let interrupt = opened.interrupt;
        let bar = Bar::new(self.quiet);
        let ended = self.read(&mut source, &opened.meter, &interrupt, &bar);
        bar.clear();
        let broken = ended?;
        if let Some(error) = &broken {
            say(&format!("redorder: {error}"));
        }
        let inputs = source.inputs();
        if !self.quiet {
            warn(&inputs);
        }
        self.finish(&inputs)?;
        Ok(Outcome {
            found: self.verdict.found(),
            incomplete: !opened.unreadable.is_empty() || broken.is_some(),
        })
    }

    /// `Some` when the source broke; an error of the output ends the run.
    fn read(
        &mut self,
        source: &mut Files,
        meter: &Meter,
        interrupt: &Interrupt,
        bar: &Bar,
    ) -> Result<Option<SourceError>, Failure> {
        let mut packets: u64 = 0;
        let mut begun = false;
        while !interrupt.is_set() && self.report.wants_more() {
            let time = match take(&mut self.analyzer, self.filter.as_mut(), source) {
                Ok(Some(time)) => time,
                Ok(None) => break,
                Err(error) => return Ok(Some(error)),
            };
            if !begun && let Some(first) = self.analyzer.first_packet() {
                begun = true;
                self.report.begin(first);
            }
            self.drain()?;
            packets += 1;
            if packets.is_multiple_of(STEP) {
                let (read, total) = meter.bytes();
                bar.update(read, total, packets);
                self.report_progress(time, packets, source)?;
            }
        }
        Ok(None)
    }

    fn report_progress(
        &mut self,
        time: Timestamp,
        packets: u64,
        source: &Files,
    ) -> Result<(), Failure> {
        let progress = Progress {
            time: Some(time),
            packets,
            commands: self.analyzer.totals().counts.commands,
            findings: self.verdict.findings(),
            dropped: dropped(&source.inputs()),
        };
        Ok(self.report.progress(&progress)?)
    }

    fn drain(&mut self) -> Result<(), Failure> {
        while let Some(event) = self.analyzer.poll() {
            self.verdict.hear(&event);
            self.report.event(&event)?;
        }
        Ok(())
    }

    fn finish(&mut self, inputs: &[InputReport]) -> Result<(), Failure> {
        self.analyzer.set_dropped(dropped(inputs));
        let summary = self.analyzer.finish();
        self.drain()?;
        self.report.finish(&summary, inputs)?;
        if self.tell_no_redis && !self.quiet && summary.totals.redis_connections == 0 {
            say(&format!("redorder: {}", no_redis_in_a_line(&summary)));
        }
        Ok(())
    }
}

/// Hands the next packet to the analyzer; its time, or `None` when there is no more (or nothing now).
pub(super) fn take(
    analyzer: &mut Analyzer,
    filter: Option<&mut Filter>,
    source: &mut dyn Source,
) -> Result<Option<Timestamp>, SourceError> {
    let Some(packet) = source.next_packet()? else {
        return Ok(None);
    };
    match filter.map_or(Ok(true), |f| f.matches(&packet)) {
        Ok(true) => analyzer.push(&packet),
        Ok(false) => analyzer.skip(&packet, SkipReason::Filtered),
        Err(message) => {
            return Err(SourceError {
                path: "-f".to_owned(),
                message,
            });
        }
    }
    Ok(Some(packet.time))
}

/// Packets lost by kernel and interface, over all inputs.
pub(super) fn dropped(inputs: &[InputReport]) -> u64 {
    let one = |i: &InputReport| {
        i.dropped
            .map_or(0, |(kernel, interface)| kernel.saturating_add(interface))
    };
    inputs.iter().map(one).fold(0, u64::saturating_add)
}

/// Problems of one input told on standard error; the report counts them all.
const WARNINGS: usize = 10;

/// `warning: a.pcap: offset 1234: reason`
pub(super) fn warn(inputs: &[InputReport]) {
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
