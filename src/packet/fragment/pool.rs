//! All packets whose fragments are being collected, within limits.

use super::held::{Held, Refusal, State};
use super::{Fragment, Rebuilt};
use crate::model::Timestamp;
use crate::packet::SkipReason;
use crate::packet::ip::IpHead;
use crate::packet::limits::{DecodeLimits, Limit, LimitHits};
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use std::collections::VecDeque;
use std::net::IpAddr;

/// What fragments of one packet have in common. In IPv6 the protocol is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    src: IpAddr,
    dst: IpAddr,
    id: u32,
    protocol: Option<u8>,
}

/// Collects fragments.
#[derive(Debug, Default)]
pub(in crate::packet) struct FragmentPool {
    held: HashMap<Key, Held>,
    /// One entry for each in `held`, the oldest first, with the time it had then: a number that is used again for a new
    /// packet makes the entry younger than its place here says.
    ages: VecDeque<(Timestamp, Key)>,
    /// Sum of all weights.
    bytes: usize,
    /// How many are in the state `Waiting`.
    waiting: usize,
}

impl FragmentPool {
    /// Packets that wait for fragments.
    pub(in crate::packet) fn incomplete(&self) -> usize {
        self.waiting
    }

    /// Adds a fragment: the packet that it completes, or what became of the fragment.
    pub(in crate::packet) fn add(
        &mut self,
        ip: &IpHead,
        fragment: Fragment<'_>,
        now: Timestamp,
        limits: &DecodeLimits,
        hits: &mut LimitHits,
    ) -> Result<Rebuilt, SkipReason> {
        self.expire(now, limits.fragment_age_ns, hits);
        let key = Key {
            src: ip.src,
            dst: ip.dst,
            id: fragment.place.id,
            protocol: (!ip.is_v6()).then_some(fragment.protocol),
        };
        let outcome = self.collect(key, &fragment, now, limits, hits);
        self.shrink(limits, hits);
        outcome
    }

    fn collect(
        &mut self,
        key: Key,
        fragment: &Fragment<'_>,
        now: Timestamp,
        limits: &DecodeLimits,
        hits: &mut LimitHits,
    ) -> Result<Rebuilt, SkipReason> {
        let (held, before) = match self.held.entry(key) {
            Entry::Occupied(entry) => {
                let held = entry.into_mut();
                let before = held.weight();
                match held.state {
                    State::Dropped => return Err(SkipReason::FragmentDropped),
                    State::Done if held.has_seen(fragment) => return Err(SkipReason::Fragment),
                    State::Done => {
                        *held = Held::new(now);
                        self.waiting += 1;
                    }
                    State::Waiting => {}
                }
                (held, before)
            }
            Entry::Vacant(entry) => {
                self.ages.push_back((now, key));
                self.waiting += 1;
                (entry.insert(Held::new(now)), 0)
            }
        };
        let outcome = held.add(fragment, limits.fragment_stretches);
        if let Err(refusal) = outcome {
            held.give_up();
            if refusal == Refusal::TooManyStretches {
                hits.count(Limit::FragmentStretches);
            }
        }
        if held.state != State::Waiting {
            self.waiting = self.waiting.saturating_sub(1);
        }
        self.bytes = self
            .bytes
            .saturating_sub(before)
            .saturating_add(held.weight());
        match outcome {
            Ok(Some(rebuilt)) => Ok(rebuilt),
            Ok(None) => Err(SkipReason::Fragment),
            Err(_) => Err(SkipReason::FragmentDropped),
        }
    }

    /// Forgets what is too old.
    fn expire(&mut self, now: Timestamp, max_age: i64, hits: &mut LimitHits) {
        while let Some((since, _)) = self.ages.front()
            && now.since(*since) > max_age
        {
            self.forget_oldest(Limit::FragmentAge, hits);
        }
    }

    /// Forgets the oldest until the limits hold.
    fn shrink(&mut self, limits: &DecodeLimits, hits: &mut LimitHits) {
        while self.held.len() > limits.fragment_packets && !self.ages.is_empty() {
            self.forget_oldest(Limit::FragmentPackets, hits);
        }
        while self.bytes > limits.fragment_bytes && !self.ages.is_empty() {
            self.forget_oldest(Limit::FragmentBytes, hits);
        }
    }

