//! The verdict: a line a cause, then what was not judged. It opens and ends the report, and is all of `--brief`.

use super::no_redis;
use super::page::{Page, WIDTH};
use super::paint::Meaning;
use super::wrap::{printable, wrapped};
use crate::analyzer::{Cause, Place, StopReason, Stopped};
use crate::model::plural;
use crate::report::answer::Answer;
use crate::rules::{Culprit, Severity};

/// Causes named one by one; the JSON has them all.
const CAUSES: usize = 6;
/// Error texts named one by one.
const ERRORS: usize = 3;

/// Everything in the order of its weight. Ends with an empty line.
pub(super) fn write(text: &mut String, page: &Page<'_>, answer: &Answer<'_>) {
    if let Some(stopped) = &answer.coverage.stopped {
        let said = stop(page, stopped);
        line(text, &page.paint.of(Meaning::Warning, &said));
    }
    if answer.summary.totals.redis_connections == 0 {
        no_redis::write(text, page, answer.summary);
    } else if answer.faults().next().is_none() {
        line(text, &page.paint.of(Meaning::Good, &good_news(answer)));
    }
    lines(text, page, answer.faults());
    lines(text, page, answer.notes());
    if answer.summary.totals.redis_connections > 0 {
        not_judged(text, answer);
    }
    errors(text, page, answer);
    text.push('\n');
}

fn line(text: &mut String, said: &str) {
    text.push_str(said);
    text.push('\n');
}

fn lines<'c>(text: &mut String, page: &Page<'_>, causes: impl Iterator<Item = &'c Cause>) {
    let causes: Vec<&Cause> = causes.collect();
    for cause in causes.iter().take(CAUSES) {
        one(text, page, cause);
    }
    let unsaid = causes.len().saturating_sub(CAUSES) as u64;
    if unsaid > 0 {
        let notes = causes.iter().all(|c| c.severity == Severity::Note);
        let what = if notes { "more note" } else { "more cause" };
        line(text, &format!("and {}", plural(unsaid, what)));
    }
}

/// `ERROR auth-race, certain, by the server 10.0.0.2:6379: 8 of 8 connections hit, 8 commands, from packet #76 on`
fn one(text: &mut String, page: &Page<'_>, cause: &Cause) {
    let name = cause.severity.name();
    let severity = match cause.severity {
        Severity::Note => name.to_owned(),
        Severity::Warning | Severity::Error => name.to_uppercase(),
    };
    let plain = format!("{severity} {}", said(page, cause));
    let wrapped = wrapped(&plain, WIDTH, "", "      ");
    let rest = wrapped.get(severity.len()..).unwrap_or_default();
    line(
        text,
        &format!(
            "{}{rest}",
            page.paint.of(Meaning::of(cause.severity), &severity)
        ),
    );
}

/// `auth-race, certain, by the server 10.0.0.2:6379: 8 of 8 connections hit, 8 commands, from packet #76 on`; of a note
/// only what it is about.
fn said(page: &Page<'_>, cause: &Cause) -> String {
    let (rule, who, extent) = (cause.rule, who(cause), extent(cause));
    if cause.severity == Severity::Note {
        return format!("{rule} {who}: {extent}");
    }
    let mut said = format!("{rule}, {}, {who}: {extent}", cause.confidence.name());
    if cause.affected > 0 {
        said.push_str(&format!(", {}", plural(cause.affected, "command")));
    }
    let packet = page.packet(cause.first.at);
    said.push_str(&match cause.first.at == cause.last.at {
        true => format!(", packet {packet}"),
        false => format!(", from packet {packet} on"),
    });
    said
}

/// `8 of 8 connections hit`; nobody is hit by what only informs.
pub(in crate::report) fn extent(cause: &Cause) -> String {
    let hit = match cause.severity {
        Severity::Note => "",
        Severity::Warning | Severity::Error => " hit",
    };
    let of = plural(cause.connections_of, "connection");
    format!("{} of {of}{hit}", cause.connections)
}

