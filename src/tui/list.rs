//! The findings in the order they are listed, and which one is selected.

use super::causes::{CauseKey, cause_key};
use super::lens::Lens;
use crate::model::{PacketRef, Timestamp};
use crate::rules::{self, Confidence, Finding, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Findings kept for the screen; events beyond it are counted and the count is shown.
pub const FINDINGS_KEPT: usize = 10_000;

/// Worst first, then surest, then earliest.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Place {
    severity: Reverse<Severity>,
    confidence: Reverse<Confidence>,
    first: Timestamp,
    at: PacketRef,
    id: String,
}

impl Place {
    fn of(finding: &Finding) -> Place {
        Place {
            severity: Reverse(finding.severity),
            confidence: Reverse(finding.confidence),
            first: finding.first.time,
            at: finding.first.at,
            id: finding.id.clone(),
        }
    }
}

#[derive(Clone, Debug)]
struct Entry {
    finding: Arc<Finding>,
    /// What its last revision changed.
    changes: Vec<String>,
    shown: bool,
}

/// All findings so far. A finding keeps the selection when a later revision moves it.
#[derive(Clone, Debug, Default)]
pub struct FindingList {
    entries: BTreeMap<Place, Entry>,
    places: HashMap<String, Place>,
    chosen: Option<Place>,
    not_kept: u64,
}

impl FindingList {
    /// Takes in a finding or a later revision of one; a withdrawn one goes.
    pub fn put(&mut self, finding: Arc<Finding>, lens: &Lens) {
        let old = self.places.get(&finding.id).cloned();
        let known = old.as_ref().and_then(|place| self.entries.get(place));
        if known.is_some_and(|entry| entry.finding.revision > finding.revision) {
            return;
        }
        let changes = known.map_or_else(Vec::new, |entry| {
            let news = rules::changes(&entry.finding, &finding);
            if news.is_empty() {
                entry.changes.clone()
            } else {
                news
            }
        });
        match (old, finding.withdrawn) {
            (None, true) => {}
            (None, false) if self.places.len() >= FINDINGS_KEPT => {
                self.not_kept = self.not_kept.saturating_add(1);
            }
            (Some(place), true) => self.remove(&place),
            (old, false) => {
                let place = Place::of(&finding);
                if let Some(old) = old {
                    self.entries.remove(&old);
                    if self.chosen.as_ref() == Some(&old) {
                        self.chosen = Some(place.clone());
                    }
                }
                let shown = lens.passes(&finding);
                self.places.insert(finding.id.clone(), place.clone());
                let entry = Entry {
                    finding,
                    changes,
                    shown,
                };
                self.entries.insert(place, entry);
            }
        }
    }

    /// Decides anew what is shown, after `lens` changed.
    pub fn refilter(&mut self, lens: &Lens) {
        for entry in self.entries.values_mut() {
            entry.shown = lens.passes(&entry.finding);
        }
    }

    /// The findings to list, in order.
    pub fn shown(&self) -> impl DoubleEndedIterator<Item = &Finding> {
        self.rows().map(|(_, finding)| finding)
    }

    /// How many are listed.
    pub fn shown_len(&self) -> usize {
        self.rows().count()
    }

    /// What the last revision of a finding changed that changed anything.
    pub fn changes(&self, finding: &Finding) -> &[String] {
        let place = self.places.get(&finding.id);
        let entry = place.and_then(|place| self.entries.get(place));
        entry.map_or(&[], |entry| &entry.changes)
    }

    /// How many there are of `cause`, or of all, listed or not.
    pub fn len_of(&self, cause: Option<CauseKey>) -> usize {
        let all = self.entries.values();
        all.filter(|entry| cause.is_none_or(|cause| cause == cause_key(&entry.finding)))
            .count()
    }

    /// How many there are, listed or not.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many there are of `severity`, listed or not.
    pub fn count(&self, severity: Severity) -> usize {
        let all = self.entries.keys();
        all.filter(|place| place.severity.0 == severity).count()
    }

    /// Events about findings that had no room.
    pub fn not_kept(&self) -> u64 {
        self.not_kept
    }

