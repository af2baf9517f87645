//! `unanswered`: a command waits too long, and the reasons why it may.

use crate::talk::{ACK, Ends, MS, Run, SYN, midstream, packet, told};
use redorder::rules::{Confidence, Severity};

#[test]
fn half_an_answer_is_no_missing_answer() {
    let part = format!("S= {}\nC.\nW 100\n", "x".repeat(1400));
    let head = "C: PING\nS: +PONG\nC: GET a\nS: $10000000\n";
    let said = told(&(head.to_owned() + &part.repeat(30)));
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_proxy_protocol_header_waits_for_no_answer() {
    let said = told(
        r"
        C= PROXY TCP4 192.0.2.9 192.0.2.2 50000 6379\r\n
        C: SET a b
        S: +OK
        C.
        C: SET a b
        S: +OK
        C.
        W 3000
        C.
        FIN
    ",
    );
    assert_eq!(said.accusations(), [""; 0]);
    assert_eq!(said.summary.totals.counts.exchanges, 2);
}

#[test]
fn a_client_that_wants_no_replies_midstream_is_healthy() {
    let said = midstream(&"C: SET a b\nS.\nW 200\n".repeat(30));
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_client_that_wants_no_replies_is_healthy_behind_a_gap() {
    // One command is lost by the capture.
    let head = "C: PING\nS: +PONG\nC: CLIENT REPLY OFF\nS.\nC: SET a b\nC! SET a b\n";
    let later = "S.\nW 200\nC: SET a b\n".repeat(30);
    let said = told(&format!("{head}{later}S."));
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn an_unknown_command_may_wait() {
    let said = told(
        "
        C: PING
        S: +PONG
        C: FOO.WAIT a
        W 3000
        C.
    ",
    );
    assert!(said.is_weak());
}

#[test]
fn a_stream_read_that_does_not_block_may_be_unanswered() {
    let said = told(
        "
        C: PING
        S: +PONG
        C: XREAD STREAMS s 0
        W 10000
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["unanswered"]);
}

#[test]
fn a_blocking_command_behind_excuses_nothing_in_front() {
    let said = told(
        "
        C: PING
        S: +PONG
        C: GET a
        W 10000
        C: BLPOP q 0
        W 100
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["unanswered"]);
}

#[test]
fn a_blocking_command_far_back_in_the_queue_counts() {
    let waits = |queue: &str| told(&format!("C: PING\nS: +PONG\nC: {queue}\nW 3000\nC."));
    let gets = ["GET a"; 12].join(" ; ");
    let behind = waits(&format!("BLPOP q 0 ; {gets}"));
    assert_eq!(behind.accusations(), [""; 0]);
    let in_front = waits(&format!("{gets} ; BLPOP q 0 ; GET a"));
    assert_eq!(in_front.one("unanswered").affected, 12);
}

#[test]
fn one_captured_direction_accuses_nobody() {
    for last in ["FIN", "W 0"] {
        let mut run = Run::new();
        run.deaf = true;
        let mut ends = run.open(40_000);
        run.talk(&mut ends, &"C: GET a\nS: $1 / v\nW 400\n".repeat(8));
        run.talk(
            &mut ends,
            "
            C: AUTH pwd
            C: PING
            S: +OK
            S: +PONG
            W 5000
            C: GET a
            S: $1 / v
            C.
            W 5000
            C.
            ",
        );
        run.talk(&mut ends, last);
        assert_eq!(run.end().accusations(), [""; 0]);
    }
}

#[test]
fn an_answer_lost_by_the_capture_accuses_nobody() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: GET a
        S: $1 / v
        C: GET a
        S! $1 / v
        C.
        W 5000
        C.
        ",
    );
    assert_eq!(said.accusations(), [""; 0]);
    assert_eq!(said.summary.totals.counts.undecided_commands, 1);
}

#[test]
fn a_port_used_again_says_nothing_of_the_time_between() {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(&mut ends, "C: PING\nS: +PONG\nC: GET a\nW 60000");
    let mut again = Ends::at(40_000, 900_000_000, 1_900_000_000);
    run.send(&mut again, true, SYN, b"");
    run.send(&mut again, false, SYN | ACK, b"");
    run.talk(&mut again, "C: PING\nS: +PONG\nFIN");
    assert_eq!(run.end().accusations(), [""; 0]);
}

#[test]
fn a_paused_server_may_be_silent() {
    let wait = "C: GET a\nW 4000\nC.";
    let said = told(&format!("C: PING\nS: +PONG\n{wait}"));
    assert_eq!(said.accusations(), ["unanswered"]);
    let mut run = Run::new();
    let mut admin = run.open(40_000);
    let mut client = run.open(40_001);
    run.talk(&mut admin, "C: CLIENT PAUSE 10000\nS: +OK");
    run.talk(&mut client, wait);
    assert_eq!(run.end().accusations(), [""; 0]);
}

#[test]
fn a_reply_behind_a_hole_at_the_end_is_no_silence() {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(
        &mut ends,
        "
        C: PING
        S: +PONG
        C.
        C: GET a ; GET a
        S! $1 / v
        S: $1 / v
    ",
    );
    let mut other = run.open(40_001);
    run.talk(
        &mut other,
        "
        W 3000
        C: PING
        S: +PONG
        W 3000
        C: PING
        S: +PONG
    ",
    );
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_list_that_reads_like_a_confirmation_is_an_answer_midstream() {
    let said = midstream(
        "
        C: LRANGE a 0 2
        S: *3 / $9 / subscribe / $1 / b / $1 / c
        C.
        W 2000
        C.
        FIN
    ",
    );
    assert_eq!(said.accusations(), [""; 0]);
    assert_eq!(said.summary.totals.counts.exchanges, 1);
}

/// How sure it is that a GET got no answer, while another connection went on.
fn ignored(before: &str, change: impl Fn(&mut Run, &mut Ends, &[u8])) -> Option<Confidence> {
    let get = b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n";
    let mut run = Run::new();
    let (mut other, mut ends) = (run.open(40_001), run.open(40_000));
    run.talk(&mut other, &format!("C: {before}\nS: +OK\nC.\nW 60"));
    run.talk(&mut ends, "C: PING\nS: +PONG\nC.");
    let sent = packet(40_000, true, ends.client, ends.server, ACK, get);
    run.talk(&mut ends, "C: GET a\nS.");
    change(&mut run, &mut ends, &sent);
    run.talk(&mut other, "W 3000\nC: PING\nS: +PONG\nC.");
    let said = run.end();
    let loud = said
        .findings
        .values()
        .filter(|f| f.severity > Severity::Note);
    loud.map(|f| f.confidence).max()
}

#[test]
fn a_second_capture_of_a_packet_is_no_sign_that_the_connection_went_on() {
    assert_eq!(ignored("ASKING", |_, _, _| {}), Some(Confidence::Possible));
    let copied = ignored("ASKING", |run, _, sent| run.capture(sent));
    assert_eq!(copied, Some(Confidence::Possible));
    let went_on = ignored("ASKING", |run, ends, _| run.talk(ends, "W 3000\nFIN"));
    assert_eq!(went_on, Some(Confidence::Likely));
}

#[test]
fn while_a_clock_is_set_back_nobody_knows_what_else_ran() {
    let set_back = |run: &mut Run, ends: &mut Ends, _: &[u8]| {
        run.talk(ends, "W 3000\nFIN");
        run.now -= 60_000 * MS;
    };
    assert_eq!(ignored("FLUSHALL", set_back), Some(Confidence::Possible));
    // Nothing of the kind was ever sent.
    assert_eq!(ignored("ASKING", set_back), Some(Confidence::Likely));
    let whole = |run: &mut Run, ends: &mut Ends, _: &[u8]| run.talk(ends, "W 3000\nFIN");
    assert_eq!(ignored("FLUSHALL", whole), Some(Confidence::Likely));
}

#[test]
fn who_was_answered_midstream_wants_replies() {
    // What was sent behind a pause of the server finds its place again: such a client did not turn replies off.
    let served = "C: GET a\nS: $1 / v\nC.\nW 200\n".repeat(5);
    let said = midstream(&format!("{served}C: GET a\nS.\nW 3000\nC.\nFIN"));
    assert_eq!(said.rules(), ["capture-incomplete", "unanswered"]);
}
