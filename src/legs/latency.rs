//! How long an endpoint takes: a histogram with sixteen steps per doubling, so a value is off by 6.25 % at most. Few
//! values are kept as they are beside it.

const STEP_BITS: u32 = 4;
const STEPS: u64 = 1 << STEP_BITS;
const BUCKETS: usize = ((64 - STEP_BITS as usize) + 1) << STEP_BITS;

/// So many values are kept as they are.
const EXACT: usize = 100;

/// A histogram of durations in ns. Takes no memory until the first value.
#[derive(Clone, Debug, Default)]
pub struct Latency {
    buckets: Vec<u32>,
    /// The first values.
    values: Vec<i64>,
    count: u64,
    max: i64,
}

impl Latency {
    /// Adds one duration. A negative one (the clock ran backwards) counts as zero.
    pub fn record(&mut self, ns: i64) {
        self.record_times(ns, 1);
    }

    /// Adds the same duration so many times.
    pub fn record_times(&mut self, ns: i64, times: u32) {
        if self.buckets.is_empty() {
            self.buckets = vec![0; BUCKETS];
        }
        let ns = ns.max(0);
        if let Some(bucket) = self.buckets.get_mut(index(ns as u64)) {
            *bucket = bucket.saturating_add(times);
        }
        if self.values.len() < EXACT {
            let room = EXACT - self.values.len();
            let again = room.min(times as usize);
            self.values.extend(std::iter::repeat_n(ns, again));
        }
        self.count += u64::from(times);
        self.max = self.max.max(ns);
    }

    /// Adds all of another one.
    pub fn join(&mut self, other: &Latency) {
        if self.buckets.is_empty() {
            self.buckets.clone_from(&other.buckets);
        } else {
            for (bucket, more) in self.buckets.iter_mut().zip(&other.buckets) {
                *bucket = bucket.saturating_add(*more);
            }
        }
        // Those of one that is not whole are of no use.
        let room = EXACT.saturating_sub(self.values.len());
        self.values.extend(other.values.iter().take(room));
        self.count += other.count;
        self.max = self.max.max(other.max);
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The longest, ns.
    pub fn max(&self) -> i64 {
        self.max
    }

    /// Every value is kept as it was: [`Latency::told`] is exact.
    pub fn is_exact(&self) -> bool {
        self.values.len() as u64 == self.count
    }

    /// [`Latency::percentile`] for people: exact while [`Latency::is_exact`].
    pub fn told(&self, percent: u64) -> Option<i64> {
        if !self.is_exact() {
            return self.percentile(percent);
        }
        let mut values = self.values.clone();
        values.sort_unstable();
        let rank = (self.count * percent).div_ceil(100).max(1);
        values.get(usize::try_from(rank - 1).ok()?).copied()
    }

    /// The duration (ns) that `percent` of all do not exceed; `None` without values.
    pub fn percentile(&self, percent: u64) -> Option<i64> {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (i, n) in self.buckets.iter().enumerate() {
            seen += u64::from(*n);
            if seen >= rank {
                return Some(upper(i).min(self.max));
            }
        }
        None
    }
}

fn index(ns: u64) -> usize {
    if ns < STEPS {
        return ns as usize;
    }
    let exponent = 63 - ns.leading_zeros();
    let shift = exponent - STEP_BITS;
    let step = (ns >> shift) - STEPS;
    (((u64::from(shift) + 1) << STEP_BITS) + step) as usize
}

/// The largest value of a bucket.
fn upper(index: usize) -> i64 {
    let index = index as u64;
    if index < STEPS {
        return index as i64;
    }
    let shift = (index >> STEP_BITS) - 1;
    let low = (STEPS + (index & (STEPS - 1))) << shift;
    i64::try_from(low + ((1u64 << shift) - 1)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentiles_of_a_known_set() {
        let mut latency = Latency::default();
        assert_eq!(latency.percentile(50), None);
        for ms in 1..=100 {
            latency.record(ms * 1_000_000);
        }
        let p50 = latency.percentile(50).unwrap();
        assert!((50_000_000..=53_125_000).contains(&p50), "{p50}");
        assert_eq!(latency.percentile(100), Some(100_000_000));
        assert_eq!(latency.max(), 100_000_000);
    }

    #[test]
    fn few_values_are_told_as_they_were() {
        let mut latency = Latency::default();
        assert_eq!(latency.told(50), None);
        for ns in [5_120_001, 310_007, 7] {
            latency.record(ns);
        }
        assert_eq!(
            (latency.told(50), latency.told(99)),
            (Some(310_007), Some(5_120_001))
        );
        assert!(latency.is_exact());
        let mut many = Latency::default();
        for ns in 0..=EXACT as i64 {
            many.record(ns * 1_000_003);
        }
        assert!(!many.is_exact());
        assert_eq!(many.told(50), many.percentile(50));
        latency.join(&many);
        assert!(!latency.is_exact());
    }

    proptest! {
        #[test]
        fn a_bucket_holds_its_value_within_a_sixteenth(ns in 0..i64::MAX) {
            let at = upper(index(ns as u64));
            prop_assert!(at >= ns);
            prop_assert!((at - ns) as u64 <= (ns as u64) / 16);
        }
    }
}
