//! The names closest to a mistyped one.

/// Suggestions at most.
const MOST: usize = 3;

/// Names of `all` that `typed` may have meant: contained in one another, or few letters apart. The closest first.
pub(super) fn nearest<'a>(typed: &str, all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let typed = typed.to_ascii_lowercase().replace(['_', ' '], "-");
    let mut near: Vec<(usize, &str)> = all
        .filter_map(|name| distance_if_near(&typed, name).map(|d| (d, name)))
        .collect();
    near.sort();
    near.into_iter().take(MOST).map(|(_, name)| name).collect()
}

fn distance_if_near(typed: &str, name: &str) -> Option<usize> {
    let distance = distance(typed, name);
    let contained = typed.len() >= 3 && (name.contains(typed) || typed.contains(name));
    (contained || distance <= name.len() / 3).then_some(distance)
}

/// Levenshtein distance in bytes: insertions, deletions, substitutions.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = Vec::with_capacity(row.len());
        next.push(left);
        for (y, above) in b.bytes().zip(row.iter().skip(1)) {
            let cost = (diagonal + usize::from(x != y))
                .min(left + 1)
                .min(above + 1);
            diagonal = *above;
            left = cost;
            next.push(cost);
        }
        row = next;
    }
    row.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let table = [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("auth-rac", "auth-race", 1),
        ];
        for (a, b, want) in table {
            assert_eq!(distance(a, b), want, "{a} {b}");
            assert_eq!(distance(b, a), want, "{b} {a}");
        }
    }

    #[test]
    fn the_closest_comes_first() {
        let names = ["auth-race", "auth-refused", "slow-auth", "unanswered"];
        let of = |typed| nearest(typed, names.into_iter());
        assert_eq!(of("auth-rase").first(), Some(&"auth-race"));
        assert_eq!(of("AUTH_RACE").first(), Some(&"auth-race"));
        assert_eq!(of("unanswerd"), ["unanswered"]);
        assert!(of("zzz").is_empty());
    }
}
