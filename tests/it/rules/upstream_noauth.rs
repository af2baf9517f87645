//! `upstream-noauth`: the Redis behind the proxy refuses, not the proxy.

use crate::talk::told;

#[test]
fn quit_makes_no_upstream_noauth() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: GET a
        S: -NOAUTH Authentication required.
        C: QUIT
        S: +OK
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["auth-not-honoured"]);
}

#[test]
fn the_proof_of_upstream_noauth_shows_a_success() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: PING
        S: +PONG
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    assert!(
        said.one("upstream-noauth")
            .exchanges
            .iter()
            .any(|e| e.command == "PING")
    );
}

#[test]
fn the_redis_behind_the_proxy_refuses() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: PING
        S: +PONG
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["upstream-noauth"]);
}
