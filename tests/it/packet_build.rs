//! Packets put together by hand: TCP in IP, and what can be around it.

use etherparse::{PacketBuilder, TcpOptionElement};
use redorder::packet::Segment;

/// What a segment must say.
#[derive(Clone, Debug)]
pub(crate) struct Tcp {
    pub(crate) v6: bool,
    pub(crate) ports: (u16, u16),
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) window: u16,
    pub(crate) stamped: bool,
    pub(crate) payload: Vec<u8>,
}

impl Tcp {
    /// The IP packet, its EtherType in front as the wrappers want it.
    pub(crate) fn packet(&self) -> Carried {
        let mut options = Vec::new();
        if self.stamped {
            options = vec![
                TcpOptionElement::Noop,
                TcpOptionElement::Noop,
                TcpOptionElement::Timestamp(5, 6),
            ];
        }
        let ip = if self.v6 {
            PacketBuilder::ipv6([0xfd; 16], [0xfe; 16], 64)
        } else {
            PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
        };
        let builder = ip
            .tcp(self.ports.0, self.ports.1, self.seq, self.window)
            .ack(self.ack)
            .options(&options)
            .expect("three options fit");
        let mut bytes = Vec::new();
        builder
            .write(&mut bytes, &self.payload)
            .expect("the payload fits");
        Carried {
            ethertype: if self.v6 { 0x86dd } else { 0x0800 },
            bytes,
        }
    }

    pub(crate) fn check(&self, got: &Segment<'_>) {
        assert_eq!((got.src.port, got.dst.port), self.ports);
        assert_eq!(got.src.addr.is_ipv6(), self.v6);
        assert_eq!(
            (got.seq, got.ack, got.window),
            (self.seq, self.ack, self.window)
        );
        assert!(got.flags.ack() && !got.flags.syn());
        assert_eq!(got.payload.len() + got.cut as usize, self.payload.len());
        assert_eq!(got.payload, &self.payload[..got.payload.len()]);
    }
}

/// Bytes and the EtherType that announces them.
#[derive(Clone, Debug)]
pub(crate) struct Carried {
    pub(crate) ethertype: u16,
    pub(crate) bytes: Vec<u8>,
}

/// One thing put around a packet.
#[derive(Clone, Debug)]
pub(crate) enum Wrapper {
    Vlan(u16),
    Mpls(u8),
    Pppoe,
    Backbone,
    IpIp(bool),
    Gre { v6: bool, flags: u8 },
    Erspan(u8),
    Vxlan(u16),
    Geneve(u8),
    Extensions(Vec<u8>),
}

pub(crate) fn outer_ip(v6: bool, protocol: u8, payload: &[u8]) -> Carried {
    let len = u16::try_from(payload.len()).expect("a small packet");
    let bytes = if v6 {
        let head = [0x60, 0, 0, 0]
            .into_iter()
            .chain(len.to_be_bytes())
            .chain([protocol, 64]);
        head.chain([0xfc; 32])
            .chain(payload.iter().copied())
            .collect()
    } else {
        let head = [0x45, 0].into_iter().chain((len + 20).to_be_bytes());
        let head = head.chain([
            0, 7, 0x40, 0, 64, protocol, 0, 0, 172, 16, 0, 1, 172, 16, 0, 2,
        ]);
        head.chain(payload.iter().copied()).collect()
    };
    Carried {
        ethertype: if v6 { 0x86dd } else { 0x0800 },
        bytes,
    }
}

pub(crate) fn frame(inner: &Carried) -> Vec<u8> {
    [&[2; 12][..], &inner.ethertype.to_be_bytes(), &inner.bytes].concat()
}

pub(crate) fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(payload.len() + 8).expect("a small packet");
    [
        &[0xcc, 0xcc][..],
        &port.to_be_bytes(),
        &len.to_be_bytes(),
        &[0, 0],
        payload,
    ]
    .concat()
}

impl Wrapper {
    /// The packet with this around it; unchanged where the two do not go together.
    pub(crate) fn around(&self, inner: Carried) -> Carried {
        let ip = matches!(inner.ethertype, 0x0800 | 0x86dd);
        let number = inner.ethertype.to_be_bytes();
        let announced = |ethertype: u16, head: &[u8]| Carried {
            ethertype,
            bytes: [head, &inner.bytes].concat(),
        };
        match self {
            Wrapper::Vlan(tag) => announced(*tag, &[0x20, 7, number[0], number[1]]),
            Wrapper::Mpls(labels) if ip => {
                let mut head = [0, 1, 0x20, 64].repeat(usize::from(*labels));
                head.extend([0, 2, 0x21, 64]);
                announced(0x8847, &head)
            }
            Wrapper::Pppoe if ip => {
                let len = u16::try_from(inner.bytes.len() + 2)
                    .expect("a small packet")
                    .to_be_bytes();
                let protocol = if inner.ethertype == 0x0800 {
                    0x21
                } else {
                    0x57
                };
                announced(0x8864, &[0x11, 0, 0, 1, len[0], len[1], 0, protocol])
            }
            Wrapper::Backbone => Carried {
                ethertype: 0x88e7,
                bytes: [&[0, 0, 0, 9][..], &frame(&inner)].concat(),
            },
            Wrapper::Extensions(kinds) if inner.ethertype == 0x86dd => extended(inner, kinds),
            Wrapper::Mpls(_) | Wrapper::Pppoe | Wrapper::Extensions(_) => inner,
            tunnel => tunnel.tunnel(inner),
        }
    }

