//! The same bytes given to other readers: libpcap, `pcap-parser`, `pcap-file`.
//!
//! Where a reader is known to be wrong or to give up, the table says so with the reason. Everywhere else it must agree.

use super::corpus::{Built, corpus};
use super::public::{expected, folder, is_packed};
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

/// A reader that is known to fail: which, on which files (part of the name), in which words, and why.
struct Known(Peer, &'static str, &'static str, &'static str);

#[cfg(feature = "live")]
const KNOWN_LIBPCAP: [Known; 8] = [
    Known(
        Peer::Libpcap,
        "",
        "different from the type",
        "takes one link type per file",
    ),
    Known(
        Peer::Libpcap,
        "",
        "different from the snapshot",
        "takes one snapshot length per file",
    ),
    Known(
        Peer::Libpcap,
        "",
        "no Interface Description",
        "wants an interface even when there is no packet",
    ),
    Known(
        Peer::Libpcap,
        "sections-",
        "block size",
        "keeps the byte order of the first section",
    ),
    Known(
        Peer::Libpcap,
        "above-snaplen-",
        "64 there",
        "cuts packets to the snapshot length",
    ),
    Known(
        Peer::Libpcap,
        "simple-",
        "Some(0)",
        "says 1970 for a packet without a time",
    ),
    Known(
        Peer::Libpcap,
        "/test01",
        "Some(0)",
        "says 1970 for a packet without a time",
    ),
    Known(
        Peer::Libpcap,
        "timestamp_invalid_nano",
        "packet 3",
        "takes a fraction of 2^31 ns for negative",
    ),
];
#[cfg(not(feature = "live"))]
const KNOWN_LIBPCAP: [Known; 0] = [];

const KNOWN_OTHERS: [Known; 9] = [
    Known(
        Peer::Parser,
        "old-",
        "0 there",
        "does not know the Packet Block",
    ),
    Known(
        Peer::Parser,
        "modified-be",
        "HeaderNotRecognized",
        "knows the modified format in one byte order",
    ),
    Known(
        Peer::Parser,
        "/test012",
        "315 here",
        "does not cut a Simple Packet Block to the snapshot length",
    ),
    Known(
        Peer::File,
        "modified-",
        "Invalid magic",
        "does not know the modified format",
    ),
    Known(
        Peer::File,
        "above-snaplen-",
        "> snap_len",
        "refuses packets above the snapshot length",
    ),
    Known(
        Peer::File,
        "pico-",
        "Interface Description",
        "refuses resolutions below a nanosecond",
    ),
    Known(
        Peer::File,
        "/test008",
        "Interface Description",
        "refuses an option it does not like",
    ),
    Known(
        Peer::File,
        "pcapng-example",
        "Enhanced Packet",
        "refuses an option it does not like",
    ),
    Known(
        Peer::File,
        "timestamp_invalid_nano",
        "too big",
        "refuses fractions of a second above one",
    ),
];

fn excused(peer: Peer, name: &str, what: &str) -> bool {
    let known = KNOWN_LIBPCAP
        .iter()
        .chain(&KNOWN_OTHERS)
        .find(|Known(who, file, words, _)| {
            *who == peer && name.contains(file) && what.contains(words)
        });
    if let Some(Known(_, _, _, why)) = known {
        eprintln!("{peer:?} {name}: {why}");
    }
    known.is_some()
}

/// Every peer's unexcused difference on one file.
fn unexcused(name: &str, bytes: &[u8], ours: &[Seen]) -> Vec<String> {
    let of = |peer: Peer| {
        let what = difference(ours, &peer.read(bytes))?;
        (!excused(peer, name, &what)).then(|| format!("{peer:?} {name}: {what}"))
    };
    PEERS.into_iter().filter_map(of).collect()
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
    let wrong: Vec<String> = corpus()
        .iter()
        .flat_map(|built| unexcused(&built.name, &built.bytes, &built.packets))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn other_readers_agree_on_public_captures() {
    let Some(folder) = folder() else { return };
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (name, _) in expected(&folder) {
        let bytes = fs::read(folder.join(&name)).unwrap();
        if is_packed(&bytes) {
            continue;
        }
        let (ours, _) = read_bytes(&bytes).unwrap();
        compared += 1;
        wrong.extend(unexcused(&name, &bytes, &ours));
    }
    assert!(
        compared > 400 && wrong.is_empty(),
        "{compared} compared\n{}",
        wrong.join("\n")
    );
}
