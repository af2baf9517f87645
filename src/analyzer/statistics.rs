//! Counters of the whole run, and who was on the wire.

use super::connection::{Connection, Talk};
use super::event::{BusyPort, ConnectionReport, EndpointReport, LatencySummary, Load, StreamBytes};
use super::loads::Loads;
use crate::legs::Latency;
use crate::model::{Endpoint, Role, Side};
use crate::redis::detect::is_redis_port;
use crate::redis::{Account, Counts};
use crate::rules::{Desk, Scene};
use crate::tcp::FlowMeta;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Ports listed in the summary.
const BUSIEST: usize = 10;

#[derive(Clone, Copy, Debug)]
struct Busy {
    connections: u64,
    bytes: u64,
    looks_like: &'static str,
}

/// Counters of the whole run.
#[derive(Clone, Debug)]
pub(super) struct Statistics {
    pub ignored: u64,
    pub redis: u64,
    pub encrypted: u64,
    pub counts: Counts,
    limit: usize,
    pub ports_dropped: u64,
    ports: HashMap<Endpoint, Busy>,
    clients: BTreeSet<IpAddr>,
    servers: BTreeSet<Endpoint>,
    /// Redis connections with one direction only.
    pub one_sided: u64,
    /// See [`super::Summary::unrecognised_connections`].
    pub unrecognised: u64,
    loads: Loads,
    pub stream_bytes: StreamBytes,
}

impl Statistics {
    pub(super) fn new(limit: usize) -> Statistics {
        Statistics {
            ignored: 0,
            redis: 0,
            encrypted: 0,
            counts: Counts::default(),
            limit,
            ports_dropped: 0,
            ports: HashMap::new(),
            clients: BTreeSet::new(),
            servers: BTreeSet::new(),
            one_sided: 0,
            unrecognised: 0,
            loads: Loads::default(),
            stream_bytes: StreamBytes::default(),
        }
    }

    /// A Redis connection ended with so many captured bytes in both directions. What became of them is told by direction.
    pub(super) fn bytes(&mut self, captured: u64, [client, server]: [Account; 2]) {
        self.stream_bytes.captured += captured;
        self.stream_bytes.client.add(client);
        self.stream_bytes.server.add(server);
    }

    /// A connection ended. `ports`: those of Redis, beside the usual ones.
    pub(super) fn closed(&mut self, connection: &Connection, meta: &FlowMeta, ports: &[u16]) {
        let client = match &connection.talk {
            Talk::Redis(talk) => talk.client,
            _ => meta.opener.unwrap_or_else(|| client_by_port(meta, ports)),
        };
        let server = meta.key.end(client.peer());
        let unknown = matches!(connection.talk, Talk::Probing(_) | Talk::Other);
        // On any port, where it was joined inside of what was said and reads like RESP.
        let reads_so = matches!(&connection.talk, Talk::Probing(p) if p.may_be_redis());
        let redis = reads_so || is_redis_port(&server, ports);
        self.unrecognised += u64::from(unknown && redis);
        let room = self.ports.len() < self.limit;
        let looks_like = match connection.talk {
            Talk::New | Talk::Probing(_) | Talk::Other if meta.one_sided() => "one direction only",
            ref talk => talk.looks_like(),
        };
        let busy = match self.ports.entry(server) {
            Entry::Occupied(busy) => busy.into_mut(),
            Entry::Vacant(place) if room => place.insert(Busy {
                connections: 0,
                bytes: 0,
                looks_like,
            }),
            Entry::Vacant(_) => {
                self.ports_dropped += 1;
                return;
            }
        };
        busy.connections += 1;
        busy.bytes += connection.bytes[0] + connection.bytes[1];
        if busy.looks_like == "no payload" {
            busy.looks_like = looks_like;
        }
    }

    /// A Redis connection ended.
    pub(super) fn redis(&mut self, counts: &Counts, scene: &Scene, one_sided: bool) {
        self.redis += 1;
        self.counts.add(counts);
        self.one_sided += u64::from(one_sided);
        let pair = (scene.client.addr, scene.server);
        if self.loads.add_again(&pair) {
            return;
        }
        let known = self.server(scene.server);
        match self.loads.add(pair, self.limit) {
            true if known => self.loads.expect_again(pair),
            true => {}
            false => self.ports_dropped += 1,
        }
    }

