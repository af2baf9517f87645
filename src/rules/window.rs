//! One AUTH and what came behind it: the state machine that all rules of the auth boundary share.

use super::draft::{self, EXCHANGES_MAX, Scene};
use super::finding::{Confidence, FindingExchange, Moment};
use super::outcome::{Outcome, Sign};
use super::story::Told;
use super::verdict::Facts;
use crate::model::Timestamp;
use crate::redis::{Anchor, Exchange, Kind, Shared};

/// Answers that follow each other within so many ns were released together.
const RELEASED_WITHIN_NS: i64 = 5_000_000;
/// An answer that comes so many ns behind AUTH's reply did not come with it.
const WITH_AUTH_NS: i64 = 1_000_000;

/// How many exchanges of a window are shown, by what became of them. With AUTH and an earlier success they fill a
/// finding's list.
const BLIND_REFUSED_MAX: usize = 4;
const LATE_REFUSED_MAX: usize = 2;
const SERVED_MAX: usize = 2;

/// A command behind AUTH that a finding may show.
#[derive(Debug)]
pub(crate) struct KeptExchange {
    pub shown: FindingExchange,
    /// It got NOAUTH.
    pub refused: bool,
}

impl KeptExchange {
    /// It was refused, and sent before AUTH's reply could have been received (or not).
    pub(super) fn is_refused_and(&self, blind: bool) -> bool {
        self.refused && self.shown.blind == Some(blind)
    }
}

/// Commands answered together, from a blind one on that came long behind AUTH's reply.
#[derive(Debug, Default)]
struct Burst {
    kept: Vec<FindingExchange>,
    total: u64,
    /// Those of them that were sent before AUTH's reply could have been received.
    blind: u64,
    started: Option<Moment>,
    last_answer: Option<Timestamp>,
}

/// One AUTH with its reply, and what came behind it on the connection.
#[derive(Debug)]
pub(crate) struct Window {
    pub auth: FindingExchange,
    pub outcome: Outcome,
    pub hello: bool,
    /// The connection was authenticated when AUTH was sent, as far as is known.
    pub was_authed: bool,
    /// Whether it was is not sure: an AUTH in front may not have been captured.
    pub login_unseen: bool,
    /// AUTH's reply: offset behind it, and when it was received.
    pub reply_end: i64,
    pub received: Moment,
    pub sent: Moment,
    /// Lowest anchor of the pairs the verdict rests on.
    pub anchor: Anchor,
    pub facts: Facts,
    pub blind_ok: u64,
    /// Longest time from a blind command to AUTH's reply.
    pub delay_ns: i64,
    /// Something of AUTH's flight was answered: before AUTH or behind it.
    pub flight_answered: bool,
    /// The commands a finding shows: refused ones first seen, and the success that decides.
    pub kept: Vec<KeptExchange>,
    pub last: Moment,
    /// What the segment of the first blind command that was refused acknowledged.
    pub first_blind_ack: Option<i64>,
    pub told: Told,
    /// The first command that succeeded behind AUTH; one that no proxy answers itself stands for all others.
    pub served_before: Option<FindingExchange>,
    /// That one is such.
    forwarded_before: bool,
    /// Pairing was lost while it was open: what would have decided may be in the gap.
    pub interrupted: bool,
    burst: Burst,
    /// A command that is not in the table was answered: it may have done anything to the connection.
    unknown_seen: bool,
    /// A command that may block was answered: what waits behind it proves nothing.
    blocked: bool,
    /// Captured from the SYN up to the evidence without a gap.
    whole: bool,
}

impl Window {
    pub(super) fn new(
        shared: &mut Shared,
        scene: &Scene,
        exchange: &Exchange<'_>,
        was_authed: bool,
        flight_answered: bool,
    ) -> Window {
        let auth = draft::shown(shared, scene, exchange, None);
        let received = Moment {
            time: exchange.received,
            at: exchange.at,
        };
        Window {
            outcome: Outcome::of(exchange),
            hello: exchange.command.kind == Kind::Hello,
            was_authed,
            login_unseen: false,
            reply_end: exchange.end,
            received,
            sent: auth.sent,
            anchor: exchange.anchor,
            facts: Facts::default(),
            blind_ok: 0,
            delay_ns: 0,
            flight_answered,
            kept: Vec::new(),
            last: received,
            first_blind_ack: None,
            told: Told::default(),
            served_before: None,
            forwarded_before: false,
            interrupted: false,
            burst: Burst::default(),
            unknown_seen: false,
            blocked: false,
            whole: scene.whole,
            auth,
        }
    }

    /// The most that may be said of it.
    pub(super) fn cap(&self, scene: &Scene) -> Confidence {
        let whole = self.whole;
        Scene { whole, ..*scene }.cap(self.anchor)
    }

    /// AUTH's last byte to its reply's last byte, ns.
    pub(super) fn latency_ns(&self) -> i64 {
        self.received.time.since(self.sent.time)
    }

    /// The command left before AUTH's reply could have been received.
    pub(super) fn is_blind(&self, exchange: &Exchange<'_>) -> bool {
        exchange.sent_before(self.reply_end, self.received.time)
    }

