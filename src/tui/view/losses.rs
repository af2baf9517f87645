//! What was read, and what was not read or not kept, said in full.

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

/// Packets were left out that may have been Redis traffic, or findings had no room.
pub(super) fn serious(model: &Model) -> bool {
    let skipped = model.summary.iter().flat_map(|s| &s.totals.skipped);
    let mut unexpected = skipped.filter(|(reason, n)| **n > 0 && !is_expected(reason));
    unexpected.next().is_some() || !of_the_screen(model).is_empty()
}

fn is_expected(reason: &str) -> bool {
    EXPECTED.iter().any(|expected| expected.name() == reason)
}

/// What had no room on the screen.
pub(super) fn of_the_screen(model: &Model) -> Vec<String> {
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

/// Packets, connections and commands, and what was left out of them.
pub(super) fn read(summary: &Summary) -> Vec<String> {
    let totals = &summary.totals;
    let mut said = vec![
        format!(
            "{}, {} of them TCP.",
            text::many(totals.packets, "packet"),
            text::count(totals.tcp_segments)
        ),
        format!(
            "{}: {} Redis, {} TLS.",
            text::many(totals.connections, "connection"),
            text::count(totals.redis_connections),
            text::count(totals.encrypted_connections)
        ),
        format!(
            "{}, {} answered.",
            text::many(totals.counts.commands, "command"),
            text::count(totals.counts.exchanges)
        ),
    ];
    for (reason, n) in totals.skipped.iter().filter(|(_, n)| **n > 0) {
        let packets = text::many(*n, "packet");
        said.push(format!("{packets} not analysed: {reason}."));
    }
    let orphans = totals.counts.orphan_replies;
    if orphans > 0 {
        let replies = text::many(orphans, "reply frame");
        said.push(format!("{replies} to commands from before the capture."));
    }
    said
}

/// The inputs, with what was lost or damaged in them.
pub(super) fn inputs(model: &Model) -> Vec<String> {
    model.inputs.iter().flat_map(input).collect()
}

fn input(input: &InputReport) -> Vec<String> {
    let packets = text::many(input.packets, "packet");
    let mut said = vec![format!("{}: {packets}", input.path)];
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
