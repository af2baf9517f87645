//! Real servers in distress: a Redis that is paused, busy or stopped, and a twemproxy of whose two Redis one refuses it.
//!
//! Each test starts its own programs on free ports of the loopback and captures what is said to them. Where a program or the
//! right to capture is missing, it is skipped and says so.

use redorder::analyzer::{Analyzer, Config, Event};
use redorder::model::Timestamp;
use redorder::packet::Packet;
use redorder::rules::{Confidence, Finding, Severity};
use redorder::source::{LiveOptions, LiveSource, Source};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A program that was started answers within so long, also where every processor is busy and the disk is slow.
const PATIENCE: Duration = Duration::from_secs(90);
/// One reply is waited for so long; a server that is still starting is then asked again.
const ONE_REPLY: Duration = Duration::from_secs(20);
/// A client that gives up waits longer than the patience of one second.
const GIVES_UP: Duration = Duration::from_millis(2_200);
/// Calls that may find nothing before the capture is taken as complete; each waits up to 50 ms.
const QUIET_CALLS: usize = 20;
const PASSWORD: &str = "sesame";

pub(crate) struct Owned {
    at: redorder::model::PacketRef,
    time: Timestamp,
    link: u16,
    wire_len: u32,
    bytes: Vec<u8>,
}

impl Owned {
    pub(crate) fn holds(&self, text: &str) -> bool {
        let mut windows = self.bytes.windows(text.len());
        windows.any(|bytes| bytes == text.as_bytes())
    }

    pub(crate) fn packet(&self) -> Packet<'_> {
        Packet {
            at: self.at,
            time: self.time,
            link: self.link,
            wire_len: self.wire_len,
            bytes: &self.bytes,
        }
    }
}

/// A capture that runs until it is stopped.
pub(crate) struct Running {
    stop: Arc<AtomicBool>,
    reader: JoinHandle<Vec<Owned>>,
}

impl Running {
    pub(crate) fn start(port: u16) -> Option<Running> {
        let options = LiveOptions {
            interface: "lo".to_owned(),
            filter: Some(format!("tcp port {port}")),
            ..LiveOptions::default()
        };
        let mut live = match LiveSource::open(&options) {
            Ok(live) => live,
            Err(error) => {
                eprintln!("skipped: {error}");
                return None;
            }
        };
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        let reader = std::thread::spawn(move || {
            let mut all = Vec::new();
            let mut quiet = 0;
            loop {
                // The kernel hands packets over in blocks, so the last ones come a little later.
                let stopped = flag.load(Ordering::Relaxed);
                quiet = if stopped { quiet + 1 } else { 0 };
                match live.next_packet().unwrap() {
                    Some(packet) => all.push(Owned {
                        at: packet.at,
                        time: packet.time,
                        link: packet.link,
                        wire_len: packet.wire_len,
                        bytes: packet.bytes.to_vec(),
                    }),
                    None if quiet > QUIET_CALLS => return all,
                    None => {}
                }
            }
        });
        Some(Running { stop, reader })
    }

    /// What was captured.
    pub(crate) fn packets(self) -> Vec<Owned> {
        self.stop.store(true, Ordering::Relaxed);
        self.reader.join().unwrap()
    }

    /// What the capture shows: the findings that stand.
    fn findings(self) -> Vec<Finding> {
        let mut analyzer = Analyzer::new(Config::default());
        for packet in self.packets() {
            analyzer.push(&packet.packet());
        }
        analyzer.finish();
        let mut told = BTreeMap::new();
        while let Some(event) = analyzer.poll() {
            match event {
                Event::Finding(f) if f.withdrawn => drop(told.remove(&f.id)),
                Event::Finding(f) => {
                    drop(told.insert(f.id.clone(), std::sync::Arc::unwrap_or_clone(f)))
                }
                _ => {}
            }
        }
        told.into_values().collect()
    }
}

