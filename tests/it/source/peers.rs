//! The same bytes given to other readers: libpcap, `pcap-parser`, `pcap-file`.
//!
//! Where a reader is known to be wrong or to give up, the table says so with the reason. Everywhere else it must agree.

use super::corpus::{Built, corpus};
use super::public::{expected, folder, readable};
use super::{Drip, Seen, read_all, read_bytes};
use pcap_parser::traits::PcapNGPacketBlock;
use pcap_parser::{Block, PcapBlockOwned, PcapError};
use std::fs;
use std::io::Cursor;

/// Time (`None` where the reader gives none), length on the wire, bytes.
type Row = (Option<i64>, u32, Vec<u8>);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Peer {
    #[cfg(feature = "live")]
    Libpcap,
    Parser,
    File,
}

#[cfg(feature = "live")]
const PEERS: [Peer; 3] = [Peer::Libpcap, Peer::Parser, Peer::File];
#[cfg(not(feature = "live"))]
const PEERS: [Peer; 2] = [Peer::Parser, Peer::File];

impl Peer {
    /// What the reader makes of the bytes: the packets, and whether it gave up after them.
    fn read(self, bytes: &[u8]) -> (Vec<Row>, Option<String>) {
        match self {
            #[cfg(feature = "live")]
            Peer::Libpcap => libpcap(bytes),
            Peer::Parser => parser(bytes),
            Peer::File if bytes.starts_with(&[0x0A, 0x0D, 0x0D, 0x0A]) => file_ng(bytes),
            Peer::File => file_classic(bytes),
        }
    }
}

#[cfg(feature = "live")]
fn libpcap(bytes: &[u8]) -> (Vec<Row>, Option<String>) {
    use std::io::Write;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let nano = pcap::Precision::Nano;
    let mut capture = match pcap::Capture::from_file_with_precision(file.path(), nano) {
        Ok(capture) => capture,
        Err(error) => return (Vec::new(), Some(error.to_string())),
    };
    let mut rows = Vec::new();
    loop {
        match capture.next_packet() {
            Ok(packet) => {
                let ts = packet.header.ts;
                let time = ts.tv_sec * 1_000_000_000 + ts.tv_usec;
                rows.push((Some(time), packet.header.len, packet.data.to_vec()));
            }
            Err(pcap::Error::NoMorePackets) => return (rows, None),
            Err(error) => return (rows, Some(error.to_string())),
        }
    }
}

fn parser(bytes: &[u8]) -> (Vec<Row>, Option<String>) {
    let mut rows = Vec::new();
    let cursor = Cursor::new(bytes.to_vec());
    let mut reader = match pcap_parser::create_reader(bytes.len() + 65_536, cursor) {
        Ok(reader) => reader,
        Err(error) => return (rows, Some(format!("{error:?}"))),
    };
    let mut factor = 1_000;
    let mut refilled = false;
    loop {
        let used = match reader.next() {
            Ok((used, block)) => {
                match block {
                    PcapBlockOwned::LegacyHeader(header) if header.is_nanosecond_precision() => {
                        factor = 1
                    }
                    PcapBlockOwned::Legacy(b) => {
                        let time =
                            i64::from(b.ts_sec) * 1_000_000_000 + i64::from(b.ts_usec) * factor;
                        rows.push((Some(time), b.origlen, b.data.to_vec()));
                    }
                    PcapBlockOwned::NG(Block::EnhancedPacket(b)) => {
                        rows.push((None, b.origlen, b.packet_data().to_vec()))
                    }
                    PcapBlockOwned::NG(Block::SimplePacket(b)) => {
                        rows.push((None, b.origlen, b.packet_data().to_vec()))
                    }
                    _ => {}
                }
                used
            }
            Err(PcapError::Eof) => return (rows, None),
            // It only sees the end of the input when asked to read on.
            Err(PcapError::Incomplete(_)) if !refilled => {
                refilled = true;
                if reader.refill().is_err() {
                    return (rows, Some("refill".to_owned()));
                }
                continue;
            }
            Err(error) => return (rows, Some(format!("{error:?}").chars().take(60).collect())),
        };
        reader.consume(used);
        refilled = false;
    }
}

fn file_classic(bytes: &[u8]) -> (Vec<Row>, Option<String>) {
    let mut rows = Vec::new();
    let mut reader = match pcap_file::pcap::PcapReader::new(Cursor::new(bytes.to_vec())) {
        Ok(reader) => reader,
        Err(error) => return (rows, Some(error.to_string())),
    };
    while let Some(packet) = reader.next_packet() {
        match packet {
            Ok(packet) => {
                let time = packet.timestamp().as_nanos() as i64;
                rows.push((Some(time), packet.orig_len(), packet.data().to_vec()));
            }
            Err(error) => return (rows, Some(error.to_string())),
        }
    }
    (rows, None)
}

