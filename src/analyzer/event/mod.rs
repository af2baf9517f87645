//! What the analyzer says: the one stream that text, JSON, screen and tests all read.

mod client;
mod connection;
mod line;
mod summary;

pub use client::{ClientConnection, ClientReport, FirstAuth, Load, NextFate};
pub use connection::{
    AuthRecord, AuthResult, ConnectionEnd, ConnectionReport, Leg, Protocol, TlsReport, Vantage,
};
pub use line::{ExchangeLine, LineKind, Login};
pub use summary::{
    BusyPort, ClockOffset, EndpointReport, ErrorSeen, LatencySummary, StopReason, Stopped,
    StreamBytes, Summary, Totals,
};

use crate::rules::Finding;
use std::sync::Arc;

/// Something worth telling, in the order it became known.
#[derive(Clone, Debug)]
pub enum Event {
    /// A finding, or a later revision of one (same `id`). `withdrawn` takes it back.
    Finding(Arc<Finding>),
    /// A command and what became of it. Only when `Config::exchanges` asks for them.
    Exchange(Box<ExchangeLine>),
    /// A connection ended, or the capture did. Only those that `Config::connections` asks for.
    Connection(Arc<ConnectionReport>),
}
