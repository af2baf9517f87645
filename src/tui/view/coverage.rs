//! How far the judgement goes: what was judged, what was not, errors that nothing explains, limits, losses.

use super::page::Page;
use super::{ladder, losses, text};
use crate::analyzer::{Coverage, Summary};
use crate::tui::model::{Model, Stage};
use crate::tui::theme::Meaning;

/// Something that may have been Redis traffic was not read or not judged.
pub(super) fn is_incomplete(model: &Model) -> bool {
    let coverage = model.coverage.as_ref();
    coverage.is_some_and(|c| !c.is_complete()) || losses::serious(model)
}

/// Writes all of it, as far as it is known.
pub(super) fn write(page: &mut Page<'_>) {
    let model = page.model;
    if let Stage::Failed(reason) = &model.stage {
        page.section("The analysis stopped early", std::slice::from_ref(reason));
    }
    let Some((coverage, summary)) = model.coverage.as_ref().zip(model.summary.as_ref()) else {
        page.say("Nothing was summed up so far.", Meaning::Quiet);
        return page.section("Not kept by the screen", &losses::of_the_screen(model));
    };
    page.section("Judged", &judged(model, coverage));
    page.section("Not judged", &not_judged(model, coverage, summary));
    page.section("Errors that no finding explains", &errors(coverage));
    page.section("Limits hit", &limits(summary));
    page.section("What was read", &losses::read(summary));
    page.section("Inputs", &losses::inputs(model));
    page.section("Not kept by the screen", &losses::of_the_screen(model));
}

fn judged(model: &Model, coverage: &Coverage) -> Vec<String> {
    let mut said = vec![match coverage.commands {
        0 => "No Redis command could be judged.".to_owned(),
        commands => format!(
            "{} on {}.",
            text::many(commands, "command"),
            text::many(coverage.connections, "Redis connection"),
        ),
    }];
    if model.stage == Stage::Reading {
        said.push("So far: packets still come.".to_owned());
    }
    if !model.withdrawn.is_empty() {
        let withdrawn = text::many(model.withdrawn.len() as u64, "finding");
        said.push(format!(
            "{withdrawn} withdrawn: later packets proved them wrong."
        ));
    }
    said
}

fn not_judged(model: &Model, coverage: &Coverage, summary: &Summary) -> Vec<String> {
    let said = coverage.not_judged_in_words(summary);
    let whole = coverage.is_complete() && coverage.unexplained_errors.is_empty();
    let done = model.stage == Stage::Done && coverage.commands > 0;
    if whole && done && !losses::serious(model) {
        return vec!["Nothing: everything was read and judged.".to_owned()];
    }
    said
}

fn errors(coverage: &Coverage) -> Vec<String> {
    let errors = coverage.unexplained_errors.iter();
    let said = errors.map(|error| {
        let replies = if error.count == 1 { "reply" } else { "replies" };
        format!(
            "{} {replies} to {}, first in packet {} at {}: {}",
            text::count(error.count),
            error.command,
            ladder::packet(error.first.at),
            text::clock_ms(error.first.time),
            error.text
        )
    });
    said.collect()
}

fn limits(summary: &Summary) -> Vec<String> {
    let hit = summary.totals.limits.iter().filter(|(_, n)| **n > 0);
    hit.map(|(limit, n)| format!("{limit}: {}", text::many(*n, "time")))
        .collect()
}
