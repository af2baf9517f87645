//! Failures that only a proxy says, on one connection: one case for each text.

use super::moments::received;
use crate::finding::Moment;
use crate::redis::errors::{self, Text};
use crate::redis::{Anchor, Exchange, KeptExchange, Kind, Shared};
use crate::rules::Told;

/// So many commands that got the text are kept to be shown.
const KEPT: usize = 10;

/// One text on one connection.
#[derive(Debug)]
pub(crate) struct ProxyFailure {
    pub text: &'static Text,
    /// Who says it.
    pub proxy: &'static str,
    /// Those that got it, first seen.
    pub kept: Vec<KeptExchange>,
    pub total: u64,
    pub anchor: Anchor,
    pub last: Moment,
    /// The error stands between the values of MGET.
    pub inside: bool,
    pub told: Vec<Told>,
}

/// The text and the proxy that says it, where an error reply, or an error among the elements of one, is a proxy's own.
pub(super) fn own_text(
    shared: &Shared,
    exchange: &Exchange<'_>,
) -> Option<(&'static Text, &'static str)> {
    let head = exchange.part_error.unwrap_or(exchange.reply.head).bytes;
    let info = shared.commands.info(exchange.command.id);
    let text = errors::find(head)?;
    let proxy = text.speaker.proxy()?;
    // A script may say anything, but hardly just that.
    let scripted = info.kind == Kind::Script && head != text.start.as_bytes();
    (info.known && !scripted && info.kind != Kind::Debug).then_some((text, proxy))
}

/// The failures of a proxy on one connection.
#[derive(Debug, Default)]
pub(crate) struct Failures(Vec<ProxyFailure>);

impl Failures {
    /// One more of them.
    pub(super) fn note(
        &mut self,
        (text, proxy): (&'static Text, &'static str),
        exchange: &Exchange<'_>,
    ) -> &mut ProxyFailure {
        let place = self.0.iter().position(|f| f.text.start == text.start);
        let at = place.unwrap_or_else(|| {
            self.0.push(ProxyFailure {
                text,
                proxy,
                kept: Vec::new(),
                total: 0,
                anchor: exchange.anchor,
                last: received(exchange),
                inside: exchange.part_error.is_some(),
                told: Vec::new(),
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
