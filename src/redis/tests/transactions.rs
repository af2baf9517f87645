//! CLIENT REPLY and MONITOR where nothing is said of them: inside a transaction, and behind CLIENT REPLY SKIP. As Redis
//! 7.0 answers.

use super::{Anchor, From, check, pairs};

#[test]
fn on_inside_a_silent_transaction_is_the_first_that_is_heard() {
    pairs(
        "ON last, and the next command",
        "C: CLIENT REPLY OFF ; MULTI ; ECHO b ; CLIENT REPLY ON ; EXEC ; GET a
         S: +OK / $1 / v",
        "CLIENT REPLY OFF => silent
         MULTI => silent
         ECHO b => silent
         CLIENT REPLY ON => silent
         EXEC => +OK
         GET a => undecided
         lost
         undecided $v",
    );
    pairs(
        "ON, then EXEC in a segment of its own",
        "C: CLIENT REPLY OFF ; MULTI
         C: ECHO b ; CLIENT REPLY ON ; ECHO c
         C: EXEC
         S: +OK / $1 / c
         C: PING
         S: +PONG",
        "CLIENT REPLY OFF => silent
         MULTI => silent
         ECHO b => silent
         CLIENT REPLY ON => silent
         ECHO c => silent
         EXEC => +OK
         lost
         undecided $c
         PING => +PONG",
    );
    pairs(
        "ON twice",
        "C: CLIENT REPLY OFF ; MULTI ; CLIENT REPLY ON ; CLIENT REPLY ON ; EXEC
         S: +OK / +OK",
        "CLIENT REPLY OFF => silent
         MULTI => silent
         CLIENT REPLY ON => silent
         CLIENT REPLY ON => silent
         EXEC => +OK
         lost
         undecided +OK",
    );
}

#[test]
fn a_silent_transaction_that_is_given_up_stays_silent() {
    pairs(
        "DISCARD",
        "C: CLIENT REPLY OFF ; MULTI ; CLIENT REPLY ON ; DISCARD ; PING ; CLIENT REPLY ON ; ECHO z
         S: +OK / $1 / z",
        "CLIENT REPLY OFF => silent
         MULTI => silent
         CLIENT REPLY ON => silent
         DISCARD => silent
         PING => silent
         CLIENT REPLY ON => +OK
         ECHO z => $z",
    );
    // Were it the answer of EXEC, the second ON would have one of its own when the client goes on.
    pairs(
        "EXEC of a transaction with an error",
        "C: CLIENT REPLY OFF ; MULTI ; NOSUCH ; CLIENT REPLY ON ; EXEC
         C: CLIENT REPLY ON
         S: +OK
         C: PING
         S: +PONG",
        "CLIENT REPLY OFF => silent
         MULTI => silent
         NOSUCH => silent
         CLIENT REPLY ON => silent
         EXEC => silent
         CLIENT REPLY ON => +OK
         PING => +PONG",
    );
    pairs(
        "two answers, for EXEC and for ON",
        "C: CLIENT REPLY OFF ; MULTI ; CLIENT REPLY ON ; EXEC ; CLIENT REPLY ON ; GET a
         S: +OK / +OK / $1 / v
         C: PING
         S: +PONG",
        "CLIENT REPLY OFF => silent
         MULTI => silent
         CLIENT REPLY ON => undecided
         EXEC => undecided
         CLIENT REPLY ON => undecided
         GET a => undecided
         undecided +OK
         lost
         undecided +OK
         undecided $v
         PING => +PONG",
    );
}

#[test]
fn on_where_no_transaction_is_open_answers_for_itself() {
    pairs(
        "EXEC in front",
        "C: CLIENT REPLY OFF ; MULTI ; ECHO b ; EXEC ; CLIENT REPLY ON ; ECHO z
         S: +OK / $1 / z",
        "CLIENT REPLY OFF => silent
         MULTI => silent
         ECHO b => silent
         EXEC => silent
         CLIENT REPLY ON => +OK
         ECHO z => $z",
    );
}

