//! Who sends commands right behind AUTH and got away with it.

use crate::finding::{CONNECTIONS_MAX, Moment};
use crate::legs::Latency;
use crate::model::{ConnectionId, Endpoint};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// So many latencies of AUTH are kept one by one; beyond it a histogram stands for them.
const EXACT: usize = 1024;

/// Durations, exact as long as there are few.
#[derive(Clone, Debug, Default)]
pub(crate) struct Durations {
    each: Vec<i64>,
    all: Latency,
}

impl Durations {
    fn record(&mut self, ns: i64) {
        if self.each.len() < EXACT {
            self.each.push(ns.max(0));
        }
        self.all.record(ns);
    }

    fn join(&mut self, other: &Durations) {
        self.each.extend_from_slice(&other.each);
        self.all.join(&other.all);
    }

    /// The duration (ns) that `percent` of all do not exceed.
    pub(crate) fn percentile(&self, percent: u64) -> i64 {
        if self.each.len() as u64 != self.all.count() {
            return self.all.percentile(percent).unwrap_or(0);
        }
        let mut each = self.each.clone();
        each.sort_unstable();
        let rank = (self.all.count() * percent).div_ceil(100).max(1) - 1;
        let at = usize::try_from(rank).unwrap_or(usize::MAX);
        each.get(at).copied().unwrap_or(0)
    }

    /// The longest, ns.
    pub(crate) fn max(&self) -> i64 {
        self.all.max()
    }
}

/// One client's blind commands that were answered well.
#[derive(Clone, Debug)]
pub(crate) struct Exposure {
    pub first: Moment,
    pub last: Moment,
    pub connections: Vec<ConnectionId>,
    pub total: u64,
    pub commands: u64,
    pub auth: Durations,
    pub server: Endpoint,
    pub client: Endpoint,
}

/// All of them, by client address and server.
#[derive(Debug)]
pub(crate) struct Exposures {
    all: BTreeMap<(IpAddr, Endpoint), Exposure>,
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
    pub last: Moment,
}

impl Exposures {
    pub(crate) fn new(limit: usize) -> Exposures {
        Exposures {
            all: BTreeMap::new(),
            limit,
            dropped: 0,
        }
    }

    /// Pairs of client and server that found no room.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Adds a window. `true` when the finding may name the connection.
    pub(crate) fn add(&mut self, exposed: &Exposed) -> bool {
        let key = (exposed.client.addr, exposed.server);
        if !self.all.contains_key(&key) && self.all.len() >= self.limit {
            self.dropped += 1;
            return false;
        }
        let entry = self.all.entry(key).or_insert_with(|| Exposure {
            first: exposed.auth_sent,
            last: exposed.last,
            connections: Vec::new(),
            total: 0,
            commands: 0,
            auth: Durations::default(),
            server: exposed.server,
            client: exposed.client,
        });
        entry.first = entry.first.min(exposed.auth_sent);
        entry.last = entry.last.max(exposed.last);
        entry.commands += exposed.commands;
        entry.auth.record(exposed.auth_latency_ns);
        if !exposed.new {
            return false;
        }
        entry.total += 1;
        let room = entry.connections.len() < CONNECTIONS_MAX;
        if room {
            entry.connections.push(exposed.connection);
        }
        room
    }

    /// One for each client, in order of their addresses: of the servers for which `counts` holds.
    pub(crate) fn by_client(&self, counts: impl Fn(&Endpoint) -> bool) -> Vec<(IpAddr, Exposure)> {
        let mut clients: BTreeMap<IpAddr, Exposure> = BTreeMap::new();
        for ((client, server), exposure) in &self.all {
            if !counts(server) {
                continue;
            }
            match clients.get_mut(client) {
                None => {
                    clients.insert(*client, exposure.clone());
                }
                Some(joined) => joined.join(exposure),
            }
        }
        for exposure in clients.values_mut() {
            // In a fixed order, however the connections ended: live, some end earlier.
            exposure.connections.sort_unstable();
            exposure.connections.truncate(CONNECTIONS_MAX);
        }
        clients.into_iter().collect()
    }
}

impl Exposure {
    fn join(&mut self, other: &Exposure) {
        if other.first < self.first {
            (self.first, self.client, self.server) = (other.first, other.client, other.server);
        }
        self.last = self.last.max(other.last);
        self.connections.extend_from_slice(&other.connections);
        self.total += other.total;
        self.commands += other.commands;
        self.auth.join(&other.auth);
    }
}
