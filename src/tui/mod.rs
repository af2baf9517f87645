//! The terminal screen: the only folder that names `ratatui` and `crossterm`.
//!
//! ```text
//! ━━ Findings (2) ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
//!   rule       sure     cmds  server    client           list: worst first
//! ✗ auth-race  certain  2     10.0.0…   10.0.0…
//! ── Finding 1 · 20 lines below ─────────────────────
//! ✗ error · certain · auth-race                          details: verdict, ladder, proof,
//! ┌  +0.000000 ms #4  AUTH <secret> ──────────────▶        not seen, advice, filter
//! └  +5.120000 ms #6  ◀─────────────────────── +OK
//! done · ✗ 1 error · ▲ 1 warning · 12 packets            status
//! Enter open · / filter · 1 causes · 2 findings …        keys, or the filter line
//! ```
//!
//! The list holds causes or findings ([`View`]); the coverage is a text without a list.
//!
//! One direction only: [`Feed`] and keys become a [`Message`], [`update()`] changes the [`Model`], [`view::draw`] shows
//! it. Only [`run`] touches the terminal, the keyboard and the clock.

mod causes;
mod filter;
#[cfg(test)]
mod fixture;
pub mod keys;
mod layout;
pub mod lens;
pub mod list;
mod message;
mod model;
mod privacy;
mod screen;
mod shell;
#[cfg(test)]
mod tests;
mod theme;
mod update;
pub mod view;

pub use causes::{CauseKey, CauseList};
pub use filter::{FILTER_MAX, Filter};
pub use message::{Action, Effect, Feed, Message};
pub use model::{CONNECTIONS_KEPT, Model, Progress, Stage};
pub use screen::{Focus, View};
pub use shell::{Exit, Options, run};
pub use theme::{Meaning, Theme};
pub use update::update;
