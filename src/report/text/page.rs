//! What every part of the text needs to know.

use super::super::Kept;
use super::super::clock::Clock;
use super::paint::Paint;
use crate::model::{ConnectionId, PacketRef, Timestamp};

/// Columns of the report.
pub(super) const WIDTH: usize = 80;

/// What every part of the text needs to know.
pub(super) struct Page<'a> {
    pub(super) paint: Paint,
    pub(super) clock: &'a Clock,
    pub(super) kept: &'a Kept,
    pub(super) verbose: bool,
    /// With several inputs a packet needs its file.
    pub(super) several_inputs: bool,
}

impl Page<'_> {
    /// `#4`, or `[1]#4` where there are several inputs.
    pub(super) fn packet(&self, at: PacketRef) -> String {
        if self.several_inputs {
            format!("[{}]#{}", at.file(), at.number())
        } else {
            format!("#{}", at.number())
        }
    }

    pub(super) fn time(&self, time: Timestamp) -> String {
        self.clock.show(time)
    }

    /// `connection 3  10.0.0.1:40000 -> 10.0.0.2:6379  tcp.stream 3`
    pub(super) fn connection(&self, id: ConnectionId) -> String {
        let Some(c) = self.kept.connection(id) else {
            return format!("connection {}", id.0);
        };
        let mut text = format!("connection {}  {} -> {}", id.0, c.client, c.server);
        let vantage = c.vantages.iter().find_map(|v| v.tcp_stream);
        if let Some(stream) = vantage {
            text.push_str(&format!("  tcp.stream {stream}"));
        }
        text
    }
}
