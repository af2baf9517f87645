//! The form for people: `time  client > server  in  310 µs  22B  9B  GET <key#1 5B>  =>  <value 3B>`.

use crate::analyzer::{ExchangeLine, LineKind, Login};
use crate::model::span;
use crate::report::clock::Clock;
use crate::report::text::printable;
use std::io::{self, Write};

/// Columns of the words of [`Login`].
const LOGIN: usize = 7;
/// Columns of a time that something took, and of a size.
const NUMBER: usize = 8;

/// Where the column of the connection and its ends is over, and how many columns it has: it is padded to that of others.
pub(super) fn write(
    out: &mut Vec<u8>,
    clock: &mut Clock,
    line: &ExchangeLine,
) -> io::Result<(u32, u32)> {
    let begin = out.len();
    let when = line.sent.or(line.received).map(|(time, _)| {
        clock.start_at(time);
        clock.show(time)
    });
    let ends = format!("#{} {} > {}", line.connection.0, line.client, line.server);
    write!(out, "{}  {ends}", when.as_deref().unwrap_or("(no time)"))?;
    let at = short(out.len() - begin);
    let size = |n: Option<u32>| n.map(|n| format!("{n}B")).unwrap_or_default();
    writeln!(
        out,
        "  {:LOGIN$}  {:>NUMBER$}  {:>NUMBER$}  {:>NUMBER$}  {}",
        line.login.map(Login::name).unwrap_or_default(),
        line.latency_ns().map(span).unwrap_or_default(),
        size(line.command_bytes),
        size(line.reply_bytes),
        story(line),
    )?;
    Ok((at, short(ends.len())))
}

fn short(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn story(line: &ExchangeLine) -> String {
    let reply = printable(line.reply().unwrap_or("(reply not kept)"));
    match line.kind {
        LineKind::Exchange => {
            format!("{}  =>  {reply}", command(line))
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
    let mut text = line.command.as_deref().unwrap_or_default().to_owned();
    for arg in line.args.iter() {
        text.push(' ');
        text.push_str(arg);
    }
    printable(&text).into_owned()
}
