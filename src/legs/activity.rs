//! Who else was served: the latest commands and answers of a few connections of one server.
//!
//! A server that answers nobody hangs. One that answers others and leaves a single connection waiting is another matter.

use crate::model::{ConnectionId, Timestamp};

/// So many connections are remembered, the ones that were active last.
const KEPT: usize = 6;

#[derive(Clone, Copy, Debug)]
struct Seen {
    connection: ConnectionId,
    sent: Timestamp,
    /// When the latest answered command was sent, and when its answer came.
    answered: Option<(Timestamp, Timestamp)>,
}

/// What the connections of one server did last.
#[derive(Clone, Debug, Default)]
pub struct Activity(Vec<Seen>);

impl Activity {
    fn of(&mut self, connection: ConnectionId, now: Timestamp) -> Option<&mut Seen> {
        if let Some(at) = self.0.iter().position(|s| s.connection == connection) {
            return self.0.get_mut(at);
        }
        let new = Seen {
            connection,
            sent: now,
            answered: None,
        };
        if self.0.len() < KEPT {
            self.0.push(new);
            return self.0.last_mut();
        }
        let quiet = self.0.iter_mut().min_by_key(|s| s.sent)?;
        *quiet = new;
        Some(quiet)
    }

    /// A command was sent.
    pub fn sent(&mut self, connection: ConnectionId, at: Timestamp) {
        if let Some(seen) = self.of(connection, at) {
            seen.sent = seen.sent.max(at);
        }
    }

    /// The command that was sent at `sent` was answered at `at`.
    pub fn answered(&mut self, connection: ConnectionId, sent: Timestamp, at: Timestamp) {
        if let Some(seen) = self.of(connection, sent) {
            seen.answered = Some((sent, at));
        }
    }

    /// Of the commands that other connections sent between `from` and `until`: were there any, and was one answered?
    pub fn others(&self, but: ConnectionId, from: Timestamp, until: Timestamp) -> (bool, bool) {
        let others = self.0.iter().filter(|s| s.connection != but);
        others.fold((false, false), |(asked, served), seen| {
            let within = |t: Timestamp| t >= from && t <= until;
            let answered = seen
                .answered
                .is_some_and(|(sent, at)| within(sent) && at <= until);
            (asked || within(seen.sent) || answered, served || answered)
        })
    }
}
