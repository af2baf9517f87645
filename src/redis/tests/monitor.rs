//! MONITOR: what is ignored behind it, and what is not.

use super::{From, nobody_is_accused, pairs};

#[test]
fn a_subscriber_that_monitors_is_told_that_he_may_not() {
    const LINE: &str = "+1795898874.004769 [0 127.0.0.1:43016] \"SUBSCRIBE\" \"x\"";
    pairs(
        "N8 MONITOR of a RESP2 subscriber",
        &format!(
            "C: MONITOR
             S: +OK
             C: SUBSCRIBE x
             S: *3 / $9 / subscribe / $1 / x / :1 / {LINE}
             C: MONITOR
             S: -ERR Can't execute 'monitor': only SUBSCRIBE is allowed in this context
             C: PING
             S: *2 / $4 / pong / $0 /"
        ),
        "MONITOR => +OK
         SUBSCRIBE x => *3
         push +1795898874.004769 [0 127.0.0.1:43016] \"SUBSCRIBE\" \"x\"
         MONITOR => -ERR Can't execute 'monitor': only SUBSCRIBE is allowed in this context
         PING => *2",
    );
    // Nobody but a subscriber is told.
    pairs(
        "N8 MONITOR without a subscription",
        "C: MONITOR
         S: +OK
         C: MONITOR
         S: -ERR Can't execute 'monitor': only SUBSCRIBE is allowed in this context
         C: PING
         S: +PONG",
        "MONITOR => +OK
         undecided -ERR Can't execute 'monitor': only SUBSCRIBE is allowed in this context
         MONITOR => silent
         PING => +PONG
         Surplus at 1",
    );
}

/// As Redis 7.0 does it: the number of arguments, the user and the state of the server are looked at first.
#[test]
fn what_is_ignored_while_monitoring_may_be_refused() {
    const COUNT: &str = "-ERR wrong number of arguments for";
    for (command, reply) in [
        ("MONITOR x", format!("{COUNT} 'monitor' command")),
        ("SYNC x", format!("{COUNT} 'sync' command")),
        ("PSYNC", format!("{COUNT} 'psync' command")),
        ("PSYNC ?", format!("{COUNT} 'psync' command")),
        (
            "MONITOR",
            "-NOPERM this user has no permissions to run the 'monitor' command".to_owned(),
        ),
        (
            "SYNC",
            "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
                .to_owned(),
        ),
    ] {
        pairs(
            command,
            &format!(
                "C: MONITOR
                 S: +OK
                 C: {command}
                 S: {reply}
                 C: GET a
                 S: -ERR Replica can't interact with the keyspace
                 C: PING
                 S: +PONG"
            ),
            &format!(
                "MONITOR => +OK
                 {command} => {reply}
                 GET a => -ERR Replica can't interact with the keyspace
                 PING => +PONG"
            ),
        );
    }
}

#[test]
fn what_is_ignored_while_monitoring_gets_nothing() {
    for command in ["MONITOR", "SYNC", "PSYNC ? -1"] {
        pairs(
            command,
            &format!(
                "C: MONITOR
                 S: +OK
                 C: {command}
                 C: GET a
                 S: -ERR Replica can't interact with the keyspace
                 C: {command}
                 C: PING
                 S: +PONG
                 C: {command}"
            ),
            &format!(
                "MONITOR => +OK
                 {command} => silent
                 GET a => -ERR Replica can't interact with the keyspace
                 {command} => silent
                 PING => +PONG
                 {command} => silent"
            ),
        );
    }
}

#[test]
fn monitor_with_an_argument_switches_nothing_on() {
    const LINE: &str = "+1795898874.004769 [0 127.0.0.1:43016] \"PING\"";
    pairs(
        "behind SKIP",
        "C: CLIENT REPLY SKIP ; MONITOR x
         C: MONITOR x
         S: -ERR wrong number of arguments for 'monitor' command
         C: MONITOR
         S: +OK
         C: PING
         S: +PONG",
        "CLIENT REPLY SKIP => silent
         MONITOR x => silent
         MONITOR x => -ERR wrong number of arguments for 'monitor' command
         MONITOR => +OK
         PING => +PONG",
    );
    pairs(
        "no MONITOR at all",
        &format!(
            "C: MONITOR x
             S: -ERR wrong number of arguments for 'monitor' command
             C: PING
             S: +PONG / {LINE}"
        ),
        &format!(
            "MONITOR x => -ERR wrong number of arguments for 'monitor' command
             PING => +PONG
             undecided {LINE}
             Surplus at the end"
        ),
    );
}

#[test]
fn of_very_many_ignored_commands_few_wait() {
    let again = vec!["MONITOR"; 3000].join(" ; ");
    let told = vec!["MONITOR => silent"; 3000].join("\n");
    pairs(
        "many",
        &format!("C: MONITOR\nS: +OK\nC: {again}\nC: PING\nS: +PONG"),
        &format!("MONITOR => +OK\n{told}\nPING => +PONG"),
    );
}

#[test]
fn who_monitored_before_the_capture_is_ignored() {
    nobody_is_accused(
        From::Midstream,
        "
        W 60
        C: PING hey
        S: +1700000000.123456 [0 127.0.0.1:1] \"PING\" \"hey\" / $3 / hey
        W 60
        C: PING you
        S: +1700000001.123456 [0 127.0.0.1:1] \"PING\" \"you\" / $3 / you
        W 60
        C: MONITOR ; PING x ; PING y
        S: +1700000002.123456 [0 127.0.0.1:1] \"PING\" \"x\" / $1 / x
        S: +1700000003.123456 [0 127.0.0.1:1] \"PING\" \"y\" / $1 / y
        ",
    );
}
