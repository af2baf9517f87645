//! The connection that a finding is about, as far as every rule needs it.

use super::model::Confidence;
use crate::model::{ConnectionId, Endpoint};
use crate::redis::Anchor;

/// The connection a rule looks at.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Its number.
    pub connection: ConnectionId,
    /// Who sends commands.
    pub client: Endpoint,
    /// Who answers.
    pub server: Endpoint,
    /// Its start was not captured.
    pub midstream: bool,
    /// Which end sends the commands is no more than likely: neither a SYN nor a port nor what they say tells.
    pub guessed: bool,
    /// Captured from the SYN on without a gap so far.
    pub whole: bool,
}

impl Scene {
    /// The most that may be said of pairs that stand as firmly as `anchor`.
    pub fn cap(&self, anchor: Anchor) -> Confidence {
        match anchor {
            Anchor::Start if self.whole => Confidence::Certain,
            // Where a connection was joined, a pause may also be one between two halves of an exchange.
            Anchor::Quiet if self.midstream => Confidence::Possible,
            Anchor::Start | Anchor::Content | Anchor::Quiet => Confidence::Likely,
            Anchor::Weak => Confidence::Possible,
        }
    }
}
