//! One fault on two legs: whoever only passed it on is not to blame.

use crate::talk::{Ends, Run, Said};
use redorder::model::{AddressFilter, Role};
use redorder::rules::{Confidence, Culprit, Finding};

const CLIENT: u8 = 1;
const PROXY: u8 = 2;
const REDIS: u8 = 3;

const FLIGHT: &str = "C: ECHO a ; ECHO b ; ECHO c ; ECHO d ; ECHO e ; ECHO f ; ECHO g ; ECHO h";

/// The answers to [`FLIGHT`], those of these letters.
fn answers(of: &str) -> String {
    of.chars().map(|c| format!("S: $1 / {c}\n")).collect()
}

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

#[test]
fn a_reply_that_redis_left_out_is_no_fault_of_the_proxy() {
    let left_out = answers("abdefgh");
    let said = forwarded(legs(), FLIGHT, [&left_out, &left_out]);
    let redis = (Culprit::Server, Some(6379), Confidence::Certain);
    assert_eq!(accused(&said, "reply-missing"), [redis, redis]);
    let to_proxy = |f: &&Finding| f.server.is_some_and(|end| end.port == 6380);
    let front = said.findings.values().find(to_proxy);
    let proof = &front.unwrap().proof;
    assert!(
        proof.text.contains("192.0.2.2:6380 passed it on"),
        "{}",
        proof.text
    );
    assert_eq!(proof.packets.len(), 4, "{:?}", proof.packets);
}

#[test]
fn a_reply_that_the_proxy_left_out_is_its_own_fault() {
    let said = forwarded(legs(), FLIGHT, [&answers("abdefgh"), &answers("abcdefgh")]);
    let proxy = (Culprit::Server, Some(6380), Confidence::Certain);
    assert_eq!(accused(&said, "reply-missing"), [proxy]);
}

#[test]
fn of_three_legs_the_last_one_has_the_fault() {
    let legs = [
        ends(40_000, CLIENT, PROXY, 6380),
        ends(50_000, PROXY, 4, 6381),
        ends(60_000, 4, REDIS, 6379),
    ];
    let left_out = answers("abdefgh");
    let said = forwarded(legs, FLIGHT, [&left_out, &left_out, &left_out]);
    let redis = (Culprit::Server, Some(6379), Confidence::Certain);
    assert_eq!(accused(&said, "reply-missing"), [redis; 3]);
}

#[test]
fn a_transparent_proxy_keeps_the_ends() {
    let mut legs = [ends(40_000, CLIENT, REDIS, 6379); 2];
    (legs[1].client, legs[1].server) = (1_000_000_000, 2_000_000_000);
    let left_out = answers("abdefgh");
    let said = forwarded(legs, FLIGHT, [&left_out, &left_out]);
    let redis = (Culprit::Server, Some(6379), Confidence::Certain);
    assert_eq!(accused(&said, "reply-missing"), [redis, redis]);
    let passed = |f: &&Finding| f.proof.text.contains("passed it on");
    assert_eq!(said.findings.values().filter(passed).count(), 1);
}

const KEYS: &str = "C: GET a ; INCR b ; GET c ; INCR d ; GET e ; INCR f ; GET g ; INCR h";
const NUMBERS: &str = "
    S: $6 / value1
    S: $6 / value3
    S: :4
    S: $6 / value5
    S: :6
    S: $6 / value7
    S: :8
";

#[test]
fn where_no_address_joins_the_legs_what_passed_there_does() {
    let legs = [
        ends(40_000, CLIENT, PROXY, 6380),
        ends(50_000, 4, REDIS, 6379),
    ];
    let said = forwarded(legs, KEYS, [NUMBERS, NUMBERS]);
    let of = |sure| (Culprit::Server, Some(6379), sure);
    let redis = [of(Confidence::Likely), of(Confidence::Certain)];
    assert_eq!(accused(&said, "reply-missing"), redis);
    // Echoes are not enough for that, but they are for a doubt.
    let left_out = answers("abdefgh");
    let said = forwarded(legs, FLIGHT, [&left_out, &left_out]);
    let doubt = (Culprit::Unknown, None, Confidence::Possible);
    let mut all = [of(Confidence::Certain), doubt];
    all.sort();
    assert_eq!(accused(&said, "reply-missing"), all);
}

#[test]
fn two_servers_of_one_client_are_no_legs() {
    let legs = [
        ends(40_000, CLIENT, PROXY, 6380),
        ends(50_000, CLIENT, REDIS, 6379),
    ];
    let said = forwarded(legs, KEYS, [NUMBERS, NUMBERS]);
    let of = |port| (Culprit::Server, Some(port), Confidence::Certain);
    assert_eq!(accused(&said, "reply-missing"), [of(6379), of(6380)]);
}

#[test]
fn a_reply_that_is_not_in_time_comes_from_elsewhere() {
    let mut legs = legs();
    let mut run = Run::new();
    for leg in &mut legs {
        run.handshake(leg);
    }
    // The client has its replies before Redis says the same.
    let left_out = answers("abdefgh");
    for leg in &mut legs {
        run.talk(leg, FLIGHT);
        run.talk(leg, &left_out);
    }
    for leg in &mut legs {
        run.talk(leg, "C.\nW 5000\nFIN");
    }
    let said = run.end();
    let of = |port| (Culprit::Server, Some(port), Confidence::Certain);
    assert_eq!(accused(&said, "reply-missing"), [of(6379), of(6380)]);
}

#[test]
fn what_is_declared_to_be_redis_has_no_leg_behind() {
    let mut legs = legs();
    let role = AddressFilter {
        addr: None,
        port: Some(6380),
    };
    let mut run = Run::with(redorder::analyzer::Config {
        roles: vec![(role, Role::Redis)],
        ..Default::default()
    });
    let left_out = answers("abdefgh");
    for leg in &mut legs {
        run.handshake(leg);
        run.talk(leg, FLIGHT);
    }
    for leg in legs.iter_mut().rev() {
        run.talk(leg, &left_out);
        run.talk(leg, "C.\nW 5000\nFIN");
    }
    let said = run.end();
    let declared = (Culprit::Redis, Some(6380), Confidence::Certain);
    assert!(accused(&said, "reply-missing").contains(&declared));
}
