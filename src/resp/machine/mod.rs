//! The resumable part of framing: a frame that is cut over several inputs, and the rare forms.
//!
//! Iterative: nesting is a stack of remaining counts, so depth costs a few bytes and never the call stack. Each byte is
//! looked at once. Of strings only the beginning is kept, of aggregates the first elements.

mod header;
mod strings;

use super::frame::{Malformed, NullForm, ReplyKind};
use super::inline::{Words, is_space};
use super::kept::Kept;
use super::limits::Limits;
use super::step::Role;
use smallvec::SmallVec;

/// Capacity that buffers keep from one frame to the next (bytes).
const LINE_REUSED: usize = 1 << 10;
const TEXT_REUSED: usize = 4 << 10;

/// Where in a frame the next byte belongs.
#[derive(Clone, Copy, Debug)]
enum Expect {
    Type,
    /// The line behind this type byte.
    Line(u8),
    /// The line of an inline command.
    Inline,
    /// So many bytes of a string.
    Body(u64),
    /// CR LF behind a string: so many of them seen.
    BodyEnd(u8),
}

/// What the elements of an open aggregate are for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Level {
    /// So many elements to come.
    Counted(u64),
    /// A push inside another frame: so many elements to come, and what it is.
    Push(u64, NestedPush),
    /// Attributes of the next frame.
    Attributes(u64),
    /// A streamed aggregate: until `.`
    Streamed,
    /// A streamed string: until `;0`
    Pieces,
}

/// A push inside another frame.
///
/// The specification forbids it, yet servers do it inside the reply of EXEC. A confirmation of SUBSCRIBE stands there
/// for the reply of its command and counts as an element; a message or an invalidation comes between two elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum NestedPush {
    /// Its first word is still to come.
    Unnamed,
    /// An element of the frame around it.
    Element,
    /// Between two elements.
    Between,
}

/// A frame in progress.
#[derive(Debug)]
pub(super) struct Machine {
    expect: Expect,
    levels: SmallVec<[Level; 4]>,
    /// The line that is being read, as far as it is looked at.
    line: Vec<u8>,
    line_len: u64,
    /// The last byte of the line so far, kept or not.
    line_last: u8,
    /// Bytes of kept strings, one behind the other.
    pub text: Vec<u8>,
    pub kept: SmallVec<[Kept; 8]>,
    /// Elements that are kept at most.
    kept_max: usize,
    /// The string that is being read, if it is kept.
    current: Option<Kept>,
    /// So many of the first strings get their print, whatever their length.
    printed: usize,
    /// No more text for `current`: bytes of it are missing.
    current_cut: bool,
    pub top: ReplyKind,
    pub null: Option<NullForm>,
    pub head: Option<Kept>,
    pub elements: u64,
    pub attributes: u64,
    pub wire_len: u64,
    raw: Option<Vec<u8>>,
    pub inline: bool,
    pub skipped: bool,
}

impl Machine {
    pub(super) fn new() -> Machine {
        Machine {
            expect: Expect::Type,
            levels: SmallVec::new(),
            line: Vec::new(),
            line_len: 0,
            line_last: 0,
            text: Vec::new(),
            kept: SmallVec::new(),
            kept_max: 0,
            current: None,
            printed: 0,
            current_cut: false,
            top: ReplyKind::Simple,
            null: None,
            head: None,
            elements: 0,
            attributes: 0,
            wire_len: 0,
            raw: None,
            inline: false,
            skipped: false,
        }
    }

    /// Forgets the last frame and starts another. Small buffers stay.
    pub(super) fn start(&mut self, keep_raw: bool, printed: usize, kept_max: usize) {
        let mut line = std::mem::take(&mut self.line);
        let mut text = std::mem::take(&mut self.text);
        line.clear();
        line.shrink_to(LINE_REUSED);
        text.clear();
        text.shrink_to(TEXT_REUSED);
        *self = Machine {
            line,
            text,
            kept_max,
            printed,
            raw: keep_raw.then(Vec::new),
            ..Machine::new()
        };
    }

