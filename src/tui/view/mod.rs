//! Draws the model. Pure: reads the model, writes cells, decides nothing.

pub(super) mod detail;
mod findings;
pub(super) mod help;
mod ladder;
mod losses;
mod status;
mod text;

use super::layout::{self, Panes};
use super::model::{Focus, Model};
use super::theme::Meaning;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

/// Draws the whole screen. Any size will do, down to a single cell.
pub fn draw(frame: &mut Frame<'_>, model: &Model) {
    let panes = Panes::of(model);
    if let Some(area) = panes.list {
        findings::draw(frame, model, area);
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

/// A pane's heading, in the first row of `area` if there are rows left for the pane itself.
fn heading(frame: &mut Frame<'_>, model: &Model, area: Rect, focus: Focus, title: &str) {
    if layout::inner(area).height == area.height {
        return;
    }
    let (meaning, edge) = if model.focus == focus {
        (Meaning::Focus, '━')
    } else {
        (Meaning::Quiet, '─')
    };
    let columns = usize::from(area.width);
    let title = text::clip(&format!("{edge}{edge} {title} "), columns);
    let rule: String =
        std::iter::repeat_n(edge, columns.saturating_sub(text::width(&title))).collect();
    let span = Span::styled(title + &rule, model.theme.style(meaning));
    lines(frame, Rect { height: 1, ..area }, vec![Line::from(span)]);
}

/// Writes `lines` from the top of `area`; what does not fit is cut off.
fn lines(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'_>>) {
    let area = area.intersection(frame.area());
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines), area);
}
