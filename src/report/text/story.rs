//! Findings in order, those of one story together: the first in full, the others in short.

use super::Page;
use super::finding;
use super::paint::Meaning;
use super::wrap::plural;
use crate::rules::Finding;
use std::collections::BTreeMap;

/// Findings of one rule and server shown in full, without `-v`.
const FULL: usize = 3;
/// Findings of one story shown in a line each, without `-v`.
const LINES: usize = 5;

/// Writes every finding, and says how many are only counted.
pub(super) fn write(text: &mut String, page: &Page<'_>, findings: &[&Finding]) {
    for story in stories(page, findings) {
        let (full, rest) = story
            .findings
            .split_at(story.full.min(story.findings.len()));
        for f in full {
            finding::full(text, page, f);
            text.push('\n');
        }
        if !rest.is_empty() {
            short(text, page, &story, rest);
        }
    }
}

/// Findings that belong together, and how many of them are worth a page.
struct Story<'f> {
    findings: Vec<&'f Finding>,
    full: usize,
    title: &'static str,
}

fn stories<'f>(page: &Page<'_>, findings: &[&'f Finding]) -> Vec<Story<'f>> {
    let mut stories: Vec<Story<'f>> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for f in findings {
        let (key, full, title) = match &f.group {
            Some(group) => (format!("group {group}"), 1, "of the same story"),
            None => (likeness(f), FULL, "like these"),
        };
        let full = if page.verbose { usize::MAX } else { full };
        let at = *known.entry(key).or_insert(stories.len());
        match stories.get_mut(at) {
            Some(story) => story.findings.push(f),
            None => stories.push(Story {
                findings: vec![f],
                full,
                title,
            }),
        }
    }
    stories
}

fn likeness(f: &Finding) -> String {
    let server = f.server.map(|s| s.to_string()).unwrap_or_default();
    format!("like {} {} {server}", f.severity.name(), f.rule)
}

fn short(text: &mut String, page: &Page<'_>, story: &Story<'_>, rest: &[&Finding]) {
    let n = rest.len() as u64;
    let head = format!("  {} {}:", plural(n, "more finding"), story.title);
    text.push_str(&page.paint.of(Meaning::Heading, &head));
    text.push('\n');
    for f in rest.iter().take(LINES) {
        finding::line(text, page, f);
    }
    let unsaid = rest.len().saturating_sub(LINES);
    if unsaid > 0 {
        text.push_str(&format!("    and {unsaid} more (-v shows them all)\n"));
    }
    text.push('\n');
}
