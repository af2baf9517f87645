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

/// Starts `redorder live` on an interface of a network namespace of its own. `None` where that is not allowed.
#[cfg(target_os = "linux")]
fn live_in_a_namespace() -> Option<std::process::Child> {
    use std::process::{Command, Stdio};
    let script = "ip link add rd0 type veth peer name rd1 && ip link set rd0 up && ip link set rd1 up && \
                  exec \"$0\" live -i rd0 --format ndjson";
    let spawned = Command::new("unshare")
        .args(["-n", "sh", "-c", script, env!("CARGO_BIN_EXE_redorder")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        eprintln!("skipped: no unshare");
        return None;
    };
    // It captures when the buffer of a packet socket is in its memory, and all it does is wait.
    let maps = format!("/proc/{}/maps", child.id());
    let captures = || std::fs::read_to_string(&maps).is_ok_and(|text| text.contains("socket:["));
    let mut calm = 0;
    while calm < CALM {
        calm = if captures() && waits(child.id()) {
            calm + 1
        } else {
            0
        };
        if child.try_wait().unwrap().is_some() {
            eprintln!("skipped: {}", said(child).1);
            return None;
        }
        std::thread::yield_now();
    }
    Some(child)
}

/// So many looks in a row that find it waiting: behind the opening of the interface something is left to do.
#[cfg(target_os = "linux")]
const CALM: u32 = 200;

/// All threads of the process sleep.
#[cfg(target_os = "linux")]
fn waits(process: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{process}/task"));
    let sleeps = |stat: std::io::Result<String>| stat.is_ok_and(|stat| stat.contains(") S "));
    threads.is_ok_and(|mut threads| {
        threads.all(|thread| {
            let path = thread.map(|thread| thread.path().join("stat"));
            path.is_ok_and(|path| sleeps(std::fs::read_to_string(path)))
        })
    })
}

/// How it ended: its exit code, what it complained of, what it wrote.
#[cfg(target_os = "linux")]
fn said(child: std::process::Child) -> (Option<i32>, String, String) {
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stderr),
        text(&output.stdout),
    )
}

#[cfg(target_os = "linux")]
#[test]
fn an_interface_that_disappears_ends_the_run_with_a_summary() {
    let Some(child) = live_in_a_namespace() else {
        return;
    };
    let pid = child.id().to_string();
    let gone = std::process::Command::new("nsenter")
        .args(["-t", &pid, "-n", "ip", "link", "del", "rd0"])
        .status();
    assert!(gone.unwrap().success());
    let (code, complaint, told) = said(child);
    assert_eq!(code, Some(2), "{complaint}");
    assert!(complaint.contains("disappeared"), "{complaint}");
    let last: serde_json::Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!(last["type"], "summary", "{last}");
}
