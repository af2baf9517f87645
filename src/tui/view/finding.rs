//! The details of a finding: verdict, ladder, proof, what was not seen, advice.

use super::page::Page;
use super::{ladder, text};
use crate::model::{Endpoint, PacketRef};
use crate::rules::{Confidence, Finding, Moment, Severity};
use crate::tui::model::{Model, Stage};
use crate::tui::theme::{Meaning, glyph};
use std::collections::BTreeMap;

/// Writes everything that is known of `finding`.
pub(super) fn write(page: &mut Page<'_>, finding: &Finding) {
    let open = !finding.is_final && page.model.stage == Stage::Reading;
    let more = if open { " · may still change" } else { "" };
    let (severity, confidence) = (finding.severity, finding.confidence);
    verdict(page, severity, confidence, finding.rule, more);
    page.say(&finding.title, Meaning::Heading);
    facts(page, finding);
    evidence(page, finding);
    page.section("What it means", std::slice::from_ref(&finding.explanation));
    page.section("Advice", &finding.advice);
    page.section("Notes", &finding.notes);
    page.section("Wireshark filter", &wireshark(page.model, finding));
}

/// `✗ error · certain · auth-race`
pub(super) fn verdict(
    page: &mut Page<'_>,
    severity: Severity,
    confidence: Confidence,
    rule: &str,
    more: &str,
) {
    let verdict = format!(
        "{} {} · {} · {rule}{more}",
        glyph(severity),
        severity.name(),
        confidence.name(),
    );
    page.say(&verdict, Meaning::Severity(severity));
}

fn facts(page: &mut Page<'_>, finding: &Finding) {
    let culprit = match finding.culprit_endpoint {
        Some(end) => format!("{} {end}", finding.culprit.name()),
        None => finding.culprit.name().to_owned(),
    };
    page.fact("who", &culprit);
    let connection = connection(page.model, finding);
    page.fact("connection", &connection);
    page.fact("first", &when(finding.first, finding.last));
    page.fact("affected", &text::many(finding.affected, "command"));
    let changes = page.model.findings.changes(finding).join("; ");
    if !changes.is_empty() {
        page.fact("updated", &changes);
    }
}

/// The first packet, and the last if it is another.
pub(super) fn when(first: Moment, last: Moment) -> String {
    let when = format!(
        "{} UTC, packet {}",
        text::moment(first.time),
        ladder::packet(first.at)
    );
    if last == first {
        return when;
    }
    let later = text::offset(last.time.since(first.time));
    format!("{when}; last {later}, packet {}", ladder::packet(last.at))
}

/// The ends of the first connection, and what is known of it.
fn connection(model: &Model, finding: &Finding) -> String {
    let end = |end: Option<Endpoint>| match end {
        Some(end) => end.to_string(),
        None => "?".to_owned(),
    };
    let mut said = format!("{} → {}", end(finding.client), end(finding.server));
    let first = finding.connections.first();
    if let Some(report) = first.and_then(|id| model.connections.get(id)) {
        let streams = report.vantages.iter().filter_map(|v| v.tcp_stream);
        if let Some(stream) = streams.take(1).next() {
            said.push_str(&format!(", tcp.stream {stream}"));
        }
        if report.midstream {
            said.push_str(", its start is not in the capture");
        }
    }
    match finding.connections_total.saturating_sub(1) {
        0 => said,
        more => format!("{said}; and {} more", text::count(more)),
    }
}

/// The ladder, the proof, and what was not seen.
pub(super) fn evidence(page: &mut Page<'_>, finding: &Finding) {
    if !finding.exchanges.is_empty() {
        page.title("Ladder (client ▶ server)");
        let ladder = ladder::lines(page.model, finding, page.width);
        page.lines.extend(ladder);
    }
    let values = finding.proof.values.iter();
    let mut proof = vec![finding.proof.text.clone()];
    proof.extend(values.map(|(name, n)| format!("{name} = {n}")));
    proof.retain(|part| !part.is_empty());
    page.section("Proof", &proof);
    page.section("Not seen", &finding.not_seen);
}

/// One display filter for each input the finding has packets in.
fn wireshark(model: &Model, finding: &Finding) -> Vec<String> {
    let mut files: BTreeMap<u16, Vec<u64>> = BTreeMap::new();
    for at in packets(finding) {
        files.entry(at.file()).or_default().push(at.number());
    }
    let several = files.len() > 1 || model.inputs.len() > 1;
    let filters = files.into_iter().map(|(file, mut numbers)| {
        numbers.sort_unstable();
        numbers.dedup();
        let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let filter = format!("frame.number in {{{}}}", numbers.join(", "));
        match model.inputs.get(usize::from(file)) {
            Some(input) if several => format!("{}: {filter}", input.path),
            None if several => format!("input {}: {filter}", file.saturating_add(1)),
            _ => filter,
        }
    });
    filters.collect()
}

/// Every packet that a finding rests on.
fn packets(finding: &Finding) -> impl Iterator<Item = PacketRef> {
    let proof = finding.proof.packets.iter().copied();
    let exchanges = finding.exchanges.iter().flat_map(|exchange| {
        let received = exchange.received.map(|moment| moment.at);
        [Some(exchange.sent.at), received].into_iter().flatten()
    });
    proof.chain(exchanges).chain([finding.first.at])
}
