//! The ladder: client on the left, server on the right, time downwards.
//!
//! ```text
//! ┌  +0.000000 ms #4  AUTH <secret 6B> ─────────────────▶
//! │  +0.042000 ms #4  GET <key#1 5B> (sent blind) ──────▶
//! └  +5.120000 ms #6  ◀────────────────────────────── +OK
//! ```
//!
//! The bracket is the window between AUTH and its reply.

use super::text;
use crate::model::{ConnectionId, Direction, PacketRef, Timestamp};
use crate::rules::{Finding, Mark, Row, command_text, ladder};
use crate::tui::lens::Lens;
use crate::tui::model::Model;
use crate::tui::theme::Meaning;
use ratatui::text::{Line, Span};

/// Below this many columns for the text itself, arrows shrink to one character.
const LANE_COLUMNS: usize = 24;

/// The ladders of `finding`, one for each of its connections.
pub(super) fn lines(model: &Model, finding: &Finding, width: usize) -> Vec<Line<'static>> {
    let parts = by_connection(finding);
    let several = parts.len() > 1;
    let mut lines = Vec::new();
    for part in &parts {
        if let (true, Some(exchange)) = (several, part.exchanges.first()) {
            lines.push(Line::from(text::clip(
                &name(model, exchange.connection),
                width,
            )));
        }
        lines.extend(one(model, part, finding.first.time, width));
    }
    lines
}

/// The number of a connection, and its ends when its report has come.
fn name(model: &Model, id: ConnectionId) -> String {
    match model.connections.get(&id) {
        Some(report) => {
            let ends = format!("{} → {}", report.client, report.server);
            format!("Connection {}: {}", id.0, model.lens.say(&ends))
        }
        None => format!("Connection {}", id.0),
    }
}

/// A row does not say its connection, so each connection gets a ladder of its own.
fn by_connection(finding: &Finding) -> Vec<Finding> {
    let mut parts: Vec<Finding> = Vec::new();
    for exchange in &finding.exchanges {
        let same = |part: &&mut Finding| {
            let first = part.exchanges.first();
            first.is_some_and(|first| first.connection == exchange.connection)
        };
        match parts.iter_mut().find(same) {
            Some(part) => part.exchanges.push(exchange.clone()),
            None => parts.push(Finding {
                exchanges: vec![exchange.clone()],
                ..finding.clone()
            }),
        }
    }
    parts
}

fn one(model: &Model, finding: &Finding, zero: Timestamp, width: usize) -> Vec<Line<'static>> {
    let rows = ladder(finding);
    let mut lines = Vec::with_capacity(rows.len() + 2);
    let gutters = gutters(&rows);
    let times: Vec<String> = rows
        .iter()
        .map(|row| text::offset(row.time.since(zero)))
        .collect();
    let packets: Vec<String> = rows.iter().map(|row| packet(row.at)).collect();
    let widest = |texts: &[String]| texts.iter().map(|t| text::width(t)).max().unwrap_or(0);
    let (time_columns, packet_columns) = (widest(&times), widest(&packets));
    let lane = width.saturating_sub(time_columns + packet_columns + 5);
    let cells = rows.iter().zip(gutters).zip(times.iter().zip(&packets));
    for ((row, gutter), (time, packet)) in cells {
        let before = format!(" {time:>time_columns$} {packet:<packet_columns$}  ");
        lines.push(Line::from(vec![
            Span::styled(gutter.to_string(), model.theme.style(Meaning::Window)),
            Span::styled(before, model.theme.style(Meaning::Quiet)),
            Span::styled(
                arrow(&model.lens, row, lane),
                model.theme.style(meaning(row.mark)),
            ),
        ]));
    }
    lines.extend(windows(model, &rows, width));
    lines.extend(unanswered(model, finding, width));
    lines
}

/// `#12`, with the number of the input when there are several: `2:#12`.
pub(super) fn packet(at: PacketRef) -> String {
    match at.file() {
        0 => format!("#{}", at.number()),
        file => format!("{}:#{}", file.saturating_add(1), at.number()),
    }
}

