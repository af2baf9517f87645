//! What is asked of pairing: what waits, what may come next, and how firmly it stands.

use super::Pairing;
use super::echo::Echo;
use crate::redis::commands::Kind;
use crate::redis::exchange::Anchor;
use crate::redis::pending::{Detail, Pending};
use crate::redis::shared::Shared;

impl Pairing {
    /// The server sends back what it gets: it is no Redis.
    #[inline]
    pub(in crate::redis) fn is_echo(&self) -> bool {
        self.echo == Echo::Twice
    }

    /// The only reply so far was its own command. Whether this is Redis is not known.
    pub(super) fn may_be_echo(&self) -> bool {
        matches!(self.echo, Echo::Once(_))
    }

    /// Everything sent has been answered, as far as is known.
    pub(in crate::redis) fn is_idle(&self) -> bool {
        self.line.is_idle() && self.beam.is_none()
    }

    /// The command whose reply comes next is, or may be, of that kind.
    pub(in crate::redis) fn next_is(&self, is: impl Fn(Kind) -> bool) -> bool {
        match &self.beam {
            Some(beam) => beam.heads().any(|command| is(command.kind)),
            None => self.line.front().is_some_and(|next| is(next.kind)),
        }
    }

    /// The answer to SYNC is due: what comes may be a dump. Where the order is broken only by the likeliest reading.
    pub(in crate::redis) fn expects_dump(&self, shared: &Shared) -> bool {
        match &self.beam {
            Some(beam) if beam.faults => {
                let head = beam
                    .best(shared)
                    .and_then(|(best, _)| beam.commands.get(best.next));
                head.is_some_and(|command| command.kind == Kind::Sync)
            }
            _ => self.next_is(|kind| kind == Kind::Sync),
        }
    }

    /// One reading is possible, and of the reply that comes next nothing is wanted but its form.
    #[inline]
    pub(in crate::redis) fn next_is_ordinary(&self) -> bool {
        let next = self.line.front();
        self.beam.is_none()
            && !self.state.tail.is_open()
            && next.is_some_and(|next| next.kind == Kind::Ordinary)
            && self.history.as_ref().is_none_or(|h| !h.has_payload)
    }

    /// The reply that comes next may be a payload that is compared. A command that may get no reply hides what is next.
    pub(in crate::redis) fn wants_payload(&self) -> bool {
        self.beam.is_some()
            || self.state.tail.is_open()
            || self.history.as_ref().is_some_and(|h| h.has_payload)
            || self.next_is(hides_payload)
    }

    /// Commands that wait for an answer.
    pub(in crate::redis) fn outstanding(&self) -> u64 {
        let held = self.beam.as_ref().map_or(0, |beam| beam.waiting());
        (self.line.len() + held) as u64
    }

    /// How firmly the stream stands; weakly where its order is in doubt.
    pub(in crate::redis) fn firmness(&self) -> Anchor {
        match &self.beam {
            Some(beam) if beam.faults => Anchor::Weak,
            _ => self.anchor,
        }
    }

    /// The same as they stand in line, while there is one reading.
    #[inline]
    pub(in crate::redis) fn line(&self) -> Option<&[Pending]> {
        self.beam.is_none().then(|| self.line.waiting())
    }

    /// There is one reading, and by it every command that waits gets an answer.
    pub(in crate::redis) fn answers_all(&self) -> bool {
        let switches = |p: &Pending| {
            matches!(
                p.detail,
                Detail::ReplyOff | Detail::ReplySkip | Detail::ReplyUnknown
            )
        };
        self.beam.is_none()
            && !self.state.is_mode_uncertain()
            && !self.line.waiting().iter().any(switches)
    }

    /// The commands that wait for an answer, oldest first.
    pub(in crate::redis) fn waiting(&self) -> impl Iterator<Item = &Pending> {
        let held = self.beam.iter().flat_map(|beam| beam.waiting_commands());
        held.chain(self.line.waiting())
    }

    /// The oldest command that waits for an answer.
    pub(in crate::redis) fn oldest(&self) -> Option<&Pending> {
        match &self.beam {
            Some(beam) => beam.heads().next(),
            None => self.line.front(),
        }
    }

    /// The command that was sent last, if it waits for an answer.
    pub(in crate::redis) fn latest(&self) -> Option<&Pending> {
        match &self.beam {
            Some(beam) => beam.commands.back(),
            None => self.line.back(),
        }
    }
}

fn hides_payload(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Echo | Kind::ClientReply | Kind::Replconf | Kind::Monitor | Kind::Sync
    )
}
