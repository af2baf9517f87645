//! How many Redis connections there were of each client with each server.
//!
//! Short connections that end one after the other are mostly of the same two: those are counted without being looked up.

use super::event::Load;
use crate::model::Endpoint;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A client and a server.
pub(super) type Pair = (IpAddr, Endpoint);

/// Connections by client and server.
#[derive(Clone, Debug, Default)]
pub(super) struct Loads {
    counts: BTreeMap<Pair, u64>,
    /// The pair of the latest connection, and how many of it are not counted above.
    latest: Option<(Pair, u64)>,
}

impl Loads {
    /// Counts one more, if the one before was of the same pair.
    pub(super) fn add_again(&mut self, pair: &Pair) -> bool {
        match &mut self.latest {
            Some((latest, more)) if latest == pair => {
                *more += 1;
                true
            }
            _ => false,
        }
    }

    /// Counts one more. `false`: there are `limit` others.
    pub(super) fn add(&mut self, pair: Pair, limit: usize) -> bool {
        self.count_latest();
        if let Some(count) = self.counts.get_mut(&pair) {
            *count += 1;
        } else if self.counts.len() < limit {
            self.counts.insert(pair, 1);
        } else {
            return false;
        }
        true
    }

    /// What comes next may be of the same pair.
    pub(super) fn expect_again(&mut self, pair: Pair) {
        self.latest = Some((pair, 0));
    }

    fn count_latest(&mut self) {
        if let Some((pair, more)) = self.latest.take()
            && let Some(count) = self.counts.get_mut(&pair)
        {
            *count += more;
        }
    }

    /// All of them, by client and server.
    pub(super) fn told(&self) -> Vec<Load> {
        let more = |pair: &Pair| match &self.latest {
            Some((latest, more)) if latest == pair => *more,
            _ => 0,
        };
        let load = |(pair, count): (&Pair, &u64)| Load {
            client: pair.0,
            server: pair.1,
            connections: *count + more(pair),
        };
        self.counts.iter().map(load).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn each_pair_is_counted_whichever_came_before() {
        let pair = |client: u8| {
            let addr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, client));
            (addr, Endpoint { addr, port: 6379 })
        };
        let mut loads = Loads::default();
        for client in [1, 1, 1, 2, 1, 2, 2, 3, 3, 1, 2, 2] {
            let pair = pair(client);
            if !loads.add_again(&pair) && loads.add(pair, 2) {
                loads.expect_again(pair);
            }
        }
        let told = loads.told();
        let counts: Vec<_> = told.iter().map(|l| (l.client, l.connections)).collect();
        assert_eq!(counts, [(pair(1).0, 5), (pair(2).0, 5)]);
    }
}
