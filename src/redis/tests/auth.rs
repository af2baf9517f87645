//! Pairing around AUTH: dropped errors, and replies that can not belong to their command.

use super::pairs;

const WRONG: &str = "-WRONGPASS invalid username-password pair or user is disabled.";
const NOAUTH: &str = "-NOAUTH Authentication required.";

#[test]
fn a_pipelined_auth_and_its_neighbours() {
    pairs(
        "A6",
        &format!("C: AUTH pw ; PING\nS: +OK / {NOAUTH}"),
        &format!("AUTH pw => +OK\nPING => {NOAUTH}"),
    );
    pairs(
        "A1 A3",
        &format!(
            "C: HELLO 3 ; PING ; HELLO 3 AUTH u p ; PING\nS: -NOAUTH HELLO must be called / {NOAUTH} / %0 / +PONG"
        ),
        &format!(
            "HELLO 3 => -NOAUTH HELLO must be called\nPING => {NOAUTH}\nHELLO 3 AUTH u p => %0\nPING => +PONG"
        ),
    );
    pairs(
        "A7: a proxy answers HELLO … AUTH with NOAUTH",
        &format!("C: HELLO 3 AUTH u p ; PING\nS: {NOAUTH} / {NOAUTH}"),
        &format!("HELLO 3 AUTH u p => {NOAUTH}\nPING => {NOAUTH}"),
    );
}

#[test]
fn an_error_that_was_sent_is_paired() {
    pairs(
        "B1 not applied",
        &format!("C: PING ; AUTH bad ; ECHO a\nS: +PONG / {WRONG} / $1 / a"),
        &format!("PING => +PONG\nAUTH bad => {WRONG}\nECHO a => $a"),
    );
    pairs(
        "B1 not applied, all in sequence",
        &format!("C: AUTH bad\nS: {WRONG}\nC: AUTH pw\nS: +OK\nC: PING\nS: +PONG"),
        &format!("AUTH bad => {WRONG}\nAUTH pw => +OK\nPING => +PONG"),
    );
}

#[test]
fn a_dropped_error_never_makes_a_wrong_pair() {
    pairs(
        "B1 V25",
        "C: PING ; AUTH bad ; ECHO a
         S: +PONG / $1 / a",
        "PING => +PONG
         AUTH bad => silent
         ECHO a => $a
         AuthErrorDropped at 1",
    );
    // The error of the second AUTH was dropped: NOAUTH is no answer to AUTH, it is SETNAME's.
    pairs(
        "B1 V26",
        &format!(
            "C: HELLO 3 AUTH default bad ; AUTH default bad ; CLIENT SETNAME h ; ECHO t\nS: {WRONG} / {NOAUTH} / {NOAUTH}"
        ),
        &format!(
            "HELLO 3 AUTH default bad => {WRONG}\nAUTH default bad => silent\nCLIENT SETNAME h => {NOAUTH}\nECHO t => {NOAUTH}\nAuthErrorDropped at 1"
        ),
    );
    // An error that two commands may have got: with too few replies nobody can tell whose it is.
    pairs(
        "B1 with an error that fits both",
        "C: PING ; AUTH bad ; GET a
         S: +PONG / -ERR something",
        "PING => +PONG
         AUTH bad => undecided
         GET a => undecided
         undecided -ERR something
         lost",
    );
    pairs(
        "B1 OK fits AUTH and SET",
        "C: PING ; AUTH bad ; SET a 1
         S: +PONG / +OK",
        "PING => +PONG
         AUTH bad => undecided
         SET a 1 => undecided
         undecided +OK
         lost",
    );
}

#[test]
fn held_back_exchanges_are_released_in_order() {
    pairs(
        "B1 possible, then excluded",
        "C: PING ; AUTH pw ; SET a 1 ; SET b 1 ; GET a
         S: +PONG / +OK / +OK / +OK / $1 / v",
        "PING => +PONG
         AUTH pw => +OK
         SET a 1 => +OK
         SET b 1 => +OK
         GET a => $v",
    );
}

#[test]
fn noauth_is_no_answer_to_auth() {
    pairs(
        "A12",
        &format!("C: AUTH pw ; PING\nS: {NOAUTH} / +OK"),
        &format!(
            "PING => undecided\nundecided {NOAUTH}\nAUTH pw => undecided\nundecided +OK\nRefusedBeforeAuth at 0"
        ),
    );
    pairs(
        "A12 alone",
        &format!("C: AUTH pw\nS: {NOAUTH}"),
        &format!("AUTH pw => undecided\nundecided {NOAUTH}\nMismatch at 0"),
    );
    pairs(
        "swapped",
        "C: AUTH pw ; PING
         S: +PONG / +OK",
        "PING => undecided
         undecided +PONG
         AUTH pw => undecided
         undecided +OK
         Swapped at 0",
    );
}

#[test]
fn a_reply_acknowledges_its_command() {
    pairs(
        "K1",
        "C: PING
         C: PING
         S- +PONG / +PONG
         S: +PONG",
        "PING => +PONG
         undecided +PONG
         PING => +PONG",
    );
    pairs(
        "K1, nothing else comes: a server that acknowledges late",
        "C: PING
         S- +PONG",
        "PING => +PONG",
    );
    pairs(
        "K1 before any command",
        "S: +PONG
         C: PING
         S: +PONG",
        "undecided +PONG
         Surplus at the end
         Surplus at 0
         PING => +PONG",
    );
}

#[test]
fn a_reply_of_another_form_is_not_paired() {
    pairs(
        "K2 one reply missing",
        "C: PING ; INCR a ; GET x
         S: :1 / $-1",
        "PING => undecided
         INCR a => :1
         GET x => $-1
         Missing at 0",
    );
    pairs(
        "T4 the payload of ECHO",
        "C: ECHO 1111 ; PING
         S: $4 / 2222 / +PONG",
        "ECHO 1111 => undecided
         undecided $2222
         PING => +PONG
         Mismatch at 0",
    );
}

