//! Commands behind AUTH that were answered together, long behind AUTH's reply.
//!
//! A server that had forgotten them and then lets them go answers in a burst.

use crate::finding::Moment;
use crate::model::Timestamp;
use crate::redis::{Exchange, KeptExchange};

/// Answers that follow each other within so many ns were released together.
const RELEASED_WITHIN_NS: i64 = 5_000_000;
/// An answer that comes so many ns behind AUTH's reply did not come with it.
const WITH_AUTH_NS: i64 = 1_000_000;
/// So many commands of a burst are kept to be shown.
const KEPT: usize = 8;

/// How an answer stands to those before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lateness {
    /// It goes on with a burst.
    continues: bool,
    /// It does not, so it may start one.
    pub(super) starts: bool,
    /// It came long behind AUTH's reply.
    late: bool,
}

/// Commands answered together, from a blind one on that came long behind AUTH's reply. Hardly any window has some.
#[derive(Debug, Default)]
pub(crate) struct Burst(Option<Box<Together>>);

#[derive(Debug)]
struct Together {
    kept: Vec<KeptExchange>,
    total: u64,
    /// Those of them that were sent before AUTH's reply could have been received.
    blind: u64,
    started: Moment,
    last_answer: Timestamp,
}

impl Burst {
    pub(super) fn is_late(&self, now: Moment, auth_received: Moment) -> Lateness {
        let soon = |before: i64| (0..=RELEASED_WITHIN_NS).contains(&before);
        let continues = (self.0.as_ref()).is_some_and(|all| soon(now.time.since(all.last_answer)));
        Lateness {
            continues,
            starts: !continues,
            late: now.time.since(auth_received.time) > WITH_AUTH_NS,
        }
    }

    pub(super) fn note(
        &mut self,
        exchange: &Exchange<'_>,
        blind: bool,
        late: Lateness,
        starts: bool,
    ) {
        let now = super::moments::received(exchange);
        if !late.continues {
            self.0 = None;
            if !(starts && late.late) {
                return;
            }
        }
        let all = self.0.get_or_insert_with(|| {
            Box::new(Together {
                kept: Vec::new(),
                total: 0,
                blind: 0,
                started: now,
                last_answer: now.time,
            })
        });
        all.total += 1;
        all.blind += u64::from(blind);
        all.last_answer = now.time;
        if all.kept.len() < KEPT {
            all.kept.push(KeptExchange::of(exchange, false));
        }
    }

    /// Commands of the flight that were answered, but only after `patience` ns behind AUTH's reply.
    pub(crate) fn answered_late(&self, auth_received: Moment, patience: i64) -> u64 {
        match &self.0 {
            Some(all) if all.started.time.since(auth_received.time) >= patience => all.blind,
            _ => 0,
        }
    }

    /// The commands that were answered only together with `next_reply`, the reply of the next AUTH: how many, and the
    /// first of them. `next_sent`: when that AUTH was sent.
    pub(crate) fn released_with(
        &self,
        next_reply: Moment,
        next_sent: Moment,
    ) -> Option<(u64, &[KeptExchange])> {
        let all = self.0.as_ref()?;
        let first = all.kept.first()?;
        let apart = next_reply.time.since(all.last_answer);
        let together = (0..=RELEASED_WITHIN_NS).contains(&apart);
        let waited = first.command.sent < next_sent.time && all.started.time >= next_sent.time;
        (together && waited).then_some((all.total, &all.kept[..]))
    }
}
