//! A line as a row of a table, tab-separated.

use crate::analyzer::{ExchangeLine, LineKind, Login};
use crate::model::{ConnectionId, Endpoint, PacketRef, Timestamp, push_digits};
use crate::report::clock::Moments;
use crate::report::text::printable;
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
}

/// What the rows of a connection have in common.
#[derive(Clone, Debug, Default)]
struct Talk {
    /// The first two cells, and what is behind them.
    front: Same<(LineKind, ConnectionId)>,
    /// The two cells of its ends, and what is around them.
    ends: Same<[Endpoint; 2]>,
}

/// What was written last, and of what it was made.
#[derive(Clone, Debug)]
struct Same<T> {
    of: Option<T>,
    text: Vec<u8>,
}

impl<T> Default for Same<T> {
    fn default() -> Self {
        Same {
            of: None,
            text: Vec::new(),
        }
    }
}

impl<T: PartialEq> Same<T> {
    #[inline]
    fn text(&mut self, of: T, make: impl FnOnce(&mut Vec<u8>, &T)) -> &[u8] {
        if self.of.as_ref() != Some(&of) {
            self.text.clear();
            make(&mut self.text, &of);
            self.of = Some(of);
        }
        &self.text
    }
}

impl Table {
    pub(super) fn new() -> Table {
        Table {
            moments: Moments::new(),
            talks: vec![Talk::default(); TALKS],
            sent: Same::default(),
            received: Same::default(),
        }
    }

    /// Writes a row into a buffer: a string for each cell would cost more than all the rest.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, line: &ExchangeLine) {
        self.write_command(out, line);
        let moments = &mut self.moments;
        put_moment(out, &mut self.sent, moments, line.sent);
        out.extend_from_slice(line.reply_type.unwrap_or_default().as_bytes());
        out.push(b'\t');
        push_text(out, &line.reply);
        out.push(b'\t');
        put_moment(out, &mut self.received, moments, line.received);
        put_signed(out, line.latency_ns());
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
            put_number(out, line.index);
            let ends = talk.ends.text([line.client, line.server], write_ends);
            out.extend_from_slice(ends);
        }
        push_text(out, line.command.as_deref().unwrap_or_default());
        out.push(b'\t');
        push_text(out, line.args.joined());
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

fn put_signed(out: &mut Vec<u8>, number: Option<i64>) {
    if let Some(number) = number {
        if number < 0 {
            out.push(b'-');
        }
        push_digits(out, number.unsigned_abs());
    }
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    match is_plain(text.as_bytes()) {
        true => out.extend_from_slice(text.as_bytes()),
        false => push_odd(out, text),
    }
}

/// Printable ASCII without a backslash. Eight bytes at a time: most texts are short.
fn is_plain(text: &[u8]) -> bool {
    let (eights, rest) = text.as_chunks();
    let plain = eights
        .iter()
        .all(|eight| are_plain(u64::from_le_bytes(*eight)));
    // The last bytes, and plain ones in front of them.
    let last = match text.last_chunk() {
        Some(last) => u64::from_le_bytes(*last),
        None => rest
            .iter()
            .fold(SPACES, |eight, b| eight << 8 | u64::from(*b)),
    };
    plain && are_plain(last)
}

const EACH: u64 = 0x0101_0101_0101_0101;
const SPACES: u64 = b' ' as u64 * EACH;

/// The same of the eight bytes of a number.
fn are_plain(eight: u64) -> bool {
    const HIGH: u64 = 0x80 * EACH;
    // With no high bit set in `eight`, each of these sets that of a byte which is odd, and carries into no other.
    let control = !(eight | HIGH).wrapping_sub(0x20 * EACH);
    let delete = (eight & !HIGH) + EACH;
    let backslash = !(((eight ^ (u64::from(b'\\') * EACH)) & !HIGH) + 0x7f * EACH);
    (eight | control | delete | backslash) & HIGH == 0
}

fn push_odd(out: &mut Vec<u8>, text: &str) {
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => cell.push_str("\\t"),
            '\n' => cell.push_str("\\n"),
            '\r' => cell.push_str("\\r"),
            '\\' => cell.push_str("\\\\"),
            c => cell.push(c),
        }
    }
    // A table is often looked at in a terminal.
    out.extend_from_slice(printable(&cell).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{is_plain, push_text};
    use proptest::prelude::*;

    fn cell(text: &str) -> String {
        let mut out = Vec::new();
        push_text(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_cell_holds_no_separator() {
        assert_eq!(cell("a\tb\r\nc\\d"), "a\\tb\\r\\nc\\\\d");
        assert_eq!(cell("plain é"), "plain é");
        assert_eq!(cell("\x1b[2J"), "\\x1b[2J");
    }

    proptest! {
        #[test]
        fn what_is_odd_is_found(text in prop::collection::vec(prop_oneof![any::<u8>(), 0x1f_u8..0x21, 0x5b_u8..0x5e, 0x7d_u8..0x82], 0..40)) {
            let odd = |b: &u8| !(b' '..0x7f).contains(b) || *b == b'\\';
            prop_assert_eq!(is_plain(&text), !text.iter().any(odd));
        }
    }
}
