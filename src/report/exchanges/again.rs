//! Commands that are told again, though what was told of them first is out of reach: the first telling stands, so that each
//! is there once.

use crate::analyzer::ExchangeLine;
use crate::model::ConnectionId;
use std::collections::BTreeSet;

/// Those that will be told again. A broken order takes back no more than a few hundred, once for each connection.
#[derive(Debug, Default)]
pub(super) struct Again(BTreeSet<(ConnectionId, u64)>);

impl Again {
    /// What was told of the command of this line stands.
    pub(super) fn stands(&mut self, line: &ExchangeLine) {
        self.0
            .extend(line.index.map(|index| (line.connection, index)));
    }

    /// The line tells again what stands.
    pub(super) fn is_told(&mut self, line: &ExchangeLine) -> bool {
        let index = line
            .index
            .filter(|_| !line.taken_back && !self.0.is_empty());
        index.is_some_and(|index| self.0.remove(&(line.connection, index)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::line;
    use super::*;

    #[test]
    fn what_stands_is_passed_over_once() {
        let mut again = Again::default();
        let mut told = line(Some(1), Some(2));
        told.index = Some(7);
        assert!(!again.is_told(&told));
        let back = ExchangeLine {
            taken_back: true,
            ..told.clone()
        };
        again.stands(&back);
        assert!(!again.is_told(&back));
        assert!(again.is_told(&told));
        assert!(!again.is_told(&told));
    }
}
