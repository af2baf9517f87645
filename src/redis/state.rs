//! What a server knows of a connection and what changes the number of replies: protocol version, MULTI,
//! CLIENT REPLY, subscriptions, MONITOR, replication.

use super::commands::Kind;
use super::errors::{self, Subject};
use super::frame_kinds::is_resp3;
use super::pending::{Detail, Pending};
use super::shape::Shape;
pub(super) use super::transaction::Multi;
use super::transaction::{Odd, Tail};
use crate::resp::ReplyKind;

/// CLIENT REPLY.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    On,
    Off,
    /// The next request gets no reply.
    Skip,
}

/// Whether the connection is logged in, as far as pairing has to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Login {
    Unknown,
    /// Served without one: none is needed, or it was not seen.
    Served,
    /// An AUTH was accepted, and nothing since speaks against it.
    Yes,
    /// Told that it is not.
    No,
    /// Told that it is not, and an AUTH failed since: nothing that needs a login can be served.
    Refused,
}

/// What comes behind a reply.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum After {
    Normal,
    /// Frames follow that can not be counted.
    LoseSync,
    /// The connection is no request-reply stream any more.
    Opaque,
}

/// Server-side state of one connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct State {
    pub resp: Option<u8>,
    pub multi: Multi,
    /// What the last EXEC left open.
    pub tail: Tail,
    pub mode: Mode,
    pub monitor: bool,
    /// MONITOR was refused wrongly: it may have taken effect.
    pub may_monitor: bool,
    pub login: Login,
    /// RESP2 is certain: the connection was followed from its first byte on.
    pub resp_sure: bool,
    /// HELLO waits for EXEC: behind it the version is another one.
    hello_queued: bool,
    /// Confirmations of the last (un)subscribe still to come.
    pub confirmations_left: u32,
    /// Channels and patterns subscribed to; `None` = unknown.
    pub channels: Option<u32>,
    pub patterns: Option<u32>,
    /// Shard channels, as far as their confirmations were seen.
    shards: u32,
}

impl State {
    /// Of a connection seen from its start, or joined later.
    pub(super) fn new(from_start: bool) -> State {
        let count = from_start.then_some(0);
        State {
            resp: from_start.then_some(2),
            multi: if from_start {
                Multi::None
            } else {
                Multi::Unknown
            },
            tail: Tail::default(),
            mode: Mode::On,
            monitor: false,
            may_monitor: false,
            login: Login::Unknown,
            resp_sure: from_start,
            hello_queued: false,
            confirmations_left: 0,
            channels: count,
            patterns: count,
            shards: 0,
        }
    }

    /// After a gap: nothing is known but the protocol version.
    pub(super) fn forget(&mut self) {
        let resp = self.resp;
        *self = State::new(false);
        self.resp = resp;
    }

    /// RESP2 subscriber mode, as far as it is known.
    pub(super) fn subscribed(&self) -> Option<bool> {
        if self.shards > 0 {
            return Some(true);
        }
        Some(self.channels? + self.patterns? > 0)
    }

    /// What the frame itself says of the protocol version.
    pub(super) fn note_protocol(&mut self, reply: &Shape<'_>) {
        let resp3 = is_resp3(reply);
        if resp3 && !(self.resp == Some(2) && self.resp_sure) {
            self.resp = Some(3);
        } else if self.resp.is_none() && reply.kind == ReplyKind::Null {
            self.resp = Some(2);
        }
    }

    /// The usual case: this answer changes nothing of the connection.
    #[inline]
    pub(super) fn stays_behind(&self, command: &Pending, reply: &Shape<'_>) -> bool {
        command.kind == Kind::Ordinary
            && self.mode != Mode::Skip
            && self.login != Login::Unknown
            && !reply.kind.is_error()
            && !(reply.kind == ReplyKind::Simple && reply.head.bytes == b"QUEUED")
    }

