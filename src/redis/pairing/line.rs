//! The commands of a connection in the order they were sent: those that were answered since nothing was outstanding, as
//! far as they are remembered, and behind them those that wait.
//!
//! A command is written once, where it waits, and stays there when it is answered: on pipelined traffic moving it costs
//! more than looking at it.

use crate::redis::pending::Pending;
use crate::redis::spare_lines::SpareLines;
use std::collections::VecDeque;

/// Fewer that are forgotten stay in front of the others for a while.
const FORGOTTEN: usize = 64;

/// Answered commands, then waiting ones.
#[derive(Debug, Default)]
pub(super) struct Line {
    commands: Vec<Pending>,
    /// Where the answered ones begin. In front of them stand some that are forgotten.
    from: u32,
    /// The first that waits.
    next: u32,
}

impl Line {
    #[inline(always)]
    fn from(&self) -> usize {
        self.from as usize
    }

    #[inline(always)]
    fn next(&self) -> usize {
        self.next as usize
    }

    /// Commands that wait, oldest first.
    #[inline]
    pub(super) fn waiting(&self) -> &[Pending] {
        self.commands.get(self.next()..).unwrap_or_default()
    }

    /// The same, to be changed.
    pub(super) fn waiting_mut(&mut self) -> &mut [Pending] {
        let next = self.next();
        self.commands.get_mut(next..).unwrap_or_default()
    }

    /// Commands that were answered, oldest first.
    pub(super) fn answered(&self) -> &[Pending] {
        self.commands
            .get(self.from()..self.next())
            .unwrap_or_default()
    }

    /// The oldest that waits.
    #[inline]
    pub(super) fn front(&self) -> Option<&Pending> {
        self.commands.get(self.next())
    }

    /// The latest, if it waits.
    #[inline]
    pub(super) fn back(&self) -> Option<&Pending> {
        self.waiting().last()
    }

