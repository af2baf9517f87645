//! `reply-surplus`: an answer that nobody asked for.

use crate::talk::{midstream, told};
use redorder::rules::Confidence;

#[test]
fn an_answer_sent_twice() {
    let said = told(
        "
        C: ECHO a ; ECHO b ; ECHO c ; ECHO d
        S: $1 / a
        S: $1 / b
        S: $1 / b
        S: $1 / c
        S: $1 / d
        C.
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["reply-surplus"]);
}

#[test]
fn two_equal_questions() {
    let said = told(
        "
        C: ECHO a ; ECHO b ; ECHO b ; ECHO c
        S: $1 / a
        S: $1 / b
        S: $1 / b
        S: $1 / c
        C.
        FIN
        ",
    );
    assert_eq!(said.rules(), [""; 0]);
}

#[test]
fn an_answer_in_front_of_its_question_is_a_reply_too_many() {
    let dialogue = "S= +PONG\\r\\n\nW 5\nC: PING\nW 50\nFIN";
    let said = told(dialogue);
    let finding = said.one("reply-surplus");
    assert_eq!(finding.confidence, Confidence::Certain);
    assert!(finding.first.at <= finding.last.at, "{finding:?}");
    // Joined in the middle, the question may have been asked before.
    let said = midstream(dialogue);
    assert!(said.is_weak(), "{:?}", said.rules());
}
