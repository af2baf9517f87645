//! Where a connection begins and ends, and which segments are of the same one.

use super::*;

#[test]
fn another_syn_on_the_same_ports_is_another_connection() {
    let mut wire = Wire::open();
    wire.client(0, 0, "one");
    wire.first = 77_000_000;
    wire.handshake();
    wire.client(0, 0, "two");
    assert_eq!(
        wire.end(),
        "open, c one, open, c two, close Replaced, close Open"
    );
}

#[test]
fn a_repeated_syn_is_the_same_connection() {
    let mut wire = Wire::new();
    wire.send('c', SYN, -1, 0, b"");
    wire.handshake();
    wire.client(0, 0, "one");
    assert_eq!(wire.end(), "open, c one, close Open");
}

#[test]
fn data_in_front_of_either_syn_belongs_to_the_connection() {
    let mut wire = Wire::new();
    wire.client(0, 0, "ab");
    wire.send('c', SYN, -1, 0, b"");
    wire.client(2, 3, "cd");
    wire.send('s', SYN | ACK, -1, 0, b"");
    wire.server(0, 2, "+OK");
    assert_eq!(wire.end(), "open, c ab, s +OK, c cd, close Open");
}

#[test]
fn an_acknowledgement_does_not_tell_where_an_end_starts() {
    let mut wire = Wire::new();
    wire.send('c', SYN, -1, 0, b"");
    wire.client(2, 3, "cd");
    wire.client(0, 0, "ab");
    wire.send('s', SYN | ACK, -1, 0, b"");
    wire.server(0, 2, "+OK");
    assert_eq!(wire.end(), "open, c ab, s +OK, c cd, close Open");
}

#[test]
fn behind_a_syn_the_lowest_acknowledgement_is_the_start() {
    let mut wire = Wire::new();
    wire.client(0, 0, "ab");
    wire.send('c', SYN, -1, 0, b"");
    wire.server(3, 2, ".");
    wire.wait(30);
    assert_eq!(
        wire.told(),
        "open, c ab",
        "three bytes of the server are to come"
    );
    wire.server(0, 2, "+OK");
    assert_eq!(wire.end(), "s +OK, s ., close Open");
}

#[test]
fn reset_ends_a_connection() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.send('s', RST | ACK, 0, 2, b"");
    wire.client(2, 0, "cd");
    assert_eq!(wire.told(), "open, c ab, c cd", "it was under way");
    wire.wait(1_100);
    assert_eq!(wire.told(), "close Rst");
    wire.client(2, 0, "cd");
    assert_eq!(wire.outcomes.last(), Some(&PushOutcome::AfterEnd));
    assert_eq!(wire.end(), "", "a repetition opens nothing");
}

#[test]
fn a_segment_behind_the_end_opens_nothing() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.send('c', FIN | ACK, 2, 0, b"");
    wire.send('s', FIN | ACK, 0, 3, b"");
    wire.client(3, 1, "");
    wire.client(0, 0, "ab");
    wire.wait(30);
    assert_eq!(wire.told(), "open, c ab, close Fin");
    wire.client(0, 0, "ab");
    wire.server(1, 3, "");
    assert_eq!(wire.end(), "");
}

#[test]
fn evicted_connections_are_counted_and_told() {
    let mut wire = Wire::new();
    for _ in 0..6 {
        wire.now_ms += 1;
        wire.port += 1;
        wire.handshake();
        wire.client(0, 0, "ab");
    }
    let (told, hits) = wire.finish();
    assert_eq!(told.matches("close Idle").count(), 2);
    assert_eq!(told.matches("close Open").count(), 4);
    assert_eq!(hits.connections, 2);
    assert_eq!(
        hits.closed_connections, 2,
        "two of four are remembered, evicted ones never"
    );
}

#[test]
fn the_end_of_time_is_reached_once() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.client(5, 0, "fg");
    wire.server(0, 2, "");
    wire.table.tick(Timestamp::MAX, &mut wire.diary);
    wire.table.tick(Timestamp::MAX, &mut wire.diary);
    assert_eq!(
        wire.told(),
        "open, c ab",
        "still waits for its retransmission"
    );
    assert_eq!(wire.end(), "c gap 3, c fg, close Open");
}

/// A whole connection: handshake, a request, a reply, and both FINs.
#[test]
fn a_closed_connection_seen_again_by_a_late_clock_is_no_other_one() {
    let mut wire = Wire::new();
    short_dialogue(&mut wire);
    wire.wait(500);
    assert_eq!(wire.told(), "open, c ab, s cd, close Fin");
    // The ports are used again before the other input's clock has reached the first use.
    wire.first = 77;
    wire.handshake();
    wire.first = u32::MAX - 2;
    wire.file = 1;
    wire.outcomes.clear();
    short_dialogue(&mut wire);
    assert!(wire.outcomes.iter().all(|o| *o == PushOutcome::Duplicate));
    assert_eq!(wire.told(), "open", "the second connection goes on");
    wire.first = 77;
    wire.handshake();
    wire.client(0, 0, "ef");
    wire.file = 0;
    wire.client(0, 0, "ef");
    assert_eq!(wire.end(), "c ef, close Open");
}

#[test]
fn the_same_numbers_twice_in_one_input_are_two_connections() {
    let mut wire = Wire::new();
    short_dialogue(&mut wire);
    wire.wait(500);
    short_dialogue(&mut wire);
    let twice = "open, c ab, s cd, close Fin, open, c ab, s cd, close Fin";
    assert_eq!(wire.end(), twice);
}