    /// Commands that wait.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.commands.len() - self.next()
    }

    /// None waits.
    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        self.commands.len() == self.next()
    }

    /// One was sent.
    // It is large: it is made where it stays.
    #[inline(always)]
    pub(super) fn push(&mut self, command: Pending) {
        if self.commands.len() == self.commands.capacity() {
            self.make_room();
        }
        self.commands.push(command);
    }

    /// Those that are forgotten make room, if they are many.
    #[cold]
    fn make_room(&mut self) {
        if self.from() > self.commands.len() / 4 {
            self.close_up();
        }
    }

    /// The oldest that waits was answered, and stays.
    #[inline]
    pub(super) fn keep_front(&mut self) {
        debug_assert!(!self.is_idle());
        self.next += 1;
    }

    /// The oldest that waits leaves. None that was answered is remembered.
    #[inline]
    pub(super) fn pop_front(&mut self) -> Option<Pending> {
        debug_assert!(self.from == self.next);
        let front = match self.len() {
            // Nearly always it is the only one.
            1 => self.commands.pop(),
            _ => self.commands.get(self.next()).cloned(),
        }?;
        self.next += u32::from(!self.is_idle());
        self.forget_answered();
        Some(front)
    }

    /// The same, to `place`. Where it is the only one it is moved once: it is large.
    #[inline(always)]
    pub(super) fn pop_front_to(&mut self, place: &mut Option<Pending>) {
        if self.len() == 1 {
            *place = self.commands.pop();
            self.forget_answered();
        } else {
            *place = self.pop_front();
        }
    }

    /// Those that were answered are not remembered any more.
    #[inline]
    pub(super) fn forget_answered(&mut self) {
        self.from = self.next;
        if self.is_idle() {
            self.clear();
        } else if self.from() >= FORGOTTEN && self.from() >= self.len() {
            self.close_up();
        }
    }

    /// As many at least have left as are moved.
    #[cold]
    fn close_up(&mut self) {
        self.commands.drain(..self.from());
        self.next -= self.from;
        self.from = 0;
    }

    /// Those that were answered, which are not remembered here any more.
    pub(super) fn take_answered(&mut self) -> Vec<Pending> {
        let answered = self.commands.drain(self.from()..self.next()).collect();
        self.next = self.from;
        self.forget_answered();
        answered
    }

    /// Those that wait. The others stay.
    // There may be very many, and few in front of them: those are the ones that are moved.
    pub(super) fn take_waiting(&mut self) -> VecDeque<Pending> {
        if self.is_idle() {
            return VecDeque::new();
        }
        let (from, next) = (self.from(), self.next());
        let mut commands = VecDeque::from(std::mem::take(&mut self.commands));
        self.commands = commands.drain(..next).skip(from).collect();
        (self.from, self.next) = (0, self.next - self.from);
        commands
    }

    /// Behind those that were answered come these, while none waits.
    pub(super) fn wait(&mut self, commands: VecDeque<Pending>) {
        debug_assert!(self.is_idle());
        if self.from == self.next {
            self.clear();
            self.commands = Vec::from(commands);
        } else {
            self.commands.extend(commands);
        }
    }

    /// All are let go of.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.commands.clear();
        (self.from, self.next) = (0, 0);
    }

    /// None waits: room for more than `most` is given back, and if nothing is remembered all of it that others may need.
    #[inline]
    pub(super) fn rest(&mut self, most: usize, spare: &mut SpareLines) {
        let remembered = self.commands.len() - self.from();
        // Not for a little: the next command would need it again.
        if self.commands.capacity() > most.max(4 * remembered) {
            self.close_up();
            self.commands.shrink_to(most.max(2 * remembered));
        }
        if self.commands.is_empty() {
            spare.take_back(&mut self.commands);
        }
    }

    /// One is about to wait: there may be room that nobody else needs.
    #[inline]
    pub(super) fn borrow(&mut self, spare: &mut SpareLines) {
        spare.lend(&mut self.commands);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PacketRef, Timestamp};
    use crate::redis::CommandTable;
    use crate::redis::commands::Kind;
    use crate::redis::pending::Detail;
    use proptest::prelude::*;

    fn numbered(index: u64) -> Pending {
        Pending {
            id: CommandTable::new(0).other(),
            kind: Kind::Ordinary,
            index,
            argc: 1,
            end: 0,
            wire_len: 0,
            ack: None,
            sent: Timestamp::MIN,
            at: PacketRef::new(0, 1),
            first: None,
            detail: Detail::None,
            suspect: false,
            torn: false,
            closed: false,
            arguments: None,
        }
    }

    fn numbers<'c>(commands: impl IntoIterator<Item = &'c Pending>) -> Vec<u64> {
        commands.into_iter().map(|command| command.index).collect()
    }

    /// What may happen to a line, so many times.
    fn steps() -> impl Strategy<Value = Vec<(u8, usize)>> {
        prop::collection::vec((0u8..6, 1usize..90), 1..60)
    }

    proptest! {
        /// The same as two queues, wherever its commands lie.
        #[test]
        fn is_two_queues_in_one(steps in steps()) {
            let mut line = Line::default();
            let (mut answered, mut waiting) = (VecDeque::new(), VecDeque::new());
            let mut sent = 0;
            for (what, times) in steps {
                match what {
                    0 | 1 => (0..times).for_each(|_| {
                        line.push(numbered(sent));
                        waiting.push_back(sent);
                        sent += 1;
                    }),
                    2 | 3 => (0..times.min(waiting.len())).for_each(|_| {
                        line.keep_front();
                        answered.extend(waiting.pop_front());
                    }),
                    4 => {
                        line.forget_answered();
                        answered.clear();
                        for i in 0..times / 2 {
                            let mut front = None;
                            match i % 2 {
                                0 => front = line.pop_front(),
                                _ => line.pop_front_to(&mut front),
                            }
                            prop_assert_eq!(front.map(|c| c.index), waiting.pop_front());
                        }
                        if line.is_idle() {
                            line.rest(8, &mut SpareLines::default());
                        }
                    }
                    _ => {
                        let rest = line.take_waiting();
                        let rest_numbers = numbers(&rest);
                        prop_assert_eq!(rest_numbers, waiting.iter().copied().collect::<Vec<_>>());
                        prop_assert!(line.is_idle());
                        if times % 2 == 0 {
                            let all = numbers(&line.take_answered());
                            prop_assert_eq!(all, answered.drain(..).collect::<Vec<_>>());
                        }
                        line.wait(rest);
                    }
                }
                prop_assert_eq!(numbers(line.waiting()), waiting.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(numbers(line.answered()), answered.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(line.front().map(|c| c.index), waiting.front().copied());
                prop_assert_eq!(line.back().map(|c| c.index), waiting.back().copied());
                prop_assert_eq!((line.len(), line.is_idle()), (waiting.len(), waiting.is_empty()));
                // What is forgotten takes no more room than what is not.
                let kept = answered.len() + waiting.len();
                prop_assert!(line.commands.len() <= 2 * kept + 2 * FORGOTTEN);
            }
        }
    }

    /// One command after the other that is remembered: room is not given back and taken again for each.
    #[test]
    fn what_is_remembered_keeps_its_room() {
        let (mut spare, mut line) = (SpareLines::default(), Line::default());
        let mut changes = 0;
        for index in 0..4_000 {
            let room = line.commands.capacity();
            line.push(numbered(index));
            line.keep_front();
            line.rest(64, &mut spare);
            changes += usize::from(line.commands.capacity() != room);
        }
        assert!(changes < 16, "{changes}");
        assert_eq!(line.answered().len(), 4_000);
    }

    /// As many are answered as are sent: the room is that of those that wait.
    #[test]
    fn a_deep_line_does_not_grow() {
        let mut line = Line::default();
        for index in 0..100_000 {
            line.push(numbered(index));
            if index >= 1_000 {
                line.keep_front();
                line.forget_answered();
            }
        }
        assert!(line.commands.capacity() <= 2 * 1_024);
    }

    #[test]
    fn an_idle_line_lends_its_room() {
        let (mut spare, mut line, mut other) = Default::default();
        Line::push(&mut line, numbered(0));
        line.keep_front();
        line.rest(64, &mut spare);
        assert_eq!(line.answered().len(), 1, "what is remembered stays");
        line.forget_answered();
        line.rest(64, &mut spare);
        assert_eq!(line.commands.capacity(), 0);
        Line::borrow(&mut other, &mut spare);
        assert!(other.commands.capacity() > 0);
    }
}
