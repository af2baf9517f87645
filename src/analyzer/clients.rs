//! Who connected where, and in which order.
//!
//! A client is an address with a library and a name; a captured address may stand for several processes. What follows from the
//! order is for the reports to say: here are the numbers.

use super::event::{ClientConnection, ClientReport};
use crate::model::{ConnectionId, Timestamp};
use crate::redis::{Redactor, Tag};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Connections kept of one client, the earliest opened. How many there were is counted.
const PER_CLIENT: usize = 64;
/// So many names tell clients of one address apart.
const NAMES: usize = 8;

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
}

#[derive(Clone, Debug, Default)]
struct Client {
    connections: u64,
    /// Its connections, with the name that it gave each.
    order: BTreeMap<(Timestamp, ConnectionId), (Option<Tag>, ClientConnection)>,
    names: Names,
}

/// Names, and on how many connections each stands: up to [`NAMES`].
#[derive(Clone, Debug, Default)]
struct Names {
    counts: BTreeMap<Tag, u64>,
    too_many: bool,
}

impl Names {
    fn add(&mut self, name: Tag, connections: u64) {
        if self.too_many {
            return;
        }
        *self.counts.entry(name).or_default() += connections;
        if self.counts.len() > NAMES {
            self.counts.clear();
            self.too_many = true;
        }
    }

    /// They tell clients apart. Where each connection has its own name, they do not.
    fn differ(&self) -> bool {
        self.counts.len() > 1 && self.counts.values().any(|n| *n > 1)
    }

    /// The only one there is.
    fn only(&self) -> Option<Tag> {
        let first = self.counts.first_key_value();
        first
            .filter(|_| self.counts.len() == 1)
            .map(|(tag, _)| *tag)
    }
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

    /// A connection of this client, which gave it this name, has ended.
    pub(super) fn add(&mut self, who: Who, name: Option<Tag>, one: ClientConnection) {
        if self.rows >= self.limit && !self.clients.contains_key(&who) {
            self.dropped += 1;
            return;
        }
        let client = self.clients.entry(who).or_default();
        client.connections += 1;
        if let Some(name) = name {
            client.names.add(name, 1);
        }
        if client.order.len() < PER_CLIENT && self.rows >= self.limit {
            self.dropped += 1;
            return;
        }
        let place = (one.opened, one.connection);
        let last = client.order.last_key_value();
        if client.order.len() == PER_CLIENT && last.is_some_and(|(last, _)| *last < place) {
            return;
        }
        client.order.insert(place, (name, one));
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

    /// Every client, by address, library and the opening of its first connection. Connections that did not say their
    /// library belong to the only one of their address, and those without a name to the only name of theirs.
    pub(super) fn reports(&self, redactor: &mut Redactor) -> Vec<ClientReport> {
        let mut reports = Vec::new();
        for (who, client) in self.merged() {
            let first = reports.len();
            match client.names.differ() {
                true => client.split(&who, &mut reports),
                false => {
                    let order = client.order.values().map(|(_, one)| *one);
                    let name = client.names.only();
                    reports.push((name, report(&who, client.connections, order)));
                }
            }
            // Tags are keyed hashes, other ones in each run: nothing may stand in their order.
            let of_client = reports.get_mut(first..).unwrap_or_default();
            of_client.sort_by_key(|(_, r)| r.order.first().map(|c| (c.opened, c.connection)));
        }
        let named = reports.into_iter().map(|(name, report)| ClientReport {
            name: name.map(|name| redactor.render_tag("name", name)),
            ..report
        });
        named.collect()
    }

    /// Clients by address and library, those that did not say theirs with the only one of their address.
    fn merged(&self) -> BTreeMap<Who, Client> {
        let mut libraries: BTreeMap<IpAddr, BTreeSet<&String>> = BTreeMap::new();
        for who in self.clients.keys() {
            libraries.entry(who.addr).or_default().extend(&who.library);
        }
        let mut merged: BTreeMap<Who, Client> = BTreeMap::new();
        for (who, client) in &self.clients {
            let of_addr = libraries.get(&who.addr);
            let only = of_addr.filter(|l| l.len() == 1).and_then(|l| l.first());
            let library = who.library.as_ref().or(only.copied()).cloned();
            let addr = who.addr;
            let whole = merged.entry(Who { addr, library }).or_default();
            whole.take(client);
        }
        merged
    }
}

impl Client {
    fn take(&mut self, other: &Client) {
        self.connections += other.connections;
        self.order.extend(&other.order);
        while self.order.len() > PER_CLIENT {
            self.order.pop_last();
        }
        if other.names.too_many {
            self.names = other.names.clone();
        }
        for (name, connections) in &other.names.counts {
            self.names.add(*name, *connections);
        }
    }

    /// A client for each name, and one for the connections without.
    fn split(&self, who: &Who, reports: &mut Vec<(Option<Tag>, ClientReport)>) {
        let named: u64 = self.names.counts.values().sum();
        let counts = self.names.counts.iter().map(|(name, n)| (Some(*name), *n));
        let nameless = (None, self.connections.saturating_sub(named));
        for (name, connections) in counts.chain([nameless]).filter(|(_, n)| *n > 0) {
            let order = self.order.values().filter(|(given, _)| *given == name);
            let order = order.map(|(_, one)| *one);
            reports.push((name, report(who, connections, order)));
        }
    }
}

fn report(
    who: &Who,
    connections: u64,
    order: impl Iterator<Item = ClientConnection>,
) -> ClientReport {
    ClientReport {
        address: who.addr,
        library: who.library.clone(),
        name: None,
        connections,
        order: order.collect(),
    }
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
            };
            let name = name.map(|hash| Tag { hash, len: 4 });
            let one = ClientConnection {
                connection: ConnectionId(number),
                server: Endpoint { addr, port: 6379 },
                opened: Timestamp::from_nanos(i64::try_from(100 - number).unwrap()),
                auth: None,
            };
            clients.add(who, name, one);
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
            let reports = clients(&[(None, second), (None, None), (None, first), (None, first)]);
            let apart = [
                (None, Some("<name#1 4B>"), 2),
                (None, None, 1),
                (None, Some("<name#2 4B>"), 1),
            ];
            assert_eq!(told(&reports), apart);
        }
    }

    #[test]
    fn a_name_for_each_connection_is_no_name() {
        for connections in [2, 8, 9, 70] {
            let each: Vec<_> = (0..connections).map(|n| (None, Some(n))).collect();
            assert_eq!(told(&clients(&each)), [(None, None, connections)]);
        }
        // Too many names, though some stand on several connections.
        let many: Vec<_> = (0..18).map(|n| (None, Some(n / 2))).collect();
        assert_eq!(told(&clients(&many)), [(None, None, 18)]);
        assert_eq!(clients(&many[..16]).len(), 8);
    }
}
