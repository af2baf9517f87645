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

const REFUSED: &str = "S: -NOAUTH Authentication required.\n";

#[test]
fn some_keys_always_refused_and_others_always_served() {
    let served = "C: GET a\nS: $1 / v\n";
    let refused = format!("C: GET b\n{REFUSED}");
    let login = "C: AUTH pwd\nS: +OK\n";
    let said = told(&format!(
        "{login}{served}{refused}{served}{refused}{served}FIN"
    ));
    assert_eq!(said.accusations(), ["upstream-noauth"]);
    let finding = said.one("upstream-noauth");
    assert_eq!(finding.affected, 2);
    assert!(finding.title.contains("some keys"), "{}", finding.title);
    // The same key was served as well: it is not the keys.
    let both = format!("{login}{served}{refused}C: GET b\nS: $1 / v\n{refused}{served}FIN");
    assert_eq!(told(&both).accusations(), ["noauth-unexplained"]);
    // One refusal is no pattern.
    let once = format!("{login}{served}{refused}{served}FIN");
    assert_eq!(told(&once).accusations(), ["noauth-unexplained"]);
}
