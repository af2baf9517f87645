//! Where closed connections ended, so that a late segment does not open a new one.
//!
//! They lie in the order in which they closed, and the table of their names holds ordinals. So each is written once, where
//! it stays, and the table that grows is a small one. It holds a part of each hash as well: it grows, and passes by the
//! names of others, without looking at the connections, which are far away in memory. Their names come into the table
//! when somebody asks for one: where no segment comes late, and no connection is joined in its middle, nobody does.
//!
//! An *ordinal* says how many were remembered in front of one, and wraps around. A *place* is where it lies among those
//! that are still there, from the oldest on.

use super::closed::{Closed, Copied, Late};
use crate::model::{FlowKey, Side};
use crate::packet::Segment;
use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::iter::successors;

/// So many closed connections of the same ports are told apart.
pub(super) const SAME_PORTS: usize = 4;

/// The connections that closed last.
#[derive(Debug)]
pub(super) struct ClosedFlows {
    limit: usize,
    /// Oldest first.
    ends: VecDeque<Ended>,
    /// The ordinal of the oldest.
    pub(super) oldest: u32,
    /// The latest of each name, of those in front of `unnamed`.
    latest: HashTable<Latest>,
    /// The place of the first whose name is not in the table yet.
    unnamed: usize,
    hasher: DefaultHashBuilder,
    forgotten: u64,
    /// An input has been found to lag behind another one.
    lags: bool,
    /// Some of them were captured by another input than the first one.
    several_inputs: bool,
}

/// What the table of names holds.
#[derive(Clone, Copy, Debug)]
struct Latest {
    ordinal: u32,
    /// [`ClosedFlows::hash`] of the name.
    hash: u32,
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
            unnamed: 0,
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

    /// From now on the short ways are closed. With one input nothing else changes.
    #[cfg(test)]
    pub(super) fn take_no_short_way(&mut self) {
        self.lags = true;
    }

    /// So many are kept, and so many names lead to them.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize) {
        (self.ends.len(), self.latest.len())
    }

    /// Input `file` is the only one: what it shows can not have been shown by another.
    #[inline]
    pub(super) fn is_alone(&self, file: u16) -> bool {
        file == 0 && !self.several_inputs
    }

    /// A connection closed.
    pub(super) fn remember(&mut self, key: FlowKey, closed: Closed) {
        self.several_inputs |= !closed.is_of_first_input();
        self.ends.push_back(Ended {
            key,
            closed,
            back: 0,
            gone: false,
        });
        if self.ends.len() > self.limit {
            // Which of them was replaced is known when all have their names.
            self.name_all();
            while self.ends.len() > self.limit {
                self.forget_oldest();
            }
        }
    }

    /// Sees to it that all are found by their names.
    fn name_all(&mut self) {
        while self.unnamed < self.ends.len() {
            self.name(self.unnamed);
            self.unnamed += 1;
        }
    }

    /// The one at this place becomes the latest of its name.
    fn name(&mut self, at: usize) {
        let Some(key) = self.ends.get(at).map(|end| end.key) else {
            return;
        };
        // Truncation is the point: ordinals wrap around.
        let ordinal = self.oldest.wrapping_add(at as u32);
        let hash = self.hash(&key);
        let (ends, oldest) = (&self.ends, self.oldest);
        let same = |latest: &Latest| {
            latest.hash == hash
                && ends
                    .get(place(oldest, latest))
                    .is_some_and(|e| e.key == key)
        };
        match self.latest.entry(spread(hash), same, |l| spread(l.hash)) {
            Entry::Occupied(mut latest) => {
                let before = std::mem::replace(&mut latest.get_mut().ordinal, ordinal);
                if let Some(end) = self.ends.get_mut(at) {
                    end.back = ordinal.wrapping_sub(before);
                }
                self.drop_beyond(at);
            }
            Entry::Vacant(vacant) => {
                vacant.insert(Latest { ordinal, hash });
            }
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

    /// Half of a name's hash: as much as is kept.
    fn hash(&self, key: &FlowKey) -> u32 {
        (self.hasher.hash_one(key) >> 32) as u32
    }

    /// The place of the latest of that name.
    fn latest(&mut self, key: &FlowKey) -> Option<usize> {
        self.name_all();
        let hash = self.hash(key);
        let same = |latest: &Latest| {
            let end = (latest.hash == hash).then(|| self.ends.get(place(self.oldest, latest)));
            end.flatten().is_some_and(|end| end.key == *key)
        };
        let latest = self.latest.find(spread(hash), same)?;
        Some(place(self.oldest, latest))
    }

    /// Those of that name, latest first.
    pub(super) fn of_name(&mut self, key: &FlowKey) -> impl Iterator<Item = &Closed> {
        let latest = self.latest(key);
        let places = latest.into_iter().flat_map(|at| self.chain(at));
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
        let hash = spread(self.hash(key));
        let entry = self.latest.find_entry(hash, |l| place(oldest, l) == at);
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
        if self.is_alone(file) || !segment.flags.syn() && !self.lags {
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

    /// Wireshark's stream, in input `file`, of the connection that closed last under this name.
    pub(super) fn stream(&mut self, key: FlowKey, file: u16) -> Option<Option<u32>> {
        self.of_name(&key).next()?.stream(file)
    }

    /// A segment of a connection that is already closed, when nothing in it is new. New bytes behind an end are those of
    /// another connection: its handshake was not captured.
    pub(super) fn late(&mut self, key: FlowKey, side: Side, segment: &Segment<'_>) -> Option<Late> {
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
        self.unnamed -= 1;
    }
}

/// The place of the latest of a name, when `oldest` is the ordinal of place 0.
fn place(oldest: u32, latest: &Latest) -> usize {
    latest.ordinal.wrapping_sub(oldest) as usize
}

/// What a table places by, of the half of a hash that is kept: it looks at both ends of the number.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}
