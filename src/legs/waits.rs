//! Times in which a server makes its clients wait for a reason that is on the wire: CLIENT PAUSE, a script, FAILOVER.

use crate::model::{ConnectionId, Timestamp};

/// So many of them are remembered of one server; the oldest goes first.
const KEPT: usize = 32;

/// Something that keeps the server from answering others.
#[derive(Clone, Copy, Debug)]
struct Wait {
    from: Timestamp,
    until: Timestamp,
    /// The command that causes it: connection and number.
    by: (ConnectionId, u64),
    /// It holds until a write of somebody is answered.
    until_write: bool,
}

/// All of one server.
#[derive(Clone, Debug, Default)]
pub struct Waits {
    all: Vec<Wait>,
    pause: Option<(Timestamp, Timestamp)>,
}

impl Waits {
    /// A command that keeps the server busy was sent.
    pub fn begin(&mut self, by: (ConnectionId, u64), sent: Timestamp, until_write: bool) {
        if self.all.len() >= KEPT {
            self.all.remove(0);
        }
        self.all.push(Wait {
            from: sent,
            until: Timestamp::MAX,
            by,
            until_write,
        });
    }

    /// It was answered.
    pub fn end(&mut self, by: (ConnectionId, u64), at: Timestamp) {
        for wait in self.all.iter_mut().filter(|w| w.by == by && !w.until_write) {
            wait.until = at;
        }
    }

    /// A write that was sent at `sent` has been answered at `at`: nothing holds writes back any more.
    pub fn write_answered(&mut self, sent: Timestamp, at: Timestamp) {
        for wait in &mut self.all {
            if wait.until_write && wait.until == Timestamp::MAX && sent > wait.from {
                wait.until = at;
            }
        }
    }

    /// A command is running or holding writes back.
    pub fn is_open(&self) -> bool {
        self.all.iter().any(|w| w.until == Timestamp::MAX)
    }

    /// Nothing ever kept the server from answering.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.pause.is_none()
    }

    /// Something of it overlaps the time from `sent` to `end`.
    pub fn explain(&self, sent: Timestamp, end: Timestamp) -> bool {
        self.all.iter().any(|w| w.from < end && w.until > sent)
    }

    /// CLIENT PAUSE was confirmed at `at`, for so many ms; `None` = nobody knows how long. It prolongs one that runs.
    pub fn pause(&mut self, at: Timestamp, ms: Option<u32>) {
        let until = ms.map_or(Timestamp::MAX, |ms| at.plus(i64::from(ms) * 1_000_000));
        let running = self.pause.filter(|(_, until)| *until >= at);
        let (from, running_until) = running.unwrap_or((at, until));
        self.pause = Some((from, running_until.max(until)));
    }

    /// CLIENT UNPAUSE was confirmed.
    pub fn unpause(&mut self, at: Timestamp) {
        if let Some((_, until)) = &mut self.pause {
            *until = (*until).min(at);
        }
    }

    /// Of the time from `sent` to `end`, the longest part that CLIENT PAUSE does not explain, ns.
    pub fn unpaused_ns(&self, sent: Timestamp, end: Timestamp) -> i64 {
        match self.pause {
            Some((from, until)) if from < end && until > sent => {
                from.since(sent).max(end.since(until))
            }
            _ => end.since(sent),
        }
    }
}
