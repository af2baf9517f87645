//! The sentences: what was seen, what it means, what would help.

use super::seen::{Seen, Timed, range};
use crate::analyzer::NextFate;
use crate::model::{Endpoint, span};
use std::collections::BTreeMap;

/// Servers named one by one.
const SERVERS: usize = 2;

type Said = (Vec<String>, Vec<(&'static str, String)>);

pub(super) fn of(seen: &Seen<'_>) -> Said {
    let mut by_server: BTreeMap<Endpoint, u64> = BTreeMap::new();
    for timed in seen.refused() {
        *by_server.entry(timed.server).or_default() += 1;
    }
    let most = by_server
        .into_iter()
        .max_by_key(|(server, n)| (*n, std::cmp::Reverse(*server)));
    match most {
        Some((server, _)) => lost(seen, server),
        None => clean(seen),
    }
}

/// Commands were refused; `worst` refused most of them.
fn lost(seen: &Seen<'_>, worst: Endpoint) -> Said {
    let mut said = Vec::new();
    let mut servers: Vec<Endpoint> = seen.refused().map(|t| t.server).collect();
    servers.sort_unstable();
    servers.dedup();
    servers.sort_by_key(|s| *s != worst);
    for server in servers.iter().take(SERVERS) {
        said.push(refusals(seen, *server));
    }
    if let Some(more) = servers.len().checked_sub(SERVERS).filter(|n| *n > 0) {
        let servers = if more == 1 { "server" } else { "servers" };
        said.push(format!("{more} more {servers} refused commands as well."));
    }
    if let Some(order) = by_order(seen, worst) {
        said.push(order);
    }
    let apart = "Each NOAUTH came on the connection of its own AUTH: connections share no state.";
    let kept = " Other servers kept the order for commands that left before AUTH was answered.";
    let others = seen.served_blind().any(|t| !servers.contains(&t.server));
    said.push(format!("{apart}{}", if others { kept } else { "" }));
    (said, workarounds(seen, worst))
}

fn refusals(seen: &Seen<'_>, server: Endpoint) -> String {
    let all: Vec<&Timed> = seen.timed.iter().filter(|t| t.server == server).collect();
    let hit = all.iter().filter(|t| t.next == NextFate::Refused);
    let gaps = range(hit.clone().map(|t| t.gap_ns)).unwrap_or_default();
    let took = range(hit.clone().map(|t| t.latency_ns)).unwrap_or_default();
    let mut said = format!(
        "{server} refused the command behind AUTH on {} of {}: it left {gaps} after AUTH, which took {took}.",
        hit.count(),
        connections(all.len()),
    );
    let served = |blind: bool| {
        let served = all.iter().filter(|t| t.next == NextFate::Served);
        served
            .filter(move |t| t.is_blind() == blind)
            .map(|t| t.gap_ns)
    };
    if let Some(gaps) = range(served(false)) {
        said.push_str(&format!(" With a gap of {gaps} it was served."));
    }
    if let Some(gaps) = range(served(true)) {
        said.push_str(&format!(
            " Yet {gaps} was served as well: the gap alone does not decide."
        ));
    }
    said
}

fn connections(n: usize) -> String {
    match n {
        1 => "1 connection".to_owned(),
        many => format!("{many} connections"),
    }
}

/// What the order of connecting has to do with it; `None` where there is one connection only.
fn by_order(seen: &Seen<'_>, worst: Endpoint) -> Option<String> {
    let (first, needs) = (seen.first.gap_ns, seen.needs_ns(worst));
    let (gap, need) = (span(first), span(needs));
    let later = span(seen.later_gap_ns?);
    if !seen.starts_slowly() {
        return Some(format!(
            "The first connection left {gap} behind AUTH, later ones up to {later}: no server gets a longer gap for being first."
        ));
    }
    let head = format!("The first connection left {gap}, later ones at most {later}");
    Some(match (seen.first.server == worst, first > needs) {
        (true, true) => format!("{head}. So {worst} was served first and refused later."),
        (true, false) => {
            format!("{head}. {worst} needed up to {need}: even connected first, it refused.")
        }
        (false, true) => format!(
            "{head}: whichever server is connected first gets the long gap. It needs {need} at most: connected first, it would have worked. That hides the fault and does not mend it."
        ),
        (false, false) => {
            format!("{head}. {worst} needed up to {need}: connecting it first would not be enough.")
        }
    })
}

fn workarounds(seen: &Seen<'_>, worst: Endpoint) -> Vec<(&'static str, String)> {
    let needs = seen.needs_ns(worst);
    let order = match (seen.starts_slowly(), seen.first.gap_ns > needs) {
        _ if seen.later_gap_ns.is_none() => "not to be judged from one connection.".to_owned(),
        (true, true) => "putting it first works by accident; a reconnect is not first.".to_owned(),
        (true, false) => {
            "would not help: even the long first gap is shorter than AUTH takes.".to_owned()
        }
        (false, _) => {
            "does nothing: the first connection leaves no longer gap than the others.".to_owned()
        }
    };
    let delay = format!(
        "between AUTH and the next command, more than {} (the longest AUTH there). A delay between connections does nothing.",
        span(needs)
    );
    vec![
        ("order", order),
        ("delay", delay),
        ("version", version(seen)),
    ]
}

fn version(seen: &Seen<'_>) -> String {
    let library = seen.client.library.as_deref().unwrap_or_default();
    let waits = match library.contains("StackExchange") || library.contains("SE.Redis") {
        true => "none of StackExchange.Redis 2.1 to 3.1 waits for AUTH",
        false => "one that waits for AUTH",
    };
    format!("of the server: one that holds commands back. Of the client: {waits}.")
}

/// No command was refused behind an accepted AUTH.
fn clean(seen: &Seen<'_>) -> Said {
    let blind = seen.served_blind().count();
    if blind == 0 && seen.timed.iter().all(|t| !t.is_blind()) {
        let gaps = range(seen.timed.iter().map(|t| t.gap_ns)).unwrap_or_default();
        let took = range(seen.timed.iter().map(|t| t.latency_ns)).unwrap_or_default();
        let said = format!(
            "Not exposed here: every command behind AUTH left after AUTH was answered (gaps {gaps}, AUTH took {took})."
        );
        return (vec![said], Vec::new());
    }
    if seen.faulty > 0 {
        return (vec![beside_a_fault(seen, blind)], Vec::new());
    }
    let (mut said, order) = match hides(seen) {
        true => hidden(seen),
        false => kept(seen, blind),
    };
    let near = seen.served_blind().filter(|t| t.gap_ns > t.latency_ns / 2);
    if let Some(near) = near.max_by_key(|t| t.gap_ns) {
        said.push(format!(
            "One left {} behind an AUTH of {} to {}: so near to the reply, it proves little about that server.",
            span(near.gap_ns),
            span(near.latency_ns),
            near.server
        ));
    }
    let delay = format!(
        "between AUTH and the next command, more than {} (the longest AUTH seen), would end the exposure. A delay between connections does nothing.",
        span(seen.timed.iter().map(|t| t.latency_ns).max().unwrap_or(0))
    );
    let workarounds = vec![
        ("order", order),
        ("delay", delay),
        ("version", version(seen)),
    ];
    (said, workarounds)
}

/// The server that was connected first got a long gap and was not asked without one.
fn hides(seen: &Seen<'_>) -> bool {
    let first = seen.first;
    seen.starts_slowly()
        && !first.is_blind()
        && seen.served_blind().all(|t| t.server != first.server)
}

fn hidden(seen: &Seen<'_>) -> (Vec<String>, String) {
    let first = seen.first;
    let later = span(seen.later_gap_ns.unwrap_or(0));
    let said = vec![
        format!(
            "The first connection, to {}, left {} behind AUTH, longer than AUTH took ({}). Later ones left at most {later}; their servers served them all the same.",
            first.server,
            span(first.gap_ns),
            span(first.latency_ns),
        ),
        format!(
            "Connected later, {} would have got its command before AUTH was answered. Whether it would have kept the order is not in this capture.",
            first.server
        ),
    ];
    let order = format!(
        "may be at work here: the long first gap went to {}. It would hide a fault, not mend it.",
        first.server
    );
    (said, order)
}

/// Nothing was refused, yet nobody may read that it went well.
fn beside_a_fault(seen: &Seen<'_>, blind: usize) -> String {
    let found = match seen.is_likely {
        true => "was found",
        false => "may have been",
    };
    format!(
        "No command right behind AUTH was refused: {blind} of {} left before it was answered, and were served. Yet a fault {found} there or at the server of {}.",
        seen.timed.len(),
        connections(usize::try_from(seen.faulty).unwrap_or(usize::MAX))
    )
}

fn kept(seen: &Seen<'_>, blind: usize) -> (Vec<String>, String) {
    let said = format!(
        "Clean because the servers kept the order: {blind} of {} commands behind AUTH left before it was answered, and were served. A server that does not hold commands back would refuse them: this client is exposed.",
        seen.timed.len()
    );
    let order = "makes no difference while the servers keep the order.".to_owned();
    (vec![said], order)
}
