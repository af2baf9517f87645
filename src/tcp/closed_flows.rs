//! Where closed connections ended, so that a late segment does not open a new one.
//!
//! They lie in the order in which they closed, and the table of their names holds numbers. So each is written once, where
//! it stays, and the table that grows is a small one.

use super::closed::{Closed, Copied, Late};
use crate::model::{FlowKey, Side};
use crate::packet::Segment;
use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::iter::successors;

/// So many closed connections of the same ports are told apart.
const SAME_PORTS: usize = 4;

/// The connections that closed last.
#[derive(Debug)]
pub(super) struct ClosedFlows {
    limit: usize,
    /// Oldest first.
    ends: VecDeque<Ended>,
    /// The number of the oldest: so many were let go of before it. Numbers wrap around.
    oldest: u32,
    /// The number of the latest of each pair of ports.
    latest: HashTable<u32>,
    hasher: DefaultHashBuilder,
    forgotten: u64,
    /// An input has been found to lag behind another one.
    lags: bool,
    /// Some of them were captured by another input than the first one.
    several_inputs: bool,
}

#[derive(Debug)]
struct Ended {
    key: FlowKey,
    closed: Closed,
    /// How far in front of it the one before it of the same ports lies; 0 if there is none.
    back: u32,
    /// Newer ones have replaced it, or it went on: nobody finds it.
    gone: bool,
}

impl ClosedFlows {
    /// Remembers up to `limit` connections.
    pub(super) fn new(limit: usize) -> ClosedFlows {
        ClosedFlows {
            limit,
            ends: VecDeque::new(),
            oldest: 0,
            latest: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            forgotten: 0,
            lags: false,
            several_inputs: false,
        }
    }

    /// How often `limit` made it forget one that no newer connection had replaced.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// An input lags behind another one: each of its segments may be a copy.
    #[inline]
    pub(super) fn lags(&self) -> bool {
        self.lags
    }

    /// A connection closed.
    pub(super) fn remember(&mut self, key: FlowKey, closed: Closed) {
        self.several_inputs |= !closed.is_of_first_input();
        // Truncation is the point: numbers wrap around.
        let number = self.oldest.wrapping_add(self.ends.len() as u32);
        let (ends, oldest, hasher) = (&self.ends, self.oldest, &self.hasher);
        let end = |number: &u32| ends.get(place(oldest, *number));
        let entry = self.latest.entry(
            hasher.hash_one(key),
            |number| end(number).is_some_and(|end| end.key == key),
            |number| end(number).map_or(0, |end| hasher.hash_one(end.key)),
        );
        let back = match entry {
            Entry::Occupied(mut latest) => {
                number.wrapping_sub(std::mem::replace(latest.get_mut(), number))
            }
            Entry::Vacant(vacant) => {
                vacant.insert(number);
                0
            }
        };
        self.ends.push_back(Ended {
            key,
            closed,
            back,
            gone: false,
        });
        if back > 0 {
            self.drop_beyond(self.ends.len() - 1);
        }
        while self.ends.len() > self.limit {
            self.forget_oldest();
        }
    }

    /// No more than a few of the same ports are kept.
    fn drop_beyond(&mut self, latest: usize) {
        let Some(last) = self.chain(latest).nth(SAME_PORTS - 1) else {
            return;
        };
        let beyond = self.chain(last).nth(1);
        if let Some(end) = self.ends.get_mut(last) {
            end.back = 0;
        }
        if let Some(end) = beyond.and_then(|at| self.ends.get_mut(at)) {
            end.gone = true;
        }
    }

    /// The places of those of the same ports, latest first.
    fn chain(&self, latest: usize) -> impl Iterator<Item = usize> {
        successors(Some(latest), |place| {
            let back = self.ends.get(*place)?.back as usize;
            // One that has been let go of lies in front of the first place.
            place.checked_sub(back).filter(|_| back > 0)
        })
    }

