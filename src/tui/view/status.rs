//! The bars at the bottom: how far it is, and what the keys do.

use super::{coverage, findings, text};
use crate::tui::keys::{BINDINGS, Binding, Mode};
use crate::tui::model::{Model, Stage};
use crate::tui::theme::Meaning;
use ratatui::text::{Line, Span};

/// `reading 42 % · 1,234 packets · 56 commands · ✗ 1 error …`
pub(super) fn progress(model: &Model, width: u16) -> Line<'static> {
    let plain = |text: String| (text, Meaning::Plain);
    let mut parts = vec![stage(model)];
    parts.extend(findings::counts(model));
    if coverage::is_incomplete(model) {
        parts.push(("not all judged".to_owned(), Meaning::Loss));
    }
    if !model.withdrawn.is_empty() {
        let n = text::count(model.withdrawn.len() as u64);
        parts.push(plain(format!("{n} withdrawn")));
    }
    parts.push(plain(text::many(model.progress.packets, "packet")));
    parts.push(plain(text::many(model.progress.commands, "command")));
    joined(model, parts, width)
}

/// The filter while it is typed, else the filter kept and the keys.
pub(super) fn line(model: &Model, width: u16) -> Line<'static> {
    let mut parts = Vec::new();
    let filter = model.lens.say(model.lens.filter_text());
    if model.mode() == Mode::Filter {
        let full = if model.lens.is_full() { " (full)" } else { "" };
        parts.push((typed(&filter, full, width), Meaning::Heading));
    } else if !filter.is_empty() {
        parts.push((
            format!("/{}", text::clip(&filter, usize::from(width / 2))),
            Meaning::Heading,
        ));
    }
    if model.lens.errors_only {
        parts.push(("only errors".to_owned(), Meaning::Heading));
    }
    if model.lens.privacy {
        parts.push(("addresses hidden".to_owned(), Meaning::Heading));
    }
    let bindings = BINDINGS
        .iter()
        .filter(|binding| binding.mode == model.mode());
    parts.extend(bindings.filter_map(hint).map(|hint| (hint, Meaning::Quiet)));
    joined(model, parts, width)
}

/// The end of the typed text, where the cursor is.
fn typed(filter: &str, full: &str, width: u16) -> String {
    let room = usize::from(width).saturating_sub(full.len() + 2);
    let skip = filter.chars().count().saturating_sub(room);
    let end: String = filter.chars().skip(skip).collect();
    format!("/{end}▏{full}")
}

fn hint(binding: &Binding) -> Option<String> {
    let key = binding.label.split(' ').next().unwrap_or_default();
    binding.hint.map(|hint| format!("{key} {hint}"))
}

fn stage(model: &Model) -> (String, Meaning) {
    match (&model.stage, percent(model)) {
        (Stage::Done, _) => ("done".to_owned(), Meaning::Plain),
        (Stage::Failed(_), _) => ("stopped early".to_owned(), Meaning::Loss),
        (Stage::Reading, Some(percent)) => (format!("reading {percent} %"), Meaning::Plain),
        (Stage::Reading, None) => ("reading".to_owned(), Meaning::Plain),
    }
}

fn percent(model: &Model) -> Option<u128> {
    let total = u128::from(model.progress.bytes_total?);
    let read = u128::from(model.progress.bytes_read);
    (read * 100)
        .checked_div(total)
        .map(|percent| percent.min(100))
}

/// The parts that fit, from the left.
fn joined(model: &Model, parts: Vec<(String, Meaning)>, width: u16) -> Line<'static> {
    let mut room = usize::from(width);
    let mut spans = Vec::new();
    for (text, meaning) in parts {
        let gap = if spans.is_empty() { 0 } else { 3 };
        let columns = text::width(&text) + gap;
        if columns > room && !spans.is_empty() {
            break;
        }
        if gap > 0 {
            spans.push(Span::styled(" · ", model.theme.style(Meaning::Quiet)));
        }
        spans.push(Span::styled(text, model.theme.style(meaning)));
        room = room.saturating_sub(columns);
    }
    Line::from(spans)
}
