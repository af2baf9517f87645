//! Error texts that only a proxy says: failures of the proxy, and texts that merely show that there is one.

use super::book::Book;
use super::draft::{self, EXCHANGES_MAX, Scene};
use super::finding::{Confidence, Culprit, Finding, FindingExchange};
use super::proxy_error;
use crate::redis::errors::{self, Subject, Text};
use crate::redis::{Exchange, Kind, Shared};

/// The failures of a proxy on one connection: one finding per text.
#[derive(Debug, Default)]
pub(crate) struct Failures(Vec<(&'static str, Finding)>);

impl Failures {
    /// Looks at an error reply. `true` when it became part of a finding.
    pub(super) fn note(
        &mut self,
        shared: &mut Shared,
        book: &mut Book,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) -> bool {
        let head = exchange.part_error.unwrap_or(exchange.reply.head).bytes;
        let info = shared.commands.info(exchange.command.id);
        // A script may say anything, but hardly just that.
        let text = errors::find(head).and_then(|text| Some((text, text.speaker.proxy()?)));
        let Some((text, proxy)) = text.filter(|(text, _)| {
            info.known && (info.kind != Kind::Script || head == text.start.as_bytes())
        }) else {
            return false;
        };
        if let Some(server) = book.server(scene.server) {
            let evidence = || format!("{proxy}'s own error text: {}", text.start.trim_end());
            server.proxy.get_or_insert_with(evidence);
        }
        text.subject == Subject::ProxyFailure
            && self.count((text, proxy), shared, book, scene, exchange)
    }

    fn count(
        &mut self,
        (text, proxy): (&'static Text, &'static str),
        shared: &mut Shared,
        book: &mut Book,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) -> bool {
        let shown = draft::shown(shared, scene, exchange, None);
        let Some((_, finding)) = self.0.iter_mut().find(|(start, _)| *start == text.start) else {
            let finding = failed((text, proxy), scene, exchange, shown);
            let told = book.say(finding.clone());
            self.0.push((text.start, finding));
            return told;
        };
        finding.affected += 1;
        finding.last = shown.received.unwrap_or(finding.last);
        finding.measures = vec![("errors", finding.affected as i64)];
        if finding.exchanges.len() < EXCHANGES_MAX {
            finding.exchanges.push(shown);
        }
        true
    }

    /// The connection is over: what was counted since is told.
    pub(super) fn finish(&mut self, book: &mut Book) {
        for (_, mut finding) in self.0.drain(..) {
            finding.is_final = true;
            book.say(finding);
        }
    }
}

/// The first failure of its kind on a connection.
fn failed(
    (text, proxy): (&Text, &str),
    scene: &Scene,
    exchange: &Exchange<'_>,
    shown: FindingExchange,
) -> Finding {
    let mut finding = draft::on_connection(
        &proxy_error::INFO,
        scene,
        shown.sent,
        exchange.command.index,
    );
    let whole = shown
        .reply
        .as_deref()
        .filter(|_| exchange.part_error.is_none());
    let said = whole.unwrap_or(text.start);
    let said = said.trim_start_matches('-').trim_end();
    finding.title = format!("{said}: {} could not do its part", proxy);
    finding.confidence = scene.cap(exchange.anchor).min(Confidence::Likely);
    finding.affected = 1;
    finding.culprit = Culprit::Proxy;
    finding.culprit_endpoint = Some(scene.server);
    finding.measures = vec![("errors", 1)];
    finding.proof.text = format!(
        "{} ({}) got the error{} in {}. Redis has no such text; {} has.",
        shown.command,
        draft::packet(exchange.command.at),
        if exchange.part_error.is_some() {
            " between its values"
        } else {
            ""
        },
        draft::packet(exchange.at),
        proxy
    );
    finding.proof.packets = vec![exchange.command.at, exchange.at];
    finding.last = shown.received.unwrap_or(finding.last);
    finding.exchanges = vec![shown];
    finding
        .not_seen
        .push("The leg between the proxy and Redis, which would show the cause.".to_owned());
    finding
}
