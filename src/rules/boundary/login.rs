//! Whether a connection is logged in, as far as its answers tell.

use super::outcome::Outcome;
use crate::redis::errors;

/// Whether the connection is logged in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Login {
    /// Nothing shows that it is.
    #[default]
    Unknown,
    No,
    /// It was, and then an AUTH was refused or not judged, or pairing was lost: some servers keep the old login.
    Unsure,
    /// Data was served although no AUTH was seen: there was one, or none is needed.
    Served,
    Yes,
}

impl Login {
    /// The connection may be logged in. `seen`: every packet of it so far was captured, and every answer paired.
    pub(super) fn may_stand(self, seen: bool) -> bool {
        match self {
            Login::Yes | Login::Unsure => true,
            // Served from the first byte on without an AUTH: nobody had logged in, none was needed.
            Login::Served => !seen,
            Login::Unknown | Login::No => false,
        }
    }

    /// It is known whether the connection is logged in. `whole`: see `Scene`.
    pub(super) fn is_sure(self, whole: bool) -> bool {
        match self {
            Login::Yes => true,
            Login::Unsure => false,
            Login::Unknown | Login::No | Login::Served => whole,
        }
    }

    /// What AUTH's outcome, with that text, leaves of it. `was_authed`: see [`Login::may_stand`].
    pub(super) fn behind_auth(self, outcome: Outcome, was_authed: bool, text: &[u8]) -> Login {
        match outcome {
            Outcome::Accepted => Login::Yes,
            Outcome::ServiceFailed => self,
            Outcome::Refused if errors::keeps_login(text) => self,
            Outcome::Refused | Outcome::NotJudged | Outcome::NotSeen if was_authed => Login::Unsure,
            Outcome::Refused | Outcome::NotJudged | Outcome::NotSeen => self,
        }
    }

    /// Something may have changed it that was not seen.
    pub(super) fn doubted(self) -> Login {
        match self {
            Login::Yes | Login::Unsure => Login::Unsure,
            Login::Unknown | Login::No | Login::Served => Login::Unknown,
        }
    }
}
