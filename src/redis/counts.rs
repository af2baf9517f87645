//! Counters of one session, and of all of them.

use super::code_counts::CodeCounts;

/// Counters of one connection, or of all of them.
///
/// Once a session is finished, commands = exchanges + unanswered + silent + undecided commands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Commands, inline ones included.
    pub commands: u64,
    /// Commands sent as plain text lines.
    pub inline_commands: u64,
    /// Top-level frames of the server, pushes and orphans included.
    pub replies: u64,
    /// Commands paired with a reply.
    pub exchanges: u64,
    /// Out-of-band frames.
    pub pushes: u64,
    /// Replies to commands before the capture.
    pub orphan_replies: u64,
    /// Commands without a reply at the end.
    pub unanswered: u64,
    /// Commands that get no reply by rule.
    pub silent: u64,
    /// Commands that could not be paired.
    pub undecided_commands: u64,
    /// Replies that could not be paired.
    pub undecided_replies: u64,
    /// Missing pieces of the byte streams.
    pub gaps: u64,
    /// Error replies by code (first word in capitals, else `OTHER`).
    pub errors: CodeCounts,
}

impl Counts {
    /// Adds the counters of another connection.
    pub fn add(&mut self, other: &Counts) {
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
        self.gaps += other.gaps;
        for (code, count) in other.errors.iter() {
            self.errors.add(code, *count);
        }
    }
}

/// The same while a connection lives. Of most connections few things are counted, and there may be many connections.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub commands: u64,
    pub replies: u64,
    pub exchanges: u64,
    others: Option<Box<Counts>>,
}

impl Tally {
    /// Everything else that is counted.
    pub(super) fn others(&mut self) -> &mut Counts {
        self.others.get_or_insert_default()
    }

    /// All counters.
    pub(super) fn all(&self) -> Counts {
        self.with(self.others.as_deref().cloned().unwrap_or_default())
    }

    /// All counters, of a connection that is over.
    pub(super) fn take(&mut self) -> Counts {
        let others = self.others.take();
        self.with(others.map_or_else(Counts::default, |others| *others))
    }

    fn with(&self, others: Counts) -> Counts {
        Counts {
            commands: self.commands,
            replies: self.replies,
            exchanges: self.exchanges,
            ..others
        }
    }
}
