//! Which connection a segment belongs to, as its numbers tell.
//!
//! Two connections of the same addresses and ports may be alive at once: loopback captures of two hosts, tenants with the
//! same addresses in two VLANs, the two legs of a transparent proxy. Their initial numbers are random (RFC 6528), so
//! the distance to what is expected next tells them apart.

use super::flow::Flow;
use super::obeyed::Obeyed;
use crate::model::Side;
use crate::packet::Segment;

/// Numbers this close to what is expected next are of the same connection. Further ahead than any window that Redis
/// fills, and small enough that two random numbers meet once in 512 times; and both of them have to.
pub(super) const NEAR: u32 = 1 << 22;

/// A receive window whose scale is not known is taken as this large.
const WINDOW: i64 = 1 << 20;

/// How well the numbers of a segment go with a connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Fit {
    /// Not at all: they are of another connection.
    No,
    /// In one direction only: the capture missed much of the other one.
    Half,
    /// Well.
    Yes,
}

impl Flow {
    /// The sequence number around which the next segment of `side` is expected.
    fn expected(&self, side: Side) -> Option<u32> {
        self.next_seq(side)
            .or_else(|| self.settling.as_ref().and_then(|s| s.near(side)))
    }

    /// How well the numbers of a segment without SYN go with this connection.
    #[inline(always)]
    pub(super) fn fit(&self, side: Side, segment: &Segment<'_>) -> Fit {
        if self.half(side).fin.is_none()
            && self.next_seq(side) == Some(segment.seq)
            && segment.flags.ack()
            && self.next_seq(side.peer()) == Some(segment.ack)
        {
            return Fit::Yes;
        }
        self.fit_nearby(side, segment)
    }

    /// The same of a segment that is not the very next one.
    #[inline(never)]
    fn fit_nearby(&self, side: Side, segment: &Segment<'_>) -> Fit {
        let near = |number: u32, side: Side| {
            let expected = self.expected(side)?;
            Some((number.wrapping_sub(expected) as i32).unsigned_abs() < NEAR)
        };
        let own = near(segment.seq, side);
        let other = if segment.flags.ack() {
            near(segment.ack, side.peer())
        } else {
            None
        };
        match (own, other) {
            (Some(true), Some(false)) | (Some(false), Some(true)) => Fit::Half,
            (Some(false), _) | (None, Some(false)) => Fit::No,
            _ if self.is_beyond_its_end(side, segment) => Fit::No,
            _ => Fit::Yes,
        }
    }

    /// Data behind what was the last byte of `side`. One byte at that place is a keep-alive probe.
    fn is_beyond_its_end(&self, side: Side, segment: &Segment<'_>) -> bool {
        let half = self.half(side);
        let (Some(fin), false) = (half.fin.get(), segment.payload.is_empty()) else {
            return false;
        };
        half.offset_at(segment.first_byte())
            .is_some_and(|offset| offset + segment.payload.len() as i64 > fin + 1)
    }

    /// Whether the other end obeys this RST.
    pub(super) fn obeys(&self, side: Side, segment: &Segment<'_>) -> Obeyed {
        let half = self.half(side);
        let Some(offset) = half.offset_at(segment.seq) else {
            // Nothing of this end was seen: what it acknowledges has to do.
            let known = segment
                .flags
                .ack()
                .then(|| self.half(side.peer()).offset_at(segment.ack));
            let far = known
                .flatten()
                .is_some_and(|ack| (ack - self.half(side.peer()).next).abs() > WINDOW);
            return if far { Obeyed::No } else { Obeyed::Yes };
        };
        let life = self.meta.liveness.of(side);
        let sent = half.next.max(life.sent);
        if offset == sent || offset == half.next || offset == half.acked {
            Obeyed::Yes
        } else if (half.acked..=sent + WINDOW).contains(&offset) {
            Obeyed::Maybe
        } else {
            Obeyed::No
        }
    }
}