#[test]
fn monitor_behind_skip_shows_itself_by_its_lines() {
    const LINE: &str = "+1795359453.486379 [0 127.0.0.1:46152] \"CLIENT\" \"REPLY\" \"SKIP\"";
    check(
        From::Syn,
        "N10 MONITOR",
        &format!(
            "C: CLIENT REPLY SKIP ; MONITOR ; CLIENT REPLY SKIP ; LPUSH l x
             S: {LINE}
             C: PING
             S: +PONG"
        ),
        &format!(
            "push {LINE}
             CLIENT REPLY SKIP => silent
             MONITOR => silent
             CLIENT REPLY SKIP => silent
             LPUSH l x => silent
             PING => +PONG"
        ),
    );
    // Nobody asked for such lines here.
    check(
        From::Syn,
        "no MONITOR",
        &format!(
            "C: CLIENT REPLY SKIP ; GET a ; PING
             S: {LINE} / +PONG"
        ),
        &format!(
            "undecided {LINE}
             CLIENT REPLY SKIP => silent
             GET a => silent
             PING => +PONG
             Surplus at 0"
        ),
    );
}

#[test]
fn one_content_that_comes_back_is_no_proof_behind_a_gap() {
    let anchor =
        |dialogue: &str, want: &str| check(From::Syn, "G8", dialogue, want).recorder.last_anchor;
    // CLIENT REPLY SKIP was lost: each reply is that of the next command.
    let one = anchor(
        "C: PING
         S: +PONG
         GC 40
         S: +OK
         C: PING hey
         S: $3 / hey
         C: PING hey
         S: $3 / hey",
        "PING => +PONG
         lost
         undecided +OK
         PING hey => $hey
         PING hey => $hey",
    );
    assert_eq!(one, Some(Anchor::Weak));
    let two = anchor(
        "C: PING
         S: +PONG
         GC 40
         S: +OK
         C: PING hey
         S: $3 / hey
         C: PING hey
         S: $3 / hey
         C: PING you
         S: $3 / you",
        "PING => +PONG
         lost
         undecided +OK
         PING hey => $hey
         PING hey => $hey
         PING you => $you",
    );
    assert_eq!(two, Some(Anchor::Content));
    // What a hash holds is not what HELLO says.
    let map = anchor(
        "C: PING
         S: +PONG
         GC 40
         S: +OK
         C: HELLO 3
         S: %1 / $1 / f / $1 / v
         C: ECHO a
         S: $1 / a",
        "PING => +PONG
         lost
         undecided +OK
         HELLO 3 => %1
         ECHO a => $a",
    );
    assert_eq!(map, Some(Anchor::Weak));
}

#[test]
fn hello_inside_a_transaction_changes_the_protocol_behind_it() {
    let dialogue = |version: &str| {
        format!(
            "C: MULTI ; HELLO {version} ; EXEC
             S: +OK / +QUEUED / *1 / %1 / $6 / server / $5 / redis
             C: SUBSCRIBE c
             S: >3 / $9 / subscribe / $1 / c / :1
             C: HGETALL h
             S: %1 / $1 / f / $1 / v"
        )
    };
    let want = |version: &str, behind: &str| {
        format!(
            "MULTI => +OK
             HELLO {version} => +QUEUED
             EXEC => *1
             SUBSCRIBE c => >3
             {behind}"
        )
    };
    let (talk, told) = (dialogue("3"), want("3", "HGETALL h => %1"));
    check(From::Syn, "N13 HELLO", &talk, &told);
    // Nobody asked for RESP3 where it is not HELLO that waits.
    let talk = dialogue("3").replace("HELLO 3", "GET a");
    check(
        From::Syn,
        "T1 without HELLO",
        &talk,
        "MULTI => +OK
         GET a => +QUEUED
         EXEC => *1
         SUBSCRIBE c => undecided
         undecided >3
         Mismatch at 3
         HGETALL h => undecided
         lost
         undecided %1",
    );
}

#[test]
fn a_reply_sent_twice_is_placed_behind_its_twin() {
    pairs(
        "K1 twin",
        "C: DBSIZE ; WATCH a ; CLIENT ID
         S: :7 / +OK / +OK / :648",
        "DBSIZE => :7
         WATCH a => +OK
         undecided +OK
         CLIENT ID => :648
         Surplus at 2",
    );
}

#[test]
fn a_fault_is_looked_for_in_front_of_what_was_in_doubt() {
    // Whether AUTH was answered is in doubt until the end of the flight; the reply too many came before it.
    pairs(
        "K2 history",
        "C: AUTH p ; LPOP l ; INCR n ; HELLO 3 AUTH default p ; DBSIZE
         S: +OK / $1 / v / $1 / v / :4
         S: %1 / $6 / server / $5 / redis / :9
         C: PING
         S: +PONG",
        "AUTH p => +OK
         LPOP l => $v
         undecided $v
         INCR n => :4
         HELLO 3 AUTH default p => %1
         DBSIZE => :9
         Surplus at 2
         PING => +PONG",
    );
}

