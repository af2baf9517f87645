//! One direction of a connection: bytes in, whole frames out.
//!
//! A frame that lies whole in the input is read where it lies. Only what is cut, and aggregates of the server, go
//! through the [`Machine`], which is allocated when first needed.

use super::frame::{Head, Malformed, NullForm, ReplyKind};
use super::inline::Words;
use super::limits::Limits;
use super::machine::Machine;
use super::number::short_length;
use super::step::{ARGS_MAX, Children, Command, Reply, Role, Step};

/// Frames one direction.
#[derive(Debug)]
pub struct Framer {
    role: Role,
    keep_raw: bool,
    broken: Option<Malformed>,
    /// The last step finished a frame that the machine still holds.
    spent: bool,
    machine: Option<Box<Machine>>,
    words: Option<Box<Words>>,
}

impl Framer {
    /// At a frame boundary.
    pub fn new(role: Role) -> Framer {
        Framer {
            role,
            keep_raw: false,
            broken: None,
            spent: false,
            machine: None,
            words: None,
        }
    }

    /// Bytes of an unfinished frame have been taken.
    pub fn is_mid_frame(&self) -> bool {
        self.broken.is_none() && !self.spent && self.machine.as_ref().is_some_and(|m| m.active)
    }

    /// What was malformed, until [`Framer::reset`].
    pub fn is_broken(&self) -> Option<Malformed> {
        self.broken
    }

    /// Keep whole frames that are cut over several inputs, up to `Limits::raw`; from the next frame on.
    pub fn set_keep_raw(&mut self, on: bool) {
        self.keep_raw = on;
    }

    /// Forgets an unfinished frame and what was malformed: the next byte starts a frame.
    pub fn reset(&mut self) {
        self.broken = None;
        self.spent = false;
        if let Some(machine) = &mut self.machine {
            machine.clear();
        }
    }

    /// `n` bytes of the stream were never captured. `true` if they lie inside a string of known length: then framing
    /// goes on as if they had been read. Otherwise nothing changes, and the caller has to reset.
    pub fn skip(&mut self, n: u64) -> bool {
        self.is_mid_frame() && self.machine.as_mut().is_some_and(|m| m.skip(n))
    }

    /// Takes as much of `input` as one frame needs and advances it. What is borrowed lives until the next call.
    pub fn step<'f>(&'f mut self, input: &mut &'f [u8], limits: &Limits) -> Step<'f> {
        if let Some(reason) = self.broken {
            return Step::Malformed(reason);
        }
        if self.spent {
            self.spent = false;
            if let Some(machine) = &mut self.machine {
                machine.clear();
            }
        }
        if !self.is_mid_frame() {
            let bytes = *input;
            if let Some((step, used)) = self.whole(bytes, limits) {
                *input = bytes.get(used..).unwrap_or_default();
                return step;
            }
        }
        self.resume(input, limits)
    }

    /// A frame that lies whole at the start of `bytes`, if it is of a kind that can be read in place.
    fn whole<'i>(&self, bytes: &'i [u8], limits: &Limits) -> Option<(Step<'i>, usize)> {
        match self.role {
            Role::Commands if bytes.first() == Some(&b'*') => whole_command(bytes, limits),
            Role::Commands => None,
            Role::Replies => whole_reply(bytes, limits),
        }
    }

    fn resume<'f>(&'f mut self, input: &mut &'f [u8], limits: &Limits) -> Step<'f> {
        let machine = self.machine.get_or_insert_with(|| Box::new(Machine::new()));
        if !machine.active {
            if input.is_empty() {
                return Step::More;
            }
            if self.role == Role::Replies && input.first() == Some(&b'\n') {
                // Replication keeps the line alive with these.
                *input = input.get(1..).unwrap_or_default();
                return Step::Blank;
            }
            machine.raw = self.keep_raw.then(Vec::new);
        }
        let done = machine.advance(self.role, input, limits);
        if machine.raw.as_ref().is_some_and(|r| r.len() > limits.raw) {
            machine.raw = None;
        }
        match done {
            Ok(false) => Step::More,
            Ok(true) => self.finish(),
            Err(reason) => {
                self.broken = Some(reason);
                Step::Malformed(reason)
            }
        }
    }

    fn finish(&mut self) -> Step<'_> {
        self.spent = true;
        let Some(machine) = &self.machine else {
            return Step::More;
        };
        if let Some(line) = machine.inline_line() {
            return match Words::split(line) {
                Err(reason) => {
                    self.broken = Some(reason);
                    Step::Malformed(reason)
                }
                Ok(words) if words.is_empty() => Step::Blank,
                Ok(words) => {
                    let wire_len = machine.wire_len;
                    Step::Command(self.words.insert(Box::new(words)).command(wire_len))
                }
            };
        }
        let raw = machine.raw.as_deref();
        match self.role {
            Role::Commands if machine.elements == 0 => Step::Blank,
            Role::Commands => {
                let mut args = [Head::default(); ARGS_MAX];
                for (slot, kept) in args.iter_mut().zip(&machine.kept) {
                    *slot = kept.head(&machine.text);
                }
                Step::Command(Command {
                    wire_len: machine.wire_len,
                    argc: machine.elements,
                    inline: false,
                    raw,
                    args,
                    kept: machine.kept.len().min(ARGS_MAX),
                })
            }
            Role::Replies => Step::Reply(Reply {
                wire_len: machine.wire_len,
                kind: machine.top.unwrap_or(ReplyKind::Simple),
                null: machine.null,
                head: machine
                    .head
                    .map(|kept| kept.head(&machine.text))
                    .unwrap_or_default(),
                elements: machine.elements,
                attributes: machine.attributes,
                raw,
                children: Children {
                    kept: &machine.kept,
                    text: &machine.text,
                },
            }),
        }
    }
}

