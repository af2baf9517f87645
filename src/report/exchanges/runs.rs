//! Values in the order of their places, put in nearly that order: the replies of one connection come in the order of its
//! commands, and those of many connections a few at a time. So there are a few ascending runs, and putting a value behind one
//! of them costs next to nothing. A tree that holds each value by itself costs a tenth of a row.

use std::collections::{BTreeMap, VecDeque};

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
    len: usize,
}

/// Which run the first value is in.
enum First {
    InOrder,
    Late,
    More,
}

impl<P: Ord + Copy, T> Runs<P, T> {
    pub(super) fn new() -> Runs<P, T> {
        Runs {
            in_order: VecDeque::new(),
            late: VecDeque::new(),
            more: BTreeMap::new(),
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
        let alone = self.late.is_empty() && self.more.is_empty();
        let first = if alone { First::InOrder } else { self.first() };
        let place = match first {
            First::InOrder => self.in_order.front().map(|(place, _)| place),
            First::Late => self.late.front().map(|(place, _)| place),
            First::More => self.more.first_key_value().map(|(place, _)| place),
        };
        if !place.is_some_and(leaves) {
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
        };
        value.map(|(_, what)| what)
    }

    fn first(&self) -> First {
        let in_front = |one: &P, run: &Run<P, T>| run.front().is_none_or(|(other, _)| one < other);
        let late = self.late.front().map(|(place, _)| place);
        let late = late.filter(|late| in_front(late, &self.in_order));
        match (late, self.more.first_key_value()) {
            (Some(late), Some((more, _))) if more < late => First::More,
            (Some(_), _) => First::Late,
            (None, Some((more, _))) if in_front(more, &self.in_order) => First::More,
            (None, _) => First::InOrder,
        }
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
        last.max_by_key(|(place, _)| *place).map(|(_, what)| what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn are_like_a_tree(steps in prop::collection::vec((0..4u8, 0..200u32, 0..30u32), 0..300)) {
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
                    2 => (0..step).for_each(|_| {
                        assert_eq!(runs.pop_if(|_| false), None);
                        let first = tree.pop_first();
                        let value = runs.pop_if(|place| Some(*place) == first.map(|(place, _)| place));
                        assert_eq!(value, first.map(|(_, value)| value));
                    }),
                    _ => {
                        let (after, before) = ((around, 0), (around + step, 0));
                        let want = tree.range_mut(after..before).next_back();
                        prop_assert_eq!(runs.last_between(after, before), want.map(|(_, value)| value));
                    }
                }
                prop_assert_eq!(runs.len(), tree.len());
            }
            while let Some(value) = runs.pop_if(|_| true) {
                prop_assert_eq!(Some(value), tree.pop_first().map(|(_, value)| value));
            }
            prop_assert!(tree.is_empty());
        }
    }
}
