//! More conversations, one short story each: variants of healthy and of broken ones that are easily taken for each other.

use super::told::Step::{Asks, ClientEnds, Hears, Says, Unseen, Waits};
use super::told::*;
use redorder::analyzer::Role;
use redorder::model::{PacketRef, Timestamp};
use redorder::packet::Packet;
use redorder::rules::{Confidence, Severity};

const QUIT: &str = "*1\r\n$4\r\nQUIT\r\n";
const OFF: &str = "*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$3\r\nOFF\r\n";
const SKIP: &str = "*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$4\r\nSKIP\r\n";
const SUB_ERROR: &str = "-ERR Can't execute 'auth': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n";
const FOO: &str = "*2\r\n$8\r\nFOO.WAIT\r\n$1\r\na\r\n";

/// A connection whose start was not captured.
fn midstream(steps: &[Step<'_>]) -> Said {
    let mut run = Run::new();
    let mut ends = Ends {
        port: 40_000,
        client: 1000,
        server: 5000,
    };
    run.talk(&mut ends, steps);
    run.end()
}

fn server_hears(run: &mut Run, ends: &mut Ends) {
    run.send(ends, false, ACK, "");
}

fn weak(said: &Said) -> bool {
    let mut all = said.findings.values();
    all.all(|f| f.severity == Severity::Note || f.confidence == Confidence::Possible)
}

#[test]
fn quit_makes_no_race_certain() {
    let flight = [AUTH, PING].concat();
    let said = told(&[
        Asks(&flight),
        Says(OK),
        Says(NOAUTH),
        Asks(QUIT),
        Says(OK),
        ClientEnds,
    ]);
    assert_eq!(said.one("auth-race").confidence, Confidence::Likely);
}

#[test]
fn quit_hides_no_auth_not_honoured() {
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Asks(PING),
        Says(NOAUTH),
        Asks(GET),
        Says(NOAUTH),
        Asks(QUIT),
        Says(OK),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["auth-not-honoured"]);
}

#[test]
fn quit_makes_no_upstream_noauth() {
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Asks(GET),
        Says(NOAUTH),
        Asks(QUIT),
        Says(OK),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["auth-not-honoured"]);
}

#[test]
fn quit_hides_no_expiry() {
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Asks(GET),
        Says(VALUE),
        Waits(2000 * MS),
        Asks(GET),
        Says(NOAUTH),
        Asks(GET),
        Says(NOAUTH),
        Asks(QUIT),
        Says(OK),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["auth-expired"]);
}

#[test]
fn half_an_answer_is_no_missing_answer() {
    let part = "x".repeat(1400);
    let mut steps = vec![Asks(PING), Says(PONG), Asks(GET), Says("$10000000\r\n")];
    for _ in 0..30 {
        steps.extend([Says(&part), Hears, Waits(100 * MS)]);
    }
    assert_eq!(told(&steps).accusations(), [""; 0]);
}

#[test]
fn half_an_answer_is_not_stranded() {
    let part = "x".repeat(1400);
    let flight = [AUTH, PING, GET].concat();
    let mut steps = vec![Asks(&flight), Says(OK), Says(PONG), Says("$10000000\r\n")];
    for _ in 0..30 {
        steps.extend([Says(&part), Hears, Waits(100 * MS)]);
    }
    assert_eq!(told(&steps).accusations(), [""; 0]);
}

const PROXY: &str = "PROXY TCP4 192.0.2.9 192.0.2.2 50000 6379\r\n";

#[test]
fn a_proxy_protocol_header_waits_for_no_answer() {
    let said = told(&[
        Asks(PROXY),
        Asks(SET),
        Says(OK),
        Hears,
        Asks(SET),
        Says(OK),
        Hears,
        Waits(3000 * MS),
        Hears,
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), [""; 0]);
    assert_eq!(said.summary.totals.counts.exchanges, 2);
}