    /// The packet inside a tunnel over IP.
    fn tunnel(&self, inner: Carried) -> Carried {
        let number = inner.ethertype.to_be_bytes();
        match self {
            Wrapper::IpIp(v6) if matches!(inner.ethertype, 0x0800 | 0x86dd) => outer_ip(
                *v6,
                if inner.ethertype == 0x0800 { 4 } else { 41 },
                &inner.bytes,
            ),
            Wrapper::Gre { v6, flags } => {
                let words = (flags & 0xb0).count_ones() as usize;
                let head = [
                    &[flags & 0xb0, 0, number[0], number[1]][..],
                    &vec![0; words * 4],
                ]
                .concat();
                outer_ip(*v6, 47, &[head, inner.bytes].concat())
            }
            Wrapper::Erspan(kind) => {
                let (flags, ethertype, zeros) = match kind {
                    1 => (0, [0x88, 0xbe], 0),
                    2 => (0x10, [0x88, 0xbe], 12),
                    _ => (0x10, [0x22, 0xeb], 16),
                };
                let head = [&[flags, 0][..], &ethertype, &vec![0; zeros]].concat();
                outer_ip(false, 47, &[head, frame(&inner)].concat())
            }
            Wrapper::Vxlan(port) => {
                let inside = [&[8, 0, 0, 0, 0, 0, 1, 0][..], &frame(&inner)].concat();
                outer_ip(false, 17, &udp(*port, &inside))
            }
            Wrapper::Geneve(words) => {
                let head = [
                    &[*words, 0, 0x65, 0x58, 0, 0, 1, 0][..],
                    &vec![0; usize::from(*words) * 4],
                ]
                .concat();
                outer_ip(true, 17, &udp(6081, &[head, frame(&inner)].concat()))
            }
            _ => inner,
        }
    }
}

/// Extension headers put behind an IPv6 header.
fn extended(inner: Carried, kinds: &[u8]) -> Carried {
    let (head, mut rest) = inner.bytes.split_at(40);
    let mut next = head[6];
    let mut tail;
    for kind in kinds {
        let header: Vec<u8> = match kind {
            44 => vec![next, 0, 0, 0, 1, 2, 3, 4],
            51 => [&[next, 4][..], &[0; 22]].concat(),
            _ => [&[next, 1][..], &[0; 14]].concat(),
        };
        tail = [&header[..], rest].concat();
        rest = &tail;
        next = *kind;
    }
    let len = u16::try_from(rest.len())
        .expect("a small packet")
        .to_be_bytes();
    let mut bytes = [head, rest].concat();
    bytes[4..6].copy_from_slice(&len);
    bytes[6] = next;
    Carried {
        ethertype: 0x86dd,
        bytes,
    }
}

/// The outermost layer.
pub(crate) fn linked(link: u16, inner: &Carried) -> Option<Vec<u8>> {
    let number = inner.ethertype.to_be_bytes();
    let ip = matches!(inner.ethertype, 0x0800 | 0x86dd);
    let v6 = inner.ethertype == 0x86dd;
    let head: Vec<u8> = match link {
        1 => return Some(frame(inner)),
        113 => [&[0, 0, 3, 4, 0, 6][..], &[0; 8], &number].concat(),
        276 => [&number[..], &[0, 0, 0, 0, 0, 1, 3, 4], &[0; 10]].concat(),
        0 if ip => vec![if v6 { 30 } else { 2 }, 0, 0, 0],
        108 if ip => vec![0, 0, 0, if v6 { 24 } else { 2 }],
        101 | 12 | 14 if ip => Vec::new(),
        228 if ip && !v6 => Vec::new(),
        229 if v6 => Vec::new(),
        9 if ip => vec![0, if v6 { 0x57 } else { 0x21 }],
        50 if ip => vec![0xff, 3, 0, if v6 { 0x57 } else { 0x21 }],
        104 => vec![0x0f, 0, number[0], number[1]],
        _ => return None,
    };
    Some([head, inner.bytes.clone()].concat())
}

/// The packet in fragments of the given sizes (in units of 8 bytes, over and over).
pub(crate) fn fragmented(packet: &Carried, sizes: &[usize]) -> Vec<Carried> {
    let v6 = packet.ethertype == 0x86dd;
    let (head, payload) = packet.bytes.split_at(if v6 { 40 } else { 20 });
    let mut fragments = Vec::new();
    let mut offset = 0;
    for size in sizes.iter().cycle() {
        let end = (offset + size * 8).min(payload.len());
        let more = end < payload.len();
        let place = u16::try_from(offset).expect("a small packet");
        let mut bytes = head.to_vec();
        if v6 {
            let field = (place | u16::from(more)).to_be_bytes();
            bytes[6] = 44;
            bytes.extend([6, 0, field[0], field[1], 1, 2, 3, 4]);
        } else {
            let field = (place / 8) | if more { 0x2000 } else { 0 };
            bytes[6..8].copy_from_slice(&field.to_be_bytes());
        }
        bytes.extend(&payload[offset..end]);
        let len = u16::try_from(bytes.len() - if v6 { 40 } else { 0 }).expect("a small packet");
        let at = if v6 { 4 } else { 2 };
        bytes[at..at + 2].copy_from_slice(&len.to_be_bytes());
        fragments.push(Carried {
            ethertype: packet.ethertype,
            bytes,
        });
        offset = end;
        if !more {
            break;
        }
    }
    fragments
}
