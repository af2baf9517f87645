//! The ladder of a finding: client left, time in the middle, server right, the race window in the margin.

use super::page::Page;
use super::page::WIDTH;
use super::paint::Meaning;
use super::wrap::{fitted, length};
use crate::model::span;
use crate::model::{ConnectionId, Direction, Timestamp};
use crate::rules::{Finding, FindingExchange, Mark, Row, ladder};
use std::collections::BTreeSet;

/// Columns of a command.
const COMMAND: usize = 22;
/// Columns of a time.
const TIME: usize = 9;
/// Columns of margin, gaps and arrows: `  ┃ #4 COMMAND ─▶ TIME ◀─ REPLY`.
const FRAME: usize = 4 + 1 + 4 + 4;

/// Writes one ladder for each connection of the finding.
pub(super) fn write(text: &mut String, page: &Page<'_>, finding: &Finding) {
    let connections: BTreeSet<ConnectionId> =
        finding.exchanges.iter().map(|e| e.connection).collect();
    for connection in &connections {
        if connections.len() > 1 {
            text.push_str(&format!("  {}\n", page.connection(*connection)));
        }
        let mut part = finding.clone();
        part.exchanges.retain(|e| e.connection == *connection);
        rungs(text, page, &part, &ladder(&part));
        text.push('\n');
    }
}

fn rungs(text: &mut String, page: &Page<'_>, finding: &Finding, rows: &[Row]) {
    let auth = rows.iter().find(|r| r.mark == Mark::Auth);
    let Some(origin) = auth.or(rows.first()).map(|r| r.time) else {
        return;
    };
    let packets: Vec<String> = rows.iter().map(|r| page.packet(r.at)).collect();
    let packet = packets.iter().map(|p| length(p)).max().unwrap_or(0);
    let since = if auth.is_some() { "from AUTH" } else { "time" };
    let columns = Columns {
        packet,
        reply: WIDTH.saturating_sub(FRAME + packet + COMMAND + TIME),
        origin,
    };
    let head = format!(
        "    {:packet$} {:COMMAND$}    {since:>TIME$}    server",
        "", "client"
    );
    text.push_str(&page.paint.of(Meaning::Aside, &head));
    text.push('\n');
    let mut window = Window::default();
    for (row, packet) in rows.iter().zip(&packets) {
        let line = rung(page, finding, row, packet, &columns, window.step(row));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let came = |e: &&FindingExchange| e.received.is_some() || e.instead.is_some();
    for exchange in finding.exchanges.iter().filter(|e| !came(e)) {
        text.push_str(&nothing(page, finding, exchange, &columns));
    }
    if rows.iter().any(|r| r.mark == Mark::Blind) {
        let legend = "    blind: sent before the reply of AUTH could have been received";
        text.push_str(&page.paint.of(Meaning::Aside, legend));
        text.push('\n');
    }
}

/// What never came: a row of its own, with how long it was waited for.
fn nothing(
    page: &Page<'_>,
    finding: &Finding,
    exchange: &FindingExchange,
    columns: &Columns,
) -> String {
    let waited = finding.last.time.since(exchange.sent.time);
    let left = format!(
        "  to {}",
        number(finding, exchange.index, &exchange.command)
    );
    let said = match waited {
        ..=0 => "no answer was seen".to_owned(),
        ns => format!("no answer for {} and more", span(ns)),
    };
    let width = columns.packet;
    let left = page.paint.of(
        Meaning::Aside,
        &format!("{:COMMAND$}", fitted(&left, COMMAND)),
    );
    let said = page.paint.of(Meaning::Error, &said);
    format!(
        "    {:width$} {left} {:2} {:>TIME$} ✗─ {said}\n",
        "", "", ""
    )
}

/// `2 PING`: the number ties a reply to its command.
fn number(finding: &Finding, index: u64, text: &str) -> String {
    let place = finding.exchanges.iter().position(|e| e.index == index);
    match place.filter(|_| finding.exchanges.len() > 1) {
        Some(n) => format!("{} {text}", n + 1),
        None => text.to_owned(),
    }
}

struct Columns {
    packet: usize,
    reply: usize,
    origin: Timestamp,
}

fn rung(
    page: &Page<'_>,
    finding: &Finding,
    row: &Row,
    packet: &str,
    columns: &Columns,
    bar: &str,
) -> String {
    let blind = row.mark == Mark::Blind;
    let sent = row.direction == Direction::ToServer;
    let (left, to, from, right) = match row.direction {
        Direction::ToServer => {
            let blind = if blind { "blind" } else { "" };
            (
                number(finding, row.index, &row.text),
                "─▶",
                "",
                blind.to_owned(),
            )
        }
        Direction::ToClient => (answered(finding, row), "", "◀─", row.text.clone()),
    };
    let left = format!("{:COMMAND$}", fitted(&left, COMMAND));
    let right = fitted(&right, columns.reply);
    let time = span(row.time.since(columns.origin));
    let bar = page.paint.of(Meaning::Warning, bar);
    let left = if sent {
        left
    } else {
        page.paint.of(Meaning::Aside, &left)
    };
    let right = match (sent, row.text.starts_with('-')) {
        (true, _) => page.paint.of(Meaning::Warning, &right),
        (false, true) => page.paint.of(Meaning::Error, &right),
        (false, false) => right,
    };
    let width = columns.packet;
    format!("  {bar} {packet:width$} {left} {to:2} {time:>TIME$} {from:2} {right}")
}

/// Which command a reply answers, for the free cell on its left.
fn answered(finding: &Finding, row: &Row) -> String {
    let command = finding.exchanges.iter().find(|e| e.index == row.index);
    command.map_or_else(String::new, |e| {
        format!("  to {}", number(finding, e.index, &e.command))
    })
}

/// The bar in the margin: from AUTH to its reply.
#[derive(Default)]
struct Window {
    open: u32,
}

impl Window {
    fn step(&mut self, row: &Row) -> &'static str {
        let before = self.open;
        if row.mark == Mark::Auth {
            match row.direction {
                Direction::ToServer => self.open += 1,
                Direction::ToClient => self.open = self.open.saturating_sub(1),
            }
        }
        match (before, self.open) {
            (0, 0) => " ",
            (0, _) => "┏",
            (_, 0) => "┗",
            _ => "┃",
        }
    }
}
