//! Receives the ordered bytes of all connections and drives sessions and rules with them.

use super::clients::{Clients, Who};
use super::config::{Config, ConnectionsWanted};
use super::connection::{Connection, RedisTalk, Talk, client_by_port};
use super::error_replies::ErrorReplies;
use super::event::{ClientConnection, ConnectionReport, ErrorSeen, Event};
use super::listener::Listener;
use super::overdue::Deadlines;
use super::report;
use super::spans::Spans;
use super::statistics::Statistics;
use crate::model::{ConnectionId, FlowKey, Side, Timestamp};
use crate::redis::detect::{self, Probe, Sight, Verdict};
use crate::redis::{Counts, Session, Shared};
use crate::rules::{Closing, Cut, Desk, Ended, Life, Missing, Moment, Scene, Teller};
use crate::tcp::{Chunk, End, FlowMeta, Gap, Receiver};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Everything above TCP.
#[derive(Debug)]
pub(super) struct Engine {
    pub config: Config,
    pub shared: Shared,
    pub desk: Desk,
    pub deadlines: Deadlines,
    pub statistics: Statistics,
    pub events: VecDeque<Event>,
    /// Reports of closed connections that a finding at the end may name.
    pub kept: BTreeMap<ConnectionId, ConnectionReport>,
    pub kept_dropped: u64,
    pub now: Timestamp,
    /// The same on the steady clock of the connection table.
    pub steady: Timestamp,
    pub spans: Spans,
    pub clients: Clients,
    pub errors: ErrorReplies,
    /// Places of connections that were closed: the next ones are made there.
    #[expect(clippy::vec_box, reason = "the boxes are what is used again")]
    pub spare: Vec<Box<RedisTalk>>,
}

/// So many of them are kept, with what they still hold.
const SPARE: usize = 16;

