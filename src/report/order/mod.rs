//! Why it depends on the order of connecting: a client's connections in order, what they show, and which workaround
//! would help.
//!
//! The race is lost where the gap between AUTH and the next command is shorter than the server takes to judge AUTH. The
//! first connection of a process is often slow to write its second command, so the server that is connected first gets
//! a gap that later ones do not get. This is a tendency and no law: one measured client was served although its gap was
//! shorter, so the words here say what was seen and no more.

mod words;

use crate::analyzer::{AuthResult, ClientConnection, ClientReport, FirstAuth, NextFate};
use crate::model::Endpoint;
use std::cmp::Reverse;

/// One client that sent AUTH, with what follows from its connections.
#[derive(Debug)]
pub(super) struct Order<'a> {
    pub(super) client: &'a ClientReport,
    /// Connections refused behind an accepted AUTH.
    pub(super) refused: u64,
    /// Commands that left before AUTH was answered.
    pub(super) exposed: u64,
    /// What the order of connecting has to do with the refusals.
    pub(super) matter: Matter,
    /// What was seen and what it means, a sentence or two each.
    pub(super) explanation: Vec<String>,
    /// Each workaround with its verdict.
    pub(super) workarounds: Vec<(&'static str, String)>,
}

/// What the order of connecting has to do with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Matter {
    /// Nothing was refused.
    Clean,
    /// There is one connection only.
    Alone,
    /// The first connection leaves a longer gap than the others.
    FirstIsSlow,
    /// All connections leave about the same gap.
    Nothing,
}

/// The clients that sent AUTH: those with refused commands first, then those that were exposed.
pub(super) fn orders(clients: &[ClientReport]) -> Vec<Order<'_>> {
    let mut orders: Vec<Order<'_>> = clients.iter().filter_map(order).collect();
    orders.sort_by_key(|o| (Reverse(o.refused), Reverse(o.exposed), o.client.address));
    orders
}

fn order(client: &ClientReport) -> Option<Order<'_>> {
    let timed: Vec<Timed> = client.order.iter().filter_map(Timed::of).collect();
    let first = timed.first()?;
    let seen = Seen {
        client,
        first: *first,
        later_gap_ns: timed.iter().skip(1).map(|t| t.gap_ns).max(),
        timed: &timed,
    };
    let (explanation, workarounds) = words::of(&seen);
    Some(Order {
        client,
        refused: seen.refused().count() as u64,
        matter: seen.matter(),
        exposed: timed.iter().filter(|t| t.is_blind()).count() as u64,
        explanation,
        workarounds,
    })
}

/// A connection whose AUTH was accepted and had a command behind it.
#[derive(Clone, Copy, Debug)]
struct Timed {
    server: Endpoint,
    gap_ns: i64,
    latency_ns: i64,
    next: NextFate,
}

impl Timed {
    fn of(connection: &ClientConnection) -> Option<Timed> {
        let auth: FirstAuth = connection.auth.filter(|a| a.result == AuthResult::Ok)?;
        Some(Timed {
            server: connection.server,
            gap_ns: auth.gap_ns?,
            latency_ns: auth.latency_ns?,
            next: auth.next,
        })
    }

    /// The next command left before AUTH was answered.
    fn is_blind(&self) -> bool {
        self.gap_ns < self.latency_ns
    }
}

/// What the words are made of.
struct Seen<'a> {
    client: &'a ClientReport,
    /// The first timed connection of the client.
    first: Timed,
    /// The longest gap of the others.
    later_gap_ns: Option<i64>,
    timed: &'a [Timed],
}

impl Seen<'_> {
    /// The first connection left a gap that no later one comes near.
    fn starts_slowly(&self) -> bool {
        self.later_gap_ns
            .is_some_and(|later| later < self.first.gap_ns / 2)
    }

    fn matter(&self) -> Matter {
        if self.refused().next().is_none() {
            Matter::Clean
        } else if self.later_gap_ns.is_none() {
            Matter::Alone
        } else if self.starts_slowly() {
            Matter::FirstIsSlow
        } else {
            Matter::Nothing
        }
    }

    fn refused(&self) -> impl Iterator<Item = &Timed> {
        self.timed.iter().filter(|t| t.next == NextFate::Refused)
    }

    fn served_blind(&self) -> impl Iterator<Item = &Timed> {
        let served = |t: &&Timed| t.next == NextFate::Served && t.is_blind();
        self.timed.iter().filter(served)
    }

    /// The longest AUTH of one server.
    fn needs_ns(&self, server: Endpoint) -> i64 {
        let of_server = self.timed.iter().filter(|t| t.server == server);
        of_server.map(|t| t.latency_ns).max().unwrap_or(0)
    }
}

/// Connections in a row that went to the same server and ended alike.
pub(super) fn runs(order: &[ClientConnection]) -> Vec<&[ClientConnection]> {
    let alike = |a: &ClientConnection, b: &ClientConnection| {
        a.server == b.server && a.outcome() == b.outcome()
    };
    order.chunk_by(alike).collect()
}

/// `0 ns`, or `0 ns to 12.0 µs`.
pub(super) fn range(values: impl Iterator<Item = i64> + Clone) -> Option<String> {
    let (least, most) = (values.clone().min()?, values.max()?);
    let (least, most) = (crate::model::span(least), crate::model::span(most));
    Some(match least == most {
        true => least,
        false => format!("{least} to {most}"),
    })
}
