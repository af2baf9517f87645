//! `command-before-auth`: what was refused because AUTH came later.

use crate::talk::told;

#[test]
fn commands_behind_a_hello_auth_are_not_in_front_of_auth() {
    // rueidis, node-redis: HELLO … AUTH and more at once, then AUTH as a fallback.
    let said = told(
        r"
        C: HELLO 3 AUTH default pwd ; GET a
        S= -ERR unknown command `HELLO`, with args beginning with: `3`, \r\n
        S: -NOAUTH Authentication required.
        C.
        C: AUTH pwd
        S: +OK
        C.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert!(!said.accusations().contains(&"command-before-auth"));
}

#[test]
fn what_was_refused_in_front_of_a_gap_and_auth_is_told() {
    let said = told(
        "
        C: GET a
        S: -NOAUTH Authentication required.
        C.
        C: SET a b
        S: -NOAUTH Authentication required.
        C.
        C: GET a
        S! -NOAUTH Authentication required.
        C.
        W 500
        C: AUTH pwd
        S: +OK
        C.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert!(
        said.accusations().contains(&"command-before-auth"),
        "{:?}",
        said.rules()
    );
}

#[test]
fn an_early_reply_takes_no_refusal_in_front_of_auth_back() {
    let said = told(
        "
        C: GET a
        S: -NOAUTH Authentication required.
        C.
        C: AUTH pwd
        S: +OK
        C.
        W 100
        C: GET a
        S- $1 / v
        S: :1
        C.
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["command-before-auth"]);
}

#[test]
fn an_auth_still_on_its_way_is_an_auth() {
    let said = told(
        "
        C: PING
        S: -NOAUTH Authentication required.
        C: AUTH pwd
    ",
    );
    assert_eq!(said.rules(), ["command-before-auth"]);
    let finding = said.one("command-before-auth");
    assert_eq!((finding.affected, finding.exchanges.len()), (1, 2));
    assert_eq!(finding.exchanges[0].command, "AUTH");
}

#[test]
fn a_client_named_auth_sends_no_auth() {
    let said = told(
        "
        C: HELLO 3 SETNAME auth
        S: -NOAUTH HELLO must be called with the client already authenticated
        C: AUTH pwd
        S: +OK
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn an_auth_that_is_still_loading_is_an_auth() {
    let said = told(
        "
        C: AUTH pwd ; GET a
        S: -upstream failure
        S: -NOAUTH Authentication required.
        C.
        W 1000
        C: AUTH pwd
        S: +OK
        C.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert!(
        !said.accusations().contains(&"command-before-auth"),
        "{:?}",
        said.rules()
    );
}

#[test]
fn a_refused_multi_is_said() {
    let said = told(
        "
        C: MULTI
        S: -NOAUTH Authentication required.
        C: SET a b
        S: -NOAUTH Authentication required.
        C: AUTH pwd
        S: +OK
        C: SET a b
        S: +OK
        FIN
    ",
    );
    let notes = &said.one("command-before-auth").notes;
    assert!(notes.iter().any(|n| n.starts_with("MULTI")), "{notes:?}");
}
