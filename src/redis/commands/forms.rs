//! Reply forms: what shape a reply has, and which shapes a command may answer with.

use crate::resp::{Head, ReplyKind};

/// A set of reply forms.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Forms(u16);

impl Forms {
    /// `+OK`
    pub const OK: Forms = Forms(1);
    /// `+PONG`
    pub const PONG: Forms = Forms(1 << 1);
    /// `+RESET`
    pub const RESET: Forms = Forms(1 << 2);
    /// Any other simple string.
    pub const STATUS: Forms = Forms(1 << 3);
    /// An integer.
    pub const INTEGER: Forms = Forms(1 << 4);
    /// A bulk or verbatim string.
    pub const BULK: Forms = Forms(1 << 5);
    /// Any of the three nulls.
    pub const NULL: Forms = Forms(1 << 6);
    /// An array, map or set.
    pub const AGGREGATE: Forms = Forms(1 << 7);
    /// A RESP3 double.
    pub const DOUBLE: Forms = Forms(1 << 8);
    /// An error: every command may answer one.
    pub const ERROR: Forms = Forms(1 << 9);
    /// `+QUEUED`: every command inside MULTI may answer it.
    pub const QUEUED: Forms = Forms(1 << 10);
    /// Every form.
    pub const ANY: Forms = Forms(u16::MAX);

    /// From the letters of the command table: O P R S I B N A D, or X for any.
    pub(super) const fn parse(letters: &str) -> Forms {
        let mut set = Forms(0);
        let mut rest = letters.as_bytes();
        while let [letter, behind @ ..] = rest {
            set = set.with(match letter {
                b'O' => Forms::OK,
                b'P' => Forms::PONG,
                b'R' => Forms::RESET,
                b'S' => Forms::STATUS,
                b'I' => Forms::INTEGER,
                b'B' => Forms::BULK,
                b'N' => Forms::NULL,
                b'A' => Forms::AGGREGATE,
                b'D' => Forms::DOUBLE,
                _ => Forms::ANY,
            });
            rest = behind;
        }
        set
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Forms) -> Forms {
        Forms(self.0 | other.0)
    }

    /// The sets share a form.
    pub const fn meets(self, other: Forms) -> bool {
        self.0 & other.0 != 0
    }

    /// The form of one reply. RESP3 types that no command table knows may be anything.
    #[inline]
    pub fn of(kind: ReplyKind, head: &Head<'_>) -> Forms {
        match kind {
            ReplyKind::Simple => match head.bytes {
                b"OK" => Forms::OK,
                b"PONG" => Forms::PONG,
                b"RESET" => Forms::RESET,
                b"QUEUED" => Forms::QUEUED,
                _ => Forms::STATUS,
            },
            ReplyKind::Error | ReplyKind::BulkError => Forms::ERROR,
            ReplyKind::Integer => Forms::INTEGER,
            ReplyKind::Bulk | ReplyKind::Verbatim => Forms::BULK,
            ReplyKind::Null => Forms::NULL,
            ReplyKind::Array | ReplyKind::Map | ReplyKind::Set => Forms::AGGREGATE,
            ReplyKind::Double => Forms::DOUBLE,
            ReplyKind::Boolean | ReplyKind::BigNumber | ReplyKind::Push => Forms::ANY,
        }
    }
}

/// Forms of a command that has no more than so many words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Few {
    /// So many, the name included.
    pub words: u8,
    /// The forms.
    pub forms: Forms,
}

impl Few {
    /// The number of words says nothing.
    pub(super) const NONE: Few = Few {
        words: 0,
        forms: Forms::ANY,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_make_sets() {
        let get = Forms::parse("BN");
        assert!(get.meets(Forms::BULK) && get.meets(Forms::NULL));
        assert!(!get.meets(Forms::OK));
        assert!(Forms::parse("X").meets(Forms::DOUBLE));
    }

    #[test]
    fn simple_strings_are_told_apart() {
        let form = |text: &'static [u8]| {
            Forms::of(
                ReplyKind::Simple,
                &Head {
                    bytes: text,
                    len: text.len() as u64,
                },
            )
        };
        assert_eq!(form(b"OK"), Forms::OK);
        assert_eq!(form(b"QUEUED"), Forms::QUEUED);
        assert_eq!(form(b"OKAY"), Forms::STATUS);
    }
}
