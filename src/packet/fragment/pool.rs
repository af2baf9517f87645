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
