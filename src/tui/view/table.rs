//! A list in columns: the names, the rows that fit, the selected one.

use super::pane::lines;
use super::text;
use crate::rules::Severity;
use crate::tui::layout::rows_area;
use crate::tui::model::Model;
use crate::tui::theme::Meaning;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::ops::Range;

/// No list is wider.
pub(super) const WIDE: usize = usize::MAX;

/// A column of rows of `T`.
pub(super) struct Column<T> {
    /// Its heading.
    pub(super) name: &'static str,
    /// Its width; 0 = what the others leave over.
    pub(super) columns: usize,
    /// The widths of the list at which it is there.
    pub(super) at: Range<usize>,
    /// An address with its port, which keeps both its ends when it is cut.
    pub(super) endpoint: bool,
    /// What stands in it.
    pub(super) text: fn(&T) -> String,
}

/// Rows under their columns.
pub(super) struct Table<'a, T> {
    pub(super) columns: &'a [Column<T>],
    /// Every row, from the first.
    pub(super) rows: Box<dyn Iterator<Item = &'a T> + 'a>,
    pub(super) severity: fn(&T) -> Severity,
}

impl<T> Table<'_, T> {
    /// Draws the names and the rows that fit, the selected one as near the middle as possible.
    pub(super) fn draw(self, frame: &mut Frame<'_>, model: &Model, inside: Rect) {
        let area = rows_area(inside);
        if area.height < inside.height {
            let names = row_text(self.columns, inside.width, |column| column.name.to_owned());
            let names = Span::styled(names, model.theme.style(Meaning::Quiet));
            let first = Rect {
                height: 1,
                ..inside
            };
            lines(frame, first, vec![Line::from(names)]);
        }
        let height = usize::from(area.height);
        let selected = model.selected_row().unwrap_or(0);
        let last_top = model.rows().saturating_sub(height);
        let top = selected.saturating_sub(height / 2).min(last_top);
        let rows = self.rows.enumerate().skip(top).take(height);
        let drawn = rows.map(|(number, row)| {
            let say = |column: &Column<T>| model.lens.say(&(column.text)(row));
            let cells = row_text(self.columns, area.width, say);
            let style = model.theme.style(Meaning::Severity((self.severity)(row)));
            let style = match number == selected {
                true => style.patch(model.theme.style(Meaning::Selected)),
                false => style,
            };
            Line::from(Span::styled(cells, style))
        });
        lines(frame, area, drawn.collect());
    }
}

fn row_text<T>(columns: &[Column<T>], width: u16, cell: impl Fn(&Column<T>) -> String) -> String {
    let width = usize::from(width);
    let there = || columns.iter().filter(|column| column.at.contains(&width));
    let taken: usize = there().map(|column| column.columns + 1).sum();
    let left = (width + 1).saturating_sub(taken);
    let mut row = String::new();
    for column in there() {
        let room = match column.columns {
            0 => left,
            columns => columns,
        };
        let mut cell = cell(column);
        if column.endpoint {
            cell = text::clip_endpoint(&cell, room);
        }
        row.push_str(&text::fit(&cell, room));
        row.push(' ');
    }
    text::fit(row.trim_end(), width)
}
