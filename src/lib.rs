//! `redorder` reads packet captures of Redis traffic and says who broke the order of replies.
//!
//! The layers, bottom up. A module imports only modules above it in this list.
//!
//! ```text
//! files · stdin · live interface                         text · JSON · screen
//!        │                                                       ▲
//!     source ─► packet ─► tcp ─► resp ─► redis ─► legs, finding, rules ─► analyzer ─► Event stream
//! ```
//!
//! `model` to `analyzer` are pure: bytes and times in, events out. They never read a clock, a file or the environment.
//! `source`, `report` and `tui` are shells around them, and `cli` is the only place that prints or exits.

pub mod analyzer;
pub mod cli;
pub mod finding;
pub mod legs;
pub mod model;
pub mod packet;
pub mod redis;
pub mod report;
pub mod resp;
pub mod rules;
pub mod source;
pub mod tcp;
#[cfg(feature = "tui")]
pub mod tui;
