//! The print of a string: a keyed hash over all its bytes, the same however they come in.
//!
//! It tells equal strings from others without keeping them: keys, credentials, payloads that come back. It is never
//! shown. Two multiplications per sixteen bytes; the key keeps others from choosing strings that share a print.

/// The key of all prints of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PrintKey {
    start: u64,
    factor: u64,
}

impl PrintKey {
    /// From two random numbers.
    pub const fn new(start: u64, factor: u64) -> PrintKey {
        PrintKey {
            start,
            // An even factor, or a small one, would lose bits.
            factor: factor | 0x8000_0000_0000_0001,
        }
    }

    /// The print of a whole string.
    #[inline]
    pub fn of(&self, bytes: &[u8]) -> u64 {
        let (words, rest) = bytes.as_chunks();
        let state = words.iter().fold(0, |state, word| {
            fold(state ^ self.start ^ u64::from_le_bytes(*word), self.factor)
        });
        let print = Print {
            state,
            word: rest
                .iter()
                .fold(0, |word, byte| word << 8 | u64::from(*byte)),
            len: bytes.len() as u64,
        };
        print.finish(self)
    }
}

/// Not random: for tests, and where nothing is compared.
impl Default for PrintKey {
    fn default() -> PrintKey {
        PrintKey::new(0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7345)
    }
}

/// The print of a string of which a part has come in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Print {
    state: u64,
    /// Bytes that do not fill a word yet.
    word: u64,
    len: u64,
}

impl Print {
    /// The next bytes.
    pub(super) fn extend(&mut self, key: &PrintKey, bytes: &[u8]) {
        let mut rest = bytes;
        while let ([byte, behind @ ..], true) = (rest, !self.len.is_multiple_of(8)) {
            self.push(key, *byte);
            rest = behind;
        }
        while let Some((word, behind)) = rest.split_first_chunk() {
            self.state = fold(
                self.state ^ key.start ^ u64::from_le_bytes(*word),
                key.factor,
            );
            self.len = self.len.wrapping_add(8);
            rest = behind;
        }
        for byte in rest {
            self.push(key, *byte);
        }
    }

    fn push(&mut self, key: &PrintKey, byte: u8) {
        self.word = self.word << 8 | u64::from(byte);
        self.len = self.len.wrapping_add(1);
        if self.len.is_multiple_of(8) {
            // As it lies in memory, so that it does not matter where the string was cut.
            self.state = fold(self.state ^ key.start ^ self.word.swap_bytes(), key.factor);
            self.word = 0;
        }
    }

    /// Of all bytes so far.
    #[inline]
    pub(super) fn finish(self, key: &PrintKey) -> u64 {
        let last = fold(self.state ^ key.start ^ self.word, key.factor);
        fold(last ^ self.len, key.factor.rotate_left(32) | 1)
    }
}

/// Both halves of the product, folded into one.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_strings_have_other_prints() {
        let key = PrintKey::default();
        let long = [b'k'; 70];
        let mut strings = vec![
            b"".to_vec(),
            b"\0".to_vec(),
            b"\0\0".to_vec(),
            long.to_vec(),
        ];
        for at in 0..long.len() {
            let mut other = long;
            other[at] = b'x';
            strings.push(other.to_vec());
        }
        let prints: std::collections::BTreeSet<u64> = strings.iter().map(|s| key.of(s)).collect();
        assert_eq!(prints.len(), strings.len());
        assert_ne!(key.of(b"a"), PrintKey::new(1, 2).of(b"a"));
    }

    proptest! {
        #[test]
        fn however_it_is_cut(bytes in prop::collection::vec(any::<u8>(), 0..100), cuts in prop::collection::vec(0usize..100, 0..5)) {
            let key = PrintKey::default();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let (mut print, mut from) = (Print::default(), 0);
            for cut in cuts.into_iter().chain([bytes.len()]) {
                print.extend(&key, &bytes[from..cut]);
                from = cut;
            }
            prop_assert_eq!(print.finish(&key), key.of(&bytes));
        }
    }
}
