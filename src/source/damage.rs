//! The damaged places of one input: all counted, the first hundred kept.

use super::Problem;

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
