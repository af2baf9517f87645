//! What a rule says about itself.

use super::model::Severity;

/// No rule advises more steps.
const STEPS: usize = 8;

/// The documentation of one rule. Printed by `redorder rules NAME` and in `docs/RULES.md`.
#[derive(Debug)]
pub struct RuleInfo {
    /// Kebab-case name: a promise to scripts.
    pub name: &'static str,
    /// Findings of one client at one server that belong to the same family are one story: `auth`, `replies`, `capture`.
    pub family: &'static str,
    /// Severity of its findings.
    pub severity: Severity,
    /// One line: what was seen.
    pub summary: &'static str,
    /// What it means, in a paragraph or two.
    pub explanation: &'static str,
    /// A short example of the bytes or the ladder.
    pub example: &'static str,
    /// When it stays silent although it looks similar.
    pub silent_when: &'static str,
    /// What to do about it: one step per line.
    pub advice: &'static str,
    /// Public threads and specifications.
    pub references: &'static [&'static str],
    /// Source file, for `redorder rules NAME`.
    pub file: &'static str,
}

impl RuleInfo {
    /// The paragraph that a finding carries.
    pub fn first_paragraph(&self) -> &'static str {
        let ends = memchr::memchr_iter(b'\n', self.explanation.as_bytes());
        let blank = |end: &usize| self.explanation.as_bytes().get(end + 1) == Some(&b'\n');
        let end = ends.into_iter().find(blank);
        end.and_then(|end| self.explanation.get(..end))
            .unwrap_or(self.explanation)
    }

    /// The steps of `advice`, as a finding carries them.
    pub fn steps(&self) -> Vec<&'static str> {
        let mut steps = Vec::with_capacity(STEPS);
        steps.extend(self.advice.lines());
        steps
    }
}
