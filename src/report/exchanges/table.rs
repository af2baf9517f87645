//! A line as a row of a table, tab-separated.

use crate::analyzer::{ExchangeLine, Login};
use crate::model::{Endpoint, PacketRef, Texts, Timestamp, push_digits};
use crate::report::clock::Moments;
use crate::report::text::printable;
use std::fmt::Write;

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

/// Writes rows. There are as many of them as commands: what is like in the row before is not made again.
#[derive(Debug)]
pub(super) struct Table {
    moments: Moments,
    /// The ends of a connection, and how they are written.
    ends: Option<[Endpoint; 2]>,
    written: String,
}

impl Table {
    pub(super) fn new() -> Table {
        Table {
            moments: Moments::new(),
            ends: None,
            written: String::new(),
        }
    }

    /// Writes a row into a buffer: a string for each cell would cost more than all the rest.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, line: &ExchangeLine) {
        let mut row = Row { out, begun: false };
        row.word(line.kind.name());
        row.number(Some(line.connection.0));
        row.number(line.index);
        row.word(self.ends(line));
        row.text(line.command.as_deref().unwrap_or_default());
        row.texts(&line.args);
        row.moment(&mut self.moments, line.sent);
        row.word(line.reply_type.unwrap_or_default());
        row.text(line.reply.as_deref().unwrap_or_default());
        row.moment(&mut self.moments, line.received);
        row.signed(line.latency_ns());
        row.word(line.login.map(Login::name).unwrap_or_default());
        row.number(line.command_bytes.map(u64::from));
        row.number(line.reply_bytes.map(u64::from));
        out.push(b'\n');
    }

    /// The two cells of the ends.
    fn ends(&mut self, line: &ExchangeLine) -> &str {
        let ends = [line.client, line.server];
        if self.ends != Some(ends) {
            self.ends = Some(ends);
            self.written.clear();
            // A string takes whatever is written.
            let _ = write!(self.written, "{}\t{}", line.client, line.server);
        }
        &self.written
    }
}

struct Row<'o> {
    out: &'o mut Vec<u8>,
    begun: bool,
}

impl Row<'_> {
    fn cell(&mut self) -> &mut Vec<u8> {
        if std::mem::replace(&mut self.begun, true) {
            self.out.push(b'\t');
        }
        self.out
    }

    /// A word of this program.
    fn word(&mut self, word: &str) {
        self.cell().extend_from_slice(word.as_bytes());
    }

    fn number(&mut self, number: Option<u64>) {
        let cell = self.cell();
        if let Some(number) = number {
            push_digits(cell, number);
        }
    }

    fn signed(&mut self, number: Option<i64>) {
        let cell = self.cell();
        if let Some(number) = number {
            if number < 0 {
                cell.push(b'-');
            }
            push_digits(cell, number.unsigned_abs());
        }
    }

    /// Time, file and packet.
    fn moment(&mut self, moments: &mut Moments, at: Option<(Timestamp, PacketRef)>) {
        match at {
            Some((time, _)) => self.cell().extend_from_slice(moments.of(time).as_bytes()),
            None => self.word(""),
        }
        self.number(at.map(|(_, at)| u64::from(at.file())));
        self.number(at.map(|(_, at)| at.number()));
    }

    fn text(&mut self, text: &str) {
        push_text(self.cell(), text);
    }

    fn texts(&mut self, texts: &Texts) {
        let cell = self.cell();
        for (n, text) in texts.iter().enumerate() {
            if n > 0 {
                cell.push(b' ');
            }
            push_text(cell, text);
        }
    }
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    let is_odd = |b: u8| !(b' '..0x7f).contains(&b) || b == b'\\';
    // Without a branch for each byte.
    if !text.bytes().fold(false, |odd, b| odd | is_odd(b)) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
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
    use super::push_text;

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
}
