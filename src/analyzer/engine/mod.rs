//! Receives the ordered bytes of all connections and drives sessions and rules with them.

mod ending;
mod feeding;
mod patience;
mod recognition;

use super::clients::Clients;
use super::config::Config;
use super::connection::{Connection, RedisTalk, Talk};
use super::error_replies::ErrorReplies;
use super::event::{ConnectionReport, ErrorSeen, Event};
use super::lines::UsedLines;
use super::overdue::Deadlines;
use super::settled::Settled;
use super::spans::Spans;
use super::statistics::Statistics;
use crate::model::{ConnectionId, FlowKey, Side, Timestamp};
use crate::redis::Shared;
use crate::rules::Desk;
use crate::tcp::{Chunk, FlowMeta, Gap, Receiver};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// When the report of a connection is handed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Keep {
    /// At once.
    Now,
    /// With the finding that names it.
    UntilTold,
    /// If a finding at the end names it.
    InCase,
}

/// Everything above TCP.
#[derive(Debug)]
pub(super) struct Engine {
    pub config: Config,
    pub shared: Shared,
    pub desk: Desk,
    pub deadlines: Deadlines,
    pub statistics: Statistics,
    pub events: VecDeque<Event>,
    pub used_lines: UsedLines,
    pub settled: Settled,
    /// Reports of closed connections that a finding at the end may name.
    pub kept: BTreeMap<ConnectionId, ConnectionReport>,
    pub kept_dropped: u64,
    /// Connections that the latest findings name.
    pub named: Vec<ConnectionId>,
    /// Connections that were named before they were over.
    pub expected: BTreeSet<ConnectionId>,
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
                    self.leave(state);
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

    fn prefetch(&self, state: &Connection) {
        if let Talk::Redis(talk) = &state.talk {
            talk.prefetch();
        }
    }

    fn close(&mut self, state: Connection, meta: &FlowMeta) {
        if let Talk::Ignored = state.talk {
            self.statistics.ignored += 1;
            return;
        }
        let mut state = self.recognise_late(state, meta);
        if matches!(&state.talk, Talk::Redis(talk) if talk.session.is_echo()) {
            self.leave(&mut state);
        }
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
    /// The system or the network card lost so many packets.
    pub(super) fn set_dropped(&mut self, packets: u64) {
        self.desk.incomplete.dropped = packets;
        self.desk.losses.dropped = packets;
    }

    /// Hands on a report, now or later.
    pub(super) fn keep(&mut self, report: ConnectionReport, how: Keep) {
        let room = self.kept.len() < self.config.limits.reported_connections;
        match how {
            Keep::Now => {
                self.statistics.report(&report);
                self.events.push_back(Event::Connection(Arc::new(report)));
            }
            // Its case is kept as well, and there is a bound for those.
            Keep::UntilTold => {
                self.kept.insert(report.id, report);
            }
            Keep::InCase if room => {
                self.kept.insert(report.id, report);
            }
            Keep::InCase => self.kept_dropped += 1,
        }
    }

    /// The run is over: tells the next of what is still to be told, and at last the connections it names. `false` when
    /// that was all. One after the other: all at once they would need the room of all.
    pub(super) fn finish_next(&mut self) -> bool {
        if !self.desk.finish_next(&mut self.shared) {
            return false;
        }
        self.drain_news();
        if self.desk.is_finished() {
            self.named.sort_unstable();
            self.report_named();
        }
        true
    }

    /// Hands on the connections that findings named. A report that comes before the finding is not listed where there
    /// are many.
    fn report_named(&mut self) {
        for id in std::mem::take(&mut self.named) {
            match self.kept.remove(&id) {
                Some(report) => self.keep(report, Keep::Now),
                // Where findings are told again and again, its report goes as soon as it is over.
                None if self.config.revisions => {}
                None => {
                    self.expected.insert(id);
                }
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
            self.report_named();
        }
    }

    fn drain_news(&mut self) {
        while let Some(finding) = self.desk.next() {
            self.named.extend(&finding.connections);
            self.events.push_back(Event::Finding(Arc::new(finding)));
        }
    }
}
