//! A finding: one broken promise, with what proves it and what was not seen.
//!
//! Everything in here is ready to be shown. Arguments and values have already been masked
//! (see `redis::redact`), so no output can leak what the analysis has seen.

use crate::model::{ConnectionId, Endpoint, PacketRef, Texts, Timestamp};
use std::borrow::Cow;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Will hurt.
    Warning,
    /// The protocol promise is broken: somebody gets a wrong answer or none.
    Error,
}

impl Severity {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// How sure it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Confidence {
    /// After a gap, from a mid-stream start, or where the rule says so.
    Possible,
    /// The default.
    Likely,
    /// Impossible on any correct server, and the capture is whole from SYN to the finding.
    Certain,
}

impl Confidence {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Confidence::Possible => "possible",
            Confidence::Likely => "likely",
            Confidence::Certain => "certain",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// One connection.
    Connection,
    /// One client address.
    Client,
    /// One server address.
    Endpoint,
    /// The whole capture.
    Capture,
}

impl Scope {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Scope::Connection => "connection",
            Scope::Client => "client",
            Scope::Endpoint => "endpoint",
            Scope::Capture => "capture",
        }
    }
}

/// Who must have done it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Culprit {
    /// The program that sends the commands.
    Client,
    /// A proxy between client and Redis.
    Proxy,
    /// Redis itself.
    Redis,
    /// The far end of this leg: one leg can not tell a proxy from Redis.
    Server,
    /// The network between them.
    Network,
    /// The capture, not the traffic.
    Capture,
    /// The service a proxy asks about credentials.
    AuthService,
    /// Not decidable from what was captured.
    Unknown,
}

impl Culprit {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Culprit::Client => "client",
            Culprit::Proxy => "proxy",
            Culprit::Redis => "redis",
            Culprit::Server => "server",
            Culprit::Network => "network",
            Culprit::Capture => "capture",
            Culprit::AuthService => "auth-service",
            Culprit::Unknown => "unknown",
        }
    }
}

/// A moment that can be found again in the capture.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Moment {
    /// Capture time.
    pub time: Timestamp,
    /// The packet.
    pub at: PacketRef,
}

/// One command of a finding, with its reply if there was one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FindingExchange {
    /// Where it was sent.
    pub connection: ConnectionId,
    /// 0-based number of the command on its connection.
    pub index: u64,
    /// First word in capitals.
    pub command: Cow<'static, str>,
    /// Arguments, masked.
    pub args: Texts,
    /// The command's last byte.
    pub sent: Moment,
    /// The reply as shown (masked), e.g. `+OK` or `-NOAUTH Authentication required.`; `None` when none came.
    pub reply: Option<Cow<'static, str>>,
    /// The reply's last byte.
    pub received: Option<Moment>,
    /// What came where the reply was due and is no RESP, masked, and when.
    pub instead: Option<(Moment, String)>,
    /// Sent before the reply of the AUTH in front of it could have been received. `None` when no AUTH is in front.
    pub blind: Option<bool>,
}

impl FindingExchange {
    /// Nanoseconds from the command's last byte to the reply's last byte.
    pub fn latency_ns(&self) -> Option<i64> {
        self.received.map(|r| r.time.since(self.sent.time))
    }
}

/// The relation that proves a finding.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proof {
    /// One or two sentences that name packets and numbers.
    pub text: String,
    /// The packets it rests on.
    pub packets: Vec<PacketRef>,
    /// The numbers of the relation, by name (stream offsets in bytes, times in ns).
    pub values: Vec<(&'static str, i64)>,
}

/// One finding. `id`, `revision` and `is_final` say how it develops while packets still arrive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Hash of rule, scope and first packet: the same in every revision and every run. 16 hex digits.
    pub id: String,
    /// From 1; a later revision replaces an earlier one.
    pub revision: u32,
    /// No later packet can change it.
    pub is_final: bool,
    /// Later packets proved it wrong: take it back. Only in streaming output.
    pub withdrawn: bool,
    /// Of a withdrawn one: the finding that explains the same commands now, if there is one.
    pub became: Option<String>,
    /// Rule name, from the catalogue.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// About what.
    pub scope: Scope,
    /// One line.
    pub title: String,
    /// A short paragraph for somebody who has never seen the rule.
    pub explanation: &'static str,
    /// What to change, one step each.
    pub advice: Vec<&'static str>,
    /// Who did it.
    pub culprit: Culprit,
    /// The culprit's address, when it is one end of a captured connection.
    pub culprit_endpoint: Option<Endpoint>,
    /// The client address of the first connection (for display and grouping).
    pub client: Option<Endpoint>,
    /// The server address of the first connection.
    pub server: Option<Endpoint>,
    /// At most 100.
    pub connections: Vec<ConnectionId>,
    /// How many there are.
    pub connections_total: u64,
    /// Commands hit, never AUTH itself.
    pub affected: u64,
    /// Where it starts.
    pub first: Moment,
    /// Where it was last seen.
    pub last: Moment,
    /// Joins findings that are one story; 16 hex digits.
    pub group: Option<String>,
    /// At most ten, AUTH first.
    pub exchanges: Vec<FindingExchange>,
    /// What proves it.
    pub proof: Proof,
    /// Integers worth comparing, by name.
    pub measures: Vec<(&'static str, i64)>,
    /// What could not be seen and would have told more.
    pub not_seen: Vec<String>,
    /// Side remarks.
    pub notes: Vec<String>,
}
