//! The ordinals of tags: the number of each print in the order they were met.
//!
//! A table of commands asks for two of them in a row, of keys that are spread over all there are: what costs is waiting for
//! memory. So a print and its number lie side by side in twelve bytes, and a print is looked for where it says itself: it
//! is a keyed hash already, see [`crate::resp::PrintKey`]. A common table looks at two places, a third larger.

/// Slots of the first table. A power of two.
const SLOTS: usize = 64;

/// A print and its number; 0 = empty.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// The print, in halves: so a slot takes no more than it needs.
    low: u32,
    high: u32,
    number: u32,
}

impl Slot {
    fn new(print: u64, number: u32) -> Slot {
        Slot {
            low: print as u32,
            high: (print >> 32) as u32,
            number,
        }
    }

    fn print(&self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

/// Numbers of prints, from 1 on.
#[derive(Debug, Default)]
pub(super) struct Ordinals {
    /// As many as a power of two, or none yet. At most four of five are taken.
    slots: Vec<Slot>,
    count: u32,
}

impl Ordinals {
    /// The number of `print`, the next one if it is new. `None` where it is new, and `limit` have been given out.
    #[inline]
    pub(super) fn of(&mut self, print: u64, limit: usize) -> Option<u32> {
        match self.find(print) {
            Ok(number) => Some(number),
            Err(_) if self.count as usize >= limit || self.count == u32::MAX => None,
            Err(free) => Some(self.add(print, free)),
        }
    }

    /// The number of `print`, or the slot where it belongs.
    #[inline]
    fn find(&self, print: u64) -> Result<u32, usize> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = print as usize & mask;
        while let Some(slot) = self.slots.get(at) {
            if slot.number == 0 {
                return Err(at);
            }
            if slot.print() == print {
                return Ok(slot.number);
            }
            at = (at + 1) & mask;
        }
        // No table yet.
        Err(0)
    }

    #[cold]
    fn add(&mut self, print: u64, free: usize) -> u32 {
        self.count += 1;
        let new = Slot::new(print, self.count);
        if self.count as usize * 5 > self.slots.len() * 4 {
            self.grow();
            self.put(new);
        } else if let Some(slot) = self.slots.get_mut(free) {
            *slot = new;
        }
        self.count
    }

    fn grow(&mut self) {
        let room = (self.slots.len() * 2).max(SLOTS);
        let before = std::mem::replace(&mut self.slots, vec![Slot::default(); room]);
        for slot in before.into_iter().filter(|slot| slot.number > 0) {
            self.put(slot);
        }
    }

    /// Puts a slot that is not there into one that is free.
    fn put(&mut self, new: Slot) {
        if let Err(free) = self.find(new.print())
            && let Some(slot) = self.slots.get_mut(free)
        {
            *slot = new;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        /// Also prints that all belong in one place: it is only slower.
        #[test]
        fn each_print_keeps_its_number(
            prints in prop::collection::vec(prop_oneof![0..40u64, any::<u64>().prop_map(|n| n << 20), any::<u64>()], 0..600),
            limit in 0..400usize,
        ) {
            let mut ordinals = Ordinals::default();
            let mut known = HashMap::new();
            for print in prints {
                let next = known.len() as u32 + 1;
                let want = match known.get(&print) {
                    Some(number) => Some(*number),
                    None if known.len() < limit => {
                        known.insert(print, next);
                        Some(next)
                    }
                    None => None,
                };
                prop_assert_eq!(ordinals.of(print, limit), want);
            }
            prop_assert!(known.len() * 5 <= ordinals.slots.len() * 4);
        }
    }
}
