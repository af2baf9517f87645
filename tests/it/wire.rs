//! The wire's ugly days: segments split, repeated and shuffled say what they said in order.

use super::account::balance;
use super::conversation::{ACK, Ending, SYN, Said, Sent, Step, analyse, connection, merged};
use Step::{Acks, Asks, Crosses, Hears, Says, Waits};
use proptest::collection::vec;
use proptest::prelude::*;
use redorder::analyzer::Limits;

/// Segments of the longest conversation, generously.
const CHANGES: usize = 160;

fn command(words: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend(format!("${}\r\n{word}\r\n", word.len()).into_bytes());
    }
    bytes
}

fn asks(text: &str) -> Step {
    Asks(command(&text.split(' ').collect::<Vec<_>>()))
}

fn crosses(text: &str) -> Step {
    Crosses(command(&text.split(' ').collect::<Vec<_>>()))
}

fn says(text: &str) -> Step {
    Says(text.replace('|', "\r\n").into_bytes())
}

const NOAUTH: &str = "-NOAUTH Authentication required.|";

/// `+OK`, then `-NOAUTH` for the command behind AUTH.
fn race() -> Vec<Step> {
    vec![
        asks("AUTH lab-secret"),
        asks("PING"),
        says("+OK|"),
        says(NOAUTH),
        asks("GET a"),
        says("$6|va|ue|"),
        Acks,
    ]
}

fn race_in_one_segment() -> Vec<Step> {
    let flight = [
        command(&["AUTH", "lab-secret"]),
        command(&["PING"]),
        command(&["GET", "a"]),
    ]
    .concat();
    vec![
        Asks(flight),
        Hears,
        says("+OK|-NOAUTH Authentication required.|-NOAUTH Authentication required.|"),
        asks("PING"),
        says("+PONG|"),
    ]
}

/// The command crosses `+OK` on the wire: blind by its acknowledgement, though captured later.
fn crossing() -> Vec<Step> {
    vec![
        asks("AUTH lab-secret"),
        says("+OK|"),
        crosses("GET a"),
        Acks,
        says(NOAUTH),
        asks("GET a"),
        says("$1|v|"),
    ]
}

fn pipeline() -> Vec<Step> {
    let big = "0123456789\r\n+OK\r\n".repeat(300);
    let mut steps = vec![
        asks("AUTH lab-secret"),
        says("+OK|"),
        Asks(command(&["SET", "big", &big])),
        Hears,
        says("+OK|"),
        asks("GET big"),
        Says(format!("${}\r\n{big}\r\n", big.len()).into_bytes()),
        Acks,
    ];
    for round in 0..4 {
        let mut flight = Vec::new();
        let mut replies = Vec::new();
        for number in 0..6 {
            let value = format!("{round}-{number}");
            flight.extend(command(&["SET", "k", &value]));
            flight.extend(command(&["GET", "k"]));
            replies.extend(format!("+OK\r\n${}\r\n{value}\r\n", value.len()).into_bytes());
        }
        steps.extend([Asks(flight), Says(replies)]);
    }
    steps.extend([asks("LPOP none"), says("$-1|"), asks("INCR k"), says(":5|")]);
    steps
}

fn subscriber() -> Vec<Step> {
    vec![
        asks("SUBSCRIBE one two"),
        says("*3|$9|subscribe|$3|one|:1|*3|$9|subscribe|$3|two|:2|"),
        says("*3|$7|message|$3|one|$2|hi|"),
        Acks,
        says("*3|$7|message|$3|two|$2|yo|*3|$7|message|$3|two|$2|ye|"),
        asks("PING"),
        says("*2|$4|pong|$0||"),
        asks("UNSUBSCRIBE"),
        says("*3|$11|unsubscribe|$3|one|:1|*3|$11|unsubscribe|$3|two|:0|"),
        asks("GET a"),
        says("$1|v|"),
    ]
}

fn transaction() -> Vec<Step> {
    vec![
        asks("MULTI"),
        asks("SET a 1"),
        asks("INCR a"),
        asks("EXEC"),
        says("+OK|+QUEUED|+QUEUED|"),
        says("*2|+OK|:2|"),
        asks("WATCH a"),
        says("+OK|"),
        asks("MULTI"),
        says("+OK|"),
        asks("GET a"),
        says("+QUEUED|"),
        asks("DISCARD"),
        says("+OK|"),
    ]
}

fn resp3() -> Vec<Step> {
    vec![
        asks("HELLO 3 AUTH default lab-secret"),
        asks("CLIENT TRACKING ON"),
        says("%3|$6|server|$5|redis|$7|version|$5|7.2.4|$5|proto|:3|"),
        says("+OK|"),
        asks("HGETALL h"),
        says("%1|$1|f|$1|v|"),
        says(">2|$10|invalidate|*1|$1|h|"),
        asks("GET a"),
        says("_|"),
        asks("CLIENT REPLY SKIP"),
        asks("SET a 1"),
        asks("PING"),
        says("+PONG|"),
    ]
}

