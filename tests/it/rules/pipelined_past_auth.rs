//! `pipelined-past-auth`: commands that leave before AUTH is answered.

use crate::talk::{Ends, Run, told};

#[test]
fn answered_well_is_not_said_of_what_was_not_answered() {
    let said = told(
        "
        C: AUTH pwd ; PING ; BLPOP q 0 ; GET a
        S: +OK
        S: +PONG
        C.
        W 10000
        FIN
    ",
    );
    let note = said
        .findings
        .values()
        .find(|f| f.rule == "pipelined-past-auth");
    assert!(note.is_none_or(|f| !f.proof.text.contains("all were answered well")));
}

#[test]
fn connections_are_counted_once_however_their_auths_interleave() {
    let mut run = Run::new();
    let mut ends: Vec<Ends> = (0..12).map(|n| run.open(40_000 + n)).collect();
    for _ in 0..2 {
        for end in &mut ends {
            run.talk(end, "C: AUTH pwd ; PING\nW 30\nS: +OK\nS: +PONG\nC.");
            run.talk(end, &"C: GET a\nS: $1 / v\n".repeat(4));
        }
    }
    let said = run.end();
    let exposed = said.one("pipelined-past-auth");
    assert_eq!(
        (exposed.connections_total, exposed.connections.len()),
        (12, 12)
    );
    let slow = said.one("slow-auth");
    assert_eq!((slow.connections_total, slow.connections.len()), (12, 10));
}

#[test]
fn a_client_that_waits_for_auth_is_not_exposed() {
    let waits = told("C: AUTH pwd\nW 5\nS: +OK\nC.\nC: GET a\nS: $1 / v\nFIN");
    assert!(!waits.rules().contains(&"pipelined-past-auth"));
    let hurries = told("C: AUTH pwd ; GET a\nW 5\nS: +OK\nS: $1 / v\nC.\nFIN");
    assert!(hurries.rules().contains(&"pipelined-past-auth"));
}

#[test]
fn what_a_refused_login_served_in_its_flight_is_no_login() {
    // The second AUTH is no renewal: nothing shows that the first one let anybody in.
    let said = told(
        "
        C: AUTH bad ; GET a
        S: -WRONGPASS invalid username-password pair or user is disabled.
        S: $1 / v
        C.
        C: AUTH worse ; GET a
        S: -WRONGPASS invalid username-password pair or user is disabled.
        S: $1 / v
        C.
        FIN
    ",
    );
    assert!(
        !said.rules().contains(&"served-during-reauth"),
        "{:?}",
        said.rules()
    );
}
