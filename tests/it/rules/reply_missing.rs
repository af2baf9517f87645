//! `reply-missing`: an answer is left out, and the answers behind it move up.

use crate::talk::told;
use redorder::rules::Confidence;

const FLIGHT: &str = "C: ECHO a ; ECHO b ; ECHO c ; ECHO d ; ECHO e ; ECHO f ; ECHO g ; ECHO h\n";

fn answers(of: &str) -> String {
    of.chars().map(|c| format!("S: $1 / {c}\n")).collect()
}

#[test]
fn one_of_eight_is_left_out() {
    let said = told(&format!("{FLIGHT}{}C.\nW 5000\nFIN", answers("abdefgh")));
    let finding = said.one("reply-missing");
    assert!(finding.confidence >= Confidence::Likely, "{finding:?}");
}

#[test]
fn all_eight_in_order() {
    let said = told(&format!("{FLIGHT}{}C.\nW 5000\nFIN", answers("abcdefgh")));
    assert_eq!(said.rules(), [""; 0]);
}

#[test]
fn a_value_is_no_reply_to_a_plain_set() {
    let flight = "C: SET a 1 ; GET a ; SET b 2 ; GET b ; SET c 3 ; GET c\n";
    let left_out = "S: $1 / 1\nS: +OK\nS: $1 / 2\nS: +OK\nS: $1 / 3\nC.\nW 5000\nFIN";
    let said = told(&format!("{flight}{left_out}"));
    assert_eq!(said.one("reply-missing").confidence, Confidence::Certain);
    assert_eq!(said.one("reply-missing").affected, 6);
}
