//! `proxy-error`: failures that only a proxy reports.

use crate::talk::told;

#[test]
fn a_proxy_failure_answering_hello_is_a_proxy_error() {
    let said = told(
        "
        C: HELLO 3 AUTH default pwd
        S: -ERR no valid HELLO response received from any shard
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["proxy-error"]);
}

#[test]
fn an_injected_fault_is_a_proxy_error() {
    let said = told(
        "
        C: GET a
        S: -Fault Injected: Error
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["proxy-error"]);
}

#[test]
fn an_upstream_failure_of_a_script_counts() {
    let said = told(
        "
        C: EVALSHA ab 0
        S: -upstream failure
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["proxy-error"]);
}

#[test]
fn a_failure_inside_mget_counts() {
    for (reply, accused) in [
        ("*2 / $1 / v / -no upstream host", true),
        ("*2 / $16 / no upstream host / $-1", false),
    ] {
        let said = told(&format!("C: MGET a b\nS: {reply}\nFIN"));
        let wanted = if accused { vec!["proxy-error"] } else { vec![] };
        assert_eq!(said.accusations(), wanted, "{reply}");
    }
}

#[test]
fn what_modules_and_debug_say_shows_no_proxy() {
    for command in ["FOO.BAR a", "DEBUG SLEEP 0"] {
        let said = told(&format!(
            "
            C: PING
            S: +PONG
            C: {command}
            S: -no upstream host
            FIN
        "
        ));
        assert_eq!(said.accusations(), [""; 0], "{command}");
    }
}

#[test]
fn of_many_failures_the_first_are_shown_and_all_are_counted() {
    let said = told(&("C: GET a\nS: -upstream failure\n".repeat(20) + "FIN"));
    let finding = said.one("proxy-error");
    assert_eq!(finding.affected, 20);
    let shown: Vec<u64> = finding.exchanges.iter().map(|e| e.index).collect();
    assert_eq!(shown, (0..shown.len() as u64).collect::<Vec<_>>());
    assert!((4..20).contains(&shown.len()), "{shown:?}");
}
