//! What EXEC leaves open where its queue held logins, CLIENT REPLY SKIP or subscriptions.

use super::{From, nobody_is_accused, pairs};

#[test]
fn a_refused_login_leaves_an_element_out_of_exec_or_not() {
    for login in ["AUTH u x", "HELLO 3 AUTH u x"] {
        let sent = |behind: &str| format!("C: MULTI ; {login} ; EXEC ; {behind}");
        let begins = format!("MULTI => +OK\n{login} => +QUEUED\nEXEC => *1\n");
        pairs(
            "N15 it is answered",
            &format!(
                "{}\nS: +OK / +QUEUED / *1 / -WRONGPASS x / :1 / $1 / a",
                sent("INCR n ; ECHO a")
            ),
            &format!("{begins}INCR n => :1\nECHO a => $a"),
        );
        pairs(
            "N15 B1 the next reply stands inside",
            &format!(
                "{}\nS: +OK / +QUEUED / *1 / :1 / $1 / a",
                sent("INCR n ; ECHO a")
            ),
            &format!("{begins}INCR n => undecided\nECHO a => $a"),
        );
        pairs(
            "N15 both may be, where neither content nor number tells",
            &format!(
                "{}\nS: +OK / +QUEUED / *1 / +OK / +OK",
                sent("SET a 1 ; SET b 1")
            ),
            &format!("{begins}SET a 1 => undecided\nSET b 1 => undecided\nundecided +OK\nlost"),
        );
    }
}

#[test]
fn a_login_in_the_wrong_form_is_an_element_of_exec() {
    pairs(
        "N14",
        "C: MULTI ; AUTH a b c ; EXEC ; SET a 1 ; SET b 1
         S: +OK / +QUEUED / *1 / -ERR syntax error / +OK",
        "MULTI => +OK
         AUTH a b c => +QUEUED
         EXEC => *1
         SET a 1 => +OK
         SET b 1 => unanswered",
    );
}

#[test]
fn skip_inside_of_a_transaction_silences_the_command_behind_exec() {
    let sent = "C: MULTI ; PING ; CLIENT REPLY SKIP ; EXEC ; GET a ; ECHO b ; ECHO c";
    let begins = "MULTI => +OK\nPING => +QUEUED\nCLIENT REPLY SKIP => +QUEUED\nEXEC => *2\n";
    pairs(
        "N15 one element is missing",
        &format!(
            "{sent}\nS: +OK / +QUEUED / +QUEUED / *2 / +PONG / $1 / b / $1 / c\nC: ECHO d\nS: $1 / d"
        ),
        &format!("{begins}GET a => silent\nECHO b => undecided\nECHO c => $c\nECHO d => $d"),
    );
    pairs(
        "N15 it was refused when it came to it",
        &format!(
            "{sent}\nS: +OK / +QUEUED / +QUEUED / *2 / +PONG / -NOPERM x / $-1 / $1 / b / $1 / c"
        ),
        &format!("{begins}GET a => $-1\nECHO b => $b\nECHO c => $c"),
    );
}

#[test]
fn further_confirmations_stand_behind_exec() {
    let sent = "C: MULTI ; SUBSCRIBE a b ; ECHO x ; EXEC ; PING z";
    let begins = "MULTI => +OK\nSUBSCRIBE a b => +QUEUED\nECHO x => +QUEUED\nEXEC => *2\n";
    let confirms = "*3 / $9 / subscribe / $1 / a / :1 / *3 / $9 / subscribe / $1 / b / :2";
    pairs(
        "N15 the third frame of two",
        &format!(
            "{sent}\nS: +OK / +QUEUED / +QUEUED / *2 / {confirms} / $1 / x / *2 / $4 / pong / $1 / z"
        ),
        &format!("{begins}undecided $x\nPING z => *2"),
    );
    pairs(
        "N15 refused when it came to it",
        &format!(
            "{sent} ; ECHO y\nS: +OK / +QUEUED / +QUEUED / *2 / -NOPERM x / $1 / x / $1 / z / $1 / y"
        ),
        &format!("{begins}PING z => $z\nECHO y => $y"),
    );
}

#[test]
fn behind_a_transaction_that_was_not_executed_nothing_is_open() {
    pairs(
        "N14 null",
        "C: WATCH a ; MULTI ; AUTH u x ; EXEC ; SET a 1
         S: +OK / +OK / +QUEUED / *-1 / +OK",
        "WATCH a => +OK
         MULTI => +OK
         AUTH u x => +QUEUED
         EXEC => *-1
         SET a 1 => +OK",
    );
}

#[test]
fn what_is_still_due_behind_exec_is_decided_by_whoever_goes_on() {
    let sent =
        "C: MULTI ; AUTH u x ; EXEC ; GET a ; GET b\nS: +OK / +QUEUED / *1 / $1 / A / $1 / B";
    let begins = "MULTI => +OK\nAUTH u x => +QUEUED\nEXEC => *1\n";
    let round = |key: &str| format!("\nC: GET {key}\nS: $1 / {}", key.to_uppercase());
    // A reply may still be due.
    pairs(
        "N15 one round",
        &format!("{sent}{}", round("c")),
        &format!(
            "{begins}GET a => undecided\nGET b => undecided\nGET c => undecided\nundecided $B\nundecided $C\nlost"
        ),
    );
    // The client went on twice, and each time nothing came but its answer.
    pairs(
        "N15 three rounds",
        &format!("{sent}{}{}{}", round("c"), round("d"), round("e")),
        &format!("{begins}GET a => undecided\nGET b => $B\nGET c => $C\nGET d => $D\nGET e => $E"),
    );
}

#[test]
fn of_many_logins_and_of_two_skips_in_exec_nothing_is_counted() {
    for inside in [vec!["AUTH u x"; 9], vec!["CLIENT REPLY SKIP"; 2]] {
        let (n, queued) = (inside.len(), " / +QUEUED".repeat(inside.len()));
        let asked: String = inside.iter().map(|c| format!("{c} => +QUEUED\n")).collect();
        pairs(
            "N15 over the bound",
            &format!(
                "C: MULTI ; {} ; EXEC ; GET a ; GET b\nS: +OK{queued} / *{n}{}\nC: PING",
                inside.join(" ; "),
                " / $1 / v".repeat(n + 1),
            ),
            &format!(
                "MULTI => +OK\n{asked}EXEC => *{n}\nGET a => undecided\nGET b => undecided\nlost\nundecided $v\nPING => unanswered"
            ),
        );
    }
}

#[test]
fn behind_a_login_without_a_word_an_open_exec_accuses_nobody() {
    nobody_is_accused(
        From::Syn,
        "C: PING
         S: +PONG
         C: AUTH u x ; GET a ; MULTI ; AUTH u x ; AUTH u y ; EXEC ; ECHO b ; AUTH u x ; ECHO c ; AUTH u x ; SET d 1
         S: $1 / v / +OK / +QUEUED / +QUEUED / *2 / $1 / b / $1 / c / +OK
         C: ECHO e
         S: $1 / e",
    );
}
