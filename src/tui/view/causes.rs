//! The list of causes, one row each.

use super::pane::heading;
use super::table::{Column, Table, WIDE};
use super::{empty, ladder, text};
use crate::analyzer::Cause;
use crate::tui::layout::inner;
use crate::tui::model::Model;
use crate::tui::screen::Focus;
use crate::tui::theme::glyph;
use ratatui::Frame;
use ratatui::layout::Rect;

/// From the left. The culprit takes what is left over: 21 columns or more from 80 on, which hold any IPv4 address with
/// its port.
#[rustfmt::skip]
const COLUMNS: [Column<Cause>; 9] = [
    Column { name: "", columns: 1, at: 0..100, endpoint: false, text: |c| glyph(c.severity).to_owned() },
    Column { name: "severity", columns: 9, at: 100..WIDE, endpoint: false, text: |c| format!("{} {}", glyph(c.severity), c.severity.name()) },
    Column { name: "rule", columns: 24, at: 16..WIDE, endpoint: false, text: |c| c.rule.to_owned() },
    Column { name: "role", columns: 12, at: 120..WIDE, endpoint: false, text: |c| c.culprit.name().to_owned() },
    Column { name: "culprit", columns: 0, at: 40..WIDE, endpoint: true, text: |c| c.place.to_string() },
    Column { name: "conn. hit", columns: 9, at: 58..100, endpoint: false, text: |c| format!("{}/{}", c.connections, c.connections_of) },
    Column { name: "connections hit", columns: 15, at: 100..WIDE, endpoint: false, text: |c| format!("{} of {}", c.connections, c.connections_of) },
    Column { name: "sure", columns: 8, at: 68..WIDE, endpoint: false, text: |c| c.confidence.name().to_owned() },
    Column { name: "first", columns: 9, at: 78..WIDE, endpoint: false, text: |c| ladder::packet(c.first.at) },
];

/// Draws the list, or says why there is none.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    heading(frame, model, area, Focus::List, &title(model));
    let inside = inner(area);
    if model.rows() == 0 {
        let hidden = model.causes.len();
        return empty::draw(frame, model, inside, &text::many(hidden, "cause"), hidden);
    }
    let table = Table {
        columns: &COLUMNS,
        rows: Box::new(model.causes.shown().iter()),
        severity: |cause| cause.severity,
    };
    table.draw(frame, model, inside);
}

fn title(model: &Model) -> String {
    let (shown, all) = (text::count(model.rows()), text::count(model.causes.len()));
    match model.lens.narrows() {
        true => format!("Causes ({shown} of {all})"),
        false => format!("Causes ({all})"),
    }
}
