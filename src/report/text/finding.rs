//! One finding in full, ready to be pasted into a ticket; and in one line, for the many like it.

use super::paint::Meaning;
use super::wrap::{fitted, length, plural, printable, wrapped};
use super::{Page, WIDTH, ladder};
use crate::report::frame_filter;
use crate::rules::{Culprit, Finding};

/// Connections named one by one; the JSON has up to a hundred.
const CONNECTIONS: usize = 3;
/// Columns of the label in front of a paragraph.
const LABEL: usize = 12;

/// Title, place, ladder, proof, what was not seen, advice, filter.
pub(super) fn full(text: &mut String, page: &Page<'_>, f: &Finding) {
    title(text, page, f);
    text.push('\n');
    place(text, page, f);
    text.push('\n');
    if !f.exchanges.is_empty() {
        ladder::write(text, page, f);
    }
    if !f.explanation.is_empty() {
        text.push_str(&wrapped(&f.explanation, WIDTH, "  ", "  "));
        text.push_str("\n\n");
    }
    labelled(text, page, "proof", std::slice::from_ref(&f.proof.text));
    labelled(text, page, "not seen", &f.not_seen);
    labelled(text, page, "note", &f.notes);
    labelled(text, page, "advice", &f.advice);
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
    let who = match f.culprit {
        Culprit::Client => "by the client",
        Culprit::Proxy => "by the proxy",
        Culprit::Redis => "by Redis",
        Culprit::Server => "by the server",
        Culprit::Network => "by the network",
        Culprit::AuthService => "by the auth service",
        Culprit::Capture => return "about the capture itself".to_owned(),
        Culprit::Unknown => return "by whom is not decidable here".to_owned(),
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
fn labelled(text: &mut String, page: &Page<'_>, label: &str, items: &[String]) {
    let several = items.len() > 1;
    let rest = " ".repeat(if several { LABEL + 3 } else { LABEL });
    for (n, item) in items.iter().filter(|i| !i.is_empty()).enumerate() {
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

/// The filter stays on one line, however long: it is there to be copied.
fn filter(text: &mut String, page: &Page<'_>, f: &Finding) {
    let label = page.paint.of(Meaning::Heading, "wireshark");
    if page.several_inputs {
        text.push_str(&format!("            in input [{}]:\n", f.first.at.file()));
    }
    text.push_str(&format!("  {label} {}\n", frame_filter(f)));
}

/// `  warning auth-race  10.0.0.1:40000 -> 10.0.0.2:6379  #40  2 commands`
pub(super) fn line(text: &mut String, page: &Page<'_>, f: &Finding) {
    let severity = page.paint.of(Meaning::of(f.severity), f.severity.name());
    let who = match (f.client, f.server) {
        (Some(client), Some(server)) => format!("{client} -> {server}"),
        (Some(end), None) | (None, Some(end)) => end.to_string(),
        (None, None) => printable(&f.title).into_owned(),
    };
    let head = format!("{} {}  ", f.rule, f.confidence.name());
    let tail = format!("  packet {}", page.packet(f.first.at));
    let used = 4 + f.severity.name().len() + 1 + length(&head) + length(&tail);
    let who = fitted(&who, WIDTH.saturating_sub(used));
    text.push_str(&format!("    {severity} {head}{who}{tail}\n"));
}
