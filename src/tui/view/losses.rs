//! What was not read, not kept or not judged, said in full.

use super::text;
use crate::analyzer::Summary;
use crate::packet::SkipReason;
use crate::source::InputReport;
use crate::tui::list::FINDINGS_KEPT;
use crate::tui::model::{CONNECTIONS_KEPT, Model};

/// Reasons that say nothing about the Redis traffic of a capture: other traffic, or left out on purpose.
const EXPECTED: [SkipReason; 4] = [
    SkipReason::NotIp,
    SkipReason::NotTcp,
    SkipReason::Duplicate,
    SkipReason::Filtered,
];

/// Something was lost that may have been Redis traffic.
pub(super) fn serious(model: &Model) -> bool {
    let skipped = model.summary.iter().flat_map(|s| &s.totals.skipped);
    let expected = skipped.filter(|(reason, n)| **n > 0 && is_expected(reason));
    of(model).len() > expected.count()
}

fn is_expected(reason: &str) -> bool {
    EXPECTED.iter().any(|expected| expected.name() == reason)
}

/// One line for each kind of loss; empty when there is none.
pub(super) fn of(model: &Model) -> Vec<String> {
    let mut said = own(model);
    if let Some(summary) = &model.summary {
        said.extend(analysis(summary));
    }
    said.extend(model.inputs.iter().flat_map(input));
    said
}

fn own(model: &Model) -> Vec<String> {
    let mut said = Vec::new();
    let not_kept = model.findings.not_kept();
    if not_kept > 0 {
        said.push(format!(
            "{} not listed: the screen keeps {}.",
            text::many(not_kept, "finding event"),
            text::count(FINDINGS_KEPT),
        ));
    }
    if model.connections_not_kept > 0 {
        said.push(format!(
            "{} not kept: the screen keeps {}.",
            text::many(model.connections_not_kept, "connection"),
            text::count(CONNECTIONS_KEPT),
        ));
    }
    said
}

fn analysis(summary: &Summary) -> Vec<String> {
    let totals = &summary.totals;
    let mut said = Vec::new();
    for (reason, n) in totals.skipped.iter().filter(|(_, n)| **n > 0) {
        said.push(format!(
            "{} not analysed: {reason}.",
            text::many(*n, "packet")
        ));
    }
    for (limit, n) in totals.limits.iter().filter(|(_, n)| **n > 0) {
        said.push(format!("Limit {limit} was hit {}.", text::many(*n, "time")));
    }
    let counts = [
        (totals.counts.gaps, "gap", "in the byte streams"),
        (
            totals.counts.undecided_commands,
            "command",
            "could not be paired with a reply",
        ),
        (
            totals.counts.undecided_replies,
            "reply frame",
            "could not be paired with a command",
        ),
        (
            totals.counts.orphan_replies,
            "reply frame",
            "to commands from before the capture",
        ),
    ];
    for (n, what, how) in counts.into_iter().filter(|(n, _, _)| *n > 0) {
        said.push(format!("{} {how}.", text::many(n, what)));
    }
    said
}

fn input(input: &InputReport) -> Vec<String> {
    let mut said = Vec::new();
    if let Some((kernel, interface)) = input.dropped.filter(|dropped| *dropped != (0, 0)) {
        said.push(format!(
            "{}: dropped while capturing: {} by the kernel, {} by the interface.",
            input.path,
            text::count(kernel),
            text::count(interface),
        ));
    }
    if input.problems_total > 0 {
        let damaged = text::many(input.problems_total, "damaged place");
        let first = input.problems.first();
        let first = first.map(|p| format!(", the first at byte {}: {}", p.offset, p.reason));
        said.push(format!(
            "{}: {damaged}{}",
            input.path,
            first.unwrap_or_default()
        ));
    }
    said
}
