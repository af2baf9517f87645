//! Building findings: what all rules share.

use super::catalogue::RuleInfo;
use super::finding::{
    Confidence, Culprit, Finding, FindingExchange, Moment, Proof, Scope, Severity,
};
use crate::model::{ConnectionId, Endpoint, PacketRef};
use crate::redis::{Anchor, Exchange, Pending, Shared};
use sha1::{Digest, Sha1};

/// A finding holds at most so many exchanges.
pub(crate) const EXCHANGES_MAX: usize = 10;
/// A finding names at most so many connections.
pub(super) const CONNECTIONS_MAX: usize = 100;

/// The connection a rule looks at.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Its number.
    pub connection: ConnectionId,
    /// Who sends commands.
    pub client: Endpoint,
    /// Who answers.
    pub server: Endpoint,
    /// Its start was not captured.
    pub midstream: bool,
    /// Captured from the SYN on without a gap so far.
    pub whole: bool,
}

impl Scene {
    /// The most that may be said of pairs that stand as firmly as `anchor`.
    pub fn cap(&self, anchor: Anchor) -> Confidence {
        match anchor {
            Anchor::Start if self.whole => Confidence::Certain,
            // Where a connection was joined, a pause may also be one between two halves of an exchange.
            Anchor::Quiet if self.midstream => Confidence::Possible,
            Anchor::Start | Anchor::Content | Anchor::Quiet => Confidence::Likely,
            Anchor::Weak => Confidence::Possible,
        }
    }
}

/// A hash as sixteen hex digits.
pub(crate) fn digest(parts: &[&str]) -> String {
    let mut hash = Sha1::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize()
        .iter()
        .take(8)
        .fold(String::with_capacity(16), |mut text, byte| {
            use std::fmt::Write as _;
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The identity of a finding: rule, scope, first packet, and which command of that packet.
pub(crate) fn id(rule: &str, scope: Scope, first: PacketRef, index: u64) -> String {
    digest(&[
        rule,
        scope.name(),
        &first.file().to_string(),
        &first.number().to_string(),
        &index.to_string(),
    ])
}

/// A finding about one connection, still without exchanges and proof.
pub(crate) fn on_connection(
    info: &'static RuleInfo,
    scene: &Scene,
    first: Moment,
    index: u64,
) -> Finding {
    let group = digest(&[
        info.name,
        &scene.client.addr.to_string(),
        &scene.server.to_string(),
    ]);
    Finding {
        id: id(info.name, Scope::Connection, first.at, index),
        client: Some(scene.client),
        server: Some(scene.server),
        connections: vec![scene.connection],
        connections_total: 1,
        group: Some(group),
        ..blank(info, Scope::Connection, first)
    }
}

/// A finding about a client, an endpoint or the capture.
pub(crate) fn on_many(
    info: &'static RuleInfo,
    scope: Scope,
    first: Moment,
    about: &str,
) -> Finding {
    Finding {
        id: digest(&[info.name, scope.name(), about]),
        ..blank(info, scope, first)
    }
}

fn blank(info: &'static RuleInfo, scope: Scope, first: Moment) -> Finding {
    let explanation = info.explanation.split("\n\n").next().unwrap_or_default();
    Finding {
        id: String::new(),
        revision: 1,
        is_final: false,
        withdrawn: false,
        rule: info.name,
        severity: info.severity,
        confidence: Confidence::Likely,
        scope,
        title: info.summary.to_owned(),
        explanation: explanation.to_owned(),
        advice: info.steps(),
        culprit: match info.severity {
            Severity::Note => Culprit::Unknown,
            _ => Culprit::Server,
        },
        culprit_endpoint: None,
        client: None,
        server: None,
        connections: Vec::new(),
        connections_total: 0,
        affected: 0,
        first,
        last: first,
        group: None,
        exchanges: Vec::new(),
        proof: Proof::default(),
        measures: Vec::new(),
        not_seen: Vec::new(),
        notes: Vec::new(),
    }
}

/// A command with its reply, as a finding shows it.
pub(crate) fn shown(
    shared: &mut Shared,
    scene: &Scene,
    exchange: &Exchange<'_>,
    blind: Option<bool>,
) -> FindingExchange {
    let reply = shared.shown_reply(Some(exchange.command), &exchange.reply);
    FindingExchange {
        reply: Some(reply),
        received: Some(Moment {
            time: exchange.received,
            at: exchange.at,
        }),
        ..unanswered(shared, scene, exchange.command, blind)
    }
}

/// A command without a reply, as a finding shows it.
pub(crate) fn unanswered(
    shared: &mut Shared,
    scene: &Scene,
    command: &Pending,
    blind: Option<bool>,
) -> FindingExchange {
    let args = shared.shown_arguments(command);
    FindingExchange {
        connection: scene.connection,
        index: command.index,
        command: shared.commands.info(command.id).name.to_string(),
        args,
        sent: Moment {
            time: command.sent,
            at: command.at,
        },
        reply: None,
        received: None,
        blind,
    }
}

/// `PING`, `PING and GET`, `PING and 3 more commands`.
pub(crate) fn some_commands(exchanges: &[&FindingExchange], total: u64) -> String {
    match (exchanges, total) {
        ([], _) => "commands".to_owned(),
        ([one, ..], 0 | 1) => one.command.clone(),
        ([one, two, ..], 2) => format!("{} and {}", one.command, two.command),
        ([one, ..], n) => format!(
            "{} and {} more command{}",
            one.command,
            n - 1,
            if n == 2 { "" } else { "s" }
        ),
    }
}

/// `packet 12`, or `packet 12 of input [1]` behind the first input, which is `[0]` as in the reports.
pub(crate) fn packet(at: PacketRef) -> String {
    if at.file() == 0 {
        format!("packet {}", at.number())
    } else {
        format!("packet {} of input [{}]", at.number(), at.file())
    }
}