    /// Applies a command that got `reply`.
    pub(super) fn apply(&mut self, command: &Pending, reply: &Shape<'_>) -> After {
        let error = reply.kind.is_error();
        let text = reply.head.bytes;
        if self.mode == Mode::Skip {
            self.mode = Mode::On;
        }
        if reply.kind == ReplyKind::Simple && text == b"QUEUED" {
            return self.queue(command);
        }
        if command.is_auth() && !error {
            self.login = Login::Yes;
        } else if error && errors::is_noauth(text) {
            let doubtful = self.login == Login::Yes;
            self.login = Login::No;
            // Who answers to it under OFF has switched replies on, or is somebody else.
            if doubtful && self.mode == Mode::Off && command.detail == Detail::ReplyOn {
                return After::LoseSync;
            }
            if doubtful {
                self.doubt_refusal(command);
            }
        } else if self.login == Login::Yes && command.is_auth() && error {
            // Redis before version 6 and proxies end a login with that.
            let refused = errors::subject(text).is_about_credentials();
            if refused && !errors::keeps_login(text) {
                self.login = Login::Unknown;
            }
        } else if !error
            && self.login == Login::Unknown
            && matches!(command.kind, Kind::Ordinary | Kind::Echo)
        {
            self.login = Login::Served;
        }
        match command.kind {
            // Inside of another one it is refused: who accepts it may begin anew, or go on.
            Kind::Multi if text == b"OK" => match &mut self.multi {
                Multi::Open { queued, .. } => *queued = None,
                Multi::None | Multi::Unknown => {
                    self.multi = Multi::Open {
                        queued: Some(0),
                        odd: Odd::default(),
                    };
                }
            },
            Kind::Exec => return self.executed(reply),
            Kind::Discard if !error => {
                self.multi = Multi::None;
                self.hello_queued = false;
            }
            Kind::Reset if !error => *self = State::new(true),
            Kind::Hello if reply.kind == ReplyKind::Map => self.resp = Some(3),
            Kind::Hello if reply.kind == ReplyKind::Array => self.resp = Some(2),
            Kind::Monitor if text == b"OK" => self.monitor = true,
            Kind::Sync if !error => return After::Opaque,
            Kind::Debug if text == b"OK" => return After::LoseSync,
            Kind::ClientReply if !error => self.mode = Mode::On,
            _ => {}
        }
        After::Normal
    }

    /// EXEC was answered.
    fn executed(&mut self, reply: &Shape<'_>) -> After {
        let multi = std::mem::replace(&mut self.multi, Multi::None);
        let hello = std::mem::take(&mut self.hello_queued);
        let Multi::Open { queued, odd } = multi else {
            if hello && !reply.kind.is_error() {
                self.forget_protocol();
            }
            return After::Normal;
        };
        // Nothing was executed.
        if reply.kind.is_error() || reply.kind == ReplyKind::Null {
            return After::Normal;
        }
        if hello {
            self.forget_protocol();
        }
        if odd.is_none() {
            return After::Normal;
        }
        // Lines of MONITOR stand inside of the array as well.
        let counted = queued.map(u64::from) == Some(reply.elements) && !self.monitor;
        let Some(tail) = odd.tail().filter(|_| counted) else {
            return After::LoseSync;
        };
        self.tail = tail;
        // Who is not logged in can not execute anything.
        if odd.logs_in() && self.login != Login::Yes {
            self.login = Login::Served;
        }
        // Any of them may have been refused.
        if odd.changes_subscriptions() {
            (self.channels, self.patterns) = (None, None);
        }
        After::Normal
    }

