//! Error texts that only a proxy says: failures of the proxy, and texts that merely show that there is one.

use super::book::Book;
use super::draft::{self, EXCHANGES_MAX, Scene};
use super::finding::{Confidence, Culprit, Finding, FindingExchange};
use super::proxy_error;
use crate::redis::{Exchange, Kind, Shared};

/// A beginning of an error text, the proxy that says it, and whether it is a failure.
struct Text {
    start: &'static str,
    proxy: &'static str,
    failure: bool,
}

const fn text(start: &'static str, proxy: &'static str, failure: bool) -> Text {
    Text {
        start,
        proxy,
        failure,
    }
}

static TEXTS: [Text; 20] = [
    text("no upstream host", "Envoy", true),
    text("upstream failure", "Envoy", true),
    text("upstream protocol error", "Envoy", true),
    text("finished with ", "Envoy", true),
    text("ERR inconsistent RESP proto across shards", "Envoy", true),
    text(
        "ERR no valid HELLO response received from any shard",
        "Envoy",
        true,
    ),
    text("Fault Injected: Error", "Envoy", true),
    text("invalid request", "Envoy", false),
    text("downstream protocol error", "Envoy", false),
    text("wrong number of arguments for ", "Envoy", false),
    text("unsupported command ", "Envoy", false),
    text("EXEC without MULTI", "Envoy", false),
    text("DISCARD without MULTI", "Envoy", false),
    text("MULTI calls can not be nested", "Envoy", false),
    text("ERR unauthorized", "Envoy", false),
    text("ERR external authentication failed", "Envoy", false),
    text("ERR no server avaliable", "predixy", true),
    text(
        "ERR forbid transaction in current server pool",
        "predixy",
        false,
    ),
    text("ERR handle request, ", "Codis", true),
    text("ERR handle response, ", "Codis", true),
];

/// The proxy could not do its part, whatever it was asked.
pub(super) fn is_failure(error: &[u8]) -> bool {
    TEXTS
        .iter()
        .any(|text| text.failure && error.starts_with(text.start.as_bytes()))
}

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
        let whole = |text: &&Text| head == text.start.as_bytes();
        let scripted = info.kind == Kind::Script && !TEXTS.iter().any(|text| whole(&text));
        if !info.known || scripted {
            return false;
        }
        let Some(text) = TEXTS.iter().find(|t| head.starts_with(t.start.as_bytes())) else {
            return false;
        };
        if let Some(server) = book.server(scene.server) {
            let evidence = || format!("{}'s own error text: {}", text.proxy, text.start.trim_end());
            server.proxy.get_or_insert_with(evidence);
        }
        text.failure && self.count(text, shared, book, scene, exchange)
    }

    fn count(
        &mut self,
        text: &'static Text,
        shared: &mut Shared,
        book: &mut Book,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) -> bool {
        let shown = draft::shown(shared, scene, exchange, None);
        let Some((_, finding)) = self.0.iter_mut().find(|(start, _)| *start == text.start) else {
            let finding = failed(text, scene, exchange, shown);
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
fn failed(text: &Text, scene: &Scene, exchange: &Exchange<'_>, shown: FindingExchange) -> Finding {
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
    finding.title = format!("{said}: {} could not do its part", text.proxy);
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
        text.proxy
    );
    finding.proof.packets = vec![exchange.command.at, exchange.at];
    finding.last = shown.received.unwrap_or(finding.last);
    finding.exchanges = vec![shown];
    finding
        .not_seen
        .push("The leg between the proxy and Redis, which would show the cause.".to_owned());
    finding
}
