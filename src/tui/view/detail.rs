//! The selected finding: verdict, ladder, proof, what was not seen, advice.

use super::pane::{self, heading};
use super::{ladder, losses, text};
use crate::model::PacketRef;
use crate::rules::Finding;
use crate::tui::layout::inner;
use crate::tui::model::{Focus, Model, Stage};
use crate::tui::theme::{Meaning, glyph};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::collections::BTreeMap;

/// Columns of the names in front of the facts.
const NAME_COLUMNS: usize = 12;

/// Draws the details from `model.scroll` on.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let inside = inner(area);
    let rows = usize::from(inside.height);
    let lines = lines(model, usize::from(inside.width));
    let top = model.scroll.min(lines.len().saturating_sub(rows));
    let below = lines.len().saturating_sub(top + rows);
    let title = match model.findings.selected() {
        Some((row, _)) => {
            let all = text::count(model.findings.shown_len());
            format!("Finding {} of {all}", text::count(row + 1))
        }
        None => "Capture".to_owned(),
    };
    let title = match below {
        0 => title,
        below => format!("{title} · {} below", text::many(below, "line")),
    };
    heading(frame, model, area, Focus::Details, &title);
    pane::lines(
        frame,
        inside,
        lines.into_iter().skip(top).take(rows).collect(),
    );
}

/// The whole text in lines of at most `width` columns.
pub(in crate::tui) fn lines(model: &Model, width: usize) -> Vec<Line<'static>> {
    let mut page = Page {
        model,
        width,
        lines: Vec::new(),
    };
    if let Some((_, finding)) = model.findings.selected() {
        page.verdict(finding);
        page.facts(finding);
        page.evidence(finding);
    }
    if let Stage::Failed(reason) = &model.stage {
        page.section("The analysis stopped early", std::slice::from_ref(reason));
    }
    page.section("Not read or not judged", &losses::of(model));
    page.lines
}

struct Page<'a> {
    model: &'a Model,
    width: usize,
    lines: Vec<Line<'static>>,
}

impl Page<'_> {
    fn verdict(&mut self, finding: &Finding) {
        let (severity, confidence) = (finding.severity, finding.confidence.name());
        let open = !finding.is_final && self.model.stage == Stage::Reading;
        let open = if open { " · may still change" } else { "" };
        let verdict = format!(
            "{} {} · {confidence} · {}{open}",
            glyph(severity),
            severity.name(),
            finding.rule
        );
        self.say(&verdict, Meaning::Severity(severity));
        self.say(&finding.title, Meaning::Heading);
    }

    fn facts(&mut self, finding: &Finding) {
        let culprit = match finding.culprit_endpoint {
            Some(end) => format!("{} {end}", finding.culprit.name()),
            None => finding.culprit.name().to_owned(),
        };
        self.fact("who", &culprit);
        self.fact("connection", &self.connection(finding));
        let (first, last) = (finding.first, finding.last);
        let mut when = format!(
            "{} UTC, packet {}",
            text::moment(first.time),
            ladder::packet(first.at)
        );
        if last != first {
            let later = text::offset(last.time.since(first.time));
            when = format!("{when}; last {later}, packet {}", ladder::packet(last.at));
        }
        self.fact("first", &when);
        self.fact("affected", &text::many(finding.affected, "command"));
    }

    /// The ends of the first connection, and what is known of it.
    fn connection(&self, finding: &Finding) -> String {
        let end = |end: Option<crate::model::Endpoint>| match end {
            Some(end) => end.to_string(),
            None => "?".to_owned(),
        };
        let mut said = format!("{} → {}", end(finding.client), end(finding.server));
        let report = finding
            .connections
            .first()
            .and_then(|id| self.model.connections.get(id));
        if let Some(report) = report {
            let streams = report.vantages.iter().filter_map(|v| v.tcp_stream);
            if let Some(stream) = streams.take(1).next() {
                said.push_str(&format!(", tcp.stream {stream}"));
            }
            if report.midstream {
                said.push_str(", its start is not in the capture");
            }
        }
        match finding.connections_total.saturating_sub(1) {
            0 => said,
            more => format!("{said}; and {} more", text::count(more)),
        }
    }

    fn evidence(&mut self, finding: &Finding) {
        if !finding.exchanges.is_empty() {
            self.title("Ladder (client ▶ server)");
            let ladder = ladder::lines(self.model, finding, self.width);
            self.lines.extend(ladder);
        }
        let mut proof = vec![finding.proof.text.clone()];
        proof.extend(
            finding
                .proof
                .values
                .iter()
                .map(|(name, n)| format!("{name} = {n}")),
        );
        proof.retain(|part| !part.is_empty());
        self.section("Proof", &proof);
        self.section("Not seen", &finding.not_seen);
        self.section("What it means", std::slice::from_ref(&finding.explanation));
        self.section("Advice", &finding.advice);
        self.section("Notes", &finding.notes);
        self.section("Wireshark filter", &self.wireshark(finding));
    }

    /// One display filter for each input the finding has packets in.
    fn wireshark(&self, finding: &Finding) -> Vec<String> {
        let mut files: BTreeMap<u16, Vec<u64>> = BTreeMap::new();
        for at in packets(finding) {
            files.entry(at.file()).or_default().push(at.number());
        }
        let several = files.len() > 1 || self.model.inputs.len() > 1;
        let filters = files.into_iter().map(|(file, mut numbers)| {
            numbers.sort_unstable();
            numbers.dedup();
            let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
            let filter = format!("frame.number in {{{}}}", numbers.join(", "));
            match self.model.inputs.get(usize::from(file)) {
                Some(input) if several => format!("{}: {filter}", input.path),
                None if several => format!("input {}: {filter}", file.saturating_add(1)),
                _ => filter,
            }
        });
        filters.collect()
    }

    /// A section with a title; none without text.
    fn section(&mut self, title: &str, parts: &[impl AsRef<str>]) {
        if parts.iter().all(|part| part.as_ref().is_empty()) {
            return;
        }
        self.title(title);
        for part in parts {
            self.indented("  ", part.as_ref());
        }
    }

    fn title(&mut self, title: &str) {
        if !self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        self.say(title, Meaning::Heading);
    }

    fn fact(&mut self, name: &str, fact: &str) {
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

    fn say(&mut self, said: &str, meaning: Meaning) {
        let style = self.model.theme.style(meaning);
        let said = self.model.lens.say(said);
        let wrapped = text::wrap(&said, self.width);
        self.lines.extend(
            wrapped
                .into_iter()
                .map(|l| Line::from(Span::styled(l, style))),
        );
    }

    fn indented(&mut self, indent: &str, said: &str) {
        let said = self.model.lens.say(said);
        let wrapped = text::wrap(&said, self.width.saturating_sub(indent.len()));
        self.lines.extend(
            wrapped
                .into_iter()
                .map(|l| Line::from(format!("{indent}{l}"))),
        );
    }
}

/// Every packet that a finding rests on.
fn packets(finding: &Finding) -> impl Iterator<Item = PacketRef> {
    let proof = finding.proof.packets.iter().copied();
    let exchanges = finding.exchanges.iter().flat_map(|exchange| {
        let received = exchange.received.map(|moment| moment.at);
        [Some(exchange.sent.at), received].into_iter().flatten()
    });
    proof.chain(exchanges).chain([finding.first.at])
}
