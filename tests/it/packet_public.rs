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
            PcapBlockOwned::LegacyHeader(header) => *links = vec![header.network.0],
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

/// The count of TCP packets per file. It knows no tunnels and no reassembly: there the decoder finds more.
#[test]
fn as_many_tcp_packets_as_others_count() {
    let Ok(expected) = std::fs::read_to_string(format!("{CAPTURES}/EXPECTED.json")) else {
        eprintln!("skipped: no public captures at {CAPTURES}");
        return;
    };
    let expected: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&expected).expect("JSON");
    let (mut compared, mut differ) = (0, Vec::new());
    for (name, facts) in &expected {
        let Some(seen) = read(&Path::new(CAPTURES).join(name)) else {
            continue;
        };
        assert_eq!(
            seen.segments + seen.skips.values().sum::<u64>(),
            seen.packets,
            "{name}"
        );
        // Files that the little reader above can not read to the end.
        if facts["packets"].as_u64() != Some(seen.packets) {
            continue;
        }
        compared += 1;
        if facts["tcp_packets"].as_u64() != Some(seen.segments) {
            differ.push(format!(
                "{name}: {} expected, {seen:?}",
                facts["tcp_packets"]
            ));
        }
    }
    assert!(
        differ.is_empty(),
        "{compared} compared, {} differ:\n{}",
        differ.len(),
        differ.join("\n")
    );
}
