//! The resumable part of framing: a frame that is cut over several inputs, and every aggregate.
//!
//! Iterative: nesting is a stack of remaining counts, so depth costs a few bytes and never the call stack. Each byte is
//! looked at once. Of strings only the beginning is kept, of aggregates the first elements.

use super::frame::{Head, Malformed, NullForm, ReplyKind};
use super::limits::Limits;
use super::number;
use super::step::Role;
use smallvec::SmallVec;

/// A string of the frame, as far as it was kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    pub kind: ReplyKind,
    start: usize,
    stored: usize,
    len: u64,
}

impl Kept {
    pub(super) fn head<'f>(&self, text: &'f [u8]) -> Head<'f> {
        Head {
            bytes: text
                .get(self.start..self.start + self.stored)
                .unwrap_or_default(),
            len: self.len,
        }
    }
}

/// Where in a frame the next byte belongs.
#[derive(Clone, Copy, Debug)]
enum Expect {
    Type,
    /// The line behind this type byte (0 for an inline command).
    Line(u8),
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
    /// Attributes of the next element, or a push in front of it: no element themselves.
    Attributes(u64),
    /// A streamed aggregate: until `.`
    Streamed,
    /// A streamed string: until `;0`
    Pieces,
}

/// A frame in progress.
#[derive(Debug)]
pub(super) struct Machine {
    expect: Expect,
    levels: SmallVec<[Level; 4]>,
    line: Vec<u8>,
    line_len: u64,
    /// Bytes of kept strings, one behind the other.
    pub text: Vec<u8>,
    pub kept: SmallVec<[Kept; 8]>,
    /// The string that is being read, if it is kept.
    current: Option<Kept>,
    pub top: Option<ReplyKind>,
    pub null: Option<NullForm>,
    pub head: Option<Kept>,
    pub elements: u64,
    pub attributes: u64,
    pub wire_len: u64,
    pub raw: Option<Vec<u8>>,
    pub active: bool,
}

impl Machine {
    pub(super) fn new() -> Machine {
        Machine {
            expect: Expect::Type,
            levels: SmallVec::new(),
            line: Vec::new(),
            line_len: 0,
            text: Vec::new(),
            kept: SmallVec::new(),
            current: None,
            top: None,
            null: None,
            head: None,
            elements: 0,
            attributes: 0,
            wire_len: 0,
            raw: None,
            active: false,
        }
    }

    /// Forgets everything; keeps small buffers for the next frame.
    pub(super) fn clear(&mut self) {
        let (mut line, mut text) = (
            std::mem::take(&mut self.line),
            std::mem::take(&mut self.text),
        );
        line.clear();
        text.clear();
        line.shrink_to(1024);
        text.shrink_to(4096);
        *self = Machine {
            line,
            text,
            ..Machine::new()
        };
    }

    /// The line of an inline command.
    pub(super) fn inline_line(&self) -> Option<&[u8]> {
        (self.top.is_none() && self.active).then_some(&self.line)
    }

    /// Takes input until the frame is whole (`true`) or the input is used up (`false`).
    pub(super) fn advance(
        &mut self,
        role: Role,
        input: &mut &[u8],
        limits: &Limits,
    ) -> Result<bool, Malformed> {
        self.active = true;
        loop {
            if let Expect::BodyEnd(2) = self.expect {
                if self.body_done() {
                    return Ok(true);
                }
                continue;
            }
            let Some(&first) = input.first() else {
                return Ok(false);
            };
            let whole = match self.expect {
                Expect::Type => {
                    self.start_element(role, first, input)?;
                    false
                }
                Expect::Line(kind) => match self.read_line(kind, input, limits)? {
                    true => self.line_done(role, kind, limits)?,
                    false => false,
                },
                Expect::Body(left) => {
                    self.read_body(left, input, limits);
                    false
                }
                Expect::BodyEnd(seen) => {
                    let want = if seen == 0 { b'\r' } else { b'\n' };
                    if first != want {
                        return Err(Malformed::MissingTerminator);
                    }
                    self.take(input, 1);
                    self.expect = Expect::BodyEnd(seen + 1);
                    false
                }
            };
            if whole {
                return Ok(true);
            }
        }
    }

