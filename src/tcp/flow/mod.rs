//! One connection: two directions, cause before effect.

mod any;
mod delivery;
mod ending;
mod expected;
mod expected_end;

use super::half::Half;
use super::meta::FlowMeta;
use super::seen::Seen;
use super::settling::Settling;
use super::twins::Alias;
use super::{Chunk, Gap};
use crate::model::{FlowKey, Optional, Side, Timestamp};
use crate::packet::Segment;

/// An acknowledgement further ahead than this is damage, not progress (the largest window is 2^30, RFC 7323).
const MAX_AHEAD: i64 = 1 << 30;

/// Where a flow hands its bytes.
pub(super) trait Output {
    fn data(&mut self, meta: &FlowMeta, chunk: Chunk<'_>);
    fn gap(&mut self, meta: &FlowMeta, gap: Gap);
}

/// Connections of the same addresses and ports, and other names of this one.
#[derive(Debug, Default)]
pub(super) struct Kin {
    /// Slot of the next connection of the same name.
    pub(super) next: Option<u32>,
    /// Names that address translation gives it elsewhere.
    #[expect(
        clippy::box_collection,
        reason = "nearly always there are none, and a pointer is a third as large"
    )]
    aliases: Option<Box<Vec<Alias>>>,
}

impl Kin {
    pub(super) fn aliases(&self) -> &[Alias] {
        self.aliases.as_deref().map_or(&[], Vec::as_slice)
    }

    pub(super) fn add_alias(&mut self, alias: Alias) {
        self.aliases.get_or_insert_default().push(alias);
    }

    pub(super) fn forget_alias(&mut self, key: FlowKey) {
        if let Some(aliases) = &mut self.aliases {
            aliases.retain(|alias| alias.key != key);
        }
    }
}

#[derive(Debug)]
pub(super) struct Flow {
    pub(super) meta: FlowMeta,
    halves: [Half; 2],
    pub(super) kin: Kin,
    /// First and latest packet on the steady clock.
    opened: Timestamp,
    pub(super) last: Timestamp,
    /// Who sent a RST.
    reset_by: Option<Side>,
    /// Mid-stream only: the first segments, until the start of each direction is settled.
    pub(super) settling: Option<Box<Settling>>,
    /// The start of each direction is as sure as it will be.
    pub(super) settled: bool,
    /// Both ends are done, or one reset it: to be closed at this time of the steady clock.
    pub(super) closing: Optional,
    /// A newer connection of the same name was opened since this one's latest data.
    pub(super) superseded: bool,
    /// Nothing but a SYN was seen.
    pub(super) half_open: bool,
    /// A timer is running for this flow.
    pub(super) scheduled: bool,
    /// It waits among those that were reset.
    pub(super) lingers: bool,
    /// One direction was never captured; what it acknowledges is taken as delivered.
    pub(super) peer_unseen: bool,
}

impl Flow {
    // Large: to be made where it will stay.
    #[inline(always)]
    pub(super) fn new(meta: FlowMeta, now: Timestamp) -> Flow {
        Flow {
            meta,
            halves: Default::default(),
            kin: Kin::default(),
            opened: now,
            last: now,
            reset_by: None,
            settling: None,
            settled: false,
            closing: Optional::NONE,
            superseded: false,
            half_open: false,
            scheduled: false,
            lingers: false,
            peer_unseen: false,
        }
    }

    pub(super) fn half(&self, side: Side) -> &Half {
        &self.halves[side as usize]
    }

    pub(super) fn half_mut(&mut self, side: Side) -> &mut Half {
        &mut self.halves[side as usize]
    }

    /// The sequence number that `side` would go on with.
    #[inline]
    pub(super) fn next_seq(&self, side: Side) -> Option<u32> {
        self.half(side).expects()
    }

    /// A packet of it was captured.
    #[inline]
    pub(super) fn note_packet(&mut self, seen: Seen) {
        self.last = seen.steady;
        if self.meta.last <= seen.time {
            (self.meta.last, self.meta.last_at) = (seen.time, seen.at);
        }
    }

    /// Nanoseconds since its first packet.
    pub(super) fn age_ns(&self, now: Timestamp) -> i64 {
        now.since(self.opened)
    }

    /// The start of both directions is known.
    pub(super) fn is_known(&self) -> bool {
        self.halves.iter().all(Half::is_known)
    }

    /// One end's SYN was seen, and this segment would have to guess where the other end starts.
    pub(super) fn wants_settling(&self, segment: &Segment<'_>) -> bool {
        let starts = segment.flags.syn() || segment.flags.rst();
        !self.settled && !starts && self.settling.is_none() && !self.is_known()
    }

    /// It has not to be looked at behind a segment that was taken, if nothing is held then.
    #[inline]
    pub(super) fn is_undisturbed(&self) -> bool {
        let odd = self.superseded || self.half_open || !self.closing.is_none();
        !odd && self.settling.is_none()
    }

    /// Nothing is held, and nothing has to be looked at behind a segment.
    #[inline]
    pub(super) fn is_at_rest(&self) -> bool {
        self.is_undisturbed() && self.is_quiet()
    }

    /// Nothing is held or missing, and no FIN waits for what is in front of it.
    #[inline]
    pub(super) fn is_handed_on(&self) -> bool {
        let [low, high] = &self.halves;
        low.is_handed_on() && high.is_handed_on()
    }

    pub(super) fn held_bytes(&self) -> usize {
        let settling = self.settling.as_ref().map_or(0, |s| s.bytes());
        self.halves.iter().map(Half::held_bytes).sum::<usize>() + settling
    }

    /// Something is held or missing.
    pub(super) fn is_stuck(&self) -> bool {
        self.settling.is_some() || !self.is_quiet()
    }

    /// Nothing is held or missing in either direction.
    #[inline]
    pub(super) fn is_quiet(&self) -> bool {
        self.halves.iter().all(Half::is_quiet)
    }
}
