//! The decoder against packets put together at random: what goes in comes out, whatever is around it.

use etherparse::{PacketBuilder, TcpOptionElement};
use proptest::collection::vec;
use proptest::prelude::*;
use redorder::model::{PacketRef, Timestamp};
use redorder::packet::{DecodeLimits, Decoded, Decoder, Packet, Segment, SkipReason};

/// What a segment must say.
#[derive(Clone, Debug)]
struct Tcp {
    v6: bool,
    ports: (u16, u16),
    seq: u32,
    ack: u32,
    window: u16,
    stamped: bool,
    payload: Vec<u8>,
}

impl Tcp {
    /// The IP packet, its EtherType in front as the wrappers want it.
    fn packet(&self) -> Carried {
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

    fn check(&self, got: &Segment<'_>) {
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
struct Carried {
    ethertype: u16,
    bytes: Vec<u8>,
}

/// One thing put around a packet.
#[derive(Clone, Debug)]
enum Wrapper {
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

fn outer_ip(v6: bool, protocol: u8, payload: &[u8]) -> Carried {
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

fn frame(inner: &Carried) -> Vec<u8> {
    [&[2; 12][..], &inner.ethertype.to_be_bytes(), &inner.bytes].concat()
}

fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
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
    fn around(&self, inner: Carried) -> Carried {
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
            Wrapper::IpIp(v6) if ip => outer_ip(
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
            Wrapper::Extensions(kinds) if inner.ethertype == 0x86dd => extended(inner, kinds),
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
fn linked(link: u16, inner: &Carried) -> Option<Vec<u8>> {
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

const LINKS: [u16; 13] = [1, 113, 276, 0, 108, 101, 12, 14, 228, 229, 9, 50, 104];

/// Outer headers cut off the front of `whole`, up to and with the TCP header.
fn headers_len(whole: &[u8], tcp: &Tcp) -> usize {
    whole.len() - tcp.payload.len()
}

fn record(link: u16, bytes: &[u8], wire_len: usize) -> Packet<'_> {
    Packet {
        at: PacketRef::new(0, 1),
        time: Timestamp::from_nanos(0),
        link,
        wire_len: u32::try_from(wire_len).expect("a small packet"),
        bytes,
    }
}

fn tcp() -> impl Strategy<Value = Tcp> {
    let numbers = (any::<u32>(), any::<u32>(), any::<u16>());
    (
        any::<(bool, bool)>(),
        any::<(u16, u16)>(),
        numbers,
        vec(any::<u8>(), 0..400),
    )
        .prop_map(|((v6, stamped), ports, (seq, ack, window), payload)| Tcp {
            v6,
            ports,
            seq,
            ack,
            window,
            stamped,
            payload,
        })
}

fn wrapper() -> impl Strategy<Value = Wrapper> {
    prop_oneof![
        prop::sample::select(vec![0x8100, 0x88a8, 0x9100, 0x9200]).prop_map(Wrapper::Vlan),
        (0u8..4).prop_map(Wrapper::Mpls),
        Just(Wrapper::Pppoe),
        Just(Wrapper::Backbone),
        any::<bool>().prop_map(Wrapper::IpIp),
        any::<(bool, u8)>().prop_map(|(v6, flags)| Wrapper::Gre { v6, flags }),
        (1u8..4).prop_map(Wrapper::Erspan),
        prop::sample::select(vec![4789, 8472]).prop_map(Wrapper::Vxlan),
        (0u8..64).prop_map(Wrapper::Geneve),
        vec(prop::sample::select(vec![0, 43, 44, 51, 60, 135]), 0..5).prop_map(Wrapper::Extensions),
    ]
}

/// A packet, wrapped: link type, bytes, what must come out.
fn wrapped() -> impl Strategy<Value = (u16, Vec<u8>, Tcp)> {
    (
        tcp(),
        vec(wrapper(), 0..6),
        prop::sample::select(LINKS.to_vec()),
    )
        .prop_map(|(tcp, wrappers, link)| {
            let carried = wrappers
                .iter()
                .fold(tcp.packet(), |inner, wrapper| wrapper.around(inner));
            let (link, bytes) =
                linked(link, &carried).map_or_else(|| (1, frame(&carried)), |bytes| (link, bytes));
            (link, bytes, tcp)
        })
}

proptest! {
    #[test]
    fn what_goes_in_comes_out((link, bytes, tcp) in wrapped(), padding in 0usize..20) {
        let padded = [&bytes[..], &vec![0; padding]].concat();
        let mut decoder = Decoder::new(DecodeLimits::default());
        match decoder.decode(&record(link, &padded, padded.len())) {
            Decoded::Segment(got) => {
                tcp.check(&got);
                prop_assert_eq!(got.cut, 0);
            }
            Decoded::Skip(reason) => prop_assert!(false, "{:?}", reason),
        }
        prop_assert!(decoder.limit_hits().all(|(_, hits)| hits == 0));
    }

    #[test]
    fn every_snapshot_length_is_honest((link, bytes, tcp) in wrapped(), padding in 0usize..20) {
        let mut decoder = Decoder::new(DecodeLimits::default());
        let headers = headers_len(&bytes, &tcp);
        for len in 0..=bytes.len() {
            match decoder.decode(&record(link, &bytes[..len], bytes.len() + padding)) {
                Decoded::Segment(got) => {
                    tcp.check(&got);
                    prop_assert_eq!(got.payload.len(), len - headers);
                }
                Decoded::Skip(reason) => {
                    prop_assert_eq!(reason, SkipReason::CutBeforeTcp, "{} of {}", len, bytes.len());
                    prop_assert!(len < headers, "{} of {}", len, bytes.len());
                }
            }
        }
    }

    #[test]
    fn the_same_packet_has_one_fingerprint(
        tcp in tcp(),
        ways in vec((vec(wrapper(), 0..3), prop::sample::select(LINKS.to_vec())), 2),
    ) {
        let mut decoder = Decoder::new(DecodeLimits::default());
        let mut prints = Vec::new();
        for (wrappers, link) in ways {
            // Extension headers belong to the packet itself.
            let wrappers = wrappers.iter().filter(|wrapper| !matches!(wrapper, Wrapper::Extensions(_)));
            let carried = wrappers.fold(tcp.packet(), |inner, wrapper| wrapper.around(inner));
            let Some(bytes) = linked(link, &carried) else { continue };
            if let Decoded::Segment(got) = decoder.decode(&record(link, &bytes, bytes.len())) {
                prints.push(got.fingerprint);
            }
        }
        prop_assert!(prints.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn damage_never_panics(
        (link, bytes, _) in wrapped(),
        flips in vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        len in any::<prop::sample::Index>(),
        wire_len in any::<u16>(),
    ) {
        let mut bytes = bytes;
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let cut = len.index(bytes.len() + 1);
        let mut decoder = Decoder::new(DecodeLimits::default());
        for (bytes, wire_len) in [(&bytes[..], bytes.len()), (&bytes[..cut], usize::from(wire_len))] {
            if let Decoded::Segment(got) = decoder.decode(&record(link, bytes, wire_len)) {
                prop_assert!(got.payload.len() <= bytes.len());
            }
        }
    }

    #[test]
    fn noise_never_panics(link in prop::sample::select(LINKS.to_vec()), bytes in vec(any::<u8>(), 0..200)) {
        let mut decoder = Decoder::new(DecodeLimits::default());
        decoder.decode(&record(link, &bytes, bytes.len()));
    }

    #[test]
    fn fragments_in_any_order_give_the_segment_back(
        (tcp, big) in (tcp(), vec(any::<u8>(), 0..20_000)),
        cuts in vec(1usize..400, 1..12),
        order in any::<prop::sample::Index>(),
        around in vec(wrapper(), 0..3),
        twice in any::<bool>(),
    ) {
        let tcp = Tcp { payload: big, ..tcp };
        let mut fragments = fragmented(&tcp.packet(), &cuts);
        let expected = fragments.len();
        if twice {
            fragments = fragments.iter().flat_map(|one| [one.clone(), one.clone()]).collect();
        }
        shuffle(&mut fragments, order.index(usize::MAX));
        let mut decoder = Decoder::new(DecodeLimits::default());
        let mut found = 0;
        for fragment in &fragments {
            let carried = around.iter().filter(|w| !matches!(w, Wrapper::Extensions(_)));
            let bytes = frame(&carried.fold(fragment.clone(), |inner, wrapper| wrapper.around(inner)));
            match decoder.decode(&record(1, &bytes, bytes.len())) {
                Decoded::Segment(got) => {
                    tcp.check(&got);
                    prop_assert_eq!(got.cut, 0);
                    found += 1;
                }
                Decoded::Skip(reason) => prop_assert_eq!(reason, SkipReason::Fragment),
            }
        }
        // A packet that is whole is no fragment: what is captured twice comes out twice.
        let times = if twice && expected == 1 { 2 } else { 1 };
        prop_assert_eq!((found, decoder.incomplete()), (times, 0), "{} fragments", expected);
    }
}

/// The packet in fragments of the given sizes (in units of 8 bytes, over and over).
fn fragmented(packet: &Carried, sizes: &[usize]) -> Vec<Carried> {
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

/// A permutation that the seed decides.
fn shuffle<T>(items: &mut [T], seed: usize) {
    let mut state = seed as u64 | 1;
    for last in (1..items.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        items.swap(last, (state >> 33) as usize % (last + 1));
    }
}

fn small() -> Tcp {
    Tcp {
        v6: false,
        ports: (50_000, 6_379),
        seq: 7,
        ack: 8,
        window: 9,
        stamped: true,
        payload: b"*1\r\n$4\r\nPING\r\n".repeat(50),
    }
}

#[test]
fn fragments_inside_a_fragmented_tunnel() {
    let mut decoder = Decoder::new(DecodeLimits::default());
    let mut found = 0;
    let mut id = 0u16;
    for inner in fragmented(&small().packet(), &[20]) {
        for mut outer in fragmented(&Wrapper::Vxlan(4789).around(inner), &[9]) {
            outer.bytes[4..6].copy_from_slice(&id.to_be_bytes());
            let bytes = frame(&outer);
            if let Decoded::Segment(got) = decoder.decode(&record(1, &bytes, bytes.len())) {
                small().check(&got);
                assert_eq!(got.cut, 0);
                found += 1;
            }
        }
        id += 1;
    }
    assert_eq!((found, decoder.incomplete()), (1, 0));
}

#[test]
fn every_bound_is_counted() {
    let tunnels = DecodeLimits::default().tunnel_depth as usize;
    let extensions = DecodeLimits::default().ip_extensions as usize;
    let links = DecodeLimits::default().link_headers as usize;
    let v6 = Tcp {
        v6: true,
        ..small()
    };
    let nested =
        |n, wrapper: Wrapper| (0..n).fold(small().packet(), |inner, _| wrapper.around(inner));
    let table = [
        (
            "tunnel_depth",
            nested(tunnels, Wrapper::IpIp(false)),
            nested(tunnels + 1, Wrapper::IpIp(false)),
        ),
        (
            "link_headers",
            nested(links, Wrapper::Vlan(0x8100)),
            nested(links + 1, Wrapper::Vlan(0x8100)),
        ),
        (
            "ip_extensions",
            Wrapper::Extensions(vec![60; extensions]).around(v6.packet()),
            Wrapper::Extensions(vec![60; extensions + 1]).around(v6.packet()),
        ),
    ];
    for (name, allowed, too_deep) in table {
        let mut decoder = Decoder::new(DecodeLimits::default());
        let bytes = frame(&allowed);
        let got = decoder.decode(&record(1, &bytes, bytes.len()));
        assert!(matches!(got, Decoded::Segment(_)), "{name}: {got:?}");
        let bytes = frame(&too_deep);
        let got = decoder.decode(&record(1, &bytes, bytes.len()));
        assert!(
            matches!(got, Decoded::Skip(SkipReason::TunnelTooDeep)),
            "{name}: {got:?}"
        );
        let hits: Vec<_> = decoder.limit_hits().filter(|(_, hits)| *hits > 0).collect();
        assert_eq!(hits, [(name, 1)]);
    }
}

#[test]
fn what_is_no_segment_says_why() {
    let ip = |protocol| frame(&outer_ip(false, protocol, &udp(53, b"query")));
    let bad_offset = {
        let mut bytes = frame(&small().packet());
        bytes[14 + 20 + 12] = 0x40;
        bytes
    };
    let table = [
        (147, vec![0; 60], SkipReason::UnsupportedLinkType),
        (
            1,
            [&[2; 12][..], &[8, 6], &[0; 28]].concat(),
            SkipReason::NotIp,
        ),
        (1, ip(17), SkipReason::NotTcp),
        (1, ip(1), SkipReason::NotTcp),
        (1, ip(50), SkipReason::NotTcp),
        (1, bad_offset, SkipReason::Malformed),
        (101, vec![0x55; 40], SkipReason::Malformed),
        (101, Vec::new(), SkipReason::Malformed),
    ];
    for (link, bytes, reason) in table {
        let mut decoder = Decoder::new(DecodeLimits::default());
        match decoder.decode(&record(link, &bytes, bytes.len())) {
            Decoded::Skip(got) => assert_eq!(got, reason, "link {link}, {bytes:02x?}"),
            Decoded::Segment(got) => panic!("link {link}: {got:?}"),
        }
    }
}