fn refused() -> Vec<Step> {
    vec![
        asks("AUTH wrong"),
        asks("GET a"),
        says("-WRONGPASS invalid username-password pair or user is disabled.|"),
        says(NOAUTH),
        asks("AUTH lab-secret"),
        says("+OK|"),
        asks("GET a"),
        says("$1|v|"),
    ]
}

fn stranded() -> Vec<Step> {
    vec![
        asks("AUTH lab-secret"),
        asks("PING"),
        asks("GET b"),
        Hears,
        says("+OK|+PONG|"),
        Acks,
        Waits(5_000),
    ]
}

fn hangs() -> Vec<Step> {
    let mut steps = Vec::new();
    for _ in 0..6 {
        steps.extend([asks("GET a"), says("$1|v|")]);
    }
    steps.extend([asks("GET b"), Hears, Waits(5_000)]);
    steps
}

/// Name, segments, and a rule that the untouched conversation must be found to break.
fn conversations() -> Vec<(&'static str, Vec<Sent>, Option<&'static str>)> {
    use Ending::{Fin, Open, Rst};
    let one = |steps: Vec<Step>, ending| merged(vec![connection(40_001, 0, &steps, ending)]);
    let all = merged(vec![
        connection(40_001, 0, &race(), Fin),
        connection(40_002, 1, &pipeline(), Fin),
        connection(40_003, 2, &subscriber(), Rst),
        connection(40_004, 3, &crossing(), Fin),
        connection(40_005, 4, &transaction(), Open),
        connection(40_006, 5, &refused(), Fin),
    ]);
    vec![
        ("race", one(race(), Fin), Some("auth-race")),
        ("race, reset", one(race(), Rst), Some("auth-race")),
        (
            "race in one segment",
            one(race_in_one_segment(), Fin),
            Some("auth-race"),
        ),
        ("crossing", one(crossing(), Fin), Some("auth-race")),
        ("pipeline", one(pipeline(), Fin), None),
        ("subscriber", one(subscriber(), Fin), None),
        ("transaction", one(transaction(), Open), None),
        ("RESP3", one(resp3(), Fin), Some("pipelined-past-auth")),
        ("refused", one(refused(), Fin), Some("auth-refused")),
        ("stranded", one(stranded(), Fin), Some("auth-stranded")),
        ("hangs", one(hangs(), Fin), Some("unanswered")),
        ("all together", all, Some("auth-race")),
    ]
}

