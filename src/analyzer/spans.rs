//! From when to when each input shows what happened, and how much time really passed in it.
//!
//! Clocks lie. One steps back, or a damaged record is dated years ahead. A wait is measured along the packets of one
//! input: a step backwards adds nothing, nor does a jump of more than an hour.

use crate::model::{PacketRef, Timestamp};

/// An input that begins so soon behind the end of another goes on with it, as the files of a ring do (ns).
const CONTINUES_NS: i64 = 100_000_000;
/// A packet may be so much earlier than the one before it without a step of the clock (ns): several queues feed a capture.
const JITTER_NS: i64 = 1_000_000;
/// No packet comes so much later than the one before it (ns).
const JUMP_NS: i64 = 3_600_000_000_000;
/// So many steps of a clock are remembered.
const STEPS: usize = 1024;

/// One input.
#[derive(Clone, Debug)]
struct Input {
    first: Timestamp,
    /// The latest packet, without jumps.
    last: Timestamp,
    before: Timestamp,
    /// The packet before, where it was far ahead.
    ahead: Option<Timestamp>,
    /// What has to be added to the times of an input from a packet on, so that they grow by what really passed.
    steps: Vec<(u64, i64)>,
    now: i64,
}

impl Input {
    fn new(time: Timestamp) -> Input {
        Input {
            first: time,
            last: time,
            before: time,
            ahead: None,
            steps: Vec::new(),
            now: 0,
        }
    }

    #[inline]
    fn note(&mut self, number: u64, time: Timestamp) {
        if time.soon_after(self.before, JUMP_NS).is_some() {
            self.before = time;
            self.ahead = None;
            self.last = self.last.max(time.plus(self.now));
        } else {
            self.note_odd(number, time, time.since(self.before));
        }
    }

    /// A step back, or far ahead.
    #[inline(never)]
    fn note_odd(&mut self, number: u64, time: Timestamp, passed: i64) {
        if (-JITTER_NS..=JUMP_NS).contains(&passed) {
            self.before = self.before.max(time);
            self.ahead = None;
        } else if passed > JUMP_NS && !self.ahead.is_some_and(|ahead| is_near(ahead, time)) {
            // One packet far ahead of its neighbours: a damaged record.
            self.ahead = Some(time);
            return;
        } else {
            let passed = self
                .ahead
                .take()
                .map_or(passed, |ahead| ahead.since(self.before));
            self.now = self.now.saturating_sub(passed);
            if self.steps.len() < STEPS {
                self.steps.push((number, self.now));
            }
            self.before = time;
        }
        self.last = self.last.max(time.plus(self.now));
    }

    /// The time of a packet, as if the clock had never stepped.
    fn steady(&self, number: u64, time: Timestamp) -> Timestamp {
        let steps = self.steps.partition_point(|(from, _)| *from <= number);
        let offset = steps.checked_sub(1).and_then(|at| self.steps.get(at));
        time.plus(offset.map_or(0, |(_, offset)| *offset))
    }
}

fn is_near(before: Timestamp, time: Timestamp) -> bool {
    (-JITTER_NS..=JUMP_NS).contains(&time.since(before))
}

/// All inputs, by index.
#[derive(Debug, Default)]
pub(super) struct Spans(Vec<Option<Input>>);

impl Spans {
    /// An input shows a packet.
    pub(super) fn note(&mut self, at: PacketRef, time: Timestamp) {
        let index = usize::from(at.file());
        if let Some(Some(input)) = self.0.get_mut(index) {
            return input.note(at.number(), time);
        }
        if self.0.len() <= index {
            self.0.resize(index + 1, None);
        }
        if let Some(input) = self.0.get_mut(index) {
            input
                .get_or_insert_with(|| Input::new(time))
                .note(at.number(), time);
        }
    }

    /// Time has passed without a packet (live).
    pub(super) fn pass(&mut self, now: Timestamp) {
        for input in self.0.iter_mut().flatten() {
            let steady = now.plus(input.now);
            if (0..=JUMP_NS).contains(&steady.since(input.last)) {
                input.last = steady;
            }
        }
    }

