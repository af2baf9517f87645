//! What is said when there is nothing to accuse: all is well and where the time went, or there was no Redis.

use super::paint::Meaning;
use super::wrap::{plural, printable, wrapped};
use super::{Page, Shown, WIDTH};
use crate::analyzer::{BusyPort, EndpointReport, LatencySummary, Summary};
use crate::model::span;

/// Servers in the latency table.
const SERVERS: usize = 10;
/// Columns of an address. A longer one pushes its row to the right: half an address helps nobody.
const ADDRESS: usize = 30;

/// No finding above a note: says so, and how far that goes.
pub(super) fn all_well(text: &mut String, page: &Page<'_>, shown: &Shown<'_>, summary: &Summary) {
    let head = match (shown.findings.is_empty(), shown.hidden + shown.not_chosen) {
        (true, 0) => "Nothing wrong was found.",
        (false, 0) => "Nothing above a note was found.",
        (_, _) => "Nothing wrong among what was asked for.",
    };
    text.push_str(&page.paint.of(Meaning::Good, head));
    text.push('\n');
    for sentence in extent(summary) {
        text.push_str(&wrapped(&sentence, WIDTH, "  ", "  "));
        text.push('\n');
    }
    text.push('\n');
    latency(text, page, &summary.endpoints);
}

/// How far the good news goes, and where it ends.
fn extent(summary: &Summary) -> Vec<String> {
    let t = &summary.totals;
    let n = &t.counts;
    let replies = match n.exchanges {
        1 => "1 reply".to_owned(),
        many => format!("{many} replies"),
    };
    let mut said = vec![format!(
        "{} on {} got {replies}.",
        plural(n.commands, "command"),
        plural(t.redis_connections, "Redis connection"),
    )];
    if n.unanswered > 0 {
        let commands = plural(n.unanswered, "command");
        said.push(format!(
            "{commands} had no reply when the capture or the connection ended."
        ));
    }
    let undecided = n.undecided_commands + n.undecided_replies;
    if undecided > 0 {
        let what = match undecided {
            1 => "one command or reply".to_owned(),
            many => format!("{many} commands and replies"),
        };
        said.push(format!("Not judged: {what} that could not be paired, because bytes are missing or say too little."));
    }
    if !t.limits.is_empty() {
        let names: Vec<&str> = t.limits.keys().copied().collect();
        let names = names.join(", ");
        said.push(format!(
            "Limits of the program were reached ({names}): what lies beyond them is not judged."
        ));
    }
    let sealed = t
        .encrypted_connections
        .saturating_sub(t.decrypted_connections);
    if sealed > 0 {
        said.push(format!(
            "Not judged: {} (TLS).",
            plural(sealed, "encrypted connection")
        ));
    }
    said
}

fn latency(text: &mut String, page: &Page<'_>, endpoints: &[EndpointReport]) {
    let mut servers: Vec<(&EndpointReport, LatencySummary)> = endpoints
        .iter()
        .filter_map(|e| e.latency.map(|l| (e, l)))
        .filter(|(_, l)| l.count > 0)
        .collect();
    if servers.is_empty() {
        return;
    }
    servers.sort_by_key(|(e, l)| (std::cmp::Reverse(l.count), e.address.clone()));
    let head = format!(
        "  {:ADDRESS$} {:>9} {:>10} {:>10} {:>10}",
        "where the time went: server", "answered", "p50", "p99", "max"
    );
    text.push_str(&page.paint.of(Meaning::Heading, &head));
    text.push('\n');
    for (e, l) in servers.iter().take(SERVERS) {
        text.push_str(&format!(
            "  {:ADDRESS$} {:>9} {:>10} {:>10} {:>10}\n",
            printable(&e.address),
            l.count,
            span(l.p50_ns),
            span(l.p99_ns),
            span(l.max_ns)
        ));
    }
    let unsaid = servers.len().saturating_sub(SERVERS) as u64;
    if unsaid > 0 {
        text.push_str(&format!("  and {}\n", plural(unsaid, "more server")));
    }
    text.push('\n');
}

