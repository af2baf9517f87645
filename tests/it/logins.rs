//! Conversations about logins, pauses, second inputs and second thoughts: what is told once must stay true.

use super::told::Step::{self, Asks, ClientEnds, Hears, Says, Unseen, Waits};
use super::told::*;
use redorder::analyzer::Event;
use redorder::model::{PacketRef, Timestamp};
use redorder::packet::Packet;
use redorder::rules::Confidence;

const UNAUTHORIZED: &str = "-ERR unauthorized\r\n";
const NOPROTO: &str = "-NOPROTO unsupported protocol version\r\n";
const MAP: &str = "%1\r\n$6\r\nserver\r\n$5\r\nredis\r\n";
const DEBUG: &str = "*3\r\n$5\r\nDEBUG\r\n$5\r\nSLEEP\r\n$1\r\n0\r\n";

fn pause(ms: &str, write: bool) -> String {
    let (n, tail) = match write {
        true => (4, "$5\r\nWRITE\r\n"),
        false => (3, ""),
    };
    format!(
        "*{n}\r\n$6\r\nCLIENT\r\n$5\r\nPAUSE\r\n${}\r\n{ms}\r\n{tail}",
        ms.len()
    )
}

#[test]
fn a_login_that_works_behind_a_race_is_a_login() {
    let race = [AUTH, PING].concat();
    let renewal = [AUTH, GET].concat();
    let said = told(&[
        Asks(&race),
        Says(OK),
        Says(NOAUTH),
        Hears,
        Asks(GET),
        Says(VALUE),
        Hears,
        Waits(1000 * MS),
        Asks(&renewal),
        Says(UNAUTHORIZED),
        Says(VALUE),
        Hears,
        Asks(GET),
        Says(NOAUTH),
        ClientEnds,
    ]);
    let mut rules = said.accusations();
    rules.sort_unstable();
    assert_eq!(rules, ["auth-race", "served-during-reauth"]);
}

