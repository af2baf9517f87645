//! Both lanes leave the same behind: what was told, and all that a session knows.

use super::super::commands::Kind;
use super::super::{Exchange, Observer, Pending, Shared};
use super::*;
use proptest::prelude::*;

/// A dialogue by chance: ordinary commands mostly, and everything that is not ordinary in between.
fn line() -> impl Strategy<Value = String> {
    let commands = prop::sample::select(vec![
        "GET a",
        "SET a 1",
        "INCR n",
        "LPUSH l x",
        "GET a",
        "SET b 22",
        "DEL a b c",
        "EXISTS a",
        "LRANGE l 0 1",
        "PING",
        "ECHO hi",
        "AUTH p",
        "MULTI",
        "EXEC",
        "SUBSCRIBE c",
        "MONITOR",
        "CLIENT REPLY SKIP",
        "CLIENT REPLY ON",
        "HELLO 3",
        "BLPOP l 1",
        "RESET",
        "OWN.NAME x",
        "EVAL s 0",
    ]);
    let replies = prop::sample::select(vec![
        "+OK",
        ":1",
        "$1 / a",
        "$-1",
        "*-1",
        "+QUEUED",
        "-ERR no",
        "-NOAUTH Authentication required.",
        ":3",
        "+OK",
        "*1 / $1 / x",
        "+PONG",
        "*3 / $9 / subscribe / $1 / c / :1",
        "_",
        "%0",
        "$2 / hi",
        "+1700000000.123456 [0 127.0.0.1:1] \"GET\" \"a\"",
    ]);
    let few = |what: prop::sample::Select<&'static str>| prop::collection::vec(what, 1..6);
    prop_oneof![
        8 => few(commands).prop_map(|all| format!("C: {}", all.join(" ; "))),
        8 => few(replies).prop_map(|all| format!("S: {}", all.join(" / "))),
        2 => few(prop::sample::select(vec!["GET a", "SET a 1"])).prop_map(|all| format!("C- {}", all.join(" ; "))),
        2 => Just("S- :1".to_owned()),
        // The head of a command, and the rest of it; the same of a reply.
        2 => Just("C= *2\\r\\n$3\\r\\nGE".to_owned()),
        2 => Just("C= T\\r\\n$1\\r\\na\\r\\n*2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\nb\\r\\n".to_owned()),
        2 => Just("S= $5\\r\\nab".to_owned()),
        2 => Just("S= cde\\r\\n:1\\r\\n".to_owned()),
        2 => Just("C= \\r\\n".to_owned()),
        1 => Just("GC 10".to_owned()),
        1 => Just("GS 10".to_owned()),
        1 => Just("W 60".to_owned()),
    ]
}

/// A dialogue in which every command gets a fitting reply.
fn healthy() -> impl Strategy<Value = Vec<String>> {
    let pair = prop::sample::select(vec![
        ("GET a", "$1 / a"),
        ("GET a", "$-1"),
        ("SET a 1", "+OK"),
        ("INCR n", ":7"),
        ("LPUSH l x", ":2"),
        ("LRANGE l 0 0", "*1 / $1 / x"),
        ("PING", "+PONG"),
        ("ECHO hi", "$2 / hi"),
        ("GET a", "-ERR no"),
        ("AUTH p", "+OK"),
        ("MULTI", "+OK"),
        ("OWN.NAME x", ":1"),
        ("STRLEN a", ":1"),
    ]);
    let flight = prop::collection::vec(pair, 1..20).prop_map(|pairs| {
        let (commands, replies): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        [
            format!("C: {}", commands.join(" ; ")),
            format!("S: {}", replies.join(" / ")),
        ]
    });
    prop::collection::vec(flight, 1..8).prop_map(|all| all.into_iter().flatten().collect())
}

fn talk(from: From, fast_lane: bool, arguments: bool) -> Talk {
    let mut talk = Talk::new(from);
    talk.shared.fast_lane = fast_lane;
    talk.shared.keep_arguments = arguments;
    talk
}

fn same(from: From, dialogue: &[String]) -> Result<(), TestCaseError> {
    same_with(from, dialogue, false)?;
    same_with(from, dialogue, true)
}

fn same_with(from: From, dialogue: &[String], arguments: bool) -> Result<(), TestCaseError> {
    let [mut fast, mut full] = [true, false].map(|lane| talk(from, lane, arguments));
    for (done, line) in dialogue.iter().enumerate() {
        for talk in [&mut fast, &mut full] {
            talk.line(line);
        }
        let dialogue = &dialogue[..=done];
        prop_assert_eq!(
            &fast.recorder.lines,
            &full.recorder.lines,
            "{:#?}",
            dialogue
        );
        let (fast, full) = (format!("{:?}", fast.session), format!("{:?}", full.session));
        prop_assert_eq!(fast, full, "{:#?}", dialogue);
    }
    for talk in [&mut fast, &mut full] {
        talk.session.finish(&mut talk.shared, &mut talk.recorder);
    }
    prop_assert_eq!(fast.recorder.lines, full.recorder.lines);
    prop_assert_eq!(fast.session.counts(), full.session.counts());
    prop_assert_eq!(fast.session.accounts(), full.session.accounts());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn whatever_comes(dialogue in prop::collection::vec(line(), 1..20), from_start: bool) {
        let from = if from_start { From::Syn } else { From::Midstream };
        same(from, &dialogue)?;
    }

    #[test]
    fn on_a_good_day(dialogue in healthy(), from_start: bool) {
        let from = if from_start { From::Syn } else { From::Midstream };
        same(from, &dialogue)?;
    }
}

