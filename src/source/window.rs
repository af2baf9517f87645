//! A window that slides over an input: bytes are read once, and packets are slices of it.

use super::stop::is_stopped;
use std::io::{self, ErrorKind, Read};

/// How much is asked of the input at once. Measured: larger falls out of the second-level cache.
const CHUNK: usize = 256 * 1024;

/// Bytes of a line of the cache.
const LINE: usize = 64;

/// The window. It holds what was read and not consumed, in one piece.
pub(super) struct Window {
    reader: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Input offset of `buffer[0]`. It may stand in front of the input.
    base: u64,
    done: bool,
    error: Option<io::Error>,
    stopped: bool,
}

/// A place in the window. Good until the next call that may read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    start: usize,
    len: usize,
}

impl Window {
    pub(super) fn new(reader: Box<dyn Read + Send>) -> Self {
        Window {
            reader,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            base: 0,
            done: false,
            error: None,
            stopped: false,
        }
    }

    /// `len` bytes are there, reading on if need be. Returns as soon as they are, so a pipe is never waited for
    /// longer than necessary. The caller bounds `len`: the window grows to it.
    #[inline]
    pub(super) fn have(&mut self, len: usize) -> bool {
        self.end - self.start >= len || self.fill(len)
    }

    #[inline(never)]
    fn fill(&mut self, len: usize) -> bool {
        if self.done {
            return false;
        }
        self.reserve(len.max(CHUNK) + LINE);
        self.slide();
        while self.len() < len && !self.done {
            self.read_once();
        }
        self.len() >= len
    }

    /// Moves what is left to the front, so that what is read next begins a line of the cache: it is copied faster.
    fn slide(&mut self) {
        let left = self.len();
        let end = self.buffer.as_ptr().addr().wrapping_add(left);
        let to = end.wrapping_neg() % LINE;
        self.buffer.copy_within(self.start..self.end, to);
        self.base = self.offset().wrapping_sub(to as u64);
        (self.start, self.end) = (to, to + left);
    }

    fn read_once(&mut self) {
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        match self.reader.read(room) {
            Ok(0) => self.done = true,
            Ok(n) => self.end += n.min(room.len()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                self.done = true;
                self.stopped = is_stopped(&error);
                self.error = Some(error).filter(|_| !self.stopped);
            }
        }
    }

    /// Makes the window at least `len` bytes wide.
    pub(super) fn reserve(&mut self, len: usize) {
        if self.buffer.len() < len {
            self.buffer.resize(len, 0);
        }
    }

    /// What is there now.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// What is there now, from `at` on.
    pub(super) fn bytes_from(&self, at: usize) -> &[u8] {
        self.bytes().get(at..).unwrap_or_default()
    }

    /// How many bytes are there now.
    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }

    /// Moves on by `len` bytes, at most to the end of what is there.
    #[inline]
    pub(super) fn consume(&mut self, len: usize) {
        self.start = self.start.saturating_add(len).min(self.end);
    }

    /// Takes `len` bytes that begin `at` bytes from here, if they are there, and moves on behind them.
    #[inline(always)]
    pub(super) fn take(&mut self, at: usize, len: usize) -> Option<Span> {
        let span = self.span(at, len);
        if span.start + len > self.end {
            return None;
        }
        self.start = span.start + len;
        Some(span)
    }

    /// The place of `len` bytes that begin `at` bytes from here.
    #[inline]
    pub(super) fn span(&self, at: usize, len: usize) -> Span {
        Span {
            start: self.start + at,
            len,
        }
    }

    /// The bytes of a span.
    #[inline]
    pub(super) fn slice(&self, span: Span) -> &[u8] {
        self.buffer
            .get(span.start..span.start + span.len)
            .unwrap_or_default()
    }

    /// Offset in the (decompressed) input of the next byte.
    pub(super) fn offset(&self) -> u64 {
        self.base.wrapping_add(self.start as u64)
    }

    /// The reading was told to end: what is left is no damage.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// What stopped the reading, if it was not the end. Said once.
    pub(super) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out `step` bytes at a time.
    struct Drip(Vec<u8>, usize, usize);

    impl Read for Drip {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.2.min(out.len()).min(self.0.len() - self.1);
            out[..n].copy_from_slice(&self.0[self.1..self.1 + n]);
            self.1 += n;
            Ok(n)
        }
    }

    #[test]
    fn slides_without_losing_a_byte() {
        let data: Vec<u8> = (0..1_000_000u32).map(|i| (i % 251) as u8).collect();
        for step in [1000, 4096, 1_000_000] {
            let mut window = Window::new(Box::new(Drip(data.clone(), 0, step)));
            let mut seen = Vec::new();
            while window.have(777) {
                assert_eq!(window.offset(), seen.len() as u64);
                let span = window.span(0, 777);
                window.consume(777);
                seen.extend_from_slice(window.slice(span));
            }
            seen.extend_from_slice(window.bytes());
            assert!(seen == data);
        }
    }

    #[test]
    fn does_not_ask_for_more_than_is_needed() {
        struct Once(bool);
        impl Read for Once {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                assert!(!self.0, "read although enough was there");
                self.0 = true;
                out[..10].fill(7);
                Ok(10)
            }
        }
        let mut window = Window::new(Box::new(Once(false)));
        assert!(window.have(4));
        assert!(window.have(10));
    }

    #[test]
    fn an_error_ends_the_input_and_is_kept() {
        struct Bad;
        impl Read for Bad {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("broken disk"))
            }
        }
        let mut window = Window::new(Box::new(Bad));
        assert!(!window.have(1));
        assert!(window.take_error().is_some());
        assert!(window.take_error().is_none());
    }
}
