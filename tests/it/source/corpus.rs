//! Captures built byte by byte, with what they hold.

use super::Seen;

/// A file of the corpus: its bytes, and the packets that must come out.
pub(crate) struct Built {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) packets: Vec<Seen>,
}

/// Writes numbers in one byte order.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    pub(crate) big: bool,
}

impl Order {
    pub(crate) fn name(self) -> &'static str {
        if self.big { "be" } else { "le" }
    }

    pub(crate) fn u16(self, n: u16) -> [u8; 2] {
        if self.big {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    }

    pub(crate) fn u32(self, n: u32) -> [u8; 4] {
        if self.big {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    }

    pub(crate) fn u64(self, n: u64) -> [u8; 8] {
        if self.big {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    }
}

pub(crate) const LITTLE: Order = Order { big: false };
pub(crate) const BIG: Order = Order { big: true };
pub(crate) const ORDERS: [Order; 2] = [LITTLE, BIG];

const START: i64 = 1_700_000_000_123_456_000;

/// Packets of all paddings, an empty one, a cut one, and a large one; times on whole microseconds.
pub(crate) fn packets(link: u16) -> Vec<Seen> {
    let lens = [60, 61, 62, 63, 0, 1, 1514, 54, 66_000, 54];
    let packet = |(index, len): (usize, &usize)| Seen {
        number: index as u64 + 1,
        time: START + index as i64 * 1_001_000,
        wire_len: *len as u32 + if index % 3 == 1 { 500 } else { 0 },
        link,
        bytes: (0..*len).map(|i| (i * 31 + index) as u8).collect(),
    };
    lens.iter().enumerate().map(packet).collect()
}

/// Kinds of pcap file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Micros,
    Nanos,
    Modified,
}

/// A pcap file. `network` is the link type word of the header, upper bits and all.
pub(crate) fn pcap(
    order: Order,
    kind: Kind,
    snaplen: u32,
    network: u32,
    packets: &[Seen],
) -> Vec<u8> {
    let magic = match kind {
        Kind::Micros => 0xA1B2_C3D4,
        Kind::Nanos => 0xA1B2_3C4D,
        Kind::Modified => 0xA1B2_CD34,
    };
    let mut out = order.u32(magic).to_vec();
    out.extend([order.u16(2), order.u16(4)].concat());
    for word in [0, 0, snaplen, network] {
        out.extend(order.u32(word));
    }
    for packet in packets {
        let fraction = packet.time % 1_000_000_000;
        let fraction = if kind == Kind::Nanos {
            fraction
        } else {
            fraction / 1_000
        };
        let seconds = (packet.time / 1_000_000_000) as u32;
        for word in [
            seconds,
            fraction as u32,
            packet.bytes.len() as u32,
            packet.wire_len,
        ] {
            out.extend(order.u32(word));
        }
        if kind == Kind::Modified {
            out.extend([0, 0, 0, 2, 8, 0, 4, 0]);
        }
        out.extend(&packet.bytes);
    }
    out
}

/// A pcapng file in the making.
pub(crate) struct Ng {
    pub(crate) order: Order,
    pub(crate) out: Vec<u8>,
}

impl Ng {
    pub(crate) fn new(order: Order) -> Self {
        let mut ng = Ng {
            order,
            out: Vec::new(),
        };
        ng.section(order);
        ng
    }

    /// The file so far: its name tells what it shows and in which byte order it began.
    fn built(self, what: &str, order: Order, packets: Vec<Seen>) -> Built {
        Built {
            name: format!("{what}-{}.pcapng", order.name()),
            bytes: self.out,
            packets,
        }
    }

    pub(crate) fn section(&mut self, order: Order) {
        self.order = order;
        let mut body = order.u32(0x1A2B_3C4D).to_vec();
        body.extend([order.u16(1), order.u16(0)].concat());
        body.extend(order.u64(u64::MAX));
        body.extend(self.option(1, b"a section"));
        body.extend([0; 4]);
        self.block(0x0A0D_0D0A, &body);
    }

    pub(crate) fn block(&mut self, kind: u32, body: &[u8]) {
        let padding = body.len().next_multiple_of(4) - body.len();
        let len = (body.len() + padding + 12) as u32;
        self.out.extend(self.order.u32(kind));
        self.out.extend(self.order.u32(len));
        self.out.extend(body);
        self.out.extend(&[0; 3][..padding]);
        self.out.extend(self.order.u32(len));
    }

    pub(crate) fn option(&self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut out = [self.order.u16(code), self.order.u16(value.len() as u16)].concat();
        out.extend(value);
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }

    pub(crate) fn interface(&mut self, link: u16, snaplen: u32, options: &[(u16, Vec<u8>)]) {
        let mut body = [self.order.u16(link), [0; 2]].concat();
        body.extend(self.order.u32(snaplen));
        for (code, value) in options {
            body.extend(self.option(*code, value));
        }
        if !options.is_empty() {
            body.extend([0; 4]);
        }
        self.block(1, &body);
    }

    /// An Enhanced Packet Block; `units` is the time in the interface's unit.
    pub(crate) fn enhanced(
        &mut self,
        interface: u32,
        units: u64,
        packet: &Seen,
        comment: Option<&str>,
    ) {
        let mut body = Vec::new();
        let captured = packet.bytes.len() as u32;
        for word in [
            interface,
            (units >> 32) as u32,
            units as u32,
            captured,
            packet.wire_len,
        ] {
            body.extend(self.order.u32(word));
        }
        body.extend(&packet.bytes);
        if let Some(comment) = comment {
            body.resize(body.len().next_multiple_of(4), 0);
            body.extend(self.option(1, comment.as_bytes()));
            body.extend([0; 4]);
        }
        self.block(6, &body);
    }

    /// The obsolete Packet Block.
    pub(crate) fn old(&mut self, interface: u16, units: u64, packet: &Seen) {
        let mut body = [self.order.u16(interface), self.order.u16(3)].concat();
        let captured = packet.bytes.len() as u32;
        for word in [
            (units >> 32) as u32,
            units as u32,
            captured,
            packet.wire_len,
        ] {
            body.extend(self.order.u32(word));
        }
        body.extend(&packet.bytes);
        self.block(2, &body);
    }

    pub(crate) fn simple(&mut self, packet: &Seen) {
        let mut body = self.order.u32(packet.wire_len).to_vec();
        body.extend(&packet.bytes);
        self.block(3, &body);
    }
}

/// The whole corpus: every variant in both byte orders.
pub(crate) fn corpus() -> Vec<Built> {
    ORDERS
        .into_iter()
        .flat_map(|order| {
            let mut all = classic(order);
            all.extend(resolutions(order));
            all.push(side_blocks(order));
            all.push(two_links(order));
            all.push(two_sections(order));
            all.push(old_blocks(order));
            all.push(simple_blocks(order));
            all
        })
        .collect()
}

fn classic(order: Order) -> Vec<Built> {
    let built = |name: &str, kind, snaplen, network, packets: Vec<Seen>| Built {
        name: format!("{name}-{}.pcap", order.name()),
        bytes: pcap(order, kind, snaplen, network, &packets),
        packets,
    };
    let mut nanos = packets(1);
    for (index, packet) in nanos.iter_mut().enumerate() {
        packet.time += 7 * index as i64 + 1;
    }
    vec![
        built("micros", Kind::Micros, 262_144, 1, packets(1)),
        built("nanos", Kind::Nanos, 262_144, 1, nanos),
        built("modified", Kind::Modified, 262_144, 1, packets(1)),
        // Four bytes of frame check sequence, said in the upper bits.
        built("fcs", Kind::Micros, 262_144, 0x4400_0001, packets(1)),
        built("above-snaplen", Kind::Micros, 64, 113, packets(113)),
        built("empty", Kind::Micros, 262_144, 276, Vec::new()),
    ]
}

/// Every way to say how long a unit of time is.
fn resolutions(order: Order) -> Vec<Built> {
    // Name, options, from nanoseconds to units, what is left of the precision.
    type Case = (&'static str, Vec<(u16, Vec<u8>)>, fn(i64) -> u64, i64);
    let second = 1_000_000_000;
    let cases: [Case; 6] = [
        ("default", vec![], |t| t as u64 / 1_000, 1_000),
        ("nano", vec![(9, vec![9])], |t| t as u64, 1),
        (
            "milli",
            vec![(9, vec![3])],
            |t| t as u64 / 1_000_000,
            1_000_000,
        ),
        (
            "pico",
            vec![(9, vec![12])],
            |t| (t as u64 % 10_000_000_000) * 1_000,
            1,
        ),
        (
            "binary",
            vec![(9, vec![0x80 | 10])],
            |t| t as u64 / 1_000_000_000 * 1024 + 512,
            1,
        ),
        (
            "offset",
            vec![(9, vec![9]), (14, order.u64(1_000).to_vec())],
            |t| t as u64 - 1_000 * 1_000_000_000,
            1,
        ),
    ];
    cases
        .into_iter()
        .map(|(name, options, units, step)| {
            let mut ng = Ng::new(order);
            ng.interface(1, 262_144, &options);
            let mut packets = packets(1);
            for packet in &mut packets {
                ng.enhanced(0, units(packet.time), packet, None);
                packet.time = match name {
                    "pico" => packet.time % 10_000_000_000,
                    "binary" => packet.time / second * second + second / 2,
                    _ => packet.time / step * step,
                };
            }
            ng.built(name, order, packets)
        })
        .collect()
}

/// A packet, then each kind of block that holds none, then the rest.
fn side_blocks(order: Order) -> Built {
    let mut ng = Ng::new(order);
    ng.interface(
        1,
        0,
        &[
            (2, b"eth0".to_vec()),
            (3, b"described".to_vec()),
            (9, vec![9]),
        ],
    );
    let packets = packets(1);
    ng.enhanced(0, packets[0].time as u64, &packets[0], Some("look here"));
    let mut name = [order.u16(1), order.u16(9)].concat();
    name.extend([10, 0, 0, 1, b'h', b'o', b's', b't', 0, 0, 0, 0, 0, 0, 0, 0]);
    ng.block(4, &name);
    let mut secrets = [order.u32(0x544C_534B), order.u32(5)].concat();
    secrets.extend(b"keys\n");
    ng.block(10, &secrets);
    let mut statistics = [order.u32(0), order.u32(0), order.u32(0)].concat();
    statistics.extend(ng.option(5, &order.u64(7)));
    statistics.extend(ng.option(7, &order.u64(9)));
    statistics.extend([0; 4]);
    ng.block(5, &statistics);
    ng.block(0x8000_0001, &order.u32(4242));
    ng.block(0x7777, b"nobody knows");
    for packet in &packets[1..] {
        ng.enhanced(0, packet.time as u64, packet, None);
    }
    ng.built("side", order, packets)
}

/// Two interfaces of different link types and resolutions, packets in turn.
fn two_links(order: Order) -> Built {
    let mut ng = Ng::new(order);
    ng.interface(1, 262_144, &[(2, b"eth0".to_vec())]);
    ng.interface(113, 262_144, &[(2, b"any".to_vec()), (9, vec![9])]);
    let mut packets = packets(1);
    for (index, packet) in packets.iter_mut().enumerate() {
        let second = index % 2;
        packet.link = [1, 113][second];
        ng.enhanced(
            second as u32,
            packet.time as u64 / [1_000, 1][second],
            packet,
            None,
        );
    }
    ng.built("links", order, packets)
}

/// Two sections of opposite byte order.
fn two_sections(order: Order) -> Built {
    let mut ng = Ng::new(order);
    let packets = packets(1);
    let (before, after) = packets.split_at(4);
    ng.interface(1, 262_144, &[(9, vec![9])]);
    for packet in before {
        ng.enhanced(0, packet.time as u64, packet, None);
    }
    ng.section(Order { big: !order.big });
    ng.interface(1, 262_144, &[]);
    for packet in after {
        ng.enhanced(0, packet.time as u64 / 1_000, packet, None);
    }
    ng.built("sections", order, packets)
}

fn old_blocks(order: Order) -> Built {
    let mut ng = Ng::new(order);
    ng.interface(1, 262_144, &[]);
    let packets = packets(1);
    for packet in &packets {
        ng.old(0, packet.time as u64 / 1_000, packet);
    }
    ng.built("old", order, packets)
}

/// Simple blocks: the snapshot length says what was captured, the packet before says when.
fn simple_blocks(order: Order) -> Built {
    let mut ng = Ng::new(order);
    ng.interface(1, 1_000, &[(9, vec![9])]);
    let mut packets = packets(1);
    packets.retain(|packet| {
        packet.bytes.len() as u32 == packet.wire_len && packet.bytes.len() <= 1_000
    });
    let time = packets[0].time;
    ng.enhanced(0, time as u64, &packets[0], None);
    for (index, packet) in packets.iter_mut().enumerate() {
        packet.number = index as u64 + 1;
        packet.time = time;
        if index > 0 {
            ng.simple(packet);
        }
    }
    let mut cut = packets[0].clone();
    cut.number = packets.len() as u64 + 1;
    cut.bytes = vec![5; 1_000];
    cut.wire_len = 1_400;
    ng.simple(&cut);
    packets.push(cut);
    ng.built("simple", order, packets)
}
