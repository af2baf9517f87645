//! Whether a client speaks in lines (inline commands), found out in the middle of its stream.
//!
//! A segment that starts with a command's name may just as well be a piece of an argument: `AUTH`, sent by itself, is
//! the end of `*2 $4 AUTH` as well. So a line counts as a command only when the client has been seen to send a line at a
//! time, each answered before the next.

use super::detect::inline_word;
use super::shared::Shared;
use crate::resp::{self, Start};

/// So many lines have to be answered one by one.
const ROUNDS: u8 = 2;

/// What has been seen of a client whose next command is sought.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lines {
    rounds: u8,
    /// The client's latest segment was a line that may be a command.
    asked: bool,
}

impl Lines {
    /// The server said something.
    pub(super) fn answered(&mut self) {
        self.rounds = match self.asked {
            true => self.rounds.saturating_add(1),
            false => 0,
        };
        self.asked = false;
    }

    /// A command starts at the beginning of this segment of the client.
    pub(super) fn starts_command(&mut self, shared: &Shared, bytes: &[u8]) -> bool {
        match resp::starts_command(bytes) {
            Start::Yes => return true,
            Start::TooShort if bytes.first() == Some(&b'*') => return true,
            Start::TooShort | Start::No => {}
        }
        let known = !bytes.first().is_some_and(|byte| resp::is_space(*byte))
            && inline_word(bytes).is_some_and(|word| shared.commands.is_known(word));
        let one_line = bytes.iter().position(|b| *b == b'\n') == bytes.len().checked_sub(1);
        let starts = known && !self.asked && self.rounds >= ROUNDS;
        if self.asked || !(known && one_line) {
            self.rounds = 0;
        }
        self.asked = known && one_line;
        starts
    }
}
