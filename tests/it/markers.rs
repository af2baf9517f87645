//! A dialogue with a real server in which every password, name and word is a marker that can be searched for: none of them
//! is in an output that was not asked to show it.

use super::run::redorder;
use super::servers::{Owned, Running, ask, connect, free_port, read_some, redis};
use redorder::source::PcapNgWriter;
use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};

const PASSWORD: &str = "mk0pass7zq";

/// What a marker is, and so which levels of `--show` may open it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// A credential, or what may be one.
    Secret,
    Key,
    Value,
    /// A word of an error text.
    Word,
}

/// All markers, but for what the server makes up.
const MARKERS: &[(&str, Kind)] = &[
    (PASSWORD, Kind::Secret),
    ("mk1user7zq", Kind::Secret),
    ("mk1pass7zq", Kind::Secret),
    ("mk2user7zq", Kind::Secret),
    ("mk2pass7zq", Kind::Secret),
    ("mk3option7zq", Kind::Secret),
    ("mk4setting7zq", Kind::Secret),
    ("mk5setting7zq", Kind::Secret),
    ("mk6setting7zq", Kind::Secret),
    ("mk7user7zq", Kind::Secret),
    ("mk7pass7zq", Kind::Secret),
    ("mk8modifier7zq", Kind::Secret),
    ("mk9word7zq", Kind::Secret),
    ("mk9line7zq", Kind::Secret),
    ("mk9args7zq", Kind::Secret),
    ("mk10line7zq", Kind::Secret),
    ("mk11option7zq", Kind::Secret),
    ("mk12sub7zq", Kind::Secret),
    ("mk13pass7zq", Kind::Secret),
    ("mk14user7zq", Kind::Secret),
    ("mk14pass7zq", Kind::Secret),
    ("mk15module7zq", Kind::Secret),
    ("mk16sentinel7zq", Kind::Secret),
    ("mk17many7zq", Kind::Secret),
    ("mk18user7zq", Kind::Secret),
    ("mk19argument7zq", Kind::Secret),
    ("mk20key7zq", Kind::Key),
    ("mk20value7zq", Kind::Value),
    ("mk21word7zq", Kind::Word),
];

/// What is said to the server, one command after the other.
const DIALOGUE: &[&[&str]] = &[
    &["AUTH", "mk1user7zq", "mk1pass7zq"],
    &["AUTH", PASSWORD],
    &["AUTH", "a", "b", "mk17many7zq"],
    &[
        "HELLO",
        "3",
        "SETNAME",
        "auth",
        "AUTH",
        "mk2user7zq",
        "mk2pass7zq",
    ],
    &["HELLO", "2", "SETNAME", "auth", "AUTH", "default", PASSWORD],
    &["HELLO", "2", "mk3option7zq"],
    &["CONFIG", "SET", "slowlog-log-slower-than", "0"],
    &["CONFIG", "SET", "masterauth", "mk4setting7zq"],
    &[
        "CONFIG",
        "SET",
        "maxmemory",
        "100mb",
        "masteruser",
        "mk5setting7zq",
    ],
    &["CONFIG", "SET", "oauth-token", "mk6setting7zq"],
    &["CONFIG", "GET", "master*"],
    &[
        "ACL",
        "SETUSER",
        "mk7user7zq",
        "on",
        ">mk7pass7zq",
        "~*",
        "+get",
    ],
    &["ACL", "SETUSER", "mk7user7zq", "mk8modifier7zq"],
    &["ACL", "GETUSER", "mk7user7zq"],
    &["ACL", "LIST"],
    &["mk9word7zq", "mk9args7zq"],
    &["SET", "k", "v", "mk11option7zq"],
    &["CLIENT", "mk12sub7zq"],
    &["SET", "mk20key7zq", "mk20value7zq"],
    &["GET", "mk20key7zq"],
    &[
        "MIGRATE",
        "127.0.0.1",
        "1",
        "mk20key7zq",
        "0",
        "100",
        "AUTH",
        "mk13pass7zq",
    ],
    &[
        "MIGRATE",
        "127.0.0.1",
        "1",
        "mk20key7zq",
        "0",
        "100",
        "AUTH2",
        "mk14user7zq",
        "mk14pass7zq",
    ],
    &["MODULE", "LOAD", "/nowhere", "mk15module7zq"],
    &["SENTINEL", "SET", "main", "auth-pass", "mk16sentinel7zq"],
    &[
        "EVAL",
        "return redis.error_reply(ARGV[1])",
        "0",
        "CUSTOM no mk21word7zq",
    ],
    &[
        "EVAL",
        "return redis.error_reply('NOPERM User ' .. string.reverse('qz7resu81km') .. [[ has no permissions to run the 'get' command]])",
        "0",
    ],
    &[
        "EVAL",
        "return redis.error_reply([[ERR unknown command 'x', with args beginning with: ]] .. string.reverse('qz7tnemugra91km'))",
        "0",
    ],
    &["SLOWLOG", "GET", "2"],
    &["PING"],
];

/// Lines without the form of RESP.
const LINES: [&str; 2] = ["AUTH mk10line7zq\r\n", "mk9line7zq x\r\n"];

/// Options of `--show`, and what each may open.
const SHOWS: [(&str, &[Kind]); 6] = [
    ("", &[]),
    ("keys", &[Kind::Key]),
    ("values", &[Kind::Key, Kind::Value, Kind::Word]),
    ("errors", &[Kind::Word]),
    ("keys,errors", &[Kind::Key, Kind::Word]),
    ("values,errors", &[Kind::Key, Kind::Value, Kind::Word]),
];

