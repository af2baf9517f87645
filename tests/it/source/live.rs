//! Capturing on the loopback, where the machine allows it.

use redorder::source::{LiveOptions, LiveSource, PcapNgWriter, Source, interfaces};
use std::net::UdpSocket;

/// Calls that may find nothing before the test gives up; each waits up to 50 ms.
const IDLE_CALLS: usize = 200;

fn open(interface: &str, filter: &str) -> Option<LiveSource> {
    let options = LiveOptions {
        interface: interface.to_owned(),
        promiscuous: true,
        filter: Some(filter.to_owned()),
        file: 3,
    };
    match LiveSource::open(&options) {
        Ok(live) => Some(live),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

/// Sends one datagram and returns what the interface shows of it: link type, time, bytes.
fn capture_one(live: &mut LiveSource, socket: &UdpSocket) -> Option<(u16, i64, Vec<u8>)> {
    socket
        .send_to(b"redorder live test", socket.local_addr().unwrap())
        .unwrap();
    for _ in 0..IDLE_CALLS {
        if let Some(packet) = live.next_packet().unwrap() {
            assert_eq!((packet.at.file(), packet.at.number()), (3, 1));
            return Some((packet.link, packet.time.as_nanos(), packet.bytes.to_vec()));
        }
    }
    None
}

#[test]
fn packets_arrive_and_silence_is_no_hang() {
    for (interface, link) in [("lo", 1), ("any", 276)] {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let filter = format!("udp port {}", socket.local_addr().unwrap().port());
        let Some(mut live) = open(interface, &filter) else {
            return;
        };
        // Nothing sent yet: both calls come back.
        assert!(live.next_packet().unwrap().is_none());
        assert!(live.next_packet().unwrap().is_none());
        let (seen_link, time, bytes) =
            capture_one(&mut live, &socket).expect("the datagram is seen");
        assert_eq!(seen_link, link);
        assert!(time > 1_600_000_000_000_000_000, "nanoseconds: {time}");
        assert!(bytes.ends_with(b"redorder live test"));
        let report = live.inputs().remove(0);
        assert_eq!(
            (report.format.as_str(), report.dropped.is_some()),
            ("live", true)
        );
        assert!(live.is_live());
    }
}

#[test]
fn a_bad_filter_is_explained() {
    let options = LiveOptions {
        interface: "lo".to_owned(),
        filter: Some("tcp prot 1".to_owned()),
        ..LiveOptions::default()
    };
    let error = LiveSource::open(&options).err().unwrap().to_string();
    assert!(
        error.contains("man pcap-filter") || error.contains("setcap"),
        "{error}"
    );
}

#[test]
fn interfaces_can_be_listed() {
    match interfaces() {
        Ok(all) => assert!(all.iter().all(|interface| !interface.name.is_empty())),
        Err(error) => eprintln!("skipped: {error}"),
    }
}

#[test]
fn a_full_disk_is_never_silent() {
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        eprintln!("skipped: no /dev/full");
        return;
    }
    let failed = PcapNgWriter::create(full).and_then(PcapNgWriter::finish);
    assert!(failed.is_err());
}