/// A program that ends with the test, and the folder it runs in: what a server saves there goes with it.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) _folder: Option<tempfile::TempDir>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that no other test of this run gets, below those that clients are given.
pub(crate) fn free_port() -> u16 {
    // Runs of these tests beside one another begin at different ports.
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        assert!(number < 8_000, "no free port");
        let place = std::process::id().wrapping_add(number) % 8_000;
        let port = 21_000 + u16::try_from(place).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn spawn(program: &str, args: &[&str]) -> Option<Program> {
    let paths = ["/usr/bin", "/usr/sbin", "/usr/local/bin"];
    let Some(path) = paths
        .map(|p| Path::new(p).join(program))
        .into_iter()
        .find(|p| p.exists())
    else {
        eprintln!("skipped: {program} is not installed");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(path);
    command
        .args(args)
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Some(Program {
        child: command.spawn().unwrap(),
        _folder: Some(folder),
    })
}

pub(crate) fn redis(port: u16, args: &[&str]) -> Option<Program> {
    let number = port.to_string();
    let fixed = [
        "--port",
        &number,
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--enable-debug-command",
        "yes",
    ];
    let mut server = spawn("redis-server", &[&fixed[..], args].concat())?;
    // On a busy machine it listens long before it answers.
    let end = Instant::now() + PATIENCE;
    while ask(&mut connect(port), &[&["PING"]]).is_empty() {
        let ended = server.child.try_wait().unwrap();
        assert!(ended.is_none(), "redis-server ended: {ended:?}");
        assert!(Instant::now() < end, "redis-server does not answer");
    }
    Some(server)
}

pub(crate) fn connect(port: u16) -> TcpStream {
    let end = Instant::now() + PATIENCE;
    loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => {
                stream.set_nodelay(true).unwrap();
                stream.set_read_timeout(Some(ONE_REPLY)).unwrap();
                return stream;
            }
            Err(error) => assert!(Instant::now() < end, "{error}"),
        }
        std::thread::yield_now();
    }
}

/// A client that waits for no reply longer than [`GIVES_UP`].
fn connect_impatient(port: u16) -> TcpStream {
    let stream = connect(port);
    stream.set_read_timeout(Some(GIVES_UP)).unwrap();
    stream
}

fn command(words: &[&str]) -> String {
    let bulks = words
        .iter()
        .map(|word| format!("${}\r\n{word}\r\n", word.len()));
    format!("*{}\r\n{}", words.len(), bulks.collect::<String>())
}

/// Sends at once, reads one chunk of replies.
pub(crate) fn ask(stream: &mut TcpStream, commands: &[&[&str]]) -> String {
    let flight: String = commands.iter().map(|words| command(words)).collect();
    stream.write_all(flight.as_bytes()).unwrap();
    read(stream)
}

/// Reads what comes within the timeout of the socket.
///
/// Such a read also returns when this process was stopped and goes on. That is no answer, and no end of the waiting.
pub(crate) fn read_some(stream: &mut TcpStream, buffer: &mut [u8]) -> std::io::Result<usize> {
    let end = stream.read_timeout()?.map(|most| Instant::now() + most);
    loop {
        match stream.read(buffer) {
            Err(error)
                if error.kind() == ErrorKind::Interrupted
                    && end.is_none_or(|end| Instant::now() < end) => {}
            other => return other,
        }
    }
}

fn read(stream: &mut TcpStream) -> String {
    let mut buffer = [0; 4096];
    let n = read_some(stream, &mut buffer).unwrap_or(0);
    String::from_utf8_lossy(&buffer[..n]).into_owned()
}

/// Reads until nothing comes for as long as a client waits.
fn read_until_silence(stream: &mut TcpStream) {
    while !read(stream).is_empty() {}
}

fn loud(findings: &[Finding]) -> Vec<(&'static str, Confidence)> {
    let loud = findings.iter().filter(|f| f.severity > Severity::Note);
    loud.map(|f| (f.rule, f.confidence)).collect()
}

