//! A command and what became of it.

use crate::model::{ConnectionId, Endpoint, PacketRef, Texts, Timestamp};
use std::borrow::Cow;

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
    /// Masked reply: one text, or none.
    pub reply: Texts,
    /// The reply's last byte: time and packet.
    pub received: Option<(Timestamp, PacketRef)>,
    /// When the command was sent, by a clock that never steps; without a command, when the reply came.
    pub place: Timestamp,
    /// When the line is told, by the same clock.
    pub told: Timestamp,
    /// Neither this line nor one that is told later belongs in front of this moment of the same clock.
    pub settled: Timestamp,
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
    /// Of this connection, client end first; nothing else is known yet.
    pub fn new(kind: LineKind, connection: ConnectionId, ends: [Endpoint; 2]) -> ExchangeLine {
        let [client, server] = ends;
        ExchangeLine {
            kind,
            connection,
            index: None,
            client,
            server,
            command: None,
            args: Texts::default(),
            sent: None,
            reply_type: None,
            reply: Texts::default(),
            received: None,
            place: Timestamp::MIN,
            told: Timestamp::MIN,
            settled: Timestamp::MIN,
            command_bytes: None,
            reply_bytes: None,
            login: None,
            taken_back: false,
        }
    }

    /// The same, in the memory of a line that nobody needs any more.
    pub(crate) fn begin_again(
        &mut self,
        kind: LineKind,
        connection: ConnectionId,
        ends: [Endpoint; 2],
    ) {
        // Written field by field: it is large, and there is one for each command.
        [self.client, self.server] = ends;
        (self.kind, self.connection) = (kind, connection);
        (self.index, self.command) = (None, None);
        (self.sent, self.received) = (None, None);
        (self.reply_type, self.login) = (None, None);
        (self.command_bytes, self.reply_bytes) = (None, None);
        (self.place, self.told, self.settled) = (Timestamp::MIN, Timestamp::MIN, Timestamp::MIN);
        self.taken_back = false;
        self.args.clear();
        self.reply.clear();
    }

    /// The masked reply, if there is one.
    pub fn reply(&self) -> Option<&str> {
        self.reply.iter().next()
    }

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
