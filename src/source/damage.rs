//! The damaged places of one input: all counted, the first hundred kept.

use super::Problem;
use super::window::Window;

/// How many places are kept with offset and reason. The rest is counted.
pub(super) const KEPT_PROBLEMS: usize = 100;

/// What was wrong with an input.
#[derive(Default)]
pub(super) struct Damage {
    pub(super) total: u64,
    pub(super) kept: Vec<Problem>,
}

impl Damage {
    /// Counts a damaged place. The reason is only put into words when it will be kept.
    pub(super) fn note(&mut self, offset: u64, reason: impl FnOnce() -> String) {
        self.total += 1;
        if self.kept.len() < KEPT_PROBLEMS {
            self.kept.push(Problem {
                offset,
                reason: reason(),
            });
        }
    }

    /// Notes what is left where no further header fits: reading failed there, or the file ends inside `header`.
    #[cold]
    pub(super) fn note_rest(&mut self, window: &mut Window, header: &str) {
        let left = window.len();
        let error = window.take_error();
        if left == 0 && error.is_none() {
            return;
        }
        let offset = window.offset();
        window.consume(left);
        if window.is_stopped() {
            return;
        }
        self.note(offset, || match error {
            Some(error) => format!("reading failed here: {error}; what came before is kept"),
            None => format!("the file ends inside a {header}: the last {left} bytes are not used"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_beyond_what_it_keeps() {
        let mut damage = Damage::default();
        for i in 0..250 {
            damage.note(i, || "bad".to_owned());
        }
        assert_eq!((damage.total, damage.kept.len()), (250, KEPT_PROBLEMS));
    }
}