#[test]
fn a_renewal_refused_behind_a_race_is_no_first_login() {
    let race = [AUTH, PING].concat();
    let said = told(&[
        Asks(&race),
        Says(OK),
        Says(NOAUTH),
        Hears,
        Asks(GET),
        Says(VALUE),
        Hears,
        Asks(AUTH),
        Says(WRONG),
        Hears,
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    let mut rules = said.accusations();
    rules.sort_unstable();
    assert_eq!(rules, ["auth-race", "reauth-refused"]);
}

#[test]
fn commands_behind_a_hello_auth_are_not_in_front_of_auth() {
    // rueidis, node-redis: HELLO … AUTH and more at once, then AUTH as a fallback.
    let flight = [HELLO_AUTH, GET].concat();
    let said = told(&[
        Asks(&flight),
        Says("-ERR unknown command `HELLO`, with args beginning with: `3`, \r\n"),
        Says(NOAUTH),
        Hears,
        Asks(AUTH),
        Says(OK),
        Hears,
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert!(!said.accusations().contains(&"command-before-auth"));
}

#[test]
fn a_login_is_not_forgotten_with_pairing_on_a_whole_connection() {
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Hears,
        Asks(DEBUG),
        Says(OK),
        Hears,
        Waits(200 * MS),
        Asks(AUTH),
        Says(WRONG),
        Hears,
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    let wrong = said
        .findings
        .values()
        .find(|f| f.rule == "auth-refused" && f.confidence > Confidence::Possible);
    assert!(wrong.is_none());
}

#[test]
fn an_early_reply_takes_no_race_back() {
    let race = [AUTH, PING].concat();
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(
        &mut ends,
        &[
            Asks(&race),
            Says(OK),
            Says(NOAUTH),
            Hears,
            Asks(GET),
            Says(VALUE),
            Hears,
            Waits(100 * MS),
        ],
    );
    // A surplus reply that crosses the next command on its way; then the answers are one behind.
    let before = ends.client;
    run.talk(&mut ends, &[Asks(GET)]);
    let surplus = packet(40_000, false, ends.server, before, ACK, VALUE.as_bytes());
    ends.server += u32::try_from(VALUE.len()).unwrap();
    run.capture(&surplus);
    run.talk(
        &mut ends,
        &[
            Says(VALUE),
            Hears,
            Asks(GET),
            Says(":1\r\n"),
            Hears,
            ClientEnds,
        ],
    );
    let said = run.end();
    assert_eq!(said.accusations(), ["auth-race"]);
}

#[test]
fn a_pause_that_began_long_after_excuses_nothing() {
    let mut run = Run::new();
    let mut client = run.open(40_001);
    let mut admin = run.open(40_000);
    let flight = [AUTH, GET, GET].concat();
    run.talk(
        &mut client,
        &[
            Asks(&flight),
            Says(OK),
            Says(VALUE),
            Hears,
            Waits(60_000 * MS),
        ],
    );
    let pause = pause("100", false);
    run.talk(
        &mut admin,
        &[Asks(&pause), Says(OK), Hears, Waits(500 * MS)],
    );
    run.talk(&mut client, &[ClientEnds]);
    let said = run.end();
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

#[test]
fn an_unpause_without_a_pause_excuses_nothing() {
    let mut run = Run::new();
    let mut client = run.open(40_001);
    let mut admin = run.open(40_000);
    let flight = [AUTH, GET, GET].concat();
    run.talk(
        &mut client,
        &[
            Asks(&flight),
            Says(OK),
            Says(VALUE),
            Hears,
            Waits(60_000 * MS),
        ],
    );
    let unpause = "*2\r\n$6\r\nCLIENT\r\n$7\r\nUNPAUSE\r\n";
    run.talk(
        &mut admin,
        &[Asks(unpause), Says(OK), Hears, Waits(500 * MS)],
    );
    run.talk(&mut client, &[ClientEnds]);
    let said = run.end();
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

#[test]
fn a_paused_server_strands_nobody_until_the_next_auth() {
    let mut run = Run::new();
    let mut admin = run.open(40_000);
    let mut client = run.open(40_001);
    let pause = pause("3000", true);
    let flight = [AUTH, PING, SET].concat();
    run.talk(&mut admin, &[Asks(&pause), Says(OK), Hears]);
    run.talk(
        &mut client,
        &[
            Asks(&flight),
            Says(OK),
            Says(PONG),
            Hears,
            Waits(1500 * MS),
            Asks(AUTH),
            Waits(1500 * MS),
            Says(OK),
            Says(OK),
            Hears,
            Asks(PING),
            Says(PONG),
            ClientEnds,
        ],
    );
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn half_a_push_is_no_half_answer() {
    let flight = [HELLO_AUTH, PING, GET].concat();
    let said = told(&[
        Asks(&flight),
        Says(MAP),
        Says(PONG),
        Hears,
        Waits(10_000 * MS),
        Says(">2\r\n$10\r\ninval"),
        Hears,
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

#[test]
fn what_was_refused_in_front_of_a_gap_and_auth_is_told() {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(
        &mut ends,
        &[
            Asks(GET),
            Says(NOAUTH),
            Hears,
            Asks(SET),
            Says(NOAUTH),
            Hears,
            Asks(GET),
            Unseen(NOAUTH),
            Hears,
            Waits(500 * MS),
            Asks(AUTH),
            Says(OK),
            Hears,
            Asks(GET),
            Says(VALUE),
            ClientEnds,
        ],
    );
    let said = run.end();
    assert!(
        said.accusations().contains(&"command-before-auth"),
        "{:?}",
        said.rules()
    );
}

#[test]
fn what_is_final_does_not_come_back() {
    let renewal = [AUTH, GET].concat();
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(
        &mut ends,
        &[
            Asks(AUTH),
            Says(OK),
            Hears,
            Asks(GET),
            Says(VALUE),
            Hears,
            Asks(&renewal),
            Says(UNAUTHORIZED),
            Says(VALUE),
            Hears,
            Asks(GET),
            Says(NOAUTH),
            Hears,
            Asks(GET),
            Says(VALUE),
            Hears,
            ClientEnds,
        ],
    );
    run.analyzer.finish();
    let mut last = std::collections::BTreeMap::new();
    let mut wrong = Vec::new();
    while let Some(event) = run.analyzer.poll() {
        let Event::Finding(f) = event else { continue };
        if last.insert(f.id.clone(), f.is_final) == Some(true) {
            wrong.push(format!(
                "{} r{} withdrawn {}",
                f.rule, f.revision, f.withdrawn
            ));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn refused_behind_the_verdict_but_still_blind_is_a_bypass_too() {
    let renewal = [AUTH, GET].concat();
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(
        &mut ends,
        &[
            Asks(AUTH),
            Says(OK),
            Hears,
            Asks(GET),
            Says(VALUE),
            Hears,
            Asks(&renewal),
            Waits(20 * MS),
            Asks(SET),
            Says(UNAUTHORIZED),
            Says(VALUE),
            Says(NOAUTH),
            Hears,
            ClientEnds,
        ],
    );
    let said = run.end();
    assert_eq!(said.accusations(), ["served-during-reauth"]);
}

#[test]
fn an_expiry_behind_a_race_proves_the_success() {
    let race = [AUTH, PING].concat();
    let said = told(&[
        Asks(&race),
        Says(OK),
        Says(NOAUTH),
        Hears,
        Asks(GET),
        Says(VALUE),
        Hears,
        Waits(2000 * MS),
        Asks(GET),
        Says(NOAUTH),
        Hears,
        Asks(GET),
        Says(NOAUTH),
        ClientEnds,
    ]);
    let f = said.one("auth-expired");
    assert!(f.proof.text.contains("succeeded"), "{}", f.proof.text);
}

#[test]
fn a_certain_race_stays_certain_when_a_gap_comes_later() {
    let race = [AUTH, PING].concat();
    let said = told(&[
        Asks(&race),
        Says(OK),
        Says(NOAUTH),
        Hears,
        Asks(GET),
        Says(VALUE),
        Hears,
        Asks(GET),
        Says("$6\r\nab"),
        Unseen("cd"),
        Says("ef\r\n"),
        Hears,
        Waits(500 * MS),
        Asks(GET),
        Says(VALUE),
        Hears,
        ClientEnds,
    ]);
    assert_eq!(said.one("auth-race").confidence, Confidence::Certain);
}

#[test]
fn a_certain_race_stays_certain_when_an_unknown_command_comes_later() {
    let race = [AUTH, PING].concat();
    let foo = "*2\r\n$8\r\nFOO.WAIT\r\n$1\r\na\r\n";
    let said = told(&[
        Asks(&race),
        Says(OK),
        Says(NOAUTH),
        Hears,
        Asks(GET),
        Says(VALUE),
        Hears,
        Asks(foo),
        Says(OK),
        Hears,
        Asks(GET),
        Says(VALUE),
        Hears,
        ClientEnds,
    ]);
    assert_eq!(said.one("auth-race").confidence, Confidence::Certain);
}

/// The same packets once more, by an input whose clock is behind.
fn seen_again_later(conversations: &[&[Step<'_>]]) -> Said {
    let mut run = Run::new();
    for file in 0..2u16 {
        run.packets = 0;
        run.now += 5000 * MS;
        let mut number = 0;
        for (n, steps) in conversations.iter().enumerate() {
            let base = 1000 + 100_000_000 * u32::try_from(n).unwrap();
            let mut inner = Ends {
                port: 40_000,
                client: base,
                server: base + 7000,
            };
            let mut push = |run: &mut Run, ends: &mut Ends, client: bool, flags: u8, text: &str| {
                let (seq, ack) = match client {
                    true => (ends.client, ends.server),
                    false => (ends.server, ends.client),
                };
                let used = u32::try_from(text.len()).unwrap() + u32::from(flags & (SYN | FIN) != 0);
                match client {
                    true => ends.client += used,
                    false => ends.server += used,
                }
                let bytes = packet(ends.port, client, seq, ack, flags, text.as_bytes());
                number += 1;
                run.now += MS / 5;
                run.analyzer.push(&Packet {
                    at: PacketRef::new(file, number),
                    time: Timestamp::from_nanos(run.now),
                    link: 101,
                    wire_len: u32::try_from(bytes.len()).unwrap(),
                    bytes: &bytes,
                });
            };
            push(&mut run, &mut inner, true, SYN, "");
            push(&mut run, &mut inner, false, SYN | ACK, "");
            push(&mut run, &mut inner, true, ACK, "");
            for step in *steps {
                match step {
                    Asks(text) => push(&mut run, &mut inner, true, ACK, text),
                    Says(text) => push(&mut run, &mut inner, false, ACK, text),
                    Hears => push(&mut run, &mut inner, true, ACK, ""),
                    ClientEnds => {
                        push(&mut run, &mut inner, true, FIN | ACK, "");
                        push(&mut run, &mut inner, false, FIN | ACK, "");
                        push(&mut run, &mut inner, true, ACK, "");
                    }
                    Waits(ns) => run.now += ns,
                    Unseen(_) => {}
                }
            }
            run.now += 100 * MS;
        }
    }
    run.end()
}

#[test]
fn two_connections_of_the_same_ports_in_two_inputs_are_two() {
    let race = [AUTH, PING].concat();
    let one: &[Step<'_>] = &[
        Asks(&race),
        Says(OK),
        Says(NOAUTH),
        Hears,
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ];
    let said = seen_again_later(&[one, one]);
    assert_eq!(said.summary.totals.connections, 2, "{:?}", said.rules());
}

#[test]
fn one_connection_in_two_inputs_is_one() {
    let race = [AUTH, PING].concat();
    let one: &[Step<'_>] = &[
        Asks(&race),
        Says(OK),
        Says(NOAUTH),
        Hears,
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ];
    let said = seen_again_later(&[one]);
    assert_eq!(said.summary.totals.connections, 1, "{:?}", said.rules());
}

#[test]
fn an_old_replica_is_no_client_that_forgot_auth() {
    let said = told(&[
        Asks(PING),
        Says(NOAUTH),
        Asks(AUTH),
        Says(OK),
        Asks("*1\r\n$4\r\nSYNC\r\n"),
        Says("$5\r\nREDIS"),
        Says(PING),
        Hears,
        Waits(2000 * MS),
        Hears,
    ]);
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn midstream_refused_served_refused_is_a_renewal() {
    let mut run = Run::new();
    let mut ends = Ends {
        port: 40_000,
        client: 1000,
        server: 5000,
    };
    let renewal = [AUTH, GET].concat();
    run.talk(
        &mut ends,
        &[
            Asks(PING),
            Says(PONG),
            Hears,
            Waits(100 * MS),
            Asks(AUTH),
            Says(UNAUTHORIZED),
            Hears,
            Waits(100 * MS),
            Asks(GET),
            Says(VALUE),
            Hears,
            Waits(100 * MS),
            Asks(&renewal),
            Says(UNAUTHORIZED),
            Says(VALUE),
            Hears,
            Asks(GET),
            Says(NOAUTH),
            ClientEnds,
        ],
    );
    let said = run.end();
    assert!(
        said.accusations().contains(&"served-during-reauth"),
        "{:?}",
        said.rules()
    );
}

#[test]
fn an_early_reply_takes_no_refusal_in_front_of_auth_back() {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(
        &mut ends,
        &[
            Asks(GET),
            Says(NOAUTH),
            Hears,
            Asks(AUTH),
            Says(OK),
            Hears,
            Waits(100 * MS),
        ],
    );
    let before = ends.client;
    run.talk(&mut ends, &[Asks(GET)]);
    let surplus = packet(40_000, false, ends.server, before, ACK, VALUE.as_bytes());
    ends.server += u32::try_from(VALUE.len()).unwrap();
    run.capture(&surplus);
    run.talk(&mut ends, &[Says(":1\r\n"), Hears, ClientEnds]);
    let said = run.end();
    assert_eq!(said.accusations(), ["command-before-auth"]);
}

#[test]
fn two_refused_renewals_in_a_row_are_both_renewals() {
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Hears,
        Asks(GET),
        Says(VALUE),
        Hears,
        Asks(AUTH),
        Says(WRONG),
        Hears,
        Asks(AUTH),
        Says(WRONG),
        Hears,
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert!(!said.accusations().contains(&"auth-refused"));
}

#[test]
fn a_discarded_auth_logs_nobody_out() {
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Hears,
        Asks("*1\r\n$5\r\nMULTI\r\n"),
        Says(OK),
        Asks(AUTH),
        Says("+QUEUED\r\n"),
        Asks("*1\r\n$7\r\nDISCARD\r\n"),
        Says(OK),
        Hears,
        Asks(AUTH),
        Says(WRONG),
        Hears,
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert!(
        !said.accusations().contains(&"auth-refused"),
        "{:?}",
        said.rules()
    );
}

#[test]
fn no_other_auth_was_sent_is_not_said_where_one_was() {
    let said = told(&[
        Asks(HELLO_AUTH),
        Says(NOPROTO),
        Hears,
        Asks(AUTH),
        Says("-ERR Client sent AUTH, but no password is set\r\n"),
        Hears,
        Asks(GET),
        Says(NOAUTH),
        ClientEnds,
    ]);
    let wrong = said
        .findings
        .values()
        .any(|f| f.proof.text.contains("no other AUTH was sent"));
    assert!(!wrong);
}

#[test]
fn a_pause_behind_the_close_excuses_nothing() {
    let mut run = Run::new();
    let mut client = run.open(40_001);
    let mut admin = run.open(40_000);
    let flight = [AUTH, GET, GET].concat();
    run.talk(
        &mut client,
        &[
            Asks(&flight),
            Says(OK),
            Says(VALUE),
            Hears,
            Waits(60_000 * MS),
            ClientEnds,
        ],
    );
    let pause = pause("100", false);
    run.talk(
        &mut admin,
        &[Asks(&pause), Says(OK), Hears, Waits(500 * MS), Hears],
    );
    let said = run.end();
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

fn push_all(run: &mut Run, file: u16, number: &mut u64, packets: &[Vec<u8>]) {
    for bytes in packets {
        *number += 1;
        run.now += MS / 5;
        run.analyzer.push(&Packet {
            at: PacketRef::new(file, *number),
            time: Timestamp::from_nanos(run.now),
            link: 101,
            wire_len: u32::try_from(bytes.len()).unwrap(),
            bytes,
        });
    }
}

#[test]
fn a_later_connection_of_these_ports_without_its_syn_is_no_copy() {
    let p = |client, seq, ack, flags, text: &str| {
        packet(40_000, client, seq, ack, flags, text.as_bytes())
    };
    let (ping, pong) = (
        u32::try_from(PING.len()).unwrap(),
        u32::try_from(PONG.len()).unwrap(),
    );
    let first = vec![
        p(true, 1000, 0, SYN, ""),
        p(false, 5000, 1001, SYN | ACK, ""),
        p(true, 1001, 5001, ACK, PING),
        p(false, 5001, 1001 + ping, ACK, PONG),
        p(true, 1001 + ping, 5001 + pong, FIN | ACK, ""),
        p(false, 5001 + pong, 1002 + ping, FIN | ACK, ""),
        p(true, 1002 + ping, 5002 + pong, ACK, ""),
    ];
    let (c, s) = (900_000_000u32, 1_900_000_000u32);
    let mut second = Vec::new();
    for n in 0..4 {
        second.push(p(true, c + n * ping, s + n * pong, ACK, PING));
        second.push(p(false, s + n * pong, c + (n + 1) * ping, ACK, PONG));
    }
    let mut run = Run::new();
    let (mut a, mut b) = (0, 0);
    push_all(&mut run, 0, &mut a, &first);
    run.now += 5000 * MS;
    push_all(&mut run, 1, &mut b, &first);
    run.now += 3_600_000 * MS;
    push_all(&mut run, 1, &mut b, &second);
    let said = run.end();
    assert_eq!(
        said.summary.totals.connections, 2,
        "{:?}",
        said.summary.totals.skipped
    );
}

#[test]
fn an_auth_that_is_still_loading_is_an_auth() {
    let flight = [AUTH, GET].concat();
    let said = told(&[
        Asks(&flight),
        Says("-upstream failure\r\n"),
        Says(NOAUTH),
        Hears,
        Waits(1000 * MS),
        Asks(AUTH),
        Says(OK),
        Hears,
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert!(
        !said.accusations().contains(&"command-before-auth"),
        "{:?}",
        said.rules()
    );
}

#[test]
fn a_first_auth_refused_on_an_open_server_is_no_new_auth() {
    let said = told(&[
        Asks(GET),
        Says(VALUE),
        Hears,
        Asks("*3\r\n$4\r\nAUTH\r\n$3\r\nbob\r\n$3\r\npwd\r\n"),
        Says(WRONG),
        Hears,
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert!(
        !said
            .findings
            .values()
            .any(|f| f.title.starts_with("a new AUTH"))
    );
}

#[test]
fn a_blind_answer_behind_a_refused_renewal_shows_the_login() {
    let renewal = [AUTH, GET].concat();
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Hears,
        Asks(&renewal),
        Says(WRONG),
        Says(VALUE),
        Hears,
        Asks(&renewal),
        Says(WRONG),
        Says(VALUE),
        Hears,
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["reauth-refused", "reauth-refused"]);
}
