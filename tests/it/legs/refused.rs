//! NOAUTH on two legs: the client's login was accepted, and the Redis behind says that it wants one.

use super::{CLIENT, PROXY, REDIS, accused, ends, legs};
use crate::talk::{Ends, Run, Said};
use redorder::rules::{Confidence, Culprit};

const REFUSED: &str = "S: -NOAUTH Authentication required.";
const PROXY_SAYS: (Culprit, Option<u16>) = (Culprit::Proxy, Some(6380));

fn sure(
    (culprit, port): (Culprit, Option<u16>),
    sure: Confidence,
) -> (Culprit, Option<u16>, Confidence) {
    (culprit, port, sure)
}

/// Plays what is said on each leg, in this order: 0 is the client's.
fn played<const N: usize>(mut legs: [Ends; N], lines: &[(usize, &str)]) -> Said {
    let mut run = Run::new();
    for leg in &mut legs {
        run.handshake(leg);
    }
    for (leg, line) in lines {
        run.talk(&mut legs[*leg], line);
    }
    for leg in &mut legs {
        run.talk(leg, "C.\nW 100\nFIN");
    }
    run.end()
}

fn rules(said: &Said, port: u16) -> Vec<&str> {
    let all = said.findings.values();
    let all = all.filter(|f| f.server.is_some_and(|end| end.port == port));
    all.map(|f| f.rule)
        .filter(|rule| *rule != "slow-auth")
        .collect()
}

#[test]
fn one_blind_command_that_redis_refused_did_not_race() {
    let said = played(
        legs(),
        &[
            (0, "C: AUTH pwd ; GET a"),
            (1, "C: GET a"),
            (1, REFUSED),
            (0, "S: +OK / -NOAUTH Authentication required."),
        ],
    );
    let certain = sure(PROXY_SAYS, Confidence::Certain);
    assert_eq!(accused(&said, "upstream-noauth"), [certain]);
    assert_eq!(rules(&said, 6380), ["upstream-noauth"]);
    let finding = said.one("upstream-noauth");
    assert!(finding.proof.text.contains("Redis itself gave that reply"));
    assert_eq!(finding.not_seen, [""; 0]);
}

#[test]
fn a_blind_command_that_was_not_forwarded_races() {
    let said = played(
        legs(),
        &[
            (0, "C: AUTH pwd ; GET a"),
            (0, "S: +OK / -NOAUTH Authentication required."),
            (0, "C: GET a"),
            (1, "C: GET a"),
            (1, "S: $1 / v"),
            (0, "S: $1 / v"),
        ],
    );
    assert_eq!(said.one("auth-race").confidence, Confidence::Certain);
}

#[test]
fn refused_twice_by_two_of_three_upstreams() {
    let legs = [
        ends(40_000, CLIENT, PROXY, 6380),
        ends(50_000, PROXY, REDIS, 6379),
        ends(50_001, PROXY, 4, 6379),
        ends(50_002, PROXY, 5, 6379),
    ];
    let said = played(
        legs,
        &[
            (0, "C: AUTH pwd ; GET a ; GET b ; GET c"),
            (1, "C: GET a"),
            (2, "C: GET b"),
            (3, "C: GET c"),
            (3, "S: $1 / v"),
            (2, REFUSED),
            (1, REFUSED),
            (
                0,
                "S: +OK / -NOAUTH Authentication required. / -NOAUTH Authentication required. / $1 / v",
            ),
        ],
    );
    assert_eq!(said.one("upstream-noauth").affected, 2);
    assert_eq!(said.one("upstream-noauth").confidence, Confidence::Certain);
    assert_eq!(rules(&said, 6380), ["upstream-noauth"]);
}

#[test]
fn nothing_is_served_and_redis_says_why() {
    let said = played(
        legs(),
        &[
            (0, "C: AUTH pwd"),
            (0, "S: +OK"),
            (0, "C: GET a"),
            (1, "C: AUTH wrong ; GET a"),
            (
                1,
                "S: -WRONGPASS invalid username-password pair or user is disabled.",
            ),
            (1, REFUSED),
            (0, REFUSED),
        ],
    );
    assert_eq!(rules(&said, 6380), ["upstream-noauth"]);
    assert_eq!(rules(&said, 6379), ["auth-refused"]);
}

#[test]
fn the_ping_raced_and_redis_refused_the_rest() {
    let said = played(
        legs(),
        &[
            (0, "C: AUTH pwd ; PING ; GET a"),
            (1, "C: GET a"),
            (1, REFUSED),
            (
                0,
                "S: +OK / -NOAUTH Authentication required. / -NOAUTH Authentication required.",
            ),
            (0, "C: PING"),
            (0, "S: +PONG"),
        ],
    );
    assert_eq!(said.one("upstream-noauth").affected, 1);
    assert_eq!(said.one("auth-race").affected, 1);
}

