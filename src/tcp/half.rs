//! One direction of a connection: what has been handed on, what is held, what the other end acknowledged.

use super::seen::Seen;
use crate::model::Optional;
use std::collections::VecDeque;

/// How many fingerprints of recent segments are remembered to recognise a second capture of the same packet.
const RECENT: usize = 8;

/// How many acknowledgements ahead of the stream are remembered. Beyond it the latest stands for its predecessor too,
/// which makes a hole wait longer, never shorter.
const AHEAD: usize = 64;

/// A piece of the stream that can not be handed on yet.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) offset: i64,
    pub(super) bytes: Box<[u8]>,
    /// Bytes behind `bytes` that a snapshot length cut off.
    pub(super) cut: u32,
    pub(super) ack: Option<i64>,
    pub(super) seen: Seen,
}

impl Held {
    pub(super) fn end(&self) -> i64 {
        self.offset + self.bytes.len() as i64 + i64::from(self.cut)
    }

    /// Bytes of memory it takes: small pieces cost more than what they carry.
    fn cost(&self) -> usize {
        self.bytes.len() + size_of::<Held>()
    }
}

/// An acknowledgement: how far, when, and by which packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Acked {
    offset: i64,
    pub(super) seen: Seen,
}

/// What waits for bytes in front of it.
#[derive(Debug, Default)]
struct Waiting {
    /// The acknowledgements that went past what was handed on, lowest first.
    ahead: VecDeque<Acked>,
    /// Sorted by offset, without overlaps.
    held: VecDeque<Held>,
    held_bytes: usize,
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Half {
    /// Sequence number of offset 0, once a segment or an acknowledgement told it.
    base: u32,
    known: bool,
    /// Handed on (or given up) up to here.
    pub(super) next: i64,
    /// Highest offset that the other end acknowledged.
    pub(super) acked: i64,
    /// What is out of order: on most connections nothing ever is.
    waiting: Option<Box<Waiting>>,
    /// Offset right behind the last byte, once FIN was seen.
    pub(super) fin: Optional,
    recent: [u32; RECENT],
    recent_slot: u8,
}

impl Half {
    pub(super) fn is_known(&self) -> bool {
        self.known
    }

    /// `seq` is the sequence number of offset 0.
    pub(super) fn set_base(&mut self, seq: u32) {
        (self.base, self.known) = (seq, true);
    }

    #[inline]
    pub(super) fn base(&self) -> Option<u32> {
        self.known.then_some(self.base)
    }

    /// The sequence number of the next byte.
    #[inline]
    pub(super) fn expects(&self) -> Option<u32> {
        // Truncation is the point: sequence numbers are offsets modulo 2^32.
        self.base().map(|base| base.wrapping_add(self.next as u32))
    }

    /// Nothing is held or missing, and no end is known.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.is_quiet() && self.fin.is_none()
    }

    /// No byte of it was sent, acknowledged or missed.
    #[inline]
    pub(super) fn is_untouched(&self) -> bool {
        self.is_plain() && self.next == 0 && self.acked == 0
    }

    /// Nothing is held or missing, and no FIN waits for bytes in front of it.
    #[inline]
    pub(super) fn is_handed_on(&self) -> bool {
        self.is_quiet() && (self.fin.is_none() || self.is_done())
    }

    /// Its FIN was seen, and all in front of it.
    #[inline]
    pub(super) fn is_done(&self) -> bool {
        self.fin.get().is_some_and(|fin| self.next > fin)
    }

    /// Offset of sequence number `seq`, by serial arithmetic around what is expected next. The first call sets the base.
    pub(super) fn offset_of(&mut self, seq: u32) -> i64 {
        if !self.known {
            self.set_base(seq);
        }
        // Truncation is the point: sequence numbers are offsets modulo 2^32.
        let expected = self.base.wrapping_add(self.next as u32);
        self.next + i64::from(seq.wrapping_sub(expected) as i32)
    }

    /// The same, while the start is known.
    pub(super) fn offset_at(&self, seq: u32) -> Option<i64> {
        let expected = self.base()?.wrapping_add(self.next as u32);
        Some(self.next + i64::from(seq.wrapping_sub(expected) as i32))
    }

    /// Notes that the other end has received everything before `offset`.
    pub(super) fn acknowledge(&mut self, offset: i64, seen: Seen) {
        if offset <= self.acked {
            return;
        }
        self.acked = offset;
        if offset > self.next {
            self.forget_reached();
            let ahead = &mut self.waiting.get_or_insert_default().ahead;
            if ahead.len() >= AHEAD {
                ahead.pop_back();
            }
            ahead.push_back(Acked { offset, seen });
        }
    }

