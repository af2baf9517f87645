//! Times in which a server ends connections because somebody asked it to: CLIENT KILL, SHUTDOWN, a change of users.

use crate::model::{ConnectionId, Timestamp};

/// So many orders that are not answered yet are remembered of one server; the oldest goes first.
const KEPT: usize = 8;
/// A busy server, or one that writes its data before it ends, takes so long at most, ns.
const OPEN_NS: i64 = 60_000_000_000;
/// What an answered order asked for is done within this time, ns.
const DONE_NS: i64 = 1_000_000_000;

/// The orders to one server.
#[derive(Clone, Debug, Default)]
pub struct Dismissals {
    /// Not answered yet: by which command, and when it was sent.
    open: Vec<((ConnectionId, u64), Timestamp)>,
    /// From when to when the latest that was carried out explains an end.
    done: Option<(Timestamp, Timestamp)>,
}

impl Dismissals {
    /// The command `by` asks the server to end connections.
    pub fn asked(&mut self, by: (ConnectionId, u64), sent: Timestamp) {
        if self.open.len() >= KEPT {
            self.open.remove(0);
        }
        self.open.push((by, sent));
    }

    /// It was answered. `refused`: nothing was ended.
    pub fn answered(&mut self, by: (ConnectionId, u64), at: Timestamp, refused: bool) {
        let Some(place) = self.open.iter().position(|(order, _)| *order == by) else {
            return;
        };
        let (_, sent) = self.open.remove(place);
        if !refused {
            let until = at.plus(DONE_NS);
            let earlier = self.done.filter(|(_, until)| *until >= sent);
            self.done = Some(earlier.map_or((sent, until), |(from, old)| (from, old.max(until))));
        }
    }

    /// Somebody may have asked for an end at this time.
    pub fn explain(&self, time: Timestamp) -> bool {
        let done = self.done.iter().copied();
        let open = self
            .open
            .iter()
            .map(|(_, sent)| (*sent, sent.plus(OPEN_NS)));
        done.chain(open)
            .any(|(from, until)| (from..=until).contains(&time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_nanos(seconds * S)
    }

    #[test]
    fn an_order_explains_ends_until_it_is_carried_out() {
        let order = |n| (ConnectionId(1), n);
        let mut all = Dismissals::default();
        all.asked(order(1), at(10));
        assert!(!all.explain(at(9)));
        assert!(all.explain(at(40)));
        assert!(!all.explain(at(71)));
        // A busy server answers late, and ends what it was asked to end then.
        all.answered(order(1), at(30), false);
        assert!(all.explain(at(20)));
        assert!(all.explain(at(31)));
        assert!(!all.explain(at(32)));
        // What was refused explains nothing.
        all.asked(order(2), at(50));
        all.answered(order(2), at(51), true);
        assert!(!all.explain(at(51)));
        // Nor do more orders than are kept take more room.
        for n in 0..20 {
            all.asked(order(n), at(60));
        }
        assert_eq!(all.open.len(), KEPT);
    }
}
