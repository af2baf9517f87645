//! What is known of each server address. Everything that verdicts on one connection take from others is here.

use super::{Activity, Dismissals, Latency, Waits};
use crate::model::{ConnectionId, Endpoint, PacketRef, Timestamp};
use hashbrown::{HashMap, HashSet};

/// So many distinct credentials and refused commands of one server are remembered.
const PRINTS: usize = 256;

/// What is known of one server address.
#[derive(Clone, Debug, Default)]
pub struct ServerFacts {
    /// Answered commands, without AUTH, blocking commands and suspects.
    pub latency: Latency,
    /// Accepted AUTHs.
    pub auth: Latency,
    /// Why it is thought to be a proxy.
    pub proxy: Option<String>,
    /// predixy or Codis: they answer more commands themselves.
    pub answers_more: bool,
    /// Product and version, as it said.
    pub software: Option<String>,
    /// It showed INFO or HELLO of a Redis or Valkey.
    pub says_redis: bool,
    /// Somebody changed settings or users: its passwords may be others than before.
    pub logins_change: bool,
    /// Who asked it to end connections.
    pub dismissals: Dismissals,
    /// Times in which it made clients wait.
    pub waits: Waits,
    /// Who was served last.
    pub activity: Activity,
    /// First packet and time of an accepted AUTH.
    pub first_auth: Option<(Timestamp, PacketRef)>,
    /// Connections with an accepted AUTH: how many, and the first few.
    pub with_auth_total: u64,
    /// See there.
    pub with_auth: Vec<ConnectionId>,
    /// A blind command behind an accepted AUTH was served, on some connection.
    pub blind_served: bool,
    /// On some connection AUTH was accepted and a command that was not blind was refused, with nothing served.
    pub not_honoured: bool,
    /// Connections that it ended while a command waited.
    pub closed_waiting: u64,
    /// A finding of the auth boundary names it.
    pub boundary_error: bool,
    accepted: HashSet<u64>,
    refused_late: HashSet<u64>,
}

impl ServerFacts {
    /// AUTH with this credential was accepted. `true` when that is new.
    pub fn accept(&mut self, credential: u64) -> bool {
        self.accepted.len() < PRINTS && self.accepted.insert(credential)
    }

    /// AUTH with this credential was accepted at some time.
    pub fn accepts(&self, credential: u64) -> bool {
        self.accepted.contains(&credential)
    }

    /// Behind an accepted login that works, this command was refused though it was not blind. `true` when that is new.
    pub fn refuse_late(&mut self, command: u64) -> bool {
        self.refused_late.len() < PRINTS && self.refused_late.insert(command)
    }

    /// This very command was, see [`ServerFacts::refuse_late`].
    pub fn refused_late(&self, command: u64) -> bool {
        self.refused_late.contains(&command)
    }

    /// Another command than this one was.
    pub fn refused_other_late(&self, command: u64) -> bool {
        self.refused_late.len() > usize::from(self.refused_late(command))
    }

    /// How long a command may stay without an answer before that is worth a finding: one second, and ten times the 99th
    /// percentile (ns).
    pub fn patience_ns(&self) -> i64 {
        const LEAST_NS: i64 = 1_000_000_000;
        // The usual case needs no percentile: no answer took so long that it would count.
        if self.latency.max() <= LEAST_NS / 10 {
            return LEAST_NS;
        }
        let p99 = self.latency.percentile(99).unwrap_or(0);
        p99.saturating_mul(10).max(LEAST_NS)
    }
}

/// All servers.
#[derive(Debug)]
pub struct Endpoints {
    limit: usize,
    places: HashMap<Endpoint, u32>,
    servers: Vec<ServerFacts>,
    /// The address that was asked for last, with its place: most often the next one is the same.
    last: Option<(Endpoint, u32)>,
    dropped: u64,
}

impl Endpoints {
    /// With room for `limit` servers.
    pub fn new(limit: usize) -> Endpoints {
        Endpoints {
            limit,
            places: HashMap::new(),
            servers: Vec::new(),
            last: None,
            dropped: 0,
        }
    }

    /// The place of a server; `None` when there is no room for another one.
    pub fn place(&mut self, address: Endpoint) -> Option<u32> {
        if let Some((last, place)) = self.last
            && last == address
        {
            return Some(place);
        }
        if let Some(place) = self.places.get(&address) {
            self.last = Some((address, *place));
            return Some(*place);
        }
        if self.servers.len() >= self.limit {
            self.dropped += 1;
            return None;
        }
        let place = u32::try_from(self.servers.len()).ok()?;
        self.servers.push(ServerFacts::default());
        self.places.insert(address, place);
        Some(place)
    }

    /// What is known of the server at a place, see [`Endpoints::place`].
    pub fn at(&mut self, place: u32) -> Option<&mut ServerFacts> {
        self.servers.get_mut(place as usize)
    }

    /// What is known of a server; `None` when there is no room for another one.
    pub fn server(&mut self, address: Endpoint) -> Option<&mut ServerFacts> {
        let place = self.place(address)?;
        self.at(place)
    }

    /// What is known of a server seen before.
    pub fn known(&self, address: &Endpoint) -> Option<&ServerFacts> {
        let place = self.places.get(address)?;
        self.servers.get(*place as usize)
    }

    /// All servers, in order of their addresses.
    pub fn all(&self) -> Vec<(&Endpoint, &ServerFacts)> {
        let facts = |place: &u32| self.servers.get(*place as usize);
        let all = self.places.iter();
        let mut all: Vec<_> = all
            .filter_map(|(a, place)| Some((a, facts(place)?)))
            .collect();
        all.sort_unstable_by_key(|(address, _)| **address);
        all
    }

    /// Times a server found no room.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}
