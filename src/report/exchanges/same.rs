//! Cells that are like those of a row in front: they are not made again.

use crate::model::push_digits;

/// What was written last, and of what it was made.
#[derive(Clone, Debug)]
pub(super) struct Same<T> {
    of: Option<T>,
    text: Vec<u8>,
}

impl<T> Default for Same<T> {
    fn default() -> Self {
        Same {
            of: None,
            text: Vec::new(),
        }
    }
}

impl<T: PartialEq> Same<T> {
    /// The text of this: `make` writes it, unless it is there.
    #[inline]
    pub(super) fn text(&mut self, of: T, make: impl FnOnce(&mut Vec<u8>, &T)) -> &[u8] {
        if self.of.as_ref() != Some(&of) {
            self.text.clear();
            make(&mut self.text, &of);
            self.of = Some(of);
        }
        &self.text
    }
}

/// A number that nearly always is the one behind the last.
#[derive(Clone, Debug, Default)]
pub(super) struct Counter {
    last: Option<u64>,
    digits: Vec<u8>,
}

impl Counter {
    /// Its digits.
    #[inline]
    pub(super) fn digits(&mut self, number: u64) -> &[u8] {
        let next = self.last.and_then(|last| last.checked_add(1)) == Some(number);
        self.last = Some(number);
        if !(next && self.count()) {
            self.digits.clear();
            push_digits(&mut self.digits, number);
        }
        &self.digits
    }

    /// One more, if it has as many digits.
    fn count(&mut self) -> bool {
        for digit in self.digits.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return true;
            }
            *digit = b'0';
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_has_the_digits_of_every_number() {
        let mut counter = Counter::default();
        let jumps = [7, 3, u64::MAX - 1, 0, 5, 5];
        for first in jumps {
            for number in (first..=u64::MAX).take(1_200) {
                assert_eq!(counter.digits(number), number.to_string().as_bytes());
            }
        }
    }

    #[test]
    fn what_is_new_is_made() {
        let mut same = Same::default();
        let mut text = |of: u8| {
            let made = same.text(of, |out, of| push_digits(out, u64::from(*of)));
            made.to_vec()
        };
        assert_eq!([text(1), text(1), text(2)], [b"1", b"1", b"2"]);
    }
}
