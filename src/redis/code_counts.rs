//! Error replies by code. Most connections with an error have one code, so the codes lie one behind the other: a tree has
//! room for eleven in each node.

/// How many error replies there were of each code, by code.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CodeCounts(Vec<(Box<str>, u64)>);

impl CodeCounts {
    /// None.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each code with its number, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &u64)> {
        self.0.iter().map(|(code, count)| (&**code, count))
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// Adds `by` errors with this code.
    pub fn add(&mut self, code: &str, by: u64) {
        match self.0.binary_search_by(|(known, _)| (**known).cmp(code)) {
            Ok(at) => {
                if let Some((_, count)) = self.0.get_mut(at) {
                    *count += by;
                }
            }
            Err(at) => {
                self.0.reserve_exact(usize::from(self.0.is_empty()));
                self.0.insert(at, (code.into(), by));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_counted_and_sorted() {
        let mut codes = CodeCounts::default();
        assert!(codes.is_empty());
        for (code, by) in [("NOAUTH", 1), ("ERR", 2), ("WRONGPASS", 1), ("NOAUTH", 4)] {
            codes.add(code, by);
        }
        let all: Vec<(&str, u64)> = codes.iter().map(|(code, n)| (code, *n)).collect();
        assert_eq!(all, [("ERR", 2), ("NOAUTH", 5), ("WRONGPASS", 1)]);
        assert_eq!((codes.total(), codes.is_empty()), (8, false));
    }
}
