//! The details of a cause: what happened, to how many, what it means and what to do, and the finding that proves it best.

use super::page::Page;
use super::{finding, text};
use crate::analyzer::{Cause, Place};
use crate::tui::causes::cause_key;
use crate::tui::model::Stage;
use crate::tui::theme::Meaning;

/// Writes everything that is known of `cause`.
pub(super) fn write(page: &mut Page<'_>, cause: &Cause) {
    let open = open(page, cause);
    let more = if open > 0 { " · may still change" } else { "" };
    finding::verdict(page, cause.severity, cause.confidence, cause.rule, more);
    page.say(&cause.best.title, Meaning::Heading);
    let who = match cause.place {
        Place::Capture => cause.place.to_string(),
        place => format!("{} {place}", cause.culprit.name()),
    };
    page.fact("who", &who);
    let clients = match cause.clients {
        0 | 1 => String::new(),
        clients => format!(", {}", text::many(clients, "client")),
    };
    let hit = format!(
        "{} of {}, {}{clients}",
        text::count(cause.connections),
        text::many(cause.connections_of, "connection"),
        text::many(cause.affected, "command"),
    );
    page.fact("hit", &hit);
    page.fact("first", &finding::when(cause.first, cause.last));
    let mut findings = text::count(cause.findings);
    if open > 0 {
        findings.push_str(&format!(", {} may still change", text::count(open)));
    }
    page.fact("findings", &findings);
    page.section(
        "What it means",
        std::slice::from_ref(&cause.best.explanation),
    );
    page.section("Advice", &cause.best.advice);
    finding::evidence(page, &cause.best);
}

/// Findings of it that may be revised or withdrawn.
fn open(page: &Page<'_>, cause: &Cause) -> usize {
    if page.model.stage != Stage::Reading {
        return 0;
    }
    let mine = |f: &&crate::rules::Finding| cause_key(f) == (cause.rule, cause.place);
    page.model.standing.all_open().filter(mine).count()
}
