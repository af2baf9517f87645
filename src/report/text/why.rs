//! Why it depends on the order of connecting: a client's connections, what they show, what would help.

use super::page::{Page, WIDTH};
use super::paint::Meaning;
use super::wrap::{length, printable, wrapped};
use crate::analyzer::ClientConnection;
use crate::model::plural;
use crate::report::answer::Answer;
use crate::report::order::{Matter, Order, range, runs};

/// Clients shown without `-v`.
const CLIENTS: usize = 1;
/// Rows of one client without `-v`.
const ROWS: usize = 6;
/// The names of the columns.
const HEAD: [&str; 5] = [
    "connection",
    "server",
    "gap behind AUTH",
    "AUTH took",
    "outcome",
];

/// The clients that lost a race; without one, the client that was exposed most.
pub(super) fn write(text: &mut String, page: &Page<'_>, answer: &Answer<'_>) {
    let told: Vec<&Order<'_>> = answer
        .orders
        .iter()
        .filter(|o| o.refused + o.exposed > 0)
        .collect();
    let hit = told.iter().filter(|o| o.refused > 0).count();
    let most = if page.verbose { usize::MAX } else { CLIENTS };
    for order in told.iter().take(most) {
        client(text, page, order);
    }
    let unsaid = match hit {
        0 => 0,
        hit => hit.saturating_sub(most) as u64,
    };
    if unsaid > 0 {
        let more = plural(unsaid, "more client");
        text.push_str(&format!(
            "  The same of {more}: -v, or `clients` in the JSON.\n\n"
        ));
    }
}

fn client(text: &mut String, page: &Page<'_>, order: &Order<'_>) {
    let c = order.client;
    let why = match order.matter {
        Matter::Clean => "Why it went well",
        Matter::Alone | Matter::OtherFault => "AUTH and the command behind it",
        Matter::FirstIsSlow => "Why the order of connecting matters",
        Matter::Nothing => "Why the order of connecting does not matter",
    };
    let mut head = format!("{why}: client {}", c.address);
    if let Some(library) = &c.library {
        // How the library is known stands in `clients` of the JSON.
        let name = library.split(" (").next().unwrap_or(library);
        head.push_str(&format!(", {}", printable(name)));
    }
    if let Some(name) = &c.name {
        head.push_str(&format!(", {name}"));
    }
    text.push_str(
        &page
            .paint
            .of(Meaning::Heading, &wrapped(&head, WIDTH, "", "  ")),
    );
    text.push('\n');
    table(text, page, c.connections, &c.order);
    for sentence in &order.explanation {
        text.push_str(&wrapped(sentence, WIDTH, "  ", "  "));
        text.push('\n');
    }
    for (name, verdict) in &order.workarounds {
        let first = format!("  {name:<8} ");
        text.push_str(&wrapped(verdict, WIDTH, &first, &" ".repeat(11)));
        text.push('\n');
    }
    text.push('\n');
}

fn table(text: &mut String, page: &Page<'_>, total: u64, order: &[ClientConnection]) {
    let with_auth: Vec<ClientConnection> =
        order.iter().filter(|c| c.auth.is_some()).copied().collect();
    let runs = runs(&with_auth);
    let most = if page.verbose { usize::MAX } else { ROWS };
    let shown = runs.get(..runs.len().min(most)).unwrap_or_default();
    let rows: Vec<[String; 5]> = std::iter::once(HEAD.map(str::to_owned))
        .chain(shown.iter().filter_map(|run| row(run)))
        .collect();
    let mut widths = [0; 5];
    for cells in &rows {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = length(cell).max(*width);
        }
    }
    for (n, cells) in rows.iter().enumerate() {
        let line = aligned(cells, &widths);
        match n {
            0 => text.push_str(&page.paint.of(Meaning::Aside, &line)),
            _ => text.push_str(&line),
        }
        text.push('\n');
    }
    let told: u64 = shown.iter().map(|run| run.len() as u64).sum();
    let without = order.len().saturating_sub(with_auth.len()) as u64;
    let more = total.saturating_sub(told + without);
    let rest = match (more, without) {
        (0, 0) => return,
        (0, n) => format!("{} without AUTH", plural(n, "connection")),
        (n, 0) => plural(n, "more connection"),
        (n, without) => format!("{}, {without} without AUTH", plural(n, "more connection")),
    };
    text.push_str(&format!("  and {rest}\n"));
}

/// The cells in their columns; where they do not fit, one behind the other.
fn aligned(cells: &[String; 5], widths: &[usize; 5]) -> String {
    let mut line = String::from(" ");
    for (cell, width) in cells.iter().zip(widths) {
        line.push_str(&format!(" {cell:width$} "));
    }
    let line = line.trim_end();
    match length(line) > WIDTH {
        true => wrapped(&cells.join("  "), WIDTH, "  ", "      "),
        false => line.to_owned(),
    }
}

fn row(run: &[ClientConnection]) -> Option<[String; 5]> {
    let (first, last) = (run.first()?, run.last()?);
    let name = match run.len() {
        1 => format!("#{}", first.connection.0),
        n => format!("#{} … #{} ({n})", first.connection.0, last.connection.0),
    };
    let auths = || run.iter().filter_map(|c| c.auth);
    let gap = range(auths().filter_map(|a| a.gap_ns)).unwrap_or_else(|| "-".to_owned());
    let took = range(auths().filter_map(|a| a.latency_ns)).unwrap_or_else(|| "-".to_owned());
    let outcome = match first.outcome() {
        "refused" => "NOAUTH",
        "no-auth" => "no AUTH",
        "no-command" => "no command",
        "auth-refused" => "AUTH refused",
        "auth-failed" => "AUTH failed",
        "auth-unanswered" => "AUTH not answered",
        "failed" => "another error",
        word => word,
    };
    Some([
        name,
        first.server.to_string(),
        gap,
        took,
        outcome.to_owned(),
    ])
}
