//! `reply-mismatch`: an answer that can not belong to its command.

use crate::talk::told;

#[test]
fn the_echo_of_something_else() {
    let said = told(
        "
        C: ECHO a ; PING ; ECHO c
        S: $1 / x
        S: +PONG
        S: $1 / c
        C.
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["reply-mismatch"]);
}

#[test]
fn an_error_may_answer_anything() {
    let said = told(
        "
        C: ECHO a ; PING ; ECHO c
        S: -ERR max number of clients reached
        S: +PONG
        S: $1 / c
        C.
        FIN
        ",
    );
    assert!(
        !said.rules().contains(&"reply-mismatch"),
        "{:?}",
        said.rules()
    );
}

/// Only a subscriber is told unasked that a slot went away.
#[test]
fn a_slot_that_nobody_subscribed_to() {
    let taken = "S: *3 / $12 / sunsubscribe / $-1 / :0 / :1\nC.\nFIN";
    let said = told(&format!("C: SCAN 0 ; INCR n\n{taken}"));
    assert!(
        !said.rules().contains(&"reply-missing"),
        "{:?}",
        said.rules()
    );
    let subscribed = "C: SSUBSCRIBE x\nS: *3 / $10 / ssubscribe / $1 / x / :1\n";
    let said = told(&format!(
        "{subscribed}C: PING\nS: *3 / $12 / sunsubscribe / $1 / x / :0 / +PONG\nC.\nFIN"
    ));
    assert_eq!(said.accusations(), [""; 0]);
}

/// Commands without room for the option that another form of reply needs.
const FEW: [(&str, &str); 12] = [
    ("SET k v", "$1 / v"),
    ("SET k v", "$-1"),
    ("LPOS k e", "*1 / :1"),
    ("GEORADIUS k 1 2 3 m", ":1"),
    ("GEORADIUSBYMEMBER k m 3 m ASC", ":1"),
    ("SORT k ALPHA", ":1"),
    ("ZADD k 1 m", "$1 / 1"),
    ("ZRANK k m", "*2 / :0 / $1 / 1"),
    ("LCS a b", ":1"),
    ("XADD k * f v", "$-1"),
    ("PING", "$1 / v"),
    ("SPOP k", "*1 / $1 / m"),
];

#[test]
fn so_few_words_leave_only_one_form() {
    let around = "C: INCR n\nS: :1\nC: GET a\nS: $1 / v\n";
    for (command, reply) in FEW {
        let dialogue = format!("{around}C: {command}\nS: {reply}\n{around}{around}FIN");
        assert_eq!(told(&dialogue).rules(), ["reply-mismatch"], "{command}");
        // A proxy between may refuse anything.
        for error in ["-ERR unknown", "-MOVED 1 h:1", "-no upstream host"] {
            let dialogue = format!("{around}C: {command}\nS: {error}\n{around}{around}FIN");
            let said = told(&dialogue);
            assert!(
                !said.rules().contains(&"reply-mismatch"),
                "{command} {error}"
            );
        }
    }
}

#[test]
fn options_make_other_forms() {
    let around = "C: INCR n\nS: :1\nC: GET a\nS: $1 / v\n";
    for (command, reply) in [
        ("SET k v GET", "$1 / v"),
        ("SET k v NX", "$-1"),
        ("SET k v", "+OK"),
        ("LPOS k e COUNT 2", "*1 / :1"),
        ("GEORADIUS k 1 2 3 m STORE d", ":1"),
        ("GEORADIUSBYMEMBER k m 3 m STORE d", ":1"),
        ("SORT k STORE d", ":1"),
        ("ZADD k INCR 1 m", "$1 / 1"),
        ("ZRANK k m WITHSCORE", "*2 / :0 / $1 / 1"),
        ("LCS a b LEN", ":1"),
        ("XADD k NOMKSTREAM * f v", "$-1"),
        ("PING v", "$1 / v"),
        ("PING", "$4 / PONG"),
        ("SPOP k 1", "*1 / $1 / m"),
    ] {
        let dialogue = format!("{around}C: {command}\nS: {reply}\n{around}{around}FIN");
        assert_eq!(told(&dialogue).rules(), [""; 0], "{command}");
    }
}