impl Receiver<Connection> for Engine {
    fn open(&mut self, name: &FlowKey) -> Connection {
        let (low, high) = (name.end(Side::Low), name.end(Side::High));
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

    fn renamed(&mut self, state: &mut Connection, _: &FlowMeta, name: &FlowKey) {
        let (low, high) = (name.end(Side::Low), name.end(Side::High));
        if matches!(state.talk, Talk::Ignored) && self.config.may_want(&low, &high) {
            state.talk = Talk::New;
        }
    }

    fn data(&mut self, state: &mut Connection, meta: &FlowMeta, chunk: Chunk<'_>) {
        state.bytes[chunk.side as usize] += chunk.bytes.len() as u64;
        match &mut state.talk {
            Talk::Redis(talk) => {
                self.redis_data(talk, meta, &chunk);
                if talk.session.is_echo() {
                    state.talk = Talk::Other;
                }
            }
            Talk::New => state.talk = self.begin(meta, &chunk),
            Talk::Probing(probe) => {
                if let Some(talk) = self.recognise(probe, meta, &chunk) {
                    state.talk = talk;
                }
            }
            _ => {}
        }
    }

    fn gap(&mut self, state: &mut Connection, meta: &FlowMeta, gap: Gap) {
        self.desk.losses.gap(meta.id, gap.time);
        match &mut state.talk {
            Talk::Redis(talk) => self.redis_gap(talk, meta, &gap),
            Talk::Probing(probe) => probe.gap(&gap),
            _ => {}
        }
    }

    fn clock_set(&mut self) {
        self.desk.losses.clock_set = true;
    }

    fn close(&mut self, state: Connection, meta: &FlowMeta) {
        if let Talk::Ignored = state.talk {
            self.statistics.ignored += 1;
            return;
        }
        let state = self.recognise_late(state, meta);
        self.statistics.closed(&state, meta, &self.config.ports);
        let bytes = state.bytes.iter().sum();
        match state.talk {
            Talk::Redis(talk) => self.close_redis(talk, bytes, meta),
            Talk::Tls => self.close_tls(meta),
            _ => {}
        }
    }
}

impl Engine {
    /// The first bytes of a connection.
    fn begin(&mut self, meta: &FlowMeta, chunk: &Chunk<'_>) -> Talk {
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
    fn recognise(&mut self, probe: &mut Probe, meta: &FlowMeta, chunk: &Chunk<'_>) -> Option<Talk> {
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
    fn recognise_late(&mut self, mut state: Connection, meta: &FlowMeta) -> Connection {
        let Talk::Probing(probe) = &mut state.talk else {
            return state;
        };
        if let Some(client) = probe
            .likely_client()
            .filter(|client| self.wants(meta, *client))
        {
            let probe = std::mem::take(&mut **probe);
            state.talk = Talk::Redis(self.recognised(client, probe, meta, None));
        }
        state
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
            self.redis_data(&mut talk, meta, chunk);
        }
        talk
    }

    fn redis_gap(&mut self, talk: &mut RedisTalk, meta: &FlowMeta, gap: &Gap) {
        let from_client = gap.side == talk.client;
        self.with_session(talk, meta, |session, shared, listener| {
            if from_client {
                session.client_gap(shared, gap, listener);
            } else {
                session.server_gap(shared, gap, listener);
            }
        });
    }

    fn redis_data(&mut self, talk: &mut RedisTalk, meta: &FlowMeta, chunk: &Chunk<'_>) {
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
    fn note_activity(&mut self, talk: &mut RedisTalk, meta: &FlowMeta, chunk: &Chunk<'_>) {
        let Some(facts) = talk.server.and_then(|place| self.desk.endpoints.at(place)) else {
            return;
        };
        if chunk.side == talk.client {
            facts.activity.sent(meta.id, chunk.time);
        } else if let Some((sent, received)) = talk.record.latest.take() {
            facts.activity.answered(meta.id, sent, received);
        }
    }

    /// Comes back when the oldest command has waited for as long as the server may take.
    fn schedule(&mut self, talk: &mut RedisTalk, meta: &FlowMeta) {
        if talk.overdue.scheduled {
            return;
        }
        let Some(oldest) = talk.session.oldest() else {
            return;
        };
        if talk
            .overdue
            .judged
            .is_some_and(|(index, _)| index == oldest.index)
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
    pub(super) fn overdue(&mut self, state: &mut Connection, meta: &FlowMeta) {
        let Talk::Redis(talk) = &mut state.talk else {
            return;
        };
        talk.overdue.scheduled = false;
        let Some((index, at, sent)) = talk.session.oldest().map(|c| (c.index, c.at, c.sent)) else {
            return;
        };
        let scene = scene(meta, talk);
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
        talk.overdue.judged = Some((index, patience));
        let closing = Closing {
            patience_ns: Some(patience),
            closed: false,
            ..self.closing(talk, meta)
        };
        talk.boundary.set_library(talk.session.library());
        let mut news = Teller {
            desk: &mut self.desk,
            shared: &mut self.shared,
        };
        talk.boundary
            .overdue(&mut news, &scene, talk.session.waiting(), &closing);
        self.drain_desk();
    }

    /// Lets a session act while desk, report and exchange lines listen, then hands on what they found.
    fn with_session(
        &mut self,
        talk: &mut RedisTalk,
        meta: &FlowMeta,
        act: impl FnOnce(&mut Session, &mut Shared, &mut Listener<'_>),
    ) {
        let mut listener = Listener {
            scene: scene(meta, talk),
            boundary: &mut talk.boundary,
            record: &mut talk.record,
            server: talk.server,
            desk: &mut self.desk,
            lines: self.config.exchanges.then_some(&mut self.events),
            spans: &self.spans,
        };
        act(&mut talk.session, &mut self.shared, &mut listener);
        self.drain_desk();
    }

    fn close_redis(&mut self, mut talk: Box<RedisTalk>, bytes: u64, meta: &FlowMeta) {
        let scene = scene(meta, &talk);
        talk.record.hand_over(&mut self.desk, talk.server);
        talk.boundary.set_library(talk.session.library());
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
        self.errors.absorb(
            std::mem::take(&mut talk.record.errors),
            self.config.limits.error_texts,
        );
        let one = ClientConnection {
            connection: meta.id,
            server: scene.server,
            opened: meta.opened,
            auth: talk.record.login.told(),
        };
        let who = Who {
            addr: scene.client.addr,
            library: talk.session.library(),
        };
        let name = talk.session.name(&talk.record.refused_names);
        self.clients.add(who, name, one);
        let maybe = incomplete || talk.boundary.is_candidate();
        let reported =
            talk.boundary.is_reported() || self.config.connections == ConnectionsWanted::All;
        if reported || maybe {
            let report = report::redis(&talk, meta, counts, &self.desk);
            self.keep(report, reported);
        }
        if self.spare.len() < SPARE {
            self.spare.push(talk);
        }
    }

    /// How the connection stands: who ended it, what TCP shows, and how long the oldest command has waited.
    fn closing(&self, talk: &RedisTalk, meta: &FlowMeta) -> Closing {
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
            idle_ns: since(talk.record.last_reply.unwrap_or(meta.opened)),
        }
    }

    /// The system or the network card lost so many packets.
    pub(super) fn set_dropped(&mut self, packets: u64) {
        self.desk.incomplete.dropped = packets;
        self.desk.losses.dropped = packets;
    }

    fn close_tls(&mut self, meta: &FlowMeta) {
        self.statistics.encrypted += 1;
        let client = meta.opener.unwrap_or_else(|| client_by_port(meta));
        let (server, ports) = (meta.key.end(client.peer()), &self.config.ports);
        if detect::is_redis_port(&server, ports) {
            let (first, last) = ends(meta);
            if self.desk.encrypted.add(meta.id, server, first, last) {
                self.keep(report::tls(meta, client), false);
            }
        }
    }

    /// Tells a report now, or keeps it until the end of the run.
    fn keep(&mut self, report: ConnectionReport, now: bool) {
        if now {
            self.statistics.report(&report);
            self.events.push_back(Event::Connection(Arc::new(report)));
        } else if self.kept.len() < self.config.limits.reported_connections {
            self.kept.insert(report.id, report);
        } else {
            self.kept_dropped += 1;
        }
    }

    /// The run is over: what only the whole of it shows, and the connections it names.
    pub(super) fn finish(&mut self) {
        let already = self.events.len();
        self.desk.finish(&mut self.shared);
        self.drain_desk();
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

    /// Refusals that no finding explains.
    pub(super) fn unexplained(&self) -> Vec<ErrorSeen> {
        let all = self.desk.unexplained().into_iter();
        all.map(|refused| ErrorSeen {
            text: refused.text,
            command: refused.command,
            count: refused.count,
            first: refused.first,
        })
        .collect()
    }

    /// Hands the findings on.
    #[inline]
    pub(super) fn drain_desk(&mut self) {
        if self.desk.has_news() {
            self.drain_news();
        }
    }

    fn drain_news(&mut self) {
        while let Some(finding) = self.desk.next() {
            self.events.push_back(Event::Finding(Arc::new(finding)));
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
    let later = |seen: &Option<crate::tcp::Seen>| seen.is_some_and(|seen| seen.time > since);
    Life {
        acknowledged,
        window_closed: meta.liveness.window_closed(talk.client).is_some(),
        went_on: later(&client.last) || later(&server.last),
        hole: meta.liveness.hole(now).is_some(),
    }
}

pub(super) fn scene(meta: &FlowMeta, talk: &RedisTalk) -> Scene {
    let client = talk.client;
    Scene {
        connection: meta.id,
        client: meta.key.end(client),
        server: meta.key.end(client.peer()),
        midstream: meta.midstream(),
        guessed: talk.guessed,
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
