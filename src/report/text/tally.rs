//! The end of every report: what was read, what was skipped and why, what was hit.

use super::page::{Page, WIDTH};
use super::paint::Meaning;
use super::wrap::{printable, wrapped};
use crate::analyzer::{ConnectionReport, Counts, StreamBytes, Summary, Totals};
use crate::model::{plural, span};
use crate::report::Shown;
use crate::report::answer::Answer;
use crate::source::InputReport;
use std::fmt::Display;

/// Problems of one input told one by one; the JSON has up to a hundred.
const PROBLEMS: usize = 3;
/// Columns of a label.
const LABEL: usize = 14;

/// Writes the counts.
pub(super) fn write(text: &mut String, page: &Page<'_>, answer: &Answer<'_>) {
    let (summary, inputs, shown) = (answer.summary, answer.inputs, &answer.shown);
    text.push_str(&page.paint.of(Meaning::Heading, "What was read"));
    text.push('\n');
    row(text, "findings", &findings(shown));
    read(text, page, summary);
    row(text, "commands", &commands(&summary.totals.counts));
    row(text, "replies", &replies(&summary.totals.counts));
    if summary.totals.malformed_requests > 0 {
        let n = plural(summary.totals.malformed_requests, "request");
        row(
            text,
            "not RESP",
            &format!("{n}; what came right behind is not judged"),
        );
    }
    unread(text, &summary.totals.stream_bytes);
    let limits = listed(&summary.totals.limits);
    if !limits.is_empty() {
        row(text, "limits hit", &format!("{limits} (times)"));
    }
    for (n, input) in inputs.iter().enumerate() {
        source(text, n, input);
        if let Some(clock) = summary.clocks.iter().find(|c| usize::from(c.file) == n) {
            let ahead = if clock.offset_ns < 0 {
                "behind"
            } else {
                "ahead of"
            };
            let apart = span(clock.offset_ns.saturating_abs());
            row(
                text,
                "",
                &format!("its clock is {apart} {ahead} that of input [0]"),
            );
        }
    }
}

fn unread(text: &mut String, bytes: &StreamBytes) {
    let (client, server) = (bytes.client.unread, bytes.server.unread);
    if client + server > 0 {
        let said = format!("{} of clients, {server} of servers", plural(client, "byte"));
        row(
            text,
            "unread",
            &format!("{said}: no whole command or reply could be found in them"),
        );
    }
}

fn read(text: &mut String, page: &Page<'_>, summary: &Summary) {
    let t = &summary.totals;
    let skipped: u64 = t.skipped.values().sum();
    let mut packets = format!("{}: {} TCP, {skipped} skipped", t.packets, t.tcp_segments);
    if skipped > 0 {
        packets.push_str(&format!(" ({})", listed(&t.skipped)));
    }
    row(text, "packets", &packets);
    if let Some((first, last)) = summary.span {
        let length = span(last.since(first));
        row(text, "time", &format!("{length} from {}", page.time(first)));
    }
    row(text, "connections", &connection_counts(t));
}

fn connection_counts(t: &Totals) -> String {
    format!(
        "{}: {} Redis, {} TLS",
        t.connections, t.redis_connections, t.encrypted_connections
    )
}

fn findings(shown: &Shown<'_>) -> String {
    let total: u64 = shown.by_rule.values().sum();
    let mut text = total.to_string();
    if total > 0 {
        text.push_str(&format!(" ({})", listed(&shown.by_rule)));
    }
    if shown.hidden > 0 {
        text.push_str(&format!("; {} hidden by --min-severity", shown.hidden));
    }
    if shown.not_chosen > 0 {
        text.push_str(&format!("; {} left out by --rule", shown.not_chosen));
    }
    text
}

fn commands(n: &Counts) -> String {
    format!(
        "{}: {} answered, {} not answered, {} that get no reply, {} not paired",
        n.commands, n.exchanges, n.unanswered, n.silent, n.undecided_commands
    )
}

fn replies(n: &Counts) -> String {
    let mut text = format!(
        "{}: {} pushed by the server, {} to commands before the capture, {} not paired; {} in the capture",
        n.replies,
        n.pushes,
        n.orphan_replies,
        n.undecided_replies,
        plural(n.gaps, "gap"),
    );
    if !n.errors.is_empty() {
        text.push_str(&format!("; errors: {}", listed(n.errors.iter())));
    }
    text
}

fn source(text: &mut String, n: usize, input: &InputReport) {
    let links = input.link_types.join(", ");
    let mut about = format!(
        "{} ({}{}{links}), {}",
        input.path,
        input.format,
        if links.is_empty() { "" } else { ", " },
        plural(input.packets, "packet"),
    );
    if let Some((kernel, interface)) = input.dropped {
        about.push_str(&format!(
            ", {kernel} dropped by the kernel, {interface} by the interface"
        ));
    }
    if input.problems_total > 0 {
        about.push_str(&format!(
            ", {}",
            plural(input.problems_total, "damaged place")
        ));
    }
    row(text, &format!("input [{n}]"), &about);
    for p in input.problems.iter().take(PROBLEMS) {
        row(text, "", &format!("offset {}: {}", p.offset, p.reason));
    }
    let told = input.problems.len().min(PROBLEMS) as u64;
    let unsaid = input.problems_total.saturating_sub(told);
    if unsaid > 0 && told > 0 {
        row(text, "", &format!("and {unsaid} more"));
    }
}

fn row(text: &mut String, label: &str, value: &str) {
    let first = format!("  {label:<width$}", width = LABEL - 2);
    text.push_str(&wrapped(value, WIDTH, &first, &" ".repeat(LABEL)));
    text.push('\n');
}

/// `fragment 2, not-tcp 30`
fn listed<'a, K: Display + 'a>(counts: impl IntoIterator<Item = (K, &'a u64)>) -> String {
    let mut parts = Vec::new();
    for (name, n) in counts {
        parts.push(format!("{name} {n}"));
    }
    parts.join(", ")
}

/// `--connections all`: one line each.
pub(super) fn connections(text: &mut String, page: &Page<'_>, all: &[&ConnectionReport]) {
    if all.is_empty() {
        return;
    }
    text.push_str(&page.paint.of(Meaning::Heading, "Connections"));
    text.push('\n');
    for c in all {
        let errors: u64 = c.counts.errors.total();
        let mut line = format!(
            "#{}  {} -> {}  {}, {}, {}, {}",
            c.id.0,
            c.client,
            c.server,
            c.end.name(),
            plural(c.counts.commands, "command"),
            plural(c.counts.unanswered, "unanswered").replace("unanswereds", "unanswered"),
            plural(errors, "error"),
        );
        if let Some(library) = &c.client_library {
            line.push_str(&format!(", {}", printable(library)));
        }
        text.push_str(&wrapped(&line, WIDTH, "  ", "      "));
        text.push('\n');
    }
    text.push('\n');
}
