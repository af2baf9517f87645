//! The form for people: `time  client > server  GET <key#1 5B>  =>  <value 3B>  310 µs`.

use crate::analyzer::{ExchangeLine, LineKind};
use crate::model::span;
use crate::report::clock::Clock;
use crate::report::text::printable;
use std::io::{self, Write};

pub(super) fn write(
    out: &mut impl Write,
    clock: &mut Clock,
    line: &ExchangeLine,
) -> io::Result<()> {
    let when = line.sent.or(line.received).map(|(time, _)| {
        clock.start_at(time);
        clock.show(time)
    });
    writeln!(
        out,
        "{}  #{} {} > {}  {}",
        when.as_deref().unwrap_or("(no time)"),
        line.connection.0,
        line.client,
        line.server,
        story(line)
    )
}

fn story(line: &ExchangeLine) -> String {
    let reply = printable(line.reply.as_deref().unwrap_or("(reply not kept)"));
    match line.kind {
        LineKind::Exchange => {
            let took = line.latency_ns().map(span).unwrap_or_default();
            format!("{}  =>  {reply}  {took}", command(line))
        }
        LineKind::Unanswered => format!("{}  =>  (no reply seen)", command(line)),
        LineKind::Silent => format!("{}  =>  (gets no reply)", command(line)),
        LineKind::Undecided if line.command.is_none() => {
            format!("(can not be paired)  =>  {reply}")
        }
        LineKind::Undecided => format!("{}  =>  (can not be paired)", command(line)),
        LineKind::Orphan => format!("(sent before the capture)  =>  {reply}"),
        LineKind::Push => format!("(push)  {reply}"),
    }
}

fn command(line: &ExchangeLine) -> String {
    let mut text = line.command.clone().unwrap_or_default();
    for arg in &line.args {
        text.push(' ');
        text.push_str(arg);
    }
    printable(&text).into_owned()
}
