//! Who connected where, in which order, and what the first AUTH of each connection led to.
//!
//! A client is an address with a library; a captured address may stand for several processes. What follows from the
//! order is for the reports to say: here are the numbers.

use super::event::{AuthResult, ClientConnection, ClientReport, FirstAuth, NextFate};
use crate::model::{ConnectionId, Endpoint, Timestamp};
use crate::redis::{Detail, Exchange, Fate, Pending};
use crate::rules::AuthOutcome;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Connections kept of one client, the earliest opened. How many there were is counted.
const PER_CLIENT: usize = 64;

/// The first AUTH of one connection, and the command behind it.
#[derive(Debug, Default)]
pub(super) struct FirstLogin {
    auth: Option<Waiting>,
    found: Option<FirstAuth>,
}

/// Numbers of the commands whose replies are waited for.
#[derive(Debug)]
struct Waiting {
    auth: u64,
    next: Option<u64>,
}

impl FirstLogin {
    pub(super) fn sent(&mut self, command: &Pending) {
        match (&mut self.auth, &mut self.found) {
            (None, None) if command.is_auth() => self.begin(command),
            (Some(waiting), Some(first)) if waiting.next.is_none() => {
                waiting.next = Some(command.index);
                first.gap_ns = Some(command.sent.since(first.sent));
            }
            _ => {}
        }
    }

    fn begin(&mut self, command: &Pending) {
        self.auth = Some(Waiting {
            auth: command.index,
            next: None,
        });
        self.found = Some(FirstAuth {
            at: command.at,
            sent: command.sent,
            hello: command.detail == Detail::HelloAuth,
            latency_ns: None,
            result: AuthResult::Unanswered,
            gap_ns: None,
            blind: false,
            next: NextFate::NotSent,
        });
    }

    pub(super) fn answered(&mut self, exchange: &Exchange<'_>) {
        let (Some(waiting), Some(first)) = (&self.auth, &mut self.found) else {
            return;
        };
        let index = exchange.command.index;
        if index == waiting.auth {
            first.latency_ns = Some(exchange.latency_ns());
            first.result = auth_result(exchange);
        } else if waiting.next == Some(index) {
            first.blind = exchange.command.suspect;
            first.next = match exchange.is_error() {
                true if exchange.reply.head.bytes.starts_with(b"NOAUTH") => NextFate::Refused,
                true => NextFate::Failed,
                false => NextFate::Served,
            };
        }
    }

    pub(super) fn unpaired(&mut self, fate: Fate, command: &Pending) {
        let (Some(waiting), Some(first)) = (&self.auth, &mut self.found) else {
            return;
        };
        if waiting.next == Some(command.index) {
            first.blind = command.suspect;
            first.next = match fate {
                Fate::Unanswered | Fate::Begun => NextFate::Unanswered,
                Fate::Silent | Fate::Undecided => NextFate::Undecided,
            };
        }
    }

    /// What there is to tell when the connection has ended.
    pub(super) fn told(&self) -> Option<FirstAuth> {
        self.found
    }
}

/// What the reply of an AUTH says.
pub(super) fn auth_result(exchange: &Exchange<'_>) -> AuthResult {
    match AuthOutcome::of(exchange) {
        AuthOutcome::Accepted => AuthResult::Ok,
        AuthOutcome::Refused => AuthResult::Refused,
        AuthOutcome::ServiceFailed | AuthOutcome::NotJudged | AuthOutcome::NotSeen => {
            AuthResult::Failed
        }
    }
}

/// All clients of a run.
#[derive(Debug)]
pub(super) struct Clients {
    /// Connections kept in all.
    limit: usize,
    rows: usize,
    dropped: u64,
    clients: BTreeMap<(IpAddr, Option<String>), Client>,
}

#[derive(Debug, Default)]
struct Client {
    connections: u64,
    order: BTreeMap<(Timestamp, ConnectionId), ClientConnection>,
}

impl Clients {
    pub(super) fn new(limit: usize) -> Clients {
        Clients {
            limit,
            rows: 0,
            dropped: 0,
            clients: BTreeMap::new(),
        }
    }

    /// A connection of this client has ended.
    pub(super) fn add(&mut self, client: Endpoint, library: Option<String>, one: ClientConnection) {
        let key = (client.addr, library);
        if self.rows >= self.limit && !self.clients.contains_key(&key) {
            self.dropped += 1;
            return;
        }
        let client = self.clients.entry(key).or_default();
        client.connections += 1;
        if client.order.len() < PER_CLIENT && self.rows >= self.limit {
            self.dropped += 1;
            return;
        }
        let place = (one.opened, one.connection);
        let last = client.order.last_key_value();
        if client.order.len() == PER_CLIENT && last.is_some_and(|(last, _)| *last < place) {
            return;
        }
        client.order.insert(place, one);
        self.rows += 1;
        if client.order.len() > PER_CLIENT {
            client.order.pop_last();
            self.rows -= 1;
        }
    }

    /// Connections that found no room beyond the limit of all clients.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Every client, by address. Connections that did not say their library belong to the only one of their address.
    pub(super) fn reports(&self) -> Vec<ClientReport> {
        let mut reports: Vec<ClientReport> = Vec::new();
        for ((addr, library), client) in &self.clients {
            let of_addr = self.clients.keys().filter(|(other, _)| other == addr);
            let named: Vec<&String> = of_addr
                .filter_map(|(_, library)| library.as_ref())
                .collect();
            let library = match (library, named.as_slice()) {
                (None, [only]) => Some((*only).clone()),
                (library, _) => library.clone(),
            };
            let known = reports
                .iter_mut()
                .find(|r| r.address == *addr && r.library == library);
            let order = client.order.values().copied();
            match known {
                Some(report) => {
                    report.connections += client.connections;
                    report.order.extend(order);
                    report.order.sort_by_key(|c| (c.opened, c.connection));
                    report.order.truncate(PER_CLIENT);
                }
                None => reports.push(ClientReport {
                    address: *addr,
                    library,
                    name: None,
                    connections: client.connections,
                    order: order.collect(),
                }),
            }
        }
        reports
    }
}
