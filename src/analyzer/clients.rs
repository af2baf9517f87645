//! Who connected where, in which order, and what the first AUTH of each connection led to.
//!
//! A client is an address with a library and a name; a captured address may stand for several processes. What follows from the
//! order is for the reports to say: here are the numbers.

use super::event::{AuthResult, ClientConnection, ClientReport, FirstAuth, NextFate};
use crate::model::{ConnectionId, Timestamp};
use crate::redis::{Detail, Exchange, Fate, Pending, Redactor, Tag};
use crate::rules::AuthOutcome;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Connections kept of one client, the earliest opened. How many there were is counted.
const PER_CLIENT: usize = 64;
/// So many names tell clients of one address apart.
const NAMES: usize = 8;

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
    clients: BTreeMap<Who, Client>,
}

/// Who a client is, as far as a connection tells.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Who {
    pub addr: IpAddr,
    pub library: Option<String>,
    /// The name that it gave the connection.
    pub name: Option<Tag>,
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
    pub(super) fn add(&mut self, who: Who, one: ClientConnection) {
        if self.rows >= self.limit && !self.clients.contains_key(&who) {
            self.dropped += 1;
            return;
        }
        let client = self.clients.entry(who).or_default();
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

    /// Every client, by address, library and the opening of its first connection. What a connection did not say of
    /// itself, library or name, is taken from the only other one of its address (and library) that said it.
    pub(super) fn reports(&self, redactor: &mut Redactor) -> Vec<ClientReport> {
        let all: Vec<(&Who, &Client)> = self.clients.iter().collect();
        let mut merged: BTreeMap<Who, (u64, Vec<ClientConnection>)> = BTreeMap::new();
        for of_addr in all.chunk_by(|(a, _), (b, _)| a.addr == b.addr) {
            let whole = completed(of_addr.iter().map(|(who, _)| *who));
            for (who, (_, client)) in whole.into_iter().zip(of_addr) {
                let (connections, order) = merged.entry(who).or_default();
                *connections += client.connections;
                order.extend(client.order.values().copied());
            }
        }
        let mut merged: Vec<(Who, (u64, Vec<ClientConnection>))> = merged.into_iter().collect();
        for (_, (_, order)) in &mut merged {
            order.sort_by_key(|c| (c.opened, c.connection));
            order.truncate(PER_CLIENT);
        }
        // Tags are keyed hashes, other ones in each run: nothing may stand in their order.
        merged.sort_by_cached_key(|(who, (_, order))| {
            let first = order.first().map(|c| (c.opened, c.connection));
            (who.addr, who.library.clone(), first)
        });
        let report = |(who, (connections, order)): (Who, _)| ClientReport {
            address: who.addr,
            library: who.library,
            name: who.name.map(|name| redactor.render_tag("name", name)),
            connections,
            order,
        };
        merged.into_iter().map(report).collect()
    }
}

/// Who they are, all of one address, with what the others say. Where there are many names, each connection has its own:
/// then they tell no clients apart.
fn completed<'w>(of_addr: impl Iterator<Item = &'w Who> + Clone) -> Vec<Who> {
    let libraries: BTreeSet<&String> = of_addr.clone().filter_map(|w| w.library.as_ref()).collect();
    let only = libraries.first().filter(|_| libraries.len() == 1);
    let mut all: Vec<Who> = of_addr.cloned().collect();
    let mut names: BTreeMap<Option<String>, BTreeSet<Tag>> = BTreeMap::new();
    for who in &mut all {
        who.library = who.library.take().or_else(|| only.map(|l| (*l).clone()));
        let said = names.entry(who.library.clone()).or_default();
        said.extend(who.name);
    }
    for who in &mut all {
        let said = names.get(&who.library);
        who.name = match (who.name, said.map_or(0, BTreeSet::len)) {
            (None, 1) => said.and_then(BTreeSet::first).copied(),
            (name, 0..=NAMES) => name,
            _ => None,
        };
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Endpoint;
    use crate::redis::Show;
    use crate::resp::PrintKey;

    /// Clients of one address: library and name of each connection, a letter each.
    fn clients(connections: &[(Option<&str>, Option<u64>)]) -> Vec<ClientReport> {
        let mut clients = Clients::new(1_000);
        for (number, (library, name)) in (0..).zip(connections) {
            let addr = IpAddr::from([10, 0, 0, 1]);
            let who = Who {
                addr,
                library: library.map(str::to_owned),
                name: name.map(|hash| Tag { hash, len: 4 }),
            };
            let one = ClientConnection {
                connection: ConnectionId(number),
                server: Endpoint { addr, port: 6379 },
                opened: Timestamp::from_nanos(i64::try_from(100 - number).unwrap()),
                auth: None,
            };
            clients.add(who, one);
        }
        let mut redactor = Redactor::new(Show::Tags, false, 100, PrintKey::default());
        clients.reports(&mut redactor)
    }

    fn told(reports: &[ClientReport]) -> Vec<(Option<&str>, Option<&str>, u64)> {
        let mut told = Vec::new();
        for r in reports {
            told.push((r.library.as_deref(), r.name.as_deref(), r.connections));
        }
        told
    }

    #[test]
    fn what_one_connection_says_holds_for_those_that_say_nothing() {
        let reports = clients(&[(None, None), (Some("a"), None), (Some("a"), Some(7))]);
        assert_eq!(told(&reports), [(Some("a"), Some("<name#1 4B>"), 3)]);
        assert!(reports[0].order.is_sorted_by_key(|c| c.opened));
        let reports = clients(&[(None, None), (Some("a"), None), (Some("b"), Some(7))]);
        let apart = [
            (None, None, 1),
            (Some("a"), None, 1),
            (Some("b"), Some("<name#1 4B>"), 1),
        ];
        assert_eq!(told(&reports), apart);
    }

    #[test]
    fn two_names_are_two_clients_in_the_order_of_opening() {
        // Later numbers are opened earlier; hashes say nothing of the order.
        for (first, second) in [(7, 8), (8, 7)] {
            let (first, second) = (Some(first), Some(second));
            let reports = clients(&[(None, second), (None, None), (None, first)]);
            let apart = [
                (None, Some("<name#1 4B>"), 1),
                (None, None, 1),
                (None, Some("<name#2 4B>"), 1),
            ];
            assert_eq!(told(&reports), apart);
        }
    }

    #[test]
    fn a_name_for_each_connection_is_no_name() {
        let many: Vec<_> = (0..9).map(|n| (None, Some(n))).collect();
        assert_eq!(told(&clients(&many)), [(None, None, 9)]);
        assert_eq!(clients(&many[..8]).len(), 8);
    }
}
