//! The two notes about the auth boundary that only the whole run can decide: clients that send commands right behind
//! AUTH, and servers whose AUTH takes long.

use super::book::Book;
use super::draft;
use super::exposure::Exposure;
use super::finding::{Culprit, Finding, Moment, Scope};
use super::{pipelined_past_auth, slow_auth};
use crate::model::span;
use std::net::IpAddr;

/// AUTH slower than this is worth a note (ns).
const SLOW_NS: i64 = 1_000_000;
/// … if it also takes so many times as long as other commands.
const SLOW_TIMES: i64 = 10;

/// The notes of the whole run.
pub(crate) fn at_the_end(book: &mut Book) {
    for finding in pipelined(book).into_iter().chain(slow(book)) {
        book.say(finding);
    }
}

fn pipelined(book: &Book) -> Vec<Finding> {
    let all = book.exposures.by_client().into_iter();
    all.map(|(client, exposure)| exposed_client(client, exposure))
        .collect()
}

fn exposed_client(client: IpAddr, exposure: &Exposure) -> Finding {
    let info = &pipelined_past_auth::INFO;
    let mut finding = draft::on_many(info, Scope::Client, exposure.first, &client.to_string());
    let at = |percent| exposure.auth.percentile(percent).unwrap_or(0);
    let (p50, p99, max) = (at(50), at(99), exposure.auth.max());
    finding.is_final = true;
    finding.title = format!(
        "{client} sends commands before AUTH is answered, on {} connection{}",
        exposure.total,
        if exposure.total == 1 { "" } else { "s" }
    );
    finding.culprit = Culprit::Client;
    finding.client = Some(exposure.client);
    finding.server = Some(exposure.server);
    finding.connections.clone_from(&exposure.connections);
    // In a fixed order, however the connections ended: live, some end earlier.
    finding.connections.sort_unstable();
    finding.connections_total = exposure.total;
    finding.last = exposure.last;
    finding.measures = vec![
        ("connections", exposure.total as i64),
        ("commands", exposure.commands as i64),
        ("auth_p50_ns", p50),
        ("auth_p99_ns", p99),
        ("auth_max_ns", max),
        ("delay_that_would_do_ns", exposure.delay),
    ];
    finding.proof.text = format!(
        "{} left before AUTH's reply had arrived; all were answered well. AUTH took {} (median), {} at \
         most. A pause of {} behind AUTH would have been enough.",
        match exposure.commands {
            1 => "1 command".to_owned(),
            n => format!("{n} commands"),
        },
        span(p50),
        span(max),
        span(exposure.delay)
    );
    finding.proof.packets = vec![exposure.first.at];
    finding
}

fn slow(book: &Book) -> Vec<Finding> {
    book.servers()
        .into_iter()
        .filter_map(|(address, stats)| {
            let auth = stats.auth.percentile(50)?;
            let other = stats.latency.percentile(50)?;
            let (time, at) = stats.first_auth?;
            if auth < SLOW_NS || auth < other.saturating_mul(SLOW_TIMES) {
                return None;
            }
            let info = &slow_auth::INFO;
            let first = Moment { time, at };
            let mut finding = draft::on_many(info, Scope::Endpoint, first, &address.to_string());
            finding.is_final = true;
            finding.title = format!(
                "{address} takes {} to answer AUTH, {} for other commands",
                span(auth),
                span(other)
            );
            finding.server = Some(*address);
            finding.culprit_endpoint = Some(*address);
            finding.culprit = Culprit::Server;
            finding.connections.clone_from(&stats.with_auth);
            finding.connections_total = stats.with_auth_total;
            finding.measures = vec![
                ("auths", stats.auth.count() as i64),
                ("auth_p50_ns", auth),
                ("auth_max_ns", stats.auth.max()),
                ("other_p50_ns", other),
            ];
            let median = |count: u64, what: &str, ns: i64| match count {
                1 => format!("the one {what} took {}", span(ns)),
                many => format!("the median of {many} {what}s is {}", span(ns)),
            };
            finding.proof.text = format!(
                "AUTH and the rest: {}; {}.",
                median(stats.auth.count(), "accepted AUTH", auth),
                median(stats.latency.count(), "other command", other)
            );
            finding.proof.packets = vec![at];
            Some(finding)
        })
        .collect()
}
