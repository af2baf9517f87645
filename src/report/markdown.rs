//! `--format markdown`: the answer in at most forty lines, to be pasted into an issue.

use super::answer::Answer;
use super::text::{extent, good_news, plain_ladder, unjudged, who};
use super::{Kept, Options, Report};
use crate::analyzer::{Event, Summary};
use crate::model::{Direction, is_unprintable};
use crate::rules::{Finding, ladder};
use crate::source::InputReport;
use std::io::{self, Write};

/// Rows of the table.
const CAUSES: usize = 5;
/// Lines of the ladder.
const LADDER: usize = 9;
/// Messages of the diagram.
const MESSAGES: usize = 6;

/// Keeps findings and connections and writes the answer at the end.
#[derive(Debug)]
pub struct MarkdownReport<W> {
    out: W,
    options: Options,
    kept: Kept,
}

impl<W: Write> MarkdownReport<W> {
    /// A report that writes to `out`.
    pub fn new(out: W, options: Options) -> Self {
        MarkdownReport {
            out,
            kept: Kept::new(options.findings, options.connections),
            options,
        }
    }
}

impl<W: Write> Report for MarkdownReport<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.kept.apply(event);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary, inputs: &[InputReport]) -> io::Result<()> {
        self.kept.end();
        let answer = Answer::new(&self.kept, &self.options, summary, inputs);
        let mut text = String::new();
        headline(&mut text, &answer);
        table(&mut text, &answer);
        if let Some(best) = answer.faults().next().map(|cause| &cause.best) {
            example(&mut text, best, &self.kept, inputs.len() > 1);
        }
        origin(&mut text, &answer, &self.options);
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

fn headline(text: &mut String, answer: &Answer<'_>) {
    let said = match answer.faults().next() {
        Some(cause) => format!(
            "{}, {}, {}: {}",
            cause.rule,
            cause.confidence.name(),
            who(cause),
            extent(cause)
        ),
        None => good_news(answer).replace("\n  ", " "),
    };
    text.push_str(&format!("**{}**\n\n", escaped(&said)));
    if let Some(said) = unjudged(answer) {
        text.push_str(&format!("{}\n\n", escaped(&said)));
    }
}

fn table(text: &mut String, answer: &Answer<'_>) {
    if answer.causes.is_empty() {
        return;
    }
    text.push_str(
        "| severity | rule | confidence | who | connections | commands | first packet |\n",
    );
    text.push_str("|---|---|---|---|---|---|---|\n");
    for c in answer.causes.iter().take(CAUSES) {
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} of {} | {} | {} |\n",
            c.severity.name(),
            c.rule,
            c.confidence.name(),
            escaped(&who(c)),
            c.connections,
            c.connections_of,
            c.affected,
            c.first.at.number(),
        ));
    }
    text.push('\n');
}

fn example(text: &mut String, best: &Finding, kept: &Kept, several: bool) {
    let rungs = plain_ladder(best, kept, several);
    let rungs: Vec<&str> = rungs
        .lines()
        .filter(|l| !l.trim().is_empty())
        .take(LADDER)
        .collect();
    if !rungs.is_empty() {
        text.push_str(&format!("```text\n{}\n```\n\n", rungs.join("\n")));
        diagram(text, best);
    }
    text.push_str(&format!("Proof: {}\n\n", escaped(&best.proof.text)));
    if !best.not_seen.is_empty() {
        text.push_str(&format!(
            "Not seen: {}\n\n",
            escaped(&best.not_seen.join(" "))
        ));
    }
}

fn diagram(text: &mut String, best: &Finding) {
    text.push_str("```mermaid\nsequenceDiagram\n");
    for row in ladder(best).iter().take(MESSAGES) {
        let arrow = match row.direction {
            Direction::ToServer => "client->>server",
            Direction::ToClient => "server->>client",
        };
        text.push_str(&format!("    {arrow}: {}\n", message(&row.text)));
    }
    text.push_str("```\n\n");
}

/// Without the characters that end or link a message in Mermaid.
fn message(text: &str) -> String {
    let safe = |c: char| match c {
        '<' => '(',
        '>' => ')',
        ';' | '#' | '`' | '%' => ' ',
        c if is_unprintable(c) => ' ',
        c => c,
    };
    text.chars().take(60).map(safe).collect()
}

fn origin(text: &mut String, answer: &Answer<'_>, options: &Options) {
    let version = env!("CARGO_PKG_VERSION");
    text.push_str(&format!("redorder {version}"));
    if !options.command_line.is_empty() {
        text.push_str(&format!(", `{}`", options.command_line.replace('`', "'")));
    }
    for input in answer.inputs {
        text.push_str(&format!(
            ", {} packets of {}",
            input.packets,
            escaped(&input.path)
        ));
        let mut hashes = options.hashes.iter();
        if let Some((_, hash)) = hashes.find(|(path, _)| *path == input.path) {
            text.push_str(&format!(" ({hash})"));
        }
    }
    text.push('\n');
}

/// Text that Markdown leaves as it is: no links to issues, no tags, no broken table.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' if safe.ends_with(char::is_alphanumeric) => safe.push_str(" no. "),
            '#' => safe.push_str("no. "),
            '<' => safe.push_str("&lt;"),
            '|' | '*' | '_' | '`' | '@' => {
                safe.push('\\');
                safe.push(c);
            }
            c if is_unprintable(c) => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