    /// Notes a server. `false`: there is no room for it.
    fn server(&mut self, server: Endpoint) -> bool {
        let known = if self.servers.len() < self.limit {
            self.servers.insert(server);
            true
        } else {
            self.servers.contains(&server)
        };
        self.ports_dropped += u64::from(!known);
        known
    }

    /// Redis connections by client and server.
    pub(super) fn loads(&self) -> Vec<Load> {
        self.loads.told()
    }

    /// A connection is reported: its ends belong to the endpoints.
    pub(super) fn report(&mut self, report: &ConnectionReport) {
        let (client, server) = (report.client.addr, report.server);
        if self.clients.len() < self.limit {
            self.clients.insert(client);
        } else if !self.clients.contains(&client) {
            self.ports_dropped += 1;
        }
        self.server(server);
    }

    /// The busiest ports, most bytes first.
    pub(super) fn busiest(&self) -> Vec<BusyPort> {
        let mut all: Vec<BusyPort> = self
            .ports
            .iter()
            .map(|(server, busy)| BusyPort {
                server: *server,
                connections: busy.connections,
                bytes: busy.bytes,
                looks_like: busy.looks_like,
            })
            .collect();
        all.sort_unstable_by_key(|p| (std::cmp::Reverse(p.bytes), p.server));
        all.truncate(BUSIEST);
        all
    }

    /// Clients of the reported connections by address, every Redis server with its port.
    pub(super) fn endpoints(&self, desk: &Desk, config: &super::Config) -> Vec<EndpointReport> {
        let declared = |end: &Endpoint| config.declared(end);
        let clients = self.clients.iter().map(|addr| {
            let any = Endpoint {
                addr: *addr,
                port: 0,
            };
            let role = declared(&any);
            EndpointReport {
                address: addr.to_string(),
                role: role.unwrap_or(Role::Client),
                evidence: Some(evidence(role, "it sends commands")),
                software: None,
                latency: None,
                auth_latency: None,
            }
        });
        let servers = self
            .servers
            .iter()
            .map(|end| server(end, desk, declared(end)));
        clients.chain(servers).collect()
    }
}

fn evidence(declared: Option<Role>, seen: &str) -> String {
    match declared {
        Some(_) => "declared".to_owned(),
        None => seen.to_owned(),
    }
}

fn server(end: &Endpoint, desk: &Desk, declared: Option<Role>) -> EndpointReport {
    let stats = desk.endpoints.known(end);
    let software = stats.and_then(|s| s.software.clone());
    let proxy = stats.and_then(|s| s.proxy.clone());
    let by_name = software.as_deref().is_some_and(|s| s.contains("proxy"));
    let (role, why) = match (&proxy, by_name) {
        (Some(text), _) => (Role::Proxy, Some(text.clone())),
        (None, true) => (
            Role::Proxy,
            Some("it says so in its reply to HELLO".to_owned()),
        ),
        (None, false) => (Role::Unknown, None),
    };
    EndpointReport {
        address: end.to_string(),
        role: declared.unwrap_or(role),
        evidence: declared.map(|_| "declared".to_owned()).or(why),
        software,
        latency: stats.and_then(|s| summed_up(&s.latency)),
        auth_latency: stats.and_then(|s| summed_up(&s.auth)),
    }
}

fn summed_up(latency: &Latency) -> Option<LatencySummary> {
    (latency.count() > 0).then(|| LatencySummary {
        count: latency.count(),
        p50_ns: latency.told(50).unwrap_or(0),
        p99_ns: latency.told(99).unwrap_or(0),
        max_ns: latency.max(),
        exact: latency.is_exact(),
    })
}

/// Without a SYN: the other end has a port of Redis, or the lower one.
fn client_by_port(meta: &FlowMeta, ports: &[u16]) -> Side {
    let higher = meta.higher_port();
    let serves = |side: Side| is_redis_port(&meta.key.end(side), ports);
    match serves(higher) && !serves(higher.peer()) {
        true => higher.peer(),
        false => higher,
    }
}
