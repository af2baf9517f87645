//! What TCP itself shows of the two ends: what a verdict that rests on an absence may rest on.
//!
//! A missing answer is no fault of the server when its bytes may be missing from the capture, when the client's window was
//! closed, or when the server never got the question. TCP says all of that by itself.

use crate::model::{PacketRef, Side, Timestamp};

/// A sender repeats what nobody acknowledged after about this long at the latest, ns: the first retransmission timeout of
/// a connection whose round trip is not known yet (RFC 6298, 2.1). In fact most stacks wait 200 ms.
const RETRANSMISSION_NS: i64 = 1_000_000_000;

/// When and where a segment was captured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Its capture time.
    pub time: Timestamp,
    /// Its packet.
    pub at: PacketRef,
    /// The same moment on a clock for waits: only time that passed between packets of one input is in it, and it never
    /// runs back. A clock that was set, a damaged date and the clocks of other inputs leave no trace in it.
    pub steady: Timestamp,
}

/// The first FIN, or the RST, of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FirstEnd {
    /// Who sent it.
    pub side: Side,
    /// When, in which packet.
    pub seen: Seen,
    /// It is a RST, or a RST came behind the FIN.
    pub reset: bool,
    /// It began with a FIN.
    fin: bool,
}

/// Bytes that nobody acknowledged and nobody sent again, for longer than TCP allows: packets are missing from the capture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hole {
    /// Who sent the bytes.
    pub side: Side,
    /// Stream offset of the first byte that is not acknowledged.
    pub offset: i64,
    /// The last packet that carried such a byte, or that acknowledged what is in front of it.
    pub since: Seen,
}

/// One end of a connection, as its own and the other end's packets show it. Offsets are those of [`Chunk`](super::Chunk);
/// FIN takes one.
#[derive(Clone, Copy, Debug, Default)]
pub struct SideLife {
    /// Right behind the last byte that it sent.
    pub sent: i64,
    /// The latest packet with bytes that were not acknowledged yet, sent for the first time or again.
    pub sent_at: Option<Seen>,
    /// Up to where the other end acknowledged.
    pub acked: i64,
    /// The packet that acknowledged so far for the first time.
    pub acked_at: Option<Seen>,
    /// Its latest packet of any kind: data, ACK, keep-alive, FIN, RST.
    pub last: Option<Seen>,
    /// Times a packet repeated bytes since `acked` moved, and the time between the last two, ns.
    repeats: u32,
    interval_ns: i64,
}

/// What one segment tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sign {
    pub(super) side: Side,
    /// Where its bytes begin and end; FIN counts as one.
    pub(super) bytes: Option<(i64, i64)>,
    pub(super) ack: Option<i64>,
    /// The window it announces; `None` in RST, where it means nothing.
    pub(super) window: Option<u16>,
    pub(super) fin: bool,
    pub(super) reset: bool,
    /// The same packet, captured a second time.
    pub(super) copied: bool,
    pub(super) seen: Seen,
}

/// Both ends.
#[derive(Clone, Debug, Default)]
pub struct Liveness {
    sides: [SideLife; 2],
    /// `None` while nothing of it was seen: there may be many connections, and most are well and open.
    rare: Option<Box<Rare>>,
}

/// What is seen of few connections, or at their end only.
#[derive(Clone, Debug, Default)]
struct Rare {
    /// Since which packet the receive window of each end is closed, so that the other end must not send.
    closed: [Option<Seen>; 2],
    first_end: Option<FirstEnd>,
    /// What the first FIN acknowledged.
    first_fin_ack: Option<i64>,
    /// The latest proof that packets are missing.
    hole: Option<Hole>,
    /// Who reset the connection, at which offset, and when.
    reset_at: Option<(Side, i64, Seen)>,
}

impl Liveness {
    /// What is known of the end on `side`.
    pub fn of(&self, side: Side) -> &SideLife {
        &self.sides[side as usize]
    }