/// What happens to one segment. The simplest change is none.
#[derive(Clone, Debug)]
struct Change {
    /// Where it is split, in 1/65536 of its length.
    cuts: Vec<u16>,
    /// How much later each part is captured, in 1/255 of the most allowed.
    late: [u8; 4],
    /// The other end acknowledges every part on its own.
    acks: bool,
    again: Again,
    /// When the repetition comes, like `late`.
    again_late: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Again {
    No,
    /// The same packet at another capture point.
    Twice,
    /// Every part sent again.
    Parts,
    /// All of it sent again as one segment.
    Whole,
}

fn change() -> impl Strategy<Value = Change> {
    let again = prop_oneof![
        6 => Just(Again::No),
        1 => Just(Again::Twice),
        1 => Just(Again::Parts),
        1 => Just(Again::Whole),
    ];
    let late = prop_oneof![Just([0; 4]), any::<[u8; 4]>()];
    let cuts = prop_oneof![2 => Just(Vec::new()), 1 => vec(any::<u16>(), 1..4)];
    (cuts, late, any::<bool>(), again, any::<u8>()).prop_map(
        |(cuts, late, acks, again, again_late)| Change {
            cuts,
            late,
            acks,
            again,
            again_late,
        },
    )
}

/// The parts of a segment. SYN stands before the first byte, FIN behind the last.
fn split(sent: &Sent, cuts: &[u16], ids: &mut u16) -> Vec<Sent> {
    let len = sent.payload.len();
    let mut at: Vec<usize> = cuts
        .iter()
        .map(|cut| usize::from(*cut) * len / 65_536)
        .collect();
    at.extend([0, len]);
    at.sort_unstable();
    at.dedup();
    if at.len() < 3 {
        return vec![sent.clone()];
    }
    at.windows(2)
        .map(|pair| {
            *ids += 1;
            Sent {
                seq: sent.seq.wrapping_add(pair[0] as u32),
                id: *ids,
                payload: sent.payload[pair[0]..pair[1]].to_vec(),
                ..sent.clone()
            }
        })
        .collect()
}

/// The other end acknowledges `part`.
fn ack_of(part: &Sent, ids: &mut u16) -> Sent {
    *ids += 1;
    Sent {
        from_client: !part.from_client,
        seq: part.ack,
        ack: part.seq.wrapping_add(part.payload.len() as u32),
        flags: ACK,
        id: *ids,
        payload: Vec::new(),
        ..part.clone()
    }
}

/// The segments as a capture of an ugly day holds them, each with the time it is captured at.
fn changed(segments: &[Sent], changes: &[Change]) -> Vec<(i64, Sent)> {
    let most = Limits::default().reorder_grace_ns * 9 / 10;
    let late = |share: u8| most * i64::from(share) / 255;
    let mut ids = 30_000;
    let mut all = Vec::new();
    for (sent, change) in segments.iter().zip(changes.iter().cycle()) {
        let parts = split(sent, &change.cuts, &mut ids);
        for (part, share) in parts.iter().zip(change.late) {
            // The start of a connection is settled from 32 segments at most: its SYN may be a few late, not dozens.
            let share = if part.flags & SYN == 0 {
                share
            } else {
                share / 16
            };
            all.push((sent.time + late(share), part.clone()));
            let again = sent.time + late(change.again_late);
            match change.again {
                Again::Twice => all.push((again, part.clone())),
                Again::Parts => {
                    ids += 1;
                    all.push((
                        again,
                        Sent {
                            id: ids,
                            ..part.clone()
                        },
                    ));
                }
                Again::No | Again::Whole => {}
            }
            if change.acks && !part.payload.is_empty() {
                all.push((sent.time + 1_000, ack_of(part, &mut ids)));
            }
        }
        if change.again == Again::Whole {
            ids += 1;
            all.push((
                sent.time + late(change.again_late),
                Sent {
                    id: ids,
                    ..sent.clone()
                },
            ));
        }
    }
    all.sort_by_key(|(time, _)| *time);
    all
}

/// Rules whose verdict is about times alone.
fn without_times(mut said: Said) -> Said {
    said.findings.retain(|finding| finding.0 != "slow-auth");
    said
}

fn check(name: &str, segments: &[Sent], changes: &[Change], stamped: bool) -> Result<(), String> {
    let straight: Vec<(i64, Vec<u8>)> = segments.iter().map(|s| (s.time, s.frame())).collect();
    let (wanted, _) = analyse(&straight);
    let ugly = changed(segments, changes);
    // A capture of several queues keeps the times of the packets; one of a slow path stamps them when they come.
    let frames: Vec<(i64, Vec<u8>)> = ugly
        .iter()
        .map(|(time, sent)| (if stamped { *time } else { sent.time }, sent.frame()))
        .collect();
    let (found, totals) = analyse(&frames);
    assert_eq!(balance(&totals), Ok(()), "{name}");
    assert_eq!(totals.packets, frames.len() as u64, "{name}");
    let (found, wanted) = (without_times(found), without_times(wanted));
    if found == wanted {
        return Ok(());
    }
    let lines = |said: &Said, other: &Said| {
        let new = said.lines.iter().filter(|l| !other.lines.contains(l));
        new.map(|l| format!("{l:?}")).collect::<Vec<_>>().join("\n")
    };
    Err(format!(
        "{name}, stamped {stamped}: wanted {:?}\n{}\nfound {:?}\n{}\n{}",
        wanted.findings,
        lines(&wanted, &found),
        found.findings,
        lines(&found, &wanted),
        story(segments, &ugly)
    ))
}

/// The changed wire, a line per segment: capture time, port, number of the original's packet or of the copy.
fn story(segments: &[Sent], ugly: &[(i64, Sent)]) -> String {
    let start = segments.first().map_or(0, |s| s.time);
    let line = |(time, s): &(i64, Sent)| {
        let from = if s.from_client { '>' } else { '<' };
        format!(
            "{:>9} us (sent {:>9}) {} {from} flags {:#04x} seq {} ack {} id {} {:?}",
            (time - start) / 1_000,
            (s.time - start) / 1_000,
            s.port,
            s.flags,
            s.seq as i32,
            s.ack as i32,
            s.id,
            String::from_utf8_lossy(&s.payload[..s.payload.len().min(60)])
        )
    };
    ugly.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn conversations_say_what_they_are_made_for() {
    for (name, segments, rule) in conversations() {
        let frames: Vec<(i64, Vec<u8>)> = segments.iter().map(|s| (s.time, s.frame())).collect();
        let (said, totals) = analyse(&frames);
        assert_eq!(balance(&totals), Ok(()), "{name}");
        assert!(segments.len() < CHANGES, "{name}");
        assert_eq!(totals.counts.gaps, 0, "{name}");
        assert_eq!(totals.counts.undecided_commands, 0, "{name}");
        assert_eq!(totals.counts.undecided_replies, 0, "{name}");
        assert!(totals.counts.exchanges > 0, "{name}");
        let rules: Vec<&str> = said.findings.iter().map(|f| f.0).collect();
        match rule {
            Some(rule) => assert!(rules.contains(&rule), "{name}: {rules:?}"),
            None => assert!(rules.is_empty(), "{name}: {rules:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 384,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn an_ugly_day_changes_nothing(changes in vec(change(), CHANGES), stamped in any::<bool>()) {
        for (name, segments, _) in conversations() {
            let outcome = check(name, &segments, &changes, stamped);
            prop_assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
        }
    }
}
