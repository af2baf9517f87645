//! `slow-auth`: AUTH takes much longer than other commands.

use crate::talk::Run;

fn answered_after(ms: u32) -> Vec<String> {
    let mut run = Run::new();
    for port in 40_000..40_008 {
        let mut ends = run.open(port);
        run.talk(&mut ends, &format!("C: AUTH pwd\nW {ms}\nS: +OK\nC."));
        run.talk(&mut ends, &"C: GET a\nS: $1 / v\n".repeat(6));
        run.talk(&mut ends, "FIN");
    }
    run.end().rules().into_iter().map(str::to_owned).collect()
}

#[test]
fn thirty_milliseconds_for_auth() {
    assert!(answered_after(30).contains(&"slow-auth".to_owned()));
}

#[test]
fn as_fast_as_others() {
    assert_eq!(answered_after(0), [""; 0]);
}
