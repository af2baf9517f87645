//! Who sends commands right behind AUTH and got away with it.

use super::draft::CONNECTIONS_MAX;
use super::finding::Moment;
use super::latency::Latency;
use crate::model::{ConnectionId, Endpoint};
use hashbrown::HashMap;
use std::net::IpAddr;

/// One client's blind commands that were answered well.
#[derive(Clone, Debug)]
pub(super) struct Exposure {
    pub first: Moment,
    pub last: Moment,
    pub connections: Vec<ConnectionId>,
    pub total: u64,
    pub commands: u64,
    pub auth: Latency,
    pub delay: i64,
    pub server: Endpoint,
    pub client: Endpoint,
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
        let room = entry.connections.len() < CONNECTIONS_MAX;
        if room {
            entry.connections.push(exposed.connection);
        }
        room
    }

    /// All of them, in order of the client addresses.
    pub(super) fn by_client(&self) -> Vec<(IpAddr, &Exposure)> {
        let mut all: Vec<_> = self.by_client.iter().map(|(c, e)| (*c, e)).collect();
        all.sort_unstable_by_key(|(client, _)| *client);
        all
    }
}
