//! The list of findings, one row each.

use super::pane::heading;
use super::table::{Column, Table, WIDE};
use super::{empty, text};
use crate::rules::{Finding, Severity};
use crate::tui::layout::inner;
use crate::tui::model::Model;
use crate::tui::screen::Focus;
use crate::tui::theme::{Meaning, glyph};
use ratatui::Frame;
use ratatui::layout::Rect;

/// From the left. In 80 columns the server has 21, which hold any IPv4 address with its port.
#[rustfmt::skip]
const COLUMNS: [Column<Finding>; 11] = [
    Column { name: "", columns: 1, at: 0..100, endpoint: false, text: |f| glyph(f.severity).to_owned() },
    Column { name: "severity", columns: 9, at: 100..WIDE, endpoint: false, text: |f| format!("{} {}", glyph(f.severity), f.severity.name()) },
    Column { name: "rule", columns: 24, at: 16..WIDE, endpoint: false, text: |f| f.rule.to_owned() },
    Column { name: "sure", columns: 8, at: 44..WIDE, endpoint: false, text: |f| f.confidence.name().to_owned() },
    Column { name: "cmds", columns: 4, at: 66..WIDE, endpoint: false, text: |f| text::count(f.affected) },
    Column { name: "first (UTC)", columns: 12, at: 100..WIDE, endpoint: false, text: |f| text::clock_ms(f.first.time) },
    Column { name: "server", columns: 0, at: 54..80, endpoint: true, text: server },
    Column { name: "server", columns: 21, at: 80..150, endpoint: true, text: server },
    Column { name: "server", columns: 47, at: 150..WIDE, endpoint: true, text: server },
    Column { name: "client", columns: 0, at: 80..100, endpoint: true, text: client_alone },
    Column { name: "client", columns: 0, at: 100..WIDE, endpoint: true, text: client },
];

/// Draws the list, or says why there is none.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    heading(frame, model, area, Focus::List, &title(model));
    let inside = inner(area);
    if model.rows() == 0 {
        let hidden = model.findings.len_of(model.lens.cause);
        return empty::draw(frame, model, inside, &text::many(hidden, "finding"), hidden);
    }
    let table = Table {
        columns: &COLUMNS,
        rows: Box::new(model.findings.shown()),
        severity: |finding| finding.severity,
    };
    table.draw(frame, model, inside);
}

fn title(model: &Model) -> String {
    let shown = text::count(model.rows());
    let all = text::count(model.findings.len());
    match model.lens.cause {
        Some((rule, place)) => {
            let place = model.lens.say(&place.to_string());
            let of = model.findings.len_of(model.lens.cause);
            match of == model.rows() {
                true => format!("Findings of {rule} at {place} ({shown})"),
                false => format!("Findings of {rule} at {place} ({shown} of {of})"),
            }
        }
        None if model.lens.narrows() => format!("Findings ({shown} of {all})"),
        None => format!("Findings ({all})"),
    }
}

/// The server; what has none is about the client or the capture.
fn server(finding: &Finding) -> String {
    match finding.server.or(finding.client) {
        Some(end) => end.to_string(),
        None => finding.scope.name().to_owned(),
    }
}

fn client_alone(finding: &Finding) -> String {
    finding
        .client
        .map_or_else(String::new, |end| end.to_string())
}

/// The client of the first connection, and how many connections there are besides.
fn client(finding: &Finding) -> String {
    let client = client_alone(finding);
    match finding.connections_total.saturating_sub(1) {
        0 => client,
        more => format!("{client} +{}", text::count(more)),
    }
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
