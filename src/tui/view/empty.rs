//! Why a list is empty, in words and numbers.

use super::pane::lines;
use super::{coverage, text};
use crate::tui::model::{Model, Stage};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Says it instead of the list. `hidden` rows are there and not listed, in words `many`.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model, inside: Rect, many: &str, hidden: usize) {
    let said = if hidden > 0 {
        vec![not_listed(model, many)]
    } else {
        nothing(model)
    };
    let wrapped = said
        .iter()
        .flat_map(|part| text::wrap(part, usize::from(inside.width)));
    lines(frame, inside, wrapped.map(Line::from).collect());
}

fn not_listed(model: &Model, many: &str) -> String {
    let undo = match (model.lens.errors_only, model.lens.filter_text()) {
        (true, "") => "! shows all severities.",
        (true, _) => "Esc clears the filter, ! shows all severities.",
        (false, _) => "Esc clears it.",
    };
    format!("Hidden by the filter: {many}. {undo}")
}

fn nothing(model: &Model) -> Vec<String> {
    if model.lens.cause.is_some() && !model.findings.is_empty() {
        return vec!["No finding of this cause is listed any more. Esc leads back.".to_owned()];
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
    if coverage::is_incomplete(model) {
        said.push("Not everything was read and judged: see the coverage.".to_owned());
    }
    said
}
