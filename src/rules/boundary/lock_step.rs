//! A client that waits for each reply before its next command, and from one command on no longer does.
//!
//! Whoever gives up waiting and goes on with the same connection reads the late reply as the answer to the next command.
//! From then on one reply is always unread: each command is sent when the reply to the one before it is still on its way,
//! and when the one before that has just arrived. Names no rule.

use super::moments::{received, sent};
use crate::finding::Moment;
use crate::model::Timestamp;
use crate::redis::{Anchor, Exchange, KeptExchange};

/// So many exchanges in turn make a client one that waits.
const WAITS: u32 = 20;
/// So many commands behind the first show that it never waits again.
pub(crate) const FOR_GOOD: u32 = 5;
/// A reply that had arrived unread lets the next command follow within so long, ns.
const DIRECTLY_NS: i64 = 1_000_000;
/// Exchanges behind the first that are kept to be shown.
const SHOWN: usize = 4;

/// The first command that did not wait, and what came behind it.
#[derive(Debug)]
pub(crate) struct Abandoned {
    /// The exchange whose reply nobody waited for.
    pub left: KeptExchange,
    /// The first commands behind it.
    pub behind: Vec<KeptExchange>,
    /// How long the client had waited, ns.
    pub waited_ns: i64,
    /// Exchanges in front, each of which was waited for.
    pub waited_for: u32,
    /// Commands behind it, each with one reply unread.
    pub followed: u32,
    /// The latency that was usual so far, ns.
    pub usual_ns: i64,
    pub anchor: Anchor,
    pub last: Moment,
    /// The client library, as it said itself.
    pub library: Option<Box<str>>,
    /// The command behind it was sent alone, with nothing unread; the next one has to follow directly.
    even: bool,
    /// Commands in a row that waited.
    calm: u32,
}

/// The exchange in front.
#[derive(Debug)]
struct Before {
    /// Only where the client has waited often enough.
    kept: Option<Box<KeptExchange>>,
    end: i64,
    sent: Moment,
    received: Timestamp,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct LockStep {
    waited_for: u32,
    /// It pipelines: nothing can be said of it.
    off: bool,
    usual_ns: i64,
    before: Option<Before>,
    /// Behind the reply in front of that.
    end_before: i64,
    pub found: Option<Box<Abandoned>>,
}

impl LockStep {
    /// It may still be said of the client that it waits, or no longer does.
    pub(super) fn is_on(&self) -> bool {
        !self.off
    }

    /// Pairs were wrong, or bytes are missing.
    pub(super) fn doubt(&mut self) {
        *self = LockStep {
            off: true,
            ..LockStep::default()
        };
    }

    /// The next exchange. `plain`: the command is known, and neither waits for others nor changes how replies are counted.
    /// `next_sent`: another command had been sent when its reply came.
    pub(super) fn note(&mut self, exchange: &Exchange<'_>, plain: bool, next_sent: bool) {
        if self.off {
            return;
        }
        if !plain {
            // What is not understood may have been meant so.
            self.doubt();
            return;
        }
        let overlaps = self
            .before
            .as_ref()
            .is_some_and(|before| exchange.sent_before(before.end, before.received));
        match &mut self.found {
            Some(_) => self.follow(exchange, overlaps),
            None if !overlaps => self.waited(exchange),
            None => self.begin(exchange),
        }
        if !self.off {
            self.keep(exchange, next_sent);
        }
    }

    fn keep(&mut self, exchange: &Exchange<'_>, next_sent: bool) {
        if let Some(before) = &self.before {
            self.end_before = before.end;
        }
        // Only a reply that came behind the next command may have been given up.
        let given_up = next_sent && self.waited_for >= WAITS && self.found.is_none();
        self.before = Some(Before {
            kept: given_up.then(|| Box::new(KeptExchange::of(exchange, false))),
            end: exchange.end,
            sent: sent(exchange),
            received: exchange.received,
        });
    }

    fn waited(&mut self, exchange: &Exchange<'_>) {
        let latency = exchange.latency_ns();
        self.usual_ns = match self.waited_for {
            0 => latency,
            _ => self.usual_ns + (latency - self.usual_ns) / 8,
        };
        self.waited_for += 1;
    }

    fn begin(&mut self, exchange: &Exchange<'_>) {
        let given_up = self.before.take().and_then(|before| {
            let waited_ns = exchange.command.sent.since(before.sent.time);
            let alone = exchange.command.at != before.sent.at;
            before.kept.filter(|_| alone).map(|kept| (kept, waited_ns))
        });
        let Some((left, waited_ns)) = given_up else {
            self.doubt();
            return;
        };
        self.found = Some(Box::new(Abandoned {
            waited_ns,
            waited_for: self.waited_for,
            followed: 0,
            usual_ns: self.usual_ns,
            anchor: exchange.anchor,
            last: received(exchange),
            even: false,
            calm: 0,
            library: None,
            behind: vec![KeptExchange::of(exchange, false)],
            left: *left,
        }));
    }

    fn follow(&mut self, exchange: &Exchange<'_>, overlaps: bool) {
        let (Some(found), Some(before)) = (&mut self.found, &self.before) else {
            return;
        };
        let waited_for_older = !exchange.sent_before(self.end_before, exchange.command.sent);
        let alone = exchange.command.at != before.sent.at;
        let soon = exchange.command.sent.since(before.sent.time) <= DIRECTLY_NS;
        let unread = match overlaps {
            true => alone && waited_for_older && (!found.even || soon),
            false => true,
        };
        found.calm = if overlaps { 0 } else { found.calm + 1 };
        // Two in a row that waited: it reads what it asked for.
        if !unread || found.calm > 1 {
            self.doubt();
            return;
        }
        found.even = !overlaps;
        found.followed += 1;
        found.anchor = found.anchor.min(exchange.anchor);
        found.last = received(exchange);
        if found.behind.len() < SHOWN {
            found.behind.push(KeptExchange::of(exchange, false));
        }
    }
}
