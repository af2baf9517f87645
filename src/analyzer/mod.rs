//! Wires the layers below into one thing: packets and times in, events out. Still pure: no clock, no file, no thread.

mod causes;
mod clients;
mod clocks;
mod community_id;
mod config;
mod connection;
mod coverage;
mod engine;
mod error_replies;
mod event;
mod first_login;
mod gathered;
mod lines;
mod listener;
mod loads;
mod overdue;
mod record;
mod report;
mod scene;
mod settled;
mod so_far;
mod spans;
mod standing;
mod statistics;
mod summary;

pub use crate::model::{AddressFilter, Role};
pub use crate::redis::{Account, CodeCounts, Counts, Show};
pub use causes::{Cause, Causes, Hits, Place, Rank, place, rank};
pub use config::{Config, ConnectionsWanted, Limits};
pub use coverage::Coverage;
pub use event::{
    AuthRecord, AuthResult, BusyPort, ClientConnection, ClientReport, ClockOffset, ConnectionEnd,
    ConnectionReport, EndpointReport, ErrorSeen, Event, ExchangeLine, FirstAuth, LatencySummary,
    Leg, LineKind, Load, Login, NextFate, Protocol, StopReason, Stopped, StreamBytes, Summary,
    TlsReport, Totals, Vantage,
};
pub use standing::Standing;

use crate::model::Roles;
use crate::model::Timestamp;
use crate::packet::{Decoded, Decoder, Packet, Segment, SkipReason};
use crate::redis;
use crate::redis::errors::ErrorCodes;
use crate::redis::{CommandTable, Redactor, Shared};
use crate::resp;
use crate::rules::{Desk, DeskLimits};
use crate::tcp::{PushOutcome, Table, TcpLimits};
use clocks::Clocks;
use connection::Connection;
use engine::Engine;
use overdue::Deadlines;
use spans::Spans;
use statistics::Statistics;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The engine. Feed it packets in time order, drain [`Analyzer::poll`] after each call.
#[derive(Debug)]
pub struct Analyzer {
    decoder: Decoder,
    table: Table<Connection>,
    clocks: Clocks,
    engine: Engine,
    packets: u64,
    /// A TCP segment was left out.
    left_out: bool,
    /// The last packet has been read.
    ended: bool,
    tcp_segments: u64,
    skipped: [u64; SkipReason::ALL.len()],
    span: Option<(Timestamp, Timestamp)>,
}

impl Analyzer {
    /// An engine with these settings.
    pub fn new(config: Config) -> Self {
        let limits = config.limits;
        let tcp = TcpLimits {
            connections: limits.connections,
            closed_connections: limits.closed_connections,
            held_bytes_per_connection: limits.held_bytes_per_connection,
            held_bytes: limits.held_bytes,
            reorder_grace_ns: limits.reorder_grace_ns,
            half_open: limits.half_open,
            half_open_ns: limits.half_open_ns,
            idle_ns: limits.idle_ns,
        };
        let shared = shared(&config);
        let desk = Desk::new(
            DeskLimits {
                cases: limits.cases,
                endpoints: limits.endpoints,
            },
            config.revisions,
            Roles(config.roles.clone()),
        );
        Analyzer {
            decoder: Decoder::new(limits.decode),
            table: Table::new(tcp),
            clocks: Clocks::new(limits.closed_connections),
            engine: Engine {
                shared,
                desk,
                deadlines: Deadlines::default(),
                statistics: Statistics::new(limits.endpoints),
                events: VecDeque::new(),
                used_lines: lines::UsedLines::default(),
                settled: settled::Settled::new(),
                kept: BTreeMap::new(),
                kept_dropped: 0,
                named: Vec::new(),
                expected: BTreeSet::new(),
                now: Timestamp::MIN,
                steady: Timestamp::MIN,
                spans: Spans::default(),
                clients: clients::Clients::new(limits.client_connections),
                errors: error_replies::ErrorReplies::default(),
                spare: Vec::new(),
                config,
            },
            packets: 0,
            left_out: false,
            ended: false,
            tcp_segments: 0,
            skipped: [0; SkipReason::ALL.len()],
            span: None,
        }
    }

    /// Analyses one packet.
    // A function of its own, so that what it looks at all the time has the registers.
    #[inline(never)]
    pub fn push(&mut self, packet: &Packet<'_>) {
        if !self.engine.config.is_within(packet.time) {
            self.skip(packet, SkipReason::Filtered);
            return;
        }
        self.note(packet);
        self.judge_overdue();
        let parts = (&mut self.table, &mut self.engine, &mut self.clocks);
        let taken = match Decoder::plain(packet) {
            Some(segment) => take(parts, packet, &segment),
            // A segment is large: it is looked at where it lies.
            None => match &self.decoder.walk(packet) {
                Decoded::Skip(reason) => Err(*reason),
                Decoded::Segment(segment) => take_walked(parts, packet, segment),
            },
        };
        match taken {
            Ok(()) => self.tcp_segments += 1,
            Err(reason) => self.count_skip(reason),
        }
        if self.engine.settled.is_due() {
            self.settle_lines();
        }
    }

    /// Says up to when all lines have been told.
    fn settle_lines(&mut self) {
        let engine = &mut self.engine;
        let alone = !engine.config.several_inputs && !self.table.is_waiting();
        let to_come = engine.spans.earliest_to_come().filter(|_| alone);
        let live = self.table.live().map(|(connection, _)| connection);
        engine.settled.look(to_come, live);
    }

    /// Counts a packet that the caller leaves out.
    pub fn skip(&mut self, packet: &Packet<'_>, reason: SkipReason) {
        self.packets += 1;
        self.count_skip(reason);
        if !self.left_out && matches!(self.decoder.decode(packet), Decoded::Segment(_)) {
            self.left_out = true;
            self.table.streams_unknown();
        }
    }

