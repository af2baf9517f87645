//! How moments and durations are written.

use crate::model::{Timestamp, put_digits};
use jiff::tz::{Offset, TimeZone};
use serde::{Serialize, Serializer};

/// `--time`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TimeStyle {
    /// As captured, in UTC.
    #[default]
    Utc,
    /// In the zone of this machine.
    Local,
    /// Since the first packet.
    Relative,
}

impl TimeStyle {
    /// Every style, in help order.
    pub const ALL: [TimeStyle; 3] = [TimeStyle::Utc, TimeStyle::Local, TimeStyle::Relative];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            TimeStyle::Utc => "utc",
            TimeStyle::Local => "local",
            TimeStyle::Relative => "relative",
        }
    }
}

/// Writes moments in one style. Nanoseconds are never rounded away.
#[derive(Clone, Debug)]
pub struct Clock {
    style: TimeStyle,
    zone: TimeZone,
    origin: Option<Timestamp>,
}

impl Clock {
    /// A clock of that style. `origin` is the first packet; without one, relative times count from the first moment shown.
    pub fn new(style: TimeStyle, origin: Option<Timestamp>) -> Self {
        let zone = match style {
            TimeStyle::Local => TimeZone::system(),
            TimeStyle::Utc | TimeStyle::Relative => TimeZone::UTC,
        };
        Clock {
            style,
            zone,
            origin,
        }
    }

    /// Sets the origin unless there is one.
    pub fn start_at(&mut self, time: Timestamp) {
        self.origin.get_or_insert(time);
    }

    /// The moment in words.
    pub fn show(&self, time: Timestamp) -> String {
        match self.style {
            TimeStyle::Utc => rfc3339(time),
            TimeStyle::Local => in_zone(time, &self.zone),
            TimeStyle::Relative => seconds(time.since(self.origin.unwrap_or(time))),
        }
    }
}

/// RFC 3339 in UTC with nine digits: `2026-01-31T12:00:00.000000001Z`.
pub fn rfc3339(time: Timestamp) -> String {
    Utc::of(time).as_str().to_owned()
}

/// A moment in the words of [`rfc3339`], without an allocation: a report holds a dozen for each finding.
/// Times of 64 bits have years of four digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Utc([u8; 30]);

impl Utc {
    pub(super) fn of(time: Timestamp) -> Utc {
        let civil = Offset::UTC.to_datetime(moment(time));
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
        put_digits(&mut text[..4], u32::from(civil.year().unsigned_abs()));
        put_digits(&mut text[5..7], u32::from(civil.month().unsigned_abs()));
        put_digits(&mut text[8..10], u32::from(civil.day().unsigned_abs()));
        put_digits(&mut text[11..13], u32::from(civil.hour().unsigned_abs()));
        put_digits(&mut text[14..16], u32::from(civil.minute().unsigned_abs()));
        put_digits(&mut text[17..19], u32::from(civil.second().unsigned_abs()));
        put_digits(&mut text[20..29], civil.subsec_nanosecond().unsigned_abs());
        Utc(text)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Serialize for Utc {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.as_str())
    }
}

/// Writes moments one behind the other. Most lie in the same second as the one before: of those only the last digits are new.
#[derive(Debug)]
pub(super) struct Moments {
    second: i64,
    text: Utc,
}

impl Moments {
    pub(super) fn new() -> Moments {
        Moments {
            second: 0,
            text: Utc::of(Timestamp::default()),
        }
    }

    pub(super) fn of(&mut self, time: Timestamp) -> &Utc {
        let (second, rest) = (
            time.as_nanos().div_euclid(NS_PER_SECOND as i64),
            time.as_nanos().rem_euclid(NS_PER_SECOND as i64),
        );
        if second == self.second {
            put_digits(&mut self.text.0[20..29], rest as u32);
        } else {
            (self.second, self.text) = (second, Utc::of(time));
        }
        &self.text
    }
}

fn in_zone(time: Timestamp, zone: &TimeZone) -> String {
    let zoned = moment(time).to_zoned(zone.clone());
    zoned.strftime("%Y-%m-%dT%H:%M:%S.%9f%:z").to_string()
}

fn moment(time: Timestamp) -> jiff::Timestamp {
    // The library reaches further than 64 bits of nanoseconds do; clamping is for the reader's peace.
    let edge = if time.as_nanos() < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    };
    jiff::Timestamp::from_nanosecond(i128::from(time.as_nanos())).unwrap_or(edge)
}

const NS_PER_SECOND: u64 = 1_000_000_000;

/// `+1.000000042s`.
fn seconds(ns: i64) -> String {
    let sign = if ns < 0 { '-' } else { '+' };
    let all = ns.unsigned_abs();
    format!("{sign}{}.{:09}s", all / NS_PER_SECOND, all % NS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moments_keep_every_digit() {
        let time = Timestamp::from_nanos(1_700_000_000_000_000_042);
        assert_eq!(rfc3339(time), "2023-11-14T22:13:20.000000042Z");
        let clock = Clock::new(TimeStyle::Relative, Some(time.plus(-1_000_000_001)));
        assert_eq!(clock.show(time), "+1.000000001s");
        assert_eq!(clock.show(time.plus(-2_000_000_002)), "-1.000000001s");
    }

    #[test]
    fn any_moment_can_be_said() {
        for time in [Timestamp::MIN, Timestamp::MAX, Timestamp::default()] {
            for style in TimeStyle::ALL {
                assert!(
                    !Clock::new(style, Some(Timestamp::MIN))
                        .show(time)
                        .is_empty()
                );
            }
        }
        assert_eq!(rfc3339(Timestamp::MIN), "1677-09-21T00:12:43.145224192Z");
        assert_eq!(rfc3339(Timestamp::MAX), "2262-04-11T23:47:16.854775807Z");
    }

    proptest! {
        #[test]
        fn a_moment_is_what_the_library_says(ns in any::<i64>()) {
            let time = Timestamp::from_nanos(ns);
            prop_assert_eq!(rfc3339(time), format!("{:.9}", moment(time)));
        }

        #[test]
        fn moments_in_a_row_are_said_alike(start: i64, steps in prop::collection::vec(-2_000_000_000i64..2_000_000_000, 1..9)) {
            let mut moments = Moments::new();
            let mut time = Timestamp::from_nanos(start);
            for step in steps {
                time = time.plus(step);
                prop_assert_eq!(moments.of(time).as_str(), rfc3339(time));
            }
        }
    }
}
