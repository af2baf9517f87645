//! The way of the SYN and the SYN-ACK with which nearly all connections begin: nothing is in front of them, so most
//! questions have a known answer. What is asked here is stricter than what [`Table::push`](super::Table::push) asks of any
//! segment, and leads to the same.

use super::flow::Flow;
use super::liveness::Sign;
use super::seen::Seen;
use super::table::{PushOutcome, Table};
use crate::model::Side;
use crate::packet::{Segment, TcpFlags};

/// The flags that tell a SYN from a SYN-ACK, and both from others.
const FLAGS: u8 = TcpFlags::FIN | TcpFlags::SYN | TcpFlags::RST | TcpFlags::ACK;

impl<T> Table<T> {
    /// Takes a SYN that has just opened the connection in `slot`. `false`: it brings more, and nothing was done.
    #[inline]
    pub(super) fn take_syn(
        &mut self,
        slot: u32,
        side: Side,
        segment: &Segment<'_>,
        seen: Seen,
    ) -> bool {
        if segment.flags.0 & FLAGS != TcpFlags::SYN || !is_empty(segment) || self.is_odd() {
            return false;
        }
        let Some(flow) = self.flow_mut(slot) else {
            return false;
        };
        flow.take_handshake(segment, side, seen);
        self.note_handshake(slot, side, segment, seen);
        true
    }

    /// Takes a SYN-ACK that answers the SYN of the only connection of its name. `None`: any other segment, and nothing was
    /// done.
    #[inline]
    pub(super) fn push_syn_ack(
        &mut self,
        segment: &Segment<'_>,
        seen: Seen,
    ) -> Option<PushOutcome> {
        const SYN_ACK: u8 = TcpFlags::SYN | TcpFlags::ACK;
        if segment.flags.0 & FLAGS != SYN_ACK || !is_empty(segment) {
            return None;
        }
        if self.is_odd() || !self.closed.is_alone(seen.at.file()) {
            return None;
        }
        let (link, side) = self.index.again(segment)?;
        let (slot, side) = (link.slot, link.side(side));
        let flow = self.flow_mut(slot)?;
        if !flow.is_answered_by(segment, side) {
            return None;
        }
        flow.note_packet(seen);
        flow.half_open = false;
        flow.take_handshake(segment, side, seen);
        self.half_open -= 1;
        self.note_handshake(slot, side, segment, seen);
        Some(PushOutcome::Taken)
    }

    fn note_handshake(&mut self, slot: u32, side: Side, segment: &Segment<'_>, seen: Seen) {
        let entry = self.slots.get_mut(slot as usize).and_then(Option::as_mut);
        if let Some(entry) = entry {
            let meta = &mut entry.flow.meta;
            self.twins.note(segment, side, slot, meta.id);
            self.streams.note(meta, seen.at.file());
        }
    }
}

fn is_empty(segment: &Segment<'_>) -> bool {
    segment.payload.is_empty() && segment.cut == 0
}

impl Flow {
    /// Nothing but a SYN of the other end was seen, and this SYN-ACK of `side` answers it.
    #[inline]
    fn is_answered_by(&self, segment: &Segment<'_>, side: Side) -> bool {
        let (own, peer) = (self.half(side), self.half(side.peer()));
        let odd = self.kin.next.is_some() || self.superseded || self.settling.is_some();
        self.half_open
            && !odd
            && self.closing.is_none()
            && self.meta.opener == Some(side.peer())
            && own.is_untouched()
            && peer.is_untouched()
            && own.base().is_none()
            && peer.base() == Some(segment.ack)
    }

    /// Takes the first segment of `side`, a SYN.
    #[inline]
    fn take_handshake(&mut self, segment: &Segment<'_>, side: Side, seen: Seen) {
        let half = self.half_mut(side);
        let repeated = half.seen_before(segment.fingerprint);
        half.set_base(segment.first_byte());
        self.meta.segments[side as usize] += 1;
        self.meta.liveness.note(&Sign {
            side,
            bytes: None,
            ack: segment.flags.ack().then_some(0),
            window: Some(segment.window),
            fin: false,
            reset: false,
            copied: repeated,
            seen,
        });
    }
}
