//! The rule catalogue as text, JSON and Markdown.

use super::text::wrapped;
use crate::rules::RuleInfo;
use serde::Serialize;
use std::io::{self, Write};

const WIDTH: usize = 80;

/// The formats of `redorder rules`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CatalogueFormat {
    /// For people.
    #[default]
    Text,
    /// One array, or one object for one rule.
    Json,
    /// The text of `docs/RULES.md`.
    Markdown,
}

impl CatalogueFormat {
    /// Every format, in help order.
    pub const ALL: [CatalogueFormat; 3] = [
        CatalogueFormat::Text,
        CatalogueFormat::Json,
        CatalogueFormat::Markdown,
    ];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            CatalogueFormat::Text => "text",
            CatalogueFormat::Json => "json",
            CatalogueFormat::Markdown => "markdown",
        }
    }
}

/// Writes the catalogue: in text one line a rule, in JSON everything. Markdown is the document of all rules.
///
/// # Errors
/// What the writer says.
pub fn write_catalogue(
    out: &mut impl Write,
    rules: &[&RuleInfo],
    format: CatalogueFormat,
) -> io::Result<()> {
    match format {
        CatalogueFormat::Text => list(out, rules),
        CatalogueFormat::Json => {
            let published: Vec<Rule<'_>> = rules.iter().map(|r| Rule::new(r)).collect();
            json(out, &published)
        }
        CatalogueFormat::Markdown => out.write_all(crate::rules::markdown().as_bytes()),
    }
}

/// Writes everything that is known of one rule.
///
/// # Errors
/// What the writer says.
pub fn write_rule(
    out: &mut impl Write,
    rule: &RuleInfo,
    format: CatalogueFormat,
) -> io::Result<()> {
    match format {
        CatalogueFormat::Text => text(out, rule),
        CatalogueFormat::Json => json(out, &Rule::new(rule)),
        CatalogueFormat::Markdown => markdown(out, rule),
    }
}

fn list(out: &mut impl Write, rules: &[&RuleInfo]) -> io::Result<()> {
    let name = rules.iter().map(|r| r.name.len()).max().unwrap_or(0);
    let indent = " ".repeat(name + 11);
    for rule in rules {
        let first = format!("{:<name$}  {:<7}  ", rule.name, rule.severity.name());
        let lines = wrapped(rule.summary, WIDTH, &first, &indent);
        writeln!(out, "{lines}")?;
    }
    Ok(())
}

fn text(out: &mut impl Write, rule: &RuleInfo) -> io::Result<()> {
    writeln!(out, "{} ({})", rule.name, rule.severity.name())?;
    writeln!(out, "{}", wrapped(rule.summary, WIDTH, "", ""))?;
    for (heading, body) in sections(rule) {
        writeln!(out, "\n{heading}")?;
        for paragraph in body.lines() {
            let lines = match heading {
                "Example" => format!("  {paragraph}"),
                _ => wrapped(paragraph, WIDTH, "  ", "  "),
            };
            writeln!(out, "{}", lines.trim_end())?;
        }
    }
    if !rule.references.is_empty() {
        writeln!(out, "\nReferences")?;
    }
    for reference in rule.references {
        writeln!(out, "  {reference}")?;
    }
    writeln!(out, "\nSource: {}", rule.file)
}

fn markdown(out: &mut impl Write, rule: &RuleInfo) -> io::Result<()> {
    writeln!(out, "## `{}` ({})\n", rule.name, rule.severity.name())?;
    writeln!(out, "{}", rule.summary)?;
    for (heading, body) in sections(rule) {
        writeln!(out, "\n### {heading}\n")?;
        match heading {
            "Example" => writeln!(out, "```text\n{}\n```", body.trim_end())?,
            _ => writeln!(out, "{}", body.trim_end())?,
        }
    }
    if !rule.references.is_empty() {
        writeln!(out, "\n### References\n")?;
    }
    for reference in rule.references {
        writeln!(out, "- <{reference}>")?;
    }
    writeln!(out, "\nSource: `{}`", rule.file)
}

fn sections(rule: &RuleInfo) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    [
        ("What it means", rule.explanation),
        ("Example", rule.example),
        ("Silent when", rule.silent_when),
        ("What to do", rule.advice),
    ]
    .into_iter()
    .filter(|(_, body)| !body.trim().is_empty())
}

#[derive(Serialize)]
struct Rule<'a> {
    name: &'a str,
    severity: &'a str,
    summary: &'a str,
    explanation: &'a str,
    example: &'a str,
    silent_when: &'a str,
    advice: &'a str,
    references: &'a [&'a str],
    file: &'a str,
}

impl<'a> Rule<'a> {
    fn new(r: &'a RuleInfo) -> Self {
        Rule {
            name: r.name,
            severity: r.severity.name(),
            summary: r.summary,
            explanation: r.explanation,
            example: r.example,
            silent_when: r.silent_when,
            advice: r.advice,
            references: r.references,
            file: r.file,
        }
    }
}

fn json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    super::json::write_pretty(out, value)?;
    writeln!(out)
}
