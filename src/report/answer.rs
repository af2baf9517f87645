//! What every format says the same way: what is shown, its causes, what was judged, who connected in which order.

use super::kept::{Kept, Shown};
use super::order::Order;
use super::selection::Selection;
use super::{Options, order};
use crate::analyzer::{Cause, Coverage, Summary};
use crate::rules::Severity;
use crate::source::InputReport;

/// The answer to "who broke the order?", before it is put into words.
pub(super) struct Answer<'a> {
    pub(super) summary: &'a Summary,
    pub(super) inputs: &'a [InputReport],
    pub(super) shown: Shown<'a>,
    /// Of everything that is shown; the worst first.
    pub(super) causes: Vec<Cause>,
    pub(super) coverage: Coverage,
    /// Clients that sent AUTH, those with refused commands first.
    pub(super) orders: Vec<Order<'a>>,
}

impl<'a> Answer<'a> {
    pub(super) fn new(
        kept: &'a Kept,
        options: &Options,
        summary: &'a Summary,
        inputs: &'a [InputReport],
    ) -> Self {
        let shown = kept.shown(&options.selection);
        let damaged = inputs.iter().map(|i| i.problems_total).sum();
        let dropped = inputs.iter().map(InputReport::dropped_packets);
        let dropped = dropped.fold(0, u64::saturating_add);
        let causes = kept.causes(&options.selection, summary);
        // What is not shown went wrong all the same.
        let all = match options.selection == Selection::default() {
            true => None,
            false => Some(kept.causes(&Selection::default(), summary)),
        };
        Answer {
            coverage: Coverage::of(summary, |text| kept.explains(text), damaged, dropped),
            orders: order::orders(&summary.clients, all.as_ref().unwrap_or(&causes)),
            causes,
            summary,
            inputs,
            shown,
        }
    }

    /// Causes that accuse somebody.
    pub(super) fn faults(&self) -> impl Iterator<Item = &Cause> {
        self.causes.iter().filter(|c| c.severity > Severity::Note)
    }

    /// Causes that only inform.
    pub(super) fn notes(&self) -> impl Iterator<Item = &Cause> {
        self.causes.iter().filter(|c| c.severity == Severity::Note)
    }
}
