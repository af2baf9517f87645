//! The samples that nobody had to record: small conversations, written out here and kept as captures in `samples/`.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

const SERVER_PORT: u16 = 6379;
const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 20);
/// 2026-01-01T00:00:00Z in microseconds.
const START_US: u64 = 1_767_225_600_000_000;
const STEP_US: u64 = 200;
const LINKTYPE_RAW: u32 = 101;

pub(super) const FIN: u8 = 0x01;
pub(super) const SYN: u8 = 0x02;
pub(super) const PSH: u8 = 0x08;
pub(super) const ACK: u8 = 0x10;

const NOAUTH: &str = "-NOAUTH Authentication required.\r\n";
const NO_PASSWORD: &str = "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n";
const HTTP: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[derive(Clone, Copy)]
enum Step {
    /// The capture begins here: the connection was open before.
    Joined,
    /// Bytes from the client.
    Asks(&'static str),
    /// Bytes from the server.
    Says(&'static str),
    /// The server acknowledges and says nothing.
    Hears,
    /// Microseconds without a packet.
    Waits(u64),
}
use Step::{Asks, Hears, Joined, Says, Waits};

const PING: &str = "*1\r\n$4\r\nPING\r\n";
const AUTH: &str = "*2\r\n$4\r\nAUTH\r\n$10\r\nlab-secret\r\n";
const GET: &str = "*2\r\n$3\r\nGET\r\n$1\r\na\r\n";

const ECHOES: [&str; 5] = [
    "*2\r\n$4\r\nECHO\r\n$1\r\n1\r\n",
    "*2\r\n$4\r\nECHO\r\n$1\r\n2\r\n",
    "*2\r\n$4\r\nECHO\r\n$1\r\n3\r\n",
    "*2\r\n$4\r\nECHO\r\n$1\r\n4\r\n",
    "*2\r\n$4\r\nECHO\r\n$1\r\n5\r\n",
];
/// What they bring back, and one in front.
const ECHOED: [&str; 6] = [
    "$1\r\n0\r\n",
    "$1\r\n1\r\n",
    "$1\r\n2\r\n",
    "$1\r\n3\r\n",
    "$1\r\n4\r\n",
    "$1\r\n5\r\n",
];

/// Each ECHO behind a pause, on a connection that was open before.
fn echoes(replies: &[&'static str]) -> Vec<Step> {
    let talk = ECHOES.iter().zip(replies);
    // At uneven intervals: at even ones a server that is late by one of them looks the same.
    let waits = [100_000, 150_000, 230_000].into_iter().cycle();
    let one = |((echo, reply), wait): ((&&'static str, &&'static str), _)| {
        [Asks(echo), Says(reply), Waits(wait)]
    };
    [Joined]
        .into_iter()
        .chain(talk.zip(waits).flat_map(one))
        .collect()
}

/// File name and, for each connection in turn, what is said.
fn conversations() -> Vec<(&'static str, Vec<Vec<Step>>)> {
    let check = vec![Asks(PING), Says(NOAUTH)];
    let mut hangs = vec![Asks(AUTH), Says("+OK\r\n")];
    for _ in 0..20 {
        hangs.extend([Asks(GET), Says("$1\r\nv\r\n")]);
    }
    hangs.extend([Asks(GET), Hears, Waits(5_000_000)]);
    vec![
        (
            "health-check.pcap",
            vec![check.clone(), check.clone(), check],
        ),
        (
            "http-answer.pcap",
            vec![vec![Asks(AUTH), Asks(PING), Says(HTTP)]],
        ),
        ("server-hangs.pcap", vec![hangs]),
        ("one-reply-late.pcap", vec![echoes(&ECHOED[..5])]),
        ("echoes-in-order.pcap", vec![echoes(&ECHOED[1..])]),
        (
            "served-before-auth.pcap",
            vec![vec![
                Asks(GET),
                Says("$5\r\nvalue\r\n"),
                Asks(AUTH),
                Says("+OK\r\n"),
                Asks(GET),
                Says("$5\r\nvalue\r\n"),
            ]],
        ),
        (
            "no-password-set.pcap",
            vec![vec![
                Asks(GET),
                Says("$5\r\nvalue\r\n"),
                Asks(AUTH),
                Says(NO_PASSWORD),
                Asks(GET),
                Says("$5\r\nvalue\r\n"),
            ]],
        ),
    ]
}

/// A capture under construction: classic pcap, microseconds, raw IPv4.
pub(super) struct Capture {
    pub(super) bytes: Vec<u8>,
    pub(super) now_us: u64,
}

impl Capture {
    pub(super) fn new() -> Self {
        let mut bytes = Vec::new();
        bytes.extend(0xa1b2_c3d4_u32.to_le_bytes());
        bytes.extend(2_u16.to_le_bytes());
        bytes.extend(4_u16.to_le_bytes());
        bytes.extend([0; 8]);
        bytes.extend(262_144_u32.to_le_bytes());
        bytes.extend(LINKTYPE_RAW.to_le_bytes());
        Capture {
            bytes,
            now_us: START_US,
        }
    }

    pub(super) fn record(&mut self, packet: &[u8]) {
        let length = u32::try_from(packet.len()).unwrap();
        for word in [
            (self.now_us / 1_000_000) as u32,
            (self.now_us % 1_000_000) as u32,
            length,
            length,
        ] {
            self.bytes.extend(word.to_le_bytes());
        }
        self.bytes.extend(packet);
        self.now_us += STEP_US;
    }
}

/// One connection: the next sequence number of each end.
pub(super) struct Ends {
    pub(super) client_port: u16,
    pub(super) client_seq: u32,
    pub(super) server_seq: u32,
}

impl Ends {
    pub(super) fn client(&mut self, capture: &mut Capture, flags: u8, payload: &[u8]) {
        let ports = (self.client_port, SERVER_PORT);
        capture.record(&packet(
            CLIENT,
            SERVER,
            ports,
            (self.client_seq, self.server_seq),
            flags,
            payload,
        ));
        self.client_seq += consumed(flags, payload);
    }

    pub(super) fn server(&mut self, capture: &mut Capture, flags: u8, payload: &[u8]) {
        let ports = (SERVER_PORT, self.client_port);
        capture.record(&packet(
            SERVER,
            CLIENT,
            ports,
            (self.server_seq, self.client_seq),
            flags,
            payload,
        ));
        self.server_seq += consumed(flags, payload);
    }

    fn talk(&mut self, capture: &mut Capture, steps: &[Step]) {
        if !matches!(steps.first(), Some(Joined)) {
            self.client(capture, SYN, b"");
            self.server(capture, SYN | ACK, b"");
            self.client(capture, ACK, b"");
        }
        for step in steps {
            match step {
                Joined => {}
                Asks(text) => self.client(capture, PSH | ACK, text.as_bytes()),
                Says(text) => self.server(capture, PSH | ACK, text.as_bytes()),
                Hears => self.server(capture, ACK, b""),
                Waits(us) => capture.now_us += us,
            }
        }
        self.client(capture, FIN | ACK, b"");
        self.server(capture, FIN | ACK, b"");
        self.client(capture, ACK, b"");
    }
}

/// Sequence numbers that a segment takes up.
fn consumed(flags: u8, payload: &[u8]) -> u32 {
    u32::try_from(payload.len()).unwrap() + u32::from(flags & (SYN | FIN) != 0)
}

/// A raw IPv4 packet with a TCP segment, all checksums filled in.
pub(crate) fn packet(
    from: Ipv4Addr,
    to: Ipv4Addr,
    ports: (u16, u16),
    (seq, ack): (u32, u32),
    flags: u8,
    payload: &[u8],
) -> Vec<u8> {
    let mut tcp = Vec::new();
    tcp.extend(ports.0.to_be_bytes());
    tcp.extend(ports.1.to_be_bytes());
    tcp.extend(seq.to_be_bytes());
    tcp.extend(if flags & ACK == 0 { 0 } else { ack }.to_be_bytes());
    tcp.extend([5 << 4, flags, 0xff, 0xff, 0, 0, 0, 0]);
    tcp.extend(payload);
    let tcp_length = u16::try_from(tcp.len()).unwrap();
    let mut pseudo = [from.octets(), to.octets()].concat();
    pseudo.extend([0, 6]);
    pseudo.extend(tcp_length.to_be_bytes());
    pseudo.extend(&tcp);
    tcp[16..18].copy_from_slice(&checksum(&pseudo).to_be_bytes());

    let mut ip = vec![0x45, 0];
    ip.extend((tcp_length + 20).to_be_bytes());
    ip.extend([0, 1, 0x40, 0, 64, 6, 0, 0]);
    ip.extend(from.octets());
    ip.extend(to.octets());
    let sum = checksum(&ip);
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    ip.extend(tcp);
    ip
}

/// The Internet checksum, RFC 1071.
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = 0;
    for pair in bytes.chunks(2) {
        sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

fn build(connections: &[Vec<Step>]) -> Vec<u8> {
    let mut capture = Capture::new();
    for (number, steps) in (0_u16..).zip(connections) {
        let mut ends = Ends {
            client_port: 40_001 + number,
            client_seq: 1_000,
            server_seq: 5_000,
        };
        ends.talk(&mut capture, steps);
        capture.now_us += 1_000_000;
    }
    capture.bytes
}

#[test]
fn made_samples_are_current() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    for (name, connections) in conversations() {
        let wanted = build(&connections);
        let path = samples.join(name);
        if super::run::blessing() {
            fs::write(&path, &wanted).unwrap();
        }
        let found = fs::read(&path).unwrap_or_default();
        assert!(
            found == wanted,
            "samples/{name} is not what tests/it/made.rs describes: run the tests once with REDORDER_BLESS=1 to write it"
        );
    }
}

#[test]
fn checksums_of_a_known_header() {
    // The example of RFC 1071 section 3.
    assert_eq!(
        checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]),
        !0xddf2
    );
}
