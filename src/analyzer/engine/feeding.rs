//! Bytes and gaps of a Redis connection go to its session, while desk, report and exchange lines listen.

use super::Engine;
use crate::analyzer::connection::RedisTalk;
use crate::analyzer::lines::Lines;
use crate::analyzer::listener::Listener;
use crate::redis::{Session, Shared};
use crate::tcp::{Chunk, FlowMeta, Gap};

impl Engine {
    pub(super) fn redis_gap(&mut self, talk: &mut RedisTalk, meta: &FlowMeta, gap: &Gap) {
        let from_client = gap.side == talk.client;
        self.with_session(talk, meta, |session, shared, listener| {
            if from_client {
                session.client_gap(shared, gap, listener);
            } else {
                session.server_gap(shared, gap, listener);
            }
        });
    }

    #[inline(always)]
    pub(super) fn redis_data(&mut self, talk: &mut RedisTalk, meta: &FlowMeta, chunk: &Chunk<'_>) {
        let from_client = chunk.side == talk.client;
        talk.session.set_unheard(meta.one_sided());
        self.with_session(talk, meta, |session, shared, listener| {
            if from_client {
                session.client_data(shared, chunk, listener);
            } else {
                session.server_data(shared, chunk, listener);
            }
        });
        self.note_activity(talk, meta, chunk);
        if from_client {
            self.schedule(talk, meta);
        }
    }

    /// Who is served while others wait.
    #[inline(always)]
    fn note_activity(&mut self, talk: &mut RedisTalk, meta: &FlowMeta, chunk: &Chunk<'_>) {
        let Some(facts) = talk.server.and_then(|place| self.desk.endpoints.at(place)) else {
            return;
        };
        if chunk.side == talk.client {
            facts.activity.sent(meta.id, chunk.time);
        } else if let Some((sent, received)) = talk.record.take_latest() {
            facts.activity.answered(meta.id, sent, received);
        }
    }

    /// Lets a session act while desk, report and exchange lines listen, then hands on what they found.
    #[inline(always)]
    pub(super) fn with_session(
        &mut self,
        talk: &mut RedisTalk,
        meta: &FlowMeta,
        act: impl FnOnce(&mut Session, &mut Shared, &mut Listener<'_>),
    ) {
        let mut listener = Listener {
            meta,
            client: talk.client,
            guessed: talk.guessed,
            boundary: &mut talk.boundary,
            record: &mut talk.record,
            server: talk.server,
            desk: &mut self.desk,
            lines: self.config.exchanges.then_some(Lines {
                events: &mut self.events,
                used: &mut self.used_lines,
                settled: &mut self.settled,
            }),
            spans: &self.spans,
        };
        act(&mut talk.session, &mut self.shared, &mut listener);
        self.drain_desk();
    }
}
