//! A line as NDJSON.

use crate::analyzer::{ExchangeLine, Login};
use crate::report::Utc;
use crate::report::json::{At, SCHEMA, Visible};
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
    args: Vec<&'a str>,
    sent: Option<Utc>,
    sent_at: Option<At>,
    reply_type: Option<&'static str>,
    reply: Option<&'a str>,
    received: Option<Utc>,
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
        args: line.args.iter().collect(),
        sent: line.sent.map(|(time, _)| Utc::of(time)),
        sent_at: line.sent.map(|(_, at)| At::new(at)),
        reply_type: line.reply_type,
        reply: line.reply(),
        received: line.received.map(|(time, _)| Utc::of(time)),
        received_at: line.received.map(|(_, at)| At::new(at)),
        latency_ns: line.latency_ns(),
        auth: line.login.map(Login::name),
        command_bytes: line.command_bytes,
        reply_bytes: line.reply_bytes,
    };
    serde_json::to_writer(Visible(&mut *out), &published)?;
    out.write_all(b"\n")
}
