//! A capture in memory, as packets that can be changed.

use redorder::model::{PacketRef, Timestamp};
use redorder::packet::Packet;
use redorder::source::{Input, PcapNgWriter};
use std::fs;
use std::io::Cursor;
use std::path::Path;

const ETHERNET: u16 = 1;
const TCP: u8 = 6;

/// One record. What is TCP over IP is kept from the IP header on.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) ns: i64,
    pub(super) link: u16,
    pub(super) bytes: Vec<u8>,
    pub(super) wire_len: u32,
    /// Where the IP header begins and where the TCP header does, in a whole packet.
    ip: Option<(usize, usize)>,
}

/// Sender and receiver: address and port as they are in the packet.
pub(super) type Ends = (Vec<u8>, Vec<u8>);

impl Record {
    fn new(packet: &Packet<'_>) -> Record {
        let whole = packet.wire_len as usize == packet.bytes.len();
        Record {
            ns: packet.time.as_nanos(),
            link: packet.link,
            bytes: packet.bytes.to_vec(),
            wire_len: packet.wire_len,
            ip: headers(packet.link, packet.bytes).filter(|_| whole),
        }
    }

    /// Some captures are dated at the end of time.
    pub(super) fn later(&mut self, ns: i64) {
        self.ns = self.ns.saturating_add(ns);
    }

    pub(super) fn is_tcp(&self) -> bool {
        self.ip.is_some()
    }

    fn is_v6(&self) -> bool {
        self.ip.is_some_and(|(ip, _)| self.bytes[ip] >> 4 == 6)
    }

    fn tcp(&self) -> usize {
        self.ip.unwrap().1
    }

    /// The IP packet.
    fn packet(&self) -> &[u8] {
        &self.bytes[self.ip.unwrap().0..]
    }

    fn number(&self, at: usize) -> u32 {
        u32::from_be_bytes(self.bytes[at..at + 4].try_into().unwrap())
    }

    fn set_number(&mut self, at: usize, number: u32) {
        self.bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
    }

    pub(super) fn seq(&self) -> u32 {
        self.number(self.tcp() + 4)
    }

    pub(super) fn set_seq(&mut self, seq: u32) {
        self.set_number(self.tcp() + 4, seq);
    }

    pub(super) fn ack(&self) -> u32 {
        self.number(self.tcp() + 8)
    }

    pub(super) fn set_ack(&mut self, ack: u32) {
        self.set_number(self.tcp() + 8, ack);
    }

    pub(super) fn flags(&self) -> u8 {
        self.bytes[self.tcp() + 13]
    }

    pub(super) fn set_flags(&mut self, flags: u8) {
        let at = self.tcp() + 13;
        self.bytes[at] = flags;
    }

    fn payload_at(&self) -> usize {
        self.tcp() + usize::from(self.bytes[self.tcp() + 12] >> 4) * 4
    }

    pub(super) fn payload(&self) -> &[u8] {
        &self.bytes[self.payload_at()..]
    }

    pub(super) fn set_payload(&mut self, payload: &[u8]) {
        let at = self.payload_at();
        self.bytes.truncate(at);
        self.bytes.extend_from_slice(payload);
        let ip = self.ip.unwrap().0;
        let len = self.bytes.len() - ip;
        let (field, len) = if self.is_v6() {
            (4, len - 40)
        } else {
            (2, len)
        };
        let len = u16::try_from(len).unwrap().to_be_bytes();
        self.bytes[ip + field..ip + field + 2].copy_from_slice(&len);
        self.wire_len = self.bytes.len() as u32;
    }

    /// Another packet of the same sender: its IP identification says so.
    pub(super) fn renew(&mut self, id: u16) {
        let ip = self.ip.unwrap().0;
        if !self.is_v6() {
            self.bytes[ip + 4..ip + 6].copy_from_slice(&id.to_be_bytes());
        }
    }

    /// One router further on.
    pub(super) fn hop(&mut self) {
        let at = self.ip.unwrap().0 + if self.is_v6() { 7 } else { 8 };
        self.bytes[at] = self.bytes[at].saturating_sub(1);
    }

