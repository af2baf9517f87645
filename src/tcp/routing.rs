//! From a segment to its connection: by addresses and ports, then by its numbers.

use super::Receiver;
use super::flow::Flow;
use super::identity::Fit;
use super::obeyed::Obeyed;
use super::place::Place;
use super::seen::Seen;
use super::settling;
use super::table::Table;
use super::twins::Link;
use crate::model::{FlowKey, Side};
use crate::packet::{Segment, TcpFlags};

impl<T> Table<T> {
    #[inline]
    pub(super) fn flow(&self, slot: u32) -> Option<&Flow> {
        let entry = self.slots.get(slot as usize)?;
        entry.as_ref().map(|e| &e.flow)
    }

    pub(super) fn flow_mut(&mut self, slot: u32) -> Option<&mut Flow> {
        let entry = self.slots.get_mut(slot as usize)?;
        entry.as_mut().map(|e| &mut e.flow)
    }

    /// The only connection of its name goes on with this segment.
    #[inline]
    fn is_plain(&self, slot: u32, side: Side, segment: &Segment<'_>) -> bool {
        segment.flags.0 & (TcpFlags::SYN | TcpFlags::RST) == 0
            && self.flow(slot).is_some_and(|flow| {
                flow.kin.next.is_none()
                    && flow.settling.is_none()
                    && flow.fit(side, segment) == Fit::Yes
            })
    }

    /// Finds or opens the connection of a segment.
    #[inline]
    pub(super) fn place<R: Receiver<T>>(
        &mut self,
        key: FlowKey,
        side: Side,
        segment: &Segment<'_>,
        seen: Seen,
        receiver: &mut R,
    ) -> Place {
        let link = self.index.find(&key);
        if let Some(link) = link
            && self.is_plain(link.slot, link.side(side), segment)
        {
            return Place::At(link.slot, link.side(side));
        }
        self.seek(link, key, side, segment, seen, receiver)
    }

    /// The same where it is not plain. `link`: what the index says.
    fn seek<R: Receiver<T>>(
        &mut self,
        link: Option<Link>,
        key: FlowKey,
        side: Side,
        segment: &Segment<'_>,
        seen: Seen,
        receiver: &mut R,
    ) -> Place {
        if let Some(link) = link {
            let own = link.side(side);
            let found = if segment.flags.syn() {
                self.of_syn(link.slot, own, segment)
            } else if segment.flags.rst() {
                self.of_reset(link.slot, own, segment)
            } else {
                self.best(link.slot, own, segment)
            };
            if let Some(slot) = found {
                let twin = self.join_twin(slot, own, segment, seen, receiver);
                let (slot, own) = twin.unwrap_or((slot, own));
                return Place::At(slot, own);
            }
            if segment.flags.rst() {
                return Place::Ignored;
            }
            if self.flow(link.slot).is_some_and(|f| f.meta.key != key) {
                self.forget_alias(link.slot, key);
            }
        }
        if let Some(late) = self.closed.late(key, side, segment) {
            return Place::Late(late);
        }
        if let Some(trace) = self.twin_of(key, segment) {
            self.add_alias(key, side, &trace, seen, receiver);
            return Place::At(trace.slot, trace.side);
        }
        let slot = self.open(link.is_none(), key, side, segment, seen, receiver);
        Place::Opened(slot, side)
    }

    /// The connections of one name, the newest first.
    pub(super) fn of_name(&self, head: u32) -> impl Iterator<Item = (u32, &Flow)> {
        let first = self.flow(head).map(|flow| (head, flow));
        std::iter::successors(first, |(_, flow)| {
            let next = flow.kin.next?;
            Some((next, self.flow(next)?))
        })
    }

    fn best(&self, head: u32, side: Side, segment: &Segment<'_>) -> Option<u32> {
        let fits = self
            .of_name(head)
            .map(|(slot, flow)| (flow.fit(side, segment), slot));
        let best = fits.reduce(|best, other| if other.0 > best.0 { other } else { best });
        best.filter(|(fit, _)| *fit > Fit::No).map(|(_, slot)| slot)
    }

    fn of_reset(&self, head: u32, side: Side, segment: &Segment<'_>) -> Option<u32> {
        let all = self
            .of_name(head)
            .map(|(slot, flow)| (flow.obeys(side, segment), slot));
        let best = all.reduce(|best, other| if other.0 > best.0 { other } else { best });
        best.filter(|(obeyed, _)| *obeyed > Obeyed::No)
            .map(|(_, slot)| slot)
    }

    /// The connection that a SYN opens or opened. A live connection answers a foreign one with a challenge (RFC 5961
    /// section 4) and goes on; what becomes of the SYN is seen later.
    fn of_syn(&mut self, head: u32, side: Side, segment: &Segment<'_>) -> Option<u32> {
        let opener = opener_of_syn(segment, side);
        let mut next = Some(head);
        while let Some(slot) = next {
            let flow = self.flow_mut(slot)?;
            if belongs(flow, side, opener, segment) {
                return Some(slot);
            }
            next = flow.kin.next;
        }
        None
    }
}

/// A SYN belongs to this connection. What it tells is taken over.
fn belongs(flow: &mut Flow, side: Side, opener: Side, segment: &Segment<'_>) -> bool {
    let other = flow.half(side.peer()).base();
    // The number that a SYN-ACK acknowledges tells which SYN it answers, and whether the other end's start was captured.
    let answers = !segment.flags.ack() || other.is_none_or(|base| base == segment.ack);
    match flow.half(side).base() {
        Some(base) if base == segment.first_byte() => {
            if answers {
                flow.meta.opener.get_or_insert(opener);
            }
            true
        }
        Some(_) => false,
        None if flow.settling.is_none() => {
            if answers {
                flow.meta.opener.get_or_insert(opener);
            }
            answers
        }
        None => {
            // Data overtook its SYN in the capture: both belong to one connection when the numbers say so.
            let start = flow.settling.as_ref().and_then(|s| s.start_of(side, false));
            let near = start.is_none_or(|s| {
                (s.wrapping_sub(segment.seq) as i32).unsigned_abs() < settling::BYTES as u32
            });
            if near {
                flow.half_mut(side).set_base(segment.first_byte());
                flow.meta.opener.get_or_insert(opener);
            }
            near
        }
    }
}

/// Who opened the connection, when `side` sent this SYN: its sender, or who a SYN-ACK answers.
pub(super) fn opener_of_syn(segment: &Segment<'_>, side: Side) -> Side {
    if segment.flags.ack() {
        side.peer()
    } else {
        side
    }
}