#[test]
fn an_auth_that_is_forwarded_is_the_race_of_redis() {
    let race = "S: +OK / -NOAUTH Authentication required.";
    let said = played(
        legs(),
        &[
            (0, "C: AUTH pwd ; GET a"),
            (1, "C: AUTH pwd ; GET a"),
            (1, race),
            (0, race),
            (0, "C: GET a"),
            (1, "C: GET a"),
            (1, "S: $1 / v"),
            (0, "S: $1 / v"),
        ],
    );
    let redis = (Culprit::Server, Some(6379), Confidence::Certain);
    assert_eq!(accused(&said, "auth-race").len(), 2);
    assert!(
        accused(&said, "auth-race")
            .iter()
            .all(|(who, port, _)| (*who, *port) == (redis.0, redis.1))
    );
    let front = said
        .findings
        .values()
        .find(|f| f.rule == "auth-race" && f.server.unwrap().port == 6380)
        .unwrap();
    assert!(
        front.proof.text.contains("passed it on"),
        "{}",
        front.proof.text
    );
    assert!(
        !front.not_seen.iter().any(|s| s.contains("Only the leg")),
        "{:?}",
        front.not_seen
    );
}

#[test]
fn a_leg_that_was_joined_in_the_middle_proves_less() {
    let mut legs = legs();
    let mut run = Run::new();
    run.handshake(&mut legs[0]);
    run.talk(&mut legs[1], "C: GET z\nS: $1 / v\nW 50");
    run.talk(&mut legs[0], "C: AUTH pwd ; GET a");
    run.talk(&mut legs[1], "C: GET a");
    run.talk(&mut legs[1], REFUSED);
    run.talk(
        &mut legs[0],
        "S: +OK / -NOAUTH Authentication required.\nC.\nFIN",
    );
    let said = run.end();
    let finding = said.one("upstream-noauth");
    assert!(finding.confidence < Confidence::Certain, "{finding:?}");
    assert!(
        finding.not_seen[0].contains("not whole"),
        "{:?}",
        finding.not_seen
    );
}

#[test]
fn a_leg_that_is_lost_in_part_proves_less() {
    let said = played(
        legs(),
        &[
            (0, "C: AUTH pwd ; GET a ; GET b"),
            (1, "C: GET a"),
            (1, REFUSED),
            (1, "C! GET b"),
            (1, "S! -NOAUTH Authentication required."),
            (
                0,
                "S: +OK / -NOAUTH Authentication required. / -NOAUTH Authentication required.",
            ),
        ],
    );
    let finding = said.one("upstream-noauth");
    assert_eq!(finding.affected, 2);
    assert_eq!(finding.confidence, Confidence::Likely);
    assert!(
        finding.not_seen[0].contains("1 of these"),
        "{:?}",
        finding.not_seen
    );
}

#[test]
fn where_no_address_joins_the_legs_a_race_is_a_doubt() {
    let legs = [
        ends(40_000, CLIENT, PROXY, 6380),
        ends(50_000, 4, REDIS, 6379),
    ];
    let said = played(
        legs,
        &[
            (0, "C: AUTH pwd ; GET a"),
            (1, "C: GET a"),
            (1, REFUSED),
            (0, "S: +OK / -NOAUTH Authentication required."),
        ],
    );
    assert_eq!(said.one("auth-race").confidence, Confidence::Possible);
}

#[test]
fn on_one_host_it_is_likely() {
    let legs = [
        ends(40_000, CLIENT, CLIENT, 6380),
        ends(50_000, CLIENT, CLIENT, 6379),
    ];
    let race = "S: +OK / -NOAUTH Authentication required.";
    let said = played(
        legs,
        &[
            (0, "C: AUTH pwd ; GET a"),
            (1, "C: GET a"),
            (1, REFUSED),
            (0, race),
        ],
    );
    assert_eq!(said.one("upstream-noauth").confidence, Confidence::Likely);
    // Two clients of two proxies, both lose the race.
    let said = played(
        legs,
        &[
            (0, "C: AUTH pwd ; GET a"),
            (1, "C: AUTH pwd ; GET a"),
            (1, race),
            (0, race),
        ],
    );
    let of = |port| (Culprit::Server, Some(port), Confidence::Likely);
    assert_eq!(accused(&said, "auth-race"), [of(6379), of(6380)]);
}

#[test]
fn two_clients_of_one_proxy_race_beside_each_other() {
    let legs = [
        ends(40_000, CLIENT, PROXY, 6380),
        ends(40_001, 4, PROXY, 6380),
    ];
    let race = "S: +OK / -NOAUTH Authentication required.";
    let said = played(
        legs,
        &[
            (0, "C: AUTH pwd ; GET a"),
            (1, "C: AUTH pwd ; GET a"),
            (1, race),
            (0, race),
        ],
    );
    let proxy = (Culprit::Server, Some(6380), Confidence::Likely);
    assert_eq!(accused(&said, "auth-race"), [proxy, proxy]);
}