    /// Where the latest of that name lies.
    fn latest(&self, key: &FlowKey) -> Option<usize> {
        let place = |number: &u32| place(self.oldest, *number);
        let same = |number: &u32| {
            let end = self.ends.get(place(number));
            end.is_some_and(|end| end.key == *key)
        };
        self.latest.find(self.hasher.hash_one(key), same).map(place)
    }

    /// Those of that name, latest first.
    fn of_name(&self, key: &FlowKey) -> impl Iterator<Item = &Closed> {
        let places = self.latest(key).into_iter().flat_map(|at| self.chain(at));
        places.filter_map(|at| self.ends.get(at).map(|end| &end.closed))
    }

    /// The connection may go on after all.
    pub(super) fn forget(&mut self, key: &FlowKey) {
        let Some(latest) = self.latest(key) else {
            return;
        };
        let places: Vec<usize> = self.chain(latest).collect();
        for at in places {
            if let Some(end) = self.ends.get_mut(at) {
                end.gone = true;
            }
        }
        self.unname(key, latest);
    }

    /// Takes a name out of the table, if it leads to that place.
    fn unname(&mut self, key: &FlowKey, at: usize) {
        let oldest = self.oldest;
        let hash = self.hasher.hash_one(key);
        let entry = self.latest.find_entry(hash, |n| place(oldest, *n) == at);
        if let Ok(entry) = entry {
            entry.remove();
        }
    }

    /// The segment repeats, from the SYN on, what another input has shown of a closed connection. That both SYNs carry
    /// the same number within one input may be a coincidence, so there they are two connections.
    #[inline]
    pub(super) fn copied(
        &mut self,
        key: FlowKey,
        side: Side,
        segment: &Segment<'_>,
        file: u16,
    ) -> Option<Copied> {
        // What the first input shows can not have been shown by another one.
        let alone = file == 0 && !self.several_inputs;
        if alone || !segment.flags.syn() && !self.lags {
            return None;
        }
        self.copied_before(key, side, segment, file)
    }

    fn copied_before(
        &mut self,
        key: FlowKey,
        side: Side,
        segment: &Segment<'_>,
        file: u16,
    ) -> Option<Copied> {
        if !segment.flags.syn() {
            let of_copy = |c: &Closed| c.is_copied_by(file) && c.holds(side, segment.seq);
            return self.of_name(&key).any(of_copy).then_some(Copied::More);
        }
        let latest = self.latest(&key)?;
        let same = |at: &usize| {
            let end = self.ends.get(*at);
            end.is_some_and(|end| end.closed.begins_with(side, segment, file))
        };
        // The oldest.
        let at = self.chain(latest).filter(same).last()?;
        self.lags = true;
        let end = self.ends.get_mut(at)?;
        Some(end.closed.note_copy(file))
    }

    /// Wireshark's number, in input `file`, of the connection that closed last under this name.
    pub(super) fn number(&self, key: FlowKey, file: u16) -> Option<Option<u32>> {
        self.of_name(&key).next()?.number(file)
    }

    /// A segment of a connection that is already closed, when nothing in it is new. New bytes behind an end are those of
    /// another connection: its handshake was not captured.
    pub(super) fn late(&self, key: FlowKey, side: Side, segment: &Segment<'_>) -> Option<Late> {
        if segment.flags.syn() {
            return None;
        }
        self.of_name(&key)
            .find_map(|closed| closed.late(side, segment))
    }

    fn forget_oldest(&mut self) {
        let Some(Ended { key, gone, .. }) = self.ends.front() else {
            return;
        };
        let (key, gone) = (*key, *gone);
        if !gone {
            self.forgotten += 1;
            self.unname(&key, 0);
        }
        self.ends.pop_front();
        self.oldest = self.oldest.wrapping_add(1);
    }
}

/// Where the one with that number lies.
fn place(oldest: u32, number: u32) -> usize {
    number.wrapping_sub(oldest) as usize
}
