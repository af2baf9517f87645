//! The causes in the order they are listed, and which one is selected.

use crate::analyzer::{Cause, Place, place};
use crate::rules::Finding;

/// What tells one cause from another: its rule and what it is about.
pub type CauseKey = (&'static str, Place);

/// The cause that `finding` belongs to.
pub(super) fn cause_key(finding: &Finding) -> CauseKey {
    (finding.rule, place(finding))
}

/// The causes of all findings so far. A cause keeps the selection when later findings move it.
#[derive(Clone, Debug, Default)]
pub struct CauseList {
    shown: Vec<Cause>,
    hidden: usize,
    chosen: Option<CauseKey>,
    row: usize,
}

impl CauseList {
    /// Lists `shown`, besides which the filter hides `hidden` more. Where the selected cause has gone, the one that
    /// takes its row is selected.
    pub fn set(&mut self, shown: Vec<Cause>, hidden: usize) {
        self.shown = shown;
        self.hidden = hidden;
        let Some(chosen) = self.chosen else { return };
        match self.shown.iter().position(|c| key(c) == chosen) {
            Some(row) => self.row = row,
            None => self.choose(self.row),
        }
    }

    /// The causes to list, in order.
    pub fn shown(&self) -> &[Cause] {
        &self.shown
    }

    /// How many there are, listed or not.
    pub fn len(&self) -> usize {
        self.shown.len() + self.hidden
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The selected cause and its row; the first one unless another was chosen.
    pub fn selected(&self) -> Option<(usize, &Cause)> {
        self.shown.get(self.row).map(|cause| (self.row, cause))
    }

    /// Its key.
    pub fn selected_key(&self) -> Option<CauseKey> {
        self.selected().map(|(_, cause)| key(cause))
    }

    /// Chooses the selected cause for good, so that worse ones above it do not take its place.
    pub fn pin(&mut self) {
        self.choose(self.row);
    }

    /// Chooses the cause at `row`, or the last one.
    pub fn choose(&mut self, row: usize) {
        self.row = row.min(self.shown.len().saturating_sub(1));
        self.chosen = self.selected_key();
    }
}

fn key(cause: &Cause) -> CauseKey {
    (cause.rule, cause.place)
}
