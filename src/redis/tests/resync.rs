//! Gaps, starts in the middle, and finding the way back.

use super::{Anchor, From, Talk, check, pairs, trimmed};

#[test]
fn a_gap_inside_a_value_changes_nothing_but_certainty() {
    let talk = check(
        From::Syn,
        "G2",
        "C: GET a ; PING
         S= $10\\r\\nxxx
         GS 4
         S= xxx\\r\\n+PONG\\r\\n",
        "GET a => $xxx…(10B)
         PING => +PONG",
    );
    assert_eq!(talk.recorder.last_anchor, Some(Anchor::Content));
}

#[test]
fn a_gap_over_a_boundary_loses_what_is_outstanding() {
    pairs(
        "G3",
        "C: PING ; GET a ; PING
         S: +PONG
         GS 40
         S: +PONG",
        "PING => +PONG
         GET a => undecided
         PING => undecided
         lost",
    );
}

#[test]
fn pairing_is_found_again_where_nothing_is_outstanding() {
    let talk = check(
        From::Syn,
        "G5 behind a pause",
        "C: PING ; GET a
         S: +PONG
         GS 40
         S: +OK
         W 60
         C: INCR a
         S: :1",
        "PING => +PONG
         GET a => undecided
         lost
         INCR a => :1",
    );
    assert_eq!(talk.recorder.last_anchor, Some(Anchor::Quiet));
    let talk = check(
        From::Syn,
        "G5 without a pause",
        "C: GET a
         GS 40
         S: +OK
         C: INCR a
         S: :1",
        "GET a => undecided
         lost
         INCR a => :1",
    );
    assert_eq!(talk.recorder.last_anchor, Some(Anchor::Weak));
}

#[test]
fn a_client_that_has_not_read_all_is_no_place_to_start() {
    pairs(
        "G5",
        "C: GET a ; GET b
         GS 40
         S: +OK
         C- INCR a
         S: :1",
        "GET a => undecided
         GET b => undecided
         lost
         INCR a => undecided",
    );
}

#[test]
fn a_gap_of_the_client_loses_too() {
    pairs(
        "G3 G6",
        "C: PING
         GC 30
         C= \\r\\n*1\\r\\n$4\\r\\nPING\\r\\n
         S: +PONG / $1 / v / +PONG
         W 60
         C: GET a
         S: $1 / v",
        "PING => undecided
         lost
         undecided +PONG
         undecided $v
         undecided +PONG
         GET a => $v",
    );
}

#[test]
fn a_start_in_the_middle_pairs_nothing_with_older_replies() {
    check(
        From::Midstream,
        "G1 G6 inside a command",
        "C= \\nvalue\\r\\n*1\\r\\n$4\\r\\nPING\\r\\n
         S: +OK / +PONG",
        "orphan +OK
         orphan +PONG",
    );
    let talk = check(
        From::Midstream,
        "G1 at a command",
        "C: ECHO a
         S: $1 / a
         C: ECHO b
         S: $1 / b",
        "ECHO a => $a
         ECHO b => $b",
    );
    assert_eq!(talk.recorder.last_anchor, Some(Anchor::Content));
}

#[test]
fn plain_text_from_the_server_is_broken() {
    pairs(
        "no RESP",
        "C: PING
         S= HTTP/1.1 400 Bad Request\\r\\n\\r\\n",
        "broken
         PING => undecided
         lost",
    );
}

#[test]
fn a_request_that_is_no_resp_ends_the_pairing() {
    pairs(
        "N20 V57",
        "C: PING
         C= *1\\r\\nPING\\r\\n
         S: +PONG / -ERR Protocol error: expected '$', got 'P'",
        "PING => +PONG
         lost
         undecided -ERR Protocol error: expected '$', got 'P'",
    );
}