    /// No correct server refuses one who is logged in: whether the command took effect is not known.
    fn doubt_refusal(&mut self, command: &Pending) {
        let kind = command.kind;
        self.may_monitor |= kind == Kind::Monitor;
        match kind {
            Kind::Hello => self.forget_protocol(),
            Kind::Subscribe | Kind::Unsubscribe => (self.channels, self.patterns) = (None, None),
            _ => {}
        }
        match &mut self.multi {
            Multi::None if kind == Kind::Multi => self.multi = Multi::Unknown,
            Multi::Open { .. } if kind == Kind::Discard => self.multi = Multi::Unknown,
            Multi::Open { queued, odd } => {
                *queued = None;
                odd.queue(command);
            }
            _ => {}
        }
    }

    /// Applies a command that got no reply.
    pub(super) fn pass(&mut self, command: &Pending) {
        match command.kind {
            Kind::Auth => self.login_unanswered(),
            Kind::Hello => {
                self.login_unanswered();
                self.forget_protocol();
            }
            // MONITOR takes effect without a word as well, where it is well formed.
            Kind::Monitor => self.monitor |= command.detail != Detail::WrongCount,
            // Inside of one a further MULTI is refused, and changes nothing.
            Kind::Multi if matches!(self.multi, Multi::Open { .. }) => {}
            // Nor does one that is refused without a word.
            Kind::Multi if command.detail == Detail::WrongCount => {}
            Kind::Multi if self.refuses_in_silence() == Some(true) => {}
            Kind::Multi => self.multi = Multi::Unknown,
            // Inside MULTI it waits for EXEC, which then answers with what stands behind it.
            Kind::ClientReply if self.waits_for_exec(command) => {
                self.multi = Multi::Open {
                    queued: None,
                    odd: Odd::LOST,
                };
            }
            Kind::Exec | Kind::Discard => self.multi = Multi::None,
            Kind::Reset => {
                (self.login, self.multi) = (Login::Unknown, Multi::Unknown);
                self.forget_protocol();
            }
            Kind::Subscribe | Kind::Unsubscribe => (self.channels, self.patterns) = (None, None),
            _ => {}
        }
    }

    /// What became of a login is not known. One that fails takes nothing away.
    fn login_unanswered(&mut self) {
        self.login = match self.login {
            Login::Yes | Login::Served => Login::Served,
            Login::Unknown | Login::No | Login::Refused => Login::Unknown,
        };
    }

    /// Applies an AUTH whose error the server dropped.
    pub(super) fn auth_failed(&mut self) {
        if self.login == Login::No {
            self.login = Login::Refused;
        }
    }

    /// Commands may have been executed without a word.
    pub(super) fn is_mode_uncertain(&self) -> bool {
        self.mode != Mode::On
    }

    /// Applies the first confirmation of a (un)subscribe.
    pub(super) fn begin_confirmations(
        &mut self,
        command: &Pending,
        name: &str,
        word: &[u8],
        total: Option<u64>,
    ) {
        let Detail::Confirmations(wanted) = command.detail else {
            return;
        };
        let all = wanted.or_else(|| self.confirmations(name)).unwrap_or(1);
        self.confirmations_left = all.saturating_sub(1);
        self.confirm(word, total);
    }

    /// A RESP2 subscriber may not send CLIENT REPLY ON, and under OFF it is not told so either. `None`: the version
    /// is not certain, as behind a HELLO that nothing was said of.
    pub(super) fn refuses_in_silence(&self) -> Option<bool> {
        if self.mode != Mode::Off || self.subscribed() != Some(true) || self.resp == Some(3) {
            return Some(false);
        }
        (self.resp == Some(2) && self.resp_sure).then_some(true)
    }

    /// A connection that monitors ignores a further MONITOR, and SYNC. `None`: where it is not refused before it is looked
    /// at, see [`State::may_refuse`].
    pub(super) fn ignores(&self, command: &Pending) -> Option<bool> {
        let again = (self.monitor || self.may_monitor)
            && matches!(command.kind, Kind::Monitor | Kind::Sync)
            && command.detail != Detail::WrongCount;
        match self.multi {
            _ if !again => Some(false),
            Multi::Open { .. } => Some(false),
            // Behind a gap: it may be queued.
            Multi::Unknown => None,
            Multi::None => (self.monitor && self.mode != Mode::On).then_some(true),
        }
    }

