//! `encrypted`: TLS is said, and nothing is judged in it.

use crate::talk::{ACK, Run};

/// A connection to the port of Redis whose client begins with these bytes.
fn begins_with(bytes: &[u8]) -> Vec<String> {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.send(&mut ends, true, ACK, bytes);
    run.send(&mut ends, false, ACK, b"");
    run.talk(&mut ends, "FIN");
    run.end().rules().into_iter().map(str::to_owned).collect()
}

#[test]
fn a_client_hello_on_the_port_of_redis() {
    let mut hello = vec![0x16, 3, 1, 0, 46, 1, 0, 0, 42, 3, 3];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0x13, 1, 1, 0, 0]);
    assert_eq!(begins_with(&hello), ["encrypted"]);
}

#[test]
fn plain_commands_are_not_encrypted() {
    assert!(!begins_with(b"*1\r\n$4\r\nPING\r\n").contains(&"encrypted".to_owned()));
}