#[test]
fn what_stands_in_front_of_a_broken_request_keeps_its_pairs() {
    pairs(
        "N20 in lines",
        "C= AUTH pw\\r\\nPING\\r\\nSET \"a\\r\\n
         S: +OK / +PONG / -ERR Protocol error: unbalanced quotes in request",
        "AUTH pw => +OK
         PING => +PONG
         lost
         undecided -ERR Protocol error: unbalanced quotes in request",
    );
    // Nothing is said of an answer that did not come: the server may have closed at once.
    pairs(
        "N20 and no answer",
        "C= PING\\r\\nSET \"a\\r\\n
         C: GET a",
        "PING => undecided
         lost",
    );
    // A second answer behind it belongs to nothing that is known.
    pairs(
        "N20 and more",
        "C= PING\\r\\nSET \"a\\r\\n
         C: GET a
         S: +PONG / +OK / +OK",
        "PING => +PONG
         lost
         undecided +OK
         undecided +OK",
    );
}

#[test]
fn behind_a_gap_of_the_client_commands_are_counted_again() {
    let talk = check(
        From::Syn,
        "G6 two commands, then one that ends the segment",
        "C: PING
         GC 30
         C= lue\\r\\n
         C: XX a ; YY b
         C: GET c",
        "PING => undecided
         lost
         XX a => undecided
         YY b => undecided
         GET c => undecided",
    );
    // What stands in front is not counted as read.
    assert_eq!(talk.session.accounts()[0].unread, 5);
    assert_eq!(talk.shared.malformed_requests, 0);
    let talk = check(
        From::Syn,
        "G6 a piece of a value that looks like two commands, and then no RESP",
        "C: PING
         GC 30
         C= *1\\r\\n$4\\r\\nPING\\r\\n*1\\r\\n$4\\r\\nPING\\r\\n*1\\r\\nxyz
         C: GET c",
        "PING => undecided
         lost
         PING => undecided
         PING => undecided
         GET c => undecided",
    );
    assert_eq!(talk.session.accounts()[0].unread, 7);
    assert_eq!(talk.shared.malformed_requests, 0);
    let talk = check(
        From::Syn,
        "G6 a word that is no command, and a command that goes on",
        "C: PING
         GC 30
         C: XX
         C= *3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\na\\r\\n$9\\r\\nvalu",
        "PING => undecided
         lost",
    );
    let unread = talk.session.accounts()[0].unread;
    assert_eq!(unread, 12 + 28);
}

#[test]
fn each_byte_is_accounted_for() {
    for (dialogue, client, server) in [
        ("C: PING\n S: +PONG", (0, 0, 0), (0, 0, 0)),
        // A frame that a gap cuts, and what comes behind it.
        ("C= *1\\r\\n$4\nGC 9\nC= xyz", (9, 0, 0), (0, 0, 0)),
        (
            "C: GET a\nS= $9\\r\\nab\nGS 30\nS= zz",
            (0, 0, 0),
            (8, 0, 0),
        ),
        // A gap inside a value, and one that is not over.
        ("C: GET a\nS= $9\\r\\nab\nGS 3\nS= zz", (0, 0, 0), (0, 8, 0)),
        // What is no RESP.
        ("C: PING\nS= HTTP/1.1", (0, 0, 0), (8, 0, 0)),
        ("C= PROXY UNKNOWN\\r\\n*1", (0, 2, 15), (0, 0, 0)),
        ("C: SYNC\nS= $12\\r\\nREDIS", (0, 0, 0), (0, 0, 10)),
    ] {
        let mut talk = Talk::new(From::Syn);
        for line in trimmed(dialogue) {
            talk.line(line);
        }
        let told = talk.session.accounts();
        let parts = told.map(|a| (a.unread, a.begun, a.proxy_header + a.replication));
        assert_eq!(parts, [client, server], "{dialogue}");
        let captured = told.map(|a| a.captured());
        let gaps: u64 = dialogue
            .lines()
            .filter_map(|line| line.trim().split_once(' '))
            .filter(|(word, _)| word.starts_with('G') && word.len() == 2)
            .map(|(_, n)| n.parse::<u64>().unwrap())
            .sum();
        let sent = (talk.client.next + talk.server.next) as u64;
        assert_eq!(captured[0] + captured[1] + gaps, sent, "{dialogue}");
    }
}

