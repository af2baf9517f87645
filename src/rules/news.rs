//! What a connection says to the desk: facts, each with the connection it comes from.

use super::Told;
use super::boundary::{
    Abandoned, Absence, AuthError, Exposed, ProxyFailure, ServedBefore, Unauthenticated, Window,
};
use super::case::BrokenStream;
use crate::finding::Scene;
use crate::legs::ServerFacts;
use crate::redis::{Exchange, Fault, Shared};

/// Receives the facts of all connections, in the order of the packets.
pub(crate) trait News {
    /// Command names and what may be shown.
    fn shared(&mut self) -> &mut Shared;
    /// What is known of the server; `None` when there is no room for it.
    fn server(&mut self, scene: &Scene) -> Option<&mut ServerFacts>;
    /// A window changed. `closed`: nothing more can come. `true` when a finding stands.
    fn window(&mut self, scene: &Scene, window: &mut Window) -> bool;
    /// A window is over. `true` when a finding stands.
    fn window_closed(&mut self, scene: &Scene, window: Box<Window>) -> bool;
    /// What was told of a window rests on pairs that were wrong.
    fn take_back(&mut self, scene: &Scene, window: &mut Window);
    /// The pairs of this connection from command number `from` on were wrong, where they rest on pairing found again.
    fn disputed(&mut self, scene: &Scene, from: u64);
    /// Commands refused without a login.
    fn unauthenticated(&mut self, scene: &Scene, refused: Box<Unauthenticated>) -> bool;
    /// Commands refused without a login that no rule can explain.
    fn refused_unexplained(&mut self, scene: &Scene, refused: &Unauthenticated);
    /// An AUTH that was not judged.
    fn auth_error(&mut self, scene: &Scene, error: Box<AuthError>) -> bool;
    /// Commands without an answer. `told`: what was said of it so far. `closed`: nothing more can come.
    fn absence(
        &mut self,
        scene: &Scene,
        absence: Box<Absence>,
        told: &mut Vec<Told>,
        closed: bool,
    ) -> bool;
    /// What was said does not hold any more.
    fn withdraw(&mut self, scene: &Scene, told: &mut Vec<Told>);
    /// A failure that only a proxy says. `closed`: its connection is over.
    fn failure(&mut self, scene: &Scene, failure: &mut ProxyFailure, closed: bool) -> bool;
    /// A client that no longer waits for its replies. `true` when a finding stands.
    fn abandoned(&mut self, scene: &Scene, abandoned: Box<Abandoned>) -> bool;
    /// Data that was served before the first login. `true` when a finding stands.
    fn served_before(&mut self, scene: &Scene, served: Box<ServedBefore>) -> bool;
    /// Server bytes that are no RESP.
    fn broken(&mut self, scene: &Scene, broken: Box<BrokenStream>) -> bool;
    /// The order of replies is broken. `true` when that was told.
    fn fault(&mut self, scene: &Scene, fault: &Fault) -> bool;
    /// An AUTH with blind commands behind it that were answered well. `true` when a finding may name the connection.
    fn exposed(&mut self, exposed: &Exposed) -> bool;
    /// A refusal that no case takes.
    fn unexplained(&mut self, scene: &Scene, exchange: &Exchange<'_>);
}