    /// The acknowledgement that first covered the byte at `next`: since then a hole there is a loss of the capture.
    pub(super) fn covered(&mut self) -> Option<Acked> {
        self.forget_reached();
        self.waiting.as_ref()?.ahead.front().copied()
    }

    fn forget_reached(&mut self) {
        let Some(waiting) = &mut self.waiting else {
            return;
        };
        while (waiting.ahead.front()).is_some_and(|a| a.offset <= self.next) {
            waiting.ahead.pop_front();
        }
    }

    /// The other end acknowledged bytes that have not been handed on.
    pub(super) fn has_acked_hole(&self) -> bool {
        self.acked > self.next && self.first_held().is_none_or(|h| h.offset > self.next)
    }

    #[inline]
    pub(super) fn is_quiet(&self) -> bool {
        self.acked <= self.next && self.first_held().is_none()
    }

    #[inline]
    pub(super) fn held_bytes(&self) -> usize {
        self.waiting.as_ref().map_or(0, |w| w.held_bytes)
    }

    #[inline]
    pub(super) fn first_held(&self) -> Option<&Held> {
        self.waiting.as_ref()?.held.front()
    }

    /// Remembers a fingerprint; true when it was there already.
    #[inline(always)]
    pub(super) fn seen_before(&mut self, fingerprint: u32) -> bool {
        // No early end: so it compares several at once.
        let known =
            (self.recent.iter()).fold(false, |found, recent| found | (*recent == fingerprint));
        if known {
            return true;
        }
        let slot = usize::from(self.recent_slot) % RECENT;
        if let Some(place) = self.recent.get_mut(slot) {
            *place = fingerprint;
        }
        self.recent_slot = self.recent_slot.wrapping_add(1);
        false
    }

    /// Keeps a piece for later. What is held already wins over what comes again; false when nothing new was in it.
    pub(super) fn hold(&mut self, piece: Held) -> bool {
        let waiting = self.waiting.get_or_insert_default();
        let position = (waiting.held).partition_point(|h| h.offset <= piece.offset);
        let from = position
            .checked_sub(1)
            .and_then(|i| waiting.held.get(i))
            .map_or(piece.offset, |before| before.end().max(piece.offset));
        let mut piece = match trim_front(piece, from) {
            Some(piece) => piece,
            None => return false,
        };
        // A later piece that this one reaches into: keep the later one, shorten this one.
        while let Some(after) = waiting.held.get(position) {
            if piece.end() <= after.offset {
                break;
            }
            if piece.end() >= after.end() {
                if let Some(gone) = waiting.held.remove(position) {
                    waiting.held_bytes -= gone.cost();
                }
                continue;
            }
            let room = usize::try_from(after.offset - piece.offset).unwrap_or(0);
            let keep = piece.bytes.len().min(room);
            piece.bytes = piece.bytes.get(..keep).unwrap_or_default().into();
            piece.cut = u32::try_from(room - keep).unwrap_or(u32::MAX);
            break;
        }
        if piece.end() == piece.offset {
            return false;
        }
        waiting.held_bytes += piece.cost();
        waiting.held.insert(position, piece);
        true
    }

    /// The next piece, if it continues the stream and `peer_next` covers what it acknowledges.
    pub(super) fn take_ready(&mut self, peer_next: i64) -> Option<Held> {
        loop {
            let first = self.first_held()?;
            if first.offset > self.next {
                return None;
            }
            let old = first.end() <= self.next;
            if !old && first.ack.is_some_and(|ack| ack > peer_next) {
                return None;
            }
            let piece = self.take_first()?;
            if !old {
                return trim_front(piece, self.next);
            }
        }
    }

    /// The next piece, whatever it waits for.
    pub(super) fn take_first(&mut self) -> Option<Held> {
        let waiting = self.waiting.as_mut()?;
        let piece = waiting.held.pop_front()?;
        waiting.held_bytes -= piece.cost();
        Some(piece)
    }
}

/// `piece` without what lies before `from`; `None` when nothing is left.
pub(super) fn trim_front(mut piece: Held, from: i64) -> Option<Held> {
    if piece.offset >= from {
        return Some(piece);
    }
    if piece.end() <= from {
        return None;
    }
    let skip = usize::try_from(from - piece.offset).ok()?;
    match piece.bytes.get(skip..) {
        Some(rest) => piece.bytes = rest.into(),
        None => {
            let beyond = skip - piece.bytes.len();
            piece.cut = piece
                .cut
                .saturating_sub(u32::try_from(beyond).unwrap_or(u32::MAX));
            piece.bytes = Box::default();
        }
    }
    piece.offset = from;
    Some(piece)
}
