//! A server that sends back what it got is no Redis, though all it says is RESP: a tool for tests, or port 7.

use super::frame::Frame;
use crate::redis::commands::{CommandId, Forms, Kind};
use crate::redis::pending::Pending;
use crate::redis::shared::Shared;
use crate::resp::ReplyKind;

/// Whether a connection is one, from its first reply on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Echo {
    /// No.
    #[default]
    No,
    /// Nothing has come back so far.
    Begins,
    /// The first command came back. Here the second one, once it was sent.
    Once(Option<Sent>),
    /// So did the second.
    Twice,
}

/// A command, as it would come back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sent {
    id: CommandId,
    argc: u32,
    wire_len: u32,
}

impl Sent {
    fn of(command: &Pending) -> Sent {
        Sent {
            id: command.id,
            argc: u32::try_from(command.argc).unwrap_or(u32::MAX),
            wire_len: command.wire_len,
        }
    }

    /// As many strings, as many bytes, and the same word in front, where a Redis would never answer with an array.
    fn comes_back(self, shared: &Shared, frame: &Frame<'_>) -> bool {
        let info = shared.commands.info(self.id);
        let never = info.kind == Kind::Echo || !info.forms.meets(Forms::AGGREGATE);
        info.known
            && never
            && frame.shape.kind == ReplyKind::Array
            && frame.shape.elements == u64::from(self.argc)
            && frame.wire_len == self.wire_len
            && frame.word.eq_ignore_ascii_case(info.name.as_bytes())
    }
}

impl Echo {
    /// A command was sent.
    #[inline]
    pub(super) fn sent(&mut self, command: &Pending) {
        if *self == Echo::Once(None) {
            *self = Echo::Once(Some(Sent::of(command)));
        }
    }

    /// The frame with this number came, from 1, while `waiting` are the commands without a reply, of which the first is the oldest.
    pub(super) fn came<'p>(
        self,
        number: u64,
        shared: &Shared,
        frame: &Frame<'_>,
        mut waiting: impl Iterator<Item = &'p Pending>,
    ) -> Echo {
        match self {
            Echo::Begins if number == 1 => {
                let first = waiting.next().map(Sent::of);
                match first.is_some_and(|first| first.comes_back(shared, frame)) {
                    true => Echo::Once(waiting.next().map(Sent::of)),
                    false => Echo::No,
                }
            }
            Echo::Once(Some(second)) if number == 2 && second.comes_back(shared, frame) => {
                Echo::Twice
            }
            Echo::Twice => Echo::Twice,
            Echo::Begins | Echo::Once(_) | Echo::No => Echo::No,
        }
    }
}
