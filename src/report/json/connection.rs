//! `connections[]`.

use super::At;
use super::codes::Codes;
use crate::analyzer::{AuthRecord, ConnectionReport, TlsReport};
use crate::report::Utc;
use serde::Serialize;

/// `auth` holds at most this many; `auth_total` counts them all.
const AUTHS: usize = 32;

/// One connection as published.
#[derive(Serialize)]
pub(in crate::report) struct Connection<'a> {
    id: u64,
    vantages: Vec<Vantage>,
    community_id: &'a str,
    client: String,
    server: String,
    leg: &'a str,
    protocol: &'a str,
    opened: Utc,
    closed: Option<Utc>,
    end: &'a str,
    closed_by: Option<&'a str>,
    midstream: bool,
    encrypted: bool,
    tls: Option<Tls<'a>>,
    resp: Option<u8>,
    client_library: Option<&'a str>,
    auth_total: u64,
    auth: Vec<Auth>,
    commands: u64,
    replies: u64,
    exchanges: u64,
    pushes: u64,
    orphan_replies: u64,
    unanswered: u64,
    silent: u64,
    undecided_commands: u64,
    undecided_replies: u64,
    gaps: u64,
    errors: Codes<'a>,
}

impl<'a> Connection<'a> {
    pub(in crate::report) fn new(c: &'a ConnectionReport) -> Self {
        let n = &c.counts;
        Connection {
            id: c.id.0,
            vantages: c.vantages.iter().map(Vantage::new).collect(),
            community_id: &c.community_id,
            client: c.client.to_string(),
            server: c.server.to_string(),
            leg: c.leg.name(),
            protocol: c.protocol.name(),
            opened: Utc::of(c.opened),
            closed: c.closed.map(Utc::of),
            end: c.end.name(),
            closed_by: c
                .closed_by_client
                .map(|client| if client { "client" } else { "server" }),
            midstream: c.midstream,
            encrypted: c.encrypted,
            tls: c.tls.as_ref().map(Tls::new),
            resp: c.resp,
            client_library: c.client_library.as_deref(),
            auth_total: c.auth_total,
            auth: c.auth.iter().take(AUTHS).map(Auth::new).collect(),
            commands: n.commands,
            replies: n.replies,
            exchanges: n.exchanges,
            pushes: n.pushes,
            orphan_replies: n.orphan_replies,
            unanswered: n.unanswered,
            silent: n.silent,
            undecided_commands: n.undecided_commands,
            undecided_replies: n.undecided_replies,
            gaps: n.gaps,
            errors: Codes(&n.errors),
        }
    }
}

#[derive(Serialize)]
struct Vantage {
    file: u16,
    tcp_stream: Option<u32>,
}

impl Vantage {
    fn new(v: &crate::analyzer::Vantage) -> Self {
        Vantage {
            file: v.file,
            tcp_stream: v.tcp_stream,
        }
    }
}

#[derive(Serialize)]
struct Tls<'a> {
    version: Option<&'a str>,
    suite: Option<&'a str>,
    sni: Option<&'a str>,
    alpn: Option<&'a str>,
    resumed: Option<bool>,
    decrypted: bool,
}

impl<'a> Tls<'a> {
    fn new(t: &'a TlsReport) -> Self {
        Tls {
            version: t.version.as_deref(),
            suite: t.suite.as_deref(),
            sni: t.sni.as_deref(),
            alpn: t.alpn.as_deref(),
            resumed: t.resumed,
            // A TLS report is made from what is visible without keys.
            decrypted: false,
        }
    }
}

#[derive(Serialize)]
struct Auth {
    at: At,
    sent: Utc,
    received: Option<Utc>,
    result: &'static str,
    latency_ns: Option<i64>,
    next_sent_ns: Option<i64>,
    kind: &'static str,
}

impl Auth {
    fn new(a: &AuthRecord) -> Self {
        Auth {
            at: At::new(a.at),
            sent: Utc::of(a.sent),
            received: a.received.map(Utc::of),
            result: a.result.name(),
            latency_ns: a.received.map(|r| r.since(a.sent)),
            next_sent_ns: a.next_sent_ns,
            kind: if a.hello { "HELLO" } else { "AUTH" },
        }
    }
}