    /// How much time passed from the packet `from` to the end of what its input, and those that go on with it, show.
    pub(super) fn since(&self, from: PacketRef, time: Timestamp) -> i64 {
        let Some(input) = self.input(from.file()) else {
            return 0;
        };
        let mut passed = input.last.since(input.steady(from.number(), time)).max(0);
        let mut until = input.last;
        // Each round goes on with another input, so there are no more rounds than inputs.
        for _ in 0..self.0.len() {
            let goes_on = |input: &&Input| {
                input.last > until && (0..=CONTINUES_NS).contains(&input.first.since(until))
            };
            match self.0.iter().flatten().find(goes_on) {
                Some(next) => {
                    passed += next.last.since(until);
                    until = next.last;
                }
                None => break,
            }
        }
        passed
    }

    /// When a packet came, by a clock that never steps, and not later than what has been shown so far.
    pub(super) fn place(&self, at: PacketRef, time: Timestamp) -> Timestamp {
        self.input(at.file()).map_or(time, |input| {
            input.steady(at.number(), time).min(input.last)
        })
    }

    /// No packet that is still to come has an earlier place. Known of one input without a step of its clock.
    pub(super) fn earliest_to_come(&self) -> Option<Timestamp> {
        match &self.0[..] {
            [Some(input)] if input.steps.is_empty() => Some(input.before.plus(-JITTER_NS)),
            _ => None,
        }
    }

    /// What time it is by such a clock.
    pub(super) fn now(&self) -> Timestamp {
        let last = self.0.iter().flatten().map(|input| input.last).max();
        last.unwrap_or(Timestamp::MIN)
    }

    /// How much time passed from one packet to another. Of two inputs their times are compared as they are.
    pub(super) fn between(&self, from: (PacketRef, Timestamp), to: (PacketRef, Timestamp)) -> i64 {
        match self
            .input(from.0.file())
            .filter(|_| from.0.file() == to.0.file())
        {
            Some(input) => {
                let steady = |(at, time): (PacketRef, Timestamp)| input.steady(at.number(), time);
                steady(to).since(steady(from))
            }
            None => to.1.since(from.1),
        }
    }

    fn input(&self, file: u16) -> Option<&Input> {
        self.0.get(usize::from(file))?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_nanos(ms * MS)
    }

    fn spans(of: &[&[i64]]) -> Spans {
        let mut spans = Spans::default();
        for (file, times) in (0u16..).zip(of) {
            for (number, ms) in (1u64..).zip(*times) {
                spans.note(PacketRef::new(file, number), at(*ms));
            }
        }
        spans
    }

    fn since_first(spans: &Spans, file: u16, first: i64) -> i64 {
        spans.since(PacketRef::new(file, 1), at(first)) / MS
    }

    #[test]
    fn an_input_ends_where_it_ends() {
        // The second one overlaps, the third one is of another day.
        let spans = spans(&[&[0, 1_000], &[500, 9_000], &[90_000_000, 90_001_000]]);
        assert_eq!(since_first(&spans, 0, 0), 1_000);
        assert_eq!(since_first(&spans, 1, 500), 8_500);
    }

    #[test]
    fn the_files_of_a_ring_are_one_capture() {
        let spans = spans(&[
            &[0, 1_000],
            &[1_003, 2_000],
            &[2_050, 3_000],
            &[3_500, 4_000],
        ]);
        assert_eq!(since_first(&spans, 0, 0), 3_000);
        assert_eq!(since_first(&spans, 1, 1_003), 1_997);
        assert_eq!(since_first(&spans, 3, 3_500), 500);
    }

    #[test]
    fn a_clock_that_steps_adds_nothing() {
        // Back by five seconds, then a packet dated years ahead, and the clock as before.
        let spans = spans(&[&[10_000, 10_100, 5_100, 5_300, 900_000_000, 5_400]]);
        assert_eq!(since_first(&spans, 0, 10_000), 400);
        let behind_step = (PacketRef::new(0, 3), at(5_100));
        let last = (PacketRef::new(0, 6), at(5_400));
        assert_eq!(spans.between(behind_step, last) / MS, 300);
    }

    #[test]
    fn packets_a_little_out_of_order_are_no_step() {
        let mut spans = Spans::default();
        for (number, us) in [(1, 1_000), (2, 1_500), (3, 1_200), (4, 2_000)] {
            spans.note(PacketRef::new(0, number), Timestamp::from_nanos(us * 1_000));
        }
        let passed = spans.since(PacketRef::new(0, 1), Timestamp::from_nanos(1_000_000));
        assert_eq!(passed, 1_000_000);
    }
}
