//! One TCP connection as the analyzer sees it: not known yet, Redis, or something else.

use super::event::ConnectionEnd;
use super::overdue::Overdue;
use super::record::Record;
use crate::model::Side;
use crate::redis::Session;
use crate::redis::detect::Probe;
use crate::rules::Boundary;
use crate::tcp::{End, FlowMeta};
use std::hint::black_box;

/// What a connection turned out to be.
#[derive(Debug)]
pub(super) enum Talk {
    /// Nothing was sent yet.
    New,
    /// Left out by a filter.
    Ignored,
    /// Not recognised yet.
    Probing(Box<Probe>),
    /// Redis.
    Redis(Box<RedisTalk>),
    /// TLS.
    Tls,
    /// HTTP/2.
    Http2,
    /// HTTP/1.
    Http,
    /// Something else.
    Other,
}

/// A Redis connection with all that is known of it.
#[derive(Debug)]
pub(super) struct RedisTalk {
    pub client: Side,
    /// It may be the other end.
    pub guessed: bool,
    pub session: Session,
    pub boundary: Boundary,
    /// Where the server stands among those that are known.
    pub server: Option<u32>,
    pub record: Record,
    pub overdue: Overdue,
}

impl RedisTalk {
    // Large: to be made where it will stay.
    #[inline(always)]
    pub(super) fn new(client: Side, from_start: bool, server: Option<u32>) -> RedisTalk {
        RedisTalk {
            client,
            guessed: false,
            session: Session::new(from_start),
            boundary: Boundary::default(),
            server,
            record: Record::default(),
            overdue: Overdue::default(),
        }
    }

    /// A new connection in the place of this one.
    pub(super) fn restart(&mut self, client: Side, from_start: bool, server: Option<u32>) {
        *self = RedisTalk::new(client, from_start, server);
    }

    /// Reads what will be looked at when it is over.
    pub(super) fn prefetch(&self) {
        black_box((self.client, self.server, self.overdue.scheduled));
        black_box((self.record.auth_total, self.record.last_reply()));
        self.session.prefetch();
        self.boundary.prefetch();
    }

    /// The patience (ns) that its oldest command was judged with, if it was.
    pub(super) fn judged_patience(&self) -> Option<i64> {
        let (index, patience) = *self.overdue.judged.as_deref()?;
        let oldest = self.session.oldest()?;
        (oldest.index == index).then_some(patience)
    }
}

/// State of one connection beside its TCP flow.
#[derive(Debug)]
pub(super) struct Connection {
    pub talk: Talk,
    /// Payload bytes by side.
    pub bytes: [u64; 2],
}

impl Talk {
    /// What it looked like, for a capture without Redis.
    pub(super) fn looks_like(&self) -> &'static str {
        match self {
            Talk::New => "no payload",
            Talk::Ignored => "left out",
            Talk::Redis(_) => "Redis",
            Talk::Tls => "TLS",
            Talk::Http2 => "HTTP/2",
            Talk::Http => "HTTP",
            Talk::Probing(_) | Talk::Other => "unknown",
        }
    }
}

/// How it ended, in the words of reports.
pub(super) fn end_of(meta: &FlowMeta) -> ConnectionEnd {
    match meta.end {
        End::Open => ConnectionEnd::Open,
        End::Fin => ConnectionEnd::Fin,
        End::Rst => ConnectionEnd::Rst,
        End::Idle | End::Replaced => ConnectionEnd::Idle,
    }
}
