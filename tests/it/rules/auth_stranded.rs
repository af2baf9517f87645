//! `auth-stranded`: commands that AUTH left behind, and the many reasons to wait that are none of its business.

use crate::talk::{ACK, MS, Run, SYN, Said, packet, told};

#[test]
fn half_an_answer_is_not_stranded() {
    let part = format!("S= {}\nC.\nW 100\n", "x".repeat(1400));
    let head = "C: AUTH pwd ; PING ; GET a\nS: +OK\nS: +PONG\nS: $10000000\n";
    let said = told(&(head.to_owned() + &part.repeat(30)));
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_short_pause_excuses_nothing_for_ever() {
    let mut run = Run::new();
    let mut admin = run.open(40_000);
    run.talk(
        &mut admin,
        "
        C: CLIENT PAUSE 100
        S: +OK
        C.
        W 60000
    ",
    );
    let mut client = run.open(40_001);
    run.talk(
        &mut client,
        "
        C: AUTH pwd ; GET a ; GET a
        S: +OK
        S: $1 / v
        C.
        W 10000
        FIN
    ",
    );
    let said = run.end();
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

#[test]
fn an_unknown_command_behind_auth_is_not_stranded_for_sure() {
    let said = told(
        "
        C: AUTH pwd ; PING ; FOO.WAIT a
        S: +OK
        S: +PONG
        C.
        W 3000
        C.
    ",
    );
    assert!(said.is_weak());
}

#[test]
fn a_stranded_command_says_what_was_not_seen() {
    let said = told(
        "
        C: AUTH pwd ; GET a ; GET a
        S: +OK
        S: $1 / v
        C.
        W 3000
        FIN
    ",
    );
    assert!(!said.one("auth-stranded").not_seen.is_empty());
}

#[test]
fn a_released_flight_may_take_longer_than_a_millisecond() {
    let said = told(
        "
        C: AUTH pwd ; GET a ; GET a ; GET a
        S: +OK
        S: $1 / v
        C.
        W 5000
        C: AUTH pwd
        W 20
        S: $1 / v
        W 2
        S: $1 / v
        W 2
        S: +OK
        C.
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

#[test]
fn a_lost_segment_of_the_server_strands_nobody() {
    // The answer to GET is lost on the network and sent again; meanwhile the client renews its login.
    let (auth, value) = (b"*2\r\n$4\r\nAUTH\r\n$3\r\npwd\r\n", b"$1\r\nv\r\n");
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(
        &mut ends,
        "
        C: AUTH pwd ; PING ; GET a
        W 10
        S: +OK
        S: +PONG
        C.
        W 10
        ",
    );
    let (client, lost) = (ends.client, ends.server);
    ends.server += u32::try_from(value.len()).unwrap();
    run.capture(&packet(40_000, true, client, lost, ACK, auth));
    ends.client += u32::try_from(auth.len()).unwrap();
    run.talk(&mut ends, "W 10\nS: +OK\nW 200");
    run.capture(&packet(40_000, false, lost, ends.client, ACK, value));
    run.talk(&mut ends, "C.\nC: PING\nS: +PONG\nFIN");
    assert_eq!(run.end().accusations(), [""; 0]);
}

#[test]
fn a_script_in_the_flight_hides_no_strand() {
    let said = told(
        "
        C: AUTH pwd ; GET a ; EVALSHA ab 0 ; GET a
        S: +OK
        S: $1 / v
        C.
        W 10000
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

/// Packets of the connection on port 40_000 are in input 0, all others in input 1.
fn two_inputs(dialogue: &str) -> Said {
    let mut run = Run::new();
    let mut other = run.open(40_001);
    let mut one = run.open(40_000);
    run.talk(&mut one, dialogue);
    run.talk(&mut other, "C: PING\nS: +PONG\nC.");
    // From here on only the second input goes on.
    let (ping, pong) = (b"*1\r\n$4\r\nPING\r\n", b"+PONG\r\n");
    for n in 0..10 {
        run.now += 1000 * MS;
        let (client, server) = (other.client, other.server);
        let bytes = packet(40_001, true, client, server, ACK, ping);
        other.client += u32::try_from(ping.len()).unwrap();
        let reply = packet(40_001, false, server, other.client, ACK, pong);
        other.server += u32::try_from(pong.len()).unwrap();
        run.push_in(1, 1000 + 2 * n, &bytes);
        run.push_in(1, 1001 + 2 * n, &reply);
    }
    run.end()
}

#[test]
fn an_input_that_ended_says_nothing_of_later() {
    let said = two_inputs("C: AUTH pwd ; PING ; GET a\nS: +OK\nS: +PONG\nC.");
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_late_answer_of_the_released_counts() {
    // Envoy up to 1.39: the second AUTH releases one more command, the third stays.
    let said = told(
        "
        C: AUTH pwd ; GET a ; GET a ; GET a
        S: +OK
        S: $1 / v
        C.
        W 5000
        C: AUTH pwd
        W 20
        S: $1 / v
        C.
        W 5000
        C.
        FIN
    ",
    );
    assert_eq!(said.one("auth-stranded").affected, 2);
}

#[test]
fn two_captures_of_two_days_are_not_one_silence() {
    let mut run = Run::new();
    let mut one = run.open(40_000);
    run.talk(
        &mut one,
        "
        C: AUTH pwd ; PING ; GET a
        S: +OK
        S: +PONG
        C.
    ",
    );
    run.now += 24 * 3600 * 1000 * MS;
    run.push_in(1, 1, &packet(40_001, true, 1000, 0, SYN, b""));
    run.now += MS;
    run.push_in(1, 2, &packet(40_001, false, 5000, 1001, SYN | ACK, b""));
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn one_packet_of_a_wrong_time_is_no_silence() {
    let mut run = Run::new();
    let mut one = run.open(40_000);
    run.talk(
        &mut one,
        "
        C: AUTH pwd ; PING ; GET a
        S: +OK
        S: +PONG
        C.
    ",
    );
    let now = run.now;
    run.now += 365 * 24 * 3600 * 1000 * MS;
    run.push_in(0, 100, &packet(40_001, true, 1000, 0, SYN, b""));
    run.now = now;
    run.talk(
        &mut one,
        "
        S: $1 / v
        C.
        C: PING
        S: +PONG
        FIN
    ",
    );
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_pause_that_began_long_after_excuses_nothing() {
    let mut run = Run::new();
    let mut client = run.open(40_001);
    let mut admin = run.open(40_000);
    run.talk(
        &mut client,
        "
        C: AUTH pwd ; GET a ; GET a
        S: +OK
        S: $1 / v
        C.
        W 60000
    ",
    );
    run.talk(&mut admin, "C: CLIENT PAUSE 100\nS: +OK\nC.\nW 500");
    run.talk(&mut client, "FIN");
    let said = run.end();
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

#[test]
fn an_unpause_without_a_pause_excuses_nothing() {
    let mut run = Run::new();
    let mut client = run.open(40_001);
    let mut admin = run.open(40_000);
    run.talk(
        &mut client,
        "
        C: AUTH pwd ; GET a ; GET a
        S: +OK
        S: $1 / v
        C.
        W 60000
    ",
    );
    run.talk(
        &mut admin,
        "
        C: CLIENT UNPAUSE
        S: +OK
        C.
        W 500
    ",
    );
    run.talk(&mut client, "FIN");
    let said = run.end();
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

#[test]
fn a_paused_server_strands_nobody_until_the_next_auth() {
    let mut run = Run::new();
    let mut admin = run.open(40_000);
    let mut client = run.open(40_001);
    run.talk(&mut admin, "C: CLIENT PAUSE 3000 WRITE\nS: +OK\nC.");
    run.talk(
        &mut client,
        "
        C: AUTH pwd ; PING ; SET a b
        S: +OK
        S: +PONG
        C.
        W 1500
        C: AUTH pwd
        W 1500
        S: +OK
        S: +OK
        C.
        C: PING
        S: +PONG
        FIN
    ",
    );
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn half_a_push_is_no_half_answer() {
    let said = told(
        r"
        C: HELLO 3 AUTH default pwd ; PING ; GET a
        S: %1 / $6 / server / $5 / redis
        S: +PONG
        C.
        W 10000
        S= >2\r\n$10\r\ninval
        C.
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

#[test]
fn a_pause_behind_the_close_excuses_nothing() {
    let mut run = Run::new();
    let mut client = run.open(40_001);
    let mut admin = run.open(40_000);
    run.talk(
        &mut client,
        "
        C: AUTH pwd ; GET a ; GET a
        S: +OK
        S: $1 / v
        C.
        W 60000
        FIN
    ",
    );
    run.talk(&mut admin, "C: CLIENT PAUSE 100\nS: +OK\nC.\nW 500\nC.");
    let said = run.end();
    assert_eq!(said.accusations(), ["auth-stranded"]);
}

#[test]
fn a_blocking_command_behind_auth_is_not_stranded() {
    let said = told(
        "
        C: AUTH pwd ; PING ; BLPOP q 0
        S: +OK
        S: +PONG
        C.
        W 1500
        C: AUTH pwd
        W 20
        S: *2 / $1 / q / $1 / v
        S: +OK
        FIN
    ",
    );
    assert_eq!(said.accusations(), [""; 0]);
    let behind = told(
        "
        C: AUTH pwd ; PING ; BLPOP q 0 ; PING
        S: +OK
        S: +PONG
        C.
        W 1500
        C: AUTH pwd
        W 20
        S: *2 / $1 / q / $1 / v
        S: +PONG
        S: +OK
    ",
    );
    assert_eq!(behind.accusations(), [""; 0]);
}

fn slow_neighbour(stranded: bool) -> Said {
    let mut run = Run::new();
    let mut first = run.open(40_000);
    let mut other = run.open(40_001);
    for _ in 0..30 {
        run.talk(
            &mut other,
            "
            C: GET a
            W 500
            S: $1 / v
            C.
        ",
        );
    }
    if stranded {
        run.talk(
            &mut first,
            "
            C: AUTH pwd ; PING ; GET a
            S: +OK
            S: +PONG
            C.
            W 2000
            C.
        ",
        );
    } else {
        run.talk(
            &mut first,
            "
            C: GET a
            W 2000
            C.
        ",
        );
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
