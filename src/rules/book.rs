//! What all connections of a run add to: findings on their way out, endpoints, clients.

use super::exposure::Exposures;
use super::finding::Finding;
use super::latency::Latency;
use crate::model::{Endpoint, PacketRef, Timestamp};
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Bounds of the book.
#[derive(Clone, Copy, Debug)]
pub struct BookLimits {
    /// Findings in all; beyond it they are only counted.
    pub findings: usize,
    /// Servers with statistics.
    pub endpoints: usize,
}

/// What is known of one server address.
#[derive(Clone, Debug, Default)]
pub struct ServerStats {
    /// Answered commands, without AUTH, blocking commands and suspects.
    pub latency: Latency,
    /// Accepted AUTHs.
    pub auth: Latency,
    /// Why it is thought to be a proxy.
    pub proxy: Option<String>,
    /// Product and version, as it said.
    pub software: Option<String>,
    /// Somebody told it to make clients wait (CLIENT PAUSE).
    pub paused: bool,
    /// First packet and time of an accepted AUTH.
    pub first_auth: Option<(Timestamp, PacketRef)>,
    /// Connections with an accepted AUTH: how many, and the first few.
    pub with_auth_total: u64,
    /// See there.
    pub with_auth: Vec<crate::model::ConnectionId>,
}

/// Findings and statistics of a run.
#[derive(Debug)]
pub struct Book {
    limits: BookLimits,
    outbox: VecDeque<Finding>,
    known: BTreeSet<String>,
    servers: HashMap<Endpoint, ServerStats>,
    /// Clients whose blind commands were answered well.
    pub(crate) exposures: Exposures,
    by_rule: BTreeMap<&'static str, u64>,
    dropped: u64,
    endpoints_dropped: u64,
}

impl Book {
    /// An empty book.
    pub fn new(limits: BookLimits) -> Book {
        Book {
            limits,
            outbox: VecDeque::new(),
            known: BTreeSet::new(),
            servers: HashMap::new(),
            exposures: Exposures::new(limits.endpoints),
            by_rule: BTreeMap::new(),
            dropped: 0,
            endpoints_dropped: 0,
        }
    }

    /// Says a finding, or a new revision of one. `false` when there are too many already.
    pub(crate) fn say(&mut self, finding: Finding) -> bool {
        let new = !self.known.contains(&finding.id);
        if finding.withdrawn {
            if self.known.remove(&finding.id) {
                self.count(finding.rule, -1);
            }
        } else if new {
            if self.known.len() >= self.limits.findings {
                self.dropped += 1;
                return false;
            }
            self.known.insert(finding.id.clone());
            self.count(finding.rule, 1);
        }
        self.outbox.push_back(finding);
        true
    }

    fn count(&mut self, rule: &'static str, by: i64) {
        let count = self.by_rule.entry(rule).or_default();
        *count = count.saturating_add_signed(by);
        if *count == 0 {
            self.by_rule.remove(rule);
        }
    }

    /// The next finding to be told.
    pub fn take_news(&mut self) -> Option<Finding> {
        self.outbox.pop_front()
    }

    /// Findings by rule, without those taken back.
    pub fn by_rule(&self) -> &BTreeMap<&'static str, u64> {
        &self.by_rule
    }

    /// Findings that found no room.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Servers that found no room.
    pub fn endpoints_dropped(&self) -> u64 {
        self.endpoints_dropped + self.exposures.dropped()
    }

    /// Statistics of a server; `None` when there is no room for another one.
    pub fn server(&mut self, address: Endpoint) -> Option<&mut ServerStats> {
        if !self.servers.contains_key(&address) && self.servers.len() >= self.limits.endpoints {
            self.endpoints_dropped += 1;
            return None;
        }
        Some(self.servers.entry(address).or_default())
    }

    /// Statistics of a server seen before.
    pub fn known_server(&self, address: &Endpoint) -> Option<&ServerStats> {
        self.servers.get(address)
    }

    /// All servers, in order of their addresses.
    pub fn servers(&self) -> Vec<(&Endpoint, &ServerStats)> {
        let mut all: Vec<_> = self.servers.iter().collect();
        all.sort_unstable_by_key(|(address, _)| **address);
        all
    }

    /// How long a command may stay without an answer before that is worth a finding: one second, and ten times the
    /// endpoint's 99th percentile (ns).
    pub(crate) fn patience_ns(&self, server: &Endpoint) -> i64 {
        let p99 = self
            .known_server(server)
            .and_then(|s| s.latency.percentile(99))
            .unwrap_or(0);
        p99.saturating_mul(10).max(1_000_000_000)
    }
}
