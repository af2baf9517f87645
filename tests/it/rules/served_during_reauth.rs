//! `served-during-reauth`: a new AUTH is refused, and the commands behind it are served.

use crate::talk::{Run, midstream, told};
use redorder::analyzer::Event;

#[test]
fn served_during_reauth_is_seen_midstream() {
    let said = midstream(
        "
        C: GET a
        S: $1 / v
        C.
        W 100
        C: GET a
        S: $1 / v
        C.
        W 100
        C: AUTH pwd ; GET a
        S: -ERR unauthorized
        S: $1 / v
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["served-during-reauth"]);
}

#[test]
fn a_login_that_works_behind_a_race_is_a_login() {
    let said = told(
        "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C.
        C: GET a
        S: $1 / v
        C.
        W 1000
        C: AUTH pwd ; GET a
        S: -ERR unauthorized
        S: $1 / v
        C.
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    let mut rules = said.accusations();
    rules.sort_unstable();
    assert_eq!(rules, ["auth-race", "served-during-reauth"]);
}

#[test]
fn what_is_final_does_not_come_back() {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(
        &mut ends,
        "
        C: AUTH pwd
        S: +OK
        C.
        C: GET a
        S: $1 / v
        C.
        C: AUTH pwd ; GET a
        S: -ERR unauthorized
        S: $1 / v
        C.
        C: GET a
        S: -NOAUTH Authentication required.
        C.
        C: GET a
        S: $1 / v
        C.
        FIN
    ",
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
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C.
        C: GET a
        S: $1 / v
        C.
        C: AUTH pwd ; GET a
        W 20
        C: SET a b
        S: -ERR unauthorized
        S: $1 / v
        S: -NOAUTH Authentication required.
        C.
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["served-during-reauth"]);
}

#[test]
fn midstream_refused_served_refused_is_a_renewal() {
    let said = midstream(
        "
        C: PING
        S: +PONG
        C.
        W 100
        C: AUTH pwd
        S: -ERR unauthorized
        C.
        W 100
        C: GET a
        S: $1 / v
        C.
        W 100
        C: AUTH pwd ; GET a
        S: -ERR unauthorized
        S: $1 / v
        C.
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    assert!(
        said.accusations().contains(&"served-during-reauth"),
        "{:?}",
        said.rules()
    );
}
