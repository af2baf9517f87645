//! Several short texts in one piece of memory: the arguments of a command as they are shown.

use smallvec::SmallVec;
use std::fmt;

/// Most are shorter together.
const ROOM: usize = 32;

/// Texts one behind the other, a space between them.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Texts {
    all: String,
    /// Where each of them ends.
    ends: SmallVec<[usize; 2]>,
}

impl Texts {
    /// One more: what `write` appends.
    pub fn push_with(&mut self, write: impl FnOnce(&mut String)) {
        match self.ends.is_empty() {
            true => self.all.reserve(ROOM),
            false => self.all.push(' '),
        }
        write(&mut self.all);
        self.ends.push(self.all.len());
    }

    /// One more.
    pub fn push(&mut self, text: &str) {
        self.push_with(|all| all.push_str(text));
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut begin = 0;
        self.ends.iter().map(move |end| {
            let text = self.all.get(begin..*end).unwrap_or_default();
            begin = *end + 1;
            text
        })
    }

    /// All of them, a space between them.
    pub fn joined(&self) -> &str {
        &self.all
    }

    /// Forgets them, and keeps their memory.
    pub fn clear(&mut self) {
        self.all.clear();
        self.ends.clear();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: AsRef<str>> FromIterator<T> for Texts {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Texts {
        let mut all = Texts::default();
        for text in texts {
            all.push(text.as_ref());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::Texts;

    #[test]
    fn texts_come_back_as_they_were() {
        for texts in [&[][..], &[""], &["a", "", "é b", "c"]] {
            let all: Texts = texts.iter().collect();
            assert_eq!(all.iter().collect::<Vec<_>>(), texts);
            assert_eq!((all.len(), all.is_empty()), (texts.len(), texts.is_empty()));
            assert_eq!(all.joined(), texts.join(" "));
        }
        let cut = |texts: [&str; 2]| texts.iter().collect::<Texts>();
        assert_ne!(cut(["ab", "c"]), cut(["a", "bc"]));
    }

    #[test]
    fn what_is_used_again_is_empty_before() {
        let mut texts: Texts = ["a", "b"].iter().collect();
        texts.clear();
        assert_eq!(texts, Texts::default());
        texts.push("c");
        assert_eq!((texts.joined(), texts.len()), ("c", 1));
    }
}
