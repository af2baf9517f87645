//! Everything that can happen to the screen, as closed enums.

use super::screen::View;
use crate::analyzer::{Event, Summary};
use crate::source::InputReport;

/// What the thread that runs the analyzer sends to the screen.
///
/// After [`Feed::Done`] or [`Feed::Failed`] nothing more is expected. A sender that goes away without either is shown
/// as a failure.
#[derive(Clone, Debug)]
pub enum Feed {
    /// Events in the order the analyzer gave them. A batch may be of any size.
    Events(Vec<Event>),
    /// How far the reading has come.
    Progress {
        /// Packets read so far.
        packets: u64,
        /// Redis commands seen so far.
        commands: u64,
        /// Bytes of the inputs read so far.
        bytes_read: u64,
        /// Bytes of all inputs; `None` when nobody can know (standard input, live capture).
        bytes_total: Option<u64>,
    },
    /// What is known of the packets read so far.
    SoFar(Box<Summary>, Vec<InputReport>),
    /// The last packet has been read and judged.
    Done(Box<Summary>, Vec<InputReport>),
    /// The reading can not go on; the text says why and what to do.
    Failed(String),
}

/// What [`update`](super::update()) takes in.
#[derive(Clone, Debug)]
pub enum Message {
    /// News from the analysis.
    Feed(Feed),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// A key that means something, by the table in `keys`.
    Act(Action),
    /// A character typed into the filter line.
    Type(char),
}

/// What a key can ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// Half a page down.
    HalfPageDown,
    /// Half a page up.
    HalfPageUp,
    /// The row after this one, whatever has the focus; goes round.
    Next,
    /// The row before this one, whatever has the focus; goes round.
    Previous,
    /// Into the findings of a cause, or into the details of a finding.
    Open,
    /// Show this list or text.
    Show(View),
    /// The other pane.
    SwitchFocus,
    /// Out of whatever is open: help, details, filter, the findings of a cause.
    Back,
    /// Type a filter.
    StartFilter,
    /// Keep the typed filter.
    AcceptFilter,
    /// Forget what was typed, the filter is as before.
    CancelFilter,
    /// Take back one typed character.
    Erase,
    /// Take back everything typed.
    EraseAll,
    /// Only errors, or everything again.
    ErrorsOnly,
    /// Hide addresses, or show them again.
    Privacy,
    /// Open or close the list of keys.
    Help,
    /// Leave.
    Quit,
}

/// What [`update`](super::update()) asks the shell to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Leave the screen.
    Quit,
}