    /// Forgets the first of `ages`, or moves it back when it is younger than it looked. Only a packet that was still
    /// waiting is a loss and counted.
    fn forget_oldest(&mut self, limit: Limit, hits: &mut LimitHits) {
        let Some((since, key)) = self.ages.pop_front() else {
            return;
        };
        let Entry::Occupied(entry) = self.held.entry(key) else {
            return;
        };
        if entry.get().since != since {
            self.ages.push_back((entry.get().since, key));
            return;
        }
        let held = entry.remove();
        self.bytes = self.bytes.saturating_sub(held.weight());
        if held.state == State::Waiting {
            self.waiting = self.waiting.saturating_sub(1);
            hits.count(limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::fragment::Place;
    use crate::packet::piece::Piece;

    const SECOND: i64 = 1_000_000_000;

    struct Bench {
        pool: FragmentPool,
        limits: DecodeLimits,
        hits: LimitHits,
        now: i64,
    }

    impl Bench {
        fn new(limits: DecodeLimits) -> Self {
            Bench {
                pool: FragmentPool::default(),
                limits,
                hits: LimitHits::default(),
                now: 0,
            }
        }

        /// Adds a fragment of packet `id`, of which `missing` bytes are cut off.
        fn cut(
            &mut self,
            id: u32,
            offset: u32,
            more: bool,
            bytes: &[u8],
            missing: usize,
        ) -> Result<Rebuilt, SkipReason> {
            let fragment = Fragment {
                place: Place { id, offset, more },
                protocol: 6,
                piece: Piece::new(bytes, missing),
            };
            let now = Timestamp::from_nanos(self.now);
            self.pool
                .add(&IpHead::NONE, fragment, now, &self.limits, &mut self.hits)
        }

        fn add(
            &mut self,
            id: u32,
            offset: u32,
            more: bool,
            bytes: &[u8],
        ) -> Result<Vec<u8>, SkipReason> {
            self.cut(id, offset, more, bytes, 0)
                .map(|rebuilt| rebuilt.bytes)
        }

        fn hits(&self) -> Vec<(&'static str, u64)> {
            self.hits.iter().filter(|(_, n)| *n > 0).collect()
        }
    }

    const WAITS: Result<Vec<u8>, SkipReason> = Err(SkipReason::Fragment);
    const DROPPED: Result<Vec<u8>, SkipReason> = Err(SkipReason::FragmentDropped);

    #[test]
    fn any_order_and_identical_overlaps() {
        let mut bench = Bench::new(DecodeLimits::default());
        assert_eq!(bench.add(1, 16, false, b"qrs"), WAITS);
        assert_eq!(bench.add(2, 0, true, b"01234567"), WAITS);
        assert_eq!(bench.add(1, 0, true, b"abcdefgh"), WAITS);
        assert_eq!(bench.add(1, 0, true, b"abcdefgh"), WAITS);
        assert_eq!(bench.pool.incomplete(), 2);
        assert_eq!(
            bench.add(1, 0, true, b"abcdefghijklmnop"),
            Ok(b"abcdefghijklmnopqrs".to_vec())
        );
        assert_eq!(bench.add(2, 8, false, b"89"), Ok(b"0123456789".to_vec()));
        assert_eq!(bench.pool.incomplete(), 0);
        assert!(bench.hits().is_empty());
    }

    #[test]
    fn a_conflict_drops_the_packet_and_all_that_follows() {
        type Given = (u32, bool, &'static [u8]);
        let table: [[Given; 2]; 6] = [
            [(0, true, b"abcdefgh"), (0, true, b"abcdefgX")],
            [(0, true, b"abcdefghijklmnop"), (8, false, b"ijX")],
            [(8, false, b"ij"), (8, false, b"ijk")],
            [(8, true, b"ijklmnop"), (8, false, b"ij")],
            [(0, true, b"abcdefgh"), (8, true, b"ijk")],
            [(0, true, b"abcdefgh"), (65_528, false, b"12345678")],
        ];
        for [first, second] in table {
            let mut bench = Bench::new(DecodeLimits::default());
            assert_eq!(bench.add(1, first.0, first.1, first.2), WAITS, "{first:?}");
            assert_eq!(
                bench.add(1, second.0, second.1, second.2),
                DROPPED,
                "{second:?}"
            );
            assert_eq!(bench.add(1, 16, true, b"qrstuvwx"), DROPPED);
            assert_eq!(bench.pool.incomplete(), 0);
        }
    }

    #[test]
    fn a_second_capture_of_the_fragments_is_not_a_second_packet() {
        let mut bench = Bench::new(DecodeLimits::default());
        assert_eq!(bench.add(1, 0, true, b"abcdefgh"), WAITS);
        assert_eq!(bench.add(1, 0, true, b"abcdefgh"), WAITS);
        assert_eq!(bench.add(1, 8, false, b"i"), Ok(b"abcdefghi".to_vec()));
        assert_eq!(bench.add(1, 8, false, b"i"), WAITS);
        assert_eq!(bench.pool.incomplete(), 0);
        // The number comes round again for another packet.
        assert_eq!(bench.add(1, 8, false, b"I"), WAITS);
        assert_eq!(
            bench.add(1, 0, true, b"ABCDEFGH"),
            Ok(b"ABCDEFGHI".to_vec())
        );
    }

    #[test]
    fn bytes_that_were_cut_off_stay_missing() {
        let mut bench = Bench::new(DecodeLimits::default());
        assert!(bench.cut(1, 8, true, b"ijk", 5).is_err());
        assert!(bench.cut(1, 16, false, b"qrs", 0).is_err());
        let rebuilt = bench.cut(1, 0, true, b"abcdefgh", 0).unwrap();
        assert_eq!(
            (&rebuilt.bytes[..], rebuilt.missing),
            (&b"abcdefghijk"[..], 8)
        );
    }

    #[test]
    fn age_is_bounded() {
        let mut bench = Bench::new(DecodeLimits::default());
        assert_eq!(bench.add(1, 0, true, b"abcdefgh"), WAITS);
        bench.now = 30 * SECOND;
        assert_eq!(bench.add(2, 0, true, b"ABCDEFGH"), WAITS);
        bench.now = 30 * SECOND + 1;
        assert_eq!(bench.add(1, 8, false, b"i"), WAITS);
        assert_eq!(bench.hits(), [("fragment_age_ns", 1)]);
        bench.now = 59 * SECOND;
        assert_eq!(bench.add(2, 8, false, b"I"), Ok(b"ABCDEFGHI".to_vec()));
    }

    #[test]
    fn a_number_used_again_starts_its_age_anew() {
        let mut bench = Bench::new(DecodeLimits::default());
        assert_eq!(bench.add(1, 0, true, b"abcdefgh"), WAITS);
        assert!(bench.add(1, 8, false, b"i").is_ok());
        bench.now = 20 * SECOND;
        assert_eq!(bench.add(1, 0, true, b"ABCDEFGH"), WAITS);
        bench.now = 40 * SECOND;
        assert_eq!(bench.add(1, 8, false, b"I"), Ok(b"ABCDEFGHI".to_vec()));
        assert!(bench.hits().is_empty());
    }

    #[test]
    fn packets_bytes_and_stretches_are_bounded() {
        let limits = DecodeLimits {
            fragment_packets: 2,
            fragment_stretches: 2,
            ..DecodeLimits::default()
        };
        let mut bench = Bench::new(limits);
        for id in 0..3 {
            assert_eq!(bench.add(id, 0, true, b"abcdefgh"), WAITS);
        }
        assert_eq!(bench.hits(), [("fragment_packets", 1)]);
        assert_eq!(bench.add(2, 16, true, b"qrstuvwx"), WAITS);
        assert_eq!(bench.add(2, 32, true, b"qrstuvwx"), DROPPED);
        assert_eq!(
            bench.hits(),
            [("fragment_packets", 1), ("fragment_stretches", 1)]
        );

        let limits = DecodeLimits {
            fragment_bytes: 100_000,
            ..DecodeLimits::default()
        };
        let mut bench = Bench::new(limits);
        for id in 0..100 {
            assert_eq!(bench.add(id, 8_000, true, b"abcdefgh"), WAITS);
            assert!(bench.pool.bytes <= 100_000);
        }
        let [("fragment_bytes", evicted)] = bench.hits()[..] else {
            panic!("{:?}", bench.hits());
        };
        assert_eq!(bench.pool.incomplete() as u64 + evicted, 100);
        assert_eq!(bench.pool.held.len(), bench.pool.ages.len());
    }
}
