//! What the analyzer says: the one stream that text, JSON, screen and tests all read.

use crate::model::{ConnectionId, Endpoint, PacketRef, Role, Texts, Timestamp};
use crate::redis::{Account, Counts};
use crate::rules::Finding;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Something worth telling, in the order it became known.
#[derive(Clone, Debug)]
pub enum Event {
    /// A finding, or a later revision of one (same `id`). `withdrawn` takes it back.
    Finding(Arc<Finding>),
    /// A command and what became of it. Only when `Config::exchanges` asks for them.
    Exchange(Box<ExchangeLine>),
    /// A connection ended, or the capture did. Only those that `Config::connections` asks for.
    Connection(Arc<ConnectionReport>),
}

/// What became of one command or one frame of the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineKind {
    /// A command with its reply.
    Exchange,
    /// A command without a reply when the connection or the capture ended.
    Unanswered,
    /// A command that gets no reply by rule (CLIENT REPLY …).
    Silent,
    /// A command or reply that a gap, an opaque EXEC or a lost sync keeps from being paired.
    Undecided,
    /// A reply to a command from before the capture.
    Orphan,
    /// A push, a pub/sub message, a MONITOR line.
    Push,
}

impl LineKind {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            LineKind::Exchange => "exchange",
            LineKind::Unanswered => "unanswered",
            LineKind::Silent => "silent",
            LineKind::Undecided => "undecided",
            LineKind::Orphan => "orphan",
            LineKind::Push => "push",
        }
    }
}

/// One line of `redorder exchanges`. Strings are already masked.
#[derive(Clone, Debug)]
pub struct ExchangeLine {
    /// What it is.
    pub kind: LineKind,
    /// The connection.
    pub connection: ConnectionId,
    /// 0-based number of the command on its connection; `None` for orphans and pushes.
    pub index: Option<u64>,
    /// Client end.
    pub client: Endpoint,
    /// Server end.
    pub server: Endpoint,
    /// First word in capitals; `None` for orphans and pushes.
    pub command: Option<Cow<'static, str>>,
    /// Masked arguments.
    pub args: Texts,
    /// The command's last byte: time and packet.
    pub sent: Option<(Timestamp, PacketRef)>,
    /// `simple`, `error`, `integer`, `bulk`, `null`, `array`, `map`, `set`, `push`, `double`, `boolean`, `big-number`, `verbatim`, `bulk-error`.
    pub reply_type: Option<&'static str>,
    /// Masked reply.
    pub reply: Option<Cow<'static, str>>,
    /// The reply's last byte: time and packet.
    pub received: Option<(Timestamp, PacketRef)>,
    /// When the command was sent, by a clock that never steps; without a command, when the reply came.
    pub place: Timestamp,
    /// When the line is told, by the same clock.
    pub told: Timestamp,
    /// Bytes of the command on the wire; `None` where there is none.
    pub command_bytes: Option<u32>,
    /// Bytes of the reply on the wire; `None` where there is none.
    pub reply_bytes: Option<u32>,
    /// How the command stood to the login of its connection; `None` where that is not known.
    pub login: Option<Login>,
    /// It was told before, and does not stand: what is told of this command next takes its place.
    pub taken_back: bool,
}

/// How a command stood to the login of its connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Login {
    /// No AUTH had been accepted.
    Before,
    /// It left while an AUTH was unanswered.
    Blind,
    /// An AUTH had been accepted, or it is that AUTH.
    In,
    /// It got NOAUTH although it was not blind, or it is an AUTH that failed.
    Refused,
}

impl Login {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Login::Before => "before",
            Login::Blind => "blind",
            Login::In => "in",
            Login::Refused => "refused",
        }
    }
}

impl ExchangeLine {
    /// From the command's last byte to the reply's last byte, ns.
    pub fn latency_ns(&self) -> Option<i64> {
        match (self.kind, self.sent, self.received) {
            (LineKind::Exchange, Some((sent, _)), Some((received, _))) => {
                Some(received.since(sent))
            }
            _ => None,
        }
    }
}

