//! How far a run's judgement goes: what was judged, what was not, and why it ended early.

use super::event::{ErrorSeen, Stopped, Summary};
use crate::model::plural;
use std::collections::BTreeMap;

/// Packets that may have held Redis and could not be read, by the reason they are counted under.
const LOST: [&str; 3] = ["cut-before-tcp", "fragment-dropped", "malformed"];

/// What was judged and what was not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Coverage {
    /// The run ended before its input did.
    pub stopped: Option<Stopped>,
    /// Redis connections of which something was read.
    pub connections: u64,
    /// Commands whose reply, or whose lack of one, was judged.
    pub commands: u64,
    /// What was not judged, by kind; only what is more than zero.
    pub not_judged: BTreeMap<&'static str, u64>,
    /// Error replies that no finding speaks of, the most frequent first.
    pub unexplained_errors: Vec<ErrorSeen>,
}

impl Coverage {
    /// Of a run with this summary. `explained`: a finding shows a reply of that text. `damaged`: damaged places of the
    /// inputs. `dropped`: packets that were lost while capturing.
    pub fn of(
        summary: &Summary,
        explained: impl Fn(&str) -> bool,
        damaged: u64,
        dropped: u64,
    ) -> Coverage {
        let totals = &summary.totals;
        let (n, bytes) = (&totals.counts, &totals.stream_bytes);
        let sealed = totals
            .encrypted_connections
            .saturating_sub(totals.decrypted_connections);
        let lost = LOST.iter().filter_map(|reason| totals.skipped.get(reason));
        let not_judged = [
            ("encrypted_connections", sealed),
            ("unrecognised_connections", summary.unrecognised_connections),
            ("one_sided_connections", summary.one_sided_connections),
            ("undecided_commands", n.undecided_commands),
            ("undecided_replies", n.undecided_replies),
            ("unanswered_commands", n.unanswered),
            ("malformed_requests", totals.malformed_requests),
            ("gaps", n.gaps),
            ("unread_bytes", bytes.client.unread + bytes.server.unread),
            ("replication_bytes", bytes.replication()),
            ("dropped_packets", dropped),
            ("unreadable_packets", lost.sum()),
            ("damaged_places", damaged),
            ("limits_hit", totals.limits.values().sum()),
        ];
        let errors = summary.errors.iter();
        let errors = errors.filter(|e| !explained(&e.text)).cloned();
        let mut errors: Vec<ErrorSeen> = errors.collect();
        // Refusals of a login that no case took, although a finding may hold the same text.
        for refused in &summary.unexplained {
            let known = |e: &ErrorSeen| e.text == refused.text && e.command == refused.command;
            if !errors.iter().any(known) {
                errors.push(refused.clone());
            }
        }
        Coverage {
            stopped: summary.stopped,
            connections: totals.redis_connections,
            commands: n.commands.saturating_sub(n.undecided_commands),
            not_judged: not_judged.into_iter().filter(|(_, n)| *n > 0).collect(),
            unexplained_errors: errors,
        }
    }

    /// Everything was read and judged.
    pub fn is_complete(&self) -> bool {
        self.stopped.is_none() && self.not_judged.is_empty()
    }

    /// What was not judged, a part for each kind: `1 encrypted connection (10.0.0.5:6380)`.
    pub fn not_judged_in_words(&self, summary: &Summary) -> Vec<String> {
        let kinds = self.not_judged.iter();
        kinds.map(|(kind, n)| part(kind, *n, summary)).collect()
    }
}

fn part(kind: &str, n: u64, summary: &Summary) -> String {
    match kind {
        "encrypted_connections" => {
            format!("{}{}", plural(n, "encrypted connection"), sealed(summary))
        }
        "one_sided_connections" => format!("{} with one direction only", plural(n, "connection")),
        "undecided_commands" => format!("{} that could not be paired", plural(n, "command")),
        "undecided_replies" if n == 1 => "1 reply that could not be paired".to_owned(),
        "undecided_replies" => format!("{n} replies that could not be paired"),
        "unanswered_commands" => format!("{} without a reply", plural(n, "command")),
        "malformed_requests" if n == 1 => "what follows 1 request that is no RESP".to_owned(),
        "malformed_requests" => format!("what follows {} that are no RESP", plural(n, "request")),
        "gaps" => format!("what was in {} of the capture", plural(n, "gap")),
        "replication_bytes" => format!("{} sent to replicas", plural(n, "byte")),
        "unrecognised_connections" => {
            let connections = plural(n, "connection");
            format!(
                "{connections} that may be Redis, by port or content, in which none was recognised"
            )
        }
        "unread_bytes" => format!("{} that could not be read", plural(n, "byte")),
        "dropped_packets" => format!("{} lost while capturing", plural(n, "packet")),
        "unreadable_packets" => format!("{} cut or damaged", plural(n, "packet")),
        "damaged_places" => plural(n, "damaged place") + " of the input",
        _ => {
            let names: Vec<&str> = summary.totals.limits.keys().copied().collect();
            format!(
                "what lies beyond limits of the program ({})",
                names.join(", ")
            )
        }
    }
}

/// Where the encrypted connections went.
fn sealed(summary: &Summary) -> String {
    let busiest = summary.busiest.iter();
    let servers: Vec<String> = busiest
        .filter(|b| b.looks_like == "TLS")
        .take(3)
        .map(|b| b.server.to_string())
        .collect();
    match servers.is_empty() {
        true => String::new(),
        false => format!(" ({})", servers.join(", ")),
    }
}
