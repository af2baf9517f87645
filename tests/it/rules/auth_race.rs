//! `auth-race`: what makes a race certain, what only likely, and what is none.

use crate::talk::{Ends, Run, midstream, told};
use redorder::analyzer::{Analyzer, Config, Event, Show};
use redorder::rules::{Confidence, Finding};

#[test]
fn quit_makes_no_race_certain() {
    let said = told(
        "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C: QUIT
        S: +OK
        FIN
    ",
    );
    assert_eq!(said.one("auth-race").confidence, Confidence::Likely);
}

#[test]
fn a_proxy_protocol_header_hides_no_race() {
    let said = told(
        r"
        C= PROXY TCP4 192.0.2.9 192.0.2.2 50000 6379\r\n*2\r\n$4\r\nAUTH\r\n$3\r\npwd\r\n*1\r\n$4\r\nPING\r\n
        S: +OK
        S: -NOAUTH Authentication required.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["auth-race"]);
}

#[test]
fn an_unknown_command_lowers_confidence() {
    let said = told(
        "
        C: AUTH pwd ; FOO.WAIT a ; PING
        S: +OK
        S: +OK
        S: -NOAUTH Authentication required.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert!(said.one("auth-race").confidence < Confidence::Certain);
}

#[test]
fn midstream_is_possible_at_most() {
    let said = midstream(
        "
        C: GET a
        S: $1 / v
        C.
        W 100
        C: GET a
        S: $1 / v
        C.
        W 100
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert_eq!(said.one("auth-race").confidence, Confidence::Possible);
}

#[test]
fn behind_a_gap_is_possible_at_most() {
    let said = told(
        "
        C: GET a
        S! $1 / v
        C.
        W 500
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert_eq!(said.one("auth-race").confidence, Confidence::Possible);
}

#[test]
fn a_blind_command_behind_unauthenticated_quit_in_flight() {
    // The whole flight at once, QUIT at its end, as simple clients do.
    let said = told(
        "
        C: AUTH pwd ; GET a ; QUIT
        S: +OK
        S: -NOAUTH Authentication required.
        S: +OK
        FIN
    ",
    );
    assert_eq!(said.one("auth-race").confidence, Confidence::Likely);
}

#[test]
fn hello_and_auth_in_one_flight() {
    let said = told(
        "
        C: HELLO 3 AUTH default pwd ; AUTH pwd ; CLIENT SETNAME x ; GET a
        S: %1 / $6 / server / $5 / redis
        S: +OK
        S: -NOAUTH Authentication required.
        S: -NOAUTH Authentication required.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    let race = said.one("auth-race");
    assert_eq!((race.affected, race.confidence), (2, Confidence::Certain));
}

#[test]
fn a_transaction_in_a_race() {
    let said = told(
        "
        C: AUTH pwd ; MULTI ; SET a b ; EXEC
        S: +OK
        S: -NOAUTH Authentication required.
        S: -NOAUTH Authentication required.
        S: -EXECABORT Transaction discarded because of: NOAUTH Authentication required.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    let race = said.one("auth-race");
    assert_eq!((race.affected, race.confidence), (3, Confidence::Certain));
}

#[test]
fn an_inline_race() {
    let said = told(
        r"
        C= AUTH pwd\r\nPING\r\n
        S: +OK
        S: -NOAUTH Authentication required.
        C= PING\r\n
        S: +PONG
        FIN
    ",
    );
    assert_eq!(said.one("auth-race").confidence, Confidence::Certain);
}

#[test]
fn a_race_in_a_flight_of_sets_is_seen() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: SET a b ; AUTH pwd ; SET a b ; SET a b
        S: +OK
        S: +OK
        S: -NOAUTH Authentication required.
        S: -NOAUTH Authentication required.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    let race = said.one("auth-race");
    assert_eq!((race.affected, race.confidence), (2, Confidence::Likely));
}

#[test]
fn resp3_pushes_between_auth_and_its_victims() {
    let said = told(
        "
        C: HELLO 3 AUTH default pwd ; GET a ; GET a
        S: %1 / $6 / server / $5 / redis
        S: >2 / $10 / invalidate / *1 / $1 / a
        S: -NOAUTH Authentication required.
        S: >2 / $10 / invalidate / *1 / $1 / a
        S: -NOAUTH Authentication required.
        C: GET a
        S: _
        FIN
    ",
    );
    let race = said.one("auth-race");
    assert_eq!((race.affected, race.confidence), (2, Confidence::Certain));
}

#[test]
fn a_race_behind_auth_and_a_hello_that_is_not_understood() {
    // SE.Redis or node-redis: AUTH, HELLO … AUTH and more in one flight, Envoy without RESP3.
    let said = told(
        "
        C: AUTH pwd ; HELLO 3 AUTH default pwd ; PING
        S: +OK
        S: -NOPROTO unsupported protocol version
        S: -NOAUTH Authentication required.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["auth-race"]);
}

#[test]
fn a_race_on_a_renewal_that_is_refused_by_race() {
    let said = told(
        "
        C: AUTH pwd ; HELLO 3 ; PING
        S: +OK
        S: -NOAUTH HELLO must be called with the client already authenticated
        S: -NOAUTH Authentication required.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    let race = said.one("auth-race");
    assert_eq!((race.affected, race.confidence), (2, Confidence::Certain));
}

#[test]
fn wrongpass_answers_no_get() {
    // The reply to an uncaptured SET comes first, behind the acknowledgement of the whole flight.
    let mut run = Run::new();
    let mut ends = Ends::midstream(40_000);
    run.talk(&mut ends, "C: AUTH pwd ; GET a ; GET a");
    run.talk(&mut ends, "S.");
    run.talk(
        &mut ends,
        "
        W 20
        S: +OK
        S: -WRONGPASS invalid username-password pair or user is disabled.
        S: -NOAUTH Authentication required.
        S: -NOAUTH Authentication required.
        C.
        FIN
    ",
    );
    let said = run.end();
    assert_eq!(
        said.accusations()
            .iter()
            .filter(|r| **r == "auth-race")
            .count(),
        0
    );
}

#[test]
fn an_early_reply_takes_no_race_back() {
    // A surplus reply that crosses the next command on its way; then the answers are one behind.
    let said = told(
        "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C.
        C: GET a
        S: $1 / v
        C.
        W 100
        C: GET a
        S- $1 / v
        S: $1 / v
        C.
        C: GET a
        S: :1
        C.
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["auth-race"]);
}

#[test]
fn a_certain_race_stays_certain_when_a_gap_comes_later() {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(
        &mut ends,
        r"
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C.
        C: GET a
        S: $1 / v
        C.
        C: GET a
        S= $6\r\nab
        ",
    );
    // Two bytes of the value are not captured.
    ends.server += 2;
    run.talk(
        &mut ends,
        r"
        S= ef\r\n
        C.
        W 500
        C: GET a
        S: $1 / v
        C.
        FIN
        ",
    );
    let said = run.end();
    assert_eq!(said.one("auth-race").confidence, Confidence::Certain);
}

#[test]
fn a_certain_race_stays_certain_when_an_unknown_command_comes_later() {
    let said = told(
        "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C.
        C: GET a
        S: $1 / v
        C.
        C: FOO.WAIT a
        S: +OK
        C.
        C: GET a
        S: $1 / v
        C.
        FIN
    ",
    );
    assert_eq!(said.one("auth-race").confidence, Confidence::Certain);
}

#[test]
fn a_gap_behind_a_finding_takes_nothing_from_it() {
    let race = "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C: GET a
        S: $1 / v
    ";
    let gap = "
        C: GET a
        S! $1 / v
        C.
        W 500
        C: PING
        S: +PONG
    ";
    let said = told(&[race, gap].concat());
    assert_eq!(said.one("auth-race").confidence, Confidence::Certain);
    let said = told(&[gap, race].concat());
    assert!(said.one("auth-race").confidence < Confidence::Certain);
}

#[test]
fn a_packet_captured_at_two_points_counts_once() {
    let mut run = Run::new();
    run.twice = true;
    let mut ends = run.open(40_000);
    run.talk(
        &mut ends,
        "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C.
    ",
    );
    run.talk(
        &mut ends,
        "
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    let packets = run.packets;
    let said = run.end();
    let totals = &said.summary.totals;
    assert_eq!(totals.skipped.get("duplicate"), Some(&packets));
    assert_eq!(
        (totals.tcp_segments, totals.packets),
        (packets, 2 * packets)
    );
    let race = said.one("auth-race");
    assert_eq!((race.affected, race.confidence), (1, Confidence::Certain));
    assert_eq!(said.connections[0].vantages.len(), 2);
}

#[test]
fn the_verdict_does_not_depend_on_what_is_shown() {
    let verdict = |show| {
        let mut run = Run::showing(show);
        let mut ends = run.open(40_000);
        // The stored value reads like a refusal.
        run.talk(
            &mut ends,
            "
            C: AUTH pwd ; PING ; GET a
            S: +OK
            S: -NOAUTH Authentication required.
        ",
        );
        run.talk(
            &mut ends,
            r"
            S: $22 / NOAUTH is a fine value
            FIN
        ",
        );
        let said = run.end();
        let told = |f: &Finding| {
            let words = [f.title.as_str(), f.explanation, &f.proof.text].map(str::to_owned);
            (f.rule, f.affected, f.confidence, words, f.not_seen.clone())
        };
        said.findings.values().map(told).collect::<Vec<_>>()
    };
    let tags = verdict(Show::Tags);
    assert!(tags.iter().any(|(rule, ..)| *rule == "auth-race"));
    assert_eq!(tags, verdict(Show::Values));
}

#[test]
fn pairing_found_in_the_wrong_place_takes_closed_windows_back_too() {
    let story = |answer| {
        midstream(&format!(
            "
            C: AUTH pwd ; PING
            S: +OK
            S: -NOAUTH Authentication required.
            C: AUTH pwd
            S: +OK
            C: ECHO x
            S: $1 / {answer}
            FIN
            "
        ))
    };
    assert_eq!(story("x").accusations(), ["auth-race"]);
    assert_eq!(story("y").accusations(), [""; 0]);
}

#[test]
fn info_shows_nothing_where_a_proxy_answers_it_itself() {
    let story = |evidence: &str| {
        let mut run = Run::new();
        let mut ends = run.open(40_000);
        run.talk(&mut ends, &format!("C: GET a\nS: {evidence}\nFIN"));
        let mut ends = run.open(40_001);
        run.talk(
            &mut ends,
            r"
            C: AUTH pwd ; INFO ; GET a
            S: +OK
            S= $4\r\na:1\n\r\n
            S: -NOAUTH Authentication required.
            FIN
            ",
        );
        run.end()
    };
    // Forwarded, its answer shows that Redis served this login.
    let forwarded = story("$1 / v");
    assert_eq!(forwarded.accusations(), ["noauth-unexplained"]);
    // predixy answers INFO itself.
    let own = story("-ERR no server avaliable");
    assert_eq!(own.one("auth-race").confidence, Confidence::Likely);
}

#[test]
fn a_reset_that_is_only_queued_resets_nothing() {
    let said = told(
        "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C: MULTI
        S: +OK
        C: RESET
        S: +QUEUED
        C: DISCARD
        S: +OK
        C: PING
        S: +PONG
        FIN
    ",
    );
    assert_eq!(said.one("auth-race").confidence, Confidence::Certain);
    assert_eq!(said.summary.unexplained.len(), 0);
}

#[test]
fn the_success_that_decides_is_shown_behind_many_others() {
    let others = " ; GET b".repeat(12);
    let served = "S: $1 / v\n".repeat(13);
    let said = told(&format!(
        "C: AUTH pwd ; GET a{others} ; GET a\nS: +OK\nS: -NOAUTH Authentication required.\n{served}FIN"
    ));
    let race = said.one("auth-race");
    let shown: Vec<u64> = race.exchanges.iter().map(|e| e.index).collect();
    assert_eq!(shown, [0, 1, 14], "AUTH, GET a refused, GET a served");
    assert_eq!(race.confidence, Confidence::Certain);
}

/// `auth_ms`: how long AUTH takes. The server says that it is a Redis, and `last`.
fn behind_a_redis(auth_ms: u64, last: &str) -> Confidence {
    let said = told(&format!(
        "
        C: AUTH pwd ; GET a
        W {auth_ms}
        S: +OK
        S: -NOAUTH Authentication required.
        C: GET b
        S: $1 / v
        C: INFO server
        S: $19 / redis_version:7.2.1
        C: GET c
        S: {last}
        FIN
    "
    ));
    said.one("auth-race").confidence
}

#[test]
fn who_keeps_the_login_judges_every_command_itself() {
    // Without a proxy there is no other server that could have refused.
    assert_eq!(behind_a_redis(0, "$1 / v"), Confidence::Certain);
    // Only a proxy says that.
    assert_eq!(behind_a_redis(0, "-no upstream host"), Confidence::Likely);
    // A proxy may forward INFO, and it takes time to ask about AUTH.
    assert_eq!(behind_a_redis(5, "$1 / v"), Confidence::Likely);
}

#[test]
fn what_a_loss_behind_the_refusal_hides_makes_it_possible_only() {
    let said = told(
        "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C: GET a
        S! $1 / v
        C.
        W 500
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert_eq!(said.one("auth-race").confidence, Confidence::Possible);
}

#[test]
fn behind_a_reset_the_login_is_gone() {
    // Whatever the server calls it.
    for reply in ["+RESET", "+OK"] {
        let said = told(&format!(
            "
            C: AUTH pwd ; GET a
            S: +OK
            S: -NOAUTH Authentication required.
            C: GET a
            S: $1 / v
            C: RESET
            S: {reply}
            C: GET b
            S: -NOAUTH Authentication required.
            FIN
        "
        ));
        assert_eq!(said.accusations(), ["auth-race"], "{reply}");
        assert_eq!(said.one("auth-race").affected, 1, "{reply}");
        // Nobody logged in again, so the refusal is right. It is told as what no finding explains.
        let left: Vec<(&str, u64)> = said
            .summary
            .unexplained
            .iter()
            .map(|seen| (seen.command.as_str(), seen.count))
            .collect();
        assert_eq!(left, [("GET", 1)], "{reply}");
    }
}

/// A gap inside a value leaves the pairs as they are.
const PIECE_MISSING: &str = "S= $10\\r\\nab\nS! 1234\nS= cd\\r\\n";

#[test]
fn a_gap_in_front_of_the_success_that_decides_takes_certainty() {
    let said = told(&format!(
        "C: AUTH pwd ; PING\nS: +OK\nS: -NOAUTH Authentication required.\nC: INFO\n{PIECE_MISSING}C.\nW 60\nC: PING\nS: +PONG\nFIN"
    ));
    assert_eq!(said.one("auth-race").confidence, Confidence::Likely);
}

#[test]
fn a_gap_behind_the_success_that_decides_takes_nothing() {
    let said = told(&format!(
        "C: AUTH pwd ; PING\nS: +OK\nS: -NOAUTH Authentication required.\nC: PING\nS: +PONG\nC: INFO\n{PIECE_MISSING}C.\nW 60\nC: PING\nS: +PONG\nFIN"
    ));
    assert_eq!(said.one("auth-race").confidence, Confidence::Certain);
}

#[test]
fn a_refusal_beyond_those_told_apart_goes_with_the_last_of_them() {
    // More of them than are told apart one by one.
    let (pings, refusals) = (
        " ; PING".repeat(70),
        "S: -NOAUTH Authentication required.\n".repeat(70),
    );
    let said = told(&format!(
        "
        C: AUTH pwd{pings}
        S: +OK
        {refusals}
        C: GET a
        S: -NOAUTH Authentication required.
        C: PING
        S: +PONG
        FIN
    "
    ));
    let race = said.one("auth-race");
    assert_eq!(
        (race.affected, race.confidence),
        (71, Confidence::Possible),
        "what was served behind is not known to be behind each of them"
    );
}

/// A script may say NOAUTH, and its reply may be in exchange with its neighbour's.
#[test]
fn a_script_beside_the_refusal_makes_it_likely() {
    let refused = "-NOAUTH Authentication required.";
    for (sent, replies, confidence) in [
        (
            "PING ; EVAL x 0",
            format!("{refused} / +OK"),
            Confidence::Likely,
        ),
        (
            "EVAL x 0 ; PING",
            format!("+OK / {refused}"),
            Confidence::Likely,
        ),
        (
            "PING ; GET a",
            format!("{refused} / $1 / v"),
            Confidence::Certain,
        ),
    ] {
        let said = told(&format!(
            "C: AUTH pwd ; {sent}\nS: +OK / {replies}\nC.\nC: PING\nS: +PONG\nFIN"
        ));
        assert_eq!(said.one("auth-race").confidence, confidence, "{sent}");
    }
}

#[test]
fn what_is_told_once_is_told_at_the_end() {
    let mut run = Run::with(Config {
        revisions: false,
        ..Config::default()
    });
    for port in 40_000..40_003 {
        let mut ends = run.open(port);
        let race = "C: AUTH pwd ; PING\nS: +OK\nS: -NOAUTH Authentication required.\nFIN";
        run.talk(&mut ends, race);
    }
    let mut analyzer = run.analyzer;
    let drain = |analyzer: &mut Analyzer| -> usize {
        let all = std::iter::from_fn(|| analyzer.poll());
        all.filter(|event| matches!(event, Event::Finding(f) if f.rule == "auth-race"))
            .count()
    };
    assert_eq!(drain(&mut analyzer), 0);
    analyzer.end();
    // Another revision of the first one names its group.
    assert_eq!(drain(&mut analyzer), 4);
    assert_eq!(analyzer.finish().totals.findings.get("auth-race"), Some(&3));
    assert!(analyzer.poll().is_none());
}

/// A connection that comes in front of the finding that names it is let go of where there are many.
#[test]
fn a_connection_is_handed_on_behind_the_finding_that_names_it() {
    for cases in [1, 10] {
        let mut config = Config {
            revisions: false,
            ..Config::default()
        };
        config.limits.cases = cases;
        config.limits.reported_connections = 1;
        let mut run = Run::with(config);
        for port in 40_000..40_004 {
            let mut ends = run.open(port);
            let race = "C: AUTH pwd ; PING\nS: +OK\nS: -NOAUTH Authentication required.\nFIN";
            run.talk(&mut ends, race);
        }
        let mut analyzer = run.analyzer;
        analyzer.end();
        let (mut named, mut handed_on) = (Vec::new(), 0);
        while let Some(event) = analyzer.poll() {
            match event {
                Event::Finding(finding) => named.extend(finding.connections.clone()),
                Event::Connection(connection) => {
                    assert!(named.contains(&connection.id), "{cases}");
                    handed_on += 1;
                }
                Event::Exchange(_) => {}
            }
        }
        assert_eq!(handed_on, 4, "{cases}");
    }
}
