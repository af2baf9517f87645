//! Replies that are one command late, on a connection whose beginning was not seen.
//!
//! Where pairing was found again behind a pause, a reply that does not fit says at first that it was found in the wrong
//! place. If the same happens behind pause after pause, and each reply is the one that the command in front should have
//! got, the server holds one back. A slow server whose reply comes in the middle of the next exchange looks the same for
//! once, and each time where the client asks at even intervals; but not directly behind the next command, whenever that
//! comes. One reply that fits its own command and not the one in front refutes all of it.

use super::evidence::{Fit, fit};
use super::frame::Frame;
use crate::model::{PacketRef, Timestamp};
use crate::redis::exchange::{Anchor, KeptExchange};
use crate::redis::fault::{Fault, FaultKind};
use crate::redis::pending::Pending;
use crate::redis::shared::Shared;
use crate::redis::state::State;

/// So many replies in a row, each that of the command in front.
const AGREEING: usize = 3;
/// A reply that comes so soon behind a pause is one that was held back, ns. A tenth of the shortest pause.
const DIRECTLY_NS: i64 = 5_000_000;
/// Intervals between commands that differ by so much are uneven, ns: a late server would have to follow them.
const UNEVEN_NS: i64 = 2 * DIRECTLY_NS;
/// So many exchanges behind the place where pairing was found it is looked for.
const WATCHED: u32 = 32;
/// Exchanges that are kept to be shown.
const SHOWN: usize = 16;
/// As sure as an explanation gets: nothing else is tried here.
const MARGIN: u16 = 6;

/// Replies that are one command late so far.
#[derive(Debug, Default)]
pub(super) struct Shift {
    /// The command that was sent last.
    before: Option<Pending>,
    /// The first command that got the reply of the one in front.
    onset: Option<Pending>,
    shown: Vec<KeptExchange>,
    /// Replies that fitted their commands.
    paired: u32,
    last: Option<(Timestamp, PacketRef)>,
}

impl Shift {
    /// A command that waits for no reply that could be told.
    pub(super) fn sent(&mut self, command: &Pending) {
        self.before = Some(command.clone());
    }

    /// A reply does not fit the command at the head, where pairing was found again. `last`: the command that was answered
    /// in front of it.
    pub(super) fn contradicted(
        &mut self,
        shared: &Shared,
        state: &State,
        anchor: Anchor,
        line: &[Pending],
        last: Option<&Pending>,
        frame: &Frame<'_>,
    ) -> Option<Fault> {
        let head = line.first()?;
        let before = self.before.as_ref().or(last);
        let before = before.filter(|before| before.index + 1 == head.index);
        let direct = anchor == Anchor::Quiet
            && frame.time.since(head.sent) <= DIRECTLY_NS
            && !frame.skipped
            && frame.acknowledges(head)
            // How long such a command takes is its own affair.
            && !shared.may_block(head)
            && !before.is_some_and(|before| shared.may_block(before));
        let value = !frame.shape.kind.is_error();
        let is_of = |before: &Pending| fit(shared, state, before, frame) == Fit::Yes;
        match before {
            // What it was is not known yet.
            None if self.onset.is_none() => {}
            Some(before) if direct && value && is_of(before) => self.agrees(head, frame),
            _ => self.forget(),
        }
        self.before = line.last().cloned();
        self.fault(anchor)
    }

    /// A reply fits its command: is it that of the command in front as well? `false` when there is nothing to look for
    /// any more.
    pub(super) fn paired(
        &mut self,
        shared: &Shared,
        state: &State,
        head: &Pending,
        frame: &Frame<'_>,
    ) -> bool {
        let before = self.before.as_ref().filter(|b| b.index + 1 == head.index);
        let refuted = before.is_some_and(|before| fit(shared, state, before, frame) == Fit::No);
        self.paired += 1;
        self.before = Some(head.clone());
        !refuted && (self.paired < WATCHED || self.onset.is_some())
    }

    fn forget(&mut self) {
        self.onset = None;
        self.shown.clear();
    }

    fn agrees(&mut self, head: &Pending, frame: &Frame<'_>) {
        self.onset.get_or_insert_with(|| head.clone());
        let exchange = frame.exchange(head, Anchor::Weak);
        if self.shown.len() < SHOWN {
            self.shown.push(KeptExchange::of(&exchange, false));
        }
        self.last = Some((frame.time, frame.at));
    }

    /// The commands came at uneven intervals.
    fn is_uneven(&self) -> bool {
        let sent = |kept: &KeptExchange| kept.command.sent;
        let pairs = self.shown.iter().zip(self.shown.iter().skip(1));
        let waits = pairs.map(|(one, next)| sent(next).since(sent(one)));
        let (least, most) = waits.fold((i64::MAX, i64::MIN), |(least, most), wait| {
            (least.min(wait), most.max(wait))
        });
        most.saturating_sub(least) > UNEVEN_NS
    }

    fn fault(&mut self, anchor: Anchor) -> Option<Fault> {
        if self.shown.len() < AGREEING || !self.is_uneven() {
            return None;
        }
        let (time, at) = self.last?;
        Some(Fault {
            kind: FaultKind::Shifted,
            onset: self.onset.take(),
            uncertain_by: 0,
            wrong: self.shown.len() as u64,
            shift: -1,
            discriminating: self.shown.len() as u64,
            margin: MARGIN,
            impossible: true,
            plain: false,
            anchor,
            time,
            at,
            is_final: false,
            shown: std::mem::take(&mut self.shown),
        })
    }
}
