//! `auth-missing`: a client that sends no AUTH.

use crate::talk::told;
use redorder::rules::Confidence;

#[test]
fn a_password_set_on_a_live_connection_is_possible_at_most() {
    let said = told(
        "
        C: GET a
        S: $1 / v
        C: GET a
        S: $1 / v
        W 1000
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    assert_eq!(said.one("auth-missing").confidence, Confidence::Possible);
}

#[test]
fn an_open_connection_may_still_send_auth() {
    let said = told(
        r"
        C: PING
        S: -NOAUTH Authentication required.
    ",
    );
    assert!(said.is_weak());
}

#[test]
fn a_replica_asks_with_ping_before_it_logs_in() {
    // replication.c: PING first; -NOAUTH is taken as "alive", then AUTH follows.
    let said = told(
        r"
        C: PING
        S: -NOAUTH Authentication required.
        C: AUTH pwd
        S: +OK
        C: REPLCONF listening-port 6380
        S: +OK
        C: PSYNC ? -1
        S= \n
        W 500
        S= \n
        S= +FULLRESYNC 0123456789012345678901234567890123456789 1\r\n$5\r\nREDIS
        S: *1 / $4 / PING
        C.
        C: REPLCONF ACK 1
        W 5000
        C.
    ",
    );
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn an_old_replica_is_no_client_that_forgot_auth() {
    let said = told(
        r"
        C: PING
        S: -NOAUTH Authentication required.
        C: AUTH pwd
        S: +OK
        C: SYNC
        S= $5\r\nREDIS
        S: *1 / $4 / PING
        C.
        W 2000
        C.
    ",
    );
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn the_words_of_a_script_behind_reply_skip_are_possible_at_most() {
    let skip = "C: CLIENT REPLY SKIP ; PING ; EVAL script 0 ; PING\n";
    let said = told(&format!("{skip}S: -NOAUTH of a script / +PONG\nC.\nFIN"));
    let finding = said.one("auth-missing");
    assert_eq!(finding.confidence, Confidence::Possible);
    assert!(finding.not_seen[0].contains("script"), "{finding:?}");
    // Who is not logged in may nothing else either.
    let no = "-NOAUTH Authentication required.";
    let said = told(&format!("{skip}S: {no} / {no} / {no} / {no}\nC.\nFIN"));
    assert_eq!(said.one("auth-missing").confidence, Confidence::Likely);
}