#[test]
fn errors_that_name_each_other_are_in_exchange() {
    const NOPERM: &str = "-NOPERM this user has no permissions to run the";
    pairs(
        "K3 exchange, by name",
        &format!(
            "C: AUTH p ; GET a ; EVAL x 0 ; DBSIZE
             S: +OK / $1 / v / {NOPERM} 'dbsize' command / {NOPERM} 'eval' command
             C: PING
             S: +PONG"
        ),
        &format!(
            "AUTH p => +OK
             GET a => $v
             EVAL x 0 => {NOPERM} 'dbsize' command
             DBSIZE => undecided
             undecided {NOPERM} 'dbsize' command
             disputed from 2
             EVAL x 0 => undecided
             undecided {NOPERM} 'eval' command
             Swapped at 2
             PING => +PONG"
        ),
    );
}

#[test]
fn multi_inside_a_silent_transaction_changes_nothing() {
    let dialogue = |inside: &str| {
        format!(
            "C: PING
             S: +PONG
             C: CLIENT REPLY OFF ; MULTI ; UNSUBSCRIBE ; CLIENT REPLY ON ; {inside} ; ECHO c ; EXEC ; PING ; SET a 1
             S: *3 / $11 / unsubscribe / $-1 / :0 / +OK / $1 / c / +PONG / +OK"
        )
    };
    for inside in ["MULTI", "GET"] {
        pairs(
            "EXEC under OFF",
            &dialogue(inside),
            &format!(
                "PING => +PONG
                 CLIENT REPLY OFF => silent
                 MULTI => silent
                 UNSUBSCRIBE => *3
                 CLIENT REPLY ON => silent
                 {inside} => silent
                 ECHO c => silent
                 EXEC => +OK
                 PING => undecided
                 SET a 1 => undecided
                 lost
                 undecided $c
                 undecided +PONG
                 undecided +OK"
            ),
        );
    }
}

#[test]
fn arrays_of_another_length_are_not_alike() {
    // The reply to CONFIG came twice. Each of the three replies behind it may be the one too many.
    pairs(
        "K4 arrays",
        "C: MSET a 1 ; CONFIG GET m ; LATENCY LATEST ; LATENCY LATEST ; COMMAND COUNT ; PUBLISH c m
         S: +OK / *2 / $1 / m / $1 / 0 / *2 / $1 / m / $1 / 0 / *0 / *0 / :224 / :0
         C: PING
         S: +PONG",
        "MSET a 1 => +OK
         CONFIG GET m => *2
         LATENCY LATEST => *2
         LATENCY LATEST => *0
         undecided *0
         COMMAND COUNT => :224
         PUBLISH c m => :0
         Surplus at 3
         PING => +PONG",
    );
}

#[test]
fn exec_and_the_command_behind_it_are_in_exchange() {
    pairs(
        "K5 exchange with EXEC",
        "C: SET a 1 ; MULTI ; EXEC ; OBJECT HELP ; FUNCTION LIST ; EXPIRE s 100
         S: +OK / +OK / *2 / +a / +b / *0 / *0 / :1
         C: PING
         S: +PONG",
        "SET a 1 => +OK
         MULTI => +OK
         OBJECT HELP => undecided
         undecided *2
         EXEC => undecided
         undecided *0
         FUNCTION LIST => *0
         EXPIRE s 100 => :1
         Swapped at 2
         PING => +PONG",
    );
}

#[test]
fn a_transaction_inside_of_one_is_refused_and_not_queued() {
    pairs(
        "K8 nested",
        "C: MULTI ; GET a ; MULTI ; GET b ; EXEC
         S: +OK / +QUEUED / +QUEUED / +QUEUED / *2 / $1 / a / $1 / b
         C: PING
         S: +PONG",
        "MULTI => +OK
         GET a => +QUEUED
         MULTI => undecided
         undecided +QUEUED
         GET b => +QUEUED
         EXEC => *2
         Mismatch at 2
         PING => +PONG",
    );
}

#[test]
fn behind_a_transaction_that_was_accepted_inside_of_one_nothing_is_counted() {
    pairs(
        "K9 accepted",
        "C: MULTI ; GET a ; MULTI ; GET b ; EXEC
         S: +OK / +QUEUED / +OK / +QUEUED / *2 / $1 / a / $1 / b
         C: PING
         S: +PONG",
        "MULTI => +OK
         GET a => +QUEUED
         MULTI => +OK
         GET b => +QUEUED
         EXEC => *2
         PING => +PONG",
    );
}
