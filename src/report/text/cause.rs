//! One block a cause: what happened, the example that proves it best, what to do, and who was hit.

use super::finding;
use super::page::{Page, WIDTH};
use super::paint::Meaning;
use super::wrap::wrapped;
use crate::analyzer::{Cause, Hits, Load, Place};
use crate::model::{Timestamp, plural, span};
use crate::report::answer::Answer;
use crate::rules::Severity;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Clients in the table of one cause.
const CLIENTS: usize = 5;
/// Hits from which on a period is said.
const PERIODIC: usize = 4;

/// Every cause that accuses somebody; with `-v` the notes as well.
pub(super) fn write(text: &mut String, page: &Page<'_>, answer: &Answer<'_>) {
    let mut explained: BTreeSet<&str> = BTreeSet::new();
    for cause in &answer.causes {
        if cause.severity == Severity::Note && !page.verbose {
            continue;
        }
        match explained.insert(cause.rule) {
            true => finding::full(text, page, &cause.best, true),
            false if page.verbose => finding::full(text, page, &cause.best, false),
            false => finding::brief(text, page, &cause.best),
        }
        if cause.findings > 1 {
            table(text, page, cause, &answer.summary.loads);
        }
        text.push('\n');
        if page.verbose {
            let all = page.kept.of_cause(cause.rule, cause.place);
            for finding in all.filter(|f| f.id != cause.best.id) {
                finding::full(text, page, finding, false);
                text.push('\n');
            }
        }
    }
}

/// `10.0.0.1  8 of 8 connections  20:26:18.729 … 20:26:24.812  #76 … #170, about every 1.02 s`
fn table(text: &mut String, page: &Page<'_>, cause: &Cause, loads: &[Load]) {
    let mut clients: Vec<(&IpAddr, &Hits)> = cause.hits.iter().collect();
    clients.sort_by_key(|(addr, hits)| (std::cmp::Reverse(hits.connections.len()), **addr));
    let head = format!("  hit         {}:", plural(cause.clients, "client"));
    text.push_str(&page.paint.of(Meaning::Heading, &head));
    text.push('\n');
    for (addr, hits) in clients.iter().take(CLIENTS) {
        row(text, page, cause, **addr, hits, loads);
    }
    let unsaid = cause.clients.saturating_sub(CLIENTS as u64);
    if unsaid > 0 {
        text.push_str(&format!("    and {}\n", plural(unsaid, "more client")));
    }
}

fn row(
    text: &mut String,
    page: &Page<'_>,
    cause: &Cause,
    addr: IpAddr,
    hits: &Hits,
    loads: &[Load],
) {
    let mine =
        |l: &&Load| l.client == addr && matches!(cause.place, Place::Server(s) if s == l.server);
    let hit = hits.connections.len() as u64;
    let of = loads
        .iter()
        .filter(mine)
        .map(|l| l.connections)
        .sum::<u64>()
        .max(hit);
    let last = hits.last;
    let Some(&first) = hits.moments.first() else {
        return;
    };
    let mut line = format!(
        "{addr}  {hit} of {}, {}",
        plural(of, "connection"),
        page.packet(first.at)
    );
    if first != last {
        line.push_str(&format!(
            " to {}, within {}",
            page.packet(last.at),
            span(last.time.since(first.time))
        ));
    }
    let times: Vec<Timestamp> = hits.moments.iter().map(|m| m.time).collect();
    if let Some(period) = period(&times) {
        line.push_str(&format!(", every {}", span(period)));
    }
    text.push_str(&wrapped(&line, WIDTH, "    ", "      "));
    text.push('\n');
}

/// The median pause between the hits of a client that comes back again and again.
fn period(times: &[Timestamp]) -> Option<i64> {
    if times.len() < PERIODIC {
        return None;
    }
    let mut pauses: Vec<i64> = times
        .windows(2)
        .filter_map(|w| Some(w.last()?.since(*w.first()?)))
        .collect();
    pauses.sort_unstable();
    let median = *pauses.get(pauses.len() / 2)?;
    (median > 100_000_000).then_some(median)
}
