//! A part of the screen: its heading and its lines.

use super::text;
use crate::tui::layout;
use crate::tui::model::Model;
use crate::tui::screen::Focus;
use crate::tui::theme::Meaning;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

/// A pane's heading, in the first row of `area` if there are rows left for the pane itself.
pub(super) fn heading(frame: &mut Frame<'_>, model: &Model, area: Rect, focus: Focus, title: &str) {
    if layout::inner(area).height == area.height {
        return;
    }
    let (meaning, edge) = if model.pane() == focus {
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
pub(super) fn lines(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'_>>) {
    let area = area.intersection(frame.area());
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines), area);
}
