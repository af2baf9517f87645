//! The single integration test binary. One module per concern.

/// Captures that are written out as conversations.
mod made;
/// Every rule on its sample and on its near miss.
mod rules;
/// The binary, run as a user would.
mod run;
/// The rules of this repository about itself.
mod tidy;
