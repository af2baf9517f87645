//! Receives the ordered bytes of all connections and drives sessions and rules with them.

use super::config::{Config, ConnectionsWanted};
use super::connection::{Connection, RedisTalk, Talk, client_by_port};
use super::ear::Ear;
use super::event::{ConnectionReport, Event, Role};
use super::record::Record;
use super::report;
use super::spans::Spans;
use super::statistics::Statistics;
use crate::model::{ConnectionId, Side, Timestamp};
use crate::redis::detect::{self, Probe, Sight, Verdict};
use crate::redis::{Counts, Session, Shared};
use crate::rules::{
    Book, Closing, Culprit, Encrypted, Finding, Incomplete, Missing, Moment, Scene, Watch,
};
use crate::tcp::{Chunk, End, FlowMeta, Gap, Receiver};
use std::collections::{BTreeMap, VecDeque};

/// Everything above TCP.
#[derive(Debug)]
pub(super) struct Engine {
    pub config: Config,
    pub shared: Shared,
    pub book: Book,
    pub incomplete: Incomplete,
    pub encrypted: Encrypted,
    pub statistics: Statistics,
    pub events: VecDeque<Event>,
    /// Reports of closed connections that a finding at the end may name.
    pub kept: BTreeMap<ConnectionId, ConnectionReport>,
    pub kept_dropped: u64,
    pub now: Timestamp,
    pub spans: Spans,
}

impl Receiver<Connection> for Engine {
    fn open(&mut self, meta: &FlowMeta) -> Connection {
        let (low, high) = (meta.key.end(Side::Low), meta.key.end(Side::High));
        let talk = if self.config.may_want(&low, &high) {
            Talk::New
        } else {
            Talk::Ignored
        };
        Connection {
            talk,
            bytes: [0; 2],
        }
    }

    fn data(&mut self, state: &mut Connection, meta: &FlowMeta, chunk: Chunk<'_>) {
        state.bytes[chunk.side as usize] += chunk.bytes.len() as u64;
        if let Talk::New = state.talk {
            state.talk = self.begin(meta);
        }
        match &mut state.talk {
            Talk::Redis(talk) => self.redis_data(talk, meta, &chunk),
            Talk::Probing(_) => self.probe(state, meta, &chunk),
            _ => {}
        }
    }

    fn gap(&mut self, state: &mut Connection, meta: &FlowMeta, gap: Gap) {
        let talk = match &mut state.talk {
            Talk::Redis(talk) => talk,
            Talk::Probing(probe) => return probe.gap(),
            _ => return,
        };
        let from_client = gap.side == talk.client;
        self.with_session(talk, meta, |session, shared, ear| {
            if from_client {
                session.client_gap(shared, &gap, ear);
            } else {
                session.server_gap(shared, &gap, ear);
            }
        });
    }

    fn close(&mut self, state: Connection, meta: &FlowMeta) {
        if let Talk::Ignored = state.talk {
            self.statistics.ignored += 1;
            return;
        }
        self.statistics.closed(&state, meta);
        match state.talk {
            Talk::Redis(talk) => self.close_redis(*talk, meta),
            Talk::Tls => self.close_tls(meta),
            _ => {}
        }
    }
}

impl Engine {
    fn begin(&self, meta: &FlowMeta) -> Talk {
        let asked = self.config.stream.is_none_or(|stream| {
            meta.vantages
                .iter()
                .any(|(file, number)| *file == 0 && *number == Some(stream))
        });
        if asked {
            Talk::Probing(Box::default())
        } else {
            Talk::Ignored
        }
    }

    fn probe(&mut self, state: &mut Connection, meta: &FlowMeta, chunk: &Chunk<'_>) {
        let Talk::Probing(probe) = &mut state.talk else {
            return;
        };
        let ports = &self.config.ports;
        let verdict = probe.look(&Sight {
            chunk,
            meta,
            commands: &self.shared.commands,
            ports,
        });
        state.talk = match verdict {
            Verdict::Undecided => return,
            Verdict::Tls => Talk::Tls,
            Verdict::Http2 => Talk::Http2,
            Verdict::Http => Talk::Http,
            Verdict::Other => Talk::Other,
            Verdict::Redis(client) if !self.wants(meta, client) => Talk::Ignored,
            Verdict::Redis(client) => {
                let probe = std::mem::take(&mut **probe);
                Talk::Redis(Box::new(self.recognised(client, probe, meta, chunk)))
            }
        };
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
        chunk: &Chunk<'_>,
    ) -> RedisTalk {
        let mut talk = RedisTalk {
            client,
            session: Session::new(meta.whole()),
            watch: Watch::default(),
            record: Record::default(),
        };
        for kept in probe.into_kept() {
            self.redis_data(&mut talk, meta, &kept.chunk());
        }
        self.redis_data(&mut talk, meta, chunk);
        talk
    }

    fn redis_data(&mut self, talk: &mut RedisTalk, meta: &FlowMeta, chunk: &Chunk<'_>) {
        let from_client = chunk.side == talk.client;
        self.with_session(talk, meta, |session, shared, ear| {
            if from_client {
                session.client_data(shared, chunk, ear);
            } else {
                session.server_data(shared, chunk, ear);
            }
        });
    }

