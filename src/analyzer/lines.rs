//! Exchange lines on their way out. There is one for each command, and a line holds several pieces of memory: what was written
//! comes back and is used for the next one.

#[cfg(test)]
use super::event::Login;
use super::event::{Event, ExchangeLine, LineKind};
use super::settled::Settled;
use crate::model::{ConnectionId, Endpoint};
use std::collections::VecDeque;

/// Lines that are kept to be used again: more than one packet holds, as a rule.
const KEPT: usize = 256;

/// Lines to be used again.
#[derive(Debug, Default)]
#[expect(clippy::vec_box, reason = "the boxes are what is used again")]
pub(super) struct UsedLines(Vec<Box<ExchangeLine>>);

impl UsedLines {
    /// Nobody needs this line any more.
    pub(super) fn put(&mut self, line: Box<ExchangeLine>) {
        if self.0.len() < KEPT {
            self.0.push(line);
        }
    }
}

/// Where the lines of a connection go.
pub(super) struct Lines<'a> {
    pub events: &'a mut VecDeque<Event>,
    pub used: &'a mut UsedLines,
    pub settled: &'a mut Settled,
}

impl Lines<'_> {
    /// A line of this connection, of which nothing else is known yet.
    pub(super) fn begin(
        &mut self,
        kind: LineKind,
        connection: ConnectionId,
        ends: [Endpoint; 2],
    ) -> Box<ExchangeLine> {
        match self.used.0.pop() {
            Some(mut line) => {
                line.begin_again(kind, connection, ends);
                line
            }
            None => Box::new(ExchangeLine::new(kind, connection, ends)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PacketRef, Timestamp};
    use std::net::{IpAddr, Ipv4Addr};

    #[test]
    fn a_line_that_is_used_again_is_like_a_new_one() {
        let end = |port| Endpoint {
            addr: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port,
        };
        let mut events = VecDeque::new();
        let (mut used, mut settled) = (UsedLines::default(), Settled::new());
        let mut lines = Lines {
            events: &mut events,
            used: &mut used,
            settled: &mut settled,
        };
        let mut line = lines.begin(LineKind::Push, ConnectionId(1), [end(1), end(2)]);
        let at = Some((Timestamp::MAX, PacketRef::new(0, 1)));
        *line = ExchangeLine {
            index: Some(1),
            command: Some("GET".into()),
            args: ["a"].iter().collect(),
            sent: at,
            reply_type: Some("simple"),
            reply: ["+OK"].iter().collect(),
            received: at,
            place: Timestamp::MAX,
            told: Timestamp::MAX,
            settled: Timestamp::MAX,
            command_bytes: Some(1),
            reply_bytes: Some(1),
            login: Some(Login::In),
            taken_back: true,
            ..*line
        };
        lines.used.put(line);
        let again = lines.begin(LineKind::Silent, ConnectionId(2), [end(3), end(4)]);
        let new = ExchangeLine::new(LineKind::Silent, ConnectionId(2), [end(3), end(4)]);
        assert_eq!(format!("{again:?}"), format!("{new:?}"));
    }
}
