//! Two captures, judged and put side by side.

use super::super::{Kept, Options};
use crate::analyzer::{Cause, Coverage, EndpointReport, Event, Place, Summary};
use crate::rules::{Confidence, Severity};
use crate::source::InputReport;
use std::collections::BTreeMap;

/// A share of connections has to grow by so many points, and by so many connections, before it is called worse.
const POINTS: u64 = 5;
const CONNECTIONS: u64 = 2;

/// One of the two captures, read and judged.
#[derive(Debug, Default)]
pub struct Side {
    pub(super) kept: Kept,
    pub(super) summary: Summary,
    pub(super) inputs: Vec<InputReport>,
}

impl Side {
    /// Takes one event.
    pub fn hear(&mut self, event: &Event) {
        self.kept.apply(event);
    }

    /// The last packet has been read.
    pub fn finish(&mut self, summary: Summary, inputs: Vec<InputReport>) {
        self.kept.end();
        self.summary = summary;
        self.inputs = inputs;
    }
}

/// How a cause of one capture does in the other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Change {
    Worse,
    New,
    Same,
    Better,
    Gone,
    /// There is no connection to that place in the second capture: nothing is proven.
    NotSeen,
}

impl Change {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Change::Worse => "worse",
            Change::New => "new",
            Change::Same => "same",
            Change::Better => "better",
            Change::Gone => "gone",
            Change::NotSeen => "not seen",
        }
    }
}

/// The extent of a cause in one capture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) severity: Severity,
    pub(super) confidence: Confidence,
    pub(super) connections: u64,
    pub(super) of: u64,
    pub(super) affected: u64,
}

impl Extent {
    pub(super) fn new(cause: &Cause) -> Extent {
        Extent {
            severity: cause.severity,
            confidence: cause.confidence,
            connections: cause.connections,
            of: cause.connections_of,
            affected: cause.affected,
        }
    }

    /// Hundredths of the connections that are hit.
    pub(super) fn share(&self) -> u64 {
        (self.connections * 100).checked_div(self.of).unwrap_or(0)
    }
}

/// A cause in both captures.
pub(super) struct CauseRow {
    pub(super) rule: &'static str,
    pub(super) place: Place,
    pub(super) before: Option<Extent>,
    pub(super) after: Option<Extent>,
    /// Connections to (or of) that place in the second capture.
    pub(super) after_of: u64,
}

impl CauseRow {
    pub(super) fn change(&self) -> Change {
        let (before, after) = match (self.before, self.after) {
            (Some(before), Some(after)) => (before, after),
            (Some(_), None) if self.after_of == 0 => return Change::NotSeen,
            (Some(_), None) => return Change::Gone,
            (None, _) => return Change::New,
        };
        let grown = |a: &Extent, b: &Extent| {
            b.share() >= a.share() + POINTS && b.connections >= a.connections + CONNECTIONS
        };
        if after.confidence > before.confidence || grown(&before, &after) {
            Change::Worse
        } else if grown(&after, &before) {
            Change::Better
        } else {
            Change::Same
        }
    }

    /// Somebody gets a wrong answer from it, or none.
    pub(super) fn is_fault(&self) -> bool {
        let faults = |e: Extent| e.severity > Severity::Note;
        self.before.is_some_and(faults) || self.after.is_some_and(faults)
    }
}

/// Two captures side by side.
pub struct Comparison<'a> {
    pub(super) before: &'a Side,
    pub(super) after: &'a Side,
    pub(super) causes: Vec<CauseRow>,
}

impl<'a> Comparison<'a> {
    /// Compares what `options` select.
    pub fn new(before: &'a Side, after: &'a Side, options: &Options) -> Self {
        let mut rows: BTreeMap<(&'static str, Place), CauseRow> = BTreeMap::new();
        let mut add = |side: &Side, is_after: bool| {
            for cause in side.kept.causes(&options.selection, &side.summary) {
                let row = rows.entry((cause.rule, cause.place)).or_insert(CauseRow {
                    rule: cause.rule,
                    place: cause.place,
                    before: None,
                    after: None,
                    after_of: cause.place.connections(&after.summary),
                });
                match is_after {
                    true => row.after = Some(Extent::new(&cause)),
                    false => row.before = Some(Extent::new(&cause)),
                }
            }
        };
        add(before, false);
        add(after, true);
        let mut causes: Vec<CauseRow> = rows.into_values().collect();
        causes.sort_by_key(|row| (!row.is_fault(), row.change()));
        Comparison {
            before,
            after,
            causes,
        }
    }

    /// A fault is new, or hits a larger share of connections, or is surer than before.
    pub fn is_worse(&self) -> bool {
        self.any(&[Change::Worse, Change::New])
    }

    pub(super) fn any(&self, changes: &[Change]) -> bool {
        let mut faults = self.causes.iter().filter(|row| row.is_fault());
        faults.any(|row| changes.contains(&row.change()))
    }

    pub(super) fn verdict(&self) -> &'static str {
        if self.coverage(self.before).commands == 0 || self.coverage(self.after).commands == 0 {
            "nothing to compare"
        } else if self.is_worse() {
            "worse"
        } else if self.any(&[Change::NotSeen]) {
            "not proven"
        } else if self.any(&[Change::Gone, Change::Better]) {
            "better"
        } else {
            "same"
        }
    }

    pub(super) fn coverage(&self, side: &Side) -> Coverage {
        let damaged = side.inputs.iter().map(|i| i.problems_total).sum();
        Coverage::of(&side.summary, |_| false, damaged, 0)
    }

    /// Servers of either capture that took part in an AUTH, by address.
    pub(super) fn servers(&self) -> Vec<(&str, Option<&EndpointReport>, Option<&EndpointReport>)> {
        let mut rows: BTreeMap<&str, (Option<&EndpointReport>, Option<&EndpointReport>)> =
            BTreeMap::new();
        let timed = |e: &&EndpointReport| e.latency.is_some() || e.auth_latency.is_some();
        for e in self.before.summary.endpoints.iter().filter(timed) {
            rows.entry(&e.address).or_default().0 = Some(e);
        }
        for e in self.after.summary.endpoints.iter().filter(timed) {
            rows.entry(&e.address).or_default().1 = Some(e);
        }
        rows.into_iter()
            .map(|(address, (b, a))| (address, b, a))
            .collect()
    }

    /// Clients of either capture by address and library: connections, refused, sent before AUTH was answered.
    pub(super) fn clients(&self) -> BTreeMap<String, [ClientSide; 2]> {
        let mut rows: BTreeMap<String, [ClientSide; 2]> = BTreeMap::new();
        for (n, side) in [self.before, self.after].into_iter().enumerate() {
            for order in crate::report::order::orders(&side.summary.clients, &[]) {
                let library = order.client.library.as_deref().unwrap_or("unknown library");
                let row = rows
                    .entry(format!("{}, {library}", order.client.address))
                    .or_default();
                if let Some(cell) = row.get_mut(n) {
                    cell.connections += order.client.connections;
                    cell.refused += order.refused;
                    cell.exposed += order.exposed;
                }
            }
        }
        rows
    }
}

/// A client in one capture.
#[derive(Clone, Copy, Default)]
pub(super) struct ClientSide {
    pub(super) connections: u64,
    pub(super) refused: u64,
    pub(super) exposed: u64,
}
