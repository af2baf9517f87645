//! Sentences that all rules put together the same way.

use super::model::{FindingExchange, Proof};
use crate::model::{PacketRef, push_decimal};

/// `PING`, `PING and GET`, `PING and 3 more commands`.
pub(crate) fn some_commands(exchanges: &[&FindingExchange], total: u64) -> String {
    match (exchanges, total) {
        ([], _) => "commands".to_owned(),
        ([one, ..], 0 | 1) => one.command.to_string(),
        ([one, two, ..], 2) => format!("{} and {}", one.command, two.command),
        ([one, ..], n) => format!("{} and {}", one.command, number_of(n - 1, "more command")),
    }
}

/// `1 command`, `3 commands`.
pub(crate) fn number_of(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// `packet 12`, or `packet 12 of input [1]` behind the first input, which is `[0]` as in the reports.
pub(crate) fn packet(at: PacketRef) -> String {
    let mut text = String::new();
    write_packet(&mut text, at);
    text
}

fn write_packet(out: &mut String, at: PacketRef) {
    out.push_str("packet ");
    push_decimal(out, at.number());
    if at.file() > 0 {
        out.push_str(" of input [");
        push_decimal(out, u64::from(at.file()));
        out.push(']');
    }
}

/// A proof of a few sentences is not longer: then its text is never moved.
const ROOM: usize = 384;

/// A proof under construction: sentences, and the packets they name.
#[derive(Debug, Default)]
pub(crate) struct ProofText {
    text: String,
    packets: Vec<PacketRef>,
    values: Vec<(&'static str, i64)>,
}

impl ProofText {
    /// One more sentence.
    pub(crate) fn say(&mut self, sentence: &str) {
        if self.text.is_empty() {
            self.text.reserve(ROOM);
        } else {
            self.text.push(' ');
        }
        self.text.push_str(sentence);
    }

    /// It rests on this packet.
    pub(crate) fn packet(&mut self, at: PacketRef) {
        if !self.packets.contains(&at) {
            self.packets.push(at);
        }
    }

    /// A number of the relation.
    pub(crate) fn value(&mut self, name: &'static str, value: i64) {
        self.values.push((name, value));
    }

    /// `GET (packet 4) <what> -NOAUTH … (packet 5).`
    pub(crate) fn exchange(&mut self, exchange: &FindingExchange, what: &str) {
        self.say(&exchange.command);
        self.in_packet(exchange.sent.at);
        let reply = exchange.reply.as_deref().unwrap_or_default();
        self.text.extend([" ", what, " ", reply]);
        if let Some(received) = exchange.received {
            self.in_packet(received.at);
        }
        self.text.push('.');
    }

    /// ` (packet 4)`, which it rests on.
    fn in_packet(&mut self, at: PacketRef) {
        self.text.push_str(" (");
        write_packet(&mut self.text, at);
        self.text.push(')');
        self.packet(at);
    }

    /// The proof.
    pub(crate) fn done(self) -> Proof {
        Proof {
            text: self.text,
            packets: self.packets,
            values: self.values,
        }
    }
}
