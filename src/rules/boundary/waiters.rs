//! How many commands wait.

use crate::redis::Pending;

/// How many commands wait, without AUTH.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waiters {
    pub(super) all: u64,
    /// In front of every command that may wait for other clients.
    pub(super) free: u64,
}

impl Waiters {
    pub(super) fn count(&mut self, command: &Pending, blocked: bool) {
        let counts = u64::from(!command.is_auth());
        self.all += counts;
        self.free += if blocked { 0 } else { counts };
    }
}