const OUTPUTS: &[&[&str]] = &[
    &["analyze", "--connections", "all"],
    &["analyze", "--connections", "all", "-v"],
    &["analyze", "--brief"],
    &["analyze", "--connections", "all", "--format", "json"],
    &["analyze", "--connections", "all", "--format", "ndjson"],
    &["analyze", "--format", "markdown"],
    &["exchanges"],
    &["exchanges", "--format", "tsv"],
    &["exchanges", "--format", "ndjson"],
    &["exchanges", "--stats"],
];

const COMPARED: [&str; 3] = ["text", "json", "markdown"];

/// What a server answers to one line.
fn line(stream: &mut TcpStream, text: &str) -> String {
    stream.write_all(text.as_bytes()).unwrap();
    let mut buffer = [0; 4096];
    let n = read_some(stream, &mut buffer).unwrap();
    String::from_utf8_lossy(&buffer[..n]).into_owned()
}

/// The packets of the dialogue, and the password that the server made up in it.
fn dialogue() -> Option<(Vec<Owned>, String)> {
    let port = free_port();
    let _server = redis(port, &["--requirepass", PASSWORD])?;
    drop(connect(port));
    let capture = Running::start(port)?;
    let mut watcher = connect(port);
    assert!(ask(&mut watcher, &[&["AUTH", PASSWORD]]).starts_with("+OK"));
    assert!(ask(&mut watcher, &[&["MONITOR"]]).starts_with("+OK"));
    let mut client = connect(port);
    for words in DIALOGUE {
        assert!(!ask(&mut client, &[words]).is_empty(), "{words:?}");
    }
    for text in LINES {
        assert!(line(&mut client, text).starts_with('-'), "{text}");
    }
    let mut other = connect(port);
    assert!(ask(&mut other, &[&["AUTH", PASSWORD]]).starts_with("+OK"));
    for n in 0..3 {
        ask(&mut other, &[&["ECHO", &format!("before {n}")]]);
    }
    let made = ask(&mut other, &[&["ACL", "GENPASS"]]);
    for n in 0..3 {
        ask(&mut other, &[&["ECHO", &format!("behind {n}")]]);
    }
    let made = made.lines().nth(1).unwrap().to_owned();
    assert!(made.len() == 64, "{made}");
    Some((capture.packets(), made))
}

fn write<'p>(path: &Path, packets: impl IntoIterator<Item = &'p Owned>) {
    let mut writer = PcapNgWriter::replace(path).unwrap();
    for owned in packets {
        writer.write(&owned.packet()).unwrap();
    }
    writer.finish().unwrap();
}

fn run(words: &[&str], show: &str, files: &[&str]) -> String {
    let show: &[&str] = if show.is_empty() {
        &[]
    } else {
        &["--show", show]
    };
    redorder(&[words, show, files].concat())
}

/// Every output about a capture.
fn outputs(file: &str, show: &str) -> Vec<(String, String)> {
    let one = OUTPUTS
        .iter()
        .map(|words| (words.join(" "), run(words, show, &[file])));
    let compared = COMPARED.iter().map(|format| {
        let words = ["compare", "--format", format];
        (words.join(" "), run(&words, show, &[file, file]))
    });
    one.chain(compared).collect()
}

#[test]
fn no_output_shows_what_it_was_not_asked_to() {
    let Some((packets, made)) = dialogue() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let path: PathBuf = dir.path().join("dialogue.pcapng");
    write(&path, &packets);
    let file = path.to_str().unwrap();
    let made: (&str, Kind) = (&made, Kind::Secret);
    let markers = || MARKERS.iter().copied().chain([made]);
    let mut wrong = Vec::new();
    for (show, opens) in SHOWS {
        for (name, text) in outputs(file, show) {
            let closed = markers().filter(|(_, kind)| !opens.contains(kind));
            // The names of commands are written in capitals.
            let text = text.to_lowercase();
            let told = closed.filter(|(marker, _)| text.contains(marker));
            wrong.extend(told.map(|marker| format!("{name} --show {show}: {marker:?}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What was searched for is there to be found.
    let is_sent = |marker: &str| packets.iter().any(|packet| packet.holds(marker));
    let missing: Vec<_> = markers().filter(|(m, _)| !is_sent(m)).collect();
    assert!(missing.is_empty(), "not in the capture: {missing:?}");
    let all = run(&["exchanges", "--format", "ndjson"], "secrets", &[file]).to_lowercase();
    let shown = markers().filter(|(m, _)| all.contains(m)).count();
    assert!(shown + 1 >= MARKERS.len(), "{shown} of {}", MARKERS.len());
    for (show, kind) in [
        ("keys", Kind::Key),
        ("values", Kind::Value),
        ("errors", Kind::Word),
    ] {
        let text = run(&["exchanges", "--format", "ndjson"], show, &[file]);
        let mut of_kind = MARKERS.iter().filter(|(_, k)| *k == kind);
        assert!(
            of_kind.all(|(marker, _)| text.contains(marker)),
            "--show {show}"
        );
    }
}

/// Where packets are missing, replies may be taken for those of other commands.
#[test]
fn a_password_that_the_server_made_up_is_not_shown_as_a_value() {
    let Some((packets, made)) = dialogue() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("part.pcapng");
    // The end of the dialogue, where the password is.
    let first = packets.len().saturating_sub(40);
    for missing in first..packets.len() {
        let parts = [missing..packets.len(), missing..missing + 1];
        for (keeps, part) in [true, false].into_iter().zip(parts) {
            let kept = (0..packets.len()).filter(|i| part.contains(i) == keeps);
            write(&path, kept.map(|i| &packets[i]));
            for words in [&OUTPUTS[3], &OUTPUTS[8]] {
                let text = run(words, "values", &[path.to_str().unwrap()]);
                assert!(!text.contains(&made), "{words:?} without packet {missing}");
            }
        }
    }
}
