//! What is known while packets still come.

use super::connection::Talk;
use super::scene::scene_of;
use super::{Analyzer, Summary};
use crate::redis::Counts;

impl Analyzer {
    /// A summary of what was read so far, connections that are still open included. Without endpoints and clients, which
    /// take long to put together and are told at the end.
    pub fn so_far(&self) -> Summary {
        let mut statistics = self.engine.statistics.clone();
        let mut errors = self.engine.errors.clone();
        for (connection, meta) in self.table.live() {
            match &connection.talk {
                Talk::Ignored => {
                    statistics.ignored += 1;
                    continue;
                }
                Talk::Redis(talk) => {
                    let counts = Counts {
                        gaps: meta.gaps,
                        ..talk.session.counts()
                    };
                    let scene = scene_of(meta, talk);
                    statistics.redis(&counts, &scene, meta.one_sided());
                    let bytes = connection.bytes.iter().sum();
                    statistics.bytes(bytes, talk.session.accounts());
                    let most = self.engine.config.limits.error_texts;
                    if let Some(own) = talk.record.errors.as_deref() {
                        errors.absorb(own.clone(), most);
                    }
                }
                Talk::Tls => statistics.encrypted += 1,
                _ => {}
            }
            statistics.closed(connection, meta, &self.engine.config.ports);
        }
        Summary {
            busiest: statistics.busiest(),
            span: self.span,
            clocks: self.clocks.offsets(),
            unexplained: self.engine.unexplained(),
            loads: statistics.loads(),
            one_sided_connections: statistics.one_sided,
            // What an open one speaks may still turn out.
            unrecognised_connections: self.engine.statistics.unrecognised,
            errors: errors.seen(),
            totals: self.totals_with(&statistics),
            ..Summary::default()
        }
    }
}
