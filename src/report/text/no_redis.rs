//! No Redis: what was there instead, and what to try.

use super::page::{Page, WIDTH};
use super::paint::Meaning;
use super::wrap::wrapped;
use crate::analyzer::{BusyPort, Summary};

/// Columns of an address. A longer one pushes its row to the right: half an address helps nobody.
const ADDRESS: usize = 30;

/// No Redis: says what was there instead and what to try.
pub(super) fn write(text: &mut String, page: &Page<'_>, summary: &Summary) {
    let totals = &summary.totals;
    text.push_str(&page.paint.of(Meaning::Warning, headline(summary)));
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
        text.push_str(&wrapped(what, WIDTH, "  ", "  "));
        text.push('\n');
    } else {
        busiest(text, page, &summary.busiest);
    }
    for hint in hints(summary) {
        text.push_str(&wrapped(hint, WIDTH, "  try: ", "       "));
        text.push('\n');
    }
}

/// What can not be read may well be Redis: only where all of it was read there is none.
fn headline(summary: &Summary) -> &'static str {
    let looks = |like: &str| summary.busiest.iter().any(|b| b.looks_like == like);
    match (looks("TLS"), looks("one direction only")) {
        (true, _) => "No Redis command could be read: what is there is encrypted.",
        (false, true) => "No Redis command could be read: only one direction was captured.",
        (false, false) => "No Redis traffic was found.",
    }
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