    /// The whole frame, if it was kept.
    pub(super) fn raw(&self) -> Option<&[u8]> {
        self.raw.as_deref()
    }

    /// Takes input until the frame is whole (`true`) or the input is used up (`false`).
    pub(super) fn advance(
        &mut self,
        role: Role,
        input: &mut &[u8],
        limits: &Limits,
    ) -> Result<bool, Malformed> {
        loop {
            let whole = match self.expect {
                Expect::BodyEnd(2..) => self.body_done(),
                _ if input.is_empty() => return Ok(false),
                Expect::Type => {
                    self.start_element(role, input, limits)?;
                    false
                }
                Expect::Line(kind) => {
                    self.read_line(input, limits)? && self.line_done(role, kind, limits)?
                }
                Expect::Inline => self.read_line(input, limits)? && self.inline_done(limits)?,
                Expect::Body(left) => {
                    self.read_body(left, input, limits);
                    false
                }
                Expect::BodyEnd(seen) => {
                    self.read_body_end(seen, input, limits)?;
                    false
                }
            };
            if whole {
                return Ok(true);
            }
        }
    }

    fn take<'i>(&mut self, input: &mut &'i [u8], n: usize, limits: &Limits) -> &'i [u8] {
        let (taken, rest) = input.split_at_checked(n).unwrap_or((*input, &[]));
        *input = rest;
        self.wire_len = self.wire_len.saturating_add(taken.len() as u64);
        if let Some(raw) = &mut self.raw {
            if raw.len().saturating_add(taken.len()) > limits.raw {
                self.raw = None;
            } else {
                raw.extend_from_slice(taken);
            }
        }
        taken
    }

    fn start_element(
        &mut self,
        role: Role,
        input: &mut &[u8],
        limits: &Limits,
    ) -> Result<(), Malformed> {
        let Some(&first) = input.first() else {
            return Ok(());
        };
        self.line.clear();
        self.line_len = 0;
        self.line_last = 0;
        if role == Role::Commands && self.levels.is_empty() && first != b'*' {
            if !(first.is_ascii_graphic() || is_space(first)) {
                return Err(Malformed::UnknownType(first));
            }
            // The first byte is part of the line.
            self.inline = true;
            self.expect = Expect::Inline;
            return Ok(());
        }
        self.check_type(role, first)?;
        self.take(input, 1, limits);
        self.expect = Expect::Line(first);
        Ok(())
    }

    fn check_type(&self, role: Role, first: u8) -> Result<(), Malformed> {
        let fits = match (role, self.levels.last()) {
            (Role::Commands, None) => return Ok(()),
            (Role::Commands, _) if first == b'$' => return Ok(()),
            (Role::Commands, _) => return Err(Malformed::NotABulk),
            (Role::Replies, Some(Level::Pieces)) => first == b';',
            (Role::Replies, Some(Level::Streamed)) if first == b'.' => true,
            (Role::Replies, _) => b"+-:$*%~>,#(=!_|".contains(&first),
        };
        fits.then_some(()).ok_or(Malformed::UnknownType(first))
    }

    /// Collects the line. `true` when its end was found.
    fn read_line(&mut self, input: &mut &[u8], limits: &Limits) -> Result<bool, Malformed> {
        let end = memchr::memchr(b'\n', input);
        let taken = self.take(input, end.map_or(input.len(), |i| i + 1), limits);
        let most = if self.inline {
            limits.line
        } else {
            limits.line_kept()
        };
        let room = most.saturating_sub(self.line.len());
        self.line
            .extend_from_slice(taken.get(..room).unwrap_or(taken));
        self.line_len = self.line_len.saturating_add(taken.len() as u64);
        // The end of the line does not count.
        if self.line_len > (limits.line as u64).saturating_add(2) {
            return Err(Malformed::LineTooLong);
        }
        if end.is_none() {
            self.line_last = taken.last().copied().unwrap_or(self.line_last);
            return Ok(false);
        }
        let before = match taken {
            [.., before, _] => *before,
            _ => self.line_last,
        };
        self.end_line(before == b'\r', limits)
    }

    /// Takes LF or CR LF off the line.
    fn end_line(&mut self, carriage: bool, limits: &Limits) -> Result<bool, Malformed> {
        if !carriage && !self.inline {
            return Err(Malformed::MissingTerminator);
        }
        self.line_len = self.line_len.saturating_sub(1 + u64::from(carriage));
        if self.line_len > limits.line as u64 {
            return Err(Malformed::LineTooLong);
        }
        self.line
            .truncate(usize::try_from(self.line_len).unwrap_or(usize::MAX));
        Ok(true)
    }

    fn inline_done(&mut self, limits: &Limits) -> Result<bool, Malformed> {
        let mut words = Words::new(&mut self.text, &mut self.kept, limits);
        words.split(&self.line)?;
        self.elements = words.count();
        Ok(true)
    }

    fn read_body(&mut self, left: u64, input: &mut &[u8], limits: &Limits) {
        let n = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
        let taken = self.take(input, n, limits);
        if let Some(current) = &mut self.current
            && !self.current_cut
        {
            current.extend(&mut self.text, taken, limits);
        }
        self.expect = match left.saturating_sub(n as u64) {
            0 => Expect::BodyEnd(0),
            left => Expect::Body(left),
        };
    }

    fn read_body_end(
        &mut self,
        seen: u8,
        input: &mut &[u8],
        limits: &Limits,
    ) -> Result<(), Malformed> {
        let wanted: &[u8] = if seen == 0 { b"\r\n" } else { b"\n" };
        let present = wanted.len().min(input.len());
        if input.get(..present) != wanted.get(..present) {
            return Err(Malformed::MissingTerminator);
        }
        self.take(input, present, limits);
        self.expect = Expect::BodyEnd(seen + if present == 2 { 2 } else { 1 });
        Ok(())
    }

    /// A string and its end were read. `true` when the frame is whole.
    fn body_done(&mut self) -> bool {
        self.expect = Expect::Type;
        if self.levels.last() == Some(&Level::Pieces) {
            return false;
        }
        self.keep_current();
        self.element_done()
    }

    /// An element is complete, and with it perhaps what it is in. `true` when the frame is whole.
    fn element_done(&mut self) -> bool {
        self.expect = Expect::Type;
        loop {
            let direct = self.levels.len() == 1;
            match self.levels.last_mut() {
                None => return true,
                Some(Level::Streamed) => {
                    self.elements = self.elements.saturating_add(u64::from(direct));
                    return false;
                }
                Some(Level::Pieces) => return false,
                Some(Level::Counted(left) | Level::Attributes(left) | Level::Push(left, _))
                    if *left > 1 =>
                {
                    *left -= 1;
                    return false;
                }
                // No elements themselves.
                Some(Level::Attributes(_) | Level::Push(_, NestedPush::Between)) => {
                    self.levels.pop();
                    return false;
                }
                Some(Level::Push(..)) => {
                    self.levels.pop();
                    self.keep_empty(ReplyKind::Push);
                }
                Some(Level::Counted(_)) => {
                    self.levels.pop();
                }
            }
        }
    }

    /// `n` bytes were not captured. `true` when they lie within a string of known length, or its end.
    pub(super) fn skip(&mut self, n: u64) -> bool {
        let (left, seen) = match self.expect {
            Expect::Body(left) => (left, 0),
            Expect::BodyEnd(seen) => (0, seen.min(2)),
            Expect::Type | Expect::Line(_) | Expect::Inline => return false,
        };
        let of_end = n.saturating_sub(left);
        if of_end > 2 - u64::from(seen) {
            return false;
        }
        if n == 0 {
            return true;
        }
        self.skipped = true;
        self.raw = None;
        self.current_cut |= left > 0;
        self.wire_len = self.wire_len.saturating_add(n);
        self.expect = match left.saturating_sub(n) {
            0 => Expect::BodyEnd(seen.saturating_add(u8::try_from(of_end).unwrap_or(2))),
            left => Expect::Body(left),
        };
        true
    }
}
