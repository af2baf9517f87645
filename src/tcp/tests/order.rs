//! Bytes in order: holes, overlaps, cuts, and what is held until then.

use super::*;

#[test]
fn an_acknowledged_hole_is_a_gap_after_the_grace() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.client(5, 0, "fg");
    wire.server(0, 7, "");
    assert_eq!(wire.told(), "open, c ab");
    wire.wait(9);
    assert_eq!(wire.told(), "", "the grace is not over");
    wire.wait(20);
    assert_eq!(wire.told(), "c gap 3, c fg");
    wire.client(2, 0, "cde");
    assert_eq!(wire.end(), "close Open", "too late");
}

#[test]
fn a_hole_that_nobody_acknowledged_waits_for_its_retransmission() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.client(5, 0, "fg");
    wire.server(0, 2, "");
    wire.wait(5_000);
    assert_eq!(wire.told(), "open, c ab");
    wire.client(2, 0, "cde");
    assert_eq!(wire.end(), "c cde, c fg, close Open");
}

#[test]
fn each_hole_has_a_grace_of_its_own() {
    let mut wire = Wire::open();
    wire.client(2, 0, "c");
    wire.server(0, 3, "");
    wire.wait(6);
    // A second hole is acknowledged while the first is still open.
    wire.client(5, 0, "f");
    wire.server(0, 6, "");
    wire.wait(3);
    wire.client(0, 0, "ab");
    assert_eq!(wire.told(), "open, c ab, c c");
    wire.wait(4);
    assert_eq!(wire.told(), "", "its acknowledgement is 7 ms old");
    wire.client(3, 0, "de");
    assert_eq!(wire.end(), "c de, c f, close Open");
}

/// Whether time passes behind them, because of other traffic, or the capture ends.
#[test]
fn of_two_holes_the_one_that_was_known_first_goes_first() {
    for (passes, first, second) in [
        (0, 'c', 's'),
        (0, 's', 'c'),
        (5_000, 'c', 's'),
        (5_000, 's', 'c'),
    ] {
        let mut wire = Wire::open();
        wire.send(first, ACK, 0, 0, b"ab");
        wire.send(second, ACK, 0, 2, b"xy");
        // Two bytes of each are lost. That they were there is known by what the other end has received.
        wire.send(second, ACK, 4, 4, b"z");
        wire.wait(1);
        wire.send(first, ACK, 4, 5, b"e");
        wire.wait(passes);
        assert_eq!(
            wire.end(),
            format!(
                "open, {first} ab, {second} xy, {first} gap 2, {second} gap 2, {second} z, {first} e, close Open"
            )
        );
    }
}

#[test]
fn overlaps_are_handed_on_once() {
    let mut wire = Wire::open();
    wire.client(0, 0, "abc");
    wire.client(1, 0, "bcde");
    wire.client(0, 0, "abcde");
    wire.client(7, 0, "hi");
    wire.client(6, 0, "ghij");
    wire.client(5, 0, "f");
    assert_eq!(wire.end().replace(", c ", ""), "openabcdefghij, close Open");
}

#[test]
fn a_reply_waits_for_the_command_that_it_acknowledges() {
    let mut wire = Wire::open();
    wire.server(0, 4, "+OK");
    wire.client(0, 0, "AUTH");
    assert_eq!(wire.end(), "open, c AUTH, s +OK, close Open");
}

#[test]
fn keep_alive_and_zero_window_probes_are_no_data() {
    for probe in ["", "d"] {
        let mut wire = Wire::open();
        wire.client(0, 0, "abcd");
        wire.server(0, 4, "");
        wire.client(3, 0, probe);
        wire.server(0, 4, "");
        // The window is closed: one byte of what comes next is tried, refused, and sent again with the rest.
        wire.client(4, 0, "e");
        wire.server(0, 4, "");
        wire.client(4, 0, "efg");
        assert_eq!(wire.end(), "open, c abcd, c e, c fg, close Open");
    }
}

#[test]
fn data_overtaken_by_its_fin_is_not_lost() {
    let mut wire = Wire::open();
    wire.send('c', FIN | ACK, 2, 0, b"");
    wire.send('s', FIN | ACK, 0, 3, b"");
    wire.client(3, 1, "");
    wire.client(0, 0, "ab");
    assert_eq!(wire.end(), "open, c ab, close Fin");
}

#[test]
fn midstream_starts_at_the_lowest_byte() {
    let mut wire = Wire::new();
    wire.server(100, 54, "+OK");
    wire.client(50, 100, "PING");
    wire.client(54, 103, "GET");
    assert_eq!(wire.told(), "open", "the grace is not over");
    wire.wait(30);
    assert_eq!(wire.told(), "c PING, s +OK, c GET");
    assert_eq!(wire.end(), "close Open midstream");
}

#[test]
fn one_direction_alone_is_not_held_up() {
    let mut wire = Wire::new();
    wire.send('c', SYN, -1, 0, b"");
    wire.client(0, 0, "");
    wire.client(0, 0, "ab");
    wire.client(2, 5, "cd");
    wire.wait(30);
    wire.client(4, 9, "ef");
    wire.wait(30);
    let told = wire.told();
    assert!(told.starts_with("open, c ab"), "{told}");
    assert!(told.contains("c cd") && told.contains("c ef"), "{told}");
    assert!(told.contains("s gap"), "what is missing is said: {told}");
    assert_eq!(wire.end(), "close Open one-sided");
}

#[test]
fn a_snapshot_cut_is_a_gap_and_not_an_end() {
    let mut wire = Wire::open();
    wire.push('c', ACK, (0, 0), b"ab", 3, 1);
    wire.client(5, 0, "fg");
    wire.push('c', ACK, (9, 0), b"jk", 1, 2);
    wire.client(7, 0, "hi");
    let told = "open, c ab, c gap 3, c fg, c hi, c jk, c gap 1, close Open";
    assert_eq!(wire.end(), told);
}

#[test]
fn the_second_capture_of_a_packet_is_a_duplicate_and_a_retransmission_is_not() {
    let mut wire = Wire::open();
    for fingerprint in [7, 7, 8] {
        wire.push('c', ACK, (0, 0), b"ab", 0, fingerprint);
    }
    for fingerprint in [9, 9, 10] {
        wire.push('s', ACK, (0, 2), b"", 0, fingerprint);
    }
    use PushOutcome::{Duplicate, Taken};
    let wanted = [Taken, Duplicate, Taken, Taken, Duplicate, Taken];
    assert_eq!(wire.outcomes[3..], wanted);
    assert_eq!(wire.end(), "open, c ab, close Open");
}

#[test]
fn held_bytes_are_bounded_and_the_bound_is_counted() {
    let mut wire = Wire::open();
    wire.client(10, 0, &"x".repeat(700));
    wire.client(720, 0, &"y".repeat(300));
    let (told, hits) = wire.finish();
    assert_eq!(hits.held_bytes_per_connection, 1);
    let wanted = format!(
        "open, c gap 10, c {}, c gap 10, c {}, close Open",
        "x".repeat(700),
        "y".repeat(300)
    );
    assert_eq!(told, wanted);

    let mut wire = Wire::open();
    wire.client(10, 0, &"x".repeat(700));
    wire.port += 1;
    wire.handshake();
    wire.client(10, 0, &"y".repeat(700));
    let (_, hits) = wire.finish();
    assert_eq!((hits.held_bytes_per_connection, hits.held_bytes), (0, 1));
}
