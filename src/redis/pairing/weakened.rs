//! Behind an EXEC of which the number of elements does not tell where its array ends: a login that was queued may have been
//! refused without a word, CLIENT REPLY SKIP says nothing, and several channels are confirmed one by one. What is missing
//! in the array is made up for by the next replies, so all that follows may belong one command further on.
//!
//! No reading is told here for its price. Told is what all of them say, or the only one in which nothing is due while the
//! client goes on again and again: a server that owed replies would have sent them.

use super::Pairing;
use super::beam::{Beam, COMMANDS_MAX};
use super::reading::Reading;
use crate::redis::exchange::Anchor;
use crate::redis::observer::Observer;
use crate::redis::shared::Shared;
use crate::redis::state::After;

/// So often the client goes on before a reply that is still due counts as one that never comes.
const ROUNDS: usize = 2;

impl Beam {
    /// In some reading nothing can be counted any more.
    pub(super) fn is_over(&self) -> bool {
        self.readings.iter().any(|r| r.after != After::Normal)
    }
}

impl Pairing {
    /// The client sends the next command. `caught_up`: it has all that the server sent.
    pub(super) fn round_ends<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        caught_up: bool,
    ) {
        let Some(beam) = &mut self.beam else { return };
        let idle = caught_up && beam.readings.iter().any(|r| beam.is_idle(r));
        beam.rounds += usize::from(idle);
        if beam.rounds >= ROUNDS && idle || beam.commands.len() >= COMMANDS_MAX {
            self.settle_alike(shared, observer, idle);
        }
    }

    /// Tells what all readings say; all that one of them says, where there is no other. `idle`: only those count in which
    /// nothing is due.
    pub(super) fn settle_alike<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        idle: bool,
    ) {
        let Some(beam) = self.beam.take() else { return };
        self.anchor = Anchor::Weak;
        self.odd_before = true;
        let counts = |reading: &&Reading| !idle || beam.is_idle(reading);
        let readings: Vec<&Reading> = beam.readings.iter().filter(counts).collect();
        if let [only] = readings[..]
            && !only.drawn
        {
            let only = only.clone();
            self.go_on_with(shared, observer, *beam, only, None);
            return;
        }
        // What another way to the same place says is not known any more.
        let common = match readings.iter().any(|reading| reading.drawn) {
            true => Vec::new(),
            false => beam.common(readings.into_iter()),
        };
        self.tell_only(shared, observer, &beam, &common);
        self.lose(shared, observer);
    }
}