/// `by the server 10.0.0.2:6379`; what is legal is nobody's fault, so a note is only about somebody.
pub(in crate::report) fn who(cause: &Cause) -> String {
    let place = cause.place;
    let note = cause.severity == Severity::Note;
    let culprit = match cause.culprit {
        Culprit::Client => "the client",
        Culprit::Proxy => "the proxy",
        Culprit::Redis => "Redis",
        Culprit::Server => "the server",
        Culprit::Network => "the network",
        Culprit::AuthService => "the auth service",
        Culprit::Capture => return "about the capture itself".to_owned(),
        Culprit::Unknown if note => match place {
            Place::Server(_) => "the server",
            Place::Client(_) => "the client",
            Place::Capture => return "about the capture itself".to_owned(),
        },
        Culprit::Unknown => return format!("by whom is not decidable, at {place}"),
    };
    let how = if note { "about" } else { "by" };
    match place {
        Place::Capture => format!("{how} {culprit}"),
        _ => format!("{how} {culprit} {place}"),
    }
}

/// `Stopped by you after 53 of 311 MiB: what follows is about that part.`
fn stop(page: &Page<'_>, stopped: &Stopped) -> String {
    let by = match stopped.reason {
        StopReason::Signal => "Stopped by you",
        StopReason::Input => "Stopped because an input could not be read further,",
    };
    let Some(at) = stopped.at else {
        return format!("{by} before the first packet.");
    };
    let read = mebibytes(stopped.bytes_read);
    let mut said = match stopped.bytes_total {
        Some(total) => format!("{by} after {read} of {} MiB", mebibytes(total)),
        None => format!("{by} after {read} MiB"),
    };
    said.push_str(&format!(" (packet {})", page.packet(at)));
    said.push_str(": what follows is about that part.");
    wrapped(&said, WIDTH, "", "  ")
}

/// One digit behind the point below ten.
fn mebibytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) >> 20;
    match tenths {
        0..100 => format!("{}.{}", tenths / 10, tenths % 10),
        _ => (tenths / 10).to_string(),
    }
}

/// No fault was found: how far that goes.
pub(in crate::report) fn good_news(answer: &Answer<'_>) -> String {
    let (coverage, shown) = (&answer.coverage, &answer.shown);
    let commands = plural(coverage.commands, "command");
    let on = plural(coverage.connections, "connection");
    let whole = coverage.is_complete() && coverage.unexplained_errors.is_empty();
    let said = if coverage.commands == 0 {
        "No Redis command could be judged.".to_owned()
    } else if shown.hidden + shown.not_chosen > 0 {
        format!(
            "No fault among what was asked for (--rule, --min-severity), in {commands} on {on}."
        )
    } else if whole {
        format!("Nothing wrong was found: {commands} on {on}, all read and judged.")
    } else {
        format!("No fault was found among {commands} on {on}.")
    };
    wrapped(&said, WIDTH, "", "  ")
}

/// `Not judged: 1 encrypted connection (10.0.0.5:6380), 3 commands that could not be paired.`
fn not_judged(text: &mut String, answer: &Answer<'_>) {
    if let Some(said) = unjudged(answer) {
        line(text, &wrapped(&said, WIDTH, "", "  "));
    }
}

/// What was not judged, in one sentence.
pub(in crate::report) fn unjudged(answer: &Answer<'_>) -> Option<String> {
    let parts = answer.coverage.not_judged_in_words(answer.summary);
    (!parts.is_empty()).then(|| format!("Not judged: {}.", parts.join(", ")))
}

/// Error replies that no finding speaks of. They may be all right: the program that got them has to know.
fn errors(text: &mut String, page: &Page<'_>, answer: &Answer<'_>) {
    let errors = &answer.coverage.unexplained_errors;
    for error in errors.iter().take(ERRORS) {
        let said = format!(
            "Not explained: {} {} to {}, first in packet {}",
            error.count,
            if error.count == 1 { "reply" } else { "replies" },
            error.command,
            page.packet(error.first.at)
        );
        line(
            text,
            &wrapped(
                &format!("{said}: {}", printable(&error.text)),
                WIDTH,
                "",
                "  ",
            ),
        );
    }
    let unsaid = errors.len().saturating_sub(ERRORS) as u64;
    if unsaid > 0 {
        line(
            text,
            &format!(
                "and {} that no rule explains",
                plural(unsaid, "more error text")
            ),
        );
    }
}