/// No Redis: says what was there instead and what to try.
pub(super) fn no_redis(text: &mut String, page: &Page<'_>, summary: &Summary) {
    let totals = &summary.totals;
    text.push_str(
        &page
            .paint
            .of(Meaning::Warning, "No Redis traffic was found."),
    );
    text.push('\n');
    if summary.busiest.is_empty() {
        let what = match (totals.packets, totals.tcp_segments) {
            (0, _) => "The input holds no packets.",
            (packets, 0) if totals.skipped.get("filtered") == Some(&packets) => {
                "Every packet was left out by what was asked for (-f, --client, --server, --from, --to)."
            }
            (_, 0) => "The input holds no TCP; the reasons are counted below.",
            _ if totals.connections == 0 => {
                "No connection is the one asked for (--stream, --client, --server)."
            }
            _ => "There is TCP, but no payload of either end.",
        };
        text.push_str(&format!("  {what}\n"));
    } else {
        busiest(text, page, &summary.busiest);
    }
    for hint in hints(summary) {
        text.push_str(&wrapped(hint, WIDTH, "  try: ", "       "));
        text.push('\n');
    }
    text.push('\n');
}

/// Why nothing was judged, in a few words; `None` when at least one Redis command was.
pub fn nothing_judged(summary: &Summary) -> Option<&'static str> {
    let t = &summary.totals;
    let judged = t
        .counts
        .commands
        .saturating_sub(t.counts.undecided_commands);
    let skipped = |reason: &str| t.skipped.get(reason).copied().unwrap_or(0);
    let looks = |like: &str| summary.busiest.iter().any(|b| b.looks_like == like);
    Some(match t.packets {
        _ if judged > 0 => return None,
        0 => "the input holds no packets",
        packets if skipped("filtered") == packets => "filters left every packet out",
        _ if t.counts.commands > 0 => "no command could be paired with its reply",
        _ if t.encrypted_connections > t.decrypted_connections => "the traffic is encrypted",
        _ if looks("one direction only") => "only one direction was captured",
        _ if skipped("filtered") > 0 => "filters left none of it",
        _ => "there is no Redis traffic",
    })
}

/// That there was no Redis, in one line, for outputs that hold lines of their own.
pub fn no_redis_in_a_line(summary: &Summary) -> String {
    let what = match summary.busiest.first() {
        Some(port) => format!(
            "most bytes are of {}, which looks like {}",
            port.server, port.looks_like
        ),
        None => "there was no TCP payload either".to_owned(),
    };
    format!("no Redis traffic was found: {what} (redorder analyze says more)")
}

fn busiest(text: &mut String, page: &Page<'_>, ports: &[BusyPort]) {
    let head = format!(
        "  {:ADDRESS$} {:>11} {:>14}  {}",
        "what was there: server", "connections", "payload bytes", "looks like"
    );
    text.push_str(&page.paint.of(Meaning::Heading, &head));
    text.push('\n');
    for port in ports {
        text.push_str(&format!(
            "  {:ADDRESS$} {:>11} {:>14}  {}\n",
            port.server.to_string(),
            port.connections,
            port.bytes,
            port.looks_like
        ));
    }
}

fn hints(summary: &Summary) -> Vec<&'static str> {
    let skipped = |reason: &str| summary.totals.skipped.get(reason).is_some_and(|n| *n > 0);
    let looks = |like: &str| summary.busiest.iter().any(|b| b.looks_like == like);
    let mut hints = Vec::new();
    if summary.totals.packets == 0 {
        hints.push(
            "capture again while clients talk to Redis, on the machine of the client or the proxy",
        );
        return hints;
    }
    if skipped("filtered") {
        hints
            .push("fewer filters: packets were left out by -f, --client, --server, --from or --to");
    }
    if looks("TLS") {
        hints.push("a capture of the leg behind the TLS endpoint, where Redis is spoken in clear");
    }
    if looks("one direction only") {
        hints.push("a capture that holds both directions (an interface both pass, not a one-way mirror port)");
    }
    if skipped("cut-before-tcp") || skipped("fragment-dropped") {
        hints.push("whole packets: tcpdump -s 0");
    }
    hints.push("--port N, where Redis listens on a port that its first bytes do not give away");
    hints
}
