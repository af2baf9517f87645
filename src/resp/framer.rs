//! One direction of a connection: bytes in, whole frames out.
//!
//! A frame that lies whole in the input is read where it lies. Only what is cut, and the rare forms, go through the
//! [`Machine`], which is allocated when first needed.

use super::frame::{Malformed, ReplyKind};
use super::limits::{ARGS_MAX, Limits};
use super::machine::Machine;
use super::print::PrintKey;
use super::step::{Children, Command, Reply, Role, Step, Text, Words};
use super::whole;

/// Frames one direction.
#[derive(Debug)]
pub struct Framer {
    role: Role,
    keep_raw: bool,
    prints: bool,
    state: State,
    machine: Option<Box<Machine>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// The next byte starts a frame.
    Boundary,
    /// The machine holds part of a frame.
    Mid,
    Broken(Malformed),
}

impl Framer {
    /// At a frame boundary.
    pub fn new(role: Role) -> Framer {
        Framer {
            role,
            keep_raw: false,
            prints: false,
            state: State::Boundary,
            machine: None,
        }
    }

    /// Bytes of an unfinished frame have been taken.
    pub fn is_mid_frame(&self) -> bool {
        self.state == State::Mid
    }

    /// The next byte starts a frame.
    #[inline]
    pub fn is_at_boundary(&self) -> bool {
        self.state == State::Boundary
    }

    /// The unfinished frame is a push.
    pub fn is_mid_push(&self) -> bool {
        let push = |machine: &Machine| machine.top == ReplyKind::Push;
        self.is_mid_frame() && self.machine.as_deref().is_some_and(push)
    }

    /// What was malformed, until [`Framer::reset`].
    pub fn is_broken(&self) -> Option<Malformed> {
        match self.state {
            State::Broken(reason) => Some(reason),
            State::Boundary | State::Mid => None,
        }
    }

    /// Give whole frames up to `Limits::raw` bytes as [`Reply::raw`] and [`Command::raw`]; from the next frame on.
    pub fn set_keep_raw(&mut self, on: bool) {
        self.keep_raw = on;
    }

    /// Makes the prints of all words that are kept, whatever their length; from the next frame on. Without it long words
    /// of a frame that is cut have none, but for a command's name and first argument.
    pub fn set_prints(&mut self, on: bool) {
        self.prints = on;
    }

    /// Forgets an unfinished frame and what was malformed: the next byte starts a frame.
    pub fn reset(&mut self) {
        self.state = State::Boundary;
    }

    /// `n` bytes of the stream were never captured. `true` if they lie inside a string of known length or the CR LF
    /// behind it: then framing goes on as if they had been read, and the frame says so. Otherwise nothing changes, and
    /// the caller has to reset.
    ///
    /// A frame that ends with the missing bytes is handed out by the next [`Framer::step`], which then takes no input.
    pub fn skip(&mut self, n: u64) -> bool {
        self.is_mid_frame() && self.machine.as_mut().is_some_and(|m| m.skip(n))
    }

    /// Takes as much of `input` as one frame needs and advances it. What is borrowed lives until the next call.
    #[inline]
    pub fn step<'f>(&'f mut self, input: &mut &'f [u8], limits: &Limits) -> Step<'f> {
        if self.state == State::Boundary {
            let bytes: &'f [u8] = input;
            // Each arm returns by itself: what it found is large, and is then written once, where the caller wants it.
            match (self.role, bytes.first()) {
                (_, None) => return Step::More,
                (Role::Commands, Some(b'*')) => {
                    if let Some((step, used)) = whole::command(bytes, limits, self.keep_raw) {
                        *input = bytes.get(used..).unwrap_or_default();
                        return step;
                    }
                }
                (Role::Commands, Some(_)) => {}
                (Role::Replies, Some(_)) => {
                    if let Some((step, used)) = whole::reply(bytes, limits, self.keep_raw) {
                        *input = bytes.get(used..).unwrap_or_default();
                        return step;
                    }
                }
            }
        }
        self.resume(input, limits)
    }

    fn resume<'f>(&'f mut self, input: &mut &'f [u8], limits: &Limits) -> Step<'f> {
        let fresh = match self.state {
            State::Broken(reason) => return Step::Malformed(reason),
            State::Boundary => true,
            State::Mid => false,
        };
        if let (true, Role::Replies, [b'\n', rest @ ..]) = (fresh, self.role, *input) {
            // A server keeps the line to its replica alive with these.
            *input = rest;
            return Step::Blank;
        }
        let machine = self.machine.get_or_insert_with(|| Box::new(Machine::new()));
        if fresh {
            let (kept_max, printed) = match self.role {
                // The first argument may be a key.
                Role::Commands => (limits.kept_args.min(ARGS_MAX), 2),
                Role::Replies => (limits.kept_elements, 0),
            };
            let printed = if self.prints { usize::MAX } else { printed };
            machine.start(self.keep_raw, printed, kept_max);
        }
        match machine.advance(self.role, input, limits) {
            Ok(true) => {
                self.state = State::Boundary;
                finished(self.role, machine, &limits.key)
            }
            Ok(false) => {
                self.state = State::Mid;
                Step::More
            }
            Err(reason) => {
                self.state = State::Broken(reason);
                Step::Malformed(reason)
            }
        }
    }
}

fn finished<'m>(role: Role, machine: &'m Machine, key: &PrintKey) -> Step<'m> {
    match role {
        Role::Commands if machine.elements == 0 => Step::Blank,
        Role::Commands => Step::Command(command(machine)),
        Role::Replies => Step::Reply(reply(machine, key)),
    }
}

fn command(machine: &Machine) -> Command<'_> {
    Command {
        wire_len: machine.wire_len,
        argc: machine.elements,
        inline: machine.inline,
        raw: machine.raw(),
        skipped: machine.skipped,
        words: Words::Kept {
            kept: &machine.kept,
            text: &machine.text,
        },
    }
}

fn reply<'m>(machine: &'m Machine, key: &PrintKey) -> Reply<'m> {
    let head = machine.head.map(|kept| kept.head(&machine.text));
    Reply {
        wire_len: machine.wire_len,
        kind: machine.top,
        null: machine.null,
        head: head.unwrap_or_default(),
        elements: machine.elements,
        attributes: machine.attributes,
        raw: machine.raw(),
        skipped: machine.skipped,
        text: Text::Printed(machine.head.and_then(|kept| kept.print(key))),
        children: Children::Kept {
            kept: &machine.kept,
            text: &machine.text,
        },
    }
}
