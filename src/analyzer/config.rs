//! Settings and limits as plain data. Every bound of the program is a field here and a counter when it is hit.

use crate::model::{AddressFilter, Endpoint, Role, Timestamp};
use crate::redis::Show;

/// Which connections become [`Event::Connection`](super::Event::Connection).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ConnectionsWanted {
    /// Those that a finding names.
    #[default]
    Notable,
    /// Every Redis connection.
    All,
}

/// Settings of one run.
#[derive(Clone, Debug)]
pub struct Config {
    /// Emit an [`ExchangeLine`](super::ExchangeLine) per command.
    pub exchanges: bool,
    /// Tell findings while their connection is open, and each change. Without it each is told when nothing more can come in
    /// its case, and again only if other connections change it: for whoever looks at the end only.
    pub revisions: bool,
    /// Take what is ordinary by the fast lane, see [`crate::redis::Shared::fast_lane`].
    pub fast_lane: bool,
    /// Which connections to report.
    pub connections: ConnectionsWanted,
    /// What may be shown.
    pub show: Show,
    /// Show the words of error texts as well, but for those that may be credentials.
    pub show_errors: bool,
    /// Ports that are Redis although content alone does not say so.
    pub ports: Vec<u16>,
    /// Only connections with such a client.
    pub clients: Vec<AddressFilter>,
    /// Only connections with such a server.
    pub servers: Vec<AddressFilter>,
    /// Only packets from this time on.
    pub from: Option<Timestamp>,
    /// Only packets up to this time.
    pub to: Option<Timestamp>,
    /// Only the connection with this Wireshark `tcp.stream` number in the first input.
    pub stream: Option<u32>,
    /// There are several inputs: their clocks are compared.
    pub several_inputs: bool,
    /// Declared roles.
    pub roles: Vec<(AddressFilter, Role)>,
    /// Limits.
    pub limits: Limits,
}

impl Config {
    /// No connection is left out for its addresses.
    #[inline]
    pub(super) fn wants_all(&self) -> bool {
        self.clients.is_empty() && self.servers.is_empty()
    }

    /// A connection between these two may pass `--client` and `--server`, whichever of them is which.
    pub fn may_want(&self, one: &Endpoint, other: &Endpoint) -> bool {
        self.wants(one, other) || self.wants(other, one)
    }

    /// A connection of this client to this server passes `--client` and `--server`.
    pub fn wants(&self, client: &Endpoint, server: &Endpoint) -> bool {
        let passes = |filters: &[AddressFilter], end: &Endpoint| {
            filters.is_empty() || filters.iter().any(|f| f.matches(end))
        };
        passes(&self.clients, client) && passes(&self.servers, server)
    }

    /// What this end was declared to be.
    pub fn declared(&self, end: &Endpoint) -> Option<Role> {
        let declared = self.roles.iter().find(|(filter, _)| filter.matches(end));
        declared.map(|(_, role)| *role)
    }

    /// The time passes `--from` and `--to`.
    pub fn is_within(&self, time: Timestamp) -> bool {
        self.from.is_none_or(|from| time >= from) && self.to.is_none_or(|to| time <= to)
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            exchanges: false,
            revisions: true,
            fast_lane: true,
            connections: ConnectionsWanted::Notable,
            show: Show::Tags,
            show_errors: false,
            ports: Vec::new(),
            clients: Vec::new(),
            servers: Vec::new(),
            from: None,
            to: None,
            stream: None,
            several_inputs: false,
            roles: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// Every bound, with its default. A bound that is hit is counted under the field's name in `Totals::limits`.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Live TCP connections kept; beyond it the longest silent one is dropped.
    pub connections: usize,
    /// Closed connections remembered so that a late segment does not open a new one.
    pub closed_connections: usize,
    /// Out-of-order payload bytes held per connection.
    pub held_bytes_per_connection: usize,
    /// Out-of-order payload bytes held in all.
    pub held_bytes: usize,
    /// How long, in ns, a piece of a stream may be missing although the other end has acknowledged it, before it is
    /// taken as lost by the capture.
    pub reorder_grace_ns: i64,
    /// Connections kept of which nothing but the SYN was seen; beyond it the oldest is dropped.
    pub half_open: usize,
    /// How long, in ns, such a connection is kept, and one that was replaced by another one on its ports.
    pub half_open_ns: i64,
    /// Silence in ns after which a connection is dropped from memory.
    pub idle_ns: i64,
    /// Commands in flight per connection.
    pub commands_in_flight: usize,
    /// Commands in flight of a connection while no packet of its server was seen.
    pub commands_unheard: usize,
    /// Memory (bytes) that the commands in flight of all connections may take. Beyond it, connections that add to it give
    /// theirs up.
    pub waiting_bytes: usize,
    /// Closed cases that other connections may still change; beyond it the oldest is final.
    pub cases: usize,
    /// Connections kept for the report.
    pub reported_connections: usize,
    /// Connections kept in the order in which their clients opened them.
    pub client_connections: usize,
    /// Error texts kept with the commands they answer.
    pub error_texts: usize,
    /// Distinct keys and values that get an ordinal.
    pub tags: usize,
    /// Servers with a latency histogram.
    pub endpoints: usize,
    /// Unknown command names kept by name.
    pub command_names: usize,
    /// Error codes kept by name.
    pub error_codes: usize,
    /// Bounds of link, network and tunnel decoding.
    pub decode: crate::packet::DecodeLimits,
    /// Bounds of RESP framing.
    pub framing: crate::resp::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 1_000_000,
            closed_connections: 65_536,
            held_bytes_per_connection: 1 << 20,
            held_bytes: 64 << 20,
            reorder_grace_ns: 10_000_000,
            half_open: 65_536,
            half_open_ns: 60_000_000_000,
            idle_ns: 3_600_000_000_000,
            commands_in_flight: 1_000_000,
            commands_unheard: 64,
            waiting_bytes: 64 << 20,
            cases: 10_000,
            reported_connections: 10_000,
            client_connections: 65_536,
            error_texts: 1_024,
            tags: 100_000,
            endpoints: 10_000,
            command_names: 4_096,
            error_codes: 1_024,
            decode: crate::packet::DecodeLimits::default(),
            framing: crate::resp::Limits::default(),
        }
    }
}