/// Place of a connection on the path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Leg {
    /// Client straight to Redis.
    Direct,
    /// Client to proxy.
    Downstream,
    /// Proxy to Redis.
    Upstream,
    /// Proxy to its auth service.
    Auth,
    /// One connection alone does not tell.
    #[default]
    Unknown,
}

impl Leg {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Leg::Direct => "direct",
            Leg::Downstream => "downstream",
            Leg::Upstream => "upstream",
            Leg::Auth => "auth",
            Leg::Unknown => "unknown",
        }
    }
}

/// What is spoken on a connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Protocol {
    /// RESP2 or RESP3.
    Redis,
    /// HTTP/2, as gRPC uses it.
    Grpc,
    /// Anything else, or TLS without keys.
    #[default]
    Unknown,
}

impl Protocol {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Protocol::Redis => "redis",
            Protocol::Grpc => "grpc",
            Protocol::Unknown => "unknown",
        }
    }
}

/// How a connection ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ConnectionEnd {
    /// Still open when the capture ended.
    #[default]
    Open,
    /// Closed in order.
    Fin,
    /// Reset.
    Rst,
    /// Dropped from memory after long silence, or replaced by a new connection on the same ports.
    Idle,
}

impl ConnectionEnd {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            ConnectionEnd::Open => "open",
            ConnectionEnd::Fin => "fin",
            ConnectionEnd::Rst => "rst",
            ConnectionEnd::Idle => "idle",
        }
    }
}

/// What an AUTH got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuthResult {
    /// `+OK`, or the map of HELLO.
    Ok,
    /// An error that refuses the credentials.
    Refused,
    /// The server could not judge (`ERR external authentication failed`), or has no password set.
    Failed,
    /// No reply seen.
    Unanswered,
}

impl AuthResult {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            AuthResult::Ok => "ok",
            AuthResult::Refused => "refused",
            AuthResult::Failed => "failed",
            AuthResult::Unanswered => "unanswered",
        }
    }
}

/// One AUTH of a connection.
#[derive(Clone, Debug)]
pub struct AuthRecord {
    /// Packet with its last byte.
    pub at: PacketRef,
    /// When its last byte was sent.
    pub sent: Timestamp,
    /// When the last byte of its reply was received.
    pub received: Option<Timestamp>,
    /// What it got.
    pub result: AuthResult,
    /// From AUTH's last byte to the next command's last byte.
    pub next_sent_ns: Option<i64>,
    /// HELLO … AUTH rather than AUTH.
    pub hello: bool,
}

/// What became of the command right behind the first AUTH of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NextFate {
    /// There was none.
    NotSent,
    /// A reply that is no error.
    Served,
    /// NOAUTH.
    Refused,
    /// Another error.
    Failed,
    /// No reply seen.
    Unanswered,
    /// Not to be told which reply is its own, or it gets none by rule.
    Undecided,
}

/// The first AUTH of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FirstAuth {
    /// Packet with its last byte.
    pub at: PacketRef,
    /// When its last byte was sent.
    pub sent: Timestamp,
    /// HELLO … AUTH rather than AUTH.
    pub hello: bool,
    /// From its last byte to the last byte of its reply, ns.
    pub latency_ns: Option<i64>,
    /// What it got.
    pub result: AuthResult,
    /// From its last byte to the last byte of the next command, ns.
    pub gap_ns: Option<i64>,
    /// The next command was sent before this AUTH was answered.
    pub blind: bool,
    /// What became of the next command.
    pub next: NextFate,
}

/// One connection of a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClientConnection {
    /// Its number.
    pub connection: ConnectionId,
    /// Where it went.
    pub server: Endpoint,
    /// First packet.
    pub opened: Timestamp,
    /// Its first AUTH.
    pub auth: Option<FirstAuth>,
}

