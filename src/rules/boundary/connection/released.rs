//! Commands that were answered only together with the next AUTH.

use super::Boundary;
use crate::finding::Scene;
use crate::redis::{Anchor, Exchange, KeptExchange};
use crate::rules::boundary::absence::{Absence, Ended, Flight, Life, Release, Waiting};
use crate::rules::boundary::moments::{received, sent};
use crate::rules::boundary::outcome::Outcome;
use crate::rules::news::News;

impl Boundary {
    /// Commands of the flight before may have waited for this AUTH.
    pub(super) fn release(&mut self, news: &mut impl News, scene: &Scene, exchange: &Exchange<'_>) {
        let Some(window) = self.window.as_deref() else {
            return;
        };
        let acked = exchange.command.ack;
        let separate = acked.is_some_and(|ack| ack >= window.reply_end());
        let firm = window.anchor.min(exchange.anchor) > Anchor::Weak;
        if !(separate && firm && window.outcome == Outcome::Accepted) {
            return;
        }
        let release = Release {
            auth: KeptExchange::of(exchange, false),
            reply: received(exchange),
            sent: sent(exchange),
        };
        let Some((total, burst)) = window.burst.released_with(release.reply, release.sent) else {
            return;
        };
        let left: Vec<Waiting> = burst
            .iter()
            .map(|kept| Waiting {
                exchange: kept.clone(),
                blind: true,
                auth: false,
                known: true,
                blocked: false,
                excuses: false,
            })
            .collect();
        let since = left
            .first()
            .map_or(release.sent.time, |first| first.sent().time);
        let absence = Absence {
            left,
            total,
            free: total,
            flight: Some(Flight::of(window, scene, i64::MAX)),
            waited_ns: release.reply.time.since(since),
            patience_ns: 0,
            idle_ns: 0,
            until: release.reply,
            ended: Ended::Open,
            life: Life::default(),
            released: Some(release),
            excused: false,
            one_sided: false,
            maybe_silent: false,
            served: true,
        };
        let told = news.absence(scene, Box::new(absence), &mut Vec::new(), true);
        self.reported |= told;
        self.not_exposed(told);
    }
}
