//! What the connections of a client show: gaps, AUTH latencies, refusals.

use crate::analyzer::{AuthResult, ClientConnection, ClientReport, FirstAuth, NextFate};
use crate::model::Endpoint;

/// What the order of connecting has to do with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::report) enum Matter {
    /// Nothing was refused.
    Clean,
    /// Nothing was refused, and something else went wrong on its connections.
    OtherFault,
    /// There is one connection only.
    Alone,
    /// The first connection leaves a longer gap than the others.
    FirstIsSlow,
    /// All connections leave about the same gap.
    Nothing,
}

/// A connection whose AUTH was accepted and had a command behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timed {
    pub(super) server: Endpoint,
    pub(super) gap_ns: i64,
    pub(super) latency_ns: i64,
    pub(super) next: NextFate,
}

impl Timed {
    pub(super) fn of(connection: &ClientConnection) -> Option<Timed> {
        let auth: FirstAuth = connection.auth.filter(|a| a.result == AuthResult::Ok)?;
        Some(Timed {
            server: connection.server,
            gap_ns: auth.gap_ns?,
            latency_ns: auth.latency_ns?,
            next: auth.next,
        })
    }

    /// The next command left before AUTH was answered.
    pub(super) fn is_blind(&self) -> bool {
        self.gap_ns < self.latency_ns
    }
}

/// What the words are made of.
pub(super) struct Seen<'a> {
    pub(super) client: &'a ClientReport,
    /// The first timed connection of the client.
    pub(super) first: Timed,
    /// The longest gap of the others.
    pub(super) later_gap_ns: Option<i64>,
    pub(super) timed: &'a [Timed],
    /// Connections on which, or at whose server, a fault was found.
    pub(super) faulty: u64,
    /// One of those faults is more than possible.
    pub(super) is_likely: bool,
}

impl Seen<'_> {
    /// The first connection left a gap that no later one comes near.
    pub(super) fn starts_slowly(&self) -> bool {
        self.later_gap_ns
            .is_some_and(|later| later < self.first.gap_ns / 2)
    }

    pub(super) fn matter(&self) -> Matter {
        if self.refused().next().is_none() {
            match self.faulty {
                0 => Matter::Clean,
                _ => Matter::OtherFault,
            }
        } else if self.later_gap_ns.is_none() {
            Matter::Alone
        } else if self.starts_slowly() {
            Matter::FirstIsSlow
        } else {
            Matter::Nothing
        }
    }

    pub(super) fn refused(&self) -> impl Iterator<Item = &Timed> {
        self.timed.iter().filter(|t| t.next == NextFate::Refused)
    }

    pub(super) fn served_blind(&self) -> impl Iterator<Item = &Timed> {
        let served = |t: &&Timed| t.next == NextFate::Served && t.is_blind();
        self.timed.iter().filter(served)
    }

    /// The longest AUTH of one server.
    pub(super) fn needs_ns(&self, server: Endpoint) -> i64 {
        let of_server = self.timed.iter().filter(|t| t.server == server);
        of_server.map(|t| t.latency_ns).max().unwrap_or(0)
    }
}

/// `0 ns`, or `0 ns to 12.0 µs`.
pub(in crate::report) fn range(values: impl Iterator<Item = i64> + Clone) -> Option<String> {
    let (least, most) = (values.clone().min()?, values.max()?);
    let (least, most) = (crate::model::span(least), crate::model::span(most));
    Some(match least == most {
        true => least,
        false => format!("{least} to {most}"),
    })
}
