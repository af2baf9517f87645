//! Who else was served: the latest commands and answers of a few connections of one server.
//!
//! A server that answers nobody hangs. One that answers others and leaves a single connection waiting is another matter.

use crate::model::{ConnectionId, Timestamp};

/// So many connections are remembered, the ones that were active last.
const KEPT: usize = 6;

/// Stands where no connection is kept yet.
const NOBODY: ConnectionId = ConnectionId(u64::MAX);

/// The connections that are remembered, field by field: one that was active last is looked for at each command and each
/// answer, and the number of fields that are compared is known.
#[derive(Clone, Debug)]
struct Kept {
    connections: [ConnectionId; KEPT],
    sent: [Timestamp; KEPT],
    /// When the latest answered command was sent, and when its answer came.
    answered: [Option<(Timestamp, Timestamp)>; KEPT],
}

impl Default for Kept {
    fn default() -> Kept {
        Kept {
            connections: [NOBODY; KEPT],
            sent: [Timestamp::MIN; KEPT],
            answered: [None; KEPT],
        }
    }
}

impl Kept {
    /// The place of a connection. A new one takes an empty place, or that of the one that sent least lately.
    #[inline(always)]
    fn place(&mut self, connection: ConnectionId, now: Timestamp) -> usize {
        match self.find(connection) {
            KEPT => self.begin(connection, now),
            at => at,
        }
    }

    /// The place of a connection; `KEPT` if it has none. No early end: where it stands can not be foreseen, and a branch that
    /// is foreseen wrongly costs more than all the comparisons.
    #[inline(always)]
    fn find(&self, connection: ConnectionId) -> usize {
        let mut found = KEPT;
        for at in (0..KEPT).rev() {
            if self.connections[at] == connection {
                found = at;
            }
        }
        found
    }

    #[inline(never)]
    fn begin(&mut self, connection: ConnectionId, now: Timestamp) -> usize {
        let at = match self.find(NOBODY) {
            KEPT => self.quietest(),
            at => at,
        };
        self.connections[at] = connection;
        self.sent[at] = now;
        self.answered[at] = None;
        at
    }

    fn quietest(&self) -> usize {
        let mut quiet = 0;
        let mut least = self.sent[0];
        for (at, sent) in self.sent.iter().enumerate() {
            if *sent < least {
                (quiet, least) = (at, *sent);
            }
        }
        quiet
    }
}

/// What the connections of one server did last.
#[derive(Clone, Debug, Default)]
pub struct Activity(Box<Kept>);

impl Activity {
    /// A command was sent.
    #[inline(always)]
    pub fn sent(&mut self, connection: ConnectionId, at: Timestamp) {
        let place = self.0.place(connection, at);
        let sent = &mut self.0.sent[place];
        *sent = at.max(*sent);
    }

    /// The command that was sent at `sent` was answered at `at`.
    #[inline(always)]
    pub fn answered(&mut self, connection: ConnectionId, sent: Timestamp, at: Timestamp) {
        let place = self.0.place(connection, sent);
        self.0.answered[place] = Some((sent, at));
    }

    /// Of the commands that other connections sent between `from` and `until`: were there any, and was one answered?
    pub fn others(&self, but: ConnectionId, from: Timestamp, until: Timestamp) -> (bool, bool) {
        let others = (0..KEPT).filter(|at| ![but, NOBODY].contains(&self.0.connections[*at]));
        others.fold((false, false), |(asked, served), place| {
            let within = |t: Timestamp| t >= from && t <= until;
            let answered =
                self.0.answered[place].is_some_and(|(sent, at)| within(sent) && at <= until);
            let sent = within(self.0.sent[place]);
            (asked || sent || answered, served || answered)
        })
    }
}
