//! A command on its way: what is kept of it until its reply arrives.

use super::commands::{CommandId, Kind};
use super::mask::{Arguments, Tag};
use crate::model::{PacketRef, Timestamp};
use std::sync::Arc;

/// A command that was sent.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Which command.
    pub id: CommandId,
    /// What it does to the session.
    pub kind: Kind,
    /// 0-based number on its connection.
    pub index: u64,
    /// Words it consists of, the name included.
    pub argc: u64,
    /// Stream offset behind its last byte.
    pub end: i64,
    /// Bytes it takes on the wire, those that were not captured included.
    pub wire_len: u32,
    /// Up to which offset of the server's stream the segment with its last byte acknowledged.
    pub ack: Option<i64>,
    /// Capture time of that segment.
    pub sent: Timestamp,
    /// That segment's packet.
    pub at: PacketRef,
    /// The argument that is compared: its key, or the payload of ECHO and PING. Of AUTH and HELLO … AUTH the password,
    /// see [`Pending::credential`].
    pub first: Option<Tag>,
    /// What a few commands need of their arguments.
    pub detail: Detail,
    /// It was sent while an AUTH of the connection was unanswered, or waits behind such a command.
    pub suspect: bool,
    /// Its last bytes were not captured: when it was sent, and what had been received by then, is not known.
    pub torn: bool,
    /// Its reply is not shown: a password that the server made up may stand in it, if replies have slipped.
    pub closed: bool,
    /// The arguments, where somebody may ask for them and the tag of the first is not all there is.
    pub arguments: Option<Arc<Arguments>>,
}

/// Arguments that change how replies are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Detail {
    /// None matters.
    #[default]
    None,
    /// CLIENT REPLY ON.
    ReplyOn,
    /// CLIENT REPLY OFF.
    ReplyOff,
    /// CLIENT REPLY SKIP.
    ReplySkip,
    /// CLIENT REPLY with a mode that was not captured.
    ReplyUnknown,
    /// HELLO … AUTH.
    HelloAuth,
    /// REPLCONF ACK or GETACK: never answered.
    NoReply,
    /// Confirmations still to come for a (un)subscribe; `None` = as many as there are subscriptions.
    Confirmations(Option<u32>),
    /// It blocks by one of its arguments: XREAD … BLOCK.
    Blocks,
    /// MONITOR, SYNC, PSYNC or MULTI with more or fewer arguments than it takes: refused before anything else is looked
    /// at.
    WrongCount,
    /// CLIENT PAUSE for so many ms, if they can be read.
    PauseMs(Option<u32>),
    /// An empty request: no command, but it uses up CLIENT REPLY SKIP.
    Blank,
}

impl Pending {
    /// The password of AUTH or HELLO … AUTH, to be compared with others. The user's name does not count: a proxy takes
    /// `AUTH password` and `AUTH user password` alike.
    pub fn credential(&self) -> Option<Tag> {
        self.first.filter(|_| self.is_auth())
    }

    /// AUTH with as many arguments as it takes, or HELLO with AUTH: a server looks at the password.
    pub fn takes_a_login(&self) -> bool {
        self.is_auth() && (self.kind != Kind::Auth || matches!(self.argc, 2 | 3))
    }

    /// AUTH, or HELLO with AUTH.
    pub fn is_auth(&self) -> bool {
        self.kind == Kind::Auth || self.detail == Detail::HelloAuth
    }
}
