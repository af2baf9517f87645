//! The end of a run: what only the whole of it shows, and the last word on every case.

use super::super::Case;
use super::Desk;
use super::tell::Stage;
use crate::redis::Shared;

impl Desk {
    /// The run is over: tells the next of what is still to be told. `false` when that was all.
    pub(crate) fn finish_next(&mut self, shared: &mut Shared) -> bool {
        match self.cases.pop() {
            Some(mut kept) => {
                self.look(shared, &kept.scene, &mut kept.window, Stage::Final);
            }
            None if self.finished => return false,
            None => self.finish_rest(shared),
        }
        true
    }

    /// All has been told.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// What only the whole of the run shows.
    fn finish_rest(&mut self, shared: &mut Shared) {
        self.finished = true;
        self.clients(shared);
        self.servers(shared);
        let incomplete = std::mem::take(&mut self.incomplete);
        self.once(shared, &Case::Incomplete(&incomplete));
        let encrypted = std::mem::take(&mut self.encrypted);
        self.once(shared, &Case::Encrypted(&encrypted));
    }

    /// Clients that send commands right behind AUTH, to servers that keep the order.
    fn clients(&mut self, shared: &mut Shared) {
        let fine = |server: &_| {
            !self
                .endpoints
                .known(server)
                .is_some_and(|facts| facts.boundary_error)
        };
        for (_, exposure) in self.exposures.by_client(fine) {
            self.once(shared, &Case::Client(&exposure));
        }
    }

    fn servers(&mut self, shared: &mut Shared) {
        let all: Vec<_> = self
            .endpoints
            .all()
            .into_iter()
            .map(|(address, _)| *address)
            .collect();
        for address in all {
            let Some(facts) = self
                .endpoints
                .known(&address)
                .filter(|f| f.auth.count() > 0)
                .cloned()
            else {
                continue;
            };
            self.once(shared, &Case::Server(&address, &facts));
        }
    }
}
