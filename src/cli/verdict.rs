//! What `--fail-on` decides, and the exit code that is made of it.

use super::run::Ended;
use crate::report::Selection;
use crate::rules::{self, Severity};
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

/// Judges the findings that `--rule` chooses by how many were counted, whatever an output keeps or shows of them.
#[derive(Debug)]
pub(super) struct Verdict {
    selection: Selection,
    fail_on: Option<Severity>,
}

impl Verdict {
    pub(super) fn new(selection: Selection, fail_on: Option<Severity>) -> Self {
        Verdict { selection, fail_on }
    }

    /// How many of the counted findings are chosen.
    pub(super) fn findings(&self, counted: &BTreeMap<&'static str, u64>) -> u64 {
        let chosen = |(rule, _): &(&&'static str, &u64)| self.selection.chooses(rule);
        counted.iter().filter(chosen).map(|(_, n)| n).sum()
    }

    /// There is a finding to fail on.
    pub(super) fn found(&self, counted: &BTreeMap<&'static str, u64>) -> bool {
        let fails = |rule: &str, least| {
            self.selection.chooses(rule) && rules::rule(rule).is_some_and(|r| r.severity >= least)
        };
        self.fail_on
            .is_some_and(|least| counted.iter().any(|(rule, n)| *n > 0 && fails(rule, least)))
    }

    /// Somebody relies on the exit code.
    pub(super) fn decides(&self) -> bool {
        self.fail_on.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::RuleChoice;

    fn verdict(rules: &[&str], fail_on: Option<Severity>) -> Verdict {
        let choice = |r: &&str| RuleChoice {
            name: r.trim_start_matches('!').to_owned(),
            excluded: r.starts_with('!'),
        };
        let selection = Selection {
            rules: rules.iter().map(choice).collect(),
            min_severity: None,
        };
        Verdict::new(selection, fail_on)
    }

    #[test]
    fn what_was_counted_is_judged() {
        let (error, warning) = (Some(Severity::Error), Some(Severity::Warning));
        let counted = BTreeMap::from([("auth-missing", 20_000), ("auth-race", 1)]);
        let missing = BTreeMap::from([("auth-missing", 20_000), ("auth-race", 0)]);
        let table: [(&[&str], _, _, u64, bool); 8] = [
            (&[], error, &counted, 20_001, true),
            (&[], None, &counted, 20_001, false),
            (&[], error, &missing, 20_000, false),
            (&[], warning, &missing, 20_000, true),
            (&["auth-missing"], error, &counted, 20_000, false),
            (&["auth-race"], error, &counted, 1, true),
            (&["!auth-race"], error, &counted, 20_000, false),
            (&["!auth-missing"], warning, &missing, 0, false),
        ];
        for (rules, fail_on, counted, findings, found) in table {
            let verdict = verdict(rules, fail_on);
            assert_eq!(verdict.findings(counted), findings, "{rules:?} {counted:?}");
            assert_eq!(verdict.found(counted), found, "{rules:?} {fail_on:?}");
        }
    }
}
