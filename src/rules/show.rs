//! Exchanges as a finding shows them: the only place where a kept exchange becomes text.

use crate::finding::{FindingExchange, Moment};
use crate::model::ConnectionId;
use crate::redis::{KeptExchange, KeptReply, Shared};

/// Makes text of kept exchanges, masked as the run's settings say.
pub(crate) struct Show<'s> {
    pub(super) shared: &'s mut Shared,
    pub(super) connection: ConnectionId,
}

impl Show<'_> {
    /// How bytes begin that are no RESP.
    pub(crate) fn first_bytes(&self, bytes: &[u8]) -> String {
        self.shared.redactor.first_bytes(bytes)
    }

    /// A command with its reply, if it got one. `blind`: see [`FindingExchange::blind`].
    pub(crate) fn exchange(&mut self, kept: &KeptExchange, blind: Option<bool>) -> FindingExchange {
        let command = &kept.command;
        let shape = kept.reply.as_ref().map(KeptReply::shape);
        // Tags are numbered as they are met: those of a command come before those of its reply.
        let args = self.shared.shown_arguments(command, shape.as_ref());
        let reply = shape
            .as_ref()
            .map(|shape| self.shared.shown_reply(Some((command, kept.anchor)), shape));
        FindingExchange {
            connection: self.connection,
            index: command.index,
            command: self.shared.shown_name(command),
            args,
            sent: Moment {
                time: command.sent,
                at: command.at,
            },
            reply,
            received: kept.reply.as_ref().map(|reply| Moment {
                time: reply.received,
                at: reply.at,
            }),
            instead: None,
            blind,
        }
    }
}
