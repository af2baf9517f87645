//! Durations in words.

/// A duration in three digits and a unit that fits: `310 µs`, `5.12 ms`, `0 ns`.
pub fn span(ns: i64) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    let all = ns.unsigned_abs();
    let (unit, name) = match all {
        0..1_000 => return format!("{sign}{all} ns"),
        1_000..1_000_000 => (1_000u32, "µs"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => (1_000_000_000, "s"),
    };
    let all = u128::from(all);
    // Rounded to the last digit that is shown.
    let rounded = |digits: u128| (all * digits * 2 / u128::from(unit)).div_ceil(2);
    match all / u128::from(unit) {
        0..10 => format!(
            "{sign}{}.{:02} {name}",
            rounded(100) / 100,
            rounded(100) % 100
        ),
        10..100 => format!("{sign}{}.{} {name}", rounded(10) / 10, rounded(10) % 10),
        _ => format!("{sign}{} {name}", rounded(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_fit_their_unit() {
        let table = [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_234, "1.23 µs"),
            (-41_000, "-41.0 µs"),
            (310_000, "310 µs"),
            (5_120_000, "5.12 ms"),
            (999_999_999, "1000 ms"),
            (1_000_000_000, "1.00 s"),
            (i64::MIN, "-9223372037 s"),
        ];
        for (ns, want) in table {
            assert_eq!(span(ns), want);
        }
    }
}
