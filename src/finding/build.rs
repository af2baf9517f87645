//! A finding from a rule, what the rule claims, and the words it finds for it.

use super::model::{Confidence, Culprit, Finding, FindingExchange, Moment, Proof};
use super::rule_info::RuleInfo;
use super::scene::Scene;
use super::{CONNECTIONS_MAX, Identity, digest};
use crate::model::{ConnectionId, Endpoint, Host};

/// What a rule says of one case. Every part has to be thought of: nothing has a default.
#[derive(Debug)]
pub(crate) struct Words {
    pub identity: Identity,
    /// One line.
    pub title: String,
    /// What to do, one step each.
    pub advice: Vec<&'static str>,
    pub proof: Proof,
    /// AUTH first.
    pub exchanges: Vec<FindingExchange>,
    pub measures: Vec<(&'static str, i64)>,
    /// What could not be seen. Below `certain` there is always something.
    pub not_seen: Vec<String>,
    pub notes: Vec<String>,
    pub first: Moment,
    pub last: Moment,
}

/// Who is involved in a finding.
#[derive(Clone, Debug)]
pub(crate) struct Involved {
    pub client: Option<Endpoint>,
    pub server: Option<Endpoint>,
    pub connections: Vec<ConnectionId>,
    pub connections_total: u64,
}

impl From<&Scene> for Involved {
    fn from(scene: &Scene) -> Involved {
        Involved {
            client: Some(scene.client),
            server: Some(scene.server),
            connections: vec![scene.connection],
            connections_total: 1,
        }
    }
}

/// The verdict of a rule, without its words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    pub confidence: Confidence,
    pub affected: u64,
    pub culprit: Culprit,
    pub culprit_endpoint: Option<Endpoint>,
}

/// Puts a finding together.
pub(crate) fn build(
    info: &'static RuleInfo,
    verdict: &Verdict,
    mut involved: Involved,
    words: Words,
) -> Finding {
    involved.connections.truncate(CONNECTIONS_MAX);
    Finding {
        id: words.identity.id(info.name),
        revision: 1,
        is_final: false,
        withdrawn: false,
        became: None,
        rule: info.name,
        severity: info.severity,
        confidence: verdict.confidence,
        scope: words.identity.scope(),
        title: words.title,
        explanation: info.first_paragraph(),
        advice: words.advice,
        culprit: verdict.culprit,
        culprit_endpoint: verdict.culprit_endpoint,
        group: group(&words.identity, info, &involved),
        client: involved.client,
        server: involved.server,
        connections: involved.connections,
        connections_total: involved.connections_total,
        affected: verdict.affected,
        first: words.first,
        last: words.last,
        exchanges: words.exchanges,
        proof: words.proof,
        measures: words.measures,
        not_seen: words.not_seen,
        notes: words.notes,
    }
}

/// Retries of one client at one server are one story, and so are two causes in one AUTH window.
fn group(identity: &Identity, info: &RuleInfo, involved: &Involved) -> Option<String> {
    let (Identity::Connection(..), Some(client), Some(server)) =
        (identity, involved.client, involved.server)
    else {
        return None;
    };
    Some(digest(&[
        info.family,
        &Host(client.addr).to_string(),
        &server.to_string(),
    ]))
}

/// The last word on a finding that does not stand: only what names it, and what took its place.
pub(crate) fn withdrawn(
    info: &'static RuleInfo,
    id: String,
    scene: &Scene,
    first: Moment,
    became: Option<String>,
) -> Finding {
    Finding {
        id,
        revision: 1,
        is_final: true,
        withdrawn: true,
        became,
        rule: info.name,
        severity: info.severity,
        confidence: Confidence::Possible,
        scope: super::Scope::Connection,
        title: info.summary.to_owned(),
        explanation: "",
        advice: Vec::new(),
        culprit: Culprit::Unknown,
        culprit_endpoint: None,
        client: Some(scene.client),
        server: Some(scene.server),
        connections: vec![scene.connection],
        connections_total: 1,
        affected: 0,
        first,
        last: first,
        group: Some(digest(&[
            info.family,
            &Host(scene.client.addr).to_string(),
            &scene.server.to_string(),
        ])),
        exchanges: Vec::new(),
        proof: Proof::default(),
        measures: Vec::new(),
        not_seen: Vec::new(),
        notes: Vec::new(),
    }
}
