//! Opening: several files, standard input's ways, packed files, filters, what is no capture, and writing.

use super::corpus::{Kind, LITTLE, Ng, corpus, packets, pcap};
use super::{Seen, read_bytes};
use redorder::model::{PacketRef, Timestamp};
use redorder::packet::Packet;
use redorder::source::{Files, Input, PcapNgWriter, Source, open_files};
use std::fs;
use std::io::{self, Cursor, Read};
use std::sync::mpsc::{Receiver, channel};

fn with_times(times: &[i64]) -> Vec<u8> {
    let mut sent = packets(1);
    sent.truncate(times.len());
    for (packet, time) in sent.iter_mut().zip(times) {
        packet.time = time * 1_000;
    }
    pcap(LITTLE, Kind::Micros, 0, 1, &sent)
}

fn input(bytes: Vec<u8>) -> Input {
    Input::new("test", Box::new(Cursor::new(bytes)), None).unwrap()
}

#[test]
fn inputs_are_merged_by_time_and_ties_by_index() {
    let inputs = [&[1, 5, 5, 9][..], &[2, 5, 8], &[], &[5, 4, 10]];
    let mut files = Files::new(
        inputs
            .iter()
            .map(|times| input(with_times(times)))
            .collect(),
    );
    let mut seen = Vec::new();
    while let Some(packet) = files.next_packet().unwrap() {
        seen.push((
            packet.time.as_nanos() / 1_000,
            packet.at.file(),
            packet.at.number(),
        ));
    }
    let expected = [
        (1, 0, 1),
        (2, 1, 1),
        (5, 0, 2),
        (5, 0, 3),
        (5, 1, 2),
        (5, 3, 1),
        (4, 3, 2),
        (8, 1, 3),
        (9, 0, 4),
        (10, 3, 3),
    ];
    assert_eq!(seen, expected);
    let counts: Vec<u64> = files.inputs().iter().map(|report| report.packets).collect();
    assert_eq!(counts, [4, 3, 0, 3]);
}

/// Sources may be read on a thread of their own.
#[test]
fn sources_can_be_sent_to_a_thread() {
    fn is_send<T: Send>() {}
    is_send::<Files>();
    #[cfg(feature = "live")]
    is_send::<redorder::source::LiveSource>();
}

#[test]
fn unreadable_inputs_do_not_stop_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let paths = [
        put("good.txt", &with_times(&[3])),
        dir.path().join("absent.pcap"),
        put("empty.pcap", b""),
        put(
            "text.pcap",
            b"12:00:00.000000 IP 10.0.0.1.4000 > 10.0.0.2.6379: Flags [P.]\n",
        ),
        dir.path().to_owned(),
        put("cut.pcap", &with_times(&[])[..20]),
        put("also.pcap", &with_times(&[1])),
    ];
    let mut opened = open_files(&paths);
    let said: Vec<String> = opened.errors.iter().map(ToString::to_string).collect();
    let words = [
        "no such file",
        "empty",
        "tcpdump -w",
        "a directory",
        "file header",
    ];
    assert_eq!(said.len(), words.len());
    for (error, word) in said.iter().zip(words) {
        assert!(error.contains(word), "{error}");
    }
    let first = opened.files.next_packet().unwrap().unwrap();
    assert_eq!((first.at.file(), first.time.as_nanos()), (1, 1_000));
    assert_eq!(opened.files.inputs().len(), 2);
}

#[test]
fn progress_counts_to_the_length_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.pcap");
    fs::write(&path, with_times(&[1, 2, 3])).unwrap();
    let mut files = open_files(&[path]).files;
    let progress = files.progress();
    while files.next_packet().unwrap().is_some() {}
    assert_eq!(Some(progress[0].read()), progress[0].total());
}

/// A pipe: every piece is one read; reading past the last one would block for ever.
struct Pipe(Receiver<Vec<u8>>);

impl Read for Pipe {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let piece = self
            .0
            .try_recv()
            .expect("asked for more than is there: a pipe would block");
        assert!(piece.len() <= out.len());
        out[..piece.len()].copy_from_slice(&piece);
        Ok(piece.len())
    }
}

#[test]
fn a_pipe_hands_out_packets_as_they_arrive() {
    let sent = packets(1);
    let classic = |n| pcap(LITTLE, Kind::Micros, 0, 1, &sent[..n]);
    let blocks = |n: usize| {
        let mut ng = Ng::new(LITTLE);
        ng.interface(1, 0, &[(9, vec![9])]);
        for packet in &sent[..n] {
            ng.enhanced(0, packet.time as u64, packet, None);
        }
        ng.out
    };
    let formats: [&dyn Fn(usize) -> Vec<u8>; 2] = [&classic, &blocks];
    for format in formats {
        let (sender, receiver) = channel();
        let mut had = 0;
        let mut send = |n: usize| {
            let all = format(n);
            // The first four bytes are looked at on their own.
            for end in [all.len().min(4.max(had)), all.len()] {
                if end > had {
                    sender.send(all[had..end].to_vec()).unwrap();
                    had = end;
                }
            }
        };
        send(0);
        let mut input = Input::new("-", Box::new(Pipe(receiver)), None).unwrap();
        for n in 1..sent.len() {
            send(n);
            assert!(input.advance());
            assert_eq!(input.packet().unwrap().bytes, sent[n - 1].bytes);
        }
    }
}