#[test]
fn unknown_commands_take_any_one_frame() {
    pairs(
        "K5",
        "C: JSON.GET a ; FT.SEARCH i q ; PING
         S: $2 / {} / *1 / :0 / +PONG",
        "JSON.GET a => ${}
         FT.SEARCH i q => *1
         PING => +PONG",
    );
}

#[test]
fn an_auth_in_the_wrong_form_is_never_dropped() {
    pairs(
        "B1 only a refused password is: the text is of the one with too many arguments",
        "C: PING ; AUTH u bad ; AUTH a b c ; PING
         S: +PONG / -ERR syntax error / +PONG",
        "PING => +PONG
         AUTH u bad => silent
         AUTH a b c => -ERR syntax error
         PING => +PONG
         AuthErrorDropped at 1",
    );
    pairs(
        "B1 of the one without any",
        "C: PING ; AUTH u bad ; AUTH ; PING
         S: +PONG / -ERR wrong number of arguments for 'auth' command / +PONG",
        "PING => +PONG
         AUTH u bad => silent
         AUTH => -ERR wrong number of arguments for 'auth' command
         PING => +PONG
         AuthErrorDropped at 1",
    );
    pairs(
        "it is answered, but never with OK",
        "C: PING ; AUTH u pw ; AUTH a b c
         S: +PONG / +OK / -ERR syntax error",
        "PING => +PONG
         AUTH u pw => +OK
         AUTH a b c => -ERR syntax error",
    );
}

#[test]
fn what_no_login_is_told() {
    for (text, behind) in [
        ("-ERR Replica can't interact with the keyspace", "GET a"),
        ("-ERR no such key", "RENAME a b"),
        ("*2 / $1 / a / $1 / b", "LRANGE l 0 1"),
    ] {
        let shown = text.split(" / ").next().unwrap();
        pairs(
            "B1",
            &format!("C: PING ; HELLO 3 AUTH u bad ; {behind}\nS: +PONG / {text}"),
            &format!(
                "PING => +PONG\nHELLO 3 AUTH u bad => silent\n{behind} => {shown}\nAuthErrorDropped at 1"
            ),
        );
    }
    pairs(
        "PSYNC is never told OK",
        "C: PING ; AUTH pw ; PSYNC ? -1
         S: +PONG / +OK / -ERR SYNC and PSYNC are invalid with pending output",
        "PING => +PONG
         AUTH pw => +OK
         PSYNC ? -1 => -ERR SYNC and PSYNC are invalid with pending output",
    );
}

#[test]
fn a_script_says_noauth_behind_commands_without_a_reply() {
    for silent in ["REPLCONF GETACK *", "CLIENT REPLY SKIP ; GET b"] {
        let shown = silent.replace(" ; ", " => silent\n");
        pairs(
            "one who was served is not refused",
            &format!(
                "C: AUTH pw ; PING\nS: +OK / +PONG\nC: {silent} ; EVAL x 0 ; GET a\nS: {NOAUTH} / $1 / v"
            ),
            &format!(
                "AUTH pw => +OK\nPING => +PONG\n{shown} => silent\nEVAL x 0 => {NOAUTH}\nGET a => $v"
            ),
        );
        pairs(
            "nor one who needs no login",
            &format!("C: PING\nS: +PONG\nC: {silent} ; EVAL x 0 ; GET a\nS: {NOAUTH} / $1 / v"),
            &format!("PING => +PONG\n{shown} => silent\nEVAL x 0 => {NOAUTH}\nGET a => $v"),
        );
    }
    pairs(
        "a stranger is",
        &format!("C: REPLCONF GETACK * ; EVAL x 0\nS: {NOAUTH} / {NOAUTH}"),
        &format!("REPLCONF GETACK * => {NOAUTH}\nEVAL x 0 => {NOAUTH}"),
    );
}

#[test]
fn many_refused_logins_are_counted() {
    let (mut sent, mut replies, mut told) = (String::new(), String::new(), String::new());
    for i in 0..100 {
        sent += &format!(" ; AUTH bad{i}");
        replies += &format!(" / {WRONG}");
        told += &format!("\nAUTH bad{i} => {WRONG}");
    }
    pairs(
        "as many replies as commands",
        &format!("C: PING{sent} ; PING\nS: +PONG{replies} / {NOAUTH}"),
        &format!("PING => +PONG{told}\nPING => {NOAUTH}"),
    );
}

#[test]
fn of_two_logins_and_one_refusal_neither_is_told() {
    pairs(
        "B1 what is behind them is",
        &format!(
            "C: PING ; AUTH bad ; AUTH worse ; ECHO a ; ECHO b\nS: +PONG / {WRONG} / $1 / a / $1 / b"
        ),
        &format!(
            "PING => +PONG\nAUTH bad => undecided\nundecided {WRONG}\nAUTH worse => undecided\nECHO a => $a\nECHO b => $b\nAuthErrorDropped at 2"
        ),
    );
}

#[test]
fn what_gives_up_a_transaction_refuses_no_script() {
    pairs(
        "A9 EXECABORT",
        "C: HELLO 3 AUTH default pw ; EVAL x 0
         S: -EXECABORT Transaction discarded because of: NOAUTH Authentication required. / -NOAUTH x",
        "HELLO 3 AUTH default pw => undecided
         undecided -EXECABORT Transaction discarded because of: NOAUTH Authentication required.
         EVAL x 0 => -NOAUTH x
         Mismatch at 0",
    );
}
