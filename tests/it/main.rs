//! The single integration test binary. One module per concern.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests read files, say what they skip, and fail loudly"
)]

/// The sums of packets and commands.
mod account;
/// What a person reads first and last.
mod answers;
mod awkward;
/// Captures changed in every way that captures go through.
mod campaign;
/// The program from outside: exit codes, streams, messages.
mod cli;
/// Conversations as packets in memory.
mod conversation;
mod doubts;
/// Events built by hand.
mod fixture;
/// The framer over dialogues recorded from real servers.
#[cfg(feature = "compress")]
mod framing;
/// The fuzz targets, replayed.
mod fuzz;
/// Healthy dialogues, damaged in one known place.
#[cfg(feature = "compress")]
mod laboratory;
/// Captures with a packet left out.
mod logins;
mod loss;
/// Captures that are written out as conversations.
mod made;
/// Damaged captures.
mod mutation;
/// Commands that wait, and limits.
mod overdue;
/// Link types, tunnels, fragments.
mod packet;
/// Packets put together by hand.
mod packet_build;
/// Packet counts of public captures.
#[cfg(feature = "compress")]
mod packet_public;
/// A capture that is still being written.
mod pipe;
/// What the formats write.
mod report;
/// Conversations that a fresh reader did not trust the engine with.
mod review;
/// Every rule on its sample and on its near miss.
mod rules;
/// The binary, run as a user would.
mod run;
/// The JSON Schema against the documents.
mod schema;
/// No password in any output.
mod secrets;
/// Real servers in distress.
#[cfg(feature = "live")]
mod servers;
/// Reading captures, whole and damaged, beside other readers.
mod source;
/// Every short story behind AUTH.
mod stories;
/// The rules of this repository about itself.
mod tidy;
mod told;
/// The written vectors of the ordering oracle.
mod vectors;
/// Segments split, repeated and shuffled.
mod wire;
