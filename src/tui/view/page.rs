//! Text in lines of one width: sections, facts behind their names, paragraphs.

use super::text;
use crate::tui::model::Model;
use crate::tui::theme::Meaning;
use ratatui::text::{Line, Span};

/// Columns of the names in front of the facts.
const NAME_COLUMNS: usize = 12;

/// A text that grows.
pub(super) struct Page<'a> {
    pub(super) model: &'a Model,
    pub(super) width: usize,
    pub(super) lines: Vec<Line<'static>>,
}

impl<'a> Page<'a> {
    /// An empty one in lines of at most `width` columns.
    pub(super) fn new(model: &'a Model, width: usize) -> Page<'a> {
        Page {
            model,
            width,
            lines: Vec::new(),
        }
    }

    /// A section with a title; none without text.
    pub(super) fn section(&mut self, title: &str, parts: &[impl AsRef<str>]) {
        if parts.iter().all(|part| part.as_ref().is_empty()) {
            return;
        }
        self.title(title);
        for part in parts {
            self.indented("  ", part.as_ref());
        }
    }

    /// A heading, below an empty line.
    pub(super) fn title(&mut self, title: &str) {
        if !self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        self.say(title, Meaning::Heading);
    }

    /// A fact behind its name.
    pub(super) fn fact(&mut self, name: &str, fact: &str) {
        if self.width < NAME_COLUMNS * 2 {
            return self.indented("", &format!("{name}: {fact}"));
        }
        let quiet = self.model.theme.style(Meaning::Quiet);
        let fact = self.model.lens.say(fact);
        for (n, part) in text::wrap(&fact, self.width - NAME_COLUMNS)
            .into_iter()
            .enumerate()
        {
            let name = if n == 0 { name } else { "" };
            let name = Span::styled(text::fit(name, NAME_COLUMNS), quiet);
            self.lines.push(Line::from(vec![name, Span::raw(part)]));
        }
    }

    /// Text from the left edge.
    pub(super) fn say(&mut self, said: &str, meaning: Meaning) {
        let style = self.model.theme.style(meaning);
        let said = self.model.lens.say(said);
        let wrapped = text::wrap(&said, self.width);
        self.lines.extend(
            wrapped
                .into_iter()
                .map(|l| Line::from(Span::styled(l, style))),
        );
    }

    /// Text behind `indent`.
    pub(super) fn indented(&mut self, indent: &str, said: &str) {
        let said = self.model.lens.say(said);
        let wrapped = text::wrap(&said, self.width.saturating_sub(indent.len()));
        self.lines.extend(
            wrapped
                .into_iter()
                .map(|l| Line::from(format!("{indent}{l}"))),
        );
    }
}
