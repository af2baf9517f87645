//! What a connection speaks.

use super::Engine;
use crate::analyzer::connection::{Connection, RedisTalk, Talk};
use crate::model::Side;
use crate::redis::detect::{Probe, Sight, Verdict};
use crate::tcp::{Chunk, FlowMeta};

/// So many of them are kept, with what they still hold.
const SPARE: usize = 16;

impl Engine {
    /// The first bytes of a connection.
    pub(super) fn begin(&mut self, meta: &FlowMeta, chunk: &Chunk<'_>) -> Talk {
        let asked = self.config.stream.is_none_or(|stream| {
            meta.vantages
                .iter()
                .any(|(file, number)| *file == 0 && *number == Some(stream))
        });
        if !asked {
            return Talk::Ignored;
        }
        // Nearly always they tell: then nothing is kept of them.
        let mut probe = Probe::default();
        match self.recognise(&mut probe, meta, chunk) {
            Some(talk) => talk,
            None => Talk::Probing(Box::new(probe)),
        }
    }

    /// What the connection speaks, once that is clear.
    pub(super) fn recognise(
        &mut self,
        probe: &mut Probe,
        meta: &FlowMeta,
        chunk: &Chunk<'_>,
    ) -> Option<Talk> {
        let ports = &self.config.ports;
        let verdict = probe.look(&Sight {
            chunk,
            meta,
            commands: &self.shared.commands,
            ports,
            framing: &self.shared.framing,
        });
        Some(match verdict {
            Verdict::Undecided => return None,
            Verdict::Tls => Talk::Tls,
            Verdict::Http2 => Talk::Http2,
            Verdict::Http => Talk::Http,
            Verdict::Other => Talk::Other,
            Verdict::Redis(client) if !self.wants(meta, client) => Talk::Ignored,
            Verdict::Redis(client) => {
                let probe = std::mem::take(probe);
                Talk::Redis(self.recognised(client, probe, meta, Some(chunk)))
            }
        })
    }

    /// Lines of text to a port of Redis are commands, also where no answer was captured; so is what looks like one.
    pub(super) fn recognise_late(&mut self, mut state: Connection, meta: &FlowMeta) -> Connection {
        let Talk::Probing(probe) = &mut state.talk else {
            return state;
        };
        if let Some(client) = probe
            .likely_client(meta)
            .filter(|client| self.wants(meta, *client))
        {
            let probe = std::mem::take(&mut **probe);
            state.talk = Talk::Redis(self.recognised(client, probe, meta, None));
        }
        state
    }

    /// It was taken for Redis, and is none.
    pub(super) fn leave(&mut self, state: &mut Connection) {
        if let Talk::Redis(mut talk) = std::mem::replace(&mut state.talk, Talk::Other) {
            talk.session.abandon(&mut self.shared);
            self.keep_place(talk);
        }
    }

    /// The next connection may be made in the place of this one.
    pub(super) fn keep_place(&mut self, talk: Box<RedisTalk>) {
        if self.spare.len() < SPARE {
            self.spare.push(talk);
        }
    }

    fn wants(&self, meta: &FlowMeta, client: Side) -> bool {
        let (client, server) = (meta.key.end(client), meta.key.end(client.peer()));
        self.config.wants(&client, &server)
    }

    fn recognised(
        &mut self,
        client: Side,
        probe: Probe,
        meta: &FlowMeta,
        chunk: Option<&Chunk<'_>>,
    ) -> Box<RedisTalk> {
        let server_gap = probe.server_gap();
        // With nothing of the server, the client's lines are known from their start.
        let from_start = meta.whole() || chunk.is_none() && !meta.midstream();
        let server = self.desk.endpoints.place(meta.key.end(client.peer()));
        let mut talk = match self.spare.pop() {
            Some(mut place) => {
                place.restart(client, from_start, server);
                place
            }
            None => Box::new(RedisTalk::new(client, from_start, server)),
        };
        talk.guessed = probe.is_guess();
        let dropped = |side| probe.dropped(side);
        talk.session
            .dropped_before(dropped(client), dropped(client.peer()));
        if let (Some(gap), None) = (server_gap, chunk) {
            self.redis_gap(&mut talk, meta, &gap);
        }
        for kept in probe.into_kept() {
            self.redis_data(&mut talk, meta, &kept.chunk());
        }
        if let Some(chunk) = chunk {
            if let Some(gap) = server_gap {
                self.redis_gap(&mut talk, meta, &gap);
            }
            self.redis_data(&mut talk, meta, chunk);
        }
        talk
    }
}