    fn note(&mut self, packet: &Packet<'_>) {
        self.packets += 1;
        self.engine.now = self.engine.now.max(packet.time);
        self.engine.spans.note(packet.at, packet.time);
        let (first, last) = self.span.get_or_insert((packet.time, packet.time));
        *first = packet.time.min(*first);
        *last = packet.time.max(*last);
    }

    fn count_skip(&mut self, reason: SkipReason) {
        if let Some(count) = self.skipped.get_mut(reason as usize) {
            *count += 1;
        }
    }

    /// Looks at the connections whose oldest command has waited for long.
    #[inline]
    fn judge_overdue(&mut self) {
        if self.engine.deadlines.is_due(self.engine.now) {
            self.judge_all_overdue();
        }
    }

    #[inline(never)]
    fn judge_all_overdue(&mut self) {
        // One turn for each: at the end of time (a damaged clock) a new deadline is due at once.
        for _ in 0..self.engine.deadlines.len() {
            let Some((slot, id)) = self.engine.deadlines.due(self.engine.now) else {
                return;
            };
            let engine = &mut self.engine;
            self.table
                .with(slot, id, |state, meta| engine.overdue(state, meta));
        }
    }

    /// Says what time it is, so that silence can be judged while no packet arrives (live capture).
    pub fn tick(&mut self, now: Timestamp) {
        self.engine.now = self.engine.now.max(now);
        self.engine.spans.pass(now);
        self.judge_overdue();
        self.table.tick(now, &mut self.engine);
    }

    /// The next event, until there is none.
    #[inline]
    pub fn poll(&mut self) -> Option<Event> {
        match self.engine.events.is_empty() {
            true if self.ended => self.poll_at_end(),
            true => None,
            false => self.engine.events.pop_front(),
        }
    }

    /// The same when the last packet has been read: what is still open is judged one after the other.
    #[cold]
    fn poll_at_end(&mut self) -> Option<Event> {
        while self.engine.events.is_empty() && self.engine.finish_next() {}
        self.engine.events.pop_front()
    }

    /// Takes a line that nobody needs any more, to be used again. There is one for each command.
    pub fn use_again(&mut self, line: Box<ExchangeLine>) {
        self.engine.used_lines.put(line);
    }

    /// Time of the first packet that was analysed.
    pub fn first_packet(&self) -> Option<Timestamp> {
        self.span.map(|(first, _)| first)
    }

    /// Commands read so far, on connections that are still open as well.
    pub fn commands_read(&self) -> u64 {
        self.engine.shared.commands_read
    }

    /// The clock of input `file` is so many ns ahead of the first one's. Its packets come with their times set right. To be
    /// said before [`Analyzer::finish`].
    pub fn set_clock(&mut self, file: u16, ahead_ns: i64) {
        self.clocks.set_right(file, ahead_ns);
    }

    /// The system or the network card lost so many packets while the capture was taken. To be said before
    /// [`Analyzer::finish`].
    pub fn set_dropped(&mut self, packets: u64) {
        self.engine.set_dropped(packets);
    }

    /// The last packet has been read. [`Analyzer::poll`] judges what was still open, one case after the other: where
    /// there are many findings, they need not all be there at once. [`Analyzer::finish`] follows.
    pub fn end(&mut self) {
        if !std::mem::replace(&mut self.ended, true) {
            self.table.finish(&mut self.engine);
        }
    }
}

/// What a segment is handed to.
type Parts<'p> = (&'p mut Table<Connection>, &'p mut Engine, &'p mut Clocks);

/// Takes the segment of a packet, or says why it does not count.
// Part of its caller: where the segment was just read, its fields stay in registers.
#[inline(always)]
fn take(
    (table, engine, clocks): Parts<'_>,
    packet: &Packet<'_>,
    segment: &Segment<'_>,
) -> Result<(), SkipReason> {
    if engine.config.several_inputs {
        clocks.note(packet.at.file(), packet.time, segment);
    }
    let config = &engine.config;
    let wanted = config.wants_all() || config.may_want(&segment.src, &segment.dst);
    let outcome = table.push(segment, packet.time, packet.at, engine);
    engine.steady = table.now();
    match outcome {
        _ if !wanted => Err(SkipReason::Filtered),
        PushOutcome::Taken => Ok(()),
        PushOutcome::Duplicate => Err(SkipReason::Duplicate),
        PushOutcome::AfterEnd => Err(SkipReason::AfterEnd),
    }
}

/// The same of a packet that is not plain.
#[inline(never)]
fn take_walked(
    parts: Parts<'_>,
    packet: &Packet<'_>,
    segment: &Segment<'_>,
) -> Result<(), SkipReason> {
    take(parts, packet, segment)
}

/// What all sessions share, with these settings.
fn shared(config: &Config) -> Shared {
    let limits = &config.limits;
    let key = redis::random_key();
    Shared {
        fast_lane: config.fast_lane,
        effects_seen: false,
        commands: CommandTable::new(limits.command_names),
        errors: ErrorCodes::new(limits.error_codes),
        redactor: Redactor::new(config.show, config.show_errors, limits.tags, key),
        framing: resp::Limits {
            key,
            ..limits.framing
        },
        keep_arguments: config.exchanges || config.show > Show::Tags,
        commands_in_flight: limits.commands_in_flight,
        hits_in_flight: 0,
        commands_unheard: limits.commands_unheard,
        hits_unheard: 0,
        hits_readings: 0,
        spare_lines: redis::SpareLines::default(),
        waiting: redis::Waiting {
            most: limits.waiting_bytes,
            ..redis::Waiting::default()
        },
        hits_framing: 0,
        malformed_requests: 0,
        commands_read: 0,
    }
}
