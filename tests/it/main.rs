//! The single integration test binary. One module per concern.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests read files, say what they skip, and fail loudly"
)]

/// The program from outside: exit codes, streams, messages.
mod cli;
/// Events built by hand.
mod fixture;
/// The framer over dialogues recorded from real servers.
#[cfg(feature = "compress")]
mod framing;
/// Captures that are written out as conversations.
mod made;
/// Link types, tunnels, fragments.
mod packet;
/// Packet counts of public captures.
#[cfg(feature = "compress")]
mod packet_public;
/// What the formats write.
mod report;
/// Every rule on its sample and on its near miss.
mod rules;
/// The binary, run as a user would.
mod run;
/// The JSON Schema against the documents.
mod schema;
/// The rules of this repository about itself.
mod tidy;
