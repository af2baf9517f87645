//! A line as a row of a table, tab-separated.

use crate::analyzer::{ExchangeLine, Login};
use crate::model::{Endpoint, PacketRef, Timestamp, push_decimal};
use crate::report::Utc;
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

/// Writes a row into a buffer: there are as many of them as commands, and a string for each cell would cost more than all
/// the rest.
pub(super) fn write(out: &mut String, line: &ExchangeLine) {
    let mut row = Row { out, begun: false };
    row.word(line.kind.name());
    row.number(Some(line.connection.0));
    row.number(line.index);
    row.end(&line.client);
    row.end(&line.server);
    row.text(line.command.as_deref().unwrap_or_default());
    row.texts(&line.args);
    row.moment(line.sent);
    row.word(line.reply_type.unwrap_or_default());
    row.text(line.reply.as_deref().unwrap_or_default());
    row.moment(line.received);
    row.signed(line.latency_ns());
    row.word(line.login.map(Login::name).unwrap_or_default());
    row.number(line.command_bytes.map(u64::from));
    row.number(line.reply_bytes.map(u64::from));
    out.push('\n');
}

struct Row<'o> {
    out: &'o mut String,
    begun: bool,
}

impl Row<'_> {
    fn cell(&mut self) -> &mut String {
        if std::mem::replace(&mut self.begun, true) {
            self.out.push('\t');
        }
        self.out
    }

    /// A word of this program.
    fn word(&mut self, word: &str) {
        self.cell().push_str(word);
    }

    fn number(&mut self, number: Option<u64>) {
        let cell = self.cell();
        if let Some(number) = number {
            push_decimal(cell, number);
        }
    }

    fn signed(&mut self, number: Option<i64>) {
        let cell = self.cell();
        if let Some(number) = number {
            if number < 0 {
                cell.push('-');
            }
            push_decimal(cell, number.unsigned_abs());
        }
    }

    fn end(&mut self, end: &Endpoint) {
        // A string takes whatever is written.
        let _ = write!(self.cell(), "{end}");
    }

    /// Time, file and packet.
    fn moment(&mut self, at: Option<(Timestamp, PacketRef)>) {
        match at {
            Some((time, _)) => self.cell().push_str(Utc::of(time).as_str()),
            None => self.word(""),
        }
        self.number(at.map(|(_, at)| u64::from(at.file())));
        self.number(at.map(|(_, at)| at.number()));
    }

    fn text(&mut self, text: &str) {
        push_text(self.cell(), text);
    }

    fn texts(&mut self, texts: &[String]) {
        let cell = self.cell();
        for (n, text) in texts.iter().enumerate() {
            if n > 0 {
                cell.push(' ');
            }
            push_text(cell, text);
        }
    }
}

fn push_text(out: &mut String, text: &str) {
    let is_plain = |b: u8| (b' '..0x7f).contains(&b) && b != b'\\';
    if text.bytes().all(is_plain) {
        out.push_str(text);
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
    out.push_str(&printable(&cell));
}

#[cfg(test)]
mod tests {
    use super::push_text;

    fn cell(text: &str) -> String {
        let mut out = String::new();
        push_text(&mut out, text);
        out
    }

    #[test]
    fn a_cell_holds_no_separator() {
        assert_eq!(cell("a\tb\r\nc\\d"), "a\\tb\\r\\nc\\\\d");
        assert_eq!(cell("plain é"), "plain é");
        assert_eq!(cell("\x1b[2J"), "\\x1b[2J");
    }
}
