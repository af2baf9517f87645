//! Commands refused with NOAUTH while no AUTH had been accepted or judged.

use super::moments::{received, sent};
use crate::finding::{Confidence, Moment, Scene};
use crate::redis::{Anchor, Detail, Exchange, KeptExchange, Kind};

/// So many refused commands are kept to be shown.
const KEPT: usize = 9;

/// How it went on.
#[derive(Debug)]
pub(crate) enum Sequel {
    /// AUTH came behind them.
    Auth(Box<KeptExchange>),
    /// No AUTH came. `open`: the connection had not ended.
    Never { open: bool },
    /// The start was not captured, and everything that was captured is refused.
    Unknown,
}

/// Commands refused while no AUTH had been sent.
#[derive(Debug)]
pub(crate) struct Unauthenticated {
    pub first: Moment,
    pub last: Moment,
    pub index: u64,
    pub total: u64,
    pub kept: Vec<KeptExchange>,
    pub anchor: Anchor,
    /// A refused MULTI, so that what followed ran outside a transaction.
    pub multi: bool,
    /// A command that needs a login was served on that connection.
    pub served: bool,
    only_pings: bool,
    /// Nothing but CLIENT REPLY OFF or SKIP, which an accepted login does not answer: a script behind it may have said NOAUTH
    /// of its own.
    pub only_switches: bool,
    pub sequel: Sequel,
}

impl Unauthenticated {
    /// The first of them.
    fn new(exchange: &Exchange<'_>) -> Unauthenticated {
        Unauthenticated {
            first: sent(exchange),
            last: received(exchange),
            index: exchange.command.index,
            total: 0,
            kept: Vec::new(),
            anchor: exchange.anchor,
            multi: false,
            served: false,
            only_pings: true,
            only_switches: true,
            sequel: Sequel::Unknown,
        }
    }

    /// One more of them.
    pub(super) fn note(
        place: &mut Option<Box<Unauthenticated>>,
        name: &str,
        exchange: &Exchange<'_>,
    ) {
        let all = place.get_or_insert_with(|| Box::new(Unauthenticated::new(exchange)));
        all.total += 1;
        all.last = received(exchange);
        all.anchor = all.anchor.min(exchange.anchor);
        all.multi |= exchange.command.kind == Kind::Multi;
        all.only_pings &= name == "PING";
        let detail = exchange.command.detail;
        all.only_switches &= matches!(detail, Detail::ReplyOff | Detail::ReplySkip);
        if all.kept.len() < KEPT {
            all.kept.push(KeptExchange::of(exchange, false));
        }
    }

    /// Nothing but PING, as a replica sends it.
    pub(super) fn only_pings(&self) -> bool {
        self.only_pings
    }

    /// The most that may be said of it.
    pub(crate) fn cap(&self, scene: &Scene) -> Confidence {
        match self.only_switches {
            true => Confidence::Possible,
            false => scene.cap(self.anchor),
        }
    }
}
