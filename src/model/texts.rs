//! Several short texts in one piece of memory: the arguments of a command as they are shown.

use smallvec::SmallVec;
use std::fmt;

/// Most are shorter together.
const ROOM: usize = 32;

/// Texts one behind the other, a space between them.
#[derive(Clone, Default)]
pub struct Texts {
    /// As bytes: what is put together of digits and words need not be looked at again.
    all: Vec<u8>,
    /// Where each of them ends.
    ends: SmallVec<[u32; 3]>,
    /// One of them may hold anything.
    odd: bool,
}

impl Texts {
    fn begin(&mut self) {
        match self.ends.is_empty() {
            true => self.all.reserve(ROOM),
            false => self.all.push(b' '),
        }
    }

    fn end(&mut self) {
        self.ends
            .push(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
    }

    /// One more: what `write` appends. It is printable ASCII, without a backslash.
    #[inline]
    pub fn push_plain(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.begin();
        write(&mut self.all);
        self.end();
        debug_assert!(!self.joined().contains(|c: char| {
            !self.odd && (!(c.is_ascii_graphic() || c == ' ') || c == '\\')
        }));
    }

    /// One more.
    pub fn push(&mut self, text: &str) {
        self.begin();
        self.all.extend_from_slice(text.as_bytes());
        self.end();
        self.odd = true;
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut begin = 0;
        self.ends.iter().map(move |end| {
            let end = *end as usize;
            let text = self.all.get(begin..end).unwrap_or_default();
            begin = end + 1;
            // It was one when it came.
            std::str::from_utf8(text).unwrap_or_default()
        })
    }

    /// All of them, a space between them.
    pub fn joined(&self) -> &str {
        std::str::from_utf8(&self.all).unwrap_or_default()
    }

    /// The same as bytes, if all of it is known to be printable ASCII without a backslash.
    #[inline]
    pub fn plain(&self) -> Option<&[u8]> {
        (!self.odd).then_some(&self.all)
    }

    /// Forgets them, and keeps their memory.
    pub fn clear(&mut self) {
        self.all.clear();
        self.ends.clear();
        self.odd = false;
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

/// The same texts, however they came.
impl PartialEq for Texts {
    fn eq(&self, other: &Texts) -> bool {
        (&self.all, &self.ends) == (&other.all, &other.ends)
    }
}

impl Eq for Texts {}

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

    #[test]
    fn what_is_plain_is_known() {
        let mut texts = Texts::default();
        assert_eq!(texts.plain(), Some(&b""[..]));
        texts.push_plain(|out| out.extend_from_slice(b"<key 1B>"));
        texts.push_plain(|out| out.extend_from_slice(b"(+2)"));
        assert_eq!(texts.plain(), Some(&b"<key 1B> (+2)"[..]));
        assert_eq!(texts, ["<key 1B>", "(+2)"].iter().collect());
        texts.push("a");
        assert_eq!(texts.plain(), None);
        texts.clear();
        assert_eq!(texts.plain(), Some(&b""[..]));
    }
}