    /// Sender and receiver.
    pub(super) fn ends(&self) -> Ends {
        let (src, dst) = self.places();
        let tcp = self.tcp();
        let end = |place: std::ops::Range<usize>, port: usize| {
            [&self.bytes[place], &self.bytes[port..port + 2]].concat()
        };
        (end(src, tcp), end(dst, tcp + 2))
    }

    fn places(&self) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let ip = self.ip.unwrap().0;
        if self.is_v6() {
            (ip + 8..ip + 24, ip + 24..ip + 40)
        } else {
            (ip + 12..ip + 16, ip + 16..ip + 20)
        }
    }

    /// Gives the sender or the receiver another address.
    pub(super) fn rename(&mut self, sender: bool, mark: u8) {
        let (src, dst) = self.places();
        let place = if sender { src } else { dst };
        self.bytes[place.end - 3] ^= 0x40;
        self.bytes[place.end - 1] ^= mark;
    }

    /// The same IP packet behind other headers.
    pub(super) fn wrapped(&self, link: u16, front: &[u8]) -> Record {
        let bytes = [front, self.packet()].concat();
        Record {
            link,
            wire_len: bytes.len() as u32,
            ip: headers(link, &bytes),
            bytes,
            ns: self.ns,
        }
    }

    /// Its EtherType.
    pub(super) fn ethertype(&self) -> [u8; 2] {
        if self.is_v6() {
            [0x86, 0xdd]
        } else {
            [0x08, 0]
        }
    }

    pub(super) fn ip_len(&self) -> usize {
        self.packet().len()
    }
}

/// Where IP and TCP headers begin.
fn headers(link: u16, bytes: &[u8]) -> Option<(usize, usize)> {
    let ip = match link {
        ETHERNET => match bytes.get(12..14)? {
            [0x08, 0x00] | [0x86, 0xdd] => 14,
            _ => return None,
        },
        113 => 16,
        276 => 20,
        0 | 108 => 4,
        12 | 101 | 228 | 229 => 0,
        _ => return None,
    };
    let tcp = match bytes.get(ip)? >> 4 {
        4 if *bytes.get(ip + 9)? == TCP && bytes.get(ip + 6)? & 0x3f == 0 => {
            ip + usize::from(bytes.get(ip)? & 15) * 4
        }
        6 if *bytes.get(ip + 6)? == TCP => ip + 40,
        _ => return None,
    };
    let header = usize::from(bytes.get(tcp + 12)? >> 4) * 4;
    // No padding behind it, and the length is said.
    let len = match bytes.get(ip)? >> 4 {
        4 => usize::from(u16::from_be_bytes([
            *bytes.get(ip + 2)?,
            *bytes.get(ip + 3)?,
        ])),
        _ => {
            40 + usize::from(u16::from_be_bytes([
                *bytes.get(ip + 4)?,
                *bytes.get(ip + 5)?,
            ]))
        }
    };
    (header >= 20 && bytes.len() >= tcp + header && len == bytes.len() - ip).then_some((ip, tcp))
}

/// All records of a file; `None` when it is no capture that can be read.
pub(super) fn read(path: &Path) -> Option<Vec<Record>> {
    let bytes = fs::read(path).ok()?;
    let mut input = Input::new("campaign", Box::new(Cursor::new(bytes)), None).ok()?;
    let mut records = Vec::new();
    while input.advance() {
        records.push(Record::new(&input.packet()?));
    }
    Some(records)
}

/// Writes records as pcapng.
pub(super) fn write(path: &Path, records: &[Record]) {
    let mut writer = PcapNgWriter::create(path).unwrap();
    for (number, record) in (1..).zip(records) {
        let packet = Packet {
            at: PacketRef::new(0, number),
            time: Timestamp::from_nanos(record.ns),
            link: record.link,
            wire_len: record.wire_len,
            bytes: &record.bytes,
        };
        writer.write(&packet).unwrap();
    }
    writer.finish().unwrap();
}
