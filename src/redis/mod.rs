//! Redis as a conversation: which commands there are, which reply belongs to which, and what may be shown of them.
//!
//! [`Session`] pairs one connection. What all connections share (command names, error codes, tags) is in [`Shared`].

pub mod answerer;
mod code_counts;
mod commands;
mod counts;
mod describe;
mod details;
pub mod detect;
mod effects;
pub mod errors;
mod exchange;
mod fault;
pub mod fingerprint;
mod frame_kinds;
mod hello;
mod lines;
mod mask;
mod narrow;
mod observer;
mod packed;
mod pairing;
mod pending;
mod proxy_header;
mod session;
mod shape;
mod shared;
mod spare_lines;
mod state;
#[cfg(test)]
mod tests;
mod transaction;

pub use answerer::Answerer;
pub use code_counts::CodeCounts;
pub use commands::{
    CommandId, CommandInfo, CommandTable, Elements, Forms, Keys, Kind, Most, Secret,
};
pub use counts::Counts;
pub use effects::Effects;
pub use exchange::{Anchor, Exchange, sent_before};
pub use exchange::{KeptExchange, KeptReply};
pub use fault::{Fault, FaultKind};
pub use mask::{Argument, Arguments, Asked, Redactor, Show, Tag, escape, random_key};
pub use observer::{BrokenReply, Fate, Observer, Stray, StrayFrame};
pub use packed::PackedExchange;
pub use pending::{Detail, Pending};
pub use session::{Account, Session};
pub use shape::Shape;
pub use shared::{Shared, Waiting};
pub use spare_lines::SpareLines;
