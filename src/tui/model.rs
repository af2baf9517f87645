//! What the screen knows. Changed only by `update`, drawn by `view`.

use super::keys::Mode;
use super::lens::Lens;
use super::list::FindingList;
use super::message::Feed;
use super::theme::Theme;
use crate::analyzer::{ConnectionReport, Event, Summary};
use crate::model::ConnectionId;
use crate::source::InputReport;
use std::collections::BTreeMap;
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

/// The pane that takes the keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Focus {
    /// The list of findings.
    #[default]
    List,
    /// The selected finding.
    Details,
}

/// Everything the screen knows.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The findings and the selection.
    pub findings: FindingList,
    /// Filter and privacy.
    pub lens: Lens,
    /// How far the analysis is.
    pub stage: Stage,
    /// Its latest numbers.
    pub progress: Progress,
    /// Its last word.
    pub summary: Option<Box<Summary>>,
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

    /// Takes in news from the analysis.
    pub fn apply(&mut self, feed: Feed) {
        match feed {
            Feed::Events(events) => events.into_iter().for_each(|e| self.event(e)),
            Feed::Progress {
                packets,
                commands,
                bytes_read,
                bytes_total,
            } => {
                self.progress = Progress {
                    packets,
                    commands,
                    bytes_read,
                    bytes_total,
                };
            }
            Feed::Done(summary, inputs) => self.done(summary, inputs),
            Feed::Failed(reason) => self.stage = Stage::Failed(reason),
        }
    }

    fn done(&mut self, summary: Box<Summary>, inputs: Vec<InputReport>) {
        for port in &summary.busiest {
            self.lens.learn_end(port.server);
        }
        self.progress.packets = summary.totals.packets;
        self.progress.commands = summary.totals.counts.commands;
        self.summary = Some(summary);
        self.inputs = inputs;
        self.stage = Stage::Done;
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Finding(finding) => {
                self.lens.learn(&finding);
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
