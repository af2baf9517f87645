//! Conversations as packets in memory: Ethernet, IPv4, TCP.

use redorder::model::{PacketRef, Timestamp};
use redorder::packet::Packet;

const SYN: u8 = 2;
const ACK: u8 = 16;
const HEADERS: usize = 14 + 20 + 20;

/// SET and GET in turn, `at_a_time` in one segment, with their replies.
pub(crate) fn flights(commands: usize, at_a_time: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let all: Vec<usize> = (0..commands).collect();
    all.chunks(at_a_time).map(flight).collect()
}

fn flight(numbers: &[usize]) -> (Vec<u8>, Vec<u8>) {
    let (mut request, mut reply) = (Vec::new(), Vec::new());
    for n in numbers {
        let key = format!("key:{:012}", n * 7_919 % 1_000_000);
        if n % 2 == 0 {
            request.extend(format!("*2\r\n$3\r\nGET\r\n$16\r\n{key}\r\n").bytes());
            reply.extend(b"$3\r\nxxx\r\n");
        } else {
            let set = format!("*3\r\n$3\r\nSET\r\n$16\r\n{key}\r\n$3\r\nxxx\r\n");
            request.extend(set.bytes());
            reply.extend(b"+OK\r\n");
        }
    }
    (request, reply)
}

/// The packets of one connection.
pub(crate) struct Capture(Vec<Vec<u8>>);

impl Capture {
    /// A connection on which this is asked and answered.
    pub(crate) fn of(flights: &[(Vec<u8>, Vec<u8>)]) -> Capture {
        let mut capture = Capture(Vec::new());
        let mut next = [1_000, 2_000];
        capture.send(&mut next, 0, SYN, &[]);
        capture.send(&mut next, 1, SYN | ACK, &[]);
        for (request, reply) in flights {
            capture.send(&mut next, 0, ACK, request);
            capture.send(&mut next, 1, ACK, reply);
            capture.send(&mut next, 0, ACK, &[]);
        }
        capture
    }

    fn send(&mut self, next: &mut [u32; 2], side: usize, flags: u8, data: &[u8]) {
        let ends: [(u8, u16); 2] = [(1, 40_000), (2, 6379)];
        let (from, to) = (ends[side], ends[1 - side]);
        let len = (HEADERS - 14 + data.len()) as u16;
        let number = self.0.len() as u16;
        let mut bytes = Vec::with_capacity(HEADERS + data.len());
        bytes.extend([2, 0, 0, 0, 0, to.0, 2, 0, 0, 0, 0, from.0, 8, 0, 0x45, 0]);
        bytes.extend([len.to_be_bytes(), number.to_be_bytes()].concat());
        bytes.extend([0x40, 0, 64, 6, 0, 0, 10, 0, 0, from.0, 10, 0, 0, to.0]);
        bytes.extend([from.1.to_be_bytes(), to.1.to_be_bytes()].concat());
        bytes.extend([next[side].to_be_bytes(), next[1 - side].to_be_bytes()].concat());
        bytes.extend([0x50, flags, 1, 0, 0, 0, 0, 0]);
        bytes.extend(data);
        self.0.push(bytes);
        next[side] += data.len() as u32 + u32::from(flags & SYN != 0);
    }

    /// Each of `every` packets comes behind the next one; with 0 none does.
    pub(crate) fn shuffle(&mut self, every: usize) {
        if every > 0 {
            for pair in self.0.chunks_exact_mut(every.max(2)) {
                pair.swap(0, 1);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn packets(&self) -> impl Iterator<Item = Packet<'_>> {
        self.0.iter().zip(1..).map(|(bytes, number)| Packet {
            at: PacketRef::new(0, number),
            time: Timestamp::from_nanos(1_700_000_000_000_000_000 + number as i64 * 15_000),
            link: 1,
            wire_len: bytes.len() as u32,
            bytes,
        })
    }
}
