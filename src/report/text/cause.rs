//! One block a cause, of one rule at most three: what happened, the example that proves it best, what to do, and who was hit.

use super::finding;
use super::page::{Page, WIDTH};
use super::paint::Meaning;
use super::wrap::wrapped;
use crate::analyzer::{Cause, Hits, Load, Place};
use crate::model::{Timestamp, plural, span};
use crate::report::answer::Answer;
use crate::rules::Severity;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Clients in the table of the first cause of a rule.
const CLIENTS: usize = 5;
/// Clients in the tables of its further causes: they tell another server, not another story.
const CLIENTS_AGAIN: usize = 2;
/// Causes of one rule that have a block; the verdict and the JSON name more.
const BLOCKS: usize = 3;
/// Hits from which on a period is said.
const PERIODIC: usize = 4;

/// Every cause that accuses somebody; with `-v` the notes as well.
pub(super) fn write(text: &mut String, page: &Page<'_>, answer: &Answer<'_>) {
    let mut blocks: BTreeMap<&str, usize> = BTreeMap::new();
    for cause in &answer.causes {
        if cause.severity == Severity::Note && !page.verbose {
            continue;
        }
        let before = blocks.entry(cause.rule).or_default();
        *before += 1;
        match *before {
            1 => finding::full(text, page, &cause.best, true),
            _ if page.verbose => finding::full(text, page, &cause.best, false),
            2..=BLOCKS => finding::brief(text, page, &cause.best),
            _ => continue,
        }
        if cause.findings > 1 {
            let rows = if *before == 1 { CLIENTS } else { CLIENTS_AGAIN };
            table(text, page, cause, rows, &answer.summary.loads);
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
    if !page.verbose {
        without_a_block(text, &blocks);
    }
}

/// `12 more causes of auth-race: -v, or \`causes\` in the JSON.`
fn without_a_block(text: &mut String, blocks: &BTreeMap<&str, usize>) {
    for (rule, &causes) in blocks {
        let more = causes.saturating_sub(BLOCKS) as u64;
        if more > 0 {
            let causes = plural(more, "more cause");
            text.push_str(&format!(
                "{causes} of {rule}: -v, or `causes` in the JSON.\n\n"
            ));
        }
    }
}

/// `10.0.0.1  8 of 8 connections  20:26:18.729 … 20:26:24.812  #76 … #170, about every 1.02 s`
fn table(text: &mut String, page: &Page<'_>, cause: &Cause, rows: usize, loads: &[Load]) {
    let mut clients: Vec<(&IpAddr, &Hits)> = cause.hits.iter().collect();
    clients.sort_by_key(|(addr, hits)| (std::cmp::Reverse(hits.connections.len()), **addr));
    let head = format!("  hit         {}:", plural(cause.clients, "client"));
    text.push_str(&page.paint.of(Meaning::Heading, &head));
    text.push('\n');
    for (addr, hits) in clients.iter().take(rows) {
        row(text, page, cause, **addr, hits, loads);
    }
    let unsaid = cause.clients.saturating_sub(rows as u64);
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
