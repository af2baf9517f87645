//! What is missing in all connections together, and which of them are encrypted.

use crate::finding::{CONNECTIONS_MAX, Moment};
use crate::model::{ConnectionId, Endpoint};

/// So many servers of encrypted connections are named.
const SERVERS: usize = 5;

/// What is missing in one connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Missing {
    /// Its number.
    pub connection: ConnectionId,
    /// Missing pieces.
    pub gaps: u64,
    /// The start was not captured.
    pub midstream: bool,
    /// Only one direction was captured.
    pub one_sided: bool,
    /// TCP itself proves that packets are missing at its end.
    pub hole: bool,
    /// Payload bytes that the snapshot length cut off.
    pub cut_bytes: u64,
    /// Bytes of the client and of the server in which no command or reply could be found.
    pub unread_bytes: [u64; 2],
    /// First packet.
    pub first: Moment,
    /// Last packet.
    pub last: Moment,
}

/// What is missing in all connections.
#[derive(Debug, Default)]
pub(crate) struct IncompleteFacts {
    pub connections: Vec<ConnectionId>,
    pub total: u64,
    pub gaps: u64,
    pub midstream: u64,
    pub one_sided: u64,
    pub holes: u64,
    pub cut: u64,
    pub cut_bytes: u64,
    /// Of these connections: bytes that were captured and could not be read.
    pub unread_bytes: u64,
    /// The system or the network card lost so many packets while the capture was taken.
    pub dropped: u64,
    /// First and last packet of the connections where something is missing.
    missing: Option<(Moment, Moment)>,
    /// The same of all Redis connections.
    redis: Option<(Moment, Moment)>,
}

impl IncompleteFacts {
    /// Adds a Redis connection. `true` when the finding will name it.
    pub(crate) fn add(&mut self, missing: &Missing) -> bool {
        self.redis = widened(self.redis, missing.first, missing.last);
        let any = missing.gaps > 0
            || missing.midstream
            || missing.one_sided
            || missing.hole
            || missing.cut_bytes > 0;
        if !any {
            return false;
        }
        self.total += 1;
        self.gaps += missing.gaps;
        self.midstream += u64::from(missing.midstream);
        self.one_sided += u64::from(missing.one_sided);
        self.holes += u64::from(missing.hole);
        self.cut += u64::from(missing.cut_bytes > 0);
        self.cut_bytes += missing.cut_bytes;
        self.unread_bytes += missing.unread_bytes.iter().sum::<u64>();
        self.missing = widened(self.missing, missing.first, missing.last);
        let room = self.connections.len() < CONNECTIONS_MAX;
        if room {
            self.connections.push(missing.connection);
        }
        room
    }

    /// First and last packet of what the finding is about, if there is anything to say.
    pub(crate) fn span(&self) -> Option<(Moment, Moment)> {
        if self.dropped > 0 {
            self.redis
        } else {
            self.missing
        }
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
pub(crate) struct EncryptedFacts {
    pub connections: Vec<ConnectionId>,
    pub total: u64,
    pub servers: Vec<Endpoint>,
    pub span: Option<(Moment, Moment)>,
}

impl EncryptedFacts {
    /// Adds one. `true` when the finding will name it.
    pub(crate) fn add(
        &mut self,
        connection: ConnectionId,
        server: Endpoint,
        first: Moment,
        last: Moment,
    ) -> bool {
        self.total += 1;
        if !self.servers.contains(&server) && self.servers.len() < SERVERS {
            self.servers.push(server);
        }
        self.span = widened(self.span, first, last);
        let room = self.connections.len() < CONNECTIONS_MAX;
        if room {
            self.connections.push(connection);
        }
        room
    }
}
