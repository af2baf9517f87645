//! `auth-expired`: a login that works and then does not.

use super::auth_not_honoured::raced;
use crate::talk::told;

#[test]
fn quit_hides_no_expiry() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: GET a
        S: $1 / v
        W 2000
        C: GET a
        S: -NOAUTH Authentication required.
        C: GET a
        S: -NOAUTH Authentication required.
        C: QUIT
        S: +OK
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["auth-expired"]);
}

#[test]
fn an_expiry_behind_a_race_has_a_proof() {
    let said = raced(
        "
        C: GET a
        S: $1 / v
        W 2000
        C: GET a
        S: -NOAUTH Authentication required.
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    let f = said.one("auth-expired");
    assert!(f.proof.text.contains("NOAUTH"), "{}", f.proof.text);
}

#[test]
fn the_proof_of_auth_expired_shows_a_success() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: GET a
        S: $1 / v
        W 2000
        C: GET a
        S: -NOAUTH Authentication required.
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    let f = said.one("auth-expired");
    assert!(
        f.exchanges.iter().any(
            |e| e.command == "GET" && e.reply.as_deref().is_some_and(|r| !r.contains("NOAUTH"))
        )
    );
}

#[test]
fn an_expiry_behind_a_race_proves_the_success() {
    let said = told(
        "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C.
        C: GET a
        S: $1 / v
        C.
        W 2000
        C: GET a
        S: -NOAUTH Authentication required.
        C.
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    let f = said.one("auth-expired");
    assert!(f.proof.text.contains("succeeded"), "{}", f.proof.text);
}
