//! The machine forms of a line: NDJSON and TSV.

use crate::analyzer::{ExchangeLine, Login};
use crate::model::{PacketRef, Timestamp};
use crate::report::json::{At, SCHEMA, Visible};
use crate::report::rfc3339;
use crate::report::text::printable;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    kind: &'static str,
    connection: u64,
    index: Option<u64>,
    client: String,
    server: String,
    command: Option<&'a str>,
    args: &'a [String],
    sent: Option<String>,
    sent_at: Option<At>,
    reply_type: Option<&'static str>,
    reply: Option<&'a str>,
    received: Option<String>,
    received_at: Option<At>,
    latency_ns: Option<i64>,
    auth: Option<&'static str>,
    command_bytes: Option<u32>,
    reply_bytes: Option<u32>,
}

pub(super) fn write_json(out: &mut impl Write, line: &ExchangeLine) -> io::Result<()> {
    let published = Line {
        schema: SCHEMA,
        kind: line.kind.name(),
        connection: line.connection.0,
        index: line.index,
        client: line.client.to_string(),
        server: line.server.to_string(),
        command: line.command.as_deref(),
        args: &line.args,
        sent: line.sent.map(|(time, _)| rfc3339(time)),
        sent_at: line.sent.map(|(_, at)| At::new(at)),
        reply_type: line.reply_type,
        reply: line.reply.as_deref(),
        received: line.received.map(|(time, _)| rfc3339(time)),
        received_at: line.received.map(|(_, at)| At::new(at)),
        latency_ns: line.latency_ns(),
        auth: line.login.map(Login::name),
        command_bytes: line.command_bytes,
        reply_bytes: line.reply_bytes,
    };
    serde_json::to_writer(Visible(&mut *out), &published)?;
    out.write_all(b"\n")
}

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

pub(super) fn write_tsv(out: &mut impl Write, line: &ExchangeLine) -> io::Result<()> {
    let [sent, sent_file, sent_packet] = moment(line.sent);
    let [received, received_file, received_packet] = moment(line.received);
    let cells: [String; COLUMNS.len()] = [
        line.kind.name().to_owned(),
        line.connection.0.to_string(),
        number(line.index),
        line.client.to_string(),
        line.server.to_string(),
        cell(line.command.as_deref().unwrap_or_default()),
        cell(&line.args.join(" ")),
        sent,
        sent_file,
        sent_packet,
        line.reply_type.unwrap_or_default().to_owned(),
        cell(line.reply.as_deref().unwrap_or_default()),
        received,
        received_file,
        received_packet,
        number(line.latency_ns()),
        line.login.map(Login::name).unwrap_or_default().to_owned(),
        number(line.command_bytes.map(i64::from)),
        number(line.reply_bytes.map(i64::from)),
    ];
    writeln!(out, "{}", cells.join("\t"))
}

fn moment(at: Option<(Timestamp, PacketRef)>) -> [String; 3] {
    match at {
        Some((time, at)) => [
            rfc3339(time),
            at.file().to_string(),
            at.number().to_string(),
        ],
        None => Default::default(),
    }
}

fn number(n: Option<impl ToString>) -> String {
    n.map(|n| n.to_string()).unwrap_or_default()
}

fn cell(text: &str) -> String {
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
    printable(&cell).into_owned()
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_holds_no_separator() {
        assert_eq!(cell("a\tb\r\nc\\d"), "a\\tb\\r\\nc\\\\d");
        assert_eq!(cell("plain é"), "plain é");
        assert_eq!(cell("\x1b[2J"), "\\x1b[2J");
    }
}
