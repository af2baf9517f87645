//! What `--fail-on` decides, and the exit code that is made of it.

use super::run::Ended;
use crate::analyzer::Event;
use crate::report::Selection;
use crate::rules::{Finding, Severity};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// Exit code for findings at or above `--fail-on`.
const FOUND: u8 = 1;
/// Exit code for a job that could not be done, or only in part.
pub(super) const FAILED: u8 = 2;

/// What the exit code is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Outcome {
    /// Findings at or above `--fail-on`.
    pub(super) found: bool,
    /// An input could not be read, or not to its end.
    pub(super) incomplete: bool,
    /// A signal stopped the reading of something that has an end.
    pub(super) signal: Option<i32>,
}

impl Outcome {
    /// What could not be done counts most, then what was not waited for, then what was found.
    pub(super) fn exit_code(self) -> ExitCode {
        match (self.incomplete, self.signal) {
            (true, _) => ExitCode::from(FAILED),
            (false, Some(signal)) => ExitCode::from(u8::try_from(128 + signal).unwrap_or(FAILED)),
            (false, None) if self.found => ExitCode::from(FOUND),
            (false, None) => ExitCode::SUCCESS,
        }
    }

    /// Of a run that ended so.
    pub(super) fn of(ended: &Ended, found: bool) -> Outcome {
        Outcome {
            found,
            incomplete: matches!(ended, Ended::Broke(_)),
            signal: match ended {
                Ended::Signal(signal) => Some(*signal),
                _ => None,
            },
        }
    }
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

    /// Somebody relies on the exit code.
    pub(super) fn decides(&self) -> bool {
        self.fail_on.is_some()
    }
}
