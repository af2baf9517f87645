//! The comparison for people: a verdict, then tables, in plain text or in Markdown.

use super::comparison::{CauseRow, Change, ClientSide, Comparison, Extent, Side};
use crate::analyzer::{EndpointReport, LatencySummary};
use crate::model::span;
use crate::report::text::{printable, wrapped};
use std::io::{self, Write};

const WIDTH: usize = 80;

/// A table: its title, the names of its columns, its rows.
struct Table {
    title: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

pub(super) fn write(out: &mut impl Write, c: &Comparison<'_>) -> io::Result<()> {
    for sentence in sentences(c) {
        writeln!(out, "{}", wrapped(&sentence, WIDTH, "", "  "))?;
    }
    for table in tables(c) {
        writeln!(out, "\n{}", table.title)?;
        let width = |n: usize| {
            let cells = table
                .rows
                .iter()
                .filter_map(|r| r.get(n))
                .map(|cell| cell.chars().count());
            let head = table.columns.get(n).map_or(0, |head| head.chars().count());
            cells.max().unwrap_or(0).max(head)
        };
        let line = |cells: &[String]| {
            let padded = cells
                .iter()
                .enumerate()
                .map(|(n, cell)| format!("{cell:w$}", w = width(n)));
            padded.collect::<Vec<_>>().join("  ")
        };
        let head: Vec<String> = table.columns.iter().map(|c| (*c).to_owned()).collect();
        for row in std::iter::once(&head).chain(&table.rows) {
            writeln!(out, "  {}", line(row).trim_end())?;
        }
    }
    out.flush()
}

pub(super) fn write_markdown(out: &mut impl Write, c: &Comparison<'_>) -> io::Result<()> {
    for (n, sentence) in sentences(c).iter().enumerate() {
        let sentence = sentence.replace('|', "\\|").replace('<', "&lt;");
        match n {
            0 => writeln!(out, "**{sentence}**\n")?,
            _ => writeln!(out, "{sentence}\n")?,
        }
    }
    for table in tables(c) {
        writeln!(out, "| {} |", table.columns.join(" | "))?;
        writeln!(out, "|{}", "---|".repeat(table.columns.len()))?;
        for row in &table.rows {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| cell.replace('|', "\\|").replace('<', "&lt;"))
                .collect();
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
        writeln!(out)?;
    }
    out.flush()
}

fn sentences(c: &Comparison<'_>) -> Vec<String> {
    let mut said = vec![match c.verdict() {
        "worse" => {
            "Worse: a fault is new, surer, or hits a larger share of connections.".to_owned()
        }
        "better" => "Better: a fault is gone or hits a smaller share of connections.".to_owned(),
        "not proven" => {
            "Not proven: the second capture has no connection to a server that was at fault."
                .to_owned()
        }
        "same" => "The same faults, or none in both.".to_owned(),
        _ => "Nothing to compare: one of the captures holds no Redis command that was judged."
            .to_owned(),
    }];
    for (name, side) in [("BEFORE", c.before), ("AFTER", c.after)] {
        said.push(input(name, side, c));
    }
    said
}

/// `BEFORE a.pcap: 38 commands on 14 connections judged; not judged: gaps 2`
fn input(name: &str, side: &Side, c: &Comparison<'_>) -> String {
    let coverage = c.coverage(side);
    let paths: Vec<String> = side
        .inputs
        .iter()
        .map(|i| printable(&i.path).into_owned())
        .collect();
    let mut said = format!(
        "{name} {}: {} commands on {} connections judged",
        paths.join(", "),
        coverage.commands,
        coverage.connections
    );
    if !coverage.not_judged.is_empty() {
        let missing = coverage.not_judged.iter();
        let missing: Vec<String> = missing
            .map(|(kind, n)| format!("{} {n}", kind.replace('_', " ")))
            .collect();
        said.push_str(&format!("; not judged: {}", missing.join(", ")));
    }
    if side.summary.totals.skipped.contains_key("filtered") {
        said.push_str("; packets were left out by filters");
    }
    said
}

fn tables(c: &Comparison<'_>) -> Vec<Table> {
    let tables = [causes(c), clients(c), servers(c)];
    tables.into_iter().filter(|t| !t.rows.is_empty()).collect()
}

fn causes(c: &Comparison<'_>) -> Table {
    let row = |row: &CauseRow| {
        let after = match row.change() {
            Change::NotSeen => "no connection to it".to_owned(),
            Change::Gone => format!("0 of {}", row.after_of),
            _ => extent(row.after),
        };
        vec![
            row.change().name().to_owned(),
            row.rule.to_owned(),
            row.place.to_string(),
            extent(row.before),
            after,
        ]
    };
    Table {
        title: "Causes: connections hit",
        columns: vec!["", "rule", "where", "before", "after"],
        rows: c.causes.iter().map(row).collect(),
    }
}

fn extent(extent: Option<Extent>) -> String {
    extent.map_or_else(
        || "-".to_owned(),
        |e| format!("{} of {}, {}", e.connections, e.of, e.confidence.name()),
    )
}

fn clients(c: &Comparison<'_>) -> Table {
    let row = |(name, [before, after]): (String, [ClientSide; 2])| {
        let cell = |s: ClientSide| format!("{} of {}", s.refused, s.connections);
        let exposed = |s: ClientSide| s.exposed.to_string();
        vec![
            printable(&name).into_owned(),
            cell(before),
            cell(after),
            exposed(before),
            exposed(after),
        ]
    };
    Table {
        title: "Clients: refused behind an accepted AUTH; sent before AUTH was answered (early)",
        columns: vec!["client", "refused before", "after", "early before", "after"],
        rows: c.clients().into_iter().map(row).collect(),
    }
}

fn servers(c: &Comparison<'_>) -> Table {
    let of = |e: Option<&EndpointReport>, pick: fn(&EndpointReport) -> Option<LatencySummary>| {
        let latency = e.and_then(pick);
        latency.map_or_else(
            || "-".to_owned(),
            |l| format!("{} / {}", span(l.p50_ns), span(l.max_ns)),
        )
    };
    let row =
        |(address, before, after): (&str, Option<&EndpointReport>, Option<&EndpointReport>)| {
            vec![
                address.to_owned(),
                of(before, |e| e.auth_latency),
                of(after, |e| e.auth_latency),
                of(before, |e| e.latency),
                of(after, |e| e.latency),
            ]
        };
    Table {
        title: "Servers: median / longest",
        columns: vec!["server", "AUTH before", "after", "others before", "after"],
        rows: c.servers().into_iter().map(row).collect(),
    }
}