#[test]
fn what_is_half_there_at_the_end_is_counted() {
    for (dialogue, unread) in [
        ("C: PING\nS: +PONG", [0, 0]),
        ("C: PING\nC= *2\\r\\n$3\nS: +PONG", [6, 0]),
        ("C= PI", [2, 0]),
        ("C: GET a\nS= $5\\r\\nva", [0, 6]),
    ] {
        let mut talk = Talk::new(From::Syn);
        for line in trimmed(dialogue) {
            talk.line(line);
        }
        talk.session.finish(&mut talk.shared, &mut talk.recorder);
        let told = talk.session.accounts();
        assert_eq!(told.map(|a| a.unread), unread, "{dialogue}");
        assert_eq!(told.map(|a| a.begun), [0, 0], "{dialogue}");
    }
}

/// What is told of a connection seen from its first byte to its end.
fn told(dialogue: &str) -> Vec<String> {
    let mut talk = Talk::new(From::Syn);
    for line in trimmed(dialogue) {
        talk.line(line);
    }
    talk.session.finish(&mut talk.shared, &mut talk.recorder);
    talk.recorder.lines
}

#[test]
fn a_command_whose_name_is_torn_may_have_changed_anything() {
    for (first, missing, rest, reply, next) in [
        ("*1\\r\\n$5\\r\\nM", 2, "TI\\r\\n", "+OK", "+QUEUED"),
        (
            "*2\\r\\n$5\\r\\nHE",
            2,
            "O\\r\\n$1\\r\\n3\\r\\n",
            "%1 / +proto / :3",
            "%1 / $1 / f / $1 / v",
        ),
        (
            "*2\\r\\n$7\\r\\nCOMMAND\\r\\n$5\\r\\nC",
            2,
            "NT\\r\\n",
            ":240",
            "*0",
        ),
    ] {
        let dialogue = format!(
            "C: PING
             S: +PONG
             C= {first}
             GC {missing}
             C= {rest}
             S: {reply}
             C: HGETALL h
             S: {next}"
        );
        let told = told(&dialogue);
        let told = told.join("\n");
        let accuses = [
            "Surplus",
            "Missing",
            "RefusedBeforeAuth",
            "Swapped",
            "Mismatch",
            "unanswered",
        ];
        assert!(!accuses.iter().any(|word| told.contains(word)), "{told}");
        assert!(told.contains("undecided"), "{told}");
    }
}

#[test]
fn in_front_of_a_torn_command_everything_is_paired() {
    let dialogue = "C: AUTH p ; GET a
        C= *1\\r\\n$5\\r\\nRE
        GC 2
        C= T\\r\\n
        C: GET b
        S: +OK / $-1 / +RESET / {NOAUTH}
        C: PING
        S: +PONG";
    let told = told(dialogue);
    assert!(
        told[0].starts_with("AUTH") && told[0].ends_with("=> +OK"),
        "{told:?}"
    );
    assert_eq!(told[1], "GET a => $-1", "{told:?}");
    assert!(
        told.iter().any(|line| line == "GET b => undecided"),
        "{told:?}"
    );
}

#[test]
fn a_torn_command_may_be_the_one_that_switches_replies_on() {
    let dialogue = "C: PING ; CLIENT REPLY OFF ; GET a
        S: +PONG
        C= *3\\r\\n$6\\r\\nCLIENT\\r\\n$5\\r\\nREP
        GC 1
        C= Y\\r\\n$2\\r\\nON\\r\\n
        S: +OK
        C: PING
        S: +PONG";
    let told = told(dialogue);
    let told = told.join("\n");
    assert!(
        !told.contains("Surplus") && !told.contains("unanswered"),
        "{told}"
    );
}