#[test]
fn what_lies_beside_the_packets_is_kept() {
    for built in corpus()
        .iter()
        .filter(|built| built.name.starts_with("side-"))
    {
        let mut input = input(built.bytes.clone());
        while input.advance() {}
        let report = input.report();
        assert_eq!(report.dropped, Some((9, 7)));
        assert_eq!(report.interfaces, ["eth0"]);
        let kept = input.annotations().unwrap();
        let comments: Vec<_> = kept
            .comments
            .iter()
            .map(|c| (c.packet, c.text.as_str()))
            .collect();
        assert_eq!(comments, [(None, "a section"), (Some(1), "look here")]);
        assert_eq!(
            kept.names,
            [("10.0.0.1".parse().unwrap(), "host".to_owned())]
        );
        assert_eq!(kept.secrets[0].data, b"keys\n");
    }
}

#[cfg(feature = "compress")]
#[test]
fn packed_files_are_recognised_and_their_damage_is_said() {
    use super::{Drip, read_all};
    use std::io::Write;
    let plain = pcap(LITTLE, Kind::Nanos, 0, 1, &packets(1));
    let (head, tail) = plain.split_at(200);
    let gzip = |data: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    };
    let lz4 = |data: &[u8]| {
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = |data: &[u8]| zstd::encode_all(data, 1).unwrap();
    let files = [
        ("pcap-ns+gzip", [gzip(head), gzip(tail)].concat()),
        ("pcap-ns+zstd", [zstd(head), zstd(tail)].concat()),
        ("pcap-ns+lz4", [lz4(head), lz4(tail)].concat()),
    ];
    for (format, packed) in files {
        let (seen, report) = read_bytes(&packed).unwrap();
        assert!(seen == packets(1), "{format}");
        assert_eq!((report.format.as_str(), report.problems_total), (format, 0));
        let dripped = read_all(Box::new(Drip::new(&packed, 3))).unwrap();
        assert!(dripped == (seen.clone(), report), "{format}");
        let (fewer, report) = read_bytes(&packed[..packed.len() - 20]).unwrap();
        assert!(seen.starts_with(&fewer), "{format}");
        assert!(
            report
                .problems
                .iter()
                .any(|p| p.reason.contains("reading failed")),
            "{format}: {:?}",
            report.problems
        );
        let twice = read_bytes(&gzip(&packed)).unwrap_err();
        assert!(twice.contains("packed twice"), "{twice}");
    }
}

#[cfg(feature = "live")]
#[test]
fn a_filter_matches_what_libpcap_would() {
    use redorder::source::Filter;
    let mut sent = packets(1);
    sent.truncate(5);
    let frame = |port: u16| {
        let mut bytes = vec![0; 12];
        bytes.extend([
            8, 0, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
        ]);
        bytes.extend([port.to_be_bytes(), [0x10, 0x00]].concat());
        bytes
    };
    for (packet, port) in sent.iter_mut().zip([80, 6379, 80, 6379, 6379]) {
        packet.bytes = frame(port);
        packet.wire_len = packet.bytes.len() as u32;
    }
    let mut filter = Filter::new("tcp port 6379").unwrap();
    let mut files = Files::new(vec![input(pcap(LITTLE, Kind::Micros, 0, 1, &sent))]);
    let mut numbers = Vec::new();
    while let Some(packet) = files.next_packet().unwrap() {
        if filter.matches(&packet).unwrap() {
            numbers.push(packet.at.number());
        }
    }
    assert_eq!((numbers, files.inputs()[0].packets), (vec![2, 4, 5], 5));
}

#[cfg(not(feature = "live"))]
#[test]
fn a_filter_without_libpcap_is_refused() {
    let error = redorder::source::Filter::new("tcp").err().unwrap();
    assert!(error.to_string().contains("tcpdump -r"));
}

#[test]
fn what_is_written_reads_back() {
    for built in corpus() {
        let mut writer = PcapNgWriter::new(Vec::new()).unwrap().with_interface("lo");
        for packet in &built.packets {
            writer.write(&as_packet(packet)).unwrap();
        }
        let (seen, report) = read_bytes(&writer.finish().unwrap()).unwrap();
        assert!(seen == built.packets, "{}", built.name);
        assert_eq!(
            (report.format.as_str(), report.problems_total),
            ("pcapng", 0)
        );
    }
}

#[test]
fn dropped_packets_are_kept_with_the_packets() {
    let sent = packets(1);
    let mut writer = PcapNgWriter::new(Vec::new()).unwrap();
    let time = Timestamp::from_nanos(sent[0].time);
    writer.note_dropped(time, (1, 1)).unwrap();
    writer.write(&as_packet(&sent[0])).unwrap();
    writer.note_dropped(time, (3, 4)).unwrap();
    let (seen, report) = read_bytes(&writer.finish().unwrap()).unwrap();
    assert_eq!((seen.len(), report.problems_total), (1, 0));
    assert_eq!(report.dropped, Some((3, 4)), "the latest counts");
}

fn as_packet(seen: &Seen) -> Packet<'_> {
    Packet {
        at: PacketRef::new(0, seen.number),
        time: Timestamp::from_nanos(seen.time),
        link: seen.link,
        wire_len: seen.wire_len,
        bytes: &seen.bytes,
    }
}
