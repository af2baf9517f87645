//! A number that may be missing, in the room of one.

use super::time::Timestamp;
use std::fmt;

/// An offset, a wait or a moment that may be missing, in the room of one. The smallest number of all stands for none; where a
/// damaged capture has that one, the next one is taken for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Optional(i64);

impl Optional {
    /// Missing.
    pub(crate) const NONE: Optional = Optional(i64::MIN);

    /// The number, if there is one.
    #[inline]
    pub(crate) fn get(self) -> Option<i64> {
        (self != Optional::NONE).then_some(self.0)
    }

    /// The same, if it is a moment.
    #[inline]
    pub(crate) fn moment(self) -> Option<Timestamp> {
        self.get().map(Timestamp::from_nanos)
    }

    #[inline]
    pub(crate) fn is_none(self) -> bool {
        self == Optional::NONE
    }
}

impl Default for Optional {
    fn default() -> Optional {
        Optional::NONE
    }
}

impl From<Option<i64>> for Optional {
    #[inline]
    fn from(number: Option<i64>) -> Optional {
        number.map_or(Optional::NONE, |number| Optional(number.max(i64::MIN + 1)))
    }
}

impl From<Option<Timestamp>> for Optional {
    #[inline]
    fn from(moment: Option<Timestamp>) -> Optional {
        moment.map(Timestamp::as_nanos).into()
    }
}

impl fmt::Debug for Optional {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_but_the_smallest_comes_back() {
        for number in [i64::MIN + 1, -1, 0, 1, i64::MAX] {
            let optional = Optional::from(Some(number));
            assert_eq!((optional.get(), optional.is_none()), (Some(number), false));
            let moment = Some(Timestamp::from_nanos(number));
            assert_eq!(Optional::from(moment).moment(), moment);
        }
        let smallest = Optional::from(Some(i64::MIN));
        assert_eq!(smallest.get(), Some(i64::MIN + 1));
        let none = Optional::from(None::<i64>);
        assert_eq!((none.get(), none), (None, Optional::default()));
    }
}
