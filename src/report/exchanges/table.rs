//! A line as a row of a table, tab-separated.

use super::cell::{push_text, push_texts};
use super::same::{Counter, Same};
use crate::analyzer::{ExchangeLine, LineKind, Login};
use crate::model::{ConnectionId, Endpoint, PacketRef, Timestamp, push_digits};
use crate::report::clock::Moments;
use std::borrow::Cow;
use std::io::Write;

/// The columns of the table, in order. Packets are split into file and number.
pub(super) const COLUMNS: [&str; 19] = [
    "kind",
    "connection",
    "index",
    "client",
    "server",
    "command",
    "args",
    "sent",
    "sent_file",
    "sent_packet",
    "reply_type",
    "reply",
    "received",
    "received_file",
    "received_packet",
    "latency_ns",
    "auth",
    "command_bytes",
    "reply_bytes",
];

/// So many connections are remembered: those that talk at the same time, as a rule.
const TALKS: usize = 64;

/// Writes rows. There are as many of them as commands: what is like in a row before is not made again.
#[derive(Debug)]
pub(super) struct Table {
    moments: Moments,
    /// Connections, each at the place that its number chooses.
    talks: Vec<Talk>,
    /// Time, file and packet: those of many commands are the same.
    sent: Same<(Timestamp, PacketRef)>,
    received: Same<(Timestamp, PacketRef)>,
    latency: Same<i64>,
}

/// What the rows of a connection have in common.
#[derive(Clone, Debug, Default)]
struct Talk {
    /// The first two cells, and what is behind them.
    front: Same<(LineKind, ConnectionId)>,
    index: Counter,
    /// The two cells of its ends, and what is around them.
    ends: Same<[Endpoint; 2]>,
}

impl Table {
    pub(super) fn new() -> Table {
        Table {
            moments: Moments::new(),
            talks: vec![Talk::default(); TALKS],
            sent: Same::default(),
            received: Same::default(),
            latency: Same::default(),
        }
    }

    /// Writes a row into a buffer: a string for each cell would cost more than all the rest.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, line: &ExchangeLine) {
        self.write_command(out, line);
        let moments = &mut self.moments;
        put_moment(out, &mut self.sent, moments, line.sent);
        out.extend_from_slice(line.reply_type.unwrap_or_default().as_bytes());
        out.push(b'\t');
        push_texts(out, &line.reply);
        out.push(b'\t');
        put_moment(out, &mut self.received, moments, line.received);
        if let Some(ns) = line.latency_ns() {
            out.extend_from_slice(self.latency.text(ns, write_signed));
        }
        out.push(b'\t');
        out.extend_from_slice(line.login.map(Login::name).unwrap_or_default().as_bytes());
        out.push(b'\t');
        put_number(out, line.command_bytes.map(u64::from));
        out.push(b'\t');
        put_number(out, line.reply_bytes.map(u64::from));
        out.push(b'\n');
    }

    /// The cells from the first to the arguments.
    fn write_command(&mut self, out: &mut Vec<u8>, line: &ExchangeLine) {
        let place = line.connection.0 as usize % TALKS;
        if let Some(talk) = self.talks.get_mut(place) {
            let front = talk.front.text((line.kind, line.connection), write_front);
            out.extend_from_slice(front);
            if let Some(index) = line.index {
                out.extend_from_slice(talk.index.digits(index));
            }
            let ends = talk.ends.text([line.client, line.server], write_ends);
            out.extend_from_slice(ends);
        }
        match &line.command {
            // A name of the table.
            Some(Cow::Borrowed(name)) => out.extend_from_slice(name.as_bytes()),
            Some(Cow::Owned(name)) => push_text(out, name),
            None => {}
        }
        out.push(b'\t');
        push_texts(out, &line.args);
        out.push(b'\t');
    }
}

fn write_front(out: &mut Vec<u8>, (kind, connection): &(LineKind, ConnectionId)) {
    out.extend_from_slice(kind.name().as_bytes());
    out.push(b'\t');
    push_digits(out, connection.0);
    out.push(b'\t');
}

fn write_ends(out: &mut Vec<u8>, [client, server]: &[Endpoint; 2]) {
    // A buffer takes whatever is written.
    let _ = write!(out, "\t{client}\t{server}\t");
}

/// Time, file and packet, each with the end of its cell.
fn put_moment(
    out: &mut Vec<u8>,
    same: &mut Same<(Timestamp, PacketRef)>,
    moments: &mut Moments,
    at: Option<(Timestamp, PacketRef)>,
) {
    let Some(at) = at else {
        out.extend_from_slice(b"\t\t\t");
        return;
    };
    let text = same.text(at, |out, (time, at)| {
        out.extend_from_slice(moments.of(*time).as_bytes());
        out.push(b'\t');
        push_digits(out, u64::from(at.file()));
        out.push(b'\t');
        push_digits(out, at.number());
        out.push(b'\t');
    });
    out.extend_from_slice(text);
}

fn put_number(out: &mut Vec<u8>, number: Option<u64>) {
    if let Some(number) = number {
        push_digits(out, number);
    }
}

fn write_signed(out: &mut Vec<u8>, number: &i64) {
    if *number < 0 {
        out.push(b'-');
    }
    push_digits(out, number.unsigned_abs());
}
