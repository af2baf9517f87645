//! Header lines: what a type byte and the line behind it mean.

use super::super::frame::{Malformed, NullForm, ReplyKind, bulk_kind, line_kind};
use super::super::limits::Limits;
use super::super::number;
use super::super::step::Role;
use super::{Expect, Level, Machine, NestedPush};

fn aggregate_kind(kind: u8) -> ReplyKind {
    match kind {
        b'%' => ReplyKind::Map,
        b'~' => ReplyKind::Set,
        b'>' => ReplyKind::Push,
        _ => ReplyKind::Array,
    }
}

impl Machine {
    /// A header line is complete. `true` when the frame is.
    pub(super) fn line_done(
        &mut self,
        role: Role,
        kind: u8,
        limits: &Limits,
    ) -> Result<bool, Malformed> {
        match kind {
            b'+' | b'-' | b':' | b',' | b'#' | b'(' | b'_' => {
                return self.line_element(kind, limits);
            }
            b'.' if self.line.is_empty() => {
                self.levels.pop();
                return Ok(self.element_done());
            }
            b'$' | b'*' | b'%' | b'~' | b'>' if self.line == b"?" => {
                return self.streamed(role, kind, limits);
            }
            _ => {}
        }
        // A line too long to be kept whole is no number either.
        let whole = self.line.len() as u64 == self.line_len;
        let mut length = number::length(&self.line);
        if length.is_none() && role == Role::Commands && kind == b'*' {
            // `processMultibulkBuffer` takes every negative count for an empty request.
            length = number::is_negative(&self.line).then_some(-1);
        }
        let length = length.filter(|_| whole).ok_or(Malformed::BadLength)?;
        match kind {
            b'$' | b'=' | b'!' | b';' => self.string(role, kind, length, limits),
            _ => self.aggregate(role, kind, length, limits),
        }
    }

    fn line_element(&mut self, kind: u8, limits: &Limits) -> Result<bool, Malformed> {
        let (kind, null) = line_kind(kind, &self.line).ok_or(Malformed::BadLength)?;
        if let Some(form) = null {
            return Ok(self.nothing(form));
        }
        self.begin_string(kind, self.line_len);
        if let Some(current) = &mut self.current {
            current.extend(&mut self.text, &self.line, limits);
        }
        self.keep_current();
        Ok(self.element_done())
    }

    fn nothing(&mut self, form: NullForm) -> bool {
        if self.levels.is_empty() {
            self.null = Some(form);
        }
        self.begin_string(ReplyKind::Null, 0);
        self.keep_current();
        self.element_done()
    }

    fn string(
        &mut self,
        role: Role,
        kind: u8,
        length: i64,
        limits: &Limits,
    ) -> Result<bool, Malformed> {
        if length < 0 {
            return match (role, kind) {
                (Role::Replies, b'$') => Ok(self.nothing(NullForm::Bulk)),
                _ => Err(Malformed::BadLength),
            };
        }
        let len = length.unsigned_abs();
        if len > limits.bulk {
            return Err(Malformed::BulkTooLong);
        }
        if kind != b';' {
            self.begin_string(bulk_kind(kind), len);
        } else if len == 0 {
            self.levels.pop();
            self.keep_current();
            return Ok(self.element_done());
        } else if let Some(current) = &mut self.current {
            current.lengthen(len);
        }
        self.expect = match len {
            0 => Expect::BodyEnd(0),
            _ => Expect::Body(len),
        };
        Ok(false)
    }

    fn aggregate(
        &mut self,
        role: Role,
        kind: u8,
        count: i64,
        limits: &Limits,
    ) -> Result<bool, Malformed> {
        if count < 0 {
            return match (role, kind) {
                // `*-1` where a command could start: the server ignores it.
                (Role::Commands, _) => Ok(true),
                (Role::Replies, b'*') => Ok(self.nothing(NullForm::Array)),
                _ => Err(Malformed::BadLength),
            };
        }
        let each = if matches!(kind, b'%' | b'|') { 2 } else { 1 };
        let elements = count.unsigned_abs().saturating_mul(each);
        let most = match role {
            Role::Commands => limits.args,
            Role::Replies => limits.elements,
        };
        if elements > most {
            return Err(Malformed::TooManyElements);
        }
        if self.levels.len() >= limits.depth {
            return Err(Malformed::TooDeep);
        }
        self.expect = Expect::Type;
        Ok(match kind {
            b'|' => self.attributes(elements),
            b'>' if elements > 0 && !self.levels.is_empty() => {
                self.levels.push(Level::Push(elements, NestedPush::Unnamed));
                false
            }
            _ => {
                self.begin_aggregate(aggregate_kind(kind), elements);
                self.open(elements)
            }
        })
    }

    /// They are no frame: what they belong to is still to come.
    fn attributes(&mut self, elements: u64) -> bool {
        let outermost = self.levels.is_empty();
        self.attributes = self.attributes.saturating_add(u64::from(outermost));
        if elements > 0 {
            self.levels.push(Level::Attributes(elements));
        }
        false
    }

    fn open(&mut self, elements: u64) -> bool {
        if elements == 0 {
            return self.element_done();
        }
        self.levels.push(Level::Counted(elements));
        false
    }

    fn begin_aggregate(&mut self, kind: ReplyKind, elements: u64) {
        if self.levels.is_empty() {
            self.top = kind;
            self.elements = elements;
        } else {
            self.keep_empty(kind);
        }
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
            self.begin_string(ReplyKind::Bulk, 0);
            self.levels.push(Level::Pieces);
        } else {
            self.begin_aggregate(aggregate_kind(kind), 0);
            self.levels.push(Level::Streamed);
        }
        Ok(false)
    }
}
