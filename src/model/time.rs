//! A moment as the capture recorded it.

/// Nanoseconds since the Unix epoch, as captured. Arithmetic saturates: a damaged capture may hold any time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest moment that can be said.
    pub const MIN: Timestamp = Timestamp(i64::MIN);
    /// The latest moment that can be said.
    pub const MAX: Timestamp = Timestamp(i64::MAX);

    /// From nanoseconds since the Unix epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Timestamp(nanos)
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Nanoseconds from `earlier` to `self`; negative when the clock ran backwards.
    pub const fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Nanoseconds from `earlier` to `self`, if that is neither negative nor more than `most`.
    #[inline]
    pub fn soon_after(self, earlier: Timestamp, most: i64) -> Option<i64> {
        let passed = self.0.checked_sub(earlier.0)?;
        (0..=most).contains(&passed).then_some(passed)
    }

    /// This moment moved by `nanos`.
    #[must_use]
    pub const fn plus(self, nanos: i64) -> Self {
        Timestamp(self.0.saturating_add(nanos))
    }
}
