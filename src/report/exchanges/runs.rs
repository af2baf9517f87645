//! Values in the order of their places, put in nearly that order: the replies of one connection come in the order of its
//! commands, and those of many connections a few at a time. So there are a few ascending runs, and putting a value behind one
//! of them costs next to nothing. A tree that holds each value by itself costs a tenth of a row, and takes those for which there
//! are too many runs.

use std::collections::{BTreeMap, VecDeque};

/// So many runs at most, beside the two that are put to.
const RUNS: usize = 64;

type Run<P, T> = VecDeque<(P, T)>;

/// Values by their places. No two have the same place.
#[derive(Debug)]
pub(super) struct Runs<P, T> {
    /// Those that came in order.
    in_order: Run<P, T>,
    /// The latest run of those that belong in front of one that was there before.
    late: Run<P, T>,
    /// Earlier ones, by their first places.
    more: BTreeMap<P, Run<P, T>>,
    /// What is in none of them.
    alone: BTreeMap<P, T>,
    len: usize,
}

/// Where the first value is.
enum First {
    InOrder,
    Late,
    More,
    Alone,
}

impl<P: Ord + Copy, T> Runs<P, T> {
    pub(super) fn new() -> Runs<P, T> {
        Runs {
            in_order: VecDeque::new(),
            late: VecDeque::new(),
            more: BTreeMap::new(),
            alone: BTreeMap::new(),
            len: 0,
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Puts a value in its place.
    #[inline]
    pub(super) fn put(&mut self, place: P, what: T) {
        let behind = |run: &Run<P, T>| run.back().is_none_or(|(last, _)| *last < place);
        self.len += 1;
        if behind(&self.in_order) {
            self.in_order.push_back((place, what));
        } else if behind(&self.late) {
            self.late.push_back((place, what));
        } else if self.more.len() >= RUNS {
            self.alone.insert(place, what);
        } else {
            let new = VecDeque::from([(place, what)]);
            let before = std::mem::replace(&mut self.late, new);
            self.keep(before);
        }
    }

    fn keep(&mut self, run: Run<P, T>) {
        if let Some((first, _)) = run.front() {
            self.more.insert(*first, run);
        }
    }

    /// Takes the first value, if its place may leave.
    #[inline]
    pub(super) fn pop_if(&mut self, leaves: impl FnOnce(&P) -> bool) -> Option<T> {
        let in_order = self.late.is_empty() && self.more.is_empty() && self.alone.is_empty();
        let (first, place) = match in_order {
            true => (First::InOrder, &self.in_order.front()?.0),
            false => self.first()?,
        };
        if !leaves(place) {
            return None;
        }
        self.len -= 1;
        let value = match first {
            First::InOrder => self.in_order.pop_front(),
            First::Late => self.late.pop_front(),
            First::More => {
                let (_, mut run) = self.more.pop_first()?;
                let value = run.pop_front();
                self.keep(run);
                value
            }
            First::Alone => self.alone.pop_first(),
        };
        value.map(|(_, what)| what)
    }

    fn first(&self) -> Option<(First, &P)> {
        fn front<P, T>(run: &Run<P, T>) -> Option<&P> {
            run.front().map(|(place, _)| place)
        }
        let places = [
            (First::InOrder, front(&self.in_order)),
            (First::Late, front(&self.late)),
            (First::More, self.more.keys().next()),
            (First::Alone, self.alone.keys().next()),
        ];
        let there = places
            .into_iter()
            .filter_map(|(first, place)| Some((first, place?)));
        there.min_by_key(|(_, place)| *place)
    }

    /// The last value between two places.
    pub(super) fn last_between(&mut self, after: P, before: P) -> Option<&mut T> {
        let runs = [&mut self.in_order, &mut self.late];
        let runs = runs.into_iter().chain(self.more.values_mut());
        let last = runs.filter_map(|run| {
            let behind = run.partition_point(|(place, _)| *place < before);
            let (place, what) = run.get_mut(behind.checked_sub(1)?)?;
            (*place > after).then_some((*place, what))
        });
        let alone = self.alone.range_mut(after..before).next_back();
        let alone = alone.filter(|(place, _)| **place > after);
        let last = last.chain(alone.map(|(place, what)| (*place, what)));
        last.max_by_key(|(place, _)| *place).map(|(_, what)| what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn are_like_a_tree(steps in prop::collection::vec((0..5u8, 0..200u32, 0..30u32), 0..300)) {
            let mut runs = Runs::new();
            let mut tree = BTreeMap::new();
            for (n, (what, around, step)) in (0u32..).zip(steps) {
                match what {
                    // A few in a row, as the replies of a connection come.
                    0 | 1 => (0..step % 9).for_each(|i| {
                        let place = (n * what as u32 + around + i, n * 100 + i);
                        runs.put(place, place);
                        tree.insert(place, place);
                    }),
                    // Each in front of the one before: more runs than are kept.
                    4 => (0..step * 3).rev().for_each(|i| {
                        let place = (around + i, n * 100 + i);
                        runs.put(place, place);
                        tree.insert(place, place);
                    }),
                    2 => (0..step).for_each(|_| {
                        assert_eq!(runs.pop_if(|_| false), None);
                        let first = tree.pop_first();
                        let value = runs.pop_if(|place| Some(*place) == first.map(|(place, _)| place));
                        assert_eq!(value, first.map(|(_, value)| value));
                    }),
                    _ => {
                        let (after, before) = ((around, 0), (around + step, 0));
                        let want = tree.range_mut(after..before).next_back();
                        let want = want.filter(|(place, _)| **place > after);
                        prop_assert_eq!(runs.last_between(after, before), want.map(|(_, value)| value));
                    }
                }
                prop_assert_eq!(runs.len(), tree.len());
                prop_assert!(runs.more.len() <= RUNS);
            }
            while let Some(value) = runs.pop_if(|_| true) {
                prop_assert_eq!(Some(value), tree.pop_first().map(|(_, value)| value));
            }
            prop_assert!(tree.is_empty());
        }
    }
}
