//! Latencies of one connection on their way to those of its server.
//!
//! What answers a flight of commands comes in one packet: equal latencies stand one behind the other, and are counted.

use crate::legs::Latency;
use smallvec::SmallVec;

/// Latencies in the order they came, ns, each so many times.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    runs: SmallVec<[(i64, u32); 1]>,
    count: u32,
}

impl Gathered {
    /// Adds one. `perhaps_again`: the one before may be equal. Otherwise it is not looked at, so that nobody waits for its memory.
    #[inline]
    pub(super) fn add(&mut self, ns: i64, perhaps_again: bool) {
        self.count += 1;
        let last = if perhaps_again {
            self.runs.last_mut()
        } else {
            None
        };
        match last {
            Some((last, times)) if *last == ns => *times += 1,
            _ => self.runs.push((ns, 1)),
        }
    }

    /// So many are there.
    #[inline]
    pub(super) fn count(&self) -> usize {
        self.count as usize
    }

    /// Adds all to `latency`, where there is one, and forgets them.
    pub(super) fn hand_over(&mut self, latency: Option<&mut Latency>) {
        if let Some(latency) = latency {
            for (ns, times) in &self.runs {
                latency.record_times(*ns, *times);
            }
        }
        self.runs.clear();
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_arrive_as_if_one_by_one() {
        let (mut gathered, mut told, mut one_by_one) =
            (Gathered::default(), Latency::default(), Latency::default());
        for i in 0..400i64 {
            let ns = (i / 7) * 1_003 % 5_000 - 50;
            gathered.add(ns, i % 3 > 0);
            one_by_one.record(ns);
            if i % 64 == 63 {
                assert_eq!(gathered.count(), 64);
                gathered.hand_over(Some(&mut told));
            }
        }
        gathered.hand_over(Some(&mut told));
        assert_eq!(format!("{told:?}"), format!("{one_by_one:?}"));
        gathered.add(1, true);
        gathered.hand_over(None);
        assert_eq!((gathered.count(), told.count()), (0, 400));
    }
}
