//! Who sends commands right behind AUTH and got away with it, and whose AUTH takes long: the two notes about the
//! boundary. Both are judged when the capture ends.

use super::book::Book;
use super::draft;
use super::finding::{Culprit, Finding, Moment, Scope};
use super::latency::Latency;
use super::{pipelined_past_auth, slow_auth};
use crate::model::{ConnectionId, Endpoint};
use hashbrown::HashMap;
use std::net::IpAddr;

/// AUTH slower than this is worth a note (ns).
const SLOW_NS: i64 = 1_000_000;
/// … if it also takes so many times as long as other commands.
const SLOW_TIMES: i64 = 10;

/// One client's blind commands that were answered well.
#[derive(Clone, Debug)]
struct Exposure {
    first: Moment,
    last: Moment,
    connections: Vec<ConnectionId>,
    total: u64,
    commands: u64,
    auth: Latency,
    delay: i64,
    server: Endpoint,
    client: Endpoint,
}

/// All of them, by client address.
#[derive(Debug)]
pub(crate) struct Exposures {
    by_client: HashMap<IpAddr, Exposure>,
    limit: usize,
    dropped: u64,
}

/// One AUTH window with blind commands that were answered well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exposed {
    pub connection: ConnectionId,
    /// No window of this connection was added before.
    pub new: bool,
    pub client: Endpoint,
    pub server: Endpoint,
    pub auth_sent: Moment,
    pub auth_latency_ns: i64,
    pub commands: u64,
    /// From the first blind command's last byte to AUTH's reply: the delay that would have been enough.
    pub delay_ns: i64,
    pub last: Moment,
}

impl Exposures {
    pub(crate) fn new(limit: usize) -> Exposures {
        Exposures {
            by_client: HashMap::new(),
            limit,
            dropped: 0,
        }
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Adds a window. `true` when the finding will name the connection.
    pub(crate) fn add(&mut self, exposed: &Exposed) -> bool {
        let client = exposed.client.addr;
        if !self.by_client.contains_key(&client) && self.by_client.len() >= self.limit {
            self.dropped += 1;
            return false;
        }
        let entry = self.by_client.entry(client).or_insert_with(|| Exposure {
            first: exposed.auth_sent,
            last: exposed.last,
            connections: Vec::new(),
            total: 0,
            commands: 0,
            auth: Latency::default(),
            delay: 0,
            server: exposed.server,
            client: exposed.client,
        });
        entry.last = entry.last.max(exposed.last);
        entry.commands += exposed.commands;
        entry.auth.record(exposed.auth_latency_ns);
        entry.delay = entry.delay.max(exposed.delay_ns);
        if !exposed.new {
            return false;
        }
        entry.total += 1;
        let room = entry.connections.len() < draft::CONNECTIONS_MAX;
        if room {
            entry.connections.push(exposed.connection);
        }
        room
    }
}

/// The notes of the whole run.
pub(crate) fn at_the_end(book: &mut Book) {
    for finding in pipelined(book).into_iter().chain(slow(book)) {
        book.say(finding);
    }
}

fn pipelined(book: &Book) -> Vec<Finding> {
    let mut all: Vec<_> = book.exposures.by_client.iter().collect();
    all.sort_unstable_by_key(|(client, _)| **client);
    all.into_iter()
        .map(|(client, exposure)| exposed_client(*client, exposure))
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
        draft::duration(p50),
        draft::duration(max),
        draft::duration(exposure.delay)
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
                draft::duration(auth),
                draft::duration(other)
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
            finding.proof.text = format!(
                "The median of {} accepted AUTHs is {}; of {} other commands it is {}.",
                stats.auth.count(),
                draft::duration(auth),
                stats.latency.count(),
                draft::duration(other)
            );
            finding.proof.packets = vec![at];
            Some(finding)
        })
        .collect()
}
