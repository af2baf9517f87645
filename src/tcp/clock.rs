//! A clock for waits. The clocks of captures step back, jump ahead and disagree; what has to wait for something must not
//! be judged by that.

use crate::model::Timestamp;

/// A step ahead of more than this is no time that passed, ns: the machine slept, its clock was set, or the record is
/// damaged.
const JUMP_NS: i64 = 3_600_000_000_000;

/// Packets of one input may be out of order by less than this, ns. A longer step back is a clock that was set.
const OUT_OF_ORDER_NS: i64 = 1_000_000_000;

/// The clock of one input.
#[derive(Clone, Copy, Debug)]
struct InputClock {
    /// The latest time that it told.
    last: Timestamp,
    /// One packet told a time far ahead. If the next one does not, its record was damaged.
    ahead: bool,
    /// This moment on the steady clock.
    steady: Timestamp,
}

impl InputClock {
    /// True when the clock was set back.
    #[inline(always)]
    fn note(&mut self, time: Timestamp) -> bool {
        match time.soon_after(self.last, JUMP_NS) {
            Some(passed) if !self.ahead => {
                self.steady = self.steady.plus(passed);
                self.last = time;
                false
            }
            _ => self.note_odd(time),
        }
    }

    /// The same of a step back, or far ahead.
    #[inline(never)]
    fn note_odd(&mut self, time: Timestamp) -> bool {
        let passed = time.since(self.last);
        if passed > JUMP_NS && !self.ahead {
            self.ahead = true;
            return false;
        }
        self.ahead = false;
        if (-OUT_OF_ORDER_NS..=0).contains(&passed) {
            return false;
        }
        if (0..=JUMP_NS).contains(&passed) {
            self.steady = self.steady.plus(passed);
        }
        self.last = time;
        passed < 0
    }
}

/// Time that has passed, over all inputs: measured within each of them, and never running back.
#[derive(Debug)]
pub(super) struct SteadyClock {
    inputs: Vec<Option<InputClock>>,
    now: Timestamp,
    /// The input of the latest packet.
    latest: u16,
}

impl SteadyClock {
    pub(super) fn new() -> SteadyClock {
        SteadyClock {
            inputs: Vec::new(),
            now: Timestamp::MIN,
            latest: 0,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// A packet of input `file` was captured at `time`. True when the clock of the input was set back.
    #[inline(always)]
    pub(super) fn note(&mut self, file: u16, time: Timestamp) -> bool {
        self.latest = file;
        let index = usize::from(file);
        if let Some(Some(input)) = self.inputs.get_mut(index) {
            let back = input.note(time);
            self.now = self.now.max(input.steady);
            back
        } else {
            self.begin(index, time);
            false
        }
    }

    /// Time has passed without a packet.
    pub(super) fn tick(&mut self, time: Timestamp) {
        self.note(self.latest, time);
    }

    #[cold]
    fn begin(&mut self, index: usize, time: Timestamp) {
        if self.inputs.len() <= index {
            self.inputs.resize(index + 1, None);
        }
        if self.now == Timestamp::MIN {
            self.now = time;
        }
        if let Some(place) = self.inputs.get_mut(index) {
            *place = Some(InputClock {
                last: time,
                ahead: false,
                steady: self.now,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000_000;

    /// A name, packets as input and second, and the seconds that have passed.
    type Case<'a> = (&'a str, &'a [(u16, i64)], i64);

    fn passed(packets: &[(u16, i64)]) -> i64 {
        let mut clock = SteadyClock::new();
        for (file, seconds) in packets {
            clock.note(*file, Timestamp::from_nanos(seconds * S));
        }
        let first = packets[0].1;
        clock.now().since(Timestamp::from_nanos(first * S)) / S
    }

    #[test]
    fn only_time_that_passed_counts() {
        let years = 3_000_000_000;
        let table: [Case; 6] = [
            ("plain", &[(0, 10), (0, 12), (0, 15)], 5),
            ("a step back", &[(0, 10), (0, 12), (0, 7), (0, 9)], 4),
            ("damaged", &[(0, 10), (0, 12), (0, years), (0, 13)], 3),
            (
                "set ahead",
                &[(0, 10), (0, years), (0, years + 2), (0, years + 4)],
                2,
            ),
            (
                "two clocks",
                &[(0, 10), (1, 13), (0, 11), (1, 14), (0, 12), (1, 15)],
                2,
            ),
            (
                "a longer one",
                &[(0, 10), (1, 10), (0, 11), (1, 14), (1, 20)],
                10,
            ),
        ];
        for (what, packets, wanted) in table {
            assert_eq!(passed(packets), wanted, "{what}");
        }
    }

    #[test]
    fn packets_out_of_order_add_nothing() {
        let mut clock = SteadyClock::new();
        for ms in [0, 5, 3, 6, 4, 7] {
            assert!(!clock.note(0, Timestamp::from_nanos(ms * 1_000_000)));
        }
        assert_eq!(clock.now(), Timestamp::from_nanos(7_000_000));
        assert!(clock.note(0, Timestamp::from_nanos(-2 * S)), "set back");
        assert!(
            !clock.note(1, Timestamp::from_nanos(-9 * S)),
            "another clock"
        );
    }
}
