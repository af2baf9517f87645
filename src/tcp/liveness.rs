//! What TCP itself shows of the two ends: what a verdict that rests on an absence may rest on.
//!
//! A missing answer is no fault of the server when its bytes may be missing from the capture, when the client's window was
//! closed, or when the server never got the question. TCP says all of that by itself.

use super::seen::Seen;
use super::side_life::SideLife;
use crate::model::{Side, Timestamp};

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
        let known = || self.rare.as_ref().and_then(|rare| rare.hole);
        self.open_hole(Side::Low, now)
            .or_else(|| self.open_hole(Side::High, now))
            .or_else(|| self.before_reset())
            .or_else(known)
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

    /// Nearly always all is acknowledged, or it is a moment ago.
    #[inline(always)]
    fn open_hole(&self, side: Side, now: Timestamp) -> Option<Hole> {
        let life = self.of(side);
        match life.sent <= life.acked || life.is_fresh(now) {
            true => None,
            false => self.old_hole(side, now),
        }
    }

    #[inline(never)]
    fn old_hole(&self, side: Side, now: Timestamp) -> Option<Hole> {
        let life = self.of(side);
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
            own.last = sign.seen.time;
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
            if let Some(hole) = self.open_hole(side, seen.steady) {
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
