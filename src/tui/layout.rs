//! Where the panes are, from the size of the terminal alone.

use super::model::Model;
use super::screen::{Focus, View};
use ratatui::layout::Rect;

/// From this many columns on the details stand beside the list.
const SIDE_BY_SIDE_COLUMNS: u16 = 160;
/// Below this many columns or rows only one pane is drawn: the one that takes the keys.
const TWO_PANES_COLUMNS: u16 = 30;
const TWO_PANES_ROWS: u16 = 9;
/// From this many rows on there are two bars instead of one.
const TWO_BARS_ROWS: u16 = 8;
/// The list never gets fewer rows than this next to the details, its heading included.
const LIST_ROWS: u16 = 4;

/// The areas of one screen. An area that is not drawn is `None`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Panes {
    /// The causes or findings, heading included.
    pub(super) list: Option<Rect>,
    /// What is known of the selected one, heading included.
    pub(super) details: Option<Rect>,
    /// How far it is.
    pub(super) status: Option<Rect>,
    /// Keys, or the filter line.
    pub(super) line: Option<Rect>,
}

impl Panes {
    /// The panes of `model`.
    pub(super) fn of(model: &Model) -> Panes {
        let (width, height) = model.size;
        let bars = match height {
            0 | 1 => 0,
            TWO_BARS_ROWS.. => 2,
            _ => 1,
        };
        let body = Rect::new(0, 0, width, height - bars);
        let bar = |row: u16| Rect::new(0, row, width, 1);
        let typing = model.filter_before.is_some();
        let (status, line) = match bars {
            2 => (Some(bar(height - 2)), Some(bar(height - 1))),
            1 if typing => (None, Some(bar(height - 1))),
            1 => (Some(bar(height - 1)), None),
            _ => (None, None),
        };
        let (list, details) = match model.view {
            View::Coverage => (None, Some(body)),
            View::Causes | View::Findings => split(body, model.focus),
        };
        Panes {
            list,
            details,
            status,
            line,
        }
    }

    /// Rows of the list that fit.
    pub(super) fn list_rows(&self) -> usize {
        let inner = self.list.map(|area| rows_area(inner(area)));
        inner.map_or(0, |area| usize::from(area.height))
    }

    /// Columns and rows of the details that fit.
    pub(super) fn details_size(&self) -> (usize, usize) {
        let inner = self.details.map(inner).unwrap_or_default();
        (usize::from(inner.width), usize::from(inner.height))
    }
}

fn split(body: Rect, focus: Focus) -> (Option<Rect>, Option<Rect>) {
    if body.height < TWO_PANES_ROWS || body.width < TWO_PANES_COLUMNS {
        return match focus {
            Focus::List => (Some(body), None),
            Focus::Details => (None, Some(body)),
        };
    }
    if body.width >= SIDE_BY_SIDE_COLUMNS {
        let left = body.width / 2;
        let list = Rect {
            width: left,
            ..body
        };
        let details = Rect {
            x: left + 1,
            width: body.width - left - 1,
            ..body
        };
        return (Some(list), Some(details));
    }
    let top = (body.height / 3).max(LIST_ROWS);
    let list = Rect {
        height: top,
        ..body
    };
    let details = Rect {
        y: top,
        height: body.height - top,
        ..body
    };
    (Some(list), Some(details))
}

/// A pane without its heading. A pane of one row has none.
pub(super) fn inner(area: Rect) -> Rect {
    below_first_row(area, 2)
}

/// The rows of the list below the names of the columns, which a very low list does without.
pub(super) fn rows_area(inner: Rect) -> Rect {
    below_first_row(inner, 3)
}

fn below_first_row(area: Rect, least: u16) -> Rect {
    if area.height < least {
        return area;
    }
    Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn panes_lie_on_the_screen_and_do_not_overlap(
            width in 0u16..400,
            height in 0u16..200,
            details: bool,
            view in prop::sample::select(vec![View::Causes, View::Findings, View::Coverage]),
            typing: bool,
        ) {
            let model = Model {
                size: (width, height),
                view,
                focus: if details { Focus::Details } else { Focus::List },
                filter_before: typing.then(String::new),
                ..Model::default()
            };
            let panes = Panes::of(&model);
            let all = [panes.list, panes.details, panes.status, panes.line];
            let all: Vec<Rect> = all.into_iter().flatten().collect();
            let screen = Rect::new(0, 0, width, height);
            for (n, area) in all.iter().enumerate() {
                prop_assert_eq!(area.intersection(screen), *area);
                prop_assert!(all.iter().skip(n + 1).all(|other| !area.intersects(*other)));
            }
        }
    }
}
