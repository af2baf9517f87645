//! The packet that almost all are: Ethernet, IPv4 without options, TCP, captured whole. It is read in one pass; any other
//! is left to the walk, which reads these too and finds the same.

use super::link::ETHERNET;
use super::tcp::{self, fingerprint};
use super::{Packet, Segment, TcpFlags};
use crate::model::Endpoint;
use std::net::{IpAddr, Ipv4Addr};

/// Ethernet, IPv4 and TCP headers without options.
const HEADERS: usize = 14 + 20 + 20;
/// Where the TCP header begins, and the least length of it.
const TCP: usize = 14 + 20;
const TCP_HEADER: usize = 20;
/// How most senders begin their options: two of no meaning, then kind and length of the timestamp (RFC 7323).
const TIMESTAMP: u32 = u32::from_be_bytes([1, 1, 8, 10]);

/// How Linux begins the options of a SYN: kind and length of the maximum segment size, then its two bytes.
const MAXIMUM_SEGMENT_SIZE: [u8; 2] = [2, 4];
/// And what is behind that: selective acknowledgements are permitted, then kind and length of the timestamp.
const SACK_AND_TIMESTAMP: [u8; 4] = [4, 2, 8, 10];

/// The segment of a plain packet.
#[inline(always)]
pub(super) fn segment<'a>(packet: &Packet<'a>) -> Option<Segment<'a>> {
    let head = packet.bytes.first_chunk::<HEADERS>()?;
    let word = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
    let number =
        |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    // The EtherType, the version and length of the header; neither a fragment nor another protocol.
    let plain = packet.link == ETHERNET
        && number(12) & 0xffff_ff00 == 0x0800_4500
        && word(20) & 0x3fff == 0
        && head[23] == tcp::PROTOCOL;
    if !plain {
        return None;
    }
    let end = 14 + usize::from(word(16));
    let header = usize::from(head[46] >> 4) * 4;
    let payload = packet.bytes.get(TCP + header..end)?;
    let options = packet.bytes.get(HEADERS..TCP + header)?;
    let timestamp = match options.split_first_chunk::<4>() {
        None => 0,
        // As one number: four bytes would be compared one by one.
        Some((kind, rest)) if u32::from_be_bytes(*kind) == TIMESTAMP => {
            u32::from_be_bytes(*rest.first_chunk()?)
        }
        Some((_, rest)) => of_syn(options, rest)?,
    };
    if header < TCP_HEADER {
        return None;
    }
    let end_of = |address: usize, port: usize| Endpoint {
        addr: IpAddr::V4(Ipv4Addr::from_bits(number(address))),
        port: word(port),
    };
    let mut segment = Segment {
        src: end_of(26, 34),
        dst: end_of(30, 36),
        seq: number(38),
        ack: number(42),
        flags: TcpFlags(head[47]),
        window: word(48),
        payload,
        cut: 0,
        fingerprint: 0,
        timestamp,
        hops: head[22],
    };
    segment.fingerprint = fingerprint(&segment, word(18));
    Some(segment)
}

/// The timestamp among the options of a SYN, in the order in which Linux writes them. `rest` is behind the first four bytes.
#[inline]
fn of_syn(options: &[u8], rest: &[u8]) -> Option<u32> {
    let begins = options.starts_with(&MAXIMUM_SEGMENT_SIZE);
    let (kinds, rest) = rest.split_first_chunk()?;
    let stamped = begins && *kinds == SACK_AND_TIMESTAMP;
    // The sender's moment, and the one that it echoes: one that is cut is none.
    let [a, b, c, d, ..] = *rest.first_chunk::<8>()?;
    stamped.then_some(u32::from_be_bytes([a, b, c, d]))
}

#[cfg(test)]
mod tests {
    use super::super::{DecodeLimits, Decoded, Decoder};
    use super::*;
    use crate::model::{PacketRef, Timestamp};

    fn frame(options: &[u8], payload: &[u8], padding: usize) -> Vec<u8> {
        let mut frame = vec![2; 12];
        frame.extend([0x08, 0x00, 0x45, 0]);
        let total = 40 + options.len() + payload.len();
        frame.extend(u16::try_from(total).unwrap().to_be_bytes());
        frame.extend([0xab, 0xcd, 0x40, 0, 63, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        frame.extend([0xc3, 0x50, 0x18, 0xeb, 1, 2, 3, 4, 5, 6, 7, 8]);
        let words = u8::try_from(5 + options.len() / 4).unwrap();
        frame.extend([words << 4, 0x18, 1, 2, 0, 0, 0, 0]);
        frame.extend(options);
        frame.extend(payload);
        frame.resize(frame.len() + padding, 0);
        frame
    }

    /// Decodes without the plain reading.
    fn walked(packet: &Packet<'_>) -> String {
        match Decoder::new(DecodeLimits::default()).walk(packet) {
            Decoded::Segment(segment) => format!("{segment:?}"),
            Decoded::Skip(reason) => format!("{reason:?}"),
        }
    }

    #[test]
    fn it_finds_what_the_walk_finds() {
        let stamp = [1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 7];
        let syn = [
            2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 7, 1, 3, 3, 7,
        ];
        let frames = [
            frame(&[], b"PING\r\n", 0),
            frame(&stamp, b"PING\r\n", 0),
            frame(&stamp, b"", 6),
            frame(&[2, 4, 5, 0xb4], b"", 0),
            frame(&syn, b"", 0),
            frame(&syn[..12], b"", 0),
        ];
        let at_once = |frame: &[u8]| {
            let packet = Packet {
                at: PacketRef::new(0, 1),
                time: Timestamp::from_nanos(0),
                link: 1,
                wire_len: frame.len() as u32,
                bytes: frame,
            };
            segment(&packet).is_some()
        };
        let found = frames.each_ref().map(|frame| at_once(frame));
        assert_eq!(found, [true, true, true, false, true, false]);
        let mut plain = 0;
        for frame in &frames {
            for at in 0..=frame.len().min(76) {
                for value in [
                    0, 1, 4, 5, 6, 0x0f, 0x20, 0x3f, 0x45, 0x46, 0x50, 0x60, 0x80, 0xf0, 0xff,
                ] {
                    let mut bytes = frame.clone();
                    match bytes.get_mut(at) {
                        Some(byte) => *byte = value,
                        None => bytes.truncate(at.saturating_sub(usize::from(value))),
                    }
                    let packet = Packet {
                        at: PacketRef::new(0, 1),
                        time: Timestamp::from_nanos(0),
                        link: 1,
                        wire_len: frame.len() as u32,
                        bytes: &bytes,
                    };
                    if let Some(segment) = segment(&packet) {
                        plain += 1;
                        assert_eq!(
                            format!("{segment:?}"),
                            walked(&packet),
                            "byte {at} = {value:#x}"
                        );
                    }
                }
            }
        }
        assert!(plain > 1_000, "{plain} were read at once");
    }
}
