//! Error replies by text and command, so that a report can say which of them no finding speaks of.

use super::event::ErrorSeen;
use crate::model::Timestamp;
use crate::redis::{Exchange, Shared};
use crate::rules::Moment;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Texts kept of one connection; more of them are added up under the first.
const PER_CONNECTION: usize = 256;

/// Masked text and command.
type Key = (Cow<'static, str>, Cow<'static, str>);

/// Error replies by masked text and command.
#[derive(Clone, Debug, Default)]
pub(super) struct ErrorReplies {
    rows: BTreeMap<Key, Seen>,
    /// Replies whose text found no room.
    dropped: u64,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    count: u64,
    first: Moment,
}

impl ErrorReplies {
    /// Adds the reply of one command of a connection.
    pub(super) fn answered(&mut self, shared: &mut Shared, exchange: &Exchange<'_>) {
        let text = shared.shown_reply(Some((exchange.command, exchange.anchor)), &exchange.reply);
        let command = shared.shown_name(exchange.command);
        let first = Moment {
            time: exchange.received,
            at: exchange.at,
        };
        self.add((text, command), Seen { count: 1, first }, PER_CONNECTION);
    }

    /// Adds those of a connection that has ended; at most `limit` texts are kept.
    pub(super) fn absorb(&mut self, other: ErrorReplies, limit: usize) {
        self.dropped += other.dropped;
        for (key, seen) in other.rows {
            self.add(key, seen, limit);
        }
    }

    fn add(&mut self, key: Key, seen: Seen, limit: usize) {
        if let Some(known) = self.rows.get_mut(&key) {
            known.count += seen.count;
            known.first = known.first.min(seen.first);
        } else if self.rows.len() < limit {
            self.rows.insert(key, seen);
        } else {
            self.dropped += seen.count;
        }
    }

    /// Replies whose text found no room.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The most frequent first.
    pub(super) fn seen(&self) -> Vec<ErrorSeen> {
        let mut all: Vec<ErrorSeen> = self
            .rows
            .iter()
            .map(|((text, command), seen)| ErrorSeen {
                text: text.to_string(),
                command: command.to_string(),
                count: seen.count,
                first: seen.first,
            })
            .collect();
        let earliest = |e: &ErrorSeen| -> Timestamp { e.first.time };
        all.sort_by_key(|e| (std::cmp::Reverse(e.count), earliest(e), e.text.clone()));
        all
    }
}
