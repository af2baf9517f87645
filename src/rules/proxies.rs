//! Error texts that only a proxy says: failures of the proxy, and texts that merely show that there is one.

use super::book::Book;
use super::draft::{self, EXCHANGES_MAX, Scene};
use super::finding::{Confidence, Culprit, Finding, Moment};
use super::proxy_error;
use crate::redis::{Exchange, Kind, Shared};

/// A beginning of an error text, the proxy that says it, and whether it is a failure.
struct Text {
    start: &'static [u8],
    proxy: &'static str,
    failure: bool,
}

const fn text(start: &'static [u8], proxy: &'static str, failure: bool) -> Text {
    Text {
        start,
        proxy,
        failure,
    }
}

const TEXTS: [Text; 19] = [
    text(b"no upstream host", "Envoy", true),
    text(b"upstream failure", "Envoy", true),
    text(b"upstream protocol error", "Envoy", true),
    text(b"finished with ", "Envoy", true),
    text(b"ERR inconsistent RESP proto across shards", "Envoy", true),
    text(
        b"ERR no valid HELLO response received from any shard",
        "Envoy",
        true,
    ),
    text(b"invalid request", "Envoy", false),
    text(b"downstream protocol error", "Envoy", false),
    text(b"wrong number of arguments for ", "Envoy", false),
    text(b"unsupported command ", "Envoy", false),
    text(b"EXEC without MULTI", "Envoy", false),
    text(b"DISCARD without MULTI", "Envoy", false),
    text(b"MULTI calls can not be nested", "Envoy", false),
    text(b"ERR unauthorized", "Envoy", false),
    text(b"ERR external authentication failed", "Envoy", false),
    text(b"ERR no server avaliable", "predixy", true),
    text(
        b"ERR forbid transaction in current server pool",
        "predixy",
        false,
    ),
    text(b"ERR handle request, ", "Codis", true),
    text(b"ERR handle response, ", "Codis", true),
];

/// Looks at an error reply. `true` when it became part of a finding.
pub(crate) fn note(
    findings: &mut Vec<Finding>,
    shared: &mut Shared,
    book: &mut Book,
    scene: &Scene,
    exchange: &Exchange<'_>,
) -> bool {
    let head = exchange.reply.head.bytes;
    let info = shared.commands.info(exchange.command.id);
    if !info.known || info.kind == Kind::Script {
        return false;
    }
    let Some(text) = TEXTS.iter().find(|t| head.starts_with(t.start)) else {
        return false;
    };
    if let Some(server) = book.server(scene.server)
        && server.proxy.is_none()
    {
        let said = String::from_utf8_lossy(text.start);
        server.proxy = Some(format!(
            "{}'s own error text: {}",
            text.proxy,
            said.trim_end()
        ));
    }
    if !text.failure {
        return false;
    }
    let said = String::from_utf8_lossy(text.start).trim_end().to_owned();
    let shown = draft::shown(shared, scene, exchange, None);
    let last = Moment {
        time: exchange.received,
        at: exchange.at,
    };
    if let Some(finding) = findings.iter_mut().find(|f| f.title.starts_with(&said)) {
        finding.affected += 1;
        finding.last = last;
        finding.measures = vec![("errors", finding.affected as i64)];
        if finding.exchanges.len() < EXCHANGES_MAX {
            finding.exchanges.push(shown);
        }
        return true;
    }
    let mut finding = failed(text, scene, exchange, &shown);
    finding.title = format!("{said}: {} could not do its part", text.proxy);
    finding.last = last;
    finding.exchanges = vec![shown];
    let told = book.say(finding.clone());
    findings.push(finding);
    told
}

/// The first failure of its kind on a connection.
fn failed(
    text: &Text,
    scene: &Scene,
    exchange: &Exchange<'_>,
    shown: &super::FindingExchange,
) -> Finding {
    let mut finding = draft::on_connection(
        &proxy_error::INFO,
        scene,
        shown.sent,
        exchange.command.index,
    );
    finding.confidence = scene.cap(exchange.anchor).min(Confidence::Likely);
    finding.affected = 1;
    finding.culprit = Culprit::Proxy;
    finding.culprit_endpoint = Some(scene.server);
    finding.measures = vec![("errors", 1)];
    finding.proof.text = format!(
        "{} ({}) got the error in {}. Redis has no such text; {} has.",
        shown.command,
        draft::packet(exchange.command.at),
        draft::packet(exchange.at),
        text.proxy
    );
    finding.proof.packets = vec![exchange.command.at, exchange.at];
    finding
        .not_seen
        .push("The leg between the proxy and Redis, which would show the cause.".to_owned());
    finding
}