fn meaning(mark: Mark) -> Meaning {
    match mark {
        Mark::Auth => Meaning::Window,
        Mark::Blind => Meaning::Blind,
        Mark::Plain => Meaning::Plain,
    }
}

/// The bracket beside the rows: open from an AUTH to its reply.
fn gutters(rows: &[Row]) -> Vec<char> {
    let mut open = 0usize;
    let bracket = |row: &Row| {
        let outer = open > 0;
        match (row.mark, row.direction) {
            (Mark::Auth, Direction::ToServer) => {
                open += 1;
                if outer { '├' } else { '┌' }
            }
            (Mark::Auth, Direction::ToClient) => {
                open = open.saturating_sub(1);
                match (outer, open) {
                    (false, _) => ' ',
                    (true, 0) => '└',
                    (true, _) => '├',
                }
            }
            _ if outer => '│',
            _ => ' ',
        }
    };
    rows.iter().map(bracket).collect()
}

/// The text of a row on its arrow, in `lane` columns.
fn arrow(lens: &Lens, row: &Row, lane: usize) -> String {
    let blind = row.mark == Mark::Blind && row.direction == Direction::ToServer;
    let said = lens.say(&row.text);
    let said = if blind {
        format!("{said} (sent blind)")
    } else {
        said
    };
    if lane < LANE_COLUMNS {
        let head = match row.direction {
            Direction::ToServer => '▶',
            Direction::ToClient => '◀',
        };
        return text::clip(&format!("{head} {said}"), lane);
    }
    let said = text::clip(&said, lane - 4);
    let shaft: String = std::iter::repeat_n('─', lane - 2 - text::width(&said)).collect();
    match row.direction {
        Direction::ToServer => format!("{said} {shaft}▶"),
        Direction::ToClient => format!("◀{shaft} {said}"),
    }
}

/// How long each window was, and how many commands were sent in it.
fn windows(model: &Model, rows: &[Row], width: usize) -> Vec<Line<'static>> {
    let blind = rows.iter().filter(|row| row.mark == Mark::Blind);
    let blind = blind
        .filter(|row| row.direction == Direction::ToServer)
        .count();
    let auths = rows.iter().filter(|row| row.mark == Mark::Auth);
    let sent = auths
        .clone()
        .filter(|row| row.direction == Direction::ToServer);
    let mut said = Vec::new();
    for sent in sent {
        let answer = |row: &&Row| row.direction == Direction::ToClient && row.index == sent.index;
        let command = model
            .lens
            .say(sent.text.split(' ').next().unwrap_or_default());
        said.push(match auths.clone().find(answer) {
            Some(reply) => format!(
                "Window: {} from {command} ({}) to its reply ({}).",
                text::length(reply.time.since(sent.time)),
                packet(sent.at),
                packet(reply.at),
            ),
            None => format!(
                "Window: {command} ({}) got no reply that was seen.",
                packet(sent.at)
            ),
        });
    }
    if blind > 0 {
        said.push(format!(
            "Sent blind, before that reply: {}.",
            text::many(blind, "command")
        ));
    }
    styled(model, &said, width, Meaning::Window)
}

/// The ladder has no row for a reply that never came, so it is said here.
fn unanswered(model: &Model, finding: &Finding, width: usize) -> Vec<Line<'static>> {
    let open = finding.exchanges.iter().filter(|e| e.reply.is_none());
    let said = open.map(|exchange| {
        let command = model.lens.say(&command_text(exchange));
        format!("No reply seen: {command} ({}).", packet(exchange.sent.at))
    });
    styled(model, &said.collect::<Vec<_>>(), width, Meaning::Loss)
}

fn styled(model: &Model, said: &[String], width: usize, meaning: Meaning) -> Vec<Line<'static>> {
    let style = model.theme.style(meaning);
    let wrapped = said.iter().flat_map(|line| text::wrap(line, width));
    wrapped
        .map(|line| Line::from(Span::styled(line, style)))
        .collect()
}
