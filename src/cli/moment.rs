//! Times and durations as typed.

#![expect(
    clippy::disallowed_methods,
    reason = "a live capture that is silent goes by the clock"
)]

use crate::model::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const NS: [(&str, i64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// `5ms`, `1.5s`, `250us`: a number and a unit, never negative.
pub(super) fn duration(text: &str) -> Result<i64, String> {
    let wrong = || "write a number and a unit, such as 250us, 5ms, 1.5s or 2m".to_owned();
    let (number, unit) = NS
        .iter()
        .find_map(|(name, ns)| text.strip_suffix(name).map(|n| (n, *ns)))
        .ok_or_else(wrong)?;
    decimal(number.trim_end(), unit).ok_or_else(wrong)
}

/// `number` times `unit` ns, exact down to the nanosecond.
fn decimal(number: &str, unit: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let mut ns = whole.parse::<i64>().ok()?.checked_mul(unit)?;
    let mut place = unit;
    for digit in fraction.bytes() {
        place /= 10;
        ns = ns.checked_add(place * i64::from(digit - b'0'))?;
    }
    Some(ns)
}

const NS_PER_SECOND: i64 = 1_000_000_000;

/// An RFC 3339 time, a date and time without a zone (taken in `zone`), or seconds since 1970.
pub(super) fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return fit(time);
    }
    if let Ok(civil) = text.parse::<DateTime>() {
        let zoned = civil.to_zoned(zone.clone());
        return zoned
            .map_err(|e| e.to_string())
            .and_then(|z| fit(z.timestamp()));
    }
    decimal(text, NS_PER_SECOND)
        .map(Timestamp::from_nanos)
        .ok_or_else(|| {
            format!("'{text}' is no time: write 2026-01-31T12:00:00.5Z, 2026-01-31T12:00:00 or seconds since 1970")
        })
}

fn fit(time: jiff::Timestamp) -> Result<Timestamp, String> {
    i64::try_from(time.as_nanosecond())
        .map(Timestamp::from_nanos)
        .map_err(|_| "captures hold times from 1677 to 2262".to_owned())
}

/// This moment, for a live capture that is silent. A clock beyond 2262 stands still.
pub(super) fn now() -> Timestamp {
    let now = jiff::Timestamp::now().as_nanosecond();
    i64::try_from(now).map_or(Timestamp::MAX, Timestamp::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let table = [
            ("0ns", 0),
            ("250us", 250_000),
            ("250µs", 250_000),
            ("5ms", 5_000_000),
            ("1.5s", 1_500_000_000),
            ("0.000000001s", 1),
            ("2m", 120_000_000_000),
            ("2 min", 120_000_000_000),
            ("1h", 3_600_000_000_000),
        ];
        for (text, want) in table {
            assert_eq!(duration(text), Ok(want), "{text}");
        }
        for text in [
            "",
            "5",
            "ms",
            "-5ms",
            "1..5s",
            "1.s",
            ".5s",
            "1e3s",
            "99999999999h",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn moments() {
        let table = [
            ("2023-11-14T22:13:20Z", 1_700_000_000_000_000_000),
            ("2023-11-14T23:13:20.5+01:00", 1_700_000_000_500_000_000),
            ("2023-11-14T22:13:20", 1_700_000_000_000_000_000),
            ("2023-11-14 22:13:20", 1_700_000_000_000_000_000),
            ("1700000000.000000042", 1_700_000_000_000_000_042),
        ];
        for (text, want) in table {
            let time = moment(text, &TimeZone::UTC);
            assert_eq!(time.map(Timestamp::as_nanos), Ok(want), "{text}");
        }
        for text in ["", "noon", "2023-13-01T00:00:00Z", "9999-01-01T00:00:00Z"] {
            assert!(moment(text, &TimeZone::UTC).is_err(), "{text}");
        }
    }
}
