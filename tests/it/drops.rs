//! A healthy Redis whose capture lost packets in the kernel: the one who captures read too slowly.
//!
//! tcpdump has a tiny buffer and writes into a pipe that is read in measured portions, so what is lost is known roughly
//! and differs from run to run. Every reply is compared by the client that asked: the server is right, always.

use super::run::redorder;
use super::servers::{Program, ask, connect, free_port, redis};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

const PASSWORD: &str = "sesame";
/// Rounds of all clients.
const ROUNDS: usize = 300;
const CLIENTS: usize = 4;
/// Commands in one flight.
const FLIGHT: usize = 16;

/// tcpdump, and the one who reads from it as many bytes as it is told to.
struct Slow {
    tcpdump: Program,
    portions: SyncSender<usize>,
    reader: JoinHandle<Vec<u8>>,
}

fn read_portions(mut from: ChildStdout, portions: &Receiver<usize>) -> Vec<u8> {
    let mut all = Vec::new();
    for portion in portions {
        let _ = (&mut from).take(portion as u64).read_to_end(&mut all);
    }
    // The clients are done: the rest comes at once.
    let _ = from.read_to_end(&mut all);
    all
}

impl Slow {
    fn start(port: u16, buffer: &str) -> Option<Slow> {
        let filter = format!("tcp port {port}");
        let mut tcpdump = Command::new("tcpdump");
        tcpdump
            .args(["-i", "lo", "-B", buffer, "-U", "-n", "-w", "-", &filter])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let Ok(mut child) = tcpdump.spawn() else {
            eprintln!("skipped: tcpdump can not be started");
            return None;
        };
        let (portions, told) = sync_channel(1_000);
        let mut out = child.stdout.take().unwrap();
        // The header of the file comes when the capture has begun.
        let mut header = vec![0; 24];
        if out.read_exact(&mut header).is_err() {
            eprintln!("skipped: tcpdump may not capture here");
            return None;
        }
        let reader = std::thread::spawn(move || {
            header.extend(read_portions(out, &told));
            header
        });
        Some(Slow {
            tcpdump: Program {
                child,
                _folder: None,
            },
            portions,
            reader,
        })
    }

    /// The capture, and what tcpdump says of it.
    fn end(mut self) -> (Vec<u8>, String) {
        drop(self.portions);
        let pid = self.tcpdump.child.id().to_string();
        Command::new("kill").args(["-INT", &pid]).status().unwrap();
        let capture = self.reader.join().unwrap();
        let mut said = String::new();
        let stderr = self.tcpdump.child.stderr.take();
        stderr.unwrap().read_to_string(&mut said).unwrap();
        (capture, said)
    }
}

/// One flight, with a login in front where the connection is new; each reply is what it has to be.
fn round(stream: &mut Option<TcpStream>, port: u16, number: usize, client: usize) {
    let fresh = stream.is_none();
    let stream = stream.get_or_insert_with(|| connect(port));
    let key = format!("key:{client}");
    let (mut sent, mut wanted) = (String::new(), String::new());
    if fresh {
        sent.push_str(&format!(
            "*2\r\n$4\r\nAUTH\r\n${}\r\n{PASSWORD}\r\n",
            PASSWORD.len()
        ));
        wanted.push_str("+OK\r\n");
    }
    for n in 0..FLIGHT {
        let value = format!("{number}:{n}");
        let (k, v) = (key.len(), value.len());
        sent.push_str(&format!(
            "*3\r\n$3\r\nSET\r\n${k}\r\n{key}\r\n${v}\r\n{value}\r\n"
        ));
        sent.push_str(&format!("*2\r\n$3\r\nGET\r\n${k}\r\n{key}\r\n"));
        wanted.push_str(&format!("+OK\r\n${v}\r\n{value}\r\n"));
    }
    stream.write_all(sent.as_bytes()).unwrap();
    let mut got = vec![0; wanted.len()];
    stream.read_exact(&mut got).unwrap();
    assert_eq!(String::from_utf8_lossy(&got), wanted);
}

/// `buffer`: KiB that the kernel has for packets. `portion`: bytes of the capture that are read a round.
fn slowly_captured(buffer: &str, portion: usize) -> Option<(f64, Vec<String>)> {
    let port = free_port();
    let _server = redis(port, &["--requirepass", PASSWORD])?;
    assert!(ask(&mut connect(port), &[&["AUTH", PASSWORD]]).starts_with("+OK"));
    let slow = Slow::start(port, buffer)?;
    let mut clients: Vec<Option<TcpStream>> = (0..CLIENTS).map(|_| None).collect();
    for number in 0..ROUNDS {
        for (client, stream) in clients.iter_mut().enumerate() {
            if number % 20 == client {
                *stream = None;
            }
            round(stream, port, number, client);
        }
        slow.portions.send(portion).unwrap();
    }
    drop(clients);
    let (capture, said) = slow.end();
    let count = |what: &str| -> f64 {
        let line = said.lines().find(|line| line.contains(what));
        let number = line.and_then(|line| line.split(' ').next()?.parse().ok());
        number.unwrap_or_else(|| panic!("tcpdump said: {said}"))
    };
    let (captured, dropped) = (count("packets captured"), count("dropped by kernel"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("slow.pcap");
    std::fs::write(&file, capture).unwrap();
    let json = redorder(&[
        "analyze",
        "--quiet",
        "--format",
        "json",
        file.to_str().unwrap(),
    ]);
    let document: Value = serde_json::from_str(&json).unwrap();
    let word = |f: &Value, key: &str| f[key].as_str().unwrap().to_owned();
    let loud = document["findings"].as_array().unwrap().iter();
    let loud = loud.filter(|f| f["severity"] != "note" && f["confidence"] != "possible");
    let said = loud.map(|f| {
        format!(
            "{} {}: {}",
            word(f, "rule"),
            word(f, "confidence"),
            word(f, "title")
        )
    });
    Some((dropped / (captured + dropped).max(1.0), said.collect()))
}

#[test]
fn a_server_is_not_blamed_for_packets_that_the_kernel_dropped() {
    for (buffer, portion) in [("512", 16_000), ("128", 12_000), ("32", 4_000), ("32", 500)] {
        let Some((share, said)) = slowly_captured(buffer, portion) else {
            return;
        };
        println!("{:.1} % of the packets were dropped", share * 100.0);
        assert_eq!(said, Vec::<String>::new(), "{:.1} % dropped", share * 100.0);
    }
}
