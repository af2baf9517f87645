//! What there is to say of a run as a whole.

use super::Analyzer;
use super::event::{Summary, Totals};
use super::statistics::Statistics;
use crate::packet::SkipReason;
use std::collections::BTreeMap;

impl Analyzer {
    /// Counters so far. Those of connections that are still open are in once they end.
    pub fn totals(&self) -> Totals {
        self.totals_with(&self.engine.statistics)
    }

    pub(super) fn totals_with(&self, statistics: &Statistics) -> Totals {
        Totals {
            packets: self.packets,
            tcp_segments: self.tcp_segments,
            skipped: SkipReason::ALL
                .iter()
                .zip(self.skipped)
                .filter(|(_, n)| *n > 0)
                .map(|(reason, n)| (reason.name(), n))
                .collect(),
            connections: self.table.connections().saturating_sub(statistics.ignored),
            redis_connections: statistics.redis,
            encrypted_connections: statistics.encrypted,
            decrypted_connections: 0,
            counts: statistics.counts.clone(),
            findings: self.engine.desk.by_rule().clone(),
            malformed_requests: self.engine.shared.malformed_requests,
            stream_bytes: statistics.stream_bytes,
            limits: self.limits_hit(),
        }
    }

    fn limits_hit(&self) -> BTreeMap<&'static str, u64> {
        let tcp = self.table.limit_hits();
        let engine = &self.engine;
        [
            ("connections", tcp.connections),
            ("half_open", tcp.half_open),
            ("closed_connections", tcp.closed_connections),
            ("held_bytes_per_connection", tcp.held_bytes_per_connection),
            ("held_bytes", tcp.held_bytes),
            ("idle_ns", tcp.idle),
            ("commands_in_flight", engine.shared.hits_in_flight),
            ("commands_unheard", engine.shared.hits_unheard),
            ("readings", engine.shared.hits_readings),
            ("waiting_bytes", engine.shared.waiting.hits),
            ("framing", engine.shared.hits_framing),
            ("command_names", engine.shared.commands.dropped()),
            ("error_codes", engine.shared.errors.dropped()),
            ("tags", engine.shared.redactor.over_limit()),
            ("ports", engine.statistics.ports_dropped),
            ("reported_connections", engine.kept_dropped),
            ("client_connections", engine.clients.dropped()),
            ("error_texts", engine.errors.dropped()),
        ]
        .into_iter()
        .chain(engine.desk.limit_hits())
        .chain(self.decoder.limit_hits())
        .filter(|(_, hits)| *hits > 0)
        .collect()
    }

    /// The last packet has been read: judges what was still open. Drain [`Analyzer::poll`] once more afterwards.
    pub fn finish(&mut self) -> Summary {
        self.end();
        while self.engine.finish_next() {}
        let statistics = &self.engine.statistics;
        Summary {
            endpoints: statistics.endpoints(&self.engine.desk, &self.engine.config),
            busiest: statistics.busiest(),
            span: self.span,
            clocks: self.clocks.offsets(),
            unexplained: self.engine.unexplained(),
            clients: self
                .engine
                .clients
                .reports(&mut self.engine.shared.redactor),
            loads: statistics.loads(),
            one_sided_connections: statistics.one_sided,
            unrecognised_connections: statistics.unrecognised,
            errors: self.engine.errors.seen(),
            stopped: None,
            totals: self.totals(),
        }
    }
}