/// A multibulk command that lies whole in `bytes`.
fn whole_command<'i>(bytes: &'i [u8], limits: &Limits) -> Option<(Step<'i>, usize)> {
    let (argc, used) = short_length(bytes.get(1..)?)?;
    if argc == 0 {
        return Some((Step::Blank, 1 + used));
    }
    if argc > limits.args {
        return None;
    }
    let mut args = [Head::default(); ARGS_MAX];
    let mut at = 1 + used;
    for i in 0..argc {
        let rest = bytes.get(at..)?;
        if rest.first() != Some(&b'$') {
            return None;
        }
        let (len, used) = short_length(rest.get(1..)?)?;
        let start = at + 1 + used;
        let end = start.checked_add(usize::try_from(len).ok()?)?;
        if len > limits.bulk || bytes.get(end..end + 2)? != b"\r\n" {
            return None;
        }
        if let Some(slot) = usize::try_from(i).ok().and_then(|i| args.get_mut(i)) {
            let kept = end.min(start + limits.head_bytes);
            *slot = Head {
                bytes: bytes.get(start..kept)?,
                len,
            };
        }
        at = end + 2;
    }
    let command = Command {
        wire_len: at as u64,
        argc,
        inline: false,
        raw: bytes.get(..at),
        args,
        kept: usize::try_from(argc).unwrap_or(ARGS_MAX).min(ARGS_MAX),
    };
    Some((Step::Command(command), at))
}

/// A reply without elements that lies whole in `bytes`.
fn whole_reply<'i>(bytes: &'i [u8], limits: &Limits) -> Option<(Step<'i>, usize)> {
    let (&kind, rest) = bytes.split_first()?;
    let (kind, null, head, used) = match kind {
        b'+' => line(ReplyKind::Simple, rest, limits)?,
        b'-' => line(ReplyKind::Error, rest, limits)?,
        b':' => {
            let line = line(ReplyKind::Integer, rest, limits)?;
            super::number::is_integer(line.2.bytes).then_some(line)?
        }
        b'$' => bulk(rest, limits)?,
        _ => return None,
    };
    let reply = Reply {
        wire_len: used as u64 + 1,
        kind,
        null,
        head,
        elements: 0,
        attributes: 0,
        raw: bytes.get(..=used),
        children: Children::default(),
    };
    Some((Step::Reply(reply), used + 1))
}

type Scalar<'i> = (ReplyKind, Option<NullForm>, Head<'i>, usize);

fn line<'i>(kind: ReplyKind, rest: &'i [u8], limits: &Limits) -> Option<Scalar<'i>> {
    let end = memchr::memchr(b'\n', rest)?;
    let text = rest.get(..end)?.strip_suffix(b"\r")?;
    if text.len() as u64 > limits.line {
        return None;
    }
    let head = Head {
        bytes: text.get(..limits.head_bytes).unwrap_or(text),
        len: text.len() as u64,
    };
    Some((kind, None, head, end + 1))
}

fn bulk<'i>(rest: &'i [u8], limits: &Limits) -> Option<Scalar<'i>> {
    if rest.starts_with(b"-1\r\n") {
        return Some((ReplyKind::Null, Some(NullForm::Bulk), Head::default(), 4));
    }
    let (len, start) = short_length(rest)?;
    let end = start.checked_add(usize::try_from(len).ok()?)?;
    if len > limits.bulk || rest.get(end..end + 2)? != b"\r\n" {
        return None;
    }
    let head = Head {
        bytes: rest.get(start..end.min(start + limits.head_bytes))?,
        len,
    };
    Some((ReplyKind::Bulk, None, head, end + 2))
}
