//! How long commands have waited, and what TCP shows meanwhile.

use super::Engine;
use crate::analyzer::connection::{Connection, RedisTalk, Talk};
use crate::analyzer::scene::scene_of;
use crate::model::Timestamp;
use crate::rules::{Closing, Cut, Ended, Life, Moment, Teller};
use crate::tcp::{End, FlowMeta};

impl Engine {
    /// Comes back when the oldest command has waited for as long as the server may take.
    pub(super) fn schedule(&mut self, talk: &mut RedisTalk, meta: &FlowMeta) {
        if talk.overdue.scheduled {
            return;
        }
        let Some(oldest) = talk.session.oldest() else {
            return;
        };
        if talk
            .overdue
            .judged
            .as_deref()
            .is_some_and(|(index, _)| *index == oldest.index)
        {
            return;
        }
        let due = oldest.sent.plus(self.patience_ns(talk.server));
        talk.overdue.scheduled = true;
        self.deadlines.set(due, meta.slot, meta.id);
    }

    fn patience_ns(&mut self, server: Option<u32>) -> i64 {
        let known = server.and_then(|place| self.desk.endpoints.at(place));
        known.map_or(1_000_000_000, |facts| facts.patience_ns())
    }

    /// The time has come that was set for this connection.
    pub(in crate::analyzer) fn overdue(&mut self, state: &mut Connection, meta: &FlowMeta) {
        let Talk::Redis(talk) = &mut state.talk else {
            return;
        };
        talk.overdue.scheduled = false;
        let Some((index, at, sent)) = talk.session.oldest().map(|c| (c.index, c.at, c.sent)) else {
            return;
        };
        let scene = scene_of(meta, talk);
        talk.record.hand_over(&mut self.desk, talk.server);
        let patience = self.patience_ns(talk.server);
        let waited = self.spans.since(at, sent);
        if waited < patience {
            // It was another command, or the clock had stepped.
            talk.overdue.scheduled = true;
            let due = self.now.plus((patience - waited).max(1_000_000));
            self.deadlines.set(due, meta.slot, meta.id);
            return;
        }
        talk.overdue.judged = Some(Box::new((index, patience)));
        let closing = Closing {
            patience_ns: Some(patience),
            closed: false,
            ..self.closing(talk, meta)
        };
        talk.boundary.set_library(talk.session.library().as_deref());
        let mut news = Teller {
            desk: &mut self.desk,
            shared: &mut self.shared,
        };
        talk.boundary
            .overdue(&mut news, &scene, talk.session.waiting(), &closing);
        self.drain_desk();
    }

    /// How the connection stands: who ended it, what TCP shows, and how long the oldest command has waited.
    pub(super) fn closing(&self, talk: &RedisTalk, meta: &FlowMeta) -> Closing {
        let oldest = talk.session.oldest();
        let end = meta.liveness.first_end();
        let last = Moment {
            time: meta.last,
            at: meta.last_at,
        };
        let until = end.map_or(last, |end| Moment {
            time: end.seen.time,
            at: end.seen.at,
        });
        // Cut short by another connection of the same ports, or by a limit: when it really ended is not known.
        let cut_short = meta.end == End::Replaced
            || meta.end == End::Idle && self.now.since(meta.last) < self.config.limits.idle_ns;
        let waited = oldest.map_or(0, |oldest| match end.is_some() || cut_short {
            true => self
                .spans
                .between((oldest.at, oldest.sent), (until.at, until.time)),
            false => self.spans.since(oldest.at, oldest.sent),
        });
        let until = match (end, oldest) {
            // Nothing came until then.
            (None, Some(oldest)) if !cut_short => Moment {
                time: oldest.sent.plus(waited),
                at: last.at,
            },
            _ => until,
        };
        let since = |seen: Timestamp| oldest.map_or(0, |oldest| oldest.sent.since(seen).max(0));
        Closing {
            until,
            ended: match end {
                None => Ended::Open,
                Some(end) if end.side == talk.client => Ended::ByClient,
                Some(end) => Ended::ByServer(until, Cut::of(end.reset)),
            },
            one_sided: meta.one_sided(),
            life: life(talk, meta, end.map_or(self.steady, |end| end.seen.steady)),
            waited_ns: waited,
            patience_ns: talk.judged_patience(),
            closed: true,
            idle_ns: since(talk.record.last_reply().unwrap_or(meta.opened)),
        }
    }
}

/// What TCP shows beside an answer that did not come.
fn life(talk: &RedisTalk, meta: &FlowMeta, now: Timestamp) -> Life {
    let (client, server) = (
        meta.liveness.of(talk.client),
        meta.liveness.of(talk.client.peer()),
    );
    let Some(oldest) = talk.session.oldest() else {
        return Life {
            hole: meta.liveness.hole(now).is_some(),
            ..Life::default()
        };
    };
    let acknowledged = client.acked >= oldest.end;
    let since = match client.acked_at {
        Some(seen) if acknowledged => seen.time.max(oldest.sent),
        _ => oldest.sent,
    };
    Life {
        acknowledged,
        window_closed: meta.liveness.window_closed(talk.client).is_some(),
        went_on: client.last.max(server.last) > since,
        hole: meta.liveness.hole(now).is_some(),
    }
}
