//! A connection is over: what it adds to the whole.

use super::{Engine, Keep};
use crate::analyzer::clients::Who;
use crate::analyzer::config::ConnectionsWanted;
use crate::analyzer::connection::RedisTalk;
use crate::analyzer::event::ClientConnection;
use crate::analyzer::report;
use crate::analyzer::scene::scene_of;
use crate::redis::{Counts, detect};
use crate::rules::{Missing, Moment, Teller};
use crate::tcp::FlowMeta;

impl Engine {
    pub(super) fn close_redis(&mut self, mut talk: Box<RedisTalk>, bytes: u64, meta: &FlowMeta) {
        let scene = scene_of(meta, &talk);
        talk.record.hand_over(&mut self.desk, talk.server);
        let library = talk.session.library();
        talk.boundary.set_library(library.as_deref());
        let closing = self.closing(&talk, meta);
        self.with_session(&mut talk, meta, |session, shared, listener| {
            session.finish(shared, listener);
        });
        let mut news = Teller {
            desk: &mut self.desk,
            shared: &mut self.shared,
        };
        talk.boundary.finish(&mut news, &scene, &closing);
        talk.record.hand_over(&mut self.desk, talk.server);
        self.drain_desk();
        let (first, last) = ends(meta);
        let incomplete = self.desk.incomplete.add(&Missing {
            connection: meta.id,
            gaps: meta.gaps,
            midstream: meta.midstream(),
            one_sided: meta.one_sided(),
            hole: closing.life.hole,
            cut_bytes: meta.cut_bytes,
            unread_bytes: talk.session.accounts().map(|account| account.unread),
            first,
            last,
        });
        let counts = Counts {
            gaps: meta.gaps,
            ..talk.session.take_counts()
        };
        self.statistics.redis(&counts, &scene, meta.one_sided());
        self.statistics.bytes(bytes, talk.session.accounts());
        if let Some(errors) = talk.record.errors.take() {
            self.errors.absorb(*errors, self.config.limits.error_texts);
        }
        let one = ClientConnection {
            connection: meta.id,
            server: scene.server,
            opened: meta.opened,
            auth: talk.record.login.told(talk.record.auths.first()),
        };
        let who = Who {
            addr: scene.client.addr,
            library,
        };
        let name = talk.session.name(talk.record.refused_names());
        self.clients.add(who, name, one);
        if let Some(how) = self.wants_report(&talk, meta, incomplete) {
            let report = report::redis(&talk, meta, counts, &self.desk);
            self.keep(report, how);
        }
        self.keep_place(talk);
    }

    /// Whether the report of a connection that is over is wanted, and when.
    fn wants_report(
        &mut self,
        talk: &RedisTalk,
        meta: &FlowMeta,
        incomplete: bool,
    ) -> Option<Keep> {
        let told = self.expected.remove(&meta.id) || self.config.revisions;
        match talk.boundary.is_reported() {
            _ if self.config.connections == ConnectionsWanted::All => Some(Keep::Now),
            true if told => Some(Keep::Now),
            true => Some(Keep::UntilTold),
            false => (incomplete || talk.boundary.is_candidate()).then_some(Keep::InCase),
        }
    }

    pub(super) fn close_tls(&mut self, meta: &FlowMeta) {
        self.statistics.encrypted += 1;
        let client = meta.opener.unwrap_or_else(|| meta.higher_port());
        let (server, ports) = (meta.key.end(client.peer()), &self.config.ports);
        if detect::is_redis_port(&server, ports) {
            let (first, last) = ends(meta);
            if self.desk.encrypted.add(meta.id, server, first, last) {
                self.keep(report::tls(meta, client), Keep::InCase);
            }
        }
    }
}

fn ends(meta: &FlowMeta) -> (Moment, Moment) {
    let first = Moment {
        time: meta.opened,
        at: meta.first_at,
    };
    let last = Moment {
        time: meta.last,
        at: meta.last_at,
    };
    (first, last)
}
