//! A broken order of replies, as a fact: what happened, where it began, and what it did.

use super::exchange::Anchor;
use super::exchange::KeptExchange;
use super::pending::Pending;
use crate::model::{PacketRef, Timestamp};

/// What happened to the order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FaultKind {
    /// An answer is missing; those behind it moved up.
    Missing,
    /// An answer that nobody asked for.
    Surplus,
    /// Two neighbouring answers in exchange.
    Swapped,
    /// The refusal of the command behind AUTH overtook AUTH's own reply.
    RefusedBeforeAuth,
    /// An answer that can not belong to its command.
    Mismatch,
    /// Each answer belongs to the command in front. Where that began was not captured.
    Shifted,
    /// The server dropped the error of a failing AUTH; the answers behind it moved up.
    AuthErrorDropped,
}

/// A broken order.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What happened.
    pub kind: FaultKind,
    /// The first command that got a wrong answer, or none. `None` where the client sent none any more.
    pub onset: Option<Pending>,
    /// The command may as well be one of so many in front of it or behind it.
    pub uncertain_by: u64,
    /// Commands with the replies that stood in their place: the first ones hit.
    pub shown: Vec<KeptExchange>,
    /// Answers that a client that counts gives to the wrong command, so far.
    pub wrong: u64,
    /// By how many commands the later answers are displaced; 0 where only those hit are wrong.
    pub shift: i64,
    /// Later answers that fit only with the displacement.
    pub discriminating: u64,
    /// By how much the explanation is better than the next one: 0 is a draw.
    pub margin: u16,
    /// None of the replies that stand in a wrong place can be the answer to the command there. Where one can, another
    /// explanation is near.
    pub impossible: bool,
    /// The connection never sent a command that may change how many replies come, or of which kind.
    pub plain: bool,
    /// How firmly the connection was followed before.
    pub anchor: Anchor,
    /// Capture time of the reply that shows it.
    pub time: Timestamp,
    /// That reply's packet.
    pub at: PacketRef,
    /// Nothing will be added any more.
    pub is_final: bool,
}
