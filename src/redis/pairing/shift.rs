//! Replies that are one command late, on a connection whose beginning was not seen.
//!
//! Where pairing was found again behind a pause, a reply that does not fit says at first that it was found in the wrong
//! place. If the same happens behind pause after pause, and each reply is the one that the command in front should have
//! got, the server holds one back. A slow server whose reply comes in the middle of the next exchange looks the same for
//! once; but not each time directly behind the next command, whenever that comes.

use super::evidence::{Fit, fit};
use super::frame::Frame;
use crate::model::{PacketRef, Timestamp};
use crate::redis::exchange::{Anchor, KeptExchange};
use crate::redis::fault::{Fault, FaultKind};
use crate::redis::pending::Pending;
use crate::redis::shared::Shared;
use crate::redis::state::State;
use std::collections::VecDeque;

/// So many replies in a row, each that of the command in front.
const AGREEING: usize = 3;
/// A reply that comes so soon behind a pause is one that was held back, ns. A tenth of the shortest pause.
const DIRECTLY_NS: i64 = 5_000_000;
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
        line: &VecDeque<Pending>,
        last: Option<&Pending>,
        frame: &Frame<'_>,
    ) -> Option<Fault> {
        let head = line.front()?;
        let before = self.before.as_ref().or(last);
        let before = before.filter(|before| before.index + 1 == head.index);
        let direct = anchor == Anchor::Quiet
            && frame.time.since(head.sent) <= DIRECTLY_NS
            && !frame.skipped
            && frame.acknowledges(head);
        let value = !frame.shape.kind.is_error();
        let is_of = |before: &Pending| fit(shared, state, before, frame) == Fit::Yes;
        match before {
            // What it was is not known yet.
            None if self.onset.is_none() => {}
            Some(before) if direct && value && is_of(before) => self.agrees(head, frame),
            _ => self.forget(),
        }
        self.before = line.back().cloned();
        self.fault(anchor)
    }

    /// A reply fits its command: is it that of the command in front as well?
    pub(super) fn paired(
        &mut self,
        shared: &Shared,
        state: &State,
        head: &Pending,
        frame: &Frame<'_>,
    ) {
        let before = self.before.as_ref().filter(|b| b.index + 1 == head.index);
        if before.is_some_and(|before| fit(shared, state, before, frame) == Fit::No) {
            self.forget();
        }
        self.before = Some(head.clone());
    }

    fn forget(&mut self) {
        self.onset = None;
        self.shown.clear();
    }

    fn agrees(&mut self, head: &Pending, frame: &Frame<'_>) {
        self.onset.get_or_insert_with(|| head.clone());
        let exchange = frame.exchange(head, Anchor::Weak);
        self.shown.push(KeptExchange::of(&exchange, false));
        self.last = Some((frame.time, frame.at));
    }

    fn fault(&mut self, anchor: Anchor) -> Option<Fault> {
        if self.shown.len() < AGREEING {
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