/// What makes the server wait, sent by another client; `true` when its reply is to be awaited.
type Distress = (&'static str, &'static [&'static str], bool);

const DISTRESS: [Distress; 4] = [
    ("client pause", &["CLIENT", "PAUSE", "5000", "ALL"], true),
    ("writes paused", &["CLIENT", "PAUSE", "5000", "WRITE"], true),
    ("debug sleep", &["DEBUG", "SLEEP", "4"], false),
    (
        "slow script",
        &[
            "EVAL",
            "local t=redis.call('TIME') local e=t[1]+4 while tonumber(redis.call('TIME')[1])<e do end return 1",
            "0",
        ],
        false,
    ),
];

#[test]
fn a_redis_that_is_kept_busy_strands_nobody() {
    let threads: Vec<_> = DISTRESS
        .iter()
        .map(|(name, words, waits)| std::thread::spawn(move || (*name, distressed(words, *waits))))
        .collect();
    for thread in threads {
        let (name, findings) = thread.join().unwrap();
        let Some(findings) = findings else { return };
        for (rule, confidence) in loud(&findings) {
            assert_ne!(rule, "auth-race", "{name}");
            let absent = ["auth-stranded", "unanswered", "closed-unanswered"].contains(&rule);
            assert!(
                absent && confidence == Confidence::Possible,
                "{name}: {rule} {confidence:?}"
            );
        }
    }
}

fn distressed(words: &[&str], waits: bool) -> Option<Vec<Finding>> {
    let port = free_port();
    let _server = redis(port, &["--requirepass", PASSWORD])?;
    let mut other = connect(port);
    assert!(ask(&mut other, &[&["AUTH", PASSWORD]]).starts_with("+OK"));
    let capture = Running::start(port)?;
    let mut victim = connect_impatient(port);
    let mut admin = connect(port);
    assert!(ask(&mut admin, &[&["AUTH", PASSWORD]]).starts_with("+OK"));
    admin.write_all(command(words).as_bytes()).unwrap();
    if waits {
        read(&mut admin);
    }
    let flight: [&[&str]; 4] = [
        &["AUTH", PASSWORD],
        &["PING"],
        &["GET", "a"],
        &["SET", "a", "1"],
    ];
    ask(&mut victim, &flight);
    read_until_silence(&mut victim);
    drop(victim);
    Some(capture.findings())
}

/// A Redis that hands over to a replica that does not follow: it holds all writes back until the replica does.
#[test]
fn a_failover_strands_nobody() {
    let (port, second) = (free_port(), free_port());
    let login = ["--requirepass", PASSWORD, "--masterauth", PASSWORD];
    let Some(_server) = redis(port, &login) else {
        return;
    };
    let (home, follows) = (port.to_string(), ["--replicaof", "127.0.0.1"]);
    let Some(replica) = redis(second, &[&login[..], &follows, &[&home]].concat()) else {
        return;
    };
    let mut admin = connect(port);
    assert!(ask(&mut admin, &[&["AUTH", PASSWORD]]).starts_with("+OK"));
    let end = Instant::now() + PATIENCE;
    while !ask(&mut admin, &[&["INFO", "replication"]]).contains("state=online") {
        assert!(Instant::now() < end, "the replica does not come online");
        std::thread::yield_now();
    }
    let pid = replica.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-STOP", &pid])
            .status()
            .unwrap()
            .success()
    );
    ask(&mut admin, &[&["SET", "a", "0"]]);
    let Some(capture) = Running::start(port) else {
        return;
    };
    let mut victim = connect_impatient(port);
    assert!(ask(&mut admin, &[&["FAILOVER"]]).starts_with("+OK"));
    let flight: [&[&str]; 4] = [
        &["AUTH", PASSWORD],
        &["PING"],
        &["GET", "a"],
        &["SET", "a", "1"],
    ];
    ask(&mut victim, &flight);
    read_until_silence(&mut victim);
    drop(victim);
    let said = loud(&capture.findings());
    let absent = ["auth-stranded", "unanswered", "closed-unanswered"];
    assert!(
        said.iter()
            .all(|(rule, sure)| absent.contains(rule) && *sure == Confidence::Possible),
        "{said:?}"
    );
}

#[test]
fn a_stopped_redis_strands_nobody() {
    let port = free_port();
    let Some(server) = redis(port, &["--requirepass", PASSWORD]) else {
        return;
    };
    drop(connect(port));
    let Some(capture) = Running::start(port) else {
        return;
    };
    let mut victim = connect(port);
    let pid = server.child.id().to_string();
    let signal = |name: &str| Command::new("kill").args([name, &pid]).status().unwrap();
    assert!(ask(&mut victim, &[&["AUTH", PASSWORD], &["PING"]]).starts_with("+OK"));
    signal("-STOP");
    victim.set_read_timeout(Some(GIVES_UP)).unwrap();
    let flight: [&[&str]; 3] = [&["AUTH", PASSWORD], &["GET", "a"], &["GET", "b"]];
    ask(&mut victim, &flight);
    read_until_silence(&mut victim);
    drop(victim);
    let findings = capture.findings();
    signal("-CONT");
    for (rule, confidence) in loud(&findings) {
        assert!(
            !["auth-race", "auth-stranded"].contains(&rule),
            "{rule} {confidence:?}"
        );
    }
}

/// A twemproxy in front of two Redis, one of which has another password, and a key of each.
struct Sharded {
    port: u16,
    refused: String,
    served: String,
    _programs: [Program; 3],
    _folder: tempfile::TempDir,
}

fn sharded() -> Option<Sharded> {
    let (port, good, bad, stats) = (free_port(), free_port(), free_port(), free_port());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nutcracker.yml");
    let settings = format!(
        "alpha:\n  listen: 127.0.0.1:{port}\n  hash: fnv1a_64\n  distribution: modula\n  redis: true\n  \
         redis_auth: {PASSWORD}\n  auto_eject_hosts: false\n  servers:\n   - 127.0.0.1:{good}:1\n   - 127.0.0.1:{bad}:1\n"
    );
    std::fs::write(&file, settings).unwrap();
    let servers = [
        redis(good, &["--requirepass", PASSWORD])?,
        redis(bad, &["--requirepass", "another"])?,
    ];
    drop((connect(good), connect(bad)));
    let stats = stats.to_string();
    let proxy = spawn("nutcracker", &["-c", &file.to_string_lossy(), "-s", &stats])?;
    let mut client = connect(port);
    assert!(ask(&mut client, &[&["AUTH", PASSWORD]]).starts_with("+OK"));
    let (mut refused, mut served) = (None, None);
    for key in (0..64).map(|n| format!("key-{n}")) {
        let reply = ask(&mut client, &[&["GET", &key]]);
        let place = if reply.starts_with("-NOAUTH") {
            &mut refused
        } else {
            &mut served
        };
        place.get_or_insert(key);
    }
    let [first, second] = servers;
    Some(Sharded {
        port,
        refused: refused.expect("a key of the Redis that refuses"),
        served: served.expect("a key of the other"),
        _programs: [first, second, proxy],
        _folder: folder,
    })
}

/// AUTH and two keys in one flight, then the key that is served once more.
fn flight(sharded: &Sharded) {
    let mut client = connect_impatient(sharded.port);
    let (bad, good) = (sharded.refused.as_str(), sharded.served.as_str());
    ask(
        &mut client,
        &[&["AUTH", PASSWORD], &["GET", bad], &["GET", good]],
    );
    read_until_silence(&mut client);
    ask(&mut client, &[&["GET", good]]);
}

#[test]
fn a_shard_without_a_login_is_at_most_a_likely_race() {
    let Some(sharded) = sharded() else { return };
    let Some(capture) = Running::start(sharded.port) else {
        return;
    };
    flight(&sharded);
    let findings = capture.findings();
    let race: Vec<&Finding> = findings.iter().filter(|f| f.rule == "auth-race").collect();
    assert_eq!(race.len(), 1, "{:?}", loud(&findings));
    assert!(race[0].confidence <= Confidence::Likely);
    assert!(
        race[0]
            .not_seen
            .iter()
            .any(|t| t.contains("one server behind the proxy")),
        "{:?}",
        race[0].not_seen
    );
}

#[test]
fn a_key_refused_blind_and_later_is_refused_by_the_redis_behind() {
    let Some(sharded) = sharded() else { return };
    let Some(capture) = Running::start(sharded.port) else {
        return;
    };
    flight(&sharded);
    let mut client = connect(sharded.port);
    ask(&mut client, &[&["AUTH", PASSWORD]]);
    for _ in 0..2 {
        ask(&mut client, &[&["GET", &sharded.refused]]);
        ask(&mut client, &[&["GET", &sharded.served]]);
    }
    drop(client);
    let findings = capture.findings();
    let said = loud(&findings);
    assert!(
        said.iter().any(|(rule, _)| *rule == "upstream-noauth"),
        "{said:?}"
    );
    assert!(
        !said.iter().any(|(rule, _)| *rule == "auth-race"),
        "{said:?}"
    );
    assert!(
        said.iter()
            .all(|(_, confidence)| *confidence < Confidence::Certain),
        "{said:?}"
    );
}
