//! The decoder over public captures: as many TCP packets as independent programs counted.

use flate2::read::MultiGzDecoder;
use pcap_parser::traits::PcapNGPacketBlock;
use pcap_parser::{Block, PcapBlockOwned, PcapError, create_reader};
use redorder::model::{PacketRef, Timestamp};
use redorder::packet::{DecodeLimits, Decoded, Decoder, Packet, SkipReason};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

const CAPTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/captures/public");

/// What the decoder made of one file.
#[derive(Debug, Default)]
struct Seen {
    packets: u64,
    segments: u64,
    skips: BTreeMap<SkipReason, u64>,
    incomplete: usize,
}

struct Counter {
    decoder: Decoder,
    seen: Seen,
}

impl Counter {
    fn packet(&mut self, link: i32, wire_len: u32, bytes: &[u8]) {
        self.seen.packets += 1;
        let packet = Packet {
            at: PacketRef::new(0, self.seen.packets),
            time: Timestamp::from_nanos(0),
            link: u16::try_from(link).unwrap_or(u16::MAX),
            wire_len,
            bytes,
        };
        match self.decoder.decode(&packet) {
            Decoded::Segment(segment) => {
                assert!(segment.payload.len() <= 65_535 || segment.payload.len() <= bytes.len());
                self.seen.segments += 1;
            }
            Decoded::Skip(reason) => *self.seen.skips.entry(reason).or_default() += 1,
        }
    }

    fn block(&mut self, block: &PcapBlockOwned<'_>, links: &mut Vec<i32>) {
        match block {
            PcapBlockOwned::LegacyHeader(header) => *links = vec![header.network.0 & 0xffff],
            PcapBlockOwned::Legacy(packet) => {
                let link = links.first().copied().unwrap_or(-1);
                self.packet(link, packet.origlen, packet.data);
            }
            PcapBlockOwned::NG(Block::SectionHeader(_)) => links.clear(),
            PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
                links.push(interface.linktype.0)
            }
            PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                let link = links.get(packet.if_id as usize).copied().unwrap_or(-1);
                self.packet(link, packet.origlen, packet.packet_data());
            }
            PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
                let link = links.first().copied().unwrap_or(-1);
                self.packet(link, packet.origlen, packet.packet_data());
            }
            PcapBlockOwned::NG(_) => {}
        }
    }
}

/// Reads a capture as far as it can be read.
fn read(path: &Path) -> Option<Seen> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.read_to_end(&mut bytes).ok()?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let compressed = std::mem::take(&mut bytes);
        MultiGzDecoder::new(&compressed[..])
            .read_to_end(&mut bytes)
            .ok()?;
    }
    let mut counter = Counter {
        decoder: Decoder::new(DecodeLimits::default()),
        seen: Seen::default(),
    };
    let mut links = Vec::new();
    let mut reader = create_reader(bytes.len().max(1) + 65_536, &bytes[..]).ok()?;
    loop {
        match reader.next() {
            Ok((len, block)) => {
                counter.block(&block, &mut links);
                reader.consume(len);
            }
            Err(PcapError::Incomplete(_)) => reader.refill().ok()?,
            Err(_) => break,
        }
    }
    counter.seen.incomplete = counter.decoder.incomplete();
    Some(counter.seen)
}

/// Where the decoder must find another number than the one in `EXPECTED.json`, which counts the outermost TCP headers,
/// whole or not: part of the path, and the number of segments in all the files it stands for.
const OTHERWISE: [(&str, u64); 9] = [
    // Inside tunnels, which were not opened there.
    ("PcapFlowLab/tests/data/parsing/geneve/", 31),
    ("PcapFlowLab/tests/data/parsing/vxlan/", 34),
    ("captures/ipoipoip.pcap", 1),
    ("tunnels/4in6.pcap", 1),
    ("tunnels/gre-sample.pcap", 22),
    ("tunnels/vxlan-encapsulated-http.pcap", 12),
    // A link type that was not read there.
    ("nflog-http.pcap", 13),
    // Headers that are cut, or longer than the packet.
    ("heapoverflow", 0),
    ("tcp-malformed.pcap", 0),
];

#[test]
fn as_many_tcp_packets_as_others_count() {
    let Ok(expected) = std::fs::read_to_string(format!("{CAPTURES}/EXPECTED.json")) else {
        eprintln!("skipped: no public captures at {CAPTURES}");
        return;
    };
    let expected: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&expected).expect("JSON");
    let (mut compared, mut differ) = (0, Vec::new());
    let mut otherwise = OTHERWISE.map(|(part, _)| (part, 0));
    for (name, facts) in &expected {
        let Some(seen) = read(&Path::new(CAPTURES).join(name)) else {
            continue;
        };
        let skipped: u64 = seen.skips.values().sum();
        assert_eq!(seen.segments + skipped, seen.packets, "{name}");
        // Files that the little reader above can not read to the end.
        if facts["packets"].as_u64() != Some(seen.packets) {
            continue;
        }
        compared += 1;
        if let Some((_, sum)) = otherwise.iter_mut().find(|(part, _)| name.contains(part)) {
            *sum += seen.segments;
        } else if facts["tcp_packets"].as_u64() != Some(seen.segments) {
            differ.push(format!(
                "{name}: {} expected, {seen:?}",
                facts["tcp_packets"]
            ));
        }
    }
    assert!(
        differ.is_empty(),
        "{} of {compared} differ:\n{}",
        differ.len(),
        differ.join("\n")
    );
    assert!(compared > 400, "only {compared} files could be read");
    assert_eq!(otherwise, OTHERWISE);
}