    fn take<'i>(&mut self, input: &mut &'i [u8], n: usize) -> &'i [u8] {
        let (taken, rest) = input.split_at_checked(n).unwrap_or((*input, &[]));
        *input = rest;
        self.wire_len = self.wire_len.saturating_add(taken.len() as u64);
        if let Some(raw) = &mut self.raw {
            raw.extend_from_slice(taken);
        }
        taken
    }

    fn start_element(&mut self, role: Role, first: u8, input: &mut &[u8]) -> Result<(), Malformed> {
        let top = self.levels.is_empty();
        let pieces = self.levels.last() == Some(&Level::Pieces);
        match (role, first) {
            (Role::Commands, b'*') if top => {}
            (Role::Commands, _) if top => {
                // An inline command: its first byte is part of the line.
                if !(first.is_ascii_graphic() || matches!(first, b' ' | b'\t' | b'\r' | b'\n')) {
                    return Err(Malformed::UnknownType(first));
                }
                self.start_line(0);
                return Ok(());
            }
            (Role::Commands, b'$') => {}
            (Role::Commands, _) => return Err(Malformed::NotABulk),
            (Role::Replies, b';') if pieces => {}
            (Role::Replies, _) if pieces => return Err(Malformed::UnknownType(first)),
            (Role::Replies, b'.') if self.levels.last() == Some(&Level::Streamed) => {}
            (
                Role::Replies,
                b'+' | b'-' | b':' | b'$' | b'*' | b'%' | b'~' | b'>' | b',' | b'#' | b'(' | b'='
                | b'!' | b'_' | b'|',
            ) => {}
            (Role::Replies, _) => return Err(Malformed::UnknownType(first)),
        }
        self.take(input, 1);
        self.start_line(first);
        Ok(())
    }

    fn start_line(&mut self, kind: u8) {
        self.line.clear();
        self.line_len = 0;
        self.expect = Expect::Line(kind);
    }

    /// Collects the line. `true` when its end was found.
    fn read_line(
        &mut self,
        kind: u8,
        input: &mut &[u8],
        limits: &Limits,
    ) -> Result<bool, Malformed> {
        let end = memchr::memchr(b'\n', input);
        let taken = self.take(input, end.map_or(input.len(), |i| i + 1));
        let cap = if kind == 0 {
            usize::try_from(limits.line).unwrap_or(usize::MAX)
        } else {
            limits.head_bytes.max(32)
        };
        // Two more than the cap, so that the line's own end never counts against it.
        let room = (cap + 2).saturating_sub(self.line.len());
        self.line
            .extend_from_slice(taken.get(..room).unwrap_or(taken));
        self.line_len += taken.len() as u64;
        if self.line_len > limits.line + 2 {
            return Err(Malformed::LineTooLong);
        }
        if end.is_none() {
            return Ok(false);
        }
        let carriage = taken.len() >= 2 && taken.get(taken.len() - 2) == Some(&b'\r')
            || (taken.len() == 1 && self.line.ends_with(b"\r\n"));
        if !carriage && kind != 0 {
            return Err(Malformed::MissingTerminator);
        }
        self.line_len -= 1 + u64::from(carriage);
        let text = usize::try_from(self.line_len)
            .unwrap_or(usize::MAX)
            .min(cap);
        self.line.truncate(text);
        Ok(true)
    }

    /// A header line is complete. `true` when the frame is.
    fn line_done(&mut self, role: Role, kind: u8, limits: &Limits) -> Result<bool, Malformed> {
        match kind {
            0 => return Ok(true),
            b'+' => return Ok(self.scalar(ReplyKind::Simple, limits)),
            b'-' => return Ok(self.scalar(ReplyKind::Error, limits)),
            b'(' if number::is_integer(&self.line) => {
                return Ok(self.scalar(ReplyKind::BigNumber, limits));
            }
            b':' if number::is_integer(&self.line) => {
                return Ok(self.scalar(ReplyKind::Integer, limits));
            }
            b',' if !self.line.is_empty() => return Ok(self.scalar(ReplyKind::Double, limits)),
            b'#' if matches!(&self.line[..], b"t" | b"f") => {
                return Ok(self.scalar(ReplyKind::Boolean, limits));
            }
            b'_' if self.line.is_empty() => return Ok(self.nothing(NullForm::Resp3, limits)),
            b'.' if self.line.is_empty() => {
                self.levels.pop();
                return Ok(self.element_done());
            }
            b':' | b'(' | b',' | b'#' | b'_' | b'.' => return Err(Malformed::BadLength),
            _ => {}
        }
        if matches!(kind, b'$' | b'*' | b'%' | b'~' | b'>') && self.line == b"?" {
            return self.streamed(role, kind, limits);
        }
        let n = number::length(&self.line).ok_or(Malformed::BadLength)?;
        match kind {
            b'$' | b'=' | b'!' | b';' => self.string(role, kind, n, limits),
            _ => self.aggregate(role, kind, n, limits),
        }
    }

    fn string(&mut self, role: Role, kind: u8, n: i64, limits: &Limits) -> Result<bool, Malformed> {
        if n < 0 {
            return match (role, kind) {
                (Role::Replies, b'$') => Ok(self.nothing(NullForm::Bulk, limits)),
                _ => Err(Malformed::BadLength),
            };
        }
        let len = n.unsigned_abs();
        if len > limits.bulk {
            return Err(Malformed::BulkTooLong);
        }
        if kind == b';' && len == 0 {
            self.levels.pop();
            self.keep_current();
            return Ok(self.element_done());
        }
        if kind != b';' {
            self.begin_string(reply_kind(kind), len, limits);
        } else if let Some(current) = &mut self.current {
            current.len = current.len.saturating_add(len);
        }
        self.expect = Expect::Body(len);
        if len == 0 {
            self.expect = Expect::BodyEnd(0);
        }
        Ok(false)
    }

    fn aggregate(
        &mut self,
        role: Role,
        kind: u8,
        n: i64,
        limits: &Limits,
    ) -> Result<bool, Malformed> {
        if n < 0 {
            return match (role, kind) {
                (Role::Commands, _) => Ok(self.begin_aggregate(ReplyKind::Array, 0, limits)),
                (_, b'*') => Ok(self.nothing(NullForm::Array, limits)),
                _ => Err(Malformed::BadLength),
            };
        }
        let pairs = matches!(kind, b'%' | b'|');
        let n = n.unsigned_abs().saturating_mul(if pairs { 2 } else { 1 });
        let most = match role {
            Role::Commands => limits.args,
            Role::Replies => limits.elements,
        };
        if n > most {
            return Err(Malformed::TooManyElements);
        }
        if self.levels.len() >= limits.depth {
            return Err(Malformed::TooDeep);
        }
        self.expect = Expect::Type;
        let nested_push = kind == b'>' && !self.levels.is_empty();
        if kind == b'|' || nested_push {
            self.attributes += u64::from(self.levels.is_empty());
            if n > 0 {
                self.levels.push(Level::Attributes(n));
            }
            return Ok(false);
        }
        if self.begin_aggregate(reply_kind(kind), n, limits) {
            return Ok(true);
        }
        if n == 0 {
            return Ok(self.element_done());
        }
        self.levels.push(Level::Counted(n));
        Ok(false)
    }

    /// `true` when it has no elements and is the whole frame.
    fn begin_aggregate(&mut self, kind: ReplyKind, elements: u64, limits: &Limits) -> bool {
        if self.levels.is_empty() {
            self.top = Some(kind);
            self.elements = elements;
            return elements == 0;
        }
        self.keep(kind, limits);
        self.keep_current();
        false
    }

    fn streamed(&mut self, role: Role, kind: u8, limits: &Limits) -> Result<bool, Malformed> {
        if role == Role::Commands {
            return Err(Malformed::BadLength);
        }
        if self.levels.len() >= limits.depth {
            return Err(Malformed::TooDeep);
        }
        self.expect = Expect::Type;
        if kind == b'$' {
            self.begin_string(ReplyKind::Bulk, 0, limits);
            self.levels.push(Level::Pieces);
        } else {
            self.begin_aggregate(reply_kind(kind), 0, limits);
            self.levels.push(Level::Streamed);
        }
        Ok(false)
    }

    fn scalar(&mut self, kind: ReplyKind, limits: &Limits) -> bool {
        self.begin_string(kind, self.line_len, limits);
        if let Some(current) = &mut self.current {
            let stored = self.line.len().min(limits.head_bytes);
            self.text
                .extend_from_slice(self.line.get(..stored).unwrap_or_default());
            current.stored = stored;
        }
        self.keep_current();
        self.element_done()
    }

    fn nothing(&mut self, form: NullForm, limits: &Limits) -> bool {
        if self.levels.is_empty() {
            self.null = Some(form);
        }
        self.begin_string(ReplyKind::Null, 0, limits);
        self.keep_current();
        self.element_done()
    }

    /// A string starts. It is kept as the frame's head, or as one of its first elements.
    fn begin_string(&mut self, kind: ReplyKind, len: u64, limits: &Limits) {
        if self.levels.is_empty() {
            self.top = Some(kind);
        }
        self.keep(kind, limits);
        if let Some(current) = &mut self.current {
            current.len = len;
        }
    }

    fn keep(&mut self, kind: ReplyKind, limits: &Limits) {
        let wanted = match self.levels.last() {
            None => true,
            Some(Level::Counted(_) | Level::Streamed) if self.levels.len() == 1 => {
                self.kept.len() < limits.kept_args.max(limits.kept_elements)
            }
            _ => false,
        };
        self.current = wanted.then_some(Kept {
            kind,
            start: self.text.len(),
            stored: 0,
            len: 0,
        });
    }

    fn keep_current(&mut self) {
        let Some(kept) = self.current.take() else {
            return;
        };
        if self.levels.is_empty() {
            self.head = Some(kept);
        } else {
            self.kept.push(kept);
        }
    }

    fn read_body(&mut self, left: u64, input: &mut &[u8], limits: &Limits) {
        let n = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
        let taken = self.take(input, n);
        if let Some(current) = &mut self.current {
            let room = limits.head_bytes.saturating_sub(current.stored);
            let stored = taken.get(..room).unwrap_or(taken);
            self.text.extend_from_slice(stored);
            current.stored += stored.len();
        }
        let left = left - n as u64;
        self.expect = if left == 0 {
            Expect::BodyEnd(0)
        } else {
            Expect::Body(left)
        };
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
        while let Some(level) = self.levels.last_mut() {
            match level {
                Level::Streamed => {
                    if self.levels.len() == 1 {
                        self.elements += 1;
                    }
                    return false;
                }
                Level::Pieces => return false,
                Level::Counted(left) | Level::Attributes(left) if *left > 1 => {
                    *left -= 1;
                    return false;
                }
                Level::Attributes(_) => {
                    // They belong to the frame that follows and are no element themselves.
                    self.levels.pop();
                    return false;
                }
                Level::Counted(_) => {
                    self.levels.pop();
                }
            }
        }
        true
    }

    /// `n` bytes were not captured. `true` when they lie within a string of known length, or its end.
    pub(super) fn skip(&mut self, n: u64) -> bool {
        let (left, end) = match self.expect {
            Expect::Body(left) => (left, 2),
            Expect::BodyEnd(seen) => (0, 2 - u64::from(seen.min(2))),
            Expect::Type | Expect::Line(_) => return false,
        };
        if n > left + end {
            return false;
        }
        self.raw = None;
        self.wire_len = self.wire_len.saturating_add(n);
        if n < left {
            self.expect = Expect::Body(left - n);
        } else {
            let seen = 2 - end + (n - left);
            self.expect = Expect::BodyEnd(u8::try_from(seen).unwrap_or(2));
        }
        self.keep_current();
        true
    }
}

fn reply_kind(byte: u8) -> ReplyKind {
    match byte {
        b'%' => ReplyKind::Map,
        b'~' => ReplyKind::Set,
        b'>' => ReplyKind::Push,
        b'=' => ReplyKind::Verbatim,
        b'!' => ReplyKind::BulkError,
        b'*' => ReplyKind::Array,
        _ => ReplyKind::Bulk,
    }
}