/// So many commands wait that one in front is taken to be accepted.
#[test]
fn behind_a_switch_that_many_wait_for() {
    let many = vec!["GET a"; 1_200].join(" ; ");
    for answer in ["-NOPERM no", "+OK"] {
        let dialogue = [
            "C: GET a ; SET a 1 ; GET a".to_owned(),
            "S: $1 / a / +OK / $1 / a".to_owned(),
            format!("C: GET a ; CLIENT REPLY OFF ; {many}"),
            format!("S: $1 / a / {answer} / $1 / a / $1 / a"),
        ];
        for from in [From::Syn, From::Midstream] {
            same(from, &dialogue).unwrap();
        }
    }
}

/// Counts what comes by which lane.
#[derive(Default)]
struct Lanes {
    sent: [u32; 2],
    answered: [u32; 2],
}

impl Observer for Lanes {
    fn sent(&mut self, _: &mut Shared, _: &Pending) {
        self.sent[0] += 1;
    }
    fn sent_ordinary(&mut self, _: &mut Shared, command: &Pending) {
        assert_eq!(command.kind, Kind::Ordinary);
        self.sent[1] += 1;
    }
    fn answered(&mut self, _: &mut Shared, _: &Exchange<'_>) {
        self.answered[0] += 1;
    }
    fn answered_ordinary(&mut self, _: &mut Shared, exchange: &Exchange<'_>) {
        assert!(!exchange.is_error());
        self.answered[1] += 1;
    }
    fn unpaired(&mut self, _: &mut Shared, _: Fate, _: &Pending) {}
    fn stray(&mut self, _: &mut Shared, _: &StrayFrame<'_>) {}
    fn broken(&mut self, _: &mut Shared, _: &BrokenReply<'_>) {}
    fn mistaken(&mut self, _: &mut Shared) {}
    fn lost(&mut self, _: &mut Shared) {}
}

/// Which lane commands and replies of a dialogue take: through the full one, through the fast one.
fn lanes(commands: &str, replies: &str, fast_lane: bool) -> Lanes {
    lanes_with(commands, replies, fast_lane, false)
}

fn lanes_with(commands: &str, replies: &str, fast_lane: bool, arguments: bool) -> Lanes {
    let mut talk = talk(From::Syn, fast_lane, arguments);
    // The first commands tell who the client is, and a name is found quickly when it was looked up before.
    talk.line("C: GET a ; SET a 1 ; INCR n ; GET a");
    talk.line("S: $-1 / +OK / :1 / $1 / 1");
    let mut lanes = Lanes::default();
    let bytes = text::commands(commands);
    let chunk = talk.chunk(Side::Low, &bytes, talk.server.next);
    talk.session
        .client_data(&mut talk.shared, &chunk, &mut lanes);
    talk.client.next += bytes.len() as i64;
    let bytes = text::lines(replies);
    let chunk = talk.chunk(Side::High, &bytes, talk.client.next);
    talk.session
        .server_data(&mut talk.shared, &chunk, &mut lanes);
    lanes
}

#[test]
fn what_is_ordinary_takes_the_fast_lane() {
    let all = lanes("GET a ; SET a 1 ; INCR n", "$1 / a / +OK / :2", true);
    assert_eq!((all.sent, all.answered), ([0, 3], [0, 3]));
    let full = lanes("GET a ; SET a 1 ; INCR n", "$1 / a / +OK / :2", false);
    assert_eq!((full.sent, full.answered), ([3, 0], [3, 0]));
}

#[test]
fn arguments_do_not_keep_from_the_fast_lane() {
    let all = lanes_with("GET a ; SET a 1 ; INCR n", "$1 / a / +OK / :2", true, true);
    assert_eq!((all.sent, all.answered), ([0, 3], [0, 3]));
}

#[test]
fn what_is_not_takes_the_full_one() {
    let error = lanes("GET a ; GET b ; GET a", "$1 / a / -ERR no / $1 / a", true);
    assert_eq!((error.sent, error.answered), ([0, 3], [1, 2]));
    let auth = lanes("GET a ; AUTH p ; GET b", "$1 / a / +OK / $1 / a", true);
    assert_eq!((auth.sent, auth.answered), ([2, 1], [1, 2]));
    let unknown = lanes("OWN.NAME a ; GET a", "+OK / $1 / a", true);
    assert_eq!((unknown.sent, unknown.answered), ([1, 1], [1, 1]));
}
