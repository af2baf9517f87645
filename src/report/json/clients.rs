//! `clients[]`: who connected where, in which order.

use crate::analyzer::{ClientConnection, ClientReport};
use crate::report::answer::Answer;
use crate::report::order::Order;
use crate::report::rfc3339;
use serde::Serialize;
use std::collections::BTreeMap;

/// Clients listed; those with refused commands come first.
const CLIENTS: usize = 1_000;

/// One client as published.
#[derive(Serialize)]
pub(super) struct Client<'a> {
    address: String,
    library: Option<&'a str>,
    name: Option<&'a str>,
    connections: u64,
    order: Vec<Connection>,
    explanation: Option<String>,
    workarounds: BTreeMap<&'static str, &'a str>,
}

#[derive(Serialize)]
struct Connection {
    connection: u64,
    server: String,
    opened: String,
    gap_ns: Option<i64>,
    auth_latency_ns: Option<i64>,
    outcome: &'static str,
}

impl<'a> Client<'a> {
    /// Clients that sent AUTH first, then the others.
    pub(super) fn all(answer: &'a Answer<'a>) -> Vec<Self> {
        let told = answer.orders.iter().map(|o| (o.client, Some(o)));
        let is_told = |c: &ClientReport| answer.orders.iter().any(|o| std::ptr::eq(o.client, c));
        let others = answer.summary.clients.iter();
        let others = others.filter(|c| !is_told(c)).map(|c| (c, None));
        told.chain(others)
            .take(CLIENTS)
            .map(|(client, order)| Client::new(client, order))
            .collect()
    }

    fn new(c: &'a ClientReport, order: Option<&'a Order<'a>>) -> Self {
        Client {
            address: c.address.to_string(),
            library: c.library.as_deref(),
            name: c.name.as_deref(),
            connections: c.connections,
            order: c.order.iter().map(Connection::new).collect(),
            explanation: order.map(|o| o.explanation.join(" ")),
            workarounds: order
                .into_iter()
                .flat_map(|o| {
                    o.workarounds
                        .iter()
                        .map(|(name, said)| (*name, said.as_str()))
                })
                .collect(),
        }
    }
}

impl Connection {
    fn new(c: &ClientConnection) -> Self {
        Connection {
            connection: c.connection.0,
            server: c.server.to_string(),
            opened: rfc3339(c.opened),
            gap_ns: c.auth.and_then(|a| a.gap_ns),
            auth_latency_ns: c.auth.and_then(|a| a.latency_ns),
            outcome: c.outcome(),
        }
    }
}
