//! One fault on two legs: whoever only passed it on is not to blame.

mod order;
mod refused;

use crate::talk::{Ends, Run, Said};
use redorder::rules::{Confidence, Culprit};

const CLIENT: u8 = 1;
const PROXY: u8 = 2;
const REDIS: u8 = 3;

fn ends(port: u16, from: u8, host: u8, service: u16) -> Ends {
    let mut ends = Ends::midstream(port);
    (ends.from, ends.host, ends.service) = (from, host, service);
    ends
}

/// Client to proxy, proxy to Redis.
fn legs() -> [Ends; 2] {
    [
        ends(40_000, CLIENT, PROXY, 6380),
        ends(50_000, PROXY, REDIS, 6379),
    ]
}

/// What each leg says, the one at the client first: commands on their way there, replies on their way back.
fn forwarded<const N: usize>(mut legs: [Ends; N], commands: &str, replies: [&str; N]) -> Said {
    let mut run = Run::new();
    for leg in &mut legs {
        run.handshake(leg);
        run.talk(leg, commands);
    }
    for (leg, replies) in legs.iter_mut().zip(replies).rev() {
        run.talk(leg, replies);
    }
    for leg in &mut legs {
        run.talk(leg, "C.\nW 5000\nFIN");
    }
    run.end()
}

/// Whom the findings of a rule accuse, each with the last byte of the address, and how sure they are.
fn accused(said: &Said, rule: &str) -> Vec<(Culprit, Option<u16>, Confidence)> {
    let all = said.findings.values().filter(|f| f.rule == rule);
    let mut all: Vec<_> = all
        .map(|f| (f.culprit, f.culprit_endpoint.map(|e| e.port), f.confidence))
        .collect();
    all.sort();
    all
}
