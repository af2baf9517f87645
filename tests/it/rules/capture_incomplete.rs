//! `capture-incomplete`: what the capture lacks is said.

use crate::talk::{Run, told};

#[test]
fn packets_that_the_system_dropped_are_part_of_the_verdict() {
    let dropped = |line: &str| {
        let mut run = Run::new();
        let mut ends = run.open(40_000);
        run.talk(&mut ends, &format!("{line}\nS: +PONG\nFIN"));
        run.each(|analyzer| analyzer.set_dropped(7));
        run.end()
    };
    let said = dropped("C: PING");
    let finding = said.one("capture-incomplete");
    assert!(finding.title.ends_with("7 packets dropped while capturing"));
    assert!(finding.measures.contains(&("dropped", 7)));
    assert_eq!(finding.connections_total, 0);
    let other = dropped(r"C= GET / HTTP/1.1\r\n\r\n");
    assert_eq!(other.rules(), [""; 0], "no Redis");
}

#[test]
fn a_whole_capture_lacks_nothing() {
    assert_eq!(told("C: PING\nS: +PONG\nFIN").rules(), [""; 0]);
}