    /// The first FIN or the RST; `None` while neither was seen.
    pub fn first_end(&self) -> Option<FirstEnd> {
        self.rare.as_ref()?.first_end
    }

    /// Since which packet the receive window of the end on `side` is closed, so that the other end must not send; `None`
    /// while it is open.
    pub fn window_closed(&self, side: Side) -> Option<Seen> {
        self.rare.as_ref()?.closed[side as usize]
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The proof, given by TCP itself, that packets of this connection are missing from the capture: up to `now`, bytes of
    /// either end were neither acknowledged nor sent again for longer than a sender waits, or a RST stands further on than
    /// all that its sender was seen to send. The latest such bytes, also if the connection went on later. Nothing is proven
    /// while the receiver's window is closed, nor behind a RST.
    ///
    /// `now` is a moment of the steady clock ([`Seen::steady`]).
    pub fn hole(&self, now: Timestamp) -> Option<Hole> {
        let open = [Side::Low, Side::High].map(|side| self.open_hole(side, now));
        let known = || self.rare.as_ref().and_then(|rare| rare.hole);
        let before_reset = || self.before_reset().or_else(known);
        open.into_iter().flatten().next().or_else(before_reset)
    }

    /// A RST stands behind the last byte. What lies in front of it was sent, and not captured unless it comes late.
    fn before_reset(&self) -> Option<Hole> {
        let (side, begin, since) = self.rare.as_ref()?.reset_at?;
        let offset = self.of(side).sent;
        (begin > offset).then_some(Hole {
            side,
            offset,
            since,
        })
    }

    #[inline(never)]
    fn open_hole(&self, side: Side, now: Timestamp) -> Option<Hole> {
        let life = self.of(side);
        if life.sent <= life.acked || life.is_fresh(now) {
            return None;
        }
        let reset = self.first_end().is_some_and(|end| end.reset);
        if reset || self.window_closed(side.peer()).is_some() {
            return None;
        }
        let since = life.quiet_since()?;
        let overdue = now.since(since.steady) >= life.patience_ns();
        overdue.then_some(Hole {
            side,
            offset: life.acked,
            since,
        })
    }

    /// Takes in what a segment tells, in the order of the capture.
    // Most of what a sign may tell is known where it is made: there nothing is asked again.
    #[inline(always)]
    pub(super) fn note(&mut self, sign: &Sign) {
        self.note_hole(sign.seen);
        let own = &mut self.sides[sign.side as usize];
        if !sign.copied {
            own.last = Some(sign.seen);
        }
        if let Some((begin, end)) = sign.bytes {
            if sign.reset {
                self.rare.get_or_insert_default().reset_at = Some((sign.side, begin, sign.seen));
            }
            own.sends(begin, end, sign.seen);
        }
        match (sign.window, &mut self.rare) {
            (Some(0), _) => {
                self.rare().closed[sign.side as usize].get_or_insert(sign.seen);
            }
            (Some(_), Some(rare)) => rare.closed[sign.side as usize] = None,
            _ => {}
        }
        let peer = &mut self.sides[sign.side.peer() as usize];
        if let Some(ack) = sign.ack.filter(|ack| *ack > peer.acked) {
            peer.acknowledged(ack, sign.seen);
        }
        if sign.fin {
            self.reorder_fins(sign);
        }
        if sign.fin || sign.reset {
            if sign.fin && self.first_end().is_none() {
                self.rare().first_fin_ack = sign.ack;
            }
            self.note_end(sign);
        }
    }

    /// The capture may hold the two FINs in the wrong order: one that acknowledges the other came second.
    #[inline(never)]
    fn reorder_fins(&mut self, sign: &Sign) {
        let Some(rare) = &mut self.rare else {
            return;
        };
        let (Some(first), Some(acked), Some((_, end))) =
            (&mut rare.first_end, rare.first_fin_ack, sign.bytes)
        else {
            return;
        };
        if first.side != sign.side && acked >= end {
            (first.side, first.seen) = (sign.side, sign.seen);
            rare.first_fin_ack = None;
        }
    }

    /// Who began the end is who sent the first of either; a RST behind a FIN only says how it ended.
    #[inline(never)]
    fn note_end(&mut self, sign: &Sign) {
        let first = self.rare().first_end.get_or_insert(FirstEnd {
            side: sign.side,
            seen: sign.seen,
            reset: sign.reset,
            fin: sign.fin,
        });
        first.reset |= sign.reset;
    }

    /// Whether the time up to this packet proves a hole.
    #[inline(always)]
    fn note_hole(&mut self, seen: Seen) {
        for side in [Side::Low, Side::High] {
            let life = self.of(side);
            if life.sent > life.acked
                && !life.is_fresh(seen.steady)
                && let Some(hole) = self.open_hole(side, seen.steady)
            {
                self.rare().hole = Some(hole);
            }
        }
    }

    /// The connection goes on: its RST was not obeyed.
    pub(super) fn revive(&mut self) {
        let Some(rare) = &mut self.rare else {
            return;
        };
        rare.reset_at = None;
        let fin = rare.first_end.filter(|end| end.fin);
        rare.first_end = fin.map(|end| FirstEnd {
            reset: false,
            ..end
        });
    }
}

impl SideLife {
    /// Its latest bytes are so young that nobody needs to have acknowledged them.
    #[inline]
    fn is_fresh(&self, now: Timestamp) -> bool {
        let sent = self.sent_at.map(|seen| now.since(seen.steady));
        sent.is_some_and(|ns| ns < RETRANSMISSION_NS)
    }

