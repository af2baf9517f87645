//! One client with its connections, in order.

use super::connection::AuthResult;
use crate::model::{ConnectionId, Endpoint, PacketRef, Timestamp};

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
