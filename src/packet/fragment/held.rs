//! One packet whose fragments are being collected.

use super::{Fragment, Rebuilt};
use crate::model::Timestamp;
use std::hash::BuildHasher;

/// The payload of an IP packet is no longer than this, unless it is a jumbogram, which can not be fragmented.
const MAX_PAYLOAD: usize = 65_535;

/// Where the collection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Fragments are missing.
    Waiting,
    /// Rebuilt and handed out. Remembered, since the same fragments may be captured at a second point.
    Done,
    /// Given up. Remembered, since RFC 5722 wants the fragments that follow dropped too.
    Dropped,
}

/// Why a packet can not be rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Fragments contradict each other, or have impossible lengths.
    Conflict,
    /// More separate stretches than the limit.
    TooManyStretches,
}

/// A fragment that came: enough to know it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    offset: u32,
    len: u32,
    hash: u64,
}

impl Seen {
    fn of(fragment: &Fragment<'_>) -> Self {
        Seen {
            offset: fragment.place.offset,
            len: u32::try_from(fragment.piece.wire_len()).unwrap_or(u32::MAX),
            hash: foldhash::fast::FixedState::default().hash_one(fragment.piece.bytes),
        }
    }
}

/// The fragments of one packet so far.
#[derive(Debug)]
pub(super) struct Held {
    /// Capture time of the first fragment.
    pub(super) since: Timestamp,
    pub(super) state: State,
    protocol: u8,
    /// The payload, with zeros where nothing came yet.
    bytes: Vec<u8>,
    /// What came, on the wire: start and end, sorted, neither overlapping nor touching.
    stretches: Vec<(usize, usize)>,
    /// Length of the whole payload, once the last fragment came.
    total: Option<usize>,
    /// The first byte that was on the wire but not captured.
    cut_at: usize,
    seen: Vec<Seen>,
}

impl Held {
    /// Nothing yet.
    pub(super) fn new(since: Timestamp) -> Self {
        Held {
            since,
            state: State::Waiting,
            protocol: 0,
            bytes: Vec::new(),
            stretches: Vec::new(),
            total: None,
            cut_at: usize::MAX,
            seen: Vec::new(),
        }
    }

    /// Memory in use, in bytes.
    pub(super) fn weight(&self) -> usize {
        size_of::<Self>()
            + self.bytes.capacity()
            + self.stretches.capacity() * size_of::<(usize, usize)>()
            + self.seen.capacity() * size_of::<Seen>()
    }

    /// Whether this very fragment was part of the packet.
    pub(super) fn has_seen(&self, fragment: &Fragment<'_>) -> bool {
        self.seen.contains(&Seen::of(fragment))
    }

    /// Gives the packet up.
    pub(super) fn give_up(&mut self) {
        *self = Held {
            state: State::Dropped,
            ..Held::new(self.since)
        };
    }

    /// Adds a fragment; the packet when that was the last one missing.
    pub(super) fn add(
        &mut self,
        fragment: &Fragment<'_>,
        max_stretches: usize,
    ) -> Result<Option<Rebuilt>, Refusal> {
        let (start, end) = self.bounds(fragment)?;
        if !self.agrees(start, fragment.piece.bytes) {
            return Err(Refusal::Conflict);
        }
        if start == 0 {
            self.protocol = fragment.protocol;
        }
        if !self.covers(start, end) {
            self.seen.push(Seen::of(fragment));
        }
        self.store(start, fragment);
        self.cover(start, end);
        if self.stretches.len() > max_stretches {
            return Err(Refusal::TooManyStretches);
        }
        Ok(self.take_if_whole())
    }

    /// Start and end of the fragment in the packet, and the total length when it is the last one.
    fn bounds(&mut self, fragment: &Fragment<'_>) -> Result<(usize, usize), Refusal> {
        let place = fragment.place;
        let start = usize::try_from(place.offset).map_err(|_| Refusal::Conflict)?;
        let len = fragment.piece.wire_len();
        let end = start.saturating_add(len);
        let last_end = self.stretches.last().map_or(0, |(_, end)| *end);
        let impossible = end > MAX_PAYLOAD
            || self.total.is_some_and(|total| end > total)
            || (place.more && (len == 0 || !len.is_multiple_of(8)))
            || (!place.more && (last_end > end || self.total.is_some_and(|total| end != total)));
        if impossible {
            return Err(Refusal::Conflict);
        }
        if !place.more {
            self.total = Some(end);
        }
        Ok((start, end))
    }

    /// Whether the bytes are the same as those that came before, wherever both were captured.
    fn agrees(&self, start: usize, bytes: &[u8]) -> bool {
        let end = start.saturating_add(bytes.len()).min(self.cut_at);
        self.stretches.iter().all(|(from, to)| {
            let (low, high) = (start.max(*from), end.min(*to));
            low >= high || self.bytes.get(low..high) == bytes.get(low - start..high - start)
        })
    }

    /// Whether all of it came before.
    fn covers(&self, start: usize, end: usize) -> bool {
        self.stretches
            .iter()
            .any(|(from, to)| *from <= start && end <= *to)
    }

    /// Copies what was captured.
    fn store(&mut self, start: usize, fragment: &Fragment<'_>) {
        let piece = fragment.piece;
        let end = start.saturating_add(piece.bytes.len());
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        if let Some(room) = self.bytes.get_mut(start..end) {
            room.copy_from_slice(piece.bytes);
        }
        if piece.missing > 0 {
            self.cut_at = self.cut_at.min(end);
        }
    }

    /// Adds a stretch, joined with those it touches.
    fn cover(&mut self, start: usize, end: usize) {
        let first = self.stretches.partition_point(|(_, to)| *to < start);
        let behind = self.stretches.partition_point(|(from, _)| *from <= end);
        let mut joined = (start, end);
        for (from, to) in self.stretches.get(first..behind).unwrap_or_default() {
            joined = (joined.0.min(*from), joined.1.max(*to));
        }
        self.stretches.splice(first..behind, [joined]);
    }

    fn take_if_whole(&mut self) -> Option<Rebuilt> {
        let total = self.total?;
        if self.stretches != [(0, total)] {
            return None;
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.truncate(self.cut_at.min(total));
        self.stretches = Vec::new();
        self.state = State::Done;
        Some(Rebuilt {
            protocol: self.protocol,
            missing: total.saturating_sub(bytes.len()),
            bytes,
        })
    }
}
