//! The help: every key, printed from the table of keys.

use super::text;
use crate::tui::keys::{BINDINGS, FILTER_HELP, Mode};
use crate::tui::model::Model;
use crate::tui::theme::Meaning;
use ratatui::Frame;
use ratatui::text::{Line, Span};

/// Columns of the keys in front of what they do.
const KEY_COLUMNS: usize = 13;

/// Draws the help over everything else.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model) {
    let area = frame.area();
    let rows = usize::from(area.height);
    let lines = lines(model);
    let last = lines.len().saturating_sub(rows);
    let top = model.help.unwrap_or(0).min(last);
    super::pane::lines(
        frame,
        area,
        lines.into_iter().skip(top).take(rows).collect(),
    );
}

/// The whole help in lines of the terminal's width.
pub(in crate::tui) fn lines(model: &Model) -> Vec<Line<'static>> {
    let width = usize::from(model.size.0);
    let heading = |title: &str| {
        let title = text::clip(title, width);
        Line::from(Span::styled(title, model.theme.style(Meaning::Heading)))
    };
    let mut lines = vec![heading("Keys (j k scroll, Esc closes)")];
    lines.extend(keys(model, Mode::Browse, width));
    lines.push(heading("Filter"));
    lines.extend(keys(model, Mode::Filter, width));
    for rule in FILTER_HELP {
        lines.extend(text::wrap(rule, width).into_iter().map(Line::from));
    }
    lines
}

fn keys(model: &Model, mode: Mode, width: usize) -> impl Iterator<Item = Line<'static>> {
    let bindings = BINDINGS.iter().filter(move |binding| binding.mode == mode);
    let theme = model.theme;
    bindings.map(move |binding| {
        let keys = text::fit(binding.label, KEY_COLUMNS);
        let help = text::clip(binding.help, width.saturating_sub(KEY_COLUMNS));
        Line::from(vec![
            Span::styled(keys, theme.style(Meaning::Focus)),
            Span::raw(help),
        ])
    })
}
