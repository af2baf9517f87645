//! One finding in full, ready to be pasted into a ticket.

use super::ladder;
use super::page::{Page, WIDTH};
use super::paint::Meaning;
use super::wrap::{length, wrapped};
use crate::model::plural;
use crate::report::frame_filter;
use crate::rules::{Culprit, Finding, Severity};

/// Connections named one by one; the JSON has up to a hundred.
const CONNECTIONS: usize = 3;
/// Columns of the label in front of a paragraph.
const LABEL: usize = 12;

/// Title, place, ladder, proof, what was not seen, filter; with `explain` what it means and what to do.
pub(super) fn full(text: &mut String, page: &Page<'_>, f: &Finding, explain: bool) {
    title(text, page, f);
    text.push('\n');
    place(text, page, f);
    text.push('\n');
    if !f.exchanges.is_empty() {
        ladder::write(text, page, f);
    }
    if explain && !f.explanation.is_empty() {
        text.push_str(&wrapped(f.explanation, WIDTH, "  ", "  "));
        text.push_str("\n\n");
    }
    labelled(text, page, "proof", std::slice::from_ref(&f.proof.text));
    labelled(text, page, "not seen", &f.not_seen);
    labelled(text, page, "note", &f.notes);
    if explain {
        labelled(text, page, "advice", &f.advice);
    }
    labelled(text, page, "measured", &measures(f));
    filter(text, page, f);
}

/// `ERROR auth-race, certain, by the server 10.0.0.2:6379` and the title below it.
fn title(text: &mut String, page: &Page<'_>, f: &Finding) {
    let severity = f.severity.name().to_uppercase();
    text.push_str(&page.paint.of(Meaning::of(f.severity), &severity));
    let head = format!(" {}, {}, {}", f.rule, f.confidence.name(), culprit(f));
    text.push_str(&page.paint.of(Meaning::Heading, &head));
    text.push('\n');
    text.push_str(&wrapped(&f.title, WIDTH, "", "  "));
    text.push('\n');
}

fn culprit(f: &Finding) -> String {
    let (by, about) = match f.culprit {
        Culprit::Client => ("by the client", "about the client"),
        Culprit::Proxy => ("by the proxy", "about the proxy"),
        Culprit::Redis => ("by Redis", "about Redis"),
        Culprit::Server => ("by the server", "about the server"),
        Culprit::Network => ("by the network", "about the network"),
        Culprit::AuthService => ("by the auth service", "about the auth service"),
        Culprit::Capture => return "about the capture itself".to_owned(),
        Culprit::Unknown if f.severity == Severity::Note => return "nobody is to blame".to_owned(),
        Culprit::Unknown => return "by whom is not decidable here".to_owned(),
    };
    // What is legal is nobody's fault.
    let who = match f.severity {
        Severity::Note => about,
        Severity::Warning | Severity::Error => by,
    };
    match f.culprit_endpoint {
        Some(end) => format!("{who} {end}"),
        None => who.to_owned(),
    }
}

fn place(text: &mut String, page: &Page<'_>, f: &Finding) {
    for id in f.connections.iter().take(CONNECTIONS) {
        text.push_str(&format!("  {}\n", page.connection(*id)));
    }
    let named = f.connections.len().min(CONNECTIONS) as u64;
    let more = f.connections_total.saturating_sub(named);
    if more > 0 {
        text.push_str(&format!("  and {}\n", plural(more, "more connection")));
    }
    let mut when = format!(
        "  {}, packet {}",
        page.time(f.first.time),
        page.packet(f.first.at)
    );
    if f.last.at != f.first.at {
        when.push_str(&format!(" to {}", page.packet(f.last.at)));
    }
    if f.affected > 0 {
        when.push_str(&format!("; {} hit", plural(f.affected, "command")));
    }
    text.push_str(&when);
    text.push('\n');
}

/// `  proof     The reply of …`, one paragraph an item; numbered when there are several.
fn labelled(text: &mut String, page: &Page<'_>, label: &str, items: &[impl AsRef<str>]) {
    let several = items.len() > 1;
    let rest = " ".repeat(if several { LABEL + 3 } else { LABEL });
    for (n, item) in items
        .iter()
        .map(AsRef::as_ref)
        .filter(|i| !i.is_empty())
        .enumerate()
    {
        let label = if n == 0 { label } else { "" };
        let number = match several {
            true => format!("{}. ", n + 1),
            false => String::new(),
        };
        let plain = format!("  {label:<width$}{number}", width = LABEL - 2);
        let lines = wrapped(item, WIDTH, &plain, &rest);
        let body = lines.get(plain.len()..).unwrap_or_default();
        let painted = page.paint.of(Meaning::Heading, label);
        let gap = " ".repeat((LABEL - 2).saturating_sub(length(label)));
        text.push_str(&format!("  {painted}{gap}{number}{body}\n"));
    }
}

fn measures(f: &Finding) -> Vec<String> {
    let one = |(name, value): &(&str, i64)| match name.strip_suffix("_ns") {
        Some(name) => format!("{name} {}", crate::model::span(*value)),
        None => format!("{name} {value}"),
    };
    let all: Vec<String> = f.measures.iter().map(one).collect();
    match all.is_empty() {
        true => Vec::new(),
        false => vec![all.join(", ")],
    }
}

/// What a second cause of the same rule needs: the rest stands in the block of the first.
pub(super) fn brief(text: &mut String, page: &Page<'_>, f: &Finding) {
    title(text, page, f);
    text.push('\n');
    place(text, page, f);
    text.push('\n');
    labelled(text, page, "proof", std::slice::from_ref(&f.proof.text));
    filter(text, page, f);
}

/// The filter stays on one line, however long: it is there to be copied.
fn filter(text: &mut String, page: &Page<'_>, f: &Finding) {
    let label = page.paint.of(Meaning::Heading, "wireshark");
    if page.several_inputs {
        text.push_str(&format!("            in input [{}]:\n", f.first.at.file()));
    }
    text.push_str(&format!("  {label} {}\n", frame_filter(f)));
}
