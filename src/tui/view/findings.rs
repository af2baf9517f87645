//! The list of findings, one row each.

use super::pane::{heading, lines};
use super::{losses, text};
use crate::rules::{Finding, Severity};
use crate::tui::layout::{inner, rows_area};
use crate::tui::model::{Focus, Model, Stage};
use crate::tui::theme::{Meaning, glyph};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use std::ops::Range;

/// A column: its name, its width, the widths of the list at which it is there, and its text.
struct Column {
    name: &'static str,
    columns: usize,
    at: Range<usize>,
    text: fn(&Finding) -> String,
}

/// From the left. The connection takes what is left over.
#[rustfmt::skip]
const COLUMNS: [Column; 7] = [
    Column { name: "severity", columns: 9, at: 0..WIDE, text: |f| format!("{} {}", glyph(f.severity), f.severity.name()) },
    Column { name: "rule", columns: 25, at: 16..WIDE, text: |f| f.rule.to_owned() },
    Column { name: "sure", columns: 8, at: 44..WIDE, text: |f| f.confidence.name().to_owned() },
    Column { name: "hit", columns: 5, at: 52..WIDE, text: |f| text::count(f.affected) },
    Column { name: "at (UTC)", columns: 8, at: 72..100, text: |f| text::clock(f.first.time) },
    Column { name: "first (UTC)", columns: 12, at: 100..WIDE, text: |f| text::clock_ms(f.first.time) },
    Column { name: "connection", columns: 0, at: 56..WIDE, text: connection },
];
/// No list is wider.
const WIDE: usize = usize::MAX;

/// Draws the list, or says why there is none.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    heading(frame, model, area, Focus::List, &title(model));
    let inside = inner(area);
    if model.findings.shown_len() == 0 {
        let text = empty(model);
        let wrapped = text
            .iter()
            .flat_map(|part| text::wrap(part, usize::from(inside.width)));
        return lines(frame, inside, wrapped.map(Line::from).collect());
    }
    let rows = rows_area(inside);
    if rows.height < inside.height {
        let names = row_text(inside.width, |column| column.name.to_owned());
        let names = Span::styled(names, model.theme.style(Meaning::Quiet));
        lines(
            frame,
            Rect {
                height: 1,
                ..inside
            },
            vec![Line::from(names)],
        );
    }
    lines(frame, rows, visible(model, rows));
}

fn title(model: &Model) -> String {
    let all = model.findings.len();
    if model.lens.narrows() {
        let shown = model.findings.shown_len();
        format!("Findings ({} of {})", text::count(shown), text::count(all))
    } else {
        format!("Findings ({})", text::count(all))
    }
}

/// The rows that fit, the selected one as near the middle as possible.
fn visible(model: &Model, area: Rect) -> Vec<Line<'static>> {
    let height = usize::from(area.height);
    let selected = model.findings.selected().map_or(0, |(row, _)| row);
    let last_top = model.findings.shown_len().saturating_sub(height);
    let top = selected.saturating_sub(height / 2).min(last_top);
    let findings = model.findings.shown().enumerate().skip(top).take(height);
    findings
        .map(|(row, finding)| {
            let cells = row_text(area.width, |column| model.lens.say(&(column.text)(finding)));
            Line::from(Span::styled(
                cells,
                row_style(model, finding, row == selected),
            ))
        })
        .collect()
}

fn row_style(model: &Model, finding: &Finding, selected: bool) -> Style {
    let style = model.theme.style(Meaning::Severity(finding.severity));
    if selected {
        style.patch(model.theme.style(Meaning::Selected))
    } else {
        style
    }
}

fn row_text(width: u16, text: impl Fn(&Column) -> String) -> String {
    let width = usize::from(width);
    let mut row = String::new();
    for column in COLUMNS.iter().filter(|column| column.at.contains(&width)) {
        let room = match column.columns {
            0 => width.saturating_sub(text::width(&row)),
            columns => columns,
        };
        row.push_str(&text::fit(&text(column), room));
        row.push(' ');
    }
    text::fit(row.trim_end(), width)
}

fn connection(finding: &Finding) -> String {
    let end = |end: Option<crate::model::Endpoint>| end.map(|end| end.to_string());
    match (end(finding.client), end(finding.server)) {
        (Some(client), Some(server)) => {
            let more = finding.connections_total.saturating_sub(1);
            match more {
                0 => format!("{client} → {server}"),
                more => format!("{client} → {server} +{}", text::count(more)),
            }
        }
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => finding.scope.name().to_owned(),
    }
}

/// Why the list is empty, in words and numbers.
fn empty(model: &Model) -> Vec<String> {
    let hidden = model.findings.len();
    if hidden > 0 {
        let hidden = text::many(hidden, "finding");
        let undo = match (model.lens.errors_only, model.lens.filter_text()) {
            (true, "") => "! shows all severities.",
            (true, _) => "Esc clears the filter, ! shows all severities.",
            (false, _) => "Esc clears it.",
        };
        return vec![format!("Hidden by the filter: {hidden}. {undo}")];
    }
    match &model.stage {
        Stage::Reading => vec!["Reading. No finding so far.".to_owned()],
        Stage::Failed(reason) => vec![
            "The analysis stopped before it found anything.".to_owned(),
            model.lens.say(reason),
        ],
        Stage::Done => nothing_found(model),
    }
}

fn nothing_found(model: &Model) -> Vec<String> {
    let Some(summary) = &model.summary else {
        return vec!["No finding.".to_owned()];
    };
    let totals = &summary.totals;
    let seen = format!(
        "{}, {} ({} Redis), {}, {}.",
        text::many(totals.packets, "packet"),
        text::many(totals.connections, "connection"),
        text::count(totals.redis_connections),
        text::many(totals.counts.commands, "command"),
        format_args!("{} answered", text::count(totals.counts.exchanges)),
    );
    let mut said = Vec::new();
    if totals.redis_connections > 0 {
        said.push(format!("No finding. {seen}"));
    } else {
        said.push(format!("No Redis traffic was recognised. {seen}"));
        for port in &summary.busiest {
            let server = model.lens.say(&port.server.to_string());
            let connections = text::many(port.connections, "connection");
            said.push(format!("{server}: {connections}, {}", port.looks_like));
        }
    }
    if losses::serious(model) {
        said.push("Not everything could be read: see the details.".to_owned());
    }
    said
}

/// `✗ 2 errors`, `▲ 1 warning` …, for the status bar.
pub(super) fn counts(model: &Model) -> Vec<(String, Meaning)> {
    let all = [Severity::Error, Severity::Warning, Severity::Note];
    let counted = all.map(|severity| {
        let n = model.findings.count(severity);
        let text = format!("{} {}", glyph(severity), text::many(n, severity.name()));
        let meaning = if n == 0 {
            Meaning::Quiet
        } else {
            Meaning::Severity(severity)
        };
        (text, meaning)
    });
    counted.into()
}
