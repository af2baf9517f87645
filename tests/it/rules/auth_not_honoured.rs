//! `auth-not-honoured`: an accepted login that serves nothing.

use crate::talk::{Run, Said, told};
use redorder::analyzer::Event;

#[test]
fn quit_hides_no_auth_not_honoured() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: PING
        S: -NOAUTH Authentication required.
        C: GET a
        S: -NOAUTH Authentication required.
        C: QUIT
        S: +OK
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["auth-not-honoured"]);
}

/// A race with nine refusals, and what follows.
pub(super) fn raced(then: &str) -> Said {
    let flight = format!("C: AUTH pwd{}\nS: +OK\n", " ; PING".repeat(9));
    let refused = "S: -NOAUTH Authentication required.\n".repeat(9);
    told(&(flight + &refused + then))
}

#[test]
fn the_proof_of_auth_not_honoured_is_a_late_refusal() {
    let said = told(
        "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    let f = said.one("auth-not-honoured");
    assert!(
        f.proof.text.contains("after that reply had arrived"),
        "{}",
        f.proof.text
    );
}

#[test]
fn the_late_refusal_is_shown_behind_many_blind_ones() {
    let said = raced(
        "
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    let f = said.one("auth-not-honoured");
    assert!(f.exchanges.iter().any(|e| e.blind == Some(false)));
}

#[test]
fn refusals_in_front_of_an_auth_that_is_no_login_are_kept() {
    // Accepted, then HELLO AUTH that the server does not know: the login of before is still there.
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: HELLO 3 AUTH default pwd
        S: -NOPROTO unsupported protocol version
        C: GET a
        S: -NOAUTH Authentication required.
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["auth-not-honoured", "auth-error"]);
}

#[test]
fn refusals_behind_an_unknown_hello_are_not_silent() {
    for text in [
        "-NOPROTO unsupported protocol version",
        "-ERR unknown command 'HELLO', with args beginning with: 3",
    ] {
        let said = told(&format!(
            "
            C: HELLO 3 AUTH default pwd ; GET a ; GET a
            S: {text}
            S: -NOAUTH Authentication required.
            S: -NOAUTH Authentication required.
            C: GET a
            S: -NOAUTH Authentication required.
            FIN
            "
        ));
        assert!(!said.rules().is_empty(), "{text}");
    }
}

#[test]
fn a_silent_auth_makes_the_login_unknown() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: CLIENT REPLY SKIP ; AUTH pwd
        C: GET a
        S: -NOAUTH Authentication required.
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_silent_reset_logs_out() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: GET a
        S: $1 / v
        C: CLIENT REPLY SKIP ; RESET
        C: GET a
        S: -NOAUTH Authentication required.
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_verdict_changes_as_soon_as_another_connection_shows_the_cause() {
    let mut run = Run::new();
    let mut blind = run.open(40_000);
    run.talk(
        &mut blind,
        "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C.
        FIN
    ",
    );
    let mut later = run.open(40_001);
    run.talk(
        &mut later,
        "
        C: AUTH pwd
        S: +OK
        C.
        C: PING
        S: -NOAUTH Authentication required.
        C.
        FIN
    ",
    );
    let mut other = run.open(40_002);
    run.talk(
        &mut other,
        "W 3000\nC: PING\nS: +PONG\nW 3000\nC: PING\nS: +PONG",
    );
    let mut rules = std::collections::BTreeMap::new();
    while let Some(event) = run.analyzer.poll() {
        match event {
            Event::Finding(f) if f.withdrawn => drop(rules.remove(&f.id)),
            Event::Finding(f) => drop(rules.insert(f.id.clone(), f.rule)),
            _ => {}
        }
    }
    let rules: Vec<&str> = rules.into_values().collect();
    assert_eq!(rules, ["auth-not-honoured"; 2]);
}

#[test]
fn a_login_that_a_reset_without_a_reply_ended() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: GET a
        S: $1 / v
        C: CLIENT REPLY SKIP ; RESET ; GET a
        S: -NOAUTH Authentication required.
        C.
        FIN
    ",
    );
    assert!(said.accusations().is_empty(), "{:?}", said.rules());
    let unexplained = &said.summary.unexplained;
    assert_eq!(unexplained.iter().map(|u| u.count).sum::<u64>(), 1);
}
