//! Failures that only a proxy says, on one connection: one case for each text.

use super::texts::{self, ProxyText};
use super::window::received;
use crate::finding::Moment;
use crate::redis::{Anchor, Exchange, KeptExchange, Kind, Shared};
use crate::rules::Told;
use smallvec::SmallVec;

/// So many commands that got the text are kept to be shown.
const KEPT: usize = 10;

/// One text on one connection.
#[derive(Debug)]
pub(crate) struct ProxyFailure {
    pub text: &'static ProxyText,
    /// Those that got it, first seen.
    pub kept: Vec<KeptExchange>,
    pub total: u64,
    pub anchor: Anchor,
    pub last: Moment,
    /// The error stands between the values of MGET.
    pub inside: bool,
    pub told: SmallVec<[Told; 1]>,
}

/// What an error reply shows.
pub(super) enum Shown {
    /// Nothing of a proxy.
    Nothing,
    /// A proxy is there.
    Proxy(&'static ProxyText),
}

/// Looks at an error reply, or at an error among the elements of one.
pub(super) fn look(shared: &Shared, exchange: &Exchange<'_>) -> Shown {
    let head = exchange.part_error.unwrap_or(exchange.reply.head).bytes;
    let info = shared.commands.info(exchange.command.id);
    // A script may say anything, but hardly just that.
    let scripted = info.kind == Kind::Script && !texts::is_whole(head);
    if !info.known || scripted || info.kind == Kind::Debug {
        return Shown::Nothing;
    }
    texts::of_proxy(head).map_or(Shown::Nothing, Shown::Proxy)
}

/// The failures of a proxy on one connection.
#[derive(Debug, Default)]
pub(crate) struct Failures(Vec<ProxyFailure>);

impl Failures {
    /// One more of them.
    pub(super) fn note(&mut self, text: &'static ProxyText, exchange: &Exchange<'_>) -> &mut ProxyFailure {
        let place = self.0.iter().position(|f| f.text.start == text.start);
        let at = place.unwrap_or_else(|| {
            self.0.push(ProxyFailure {
                text,
                kept: Vec::new(),
                total: 0,
                anchor: exchange.anchor,
                last: received(exchange),
                inside: exchange.part_error.is_some(),
                told: SmallVec::new(),
            });
            self.0.len() - 1
        });
        let failure = &mut self.0[at];
        failure.total += 1;
        failure.last = received(exchange);
        if failure.kept.len() < KEPT {
            failure.kept.push(KeptExchange::of(exchange, false));
        }
        failure
    }

    /// All of them.
    pub(super) fn all(&mut self) -> impl Iterator<Item = &mut ProxyFailure> {
        self.0.iter_mut()
    }
}