impl ClientConnection {
    /// One word for how it went: `served`, `refused`, `failed`, `unanswered`, `undecided`, `auth-refused`,
    /// `auth-failed`, `auth-unanswered`, `no-command`, `no-auth`.
    pub fn outcome(&self) -> &'static str {
        let Some(auth) = self.auth else {
            return "no-auth";
        };
        match (auth.result, auth.next) {
            (AuthResult::Refused, _) => "auth-refused",
            (AuthResult::Failed, _) => "auth-failed",
            (AuthResult::Unanswered, _) => "auth-unanswered",
            (AuthResult::Ok, NextFate::NotSent) => "no-command",
            (AuthResult::Ok, NextFate::Served) => "served",
            (AuthResult::Ok, NextFate::Refused) => "refused",
            (AuthResult::Ok, NextFate::Failed) => "failed",
            (AuthResult::Ok, NextFate::Unanswered) => "unanswered",
            (AuthResult::Ok, NextFate::Undecided) => "undecided",
        }
    }
}

/// One client: an address with its library and its name. It may stand for several processes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientReport {
    /// Its address.
    pub address: std::net::IpAddr,
    /// Its library, as it introduced itself or as its handshake gives it away.
    pub library: Option<String>,
    /// The name it gave itself, as a tag.
    pub name: Option<String>,
    /// Redis connections in all.
    pub connections: u64,
    /// The earliest of them, in order of opening.
    pub order: Vec<ClientConnection>,
}

/// How many Redis connections a client opened to a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Load {
    /// The client's address.
    pub client: std::net::IpAddr,
    /// The server.
    pub server: Endpoint,
    /// How many.
    pub connections: u64,
}

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

/// Where a connection is found in an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vantage {
    /// Index into the inputs.
    pub file: u16,
    /// Wireshark's `tcp.stream` there; `None` once it can not be known.
    pub tcp_stream: Option<u32>,
}

/// What TLS shows without keys.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TlsReport {
    /// Negotiated version, e.g. `TLS 1.3`.
    pub version: Option<String>,
    /// Cipher suite number in hex, or its name.
    pub suite: Option<String>,
    /// Server name asked for.
    pub sni: Option<String>,
    /// Application protocol.
    pub alpn: Option<String>,
    /// The session was resumed.
    pub resumed: Option<bool>,
}

/// One connection as reported.
#[derive(Clone, Debug)]
pub struct ConnectionReport {
    /// Its number.
    pub id: ConnectionId,
    /// Where to find it in Wireshark.
    pub vantages: Vec<Vantage>,
    /// Community ID v1, which Zeek, Suricata and Wireshark print as well.
    pub community_id: String,
    /// Client end.
    pub client: Endpoint,
    /// Server end.
    pub server: Endpoint,
    /// Place on the path.
    pub leg: Leg,
    /// What is spoken.
    pub protocol: Protocol,
    /// First packet.
    pub opened: Timestamp,
    /// Last packet; `None` while it is open.
    pub closed: Option<Timestamp>,
    /// How it ended.
    pub end: ConnectionEnd,
    /// Who sent the first FIN or RST. `Some(true)` = the client.
    pub closed_by_client: Option<bool>,
    /// Its start is not in the capture.
    pub midstream: bool,
    /// TLS.
    pub encrypted: bool,
    /// What TLS shows.
    pub tls: Option<TlsReport>,
    /// RESP version, when it is known.
    pub resp: Option<u8>,
    /// The client library, as it introduced itself or as its handshake gives it away.
    pub client_library: Option<String>,
    /// How many AUTHs.
    pub auth_total: u64,
    /// The first 32 of them.
    pub auth: Vec<AuthRecord>,
    /// Counters.
    pub counts: Counts,
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
    /// Connections to a port of Redis in whose bytes neither Redis nor another protocol was recognised.
    pub unrecognised_connections: u64,
    /// Error replies, the most frequent first.
    pub errors: Vec<ErrorSeen>,
    /// The reading ended before the input did. Set by whoever reads.
    pub stopped: Option<Stopped>,
}