fn file_ng(bytes: &[u8]) -> (Vec<Row>, Option<String>) {
    use pcap_file::pcapng::Block as B;
    let mut rows = Vec::new();
    let mut reader = match pcap_file::pcapng::PcapNgReader::new(Cursor::new(bytes.to_vec())) {
        Ok(reader) => reader,
        Err(error) => return (rows, Some(error.to_string())),
    };
    while let Some(block) = reader.next_block() {
        match block {
            Ok((B::EnhancedPacket(b), _)) => rows.push((
                Some(b.timestamp.as_nanos() as i64),
                b.original_len,
                b.data.to_vec(),
            )),
            Ok((B::Packet(b), _)) => rows.push((
                Some(b.timestamp.as_nanos() as i64),
                b.original_len,
                b.data.to_vec(),
            )),
            Ok((B::SimplePacket(b), _)) => rows.push((None, b.original_len, b.data.to_vec())),
            Ok(_) => {}
            Err(error) => return (rows, Some(error.to_string())),
        }
    }
    (rows, None)
}

/// Where the two differ, or how far the peer got.
fn difference(ours: &[Seen], (theirs, gave_up): &(Vec<Row>, Option<String>)) -> Option<String> {
    for (index, (our, (time, wire_len, bytes))) in ours.iter().zip(theirs).enumerate() {
        let same = time.is_none_or(|time| time == our.time)
            && *wire_len == our.wire_len
            && *bytes == our.bytes;
        if !same {
            return Some(format!(
                "packet {}: {} {} {} here, {time:?} {wire_len} {} there",
                index + 1,
                our.time,
                our.wire_len,
                our.bytes.len(),
                bytes.len()
            ));
        }
    }
    match gave_up {
        Some(error) => Some(format!(
            "gave up after {} of {}: {error}",
            theirs.len(),
            ours.len()
        )),
        None if theirs.len() != ours.len() => Some(format!(
            "{} packets here, {} there",
            ours.len(),
            theirs.len()
        )),
        None => None,
    }
}

/// Readers that are known to fail on a file of the corpus (by the start of its name), and why.
const KNOWN: [(Peer, &str, &str); 0] = [];

fn excused(table: &[(Peer, &str, &str)], peer: Peer, name: &str) -> bool {
    table
        .iter()
        .any(|(p, part, _)| *p == peer && name.contains(part))
}

#[test]
fn the_corpus_reads_as_it_was_built() {
    for Built {
        name,
        bytes,
        packets,
    } in corpus()
    {
        let (seen, report) = read_bytes(&bytes).unwrap();
        assert!(seen == packets, "{name}: {:?}", report.problems);
        assert_eq!(
            report.problems_total,
            u64::from(name.starts_with("simple")),
            "{name}"
        );
        for step in [1, 7, 4096] {
            let dripped = read_all(Box::new(Drip::new(&bytes, step))).unwrap();
            assert!(
                dripped == (seen.clone(), report.clone()),
                "{name} in steps of {step}"
            );
        }
    }
}

#[test]
fn other_readers_agree_on_the_corpus() {
    let mut wrong = Vec::new();
    for Built {
        name,
        bytes,
        packets,
    } in corpus()
    {
        for peer in PEERS {
            let differs = difference(&packets, &peer.read(&bytes));
            match (differs, excused(&KNOWN, peer, &name)) {
                (Some(what), false) => wrong.push(format!("{peer:?} {name}: {what}")),
                (None, true) => wrong.push(format!(
                    "{peer:?} {name}: agrees now, take it off the table"
                )),
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// As [`KNOWN`], for the public captures.
const KNOWN_PUBLIC: [(Peer, &str, &str); 0] = [];

#[test]
fn other_readers_agree_on_public_captures() {
    let Some(folder) = folder() else { return };
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (name, _) in expected(&folder) {
        let bytes = fs::read(folder.join(&name)).unwrap();
        let (Ok((ours, _)), true) = (read_bytes(&bytes), readable(&bytes)) else {
            continue;
        };
        for peer in PEERS {
            if bytes.starts_with(&[0x1F, 0x8B]) || bytes.starts_with(&[0x28, 0xB5]) {
                continue;
            }
            compared += 1;
            let differs = difference(&ours, &peer.read(&bytes));
            if let Some(what) = differs.filter(|_| !excused(&KNOWN_PUBLIC, peer, &name)) {
                wrong.push(format!("{peer:?} {name}: {what}"));
            }
        }
    }
    assert!(compared > 800 && wrong.is_empty(), "{}", wrong.join("\n"));
}
