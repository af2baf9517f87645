//! From what is known of a connection to its report.

use super::community_id;
use super::connection::{RedisTalk, end_of};
use super::event::{ConnectionEnd, ConnectionReport, Leg, Protocol, Vantage};
use crate::model::Side;
use crate::redis::Counts;
use crate::rules::Desk;
use crate::tcp::FlowMeta;

/// A Redis connection.
pub(super) fn redis(
    talk: &RedisTalk,
    meta: &FlowMeta,
    counts: Counts,
    desk: &Desk,
) -> ConnectionReport {
    let mut report = plain(meta, talk.client);
    let proxy = desk
        .endpoints
        .known(&report.server)
        .is_some_and(|s| s.proxy.is_some());
    report.leg = if proxy { Leg::Downstream } else { Leg::Unknown };
    report.protocol = Protocol::Redis;
    report.resp = talk.session.resp();
    report.client_library = talk.session.library();
    report.auth_total = talk.record.auth_total;
    report.auth = talk.record.auths.to_vec();
    report.counts = counts;
    report
}

/// A TLS connection.
pub(super) fn tls(meta: &FlowMeta, client: Side) -> ConnectionReport {
    let mut report = plain(meta, client);
    report.encrypted = true;
    report.counts.gaps = meta.gaps;
    report
}

fn plain(meta: &FlowMeta, client: Side) -> ConnectionReport {
    let end = end_of(meta);
    ConnectionReport {
        id: meta.id,
        vantages: meta
            .vantages
            .iter()
            .map(|(file, tcp_stream)| Vantage {
                file: *file,
                tcp_stream: *tcp_stream,
            })
            .collect(),
        community_id: community_id::of(&meta.key),
        client: meta.key.end(client),
        server: meta.key.end(client.peer()),
        leg: Leg::Unknown,
        protocol: Protocol::Unknown,
        opened: meta.opened,
        closed: (end != ConnectionEnd::Open).then_some(meta.last),
        end,
        closed_by_client: meta.liveness.first_end().map(|end| end.side == client),
        midstream: meta.midstream(),
        encrypted: false,
        tls: None,
        resp: None,
        client_library: None,
        auth_total: 0,
        auth: Vec::new(),
        counts: Counts::default(),
    }
}