    /// Lets a session act while rules, report and exchange lines listen, then hands on what they found.
    fn with_session(
        &mut self,
        talk: &mut RedisTalk,
        meta: &FlowMeta,
        act: impl FnOnce(&mut Session, &mut Shared, &mut Ear<'_>),
    ) {
        let mut ear = Ear {
            scene: scene(meta, talk.client),
            watch: &mut talk.watch,
            record: &mut talk.record,
            book: &mut self.book,
            lines: self.config.exchanges.then_some(&mut self.events),
        };
        act(&mut talk.session, &mut self.shared, &mut ear);
        self.drain_book();
    }

    fn close_redis(&mut self, mut talk: RedisTalk, meta: &FlowMeta) {
        let scene = scene(meta, talk.client);
        talk.record.hand_over(&mut self.book, scene.server);
        talk.watch.set_library(talk.session.library());
        self.with_session(&mut talk, meta, |session, shared, ear| {
            session.finish(shared, ear);
        });
        // Cut short by another connection of the same ports, or by a limit: when it really ended is not known.
        let cut_short =
            meta.end == End::Idle && self.now.since(meta.last) < self.config.limits.idle_ns;
        let open_until = if cut_short {
            meta.last
        } else {
            self.seen_until(meta)
        };
        let first_end = meta.liveness.first_end;
        let closing = Closing {
            until: first_end.map_or(open_until, |end| end.seen.time),
            by_client: first_end.map(|end| end.side == talk.client),
            one_sided: meta.one_sided(),
        };
        talk.watch.finish(&mut self.book, &scene, &closing);
        talk.record.hand_over(&mut self.book, scene.server);
        self.drain_book();
        let (first, last) = ends(meta);
        let incomplete = self.incomplete.add(&Missing {
            connection: meta.id,
            gaps: meta.gaps,
            midstream: meta.midstream(),
            one_sided: meta.one_sided(),
            cut_bytes: meta.cut_bytes,
            first,
            last,
        });
        let counts = Counts {
            gaps: meta.gaps,
            ..talk.session.counts().clone()
        };
        self.statistics.redis(&counts);
        let maybe = incomplete || talk.watch.is_candidate();
        let reported =
            talk.watch.is_reported() || self.config.connections == ConnectionsWanted::All;
        if reported || maybe {
            let report = report::redis(&talk, meta, counts, &self.book);
            self.keep(report, reported);
        }
    }

    /// How long the inputs that captured this connection went on.
    fn seen_until(&self, meta: &FlowMeta) -> Timestamp {
        let inputs = meta.vantages.iter().map(|(file, _)| *file);
        self.spans.until(inputs).unwrap_or(meta.last)
    }

    fn close_tls(&mut self, meta: &FlowMeta) {
        self.statistics.encrypted += 1;
        let client = meta.opener.unwrap_or_else(|| client_by_port(meta));
        let (server, ports) = (meta.key.end(client.peer()), &self.config.ports);
        if detect::is_redis_port(&server, ports) {
            let (first, last) = ends(meta);
            if self.encrypted.add(meta.id, server, first, last) {
                self.keep(report::tls(meta, client), false);
            }
        }
    }

    /// Tells a report now, or keeps it until the end of the run.
    fn keep(&mut self, report: ConnectionReport, now: bool) {
        if now {
            self.statistics.report(&report);
            self.events.push_back(Event::Connection(Box::new(report)));
        } else if self.kept.len() < self.config.limits.reported_connections {
            self.kept.insert(report.id, report);
        } else {
            self.kept_dropped += 1;
        }
    }

    /// The run is over: what only the whole of it shows, and the connections it names.
    pub(super) fn finish(&mut self) {
        crate::rules::at_the_end(&mut self.book);
        self.incomplete.tell(&mut self.book);
        self.encrypted.tell(&mut self.book);
        let already = self.events.len();
        self.drain_book();
        let named: Vec<ConnectionId> = self
            .events
            .iter()
            .skip(already)
            .filter_map(|event| match event {
                Event::Finding(finding) => Some(finding.connections.clone()),
                _ => None,
            })
            .flatten()
            .collect();
        for id in std::collections::BTreeSet::from_iter(named) {
            if let Some(report) = self.kept.remove(&id) {
                self.keep(report, true);
            }
        }
    }

    /// Hands the findings on.
    pub(super) fn drain_book(&mut self) {
        while let Some(mut finding) = self.book.take_news() {
            self.name_culprit(&mut finding);
            self.events.push_back(Event::Finding(Box::new(finding)));
        }
    }

    /// One leg can not tell a proxy from Redis; the user may have.
    fn name_culprit(&self, finding: &mut Finding) {
        let Some(end) = finding
            .culprit_endpoint
            .filter(|_| finding.culprit == Culprit::Server)
        else {
            return;
        };
        finding.culprit = match self.config.declared(&end) {
            Some(Role::Proxy) => Culprit::Proxy,
            Some(Role::Redis) => Culprit::Redis,
            _ => return,
        };
        let role = finding.culprit.name();
        finding.notes.push(format!(
            "{end} is declared as {role} (--role); the packets do not show it"
        ));
    }
}

fn scene(meta: &FlowMeta, client: Side) -> Scene {
    Scene {
        connection: meta.id,
        client: meta.key.end(client),
        server: meta.key.end(client.peer()),
        midstream: meta.midstream(),
        whole: meta.whole(),
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
