//! Refusals for want of a login, on every leg: what one shows of the other.

use super::super::boundary::{Outcome, Window, print_of};
use super::Desk;
use crate::finding::Scene;
use crate::legs::{Behind, Passage, PassedLogin, Refused};
use crate::redis::Exchange;

impl Desk {
    /// A command got NOAUTH. Returns the same on the leg behind, if it is seen there.
    pub(super) fn refused(
        &mut self,
        scene: &Scene,
        exchange: &Exchange<'_>,
        window: Option<&Window>,
    ) -> Option<Behind> {
        let command = exchange.command;
        let accepted = window.filter(|window| window.outcome == Outcome::Accepted);
        let refused = Refused {
            passage: Passage {
                connection: scene.connection,
                client: scene.client,
                server: scene.server,
                sent: (command.sent, command.at),
                received: (exchange.received, exchange.at),
            },
            index: command.index,
            print: print_of(command).number(),
            blind: accepted.is_some_and(|window| window.is_blind(exchange)),
            login: accepted.and_then(login),
            anchor: exchange.anchor,
            whole: scene.whole,
        };
        let behind = self.refusals.behind(&refused, &self.roles);
        self.refusals.note(refused);
        if let Some(behind) = &behind {
            self.note_behind(behind.refused.passage.connection, behind.link);
        }
        behind
    }
}

fn login(window: &Window) -> Option<PassedLogin> {
    Some(PassedLogin {
        credential: window.auth.credential()?.hash,
        sent: window.auth.sent(),
        received: window.auth.received(),
    })
}
