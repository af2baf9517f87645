//! Notes about the capture itself: what is missing in it, and what is encrypted.

use super::book::Book;
use super::draft::{self, CONNECTIONS_MAX};
use super::finding::{Culprit, Moment, Scope};
use super::{capture_incomplete, encrypted};
use crate::model::{ConnectionId, Endpoint};

/// What is missing in one connection.
#[derive(Clone, Copy, Debug)]
pub struct Missing {
    /// Its number.
    pub connection: ConnectionId,
    /// Missing pieces.
    pub gaps: u64,
    /// The start was not captured.
    pub midstream: bool,
    /// Only one direction was captured.
    pub one_sided: bool,
    /// Payload bytes that the snapshot length cut off.
    pub cut_bytes: u64,
    /// First packet.
    pub first: Moment,
    /// Last packet.
    pub last: Moment,
}

/// What is missing in all connections.
#[derive(Debug, Default)]
pub struct Incomplete {
    connections: Vec<ConnectionId>,
    total: u64,
    gaps: u64,
    midstream: u64,
    one_sided: u64,
    cut: u64,
    cut_bytes: u64,
    dropped: u64,
    /// First and last packet of the connections where something is missing.
    span: Option<(Moment, Moment)>,
    /// The same of all Redis connections.
    redis: Option<(Moment, Moment)>,
}

impl Incomplete {
    /// The system or the network card lost so many packets while the capture was taken.
    pub fn set_dropped(&mut self, packets: u64) {
        self.dropped = packets;
    }

    /// Adds a Redis connection. `true` when the finding will name it.
    pub fn add(&mut self, missing: &Missing) -> bool {
        self.redis = widened(self.redis, missing.first, missing.last);
        let any =
            missing.gaps > 0 || missing.midstream || missing.one_sided || missing.cut_bytes > 0;
        if !any {
            return false;
        }
        self.total += 1;
        self.gaps += missing.gaps;
        self.midstream += u64::from(missing.midstream);
        self.one_sided += u64::from(missing.one_sided);
        self.cut += u64::from(missing.cut_bytes > 0);
        self.cut_bytes += missing.cut_bytes;
        self.span = widened(self.span, missing.first, missing.last);
        let room = self.connections.len() < CONNECTIONS_MAX;
        if room {
            self.connections.push(missing.connection);
        }
        room
    }

    /// The finding at the end of the run, if anything is missing.
    pub fn tell(&self, book: &mut Book) {
        let span = if self.dropped > 0 {
            self.redis
        } else {
            self.span
        };
        let Some((first, last)) = span else {
            return;
        };
        let mut finding =
            draft::on_many(&capture_incomplete::INFO, Scope::Capture, first, "capture");
        finding.is_final = true;
        finding.last = last;
        finding.culprit = Culprit::Capture;
        finding.connections.clone_from(&self.connections);
        finding.connections_total = self.total;
        let mut parts = Vec::new();
        let mut part = |n: u64, one: &str, many: &str| {
            if n > 0 {
                parts.push(format!("{n} {}", if n == 1 { one } else { many }));
            }
        };
        part(self.gaps, "gap", "gaps");
        part(
            self.midstream,
            "connection joined in the middle",
            "connections joined in the middle",
        );
        part(
            self.one_sided,
            "connection with one direction only",
            "connections with one direction only",
        );
        part(
            self.cut,
            "connection cut by the snapshot length",
            "connections cut by the snapshot length",
        );
        part(
            self.dropped,
            "packet dropped while capturing",
            "packets dropped while capturing",
        );
        finding.title = format!("the capture is incomplete: {}", parts.join(", "));
        finding.proof.text = self.proof();
        finding.measures = vec![
            ("gaps", self.gaps as i64),
            ("midstream", self.midstream as i64),
            ("one_direction", self.one_sided as i64),
            ("cut_connections", self.cut as i64),
            ("cut_bytes", self.cut_bytes as i64),
            ("dropped", i64::try_from(self.dropped).unwrap_or(i64::MAX)),
        ];
        book.say(finding);
    }

    fn proof(&self) -> String {
        let mut said = Vec::new();
        if self.total > 0 {
            said.push(format!(
                "{} Redis connection{} not whole. What the missing bytes held is unknown; pairs near them are left out.",
                self.total,
                if self.total == 1 { " is" } else { "s are" }
            ));
        }
        if self.dropped > 0 {
            said.push(
                "The capturing system counted the packets it dropped. It does not say which connections they belonged to."
                    .to_owned(),
            );
        }
        said.join(" ")
    }
}

/// The span from the earlier beginning to the later end.
fn widened(
    span: Option<(Moment, Moment)>,
    first: Moment,
    last: Moment,
) -> Option<(Moment, Moment)> {
    Some(span.map_or((first, last), |(a, b)| (a.min(first), b.max(last))))
}

/// TLS connections that are Redis by their port.
#[derive(Debug, Default)]
pub struct Encrypted {
    connections: Vec<ConnectionId>,
    total: u64,
    servers: Vec<Endpoint>,
    span: Option<(Moment, Moment)>,
}

impl Encrypted {
    /// Adds one. `true` when the finding will name it.
    pub fn add(
        &mut self,
        connection: ConnectionId,
        server: Endpoint,
        first: Moment,
        last: Moment,
    ) -> bool {
        self.total += 1;
        if !self.servers.contains(&server) && self.servers.len() < 5 {
            self.servers.push(server);
        }
        self.span = widened(self.span, first, last);
        let room = self.connections.len() < CONNECTIONS_MAX;
        if room {
            self.connections.push(connection);
        }
        room
    }

    /// The finding at the end of the run, if there was one.
    pub fn tell(&self, book: &mut Book) {
        let Some((first, last)) = self.span else {
            return;
        };
        let mut finding = draft::on_many(&encrypted::INFO, Scope::Capture, first, "capture");
        finding.is_final = true;
        finding.last = last;
        finding.culprit = Culprit::Capture;
        finding.server = self.servers.first().copied();
        finding.connections.clone_from(&self.connections);
        finding.connections_total = self.total;
        let servers: Vec<String> = self.servers.iter().map(ToString::to_string).collect();
        finding.title = format!(
            "{} connection{} to {} encrypted",
            self.total,
            if self.total == 1 { "" } else { "s" },
            servers.join(", ")
        );
        finding.proof.text =
            "The bytes are TLS records and no keys were given: commands and replies can not be read.".to_owned();
        finding.measures = vec![("connections", self.total as i64)];
        book.say(finding);
    }
}
