//! Counters of one session.

use super::errors::ErrorCode;
use smallvec::SmallVec;

/// Counters of one session. commands = exchanges + unanswered + silent + undecided_commands once it is finished.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Commands, inline ones included.
    pub commands: u64,
    /// Inline commands.
    pub inline_commands: u64,
    /// Top-level frames of the server.
    pub replies: u64,
    /// Commands with their reply.
    pub exchanges: u64,
    /// Out-of-band frames.
    pub pushes: u64,
    /// Replies to commands from before the capture.
    pub orphan_replies: u64,
    /// Commands that got no reply until the end.
    pub unanswered: u64,
    /// Commands that get none by rule.
    pub silent: u64,
    /// Commands that could not be paired.
    pub undecided_commands: u64,
    /// Replies that could not be paired.
    pub undecided_replies: u64,
    /// Error replies by code.
    pub errors: SmallVec<[(ErrorCode, u64); 2]>,
}

impl Tally {
    /// Adds the counters of another session.
    pub fn add(&mut self, other: &Tally) {
        self.commands += other.commands;
        self.inline_commands += other.inline_commands;
        self.replies += other.replies;
        self.exchanges += other.exchanges;
        self.pushes += other.pushes;
        self.orphan_replies += other.orphan_replies;
        self.unanswered += other.unanswered;
        self.silent += other.silent;
        self.undecided_commands += other.undecided_commands;
        self.undecided_replies += other.undecided_replies;
        for (code, count) in &other.errors {
            self.add_error(*code, *count);
        }
    }

    pub(super) fn add_error(&mut self, code: ErrorCode, by: u64) {
        match self.errors.iter_mut().find(|(c, _)| *c == code) {
            Some((_, count)) => *count += by,
            None => self.errors.push((code, by)),
        }
    }
}