#[test]
fn a_proxy_protocol_header_hides_no_race() {
    let flight = [PROXY, AUTH, PING].concat();
    let said = told(&[
        Asks(&flight),
        Says(OK),
        Says(NOAUTH),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["auth-race"]);
}

#[test]
fn a_proxy_protocol_header_of_version_2_hides_no_redis() {
    let header = "\r\n\r\n\0\r\nQUIT\n\u{21}\u{11}\0\u{c}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}\u{1}\u{1}\u{1}\u{1}";
    let said = told(&[
        Asks(header),
        Asks(AUTH),
        Says(OK),
        Asks(SET),
        Says(OK),
        ClientEnds,
    ]);
    assert_eq!(said.summary.totals.redis_connections, 1);
}

#[test]
fn an_error_that_is_not_about_credentials_refuses_none() {
    let cases = [
        (
            HELLO_AUTH,
            "-ERR Client names cannot contain spaces, newlines or special characters.\r\n",
        ),
        (HELLO_AUTH, "-ERR Syntax error in HELLO option 'SETNAM'\r\n"),
        (
            HELLO_AUTH,
            "-ERR Protocol version is not an integer or out of range\r\n",
        ),
        (
            HELLO_AUTH,
            "-ERR HELLO options like AUTH and SETNAME are not supported\r\n",
        ),
        (
            HELLO_AUTH,
            "-ERR Syntax error: unknown HELLO option 'X'\r\n",
        ),
        (HELLO_AUTH, "-no upstream host\r\n"),
        (HELLO_AUTH, "-upstream failure\r\n"),
        (
            HELLO_AUTH,
            "-ERR no valid HELLO response received from any shard\r\n",
        ),
        (AUTH, SUB_ERROR),
        (
            AUTH,
            "-ERR only (P)SUBSCRIBE / (P)UNSUBSCRIBE / PING / QUIT allowed in this context\r\n",
        ),
        (AUTH, "-upstream failure\r\n"),
    ];
    let mut wrong = Vec::new();
    for (ask, text) in cases {
        let said = told(&[Asks(ask), Says(text), ClientEnds]);
        if said.rules().contains(&"auth-refused") {
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_renewal_on_a_subscriber_is_not_refused_credentials() {
    let sub = "*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n";
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Asks(sub),
        Says("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"),
        Asks(AUTH),
        Says(SUB_ERROR),
        Says("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n"),
        Hears,
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["auth-error"]);
}

#[test]
fn a_proxy_failure_answering_hello_is_a_proxy_error() {
    let said = told(&[
        Asks(HELLO_AUTH),
        Says("-ERR no valid HELLO response received from any shard\r\n"),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["proxy-error"]);
}

#[test]
fn a_second_refused_renewal_is_still_a_renewal() {
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Asks(GET),
        Says(VALUE),
        Asks(AUTH),
        Says(WRONG),
        Asks(GET),
        Says(VALUE),
        Asks(AUTH),
        Says(WRONG),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["reauth-refused", "reauth-refused"]);
}

#[test]
fn a_refused_renewal_says_whether_the_old_login_survived() {
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Asks(GET),
        Says(VALUE),
        Asks(AUTH),
        Says(WRONG),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    let f = said.one("reauth-refused");
    let all = format!(
        "{} {} {:?} {:?}",
        f.title, f.proof.text, f.notes, f.measures
    );
    assert!(
        f.exchanges.iter().any(|e| e.command == "GET") || all.contains("old"),
        "{all}"
    );
}

#[test]
fn a_renewal_refused_midstream_is_not_called_a_first_login() {
    let said = midstream(&[
        Asks(GET),
        Says(VALUE),
        Hears,
        Waits(100 * MS),
        Asks(GET),
        Says(VALUE),
        Hears,
        Waits(100 * MS),
        Asks(AUTH),
        Says("-ERR unauthorized\r\n"),
        Asks(GET),
        Says(NOAUTH),
        ClientEnds,
    ]);
    assert_eq!(
        said.rules()
            .iter()
            .filter(|r| **r == "auth-refused")
            .count(),
        0
    );
}

#[test]
fn served_during_reauth_is_seen_midstream() {
    let flight = [AUTH, GET].concat();
    let said = midstream(&[
        Asks(GET),
        Says(VALUE),
        Hears,
        Waits(100 * MS),
        Asks(GET),
        Says(VALUE),
        Hears,
        Waits(100 * MS),
        Asks(&flight),
        Says("-ERR unauthorized\r\n"),
        Says(VALUE),
        Asks(GET),
        Says(NOAUTH),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["served-during-reauth"]);
}

#[test]
fn a_silent_reset_logs_out() {
    let reset = "*1\r\n$5\r\nRESET\r\n";
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Asks(GET),
        Says(VALUE),
        Asks(&[SKIP, reset].concat()),
        Asks(GET),
        Says(NOAUTH),
        Asks(GET),
        Says(NOAUTH),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_silent_auth_makes_the_login_unknown() {
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Asks(&[SKIP, AUTH].concat()),
        Asks(GET),
        Says(NOAUTH),
        Asks(GET),
        Says(NOAUTH),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_client_that_wants_no_replies_midstream_is_healthy() {
    let mut run = Run::new();
    let mut ends = Ends {
        port: 40_000,
        client: 1000,
        server: 5000,
    };
    for _ in 0..30 {
        run.talk(&mut ends, &[Asks(SET)]);
        server_hears(&mut run, &mut ends);
        run.talk(&mut ends, &[Waits(200 * MS)]);
    }
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_client_that_wants_no_replies_is_healthy_behind_a_gap() {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(&mut ends, &[Asks(PING), Says(PONG), Asks(OFF)]);
    server_hears(&mut run, &mut ends);
    run.talk(&mut ends, &[Asks(SET)]);
    // One command is lost by the capture.
    ends.client += u32::try_from(SET.len()).unwrap();
    for _ in 0..30 {
        server_hears(&mut run, &mut ends);
        run.talk(&mut ends, &[Waits(200 * MS), Asks(SET)]);
    }
    server_hears(&mut run, &mut ends);
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
}

fn slow_neighbour(stranded: bool) -> Said {
    let mut run = Run::new();
    let mut first = run.open(40_000);
    let mut other = run.open(40_001);
    for _ in 0..30 {
        run.talk(
            &mut other,
            &[Asks(GET), Waits(500 * MS), Says(VALUE), Hears],
        );
    }
    if stranded {
        let flight = [AUTH, PING, GET].concat();
        run.talk(
            &mut first,
            &[
                Asks(&flight),
                Says(OK),
                Says(PONG),
                Hears,
                Waits(2000 * MS),
                Hears,
            ],
        );
    } else {
        run.talk(&mut first, &[Asks(GET), Waits(2000 * MS), Hears]);
    }
    run.end()
}

#[test]
fn patience_knows_connections_that_are_still_open() {
    assert_eq!(slow_neighbour(false).accusations(), [""; 0]);
}

#[test]
fn patience_of_stranded_knows_connections_that_are_still_open() {
    assert_eq!(slow_neighbour(true).accusations(), [""; 0]);
}

#[test]
fn a_short_pause_excuses_nothing_for_ever() {
    let pause = "*3\r\n$6\r\nCLIENT\r\n$5\r\nPAUSE\r\n$3\r\n100\r\n";
    let mut run = Run::new();
    let mut admin = run.open(40_000);
    run.talk(
        &mut admin,
        &[Asks(pause), Says(OK), Hears, Waits(60_000 * MS)],
    );
    let mut client = run.open(40_001);
    let flight = [AUTH, GET, GET].concat();
    run.talk(
        &mut client,
        &[
            Asks(&flight),
            Says(OK),
            Says(VALUE),
            Hears,
            Waits(10_000 * MS),
            ClientEnds,
        ],
    );
    let said = run.end();
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

#[test]
fn an_unknown_command_may_wait() {
    assert!(weak(&told(&[
        Asks(PING),
        Says(PONG),
        Asks(FOO),
        Waits(3000 * MS),
        Hears
    ])));
}

#[test]
fn an_unknown_command_behind_auth_is_not_stranded_for_sure() {
    let flight = [AUTH, PING, FOO].concat();
    assert!(weak(&told(&[
        Asks(&flight),
        Says(OK),
        Says(PONG),
        Hears,
        Waits(3000 * MS),
        Hears
    ])));
}

#[test]
fn an_unknown_command_lowers_confidence() {
    let flight = [AUTH, FOO, PING].concat();
    let said = told(&[
        Asks(&flight),
        Says(OK),
        Says(OK),
        Says(NOAUTH),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert!(said.one("auth-race").confidence < Confidence::Certain);
}

#[test]
fn the_proof_of_auth_not_honoured_is_a_late_refusal() {
    let flight = [AUTH, PING].concat();
    let said = told(&[
        Asks(&flight),
        Says(OK),
        Says(NOAUTH),
        Asks(GET),
        Says(NOAUTH),
        ClientEnds,
    ]);
    let f = said.one("auth-not-honoured");
    assert!(
        f.proof.text.contains("after that reply had arrived"),
        "{}",
        f.proof.text
    );
}

fn raced(then: &[Step<'static>]) -> Said {
    let flight = [AUTH, &PING.repeat(9)].concat();
    let mut steps = vec![Asks(&flight), Says(OK)];
    steps.extend([Says(NOAUTH)].repeat(9));
    steps.extend_from_slice(then);
    told(&steps)
}

#[test]
fn the_late_refusal_is_shown_behind_many_blind_ones() {
    let said = raced(&[Asks(GET), Says(NOAUTH), ClientEnds]);
    let f = said.one("auth-not-honoured");
    assert!(f.exchanges.iter().any(|e| e.blind == Some(false)));
}

#[test]
fn an_expiry_behind_a_race_has_a_proof() {
    let said = raced(&[
        Asks(GET),
        Says(VALUE),
        Waits(2000 * MS),
        Asks(GET),
        Says(NOAUTH),
        Asks(GET),
        Says(NOAUTH),
        ClientEnds,
    ]);
    let f = said.one("auth-expired");
    assert!(f.proof.text.contains("NOAUTH"), "{}", f.proof.text);
}

#[test]
fn the_proof_of_auth_expired_shows_a_success() {
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Asks(GET),
        Says(VALUE),
        Waits(2000 * MS),
        Asks(GET),
        Says(NOAUTH),
        Asks(GET),
        Says(NOAUTH),
        ClientEnds,
    ]);
    let f = said.one("auth-expired");
    assert!(
        f.exchanges.iter().any(
            |e| e.command == "GET" && e.reply.as_deref().is_some_and(|r| !r.contains("NOAUTH"))
        )
    );
}

#[test]
fn the_proof_of_upstream_noauth_shows_a_success() {
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Asks(PING),
        Says(PONG),
        Asks(GET),
        Says(NOAUTH),
        ClientEnds,
    ]);
    assert!(
        said.one("upstream-noauth")
            .exchanges
            .iter()
            .any(|e| e.command == "PING")
    );
}

#[test]
fn a_stranded_command_says_what_was_not_seen() {
    let flight = [AUTH, GET, GET].concat();
    let said = told(&[
        Asks(&flight),
        Says(OK),
        Says(VALUE),
        Hears,
        Waits(3000 * MS),
        ClientEnds,
    ]);
    assert!(!said.one("auth-stranded").not_seen.is_empty());
}

#[test]
fn midstream_is_possible_at_most() {
    let flight = [AUTH, PING].concat();
    let said = midstream(&[
        Asks(GET),
        Says(VALUE),
        Hears,
        Waits(100 * MS),
        Asks(GET),
        Says(VALUE),
        Hears,
        Waits(100 * MS),
        Asks(&flight),
        Says(OK),
        Says(NOAUTH),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert_eq!(said.one("auth-race").confidence, Confidence::Possible);
}

#[test]
fn behind_a_gap_is_possible_at_most() {
    let flight = [AUTH, PING].concat();
    let said = told(&[
        Asks(GET),
        Unseen(VALUE),
        Hears,
        Waits(500 * MS),
        Asks(&flight),
        Says(OK),
        Says(NOAUTH),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert_eq!(said.one("auth-race").confidence, Confidence::Possible);
}

#[test]
fn an_answer_to_auth_tells_which_proxy_it_is() {
    let said = told(&[Asks(AUTH), Says("-ERR unauthorized\r\n"), ClientEnds]);
    assert!(said.summary.endpoints.iter().any(|e| e.role == Role::Proxy));
}

#[test]
fn an_injected_fault_is_a_proxy_error() {
    let said = told(&[Asks(GET), Says("-Fault Injected: Error\r\n"), ClientEnds]);
    assert_eq!(said.accusations(), ["proxy-error"]);
}

#[test]
fn bytes_that_are_no_resp_count_with_nothing_outstanding() {
    let said = told(&[
        Asks(PING),
        Says("+PONG\r\nHTTP/1.1 400 Bad Request\r\n\r\n"),
        Hears,
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["malformed-resp"]);
}

#[test]
fn attributes_and_streamed_types_are_resp() {
    let said = told(&[
        Asks("*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n"),
        Says("%1\r\n$6\r\nserver\r\n$5\r\nredis\r\n"),
        Asks(GET),
        Says("|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n"),
        Asks(GET),
        Says("$?\r\n;4\r\nabcd\r\n;0\r\n"),
        Asks("*1\r\n$4\r\nTIME\r\n"),
        Says("*?\r\n:1\r\n:2\r\n.\r\n"),
        Asks(PING),
        Says(PONG),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), [""; 0]);
    assert_eq!(said.summary.totals.counts.exchanges, 5);
}

#[test]
fn a_client_named_auth_sends_no_auth() {
    let hello = "*4\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$7\r\nSETNAME\r\n$4\r\nauth\r\n";
    let said = told(&[
        Asks(hello),
        Says("-NOAUTH HELLO must be called with the client already authenticated\r\n"),
        Asks(AUTH),
        Says(OK),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_password_set_on_a_live_connection_is_possible_at_most() {
    let said = told(&[
        Asks(GET),
        Says(VALUE),
        Asks(GET),
        Says(VALUE),
        Waits(1000 * MS),
        Asks(GET),
        Says(NOAUTH),
        ClientEnds,
    ]);
    assert_eq!(said.one("auth-missing").confidence, Confidence::Possible);
}

#[test]
fn an_open_connection_may_still_send_auth() {
    assert!(weak(&told(&[Asks(PING), Says(NOAUTH)])));
}

#[test]
fn a_released_flight_may_take_longer_than_a_millisecond() {
    let flight = [AUTH, GET, GET, GET].concat();
    let said = told(&[
        Asks(&flight),
        Says(OK),
        Says(VALUE),
        Hears,
        Waits(5000 * MS),
        Asks(AUTH),
        Waits(20 * MS),
        Says(VALUE),
        Waits(2 * MS),
        Says(VALUE),
        Waits(2 * MS),
        Says(OK),
        Hears,
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

#[test]
fn a_lost_segment_of_the_server_strands_nobody() {
    // The answer to GET is lost on the network and sent again; meanwhile the client renews its login.
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    let flight = [AUTH, PING, GET].concat();
    run.talk(
        &mut ends,
        &[
            Asks(&flight),
            Waits(10 * MS),
            Says(OK),
            Says(PONG),
            Hears,
            Waits(10 * MS),
        ],
    );
    let value_at = ends.server;
    ends.server += u32::try_from(VALUE.len()).unwrap();
    run.capture(&packet(
        40_000,
        true,
        ends.client,
        value_at,
        ACK,
        AUTH.as_bytes(),
    ));
    ends.client += u32::try_from(AUTH.len()).unwrap();
    run.now += 10 * MS;
    run.send(&mut ends, false, ACK, OK);
    run.now += 200 * MS;
    run.capture(&packet(
        40_000,
        false,
        value_at,
        ends.client,
        ACK,
        VALUE.as_bytes(),
    ));
    run.talk(&mut ends, &[Hears, Asks(PING), Says(PONG), ClientEnds]);
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_blind_command_behind_unauthenticated_quit_in_flight() {
    // The whole flight at once, QUIT at its end, as simple clients do.
    let flight = [AUTH, GET, QUIT].concat();
    let said = told(&[Asks(&flight), Says(OK), Says(NOAUTH), Says(OK), ClientEnds]);
    assert_eq!(said.one("auth-race").confidence, Confidence::Likely);
}

const EVALSHA: &str = "*3\r\n$7\r\nEVALSHA\r\n$2\r\nab\r\n$1\r\n0\r\n";

#[test]
fn a_script_in_the_flight_hides_no_strand() {
    let flight = [AUTH, GET, EVALSHA, GET].concat();
    let said = told(&[
        Asks(&flight),
        Says(OK),
        Says(VALUE),
        Hears,
        Waits(10_000 * MS),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

#[test]
fn a_stream_read_that_does_not_block_may_be_unanswered() {
    let xread = "*4\r\n$5\r\nXREAD\r\n$7\r\nSTREAMS\r\n$1\r\ns\r\n$1\r\n0\r\n";
    let said = told(&[
        Asks(PING),
        Says(PONG),
        Asks(xread),
        Waits(10_000 * MS),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["unanswered"]);
}

#[test]
fn a_blocking_command_behind_excuses_nothing_in_front() {
    let said = told(&[
        Asks(PING),
        Says(PONG),
        Asks(GET),
        Waits(10_000 * MS),
        Asks(BLPOP),
        Waits(100 * MS),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["unanswered"]);
}

#[test]
fn an_upstream_failure_of_a_script_counts() {
    let said = told(&[Asks(EVALSHA), Says("-upstream failure\r\n"), ClientEnds]);
    assert_eq!(said.accusations(), ["proxy-error"]);
}

/// Packets of the connection on port 40_000 are in input 0, all others in input 1.
fn two_inputs(steps: &[Step<'_>]) -> Said {
    let mut run = Run::new();
    let mut other = run.open(40_001);
    let mut one = run.open(40_000);
    run.talk(&mut one, steps);
    run.talk(&mut other, &[Asks(PING), Says(PONG), Hears]);
    // From here on only the second input goes on.
    for n in 0..10 {
        run.now += 1000 * MS;
        let bytes = packet(
            40_001,
            true,
            other.client,
            other.server,
            ACK,
            PING.as_bytes(),
        );
        other.client += u32::try_from(PING.len()).unwrap();
        let reply = packet(
            40_001,
            false,
            other.server,
            other.client,
            ACK,
            PONG.as_bytes(),
        );
        other.server += u32::try_from(PONG.len()).unwrap();
        for (at, bytes) in [(2 * n, bytes), (2 * n + 1, reply)] {
            run.now += MS;
            run.analyzer.push(&Packet {
                at: PacketRef::new(1, 1000 + at),
                time: Timestamp::from_nanos(run.now),
                link: 101,
                wire_len: u32::try_from(bytes.len()).unwrap(),
                bytes: &bytes,
            });
        }
    }
    run.end()
}

#[test]
fn an_input_that_ended_says_nothing_of_later() {
    let flight = [AUTH, PING, GET].concat();
    let said = two_inputs(&[Asks(&flight), Says(OK), Says(PONG), Hears]);
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn answered_well_is_not_said_of_what_was_not_answered() {
    let flight = [AUTH, PING, BLPOP, GET].concat();
    let said = told(&[
        Asks(&flight),
        Says(OK),
        Says(PONG),
        Hears,
        Waits(10_000 * MS),
        ClientEnds,
    ]);
    let note = said
        .findings
        .values()
        .find(|f| f.rule == "pipelined-past-auth");
    assert!(note.is_none_or(|f| !f.proof.text.contains("all were answered well")));
}

#[test]
fn hello_and_auth_in_one_flight() {
    let name = "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$1\r\nx\r\n";
    let flight = [HELLO_AUTH, AUTH, name, GET].concat();
    let map = "%1\r\n$6\r\nserver\r\n$5\r\nredis\r\n";
    let said = told(&[
        Asks(&flight),
        Says(map),
        Says(OK),
        Says(NOAUTH),
        Says(NOAUTH),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    let race = said.one("auth-race");
    assert_eq!((race.affected, race.confidence), (2, Confidence::Certain));
}

#[test]
fn a_transaction_in_a_race() {
    let flight = [AUTH, "*1\r\n$5\r\nMULTI\r\n", SET, "*1\r\n$4\r\nEXEC\r\n"].concat();
    let abort = "-EXECABORT Transaction discarded because of: NOAUTH Authentication required.\r\n";
    let said = told(&[
        Asks(&flight),
        Says(OK),
        Says(NOAUTH),
        Says(NOAUTH),
        Says(abort),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    let race = said.one("auth-race");
    assert_eq!((race.affected, race.confidence), (3, Confidence::Certain));
}

#[test]
fn a_late_answer_of_the_released_counts() {
    // Envoy up to 1.39: the second AUTH releases one more command, the third stays.
    let flight = [AUTH, GET, GET, GET].concat();
    let said = told(&[
        Asks(&flight),
        Says(OK),
        Says(VALUE),
        Hears,
        Waits(5000 * MS),
        Asks(AUTH),
        Waits(20 * MS),
        Says(VALUE),
        Hears,
        Waits(5000 * MS),
        Hears,
        ClientEnds,
    ]);
    assert_eq!(said.one("auth-stranded").affected, 2);
}

#[test]
fn a_re_auth_refused_behind_a_gap_is_not_a_first_login() {
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Asks(GET),
        Unseen(VALUE),
        Hears,
        Waits(500 * MS),
        Asks(GET),
        Says(VALUE),
        Asks(AUTH),
        Says(WRONG),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert_eq!(
        said.accusations()
            .iter()
            .filter(|r| **r == "auth-refused")
            .count(),
        0
    );
}

const REPLCONF: &str = "*3\r\n$8\r\nREPLCONF\r\n$14\r\nlistening-port\r\n$4\r\n6380\r\n";
const PSYNC: &str = "*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n";

#[test]
fn a_replica_asks_with_ping_before_it_logs_in() {
    // replication.c: PING first; -NOAUTH is taken as "alive", then AUTH follows.
    let said = told(&[
        Asks(PING),
        Says(NOAUTH),
        Asks(AUTH),
        Says(OK),
        Asks(REPLCONF),
        Says(OK),
        Asks(PSYNC),
        Says("\n"),
        Waits(500 * MS),
        Says("\n"),
        Says("+FULLRESYNC 0123456789012345678901234567890123456789 1\r\n$5\r\nREDIS"),
        Says(PING),
        Hears,
        Asks("*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$1\r\n1\r\n"),
        Waits(5000 * MS),
        Hears,
    ]);
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn keep_alives_of_a_replication_are_no_malformed_resp() {
    let said = told(&[
        Asks(PING),
        Says(PONG),
        Asks(REPLCONF),
        Says(OK),
        Asks(PSYNC),
        Says("\n"),
        Waits(500 * MS),
        Says("\n"),
        Says("+FULLRESYNC 0123456789012345678901234567890123456789 1\r\n$5\r\nREDIS"),
        Says(PING),
        Hears,
        Waits(5000 * MS),
        Hears,
    ]);
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn wrongpass_answers_no_get() {
    // The reply to an uncaptured SET comes first, behind the acknowledgement of the whole flight.
    let mut run = Run::new();
    let mut ends = Ends {
        port: 40_000,
        client: 1000,
        server: 5000,
    };
    let flight = [AUTH, GET, GET].concat();
    run.talk(&mut ends, &[Asks(&flight)]);
    server_hears(&mut run, &mut ends);
    run.talk(
        &mut ends,
        &[
            Waits(20 * MS),
            Says(OK),
            Says(WRONG),
            Says(NOAUTH),
            Says(NOAUTH),
            Hears,
            ClientEnds,
        ],
    );
    let said = run.end();
    assert_eq!(
        said.accusations()
            .iter()
            .filter(|r| **r == "auth-race")
            .count(),
        0
    );
}

#[test]
fn an_inline_race() {
    let said = told(&[
        Asks("AUTH pwd\r\nPING\r\n"),
        Says(OK),
        Says(NOAUTH),
        Asks("PING\r\n"),
        Says(PONG),
        ClientEnds,
    ]);
    assert_eq!(said.one("auth-race").confidence, Confidence::Certain);
}

#[test]
fn a_list_that_reads_like_a_confirmation_is_an_answer_midstream() {
    let lrange = "*4\r\n$6\r\nLRANGE\r\n$1\r\na\r\n$1\r\n0\r\n$1\r\n2\r\n";
    let said = midstream(&[
        Asks(lrange),
        Says("*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        Hears,
        Waits(2000 * MS),
        Hears,
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), [""; 0]);
    assert_eq!(said.summary.totals.counts.exchanges, 1);
}

#[test]
fn a_race_in_a_flight_of_sets_is_seen() {
    let flight = [SET, AUTH, SET, SET].concat();
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Asks(&flight),
        Says(OK),
        Says(OK),
        Says(NOAUTH),
        Says(NOAUTH),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    let race = said.one("auth-race");
    assert_eq!((race.affected, race.confidence), (2, Confidence::Likely));
}

#[test]
fn resp3_pushes_between_auth_and_its_victims() {
    let flight = [HELLO_AUTH, GET, GET].concat();
    let map = "%1\r\n$6\r\nserver\r\n$5\r\nredis\r\n";
    let push = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n";
    let said = told(&[
        Asks(&flight),
        Says(map),
        Says(push),
        Says(NOAUTH),
        Says(push),
        Says(NOAUTH),
        Asks(GET),
        Says("_\r\n"),
        ClientEnds,
    ]);
    let race = said.one("auth-race");
    assert_eq!((race.affected, race.confidence), (2, Confidence::Certain));
}

#[test]
fn a_server_that_crashed_while_auth_was_asked_is_not_silent() {
    // FAULTS 1.2: the proxy ends while an auth call is in flight.
    let flight = [AUTH, GET].concat();
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(&mut ends, &[Asks(&flight)]);
    server_hears(&mut run, &mut ends);
    run.talk(&mut ends, &[Waits(1500 * MS)]);
    run.send(&mut ends, false, 0x04 | ACK, "");
    let said = run.end();
    assert_eq!(said.accusations(), ["closed-unanswered"]);
}

#[test]
fn refusals_behind_an_unknown_hello_are_not_silent() {
    for text in [
        "-NOPROTO unsupported protocol version\r\n",
        "-ERR unknown command 'HELLO', with args beginning with: 3\r\n",
    ] {
        let flight = [HELLO_AUTH, GET, GET].concat();
        let said = told(&[
            Asks(&flight),
            Says(text),
            Says(NOAUTH),
            Says(NOAUTH),
            Asks(GET),
            Says(NOAUTH),
            ClientEnds,
        ]);
        assert!(!said.rules().is_empty(), "{text}");
    }
}

#[test]
fn refusals_in_front_of_an_auth_that_is_no_login_are_kept() {
    // Accepted, then HELLO AUTH that the server does not know: the login of before is still there.
    let said = told(&[
        Asks(AUTH),
        Says(OK),
        Asks(HELLO_AUTH),
        Says("-NOPROTO unsupported protocol version\r\n"),
        Asks(GET),
        Says(NOAUTH),
        Asks(GET),
        Says(NOAUTH),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["auth-not-honoured", "auth-error"]);
}

#[test]
fn a_race_behind_auth_and_a_hello_that_is_not_understood() {
    // SE.Redis or node-redis: AUTH, HELLO … AUTH and more in one flight, Envoy without RESP3.
    let flight = [AUTH, HELLO_AUTH, PING].concat();
    let said = told(&[
        Asks(&flight),
        Says(OK),
        Says("-NOPROTO unsupported protocol version\r\n"),
        Says(NOAUTH),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["auth-race"]);
}

#[test]
fn a_race_on_a_renewal_that_is_refused_by_race() {
    let hello = "*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n";
    let flight = [AUTH, hello, PING].concat();
    let said = told(&[
        Asks(&flight),
        Says(OK),
        Says("-NOAUTH HELLO must be called with the client already authenticated\r\n"),
        Says(NOAUTH),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    let race = said.one("auth-race");
    assert_eq!((race.affected, race.confidence), (2, Confidence::Certain));
}

fn push_in(run: &mut Run, file: u16, number: u64, bytes: &[u8]) {
    run.analyzer.push(&Packet {
        at: PacketRef::new(file, number),
        time: Timestamp::from_nanos(run.now),
        link: 101,
        wire_len: u32::try_from(bytes.len()).unwrap(),
        bytes,
    });
}

#[test]
fn two_captures_of_two_days_are_not_one_silence() {
    let mut run = Run::new();
    let mut one = run.open(40_000);
    let flight = [AUTH, PING, GET].concat();
    run.talk(&mut one, &[Asks(&flight), Says(OK), Says(PONG), Hears]);
    run.now += 24 * 3600 * 1000 * MS;
    push_in(&mut run, 1, 1, &packet(40_001, true, 1000, 0, SYN, b""));
    run.now += MS;
    push_in(
        &mut run,
        1,
        2,
        &packet(40_001, false, 5000, 1001, SYN | ACK, b""),
    );
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn one_packet_of_a_wrong_time_is_no_silence() {
    let mut run = Run::new();
    let mut one = run.open(40_000);
    let flight = [AUTH, PING, GET].concat();
    run.talk(&mut one, &[Asks(&flight), Says(OK), Says(PONG), Hears]);
    let now = run.now;
    run.now += 365 * 24 * 3600 * 1000 * MS;
    push_in(&mut run, 0, 100, &packet(40_001, true, 1000, 0, SYN, b""));
    run.now = now;
    run.talk(
        &mut one,
        &[Says(VALUE), Hears, Asks(PING), Says(PONG), ClientEnds],
    );
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_reply_behind_a_hole_at_the_end_is_no_silence() {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(
        &mut ends,
        &[
            Asks(PING),
            Says(PONG),
            Hears,
            Asks(&[GET, GET].concat()),
            Unseen(VALUE),
            Says(VALUE),
        ],
    );
    let mut other = run.open(40_001);
    run.talk(
        &mut other,
        &[
            Waits(3000 * MS),
            Asks(PING),
            Says(PONG),
            Waits(3000 * MS),
            Asks(PING),
            Says(PONG),
        ],
    );
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_first_login_is_none_again_where_none_was_needed() {
    let said = told(&[
        Asks(GET),
        Says(VALUE),
        Asks(AUTH),
        Says(WRONG),
        Asks(GET),
        Says(VALUE),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), ["auth-refused"]);
}

#[test]
fn a_failure_inside_mget_counts() {
    let mget = "*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$1\r\nb\r\n";
    for (reply, accused) in [
        ("*2\r\n$1\r\nv\r\n-no upstream host\r\n", true),
        ("*2\r\n$16\r\nno upstream host\r\n$-1\r\n", false),
    ] {
        let said = told(&[Asks(mget), Says(reply), ClientEnds]);
        let wanted = if accused { vec!["proxy-error"] } else { vec![] };
        assert_eq!(said.accusations(), wanted, "{reply}");
    }
}

#[test]
fn pairing_found_in_the_wrong_place_takes_closed_windows_back_too() {
    let flight = [AUTH, PING].concat();
    let echo = "*2\r\n$4\r\nECHO\r\n$1\r\nx\r\n";
    let story = |answer| {
        midstream(&[
            Asks(&flight),
            Says(OK),
            Says(NOAUTH),
            Asks(AUTH),
            Says(OK),
            Asks(echo),
            Says(answer),
            ClientEnds,
        ])
    };
    assert_eq!(story("$1\r\nx\r\n").accusations(), ["auth-race"]);
    assert_eq!(story("$1\r\ny\r\n").accusations(), [""; 0]);
}

#[test]
fn info_shows_nothing_where_a_proxy_answers_it_itself() {
    let info = "*1\r\n$4\r\nINFO\r\n";
    let text = "$4\r\na:1\n\r\n";
    let flight = [AUTH, info, GET].concat();
    let story = |evidence: &str| {
        let mut run = Run::new();
        let mut ends = run.open(40_000);
        run.talk(&mut ends, &[Asks(GET), Says(evidence), ClientEnds]);
        let mut ends = run.open(40_001);
        let steps = [
            Asks(&flight),
            Says(OK),
            Says(text),
            Says(NOAUTH),
            ClientEnds,
        ];
        run.talk(&mut ends, &steps);
        run.end()
    };
    // Forwarded, its answer shows that Redis served this login.
    let forwarded = story(VALUE);
    assert_eq!(forwarded.accusations(), ["noauth-unexplained"]);
    // predixy answers INFO itself.
    let own = story("-ERR no server avaliable\r\n");
    assert_eq!(own.one("auth-race").confidence, Confidence::Likely);
}
