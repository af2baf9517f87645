//! Draws the model. Pure: reads the model, writes cells, decides nothing.

mod cause;
mod causes;
mod coverage;
pub(super) mod detail;
mod empty;
mod finding;
mod findings;
pub(super) mod help;
mod ladder;
mod losses;
mod page;
mod pane;
mod status;
mod table;
mod text;

use super::layout::Panes;
use super::model::Model;
use super::screen::View;
use pane::lines;
use ratatui::Frame;

/// Draws the whole screen. Any size will do, down to a single cell.
pub fn draw(frame: &mut Frame<'_>, model: &Model) {
    let panes = Panes::of(model);
    if let Some(area) = panes.list {
        match model.view {
            View::Causes => causes::draw(frame, model, area),
            View::Findings => findings::draw(frame, model, area),
            View::Coverage => {}
        }
    }
    if let Some(area) = panes.details {
        detail::draw(frame, model, area);
    }
    if let Some(area) = panes.status {
        lines(frame, area, vec![status::progress(model, area.width)]);
    }
    if let Some(area) = panes.line {
        lines(frame, area, vec![status::line(model, area.width)]);
    }
    if model.help.is_some() {
        help::draw(frame, model);
    }
}
