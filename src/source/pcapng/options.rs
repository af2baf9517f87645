//! Options at the end of a block: code, length, value, padding (draft-ietf-opsawg-pcapng, section 3.5).

use super::super::byte_order::ByteOrder;

const END_OF_OPTIONS: u16 = 0;

/// `opt_comment`, valid in every block.
pub(super) const COMMENT: u16 = 1;

/// Walks over options. Stops at the end marker, at the end of the block, or where an option does not fit.
pub(super) struct Options<'a> {
    order: ByteOrder,
    rest: &'a [u8],
    /// An option claimed more bytes than the block has.
    pub(super) overrun: bool,
}

impl<'a> Options<'a> {
    pub(super) fn new(order: ByteOrder, bytes: &'a [u8]) -> Self {
        Options {
            order,
            rest: bytes,
            overrun: false,
        }
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (code, after) = self.rest.split_first_chunk::<2>()?;
        let (len, after) = after.split_first_chunk::<2>()?;
        let (code, len) = (self.order.u16(*code), usize::from(self.order.u16(*len)));
        if code == END_OF_OPTIONS {
            self.rest = &[];
            return None;
        }
        let Some((value, after)) = after.split_at_checked(len) else {
            self.overrun = true;
            self.rest = &[];
            return None;
        };
        let padding = len.next_multiple_of(4) - len;
        self.rest = after.get(padding..).unwrap_or_default();
        Some((code, value))
    }
}

/// Text of an option, without the terminator some writers add.
pub(super) fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_pads_and_stops() {
        let bytes = [
            2, 0, 3, 0, b'a', b'b', b'c', 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 9,
        ];
        let all: Vec<_> = Options::new(ByteOrder::Little, &bytes).collect();
        assert_eq!(all, [(2, &b"abc"[..]), (1, &b""[..])]);
    }

    #[test]
    fn an_option_that_does_not_fit_is_said() {
        let mut options = Options::new(ByteOrder::Big, &[0, 1, 0, 9, b'x']);
        assert_eq!(options.next(), None);
        assert!(options.overrun);
    }
}
