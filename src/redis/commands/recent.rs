//! Short command names that were looked up before. Most traffic is a few names over and over: a number is compared instead
//! of hashing a string.

/// A power of two.
const PLACES: usize = 64;

/// Names of up to seven bytes, as they stand on the wire, each at the one place that its bytes choose.
#[derive(Debug)]
pub(super) struct Recent<T>([(u64, T); PLACES]);

impl<T: Copy> Recent<T> {
    /// Empty. `none` stands where there is no name yet.
    pub(super) fn new(none: T) -> Recent<T> {
        Recent([(0, none); PLACES])
    }

    /// What `name` was found to be.
    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> Option<T> {
        let number = number(name)?;
        let (kept, id) = self.0.get(place(number))?;
        (*kept == number).then_some(*id)
    }

    /// Remembers what `name` is, if it is short.
    pub(super) fn note(&mut self, name: &[u8], id: T) {
        if let Some(number) = number(name)
            && let Some(place) = self.0.get_mut(place(number))
        {
            *place = (number, id);
        }
    }
}

/// All bytes of a short name and its length. Never 0.
#[inline]
fn number(name: &[u8]) -> Option<u64> {
    let short = (1..8).contains(&name.len());
    let bytes = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    short.then(|| name.iter().fold(name.len() as u64, bytes))
}

#[inline]
fn place(number: u64) -> usize {
    (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_names_are_not_found() {
        let mut recent = Recent::new(0);
        recent.note(b"GET", 7);
        assert_eq!(recent.find(b"GET"), Some(7));
        for name in [&b""[..], b"get", b"GE", b"GETX", b"\0GET", b"SUBSCRIBE"] {
            assert_eq!(recent.find(name), None, "{name:?}");
        }
        recent.note(b"SUBSCRIBE", 8);
        assert_eq!(recent.find(b"SUBSCRIBE"), None, "too long");
    }

    #[test]
    fn lengths_and_bytes_tell_names_apart() {
        let mut seen = std::collections::BTreeSet::new();
        for len in 1..8 {
            for byte in 0..=255 {
                assert!(seen.insert(number(&vec![byte; len])));
            }
        }
    }
}
