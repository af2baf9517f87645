//! Why it depends on the order of connecting: a client's connections in order, what they show, and which workaround
//! would help.
//!
//! The race is lost where the gap between AUTH and the next command is shorter than the server takes to judge AUTH. The
//! first connection of a process is often slow to write its second command, so the server that is connected first gets
//! a gap that later ones do not get. This is a tendency and no law: one measured client was served although its gap was
//! shorter, so the words here say what was seen and no more.

mod seen;
mod words;

pub(super) use seen::{Matter, range};

use crate::analyzer::{Cause, ClientConnection, ClientReport, Place};
use crate::rules::{Confidence, Culprit, Severity};
use seen::{Seen, Timed};
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

/// The clients that sent AUTH: those with refused commands first, then those that were exposed. `causes`: what was found.
pub(super) fn orders<'a>(clients: &'a [ClientReport], causes: &[Cause]) -> Vec<Order<'a>> {
    // What a client did wrong says nothing about how its servers keep the order.
    let of_others = |c: &&Cause| c.severity > Severity::Note && c.culprit != Culprit::Client;
    let faults = causes.iter().filter(of_others);
    let faults: Vec<&Cause> = faults.collect();
    let orders = clients.iter().filter_map(|client| order(client, &faults));
    let mut orders: Vec<Order<'_>> = orders.collect();
    orders.sort_by_key(|o| (Reverse(o.refused), Reverse(o.exposed), o.client.address));
    orders
}

fn order<'a>(client: &'a ClientReport, faults: &[&Cause]) -> Option<Order<'a>> {
    let timed: Vec<Timed> = client.order.iter().filter_map(Timed::of).collect();
    let first = timed.first()?;
    let beside = |fault: &&&Cause| client.order.iter().any(|c| is_beside(fault, c));
    let seen = Seen {
        client,
        first: *first,
        later_gap_ns: timed.iter().skip(1).map(|t| t.gap_ns).max(),
        timed: &timed,
        faulty: client
            .order
            .iter()
            .filter(|c| faults.iter().any(|fault| is_beside(fault, c)))
            .count() as u64,
        is_likely: faults
            .iter()
            .filter(beside)
            .any(|fault| fault.confidence > Confidence::Possible),
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

/// The fault is on that connection, or it is one of its server's.
fn is_beside(fault: &Cause, connection: &ClientConnection) -> bool {
    let of_server = matches!(fault.place, Place::Server(server) if server == connection.server);
    let mut hits = fault.hits.values();
    of_server || hits.any(|hits| hits.connections.contains(&connection.connection))
}

/// Connections in a row that went to the same server and ended alike.
pub(super) fn runs(order: &[ClientConnection]) -> Vec<&[ClientConnection]> {
    let alike = |a: &ClientConnection, b: &ClientConnection| {
        a.server == b.server && a.outcome() == b.outcome()
    };
    order.chunk_by(alike).collect()
}
