//! `abandoned-read`: a client that waited for each reply goes on with one unread.

use crate::run::{redorder, repository};
use crate::talk::told;

/// redis-py 4.5.1: 16 times SET and 8 times GET are waited for, the next GET is cancelled while it waits.
#[test]
fn the_command_that_was_cancelled_in_redis_py_is_named() {
    let path = repository("samples/cancelled-read.pcap");
    let printed = redorder(&["analyze", "--format", "json", path.to_str().unwrap()]);
    let document: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let findings = document["findings"].as_array().unwrap();
    let finding = findings
        .iter()
        .find(|f| f["rule"] == "abandoned-read")
        .unwrap();
    let shown = finding["exchanges"].as_array().unwrap();
    let indexes: Vec<_> = shown.iter().filter_map(|e| e["index"].as_u64()).collect();
    assert_eq!(indexes, [24, 25, 26, 27, 28]);
    assert_eq!(finding["affected"], 12);
}

/// So many commands that are each waited for.
fn in_turn(count: usize) -> String {
    "C: GET a\nS: $1 / v\n".repeat(count)
}

/// One command is not waited for, and none behind it: each leaves when the reply before the last has arrived.
fn one_unread(count: usize) -> String {
    let next = "C: GET c\nS- $1 / v\n".repeat(count);
    format!("C: GET a\nC: GET b\nS- $1 / v\n{next}S: $1 / v\nC.\nFIN\n")
}

#[test]
fn a_read_that_was_given_up() {
    let said = told(&(in_turn(24) + &one_unread(8)));
    assert_eq!(said.accusations(), ["abandoned-read"]);
}

#[test]
fn a_client_that_never_waited() {
    let pipelined = "C: GET a ; GET b\nS: $1 / v\nS: $1 / v\n".repeat(20);
    let said = told(&(pipelined + &one_unread(8)));
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_client_that_waits_again() {
    let once = "C: GET a\nC: GET b\nS- $1 / v\nS: $1 / v\n";
    let said = told(&(in_turn(24) + once + &in_turn(10) + "C.\nFIN\n"));
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_connection_that_is_closed_soon() {
    let said = told(&(in_turn(24) + &one_unread(2)));
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn two_commands_that_wait_end_it() {
    let unread = "C: GET c\nS- $1 / v\n";
    let more = format!(
        "C: GET a\nC: GET b\nS- $1 / v\n{}S: $1 / v\n{}C: GET e\nC: GET f\nS- $1 / v\n{}S: $1 / v\nC.\nFIN\n",
        unread.repeat(4),
        in_turn(2),
        unread.repeat(6),
    );
    let said = told(&(in_turn(24) + &more));
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn what_was_waited_for_in_front_of_a_loss_does_not_count() {
    let lost = "C: GET a\nS! $1 / v\nC.\nW 500\n";
    let said = told(&(in_turn(24) + lost + &in_turn(4) + &one_unread(8)));
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_library_that_shares_one_connection_between_callers() {
    for (library, rules) in [("redis-py", &["abandoned-read"][..]), ("SE.Redis", &[])] {
        let name = format!("C: CLIENT SETINFO LIB-NAME {library}\nS: +OK\n");
        let said = told(&(name + &in_turn(24) + &one_unread(8)));
        assert_eq!(said.accusations(), rules, "{library}");
    }
}