    fn sends(&mut self, begin: i64, end: i64, seen: Seen) {
        if end <= self.acked || end <= begin {
            return;
        }
        if begin < self.sent
            && let Some(before) = self.sent_at
        {
            self.repeats = self.repeats.saturating_add(1);
            self.interval_ns = seen.steady.since(before.steady);
        }
        self.sent = self.sent.max(end);
        self.sent_at = Some(seen);
    }

    fn acknowledged(&mut self, ack: i64, seen: Seen) {
        self.acked = ack;
        self.acked_at = Some(seen);
        self.sent = self.sent.max(ack);
        self.repeats = 0;
        self.interval_ns = 0;
    }

    /// Since when its sender waits for an acknowledgement: each new one restarts its timer (RFC 6298, 5.3).
    fn quiet_since(&self) -> Option<Seen> {
        match (self.sent_at, self.acked_at) {
            (Some(sent), Some(acked)) if acked.steady > sent.steady => Some(acked),
            (sent, _) => sent,
        }
    }

    /// How long it waits before it sends again: each time twice as long as before (RFC 6298, 5.5). Three times, since the
    /// clock of a capture is not the sender's.
    fn patience_ns(&self) -> i64 {
        if self.repeats == 0 {
            return RETRANSMISSION_NS;
        }
        RETRANSMISSION_NS.max(self.interval_ns.saturating_mul(3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    struct Story {
        life: Liveness,
        packets: u64,
    }

    impl Story {
        fn new() -> Story {
            Story {
                life: Liveness::default(),
                packets: 0,
            }
        }

        fn note(&mut self, ms: i64, side: Side, bytes: Option<(i64, i64)>, ack: i64, window: u16) {
            self.packets += 1;
            self.life.note(&Sign {
                side,
                bytes,
                ack: Some(ack),
                window: Some(window),
                fin: false,
                reset: false,
                copied: false,
                seen: Seen {
                    time: Timestamp::from_nanos(ms * MS),
                    at: PacketRef::new(0, self.packets),
                    steady: Timestamp::from_nanos(ms * MS),
                },
            });
        }

        fn hole(&self, ms: i64) -> Option<(Side, i64, u64)> {
            let hole = self.life.hole(Timestamp::from_nanos(ms * MS));
            hole.map(|h| (h.side, h.offset, h.since.at.number()))
        }
    }

    use Side::{High, Low};

    #[test]
    fn data_that_nobody_acknowledged_or_repeated_is_a_hole_after_a_second() {
        let mut story = Story::new();
        story.note(0, Low, Some((0, 10)), 0, 9);
        story.note(5, High, None, 4, 9);
        assert_eq!(story.hole(1_004), None);
        assert_eq!(story.hole(1_005), Some((Low, 4, 2)));
        // It stays known when the connection goes on.
        story.note(1_500, High, None, 10, 9);
        assert_eq!(story.hole(1_501), Some((Low, 4, 2)));
    }

    #[test]
    fn what_is_sent_again_and_again_is_no_hole() {
        let mut story = Story::new();
        story.note(0, Low, Some((0, 10)), 0, 9);
        for ms in [200, 600, 1_400, 3_000, 6_200] {
            story.note(ms, Low, Some((0, 10)), 0, 9);
        }
        assert_eq!(story.hole(12_000), None, "the next is due at 12,600");
        assert_eq!(story.hole(16_000), Some((Low, 0, 6)));
    }

    #[test]
    fn a_closed_window_and_acknowledged_data_prove_nothing() {
        let mut story = Story::new();
        story.note(0, Low, Some((0, 10)), 0, 9);
        story.note(1, High, None, 10, 9);
        assert_eq!(story.hole(60_000), None);
        story.note(2, High, None, 10, 0);
        story.note(3, Low, Some((10, 11)), 0, 9);
        assert_eq!(story.hole(60_000), None, "a window probe");
        let closed = story.life.window_closed(High);
        assert_eq!(closed.map(|s| s.at.number()), Some(3));
        story.note(4, High, None, 10, 9);
        assert_eq!(story.life.window_closed(High), None);
    }

    #[test]
    fn a_rst_further_on_than_its_sender_was_seen_to_send_is_a_hole() {
        for (begin, hole) in [(4, None), (9, Some((High, 4, 3)))] {
            let mut story = Story::new();
            story.note(1, High, Some((0, 4)), 0, 1000);
            story.note(2, Low, None, 4, 1000);
            let at = PacketRef::new(0, 3);
            story.life.note(&Sign {
                side: High,
                bytes: Some((begin, begin)),
                ack: None,
                window: None,
                fin: false,
                reset: true,
                copied: false,
                seen: Seen {
                    at,
                    ..Seen::default()
                },
            });
            assert_eq!(story.hole(3), hole);
            let mut revived = story.life.clone();
            revived.revive();
            assert_eq!(revived.hole(Timestamp::from_nanos(3 * MS)), None);
            story.note(4, High, Some((4, 9)), 0, 1000);
            assert_eq!(story.hole(4), None, "it came late");
        }
    }

    #[test]
    fn the_first_end_keeps_its_sender() {
        let mut story = Story::new();
        let end = |side, ms, fin: bool| Sign {
            side,
            bytes: fin.then_some((0, 1)),
            ack: None,
            window: None,
            fin,
            reset: !fin,
            copied: false,
            seen: Seen {
                time: Timestamp::from_nanos(ms * MS),
                at: PacketRef::new(0, 1),
                steady: Timestamp::from_nanos(ms * MS),
            },
        };
        story.life.note(&end(Low, 1, true));
        assert!(
            story
                .life
                .first_end()
                .is_some_and(|e| !e.reset && e.side == Low)
        );
        story.life.note(&end(High, 2, false));
        assert!(
            story
                .life
                .first_end()
                .is_some_and(|e| e.reset && e.side == Low)
        );
        assert_eq!(story.hole(60_000), None, "nobody repeats behind a RST");
        story.life.revive();
        assert!(
            story
                .life
                .first_end()
                .is_some_and(|e| !e.reset && e.side == Low)
        );
    }
}
