//! One connection as reported.

use crate::model::{ConnectionId, Endpoint, PacketRef, Timestamp};
use crate::redis::Counts;

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
