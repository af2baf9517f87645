//! The only place that changes the model: one message in, perhaps one effect out. Pure.

use super::causes::CauseKey;
use super::layout::Panes;
use super::message::{Action, Effect, Message};
use super::model::Model;
use super::screen::{Focus, View};
use super::view;

/// Applies `message` to `model`.
pub fn update(model: &mut Model, message: Message) -> Option<Effect> {
    match message {
        Message::Feed(feed) => {
            let before = selected(model);
            model.apply(feed);
            if selected(model) != before {
                model.scroll = 0;
            }
        }
        Message::Resize(columns, rows) => {
            model.size = (columns, rows);
            clamp(model);
        }
        Message::Type(c) => {
            let text = format!("{}{c}", model.lens.filter_text());
            filter(model, &text);
        }
        Message::Act(Action::Quit) => return Some(Effect::Quit),
        Message::Act(action) if model.help.is_some() => help(model, action),
        Message::Act(action) => act(model, action),
    }
    None
}

fn act(model: &mut Model, action: Action) {
    match action {
        Action::Down | Action::Up | Action::First | Action::Last => travel(model, action),
        Action::HalfPageDown | Action::HalfPageUp => travel(model, action),
        Action::Next => around(model, 1),
        Action::Previous => around(model, -1),
        Action::Open => open(model),
        Action::Show(view) => show(model, view),
        Action::SwitchFocus if model.focus == Focus::Details => focus(model, Focus::List),
        Action::SwitchFocus => focus(model, Focus::Details),
        Action::Back => back(model),
        Action::EraseAll => filter(model, ""),
        Action::StartFilter if model.view == View::Coverage => {}
        Action::StartFilter => model.filter_before = Some(model.lens.filter_text().to_owned()),
        Action::AcceptFilter => model.filter_before = None,
        Action::CancelFilter => {
            if let Some(before) = model.filter_before.take() {
                filter(model, &before);
            }
        }
        Action::Erase => {
            let mut text = model.lens.filter_text().to_owned();
            text.pop();
            filter(model, &text);
        }
        Action::ErrorsOnly => {
            model.lens.errors_only = !model.lens.errors_only;
            refilter(model);
        }
        Action::Privacy => {
            model.lens.privacy = !model.lens.privacy;
            refilter(model);
        }
        Action::Help => model.help = Some(0),
        Action::Quit => {}
    }
}

/// A cause opens its findings, a finding its details.
fn open(model: &mut Model) {
    match (model.view, model.causes.selected_key()) {
        (View::Causes, Some(cause)) => {
            model.causes.pin();
            show(model, View::Findings);
            model.lens.cause = Some(cause);
            model.findings.choose_first();
            refilter(model);
        }
        (View::Causes | View::Coverage, _) => {}
        (View::Findings, _) => focus(model, Focus::Details),
    }
}

/// Looks at all rows of `view`, from the list.
fn show(model: &mut Model, view: View) {
    model.view = view;
    model.focus = Focus::List;
    model.lens.cause = None;
    model.scroll = 0;
    refilter(model);
}

/// One step out: of the details, of the filter, to the causes.
fn back(model: &mut Model) {
    let filtered = !model.lens.filter_text().is_empty();
    match (model.view, model.focus) {
        (View::Causes | View::Findings, Focus::Details) => focus(model, Focus::List),
        (View::Causes | View::Findings, Focus::List) if filtered => filter(model, ""),
        (View::Findings | View::Coverage, _) => show(model, View::Causes),
        (View::Causes, Focus::List) => {}
    }
}

/// While the help is open, keys scroll or close it and do nothing else.
fn help(model: &mut Model, action: Action) {
    let now = model.help.unwrap_or(0);
    let rows = usize::from(model.size.1);
    let last = view::help::lines(model).len().saturating_sub(rows);
    model.help = match action {
        Action::Help | Action::Back => None,
        _ => Some(moved(now, action, rows / 2, last)),
    };
}

/// Moves the selection, or the text of the details.
fn travel(model: &mut Model, action: Action) {
    let panes = Panes::of(model);
    match model.pane() {
        Focus::List => {
            let now = model.selected_row().unwrap_or(0);
            let last = model.rows().saturating_sub(1);
            select(model, moved(now, action, panes.list_rows() / 2, last));
        }
        Focus::Details => {
            clamp(model);
            let (_, rows) = panes.details_size();
            model.scroll = moved(model.scroll, action, rows / 2, last_scroll(model));
        }
    }
}

/// Where `action` leads from `now`, in 0 to `last`.
fn moved(now: usize, action: Action, half_page: usize, last: usize) -> usize {
    let to = match action {
        Action::Down => now.saturating_add(1),
        Action::Up => now.saturating_sub(1),
        Action::HalfPageDown => now.saturating_add(half_page.max(1)),
        Action::HalfPageUp => now.saturating_sub(half_page.max(1)),
        Action::First => 0,
        Action::Last => last,
        _ => now,
    };
    to.min(last)
}

/// The next row or the one before, past the end from the start again.
fn around(model: &mut Model, step: isize) {
    let rows = model.rows();
    if let Some(row) = model.selected_row() {
        let to = row.checked_add_signed(step).unwrap_or(rows - 1);
        select(model, if to < rows { to } else { 0 });
    }
}

fn select(model: &mut Model, row: usize) {
    let before = model.selected_row();
    match model.view {
        View::Causes => model.causes.choose(row),
        View::Findings => model.findings.choose(row),
        View::Coverage => {}
    }
    if before != Some(row) {
        model.scroll = 0;
    }
}

/// Whoever reads a cause or a finding keeps it, whatever comes in above it.
fn focus(model: &mut Model, focus: Focus) {
    model.focus = focus;
    match model.view {
        View::Causes => model.causes.pin(),
        View::Findings => model.findings.pin(),
        View::Coverage => {}
    }
}

fn filter(model: &mut Model, text: &str) {
    model.lens.set_filter(text);
    refilter(model);
}

fn refilter(model: &mut Model) {
    let before = selected(model);
    model.findings.refilter(&model.lens);
    model.list_causes();
    if selected(model) != before {
        model.scroll = 0;
    }
    clamp(model);
}

/// What the details are about.
fn selected(model: &Model) -> (Option<CauseKey>, Option<String>) {
    let finding = model.findings.selected();
    match model.view {
        View::Causes => (model.causes.selected_key(), None),
        View::Findings => (None, finding.map(|(_, finding)| finding.id.clone())),
        View::Coverage => (None, None),
    }
}

fn clamp(model: &mut Model) {
    model.scroll = model.scroll.min(last_scroll(model));
}

/// The details end at the last row of their pane.
fn last_scroll(model: &Model) -> usize {
    let (width, rows) = Panes::of(model).details_size();
    view::detail::lines(model, width).len().saturating_sub(rows)
}