    /// What a server that would ignore the command may say instead: that the user may not, that it can not now, and to a
    /// RESP2 subscriber that he may not.
    pub(super) fn may_refuse(&self, reply: &Shape<'_>) -> bool {
        let refuses = || {
            matches!(
                errors::subject(reply.head.bytes),
                Subject::NoAuth | Subject::Permission | Subject::State | Subject::ProxyFailure
            )
        };
        reply.kind.is_error() && (self.may_be_confined() || refuses())
    }

    /// It gets no reply, as a rule.
    pub(super) fn is_ignored(&self, command: &Pending) -> bool {
        self.ignores(command).is_none() && !self.may_be_confined()
    }

    /// It is, or may be, a RESP2 subscriber, who may do few things only.
    pub(super) fn may_be_confined(&self) -> bool {
        self.subscribed() != Some(false) && self.resp != Some(3)
    }

    /// Whether this command gets a reply can not be told: not with an answer to it, and not without.
    pub(super) fn is_uncertain(&self, command: &Pending) -> bool {
        let on = command.detail == Detail::ReplyOn && self.refuses_in_silence().is_none();
        on || self.ignores(command).is_none()
    }

    /// CLIENT REPLY ON under OFF, where MULTI may be in force: then it is queued, and not a word is said of that.
    pub(super) fn waits_for_exec(&self, command: &Pending) -> bool {
        self.mode == Mode::Off && self.multi != Multi::None && command.detail == Detail::ReplyOn
    }

    /// EXEC under OFF with CLIENT REPLY ON in its queue. Its array stays away: first comes the `+OK` of ON, then what was
    /// queued behind it, each reply for itself.
    pub(super) fn switches_inside(&self, command: &Pending) -> bool {
        self.mode == Mode::Off && command.kind == Kind::Exec && self.is_odd_inside()
    }

    /// EXEC answers with more than its array, or with less.
    pub(super) fn is_odd_inside(&self) -> bool {
        matches!(self.multi, Multi::Open { odd, .. } if !odd.is_none())
    }

    /// The version may have been changed without a word.
    fn forget_protocol(&mut self) {
        (self.resp, self.resp_sure) = (None, false);
    }

    fn queue(&mut self, command: &Pending) -> After {
        self.hello_queued |= command.kind == Kind::Hello;
        let (queued, mut odd) = match self.multi {
            Multi::Open { queued, odd } => (queued.and_then(|n| n.checked_add(1)), odd),
            Multi::None | Multi::Unknown => (None, Odd::default()),
        };
        odd.queue(command);
        self.multi = Multi::Open { queued, odd };
        After::Normal
    }

    /// A confirmation said that `total` channels and patterns are subscribed to now.
    pub(super) fn confirm(&mut self, word: &[u8], total: Option<u64>) {
        let Some(total) = total.and_then(|t| u32::try_from(t).ok()) else {
            return;
        };
        match word {
            b"subscribe" | b"unsubscribe" => {
                self.channels = self.patterns.map(|p| total.saturating_sub(p));
            }
            b"psubscribe" | b"punsubscribe" => {
                self.patterns = self.channels.map(|c| total.saturating_sub(c));
            }
            b"ssubscribe" | b"sunsubscribe" => self.shards = total,
            _ => {}
        }
        if total == 0 && !word.starts_with(b"s") {
            (self.channels, self.patterns) = (Some(0), Some(0));
        }
    }

    /// How many confirmations an unsubscribe without arguments gets.
    pub(super) fn confirmations(&self, command_word: &str) -> Option<u32> {
        let count = match command_word {
            "UNSUBSCRIBE" => self.channels?,
            "PUNSUBSCRIBE" => self.patterns?,
            "SUNSUBSCRIBE" => self.shards,
            _ => return None,
        };
        Some(count.max(1))
    }
}