    /// The next command of the window was answered. `true` when verdicts have to be looked at again.
    pub(super) fn note(
        &mut self,
        shared: &mut Shared,
        scene: &Scene,
        exchange: &Exchange<'_>,
        sign: Sign,
        local: bool,
    ) -> bool {
        let blind = self.is_blind(exchange);
        self.flight_answered |= blind;
        self.unknown_seen |= !shared.commands.info(exchange.command.id).known;
        self.follow_burst(shared, scene, exchange, blind);
        if sign == Sign::Nothing {
            return false;
        }
        let refused = sign == Sign::NoAuth;
        // What comes behind the success that decides takes nothing from it.
        if self.facts.ok_between.all() == 0 {
            self.whole &= scene.whole && !self.unknown_seen;
        }
        if !refused {
            self.note_success(shared, scene, exchange, blind, local);
        }
        self.facts.note(blind, refused, local);
        if blind && !refused {
            self.blind_ok += 1;
        }
        if blind {
            let delay = self.received.time.since(exchange.command.sent);
            self.delay_ns = self.delay_ns.max(delay);
        }
        let matters = self.facts.refused() > 0 || (self.outcome != Outcome::Accepted && blind);
        let first_blind = blind && self.kept.is_empty();
        if !(matters || first_blind) {
            return false;
        }
        self.last = Moment {
            time: exchange.received,
            at: exchange.at,
        };
        self.keep(shared, scene, exchange, blind, refused);
        matters
    }

    /// Keeps the first success in front of all refusals.
    fn note_success(
        &mut self,
        shared: &mut Shared,
        scene: &Scene,
        exchange: &Exchange<'_>,
        blind: bool,
        local: bool,
    ) {
        let better = self.served_before.is_none() || (!local && !self.forwarded_before);
        if better && self.facts.refused() == 0 {
            self.forwarded_before = !local;
            self.served_before = Some(draft::shown(shared, scene, exchange, Some(blind)));
        }
    }

    /// Keeps a few of the refused, the first success in front of them and the first behind.
    fn keep(
        &mut self,
        shared: &mut Shared,
        scene: &Scene,
        exchange: &Exchange<'_>,
        blind: bool,
        refused: bool,
    ) {
        let alike =
            |k: &&KeptExchange| k.refused == refused && (!refused || k.shown.blind == Some(blind));
        let kept_alike = self.kept.iter().filter(alike).count();
        let behind = self.kept.last().is_some_and(|k| k.refused);
        let wanted = match (refused, blind) {
            (true, true) => kept_alike < BLIND_REFUSED_MAX,
            (true, false) => kept_alike < LATE_REFUSED_MAX,
            // Behind an AUTH that is refused, data for a blind command is what the verdict rests on.
            (false, true) if self.outcome == Outcome::Refused => kept_alike < SERVED_MAX,
            (false, _) => kept_alike < SERVED_MAX && (self.kept.is_empty() || behind),
        };
        if !wanted {
            return;
        }
        self.anchor = self.anchor.min(exchange.anchor);
        if refused && blind && self.first_blind_ack.is_none() {
            self.first_blind_ack = exchange.command.ack;
        }
        self.kept.push(KeptExchange {
            shown: draft::shown(shared, scene, exchange, Some(blind)),
            refused,
        });
    }

    fn follow_burst(
        &mut self,
        shared: &mut Shared,
        scene: &Scene,
        exchange: &Exchange<'_>,
        blind: bool,
    ) {
        let now = Moment {
            time: exchange.received,
            at: exchange.at,
        };
        let soon = |before: i64| (0..=RELEASED_WITHIN_NS).contains(&before);
        let continues = self
            .burst
            .last_answer
            .is_some_and(|last| soon(now.time.since(last)));
        if !continues {
            self.burst = Burst::default();
            let late = now.time.since(self.received.time) > WITH_AUTH_NS;
            self.blocked |= shared.may_block(exchange.command);
            if self.blocked || !(blind && late && self.flight_answered) {
                return;
            }
            self.burst.started = Some(now);
        }
        self.burst.total += 1;
        self.burst.blind += u64::from(blind);
        self.burst.last_answer = Some(now.time);
        if self.burst.kept.len() < EXCHANGES_MAX - 2 {
            let shown = draft::shown(shared, scene, exchange, Some(blind));
            self.burst.kept.push(shown);
        }
    }

    /// Commands of the flight that were answered, but only after `patience` ns behind AUTH's reply.
    pub(super) fn answered_late(&self, patience: i64) -> u64 {
        match self.burst.started {
            Some(start) if start.time.since(self.received.time) >= patience => self.burst.blind,
            _ => 0,
        }
    }

    /// The commands that were answered only together with `next_reply`, the reply of the next AUTH: how many, and the
    /// first of them.
    pub(super) fn released_with(
        &self,
        next_reply: Moment,
        next_sent: Moment,
    ) -> Option<(u64, &[FindingExchange])> {
        let (start, last) = (self.burst.started?, self.burst.last_answer?);
        let first = self.burst.kept.first()?;
        let together = (0..=RELEASED_WITHIN_NS).contains(&next_reply.time.since(last));
        let waited = first.sent.time < next_sent.time && start.time >= next_sent.time;
        (together && waited).then_some((self.burst.total, &self.burst.kept[..]))
    }
}
