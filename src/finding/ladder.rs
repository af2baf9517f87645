//! The ladder of a finding: its commands and replies in the order they crossed the wire.

use super::model::{Finding, FindingExchange};
use crate::model::{Direction, PacketRef, Timestamp};

/// What a ladder row stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// An AUTH or its reply: the edges of the race window.
    Auth,
    /// A command that was sent inside the window, or its reply.
    Blind,
    /// Anything else.
    Plain,
}

/// One line of the ladder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// When the last byte crossed.
    pub time: Timestamp,
    /// In which packet.
    pub at: PacketRef,
    /// Which way.
    pub direction: Direction,
    /// 0-based number of the command it belongs to.
    pub index: u64,
    /// `GET <key#1 5B>` or `-NOAUTH Authentication required.`
    pub text: String,
    /// Its part in the story.
    pub mark: Mark,
}

/// The rows of `finding`, in wire order. Commands without a reply have no second row.
pub fn ladder(finding: &Finding) -> Vec<Row> {
    let mut rows = Vec::with_capacity(finding.exchanges.len() * 2);
    for exchange in &finding.exchanges {
        rows.push(row(
            exchange,
            Direction::ToServer,
            exchange.sent.time,
            exchange.sent.at,
            command_text(exchange),
        ));
        if let (Some(reply), Some(received)) = (&exchange.reply, exchange.received) {
            rows.push(row(
                exchange,
                Direction::ToClient,
                received.time,
                received.at,
                reply.to_string(),
            ));
        }
        if let Some((seen, text)) = &exchange.instead {
            let text = format!("no RESP: {text}");
            rows.push(row(exchange, Direction::ToClient, seen.time, seen.at, text));
        }
    }
    rows.sort_by_key(|r| (r.time, r.at, r.direction == Direction::ToClient, r.index));
    rows
}

/// A command as one line: its name and its masked arguments.
pub fn command_text(exchange: &FindingExchange) -> String {
    let mut text = exchange.command.to_string();
    for arg in exchange.args.iter() {
        text.push(' ');
        text.push_str(arg);
    }
    text
}

fn row(
    exchange: &FindingExchange,
    direction: Direction,
    time: Timestamp,
    at: PacketRef,
    text: String,
) -> Row {
    let mark = match exchange.blind {
        None if is_auth(exchange) => Mark::Auth,
        Some(true) => Mark::Blind,
        _ => Mark::Plain,
    };
    Row {
        time,
        at,
        direction,
        index: exchange.index,
        text,
        mark,
    }
}

fn is_auth(exchange: &FindingExchange) -> bool {
    exchange.command == "AUTH" || exchange.command == "HELLO"
}