    /// The selected finding and its row; the first one unless another was chosen and is listed.
    pub fn selected(&self) -> Option<(usize, &Finding)> {
        let chosen = self.chosen.as_ref();
        let row = self.rows().position(|(place, _)| Some(place) == chosen);
        let row = row.unwrap_or(0);
        self.shown().nth(row).map(|finding| (row, finding))
    }

    /// Chooses the selected finding for good, so that newer ones above it do not take its place.
    pub fn pin(&mut self) {
        if let Some((row, _)) = self.selected() {
            self.choose(row);
        }
    }

    /// Lets go of the choice: the first one is selected.
    pub fn choose_first(&mut self) {
        self.chosen = None;
    }

    /// Chooses the finding at `row`, or the last one.
    pub fn choose(&mut self, row: usize) {
        let last = self.shown_len().saturating_sub(1);
        let place = self.rows().nth(row.min(last)).map(|(place, _)| place);
        self.chosen = place.cloned();
    }

    fn rows(&self) -> impl DoubleEndedIterator<Item = (&Place, &Finding)> {
        let shown = self.entries.iter().filter(|(_, entry)| entry.shown);
        shown.map(|(place, entry)| (place, entry.finding.as_ref()))
    }

    /// The selection goes to the row that moves up, or to the one above.
    fn remove(&mut self, place: &Place) {
        let row = match self.selected() {
            Some((row, finding)) if finding.id == place.id && self.chosen.is_some() => Some(row),
            _ => None,
        };
        self.places.remove(&place.id);
        self.entries.remove(place);
        if let Some(row) = row {
            self.choose(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    fn ids(list: &FindingList) -> Vec<&str> {
        list.shown().map(|f| f.id.as_str()).collect()
    }

    fn list(findings: &[Finding]) -> FindingList {
        let mut list = FindingList::default();
        for finding in findings {
            list.put(Arc::new(finding.clone()), &Lens::default());
        }
        list
    }

    fn note(id: &str, first: i64) -> Finding {
        fixture::plain(id, Severity::Note, first)
    }

    #[test]
    fn worst_first_then_earliest() {
        let error = fixture::plain("e", Severity::Error, 9);
        assert_eq!(
            ids(&list(&[note("b", 2), error, note("a", 1)])),
            ["e", "a", "b"]
        );
    }

    #[test]
    fn a_raised_finding_keeps_the_selection() {
        let mut list = list(&[note("a", 1), note("b", 2)]);
        list.choose(1);
        let mut raised = fixture::plain("b", Severity::Error, 2);
        raised.revision = 2;
        list.put(Arc::new(raised), &Lens::default());
        assert_eq!(ids(&list), ["b", "a"]);
        assert_eq!(
            list.selected().map(|(row, f)| (row, f.id.as_str())),
            Some((0, "b"))
        );
    }

    #[test]
    fn an_older_revision_changes_nothing() {
        let mut newer = note("a", 1);
        newer.revision = 3;
        newer.title = "newer".to_owned();
        let mut older = note("a", 1);
        older.withdrawn = true;
        let list = list(&[newer, older]);
        assert_eq!(
            list.selected().map(|(_, f)| f.title.as_str()),
            Some("newer")
        );
    }

    #[test]
    fn a_withdrawn_finding_goes_and_its_neighbour_is_selected() {
        let mut list = list(&[note("a", 1), note("b", 2), note("c", 3)]);
        list.choose(2);
        let mut gone = note("c", 3);
        gone.withdrawn = true;
        list.put(Arc::new(gone), &Lens::default());
        assert_eq!(
            list.selected().map(|(row, f)| (row, f.id.as_str())),
            Some((1, "b"))
        );
    }

    #[test]
    fn what_has_no_room_is_counted() {
        let mut list = FindingList::default();
        for n in 0..FINDINGS_KEPT + 3 {
            list.put(Arc::new(note(&n.to_string(), 0)), &Lens::default());
        }
        assert_eq!((list.len(), list.not_kept()), (FINDINGS_KEPT, 3));
    }
}
