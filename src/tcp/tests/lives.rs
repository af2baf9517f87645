//! When a connection ends, and when it does not.

use super::*;

#[test]
fn a_reset_that_its_receiver_drops_changes_nothing() {
    for seq in [900_000_000, -500, -1] {
        let mut wire = Wire::open();
        wire.client(0, 0, &"a".repeat(600));
        wire.server(0, 600, "");
        wire.send('c', RST, if seq < 0 { 600 + seq } else { seq }, 0, b"");
        wire.wait(5_000);
        wire.client(600, 0, "b");
        wire.server(0, 601, "+OK");
        let told = wire.end();
        assert!(told.ends_with("c b, s +OK, close Open"), "{seq}: {told}");
    }
}

#[test]
fn a_reset_behind_bytes_that_the_capture_lost_ends_a_connection() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.server(0, 2, "");
    wire.send('c', RST, 700, 0, b"");
    assert_eq!(wire.end(), "open, c ab, close Rst");
}

#[test]
fn a_sender_that_goes_on_behind_a_reset_did_not_send_it() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.server(0, 2, "");
    wire.send('s', RST, 0, 2, b"");
    wire.wait(20);
    wire.server(0, 2, "+OK");
    wire.wait(5_000);
    wire.client(2, 3, "cd");
    assert_eq!(wire.end(), "open, c ab, s +OK, c cd, close Open");
}

#[test]
fn a_syn_answered_by_a_challenge_changes_nothing() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.server(0, 2, "+OK");
    wire.send('c', SYN, 900_000_000, 0, b"");
    wire.server(3, 2, "");
    wire.client(2, 3, "cd");
    wire.wait(61_000);
    assert_eq!(
        wire.told(),
        "open, c ab, s +OK, open, c cd, close Idle one-sided"
    );
    wire.client(4, 3, "ef");
    assert_eq!(wire.end(), "c ef, close Open");
}

#[test]
fn many_foreign_syns_do_not_push_a_live_connection_out() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    for foreign in 1..7 {
        wire.send('c', SYN, foreign * 200_000_000, 0, b"");
    }
    wire.server(0, 2, "+OK");
    wire.client(2, 3, "cd");
    let told = wire.end();
    assert_eq!(told.matches("close Replaced").count(), 3, "{told}");
    assert!(
        told.contains("c ab") && told.contains("s +OK, c cd"),
        "{told}"
    );
}

#[test]
fn a_host_that_crashed_comes_back() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.server(0, 2, "");
    wire.send('c', SYN, 900_000_000, 0, b"");
    wire.server(0, 2, "");
    wire.send('c', RST, 2, 0, b"");
    wire.first = wire.first.wrapping_add(900_000_001);
    wire.handshake();
    wire.client(0, 0, "cd");
    assert_eq!(wire.end(), "open, c ab, open, c cd, close Rst, close Open");
}

#[test]
fn new_bytes_behind_an_end_are_another_connection() {
    for ahead in [40, 70_000, 12_000_000, 1_500_000_000] {
        let mut wire = Wire::new();
        short_dialogue(&mut wire);
        wire.wait(61_000);
        assert_eq!(wire.told(), "open, c ab, s cd, close Fin");
        // The handshake of the next one was not captured.
        wire.client(ahead, ahead, "ef");
        wire.server(ahead, ahead + 2, "gh");
        let told = wire.end();
        assert_eq!(told, "open, c ef, s gh, close Open midstream", "{ahead}");
    }
}

#[test]
fn a_probe_is_no_data_wherever_it_comes() {
    // The SYN-ACK and the handshake's ACK were not captured.
    let mut wire = Wire::new();
    wire.send('c', SYN, -1, 0, b"");
    wire.wait(75_000);
    let told = "open, close Idle one-sided";
    assert_eq!(wire.told(), told);
    wire.server(-1, 0, "\0");
    wire.client(0, 0, "");
    wire.client(0, 0, "ab");
    wire.server(0, 2, "+OK");
    assert_eq!(wire.end(), "open, c ab, s +OK, close Open midstream");

    // It is the first packet at all.
    let mut wire = Wire::new();
    wire.client(49, 100, "x");
    wire.server(100, 50, "");
    wire.client(50, 100, "ab");
    assert_eq!(wire.end(), "open, c ab, close Open midstream");

    // It stands in a hole.
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.server(0, 9, "");
    wire.client(8, 0, "\0");
    wire.wait(30);
    wire.client(9, 0, "cd");
    assert_eq!(wire.end(), "open, c ab, c gap 7, c cd, close Open");
}

#[test]
fn half_open_connections_have_a_bound() {
    let mut wire = Wire::new();
    wire.table.limits.connections = 100;
    for _ in 0..20 {
        wire.port += 1;
        wire.send('c', SYN, -1, 0, b"");
    }
    let told = wire.told();
    assert_eq!(told.matches("close Idle").count(), 12);
    assert_eq!(wire.table.limit_hits().half_open, 12);
    wire.wait(61_000);
    assert_eq!(wire.told().matches("close Idle").count(), 8);
    assert_eq!(wire.table.limit_hits().half_open, 12, "their time was over");
}

#[test]
fn a_damaged_date_is_not_the_time() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    let now = wire.now_ms;
    wire.now_ms = 3_000_000_000_000;
    wire.port += 1;
    wire.client(0, 0, "");
    wire.port -= 1;
    wire.now_ms = now;
    wire.client(5, 0, "fg");
    wire.server(0, 7, "");
    wire.client(2, 0, "cde");
    let told = wire.told();
    assert!(told.ends_with("c cde, c fg"), "no grace was over: {told}");
}
