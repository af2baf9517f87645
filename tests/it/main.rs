//! The single integration test binary. One module per concern.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
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
/// Real clients that pipeline.
#[cfg(feature = "live")]
mod clients;
/// What is counted, bounded and told apart, whatever the rule.
mod connections;
/// Conversations as packets in memory.
mod conversation;
/// Many clients, many servers, one fault.
mod crowd;
/// Numbers by chance.
mod dice;
/// Commands that the documents show.
mod docs;
#[cfg(feature = "live")]
mod drops;
/// Events built by hand.
mod fixture;
/// The framer over dialogues recorded from real servers.
#[cfg(feature = "compress")]
mod framing;
/// The fuzz targets, replayed.
mod fuzz;
/// What findings say, sample by sample.
mod golden;
/// Healthy dialogues, damaged in one known place.
#[cfg(feature = "compress")]
mod laboratory;
mod lanes;
/// Captures with a packet left out.
mod loss;
/// Captures that are written out as conversations.
mod made;
/// Secrets in a dialogue with a real server.
#[cfg(all(unix, feature = "live"))]
mod markers;
/// Damaged captures.
mod mutation;
mod once;
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
/// Several connections at once, by chance.
mod random;
/// Whether it is Redis.
mod recognition;
/// What the formats write.
mod report;
/// Every rule: its sample and its near miss, its words, its conversations.
mod rules;
/// The binary, run as a user would.
mod run;
/// The JSON Schema against the documents.
mod schema;
/// What the screen shows of the samples.
#[cfg(feature = "tui")]
mod screens;
/// No password in any output.
mod secrets;
/// The question that started it all.
mod seed;
/// Real servers in distress.
#[cfg(feature = "live")]
mod servers;
#[cfg(feature = "live")]
mod sessions;
/// Reading captures, whole and damaged, beside other readers.
mod source;
/// Every short story behind AUTH.
mod stories;
/// Conversations as text.
mod talk;
/// The rules of this repository about itself.
mod tidy;
/// The written vectors of the ordering oracle.
mod vectors;
/// Segments split, repeated and shuffled.
mod wire;
