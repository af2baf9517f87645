//! Wires the layers below into one thing: packets and times in, events out. Still pure: no clock, no file, no thread.

mod config;
mod event;

pub use crate::redis::Show;
pub use config::{AddressFilter, Config, ConnectionsWanted, Limits};
pub use event::{
    AuthRecord, AuthResult, BusyPort, ConnectionEnd, ConnectionReport, Counts, EndpointReport,
    Event, ExchangeLine, LatencySummary, Leg, LineKind, Protocol, Role, Summary, TlsReport, Totals,
    Vantage,
};

use crate::model::Timestamp;
use crate::packet::{Packet, SkipReason};
use std::collections::VecDeque;

/// The engine. Feed it packets in time order, drain [`Analyzer::poll`] after each call.
#[derive(Debug)]
pub struct Analyzer {
    config: Config,
    events: VecDeque<Event>,
}

impl Analyzer {
    /// An engine with these settings.
    pub fn new(config: Config) -> Self {
        Analyzer {
            config,
            events: VecDeque::new(),
        }
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Analyses one packet.
    pub fn push(&mut self, packet: &Packet<'_>) {
        let _ = packet;
    }

    /// Counts a packet that the caller leaves out.
    pub fn skip(&mut self, packet: &Packet<'_>, reason: SkipReason) {
        let _ = (packet, reason);
    }

    /// Says what time it is, so that silence can be judged while no packet arrives (live capture).
    pub fn tick(&mut self, now: Timestamp) {
        let _ = now;
    }

    /// The next event, until there is none.
    pub fn poll(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Counters so far.
    pub fn totals(&self) -> Totals {
        Totals::default()
    }

    /// The last packet has been read: judges what was still open. Drain [`Analyzer::poll`] once more afterwards.
    pub fn finish(&mut self) -> Summary {
        Summary::default()
    }
}
