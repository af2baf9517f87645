//! The decoder against packets put together at random: what goes in comes out, whatever is around it.

use crate::packet_build::{Tcp, Wrapper, fragmented, frame, linked, outer_ip, udp};
use proptest::collection::vec;
use proptest::prelude::*;
use redorder::model::{PacketRef, Timestamp};
use redorder::packet::{DecodeLimits, Decoded, Decoder, Packet, SkipReason};

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
    for (id, inner) in (0u16..).zip(fragmented(&small().packet(), &[20])) {
        for mut outer in fragmented(&Wrapper::Vxlan(4789).around(inner), &[9]) {
            outer.bytes[4..6].copy_from_slice(&id.to_be_bytes());
            let bytes = frame(&outer);
            if let Decoded::Segment(got) = decoder.decode(&record(1, &bytes, bytes.len())) {
                small().check(&got);
                assert_eq!(got.cut, 0);
                found += 1;
            }
        }
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

/// A real access concentrator does this: the length of PPPoE leaves out padding that the length of IP counts. What lies
/// beyond the outer length was never payload, and is no hole either.
#[test]
fn an_inner_length_beyond_an_outer_one_is_no_cut() {
    let tcp = Tcp {
        payload: Vec::new(),
        ..small()
    };
    let mut packet = tcp.packet();
    let len = packet.bytes.len();
    let mut session = Wrapper::Pppoe.around(packet.clone());
    packet.bytes[2..4].copy_from_slice(
        &u16::try_from(len + 6)
            .expect("a small packet")
            .to_be_bytes(),
    );
    session.bytes.truncate(8);
    session.bytes.extend(&packet.bytes);
    session.bytes.extend([0; 6]);
    let bytes = frame(&session);
    let mut decoder = Decoder::new(DecodeLimits::default());
    match decoder.decode(&record(1, &bytes, bytes.len())) {
        Decoded::Segment(got) => assert_eq!((got.payload.len(), got.cut), (0, 0)),
        Decoded::Skip(reason) => panic!("{reason:?}"),
    }
}
