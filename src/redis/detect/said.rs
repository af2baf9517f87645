//! What both ends said while it is undecided whose connection it is.

use crate::model::{PacketRef, Side, Timestamp};
use crate::tcp::Chunk;
use std::borrow::Cow;

/// A chunk kept until it is decided whose it is.
#[derive(Debug)]
pub struct Kept {
    side: Side,
    offset: i64,
    bytes: Box<[u8]>,
    time: Timestamp,
    at: PacketRef,
    ack: Option<i64>,
    acked: i64,
}

impl Kept {
    fn of(chunk: &Chunk<'_>) -> Kept {
        Kept {
            side: chunk.side,
            offset: chunk.offset,
            bytes: chunk.bytes.into(),
            time: chunk.time,
            at: chunk.at,
            ack: chunk.ack,
            acked: chunk.acked,
        }
    }

    /// As it came.
    pub fn chunk(&self) -> Chunk<'_> {
        Chunk {
            side: self.side,
            offset: self.offset,
            bytes: &self.bytes,
            time: self.time,
            at: self.at,
            ack: self.ack,
            acked: self.acked,
        }
    }
}

/// The chunks kept so far, and how much was let go of.
#[derive(Debug, Default)]
pub(super) struct Said {
    kept: Vec<Kept>,
    bytes: usize,
    dropped: [u64; 2],
}

impl Said {
    /// Bytes kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes of a side that were looked at and are not kept.
    pub(super) fn dropped(&self, side: Side) -> u64 {
        self.dropped[side as usize]
    }

    /// When each kept chunk was captured.
    pub(super) fn each_kept(&self, note: &mut impl FnMut(Timestamp)) {
        self.kept.iter().for_each(|kept| note(kept.time));
    }

    pub(super) fn into_kept(self) -> Vec<Kept> {
        self.kept
    }

    pub(super) fn keep(&mut self, chunk: &Chunk<'_>) {
        self.bytes += chunk.bytes.len();
        self.kept.push(Kept::of(chunk));
    }

    /// So many bytes of a side are not kept.
    pub(super) fn drop_bytes(&mut self, side: Side, bytes: usize) {
        self.dropped[side as usize] += bytes as u64;
    }

    /// Lets go of all chunks.
    pub(super) fn forget(&mut self) {
        self.forget_side(Side::Low);
        self.forget_side(Side::High);
    }

    /// Lets go of the chunks of one end.
    pub(super) fn forget_side(&mut self, side: Side) {
        for kept in std::mem::take(&mut self.kept) {
            if kept.side == side {
                self.bytes -= kept.bytes.len();
                self.drop_bytes(side, kept.bytes.len());
            } else {
                self.kept.push(kept);
            }
        }
    }

    /// All that the side of this chunk has sent, the chunk included.
    pub(super) fn so_far<'c>(&self, chunk: &Chunk<'c>) -> Cow<'c, [u8]> {
        let of_side = |kept: &&Kept| kept.side == chunk.side;
        join(self.kept.iter().filter(of_side), chunk)
    }

    /// What it has sent without a break from the latest chunk on whose bytes `begin`; this chunk alone where none does.
    pub(super) fn since<'c>(
        &self,
        chunk: &Chunk<'c>,
        begin: impl Fn(&[u8]) -> bool,
    ) -> Cow<'c, [u8]> {
        let mut next = chunk.offset;
        let of_side = |(_, kept): &(usize, &Kept)| kept.side == chunk.side;
        for (place, kept) in self.kept.iter().enumerate().rev().filter(of_side) {
            if kept.offset + kept.bytes.len() as i64 != next {
                break;
            }
            next = kept.offset;
            if begin(&kept.bytes) {
                let behind = self.kept.iter().skip(place);
                return join(behind.filter(|kept| kept.side == chunk.side), chunk);
            }
        }
        Cow::Borrowed(chunk.bytes)
    }

    /// This chunk with up to `before` bytes that the side sent right in front of it.
    pub(super) fn with_tail<'c>(&self, chunk: &Chunk<'c>, before: usize) -> Cow<'c, [u8]> {
        let mut next = chunk.offset;
        let mut tail: Vec<&[u8]> = Vec::new();
        let mut room = before;
        for kept in self.kept.iter().rev().filter(|k| k.side == chunk.side) {
            if room == 0 || kept.offset + kept.bytes.len() as i64 != next {
                break;
            }
            next = kept.offset;
            let from = kept.bytes.len().saturating_sub(room);
            let piece = kept.bytes.get(from..).unwrap_or_default();
            room -= piece.len();
            tail.push(piece);
        }
        if tail.is_empty() {
            return Cow::Borrowed(chunk.bytes);
        }
        tail.reverse();
        tail.push(chunk.bytes);
        Cow::Owned(tail.concat())
    }
}

fn join<'k, 'c>(kept: impl Iterator<Item = &'k Kept>, chunk: &Chunk<'c>) -> Cow<'c, [u8]> {
    let mut kept = kept.peekable();
    if kept.peek().is_none() {
        return Cow::Borrowed(chunk.bytes);
    }
    let pieces = kept.map(|k| &*k.bytes).chain([chunk.bytes]);
    Cow::Owned(pieces.collect::<Vec<_>>().concat())
}
