//! The pane for reading: the selected cause or finding, or the coverage.

use super::page::Page;
use super::pane::{self, heading};
use super::{cause, coverage, finding, text};
use crate::tui::layout::inner;
use crate::tui::model::Model;
use crate::tui::screen::{Focus, View};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws the text from `model.scroll` on.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let inside = inner(area);
    let rows = usize::from(inside.height);
    let lines = lines(model, usize::from(inside.width));
    let top = model.scroll.min(lines.len().saturating_sub(rows));
    let below = lines.len().saturating_sub(top + rows);
    let title = match below {
        0 => title(model),
        below => format!("{} · {} below", title(model), text::many(below, "line")),
    };
    heading(frame, model, area, Focus::Details, &title);
    let lines = lines.into_iter().skip(top).take(rows);
    pane::lines(frame, inside, lines.collect());
}

fn title(model: &Model) -> String {
    let one = match (model.view, model.selected_row()) {
        (View::Causes, Some(_)) => "Cause",
        (View::Findings, Some(_)) => "Finding",
        _ => return "Coverage".to_owned(),
    };
    let row = model.selected_row().map_or(0, |row| row + 1);
    format!(
        "{one} {} of {}",
        text::count(row),
        text::count(model.rows())
    )
}

/// The whole text in lines of at most `width` columns.
pub(in crate::tui) fn lines(model: &Model, width: usize) -> Vec<Line<'static>> {
    let mut page = Page::new(model, width);
    let selected = (model.causes.selected(), model.findings.selected());
    match (model.view, selected) {
        (View::Causes, (Some((_, cause)), _)) => cause::write(&mut page, cause),
        (View::Findings, (_, Some((_, finding)))) => finding::write(&mut page, finding),
        _ => coverage::write(&mut page),
    }
    page.lines
}
