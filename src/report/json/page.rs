//! Indented JSON as bytes: lines, names, numbers and strings. They are gathered and handed on in large pieces; a document of
//! many findings is mostly short names and indentation, and a write for each of them would cost more than all the rest.

use super::visible::Visible;
use std::io::{self, Write};

/// Spaces for one level.
const STEP: usize = 2;
/// Lines are begun with so many bytes, whatever they need: a copy of a fixed length is no call. Cut off afterwards.
const BEGIN: usize = 64;
/// The end of a line and the start of one that is nested as deeply as a report ever is, behind a value and without one.
const NEXT: &[u8; BEGIN] = b",\n                                                              ";
const FIRST: &[u8; BEGIN] = b"\n                                                               ";
/// So many bytes are handed on at once: more than a buffer behind this one holds, so that it need not copy them.
const PIECE: usize = 64 << 10;

/// What has been written, and how deeply the next line is nested.
pub(super) struct Page<'w> {
    out: &'w mut dyn Write,
    bytes: Vec<u8>,
    depth: usize,
}

impl<'w> Page<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Page {
            out,
            bytes: Vec::with_capacity(PIECE + PIECE / 8),
            depth: 0,
        }
    }

    /// Hands on what is left.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.hand_on()
    }

    #[cold]
    fn hand_on(&mut self) -> io::Result<()> {
        self.out.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }

    /// A line of a list or an object. `first`: nothing stands in front of it.
    #[inline]
    pub(super) fn line(&mut self, first: bool) -> io::Result<()> {
        if self.bytes.len() >= PIECE {
            self.hand_on()?;
        }
        self.bytes
            .extend_from_slice(if first { FIRST } else { NEXT });
        let wanted = usize::from(!first) + 1 + STEP * self.depth;
        let end = self.bytes.len() - BEGIN + wanted;
        if wanted <= BEGIN {
            self.bytes.truncate(end);
        } else {
            self.bytes.resize(end, b' ');
        }
        Ok(())
    }

    /// The name of a member, which has nothing to escape.
    #[inline]
    pub(super) fn name(&mut self, name: &str) {
        debug_assert!(is_plain(name.as_bytes()), "{name}");
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b"\": ");
    }

    pub(super) fn open(&mut self, bracket: u8) {
        self.depth += 1;
        self.bytes.push(bracket);
    }

    /// `empty`: no line stands in it.
    pub(super) fn close(&mut self, empty: bool, bracket: u8) -> io::Result<()> {
        self.depth -= 1;
        if !empty {
            self.line(true)?;
        }
        self.bytes.push(bracket);
        Ok(())
    }

    #[inline]
    pub(super) fn raw(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(super) fn number(&mut self, mut number: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        for place in digits.iter_mut().rev() {
            *place = b'0' + (number % 10) as u8;
            number /= 10;
            at -= 1;
            if number == 0 {
                break;
            }
        }
        self.bytes
            .extend_from_slice(digits.get(at..).unwrap_or_default());
    }

    /// A string with its quotes. Characters that are not seen are escaped.
    pub(super) fn string(&mut self, text: &str) -> serde_json::Result<()> {
        if !is_plain(text.as_bytes()) {
            return serde_json::to_writer(Visible(&mut self.bytes), text);
        }
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(b'"');
        Ok(())
    }

    /// A fraction, as the library writes it.
    pub(super) fn fraction(&mut self, number: f64) -> serde_json::Result<()> {
        serde_json::to_writer(&mut self.bytes, &number)
    }
}

/// ASCII that is seen and that JSON does not escape. Bytes are looked at together, sixteen at a time.
fn is_plain(text: &[u8]) -> bool {
    const TOGETHER: usize = 16;
    let (all, rest) = text.as_chunks::<TOGETHER>();
    let mut last = [b' '; TOGETHER];
    if let Some(tail) = text.last_chunk() {
        last = *tail;
    } else if let Some(place) = last.get_mut(..rest.len()) {
        place.copy_from_slice(rest);
    }
    all.iter().all(is_plain_chunk) && is_plain_chunk(&last)
}

#[inline]
fn is_plain_chunk(chunk: &[u8; 16]) -> bool {
    let odd = |b: u8| !(0x20..0x7f).contains(&b) | (b == b'"') | (b == b'\\');
    chunk.iter().fold(0, |seen, b| seen | u8::from(odd(*b))) == 0
}
