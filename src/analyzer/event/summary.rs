//! What is known when the last packet has been read.

use super::client::{ClientReport, Load};
use crate::model::{Endpoint, PacketRef, Role, Timestamp};
use crate::redis::{Account, Counts};
use std::collections::BTreeMap;

/// An error reply, by text and command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ErrorSeen {
    /// The text as shown (masked).
    pub text: String,
    /// The command it answered.
    pub command: String,
    /// How often.
    pub count: u64,
    /// The first of them.
    pub first: crate::rules::Moment,
}

/// Why a run ended before its input did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StopReason {
    /// Ctrl-C or another signal.
    Signal,
    /// An input could not be read any further.
    Input,
}

impl StopReason {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            StopReason::Signal => "signal",
            StopReason::Input => "input",
        }
    }
}

/// Where a run ended before its input did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stopped {
    /// Why.
    pub reason: StopReason,
    /// The last packet that was read.
    pub at: Option<PacketRef>,
    /// Bytes read.
    pub bytes_read: u64,
    /// Bytes there are, when known.
    pub bytes_total: Option<u64>,
}

/// Latency of an endpoint's answered commands (AUTH, blocking commands and suspects left out).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LatencySummary {
    /// How many.
    pub count: u64,
    /// Median, ns.
    pub p50_ns: i64,
    /// 99th percentile, ns.
    pub p99_ns: i64,
    /// Slowest, ns.
    pub max_ns: i64,
    /// Median and percentile are exact; else they are within 7 %.
    pub exact: bool,
}

/// One end of the reported connections.
#[derive(Clone, Debug)]
pub struct EndpointReport {
    /// `ip` for clients, `ip:port` for servers.
    pub address: String,
    /// What it is.
    pub role: Role,
    /// Why it is thought to be that.
    pub evidence: Option<String>,
    /// Product and version, when it said so.
    pub software: Option<String>,
    /// Latency of a server.
    pub latency: Option<LatencySummary>,
    /// The same of its accepted AUTHs alone.
    pub auth_latency: Option<LatencySummary>,
}

/// Counters of the whole run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Packets read.
    pub packets: u64,
    /// Packets that were TCP segments.
    pub tcp_segments: u64,
    /// Packets that were not analysed, by reason. packets = tcp_segments + the sum of these.
    pub skipped: BTreeMap<&'static str, u64>,
    /// TCP connections.
    pub connections: u64,
    /// Of those, Redis.
    pub redis_connections: u64,
    /// Of those, TLS (with or without keys).
    pub encrypted_connections: u64,
    /// TLS that keys opened.
    pub decrypted_connections: u64,
    /// Sum over the Redis connections.
    pub counts: Counts,
    /// Findings by rule.
    pub findings: BTreeMap<&'static str, u64>,
    /// Requests that were no RESP. What came behind one is not judged until pairing is found again.
    pub malformed_requests: u64,
    /// What became of the bytes of the Redis connections.
    pub stream_bytes: StreamBytes,
    /// Limits of `Config` that were hit, and how often.
    pub limits: BTreeMap<&'static str, u64>,
}

/// The bytes of the Redis connections, as TCP put them in order. What was sent twice counts once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StreamBytes {
    /// All of them, both directions. Equal to the sum of what became of them.
    pub captured: u64,
    /// What became of those of the clients.
    pub client: Account,
    /// What became of those of the servers.
    pub server: Account,
}

impl StreamBytes {
    /// Sent to replicas, which is neither commands nor replies.
    pub fn replication(&self) -> u64 {
        self.client.replication + self.server.replication
    }

    /// Headers of the PROXY protocol.
    pub fn proxy_header(&self) -> u64 {
        self.client.proxy_header + self.server.proxy_header
    }
}

/// Another thing that was on the wire, for a capture without Redis.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BusyPort {
    /// Server address.
    pub server: Endpoint,
    /// Connections to it.
    pub connections: u64,
    /// Payload bytes.
    pub bytes: u64,
    /// What it looked like: `TLS`, `HTTP/2`, `HTTP`, `unknown`, `one direction only` …
    pub looks_like: &'static str,
}

/// How far an input's clock is from that of the first input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockOffset {
    /// Index of the input.
    pub file: u16,
    /// Its clock minus the first one's, ns.
    pub offset_ns: i64,
    /// How much that changes, in parts per billion; 0 when the handshakes were too close to each other to tell.
    pub drift_ppb: i64,
}

/// What is known when the last packet has been read.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Counters.
    pub totals: Totals,
    /// Ends of the reported connections.
    pub endpoints: Vec<EndpointReport>,
    /// The busiest ports, Redis or not; at most ten.
    pub busiest: Vec<BusyPort>,
    /// First and last packet time.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Clocks of the inputs that share a handshake with the first.
    pub clocks: Vec<ClockOffset>,
    /// Refusals that no finding explains, the earliest first.
    pub unexplained: Vec<ErrorSeen>,
    /// Clients with their connections in order, by address.
    pub clients: Vec<ClientReport>,
    /// Redis connections by client and server.
    pub loads: Vec<Load>,
    /// Redis connections of which only one direction was captured.
    pub one_sided_connections: u64,
    /// Connections in whose bytes neither Redis nor another protocol was recognised, to a port of Redis, or joined inside of
    /// what was said and alike to RESP.
    pub unrecognised_connections: u64,
    /// Error replies, the most frequent first.
    pub errors: Vec<ErrorSeen>,
    /// The reading ended before the input did. Set by whoever reads.
    pub stopped: Option<Stopped>,
}
