//! What the screen knows. Changed only by `update`, drawn by `view`.

use super::causes::CauseList;
use super::keys::Mode;
use super::lens::Lens;
use super::list::FindingList;
use super::message::Feed;
use super::screen::{Focus, View};
use super::theme::Theme;
use crate::analyzer::{ConnectionReport, Coverage, Event, Standing, Summary};
use crate::model::ConnectionId;
use crate::source::InputReport;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Connection reports kept for the details; events beyond it are counted and the count is shown.
pub const CONNECTIONS_KEPT: usize = 10_000;

/// How far the analysis is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Stage {
    /// Packets are still being read.
    #[default]
    Reading,
    /// Everything has been read and judged.
    Done,
    /// It stopped early; the text says why.
    Failed(String),
}

/// The latest progress. Numbers never exceed what the summary says in the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Packets read.
    pub packets: u64,
    /// Redis commands seen.
    pub commands: u64,
    /// Bytes read.
    pub bytes_read: u64,
    /// Bytes there are, when known.
    pub bytes_total: Option<u64>,
}

/// Everything the screen knows.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// What is looked at.
    pub view: View,
    /// The causes and the selection.
    pub causes: CauseList,
    /// The findings and the selection.
    pub findings: FindingList,
    /// All findings through their revisions, those that have no room in the list included.
    pub standing: Standing,
    /// Ids of findings that were withdrawn and not told again.
    pub withdrawn: BTreeSet<String>,
    /// Filter and privacy.
    pub lens: Lens,
    /// How far the analysis is.
    pub stage: Stage,
    /// Its latest numbers.
    pub progress: Progress,
    /// What it said of all packets, so far or in the end.
    pub summary: Option<Box<Summary>>,
    /// What of them was judged.
    pub coverage: Option<Coverage>,
    /// What was read.
    pub inputs: Vec<InputReport>,
    /// Connections that findings name.
    pub connections: BTreeMap<ConnectionId, ConnectionReport>,
    /// Connection reports that had no room.
    pub connections_not_kept: u64,
    /// The pane that takes the keys.
    pub focus: Focus,
    /// First line of the details that is drawn.
    pub scroll: usize,
    /// First line of the help that is drawn; `None` while it is closed.
    pub help: Option<usize>,
    /// The filter before typing began; `None` while nobody types.
    pub filter_before: Option<String>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Colours.
    pub theme: Theme,
}

impl Model {
    /// An empty screen.
    pub fn new(theme: Theme, size: (u16, u16)) -> Model {
        Model {
            theme,
            size,
            ..Model::default()
        }
    }

    /// Which keys count now.
    pub fn mode(&self) -> Mode {
        match self.filter_before {
            Some(_) => Mode::Filter,
            None => Mode::Browse,
        }
    }

    /// The pane that takes the keys. The coverage has no list beside it.
    pub fn pane(&self) -> Focus {
        match self.view {
            View::Coverage => Focus::Details,
            View::Causes | View::Findings => self.focus,
        }
    }

    /// Rows of the list that is looked at.
    pub fn rows(&self) -> usize {
        match self.view {
            View::Causes => self.causes.shown().len(),
            View::Findings => self.findings.shown_len(),
            View::Coverage => 0,
        }
    }

    /// The selected row of that list.
    pub fn selected_row(&self) -> Option<usize> {
        match self.view {
            View::Causes => self.causes.selected().map(|(row, _)| row),
            View::Findings => self.findings.selected().map(|(row, _)| row),
            View::Coverage => None,
        }
    }

    /// Takes in news from the analysis.
    pub fn apply(&mut self, feed: Feed) {
        match feed {
            Feed::Events(events) => {
                events.into_iter().for_each(|e| self.event(e));
                self.list_causes();
            }
            Feed::SoFar(summary, inputs) => self.learn(summary, inputs),
            Feed::Progress {
                packets,
                commands,
                bytes_read,
                bytes_total,
            } => {
                // A sum knows more: it counts the connections that are still open.
                let summary = self.summary.as_ref();
                let summed = summary.map_or(0, |s| s.totals.counts.commands);
                self.progress = Progress {
                    packets,
                    commands: commands.max(summed),
                    bytes_read,
                    bytes_total,
                };
            }
            Feed::Done(summary, inputs) => self.done(summary, inputs),
            Feed::Failed(reason) => self.stage = Stage::Failed(reason),
        }
    }

    /// Lists the causes anew: findings, the numbers of connections or the filter changed.
    pub fn list_causes(&mut self) {
        let nothing = Summary::default();
        let summary = self.summary.as_deref().unwrap_or(&nothing);
        let causes = self.standing.causes_so_far();
        let shown = causes.list(summary, |best| self.lens.passes_cause(best));
        let hidden = causes.len().saturating_sub(shown.len());
        self.causes.set(shown, hidden);
    }

    fn done(&mut self, summary: Box<Summary>, inputs: Vec<InputReport>) {
        self.progress.packets = summary.totals.packets;
        self.progress.commands = summary.totals.counts.commands;
        self.standing.end();
        self.stage = Stage::Done;
        self.learn(summary, inputs);
    }

    fn learn(&mut self, summary: Box<Summary>, inputs: Vec<InputReport>) {
        for port in &summary.busiest {
            self.lens.learn_end(port.server);
        }
        let damaged = inputs.iter().map(|i| i.problems_total).sum();
        let dropped = inputs.iter().map(InputReport::dropped_packets);
        let dropped = dropped.fold(0, u64::saturating_add);
        let explained = |text: &str| self.standing.explains(text);
        self.coverage = Some(Coverage::of(&summary, explained, damaged, dropped));
        self.summary = Some(summary);
        self.inputs = inputs;
        self.list_causes();
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Finding(finding) => {
                self.lens.learn(&finding);
                self.standing.take(&finding);
                match finding.withdrawn {
                    true => drop(self.withdrawn.insert(finding.id.clone())),
                    false => drop(self.withdrawn.remove(&finding.id)),
                }
                self.findings.put(finding, &self.lens);
            }
            Event::Connection(report) => self.connection(Arc::unwrap_or_clone(report)),
            // Single commands are not drawn; nobody asks the analyzer for them here.
            Event::Exchange(_) => {}
        }
    }

    fn connection(&mut self, report: ConnectionReport) {
        self.lens.learn_end(report.client);
        self.lens.learn_end(report.server);
        if self.connections.len() < CONNECTIONS_KEPT || self.connections.contains_key(&report.id) {
            self.connections.insert(report.id, report);
        } else {
            self.connections_not_kept += 1;
        }
    }
}
