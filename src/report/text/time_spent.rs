//! Where the time went: each server with its commands and its AUTHs.

use super::page::Page;
use super::paint::Meaning;
use super::wrap::printable;
use crate::analyzer::{EndpointReport, LatencySummary};
use crate::model::{plural, span};
use std::cmp::Reverse;

/// Servers in the table.
const SERVERS: usize = 10;
/// Columns of an address. A longer one pushes its row to the right: half an address helps nobody.
const ADDRESS: usize = 21;
/// Columns of a duration.
const TIME: usize = 8;

/// The busiest servers. Of many commands a duration comes from a histogram whose steps are 6.25 % wide: `~` says so.
pub(super) fn write(text: &mut String, page: &Page<'_>, endpoints: &[EndpointReport]) {
    let count = |l: Option<LatencySummary>| l.map_or(0, |l| l.count);
    let mut servers: Vec<&EndpointReport> = endpoints
        .iter()
        .filter(|e| count(e.latency) + count(e.auth_latency) > 0)
        .collect();
    if servers.is_empty() {
        return;
    }
    servers.sort_by_key(|e| (Reverse(count(e.latency)), e.address.clone()));
    text.push_str(&page.paint.of(Meaning::Heading, "Where the time went"));
    let all = servers.iter().take(SERVERS);
    let mut all = all.flat_map(|e| [e.latency, e.auth_latency]).flatten();
    text.push_str(match all.any(|l| !l.exact) {
        true => " (AUTH by itself; ~ is within 7 %)\n",
        false => " (AUTH by itself)\n",
    });
    let head = format!(
        "  {:ADDRESS$} {:>7} {:>TIME$} {:>TIME$} {:>TIME$}  {:>TIME$} {:>TIME$}",
        "server", "replies", "p50", "p99", "max", "AUTH p50", "AUTH max"
    );
    text.push_str(&page.paint.of(Meaning::Aside, &head));
    text.push('\n');
    for server in servers.iter().take(SERVERS) {
        text.push_str(&row(server));
    }
    let unsaid = servers.len().saturating_sub(SERVERS) as u64;
    if unsaid > 0 {
        text.push_str(&format!("  and {}\n", plural(unsaid, "more server")));
    }
    text.push('\n');
}

fn row(e: &EndpointReport) -> String {
    let max = |l: Option<LatencySummary>| l.map_or_else(|| "-".to_owned(), |l| span(l.max_ns));
    let of = |l: Option<LatencySummary>, pick: fn(LatencySummary) -> i64| match l {
        None => "-".to_owned(),
        Some(l) if l.exact => span(pick(l)),
        Some(l) => format!("~{}", span(pick(l))),
    };
    format!(
        "  {:ADDRESS$} {:>7} {:>TIME$} {:>TIME$} {:>TIME$}  {:>TIME$} {:>TIME$}\n",
        printable(&e.address),
        e.latency.map_or(0, |l| l.count),
        of(e.latency, |l| l.p50_ns),
        of(e.latency, |l| l.p99_ns),
        max(e.latency),
        of(e.auth_latency, |l| l.p50_ns),
        max(e.auth_latency),
    )
}
