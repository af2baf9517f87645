//! What an input is, by its first bytes and never by its name.

use super::classic;
use super::pcapng;

/// How many bytes tell a capture or a compressed file apart from everything else.
pub(super) const MAGIC_LEN: usize = 4;

/// How many bytes are looked at to describe what is no capture.
pub(super) const DESCRIBE_LEN: usize = 1024;

/// A recognised beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Classic,
    PcapNg,
    Compressed(Packing),
}

/// How a file is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Packing {
    Gzip,
    Zstd,
    Lz4,
}

impl Packing {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
            Packing::Lz4 => "lz4",
        }
    }
}

/// The kind of input that begins with these bytes.
pub(super) fn kind(bytes: &[u8]) -> Option<Kind> {
    let magic: [u8; MAGIC_LEN] = *bytes.first_chunk()?;
    if classic::variant(magic).is_some() {
        return Some(Kind::Classic);
    }
    match magic {
        pcapng::MAGIC => Some(Kind::PcapNg),
        [0x1F, 0x8B, ..] => Some(Kind::Compressed(Packing::Gzip)),
        [0x28, 0xB5, 0x2F, 0xFD] => Some(Kind::Compressed(Packing::Zstd)),
        // A skippable frame in front: parallel and seekable zstd write one.
        [0x50..=0x5F, 0x2A, 0x4D, 0x18] => Some(Kind::Compressed(Packing::Zstd)),
        [0x04, 0x22, 0x4D, 0x18] | [0x02, 0x21, 0x4C, 0x18] => Some(Kind::Compressed(Packing::Lz4)),
        _ => None,
    }
}

/// Beginnings of other kinds of file: what it is, and what to do.
const OTHERS: [(&[u8], &str); 19] = [
    (
        b"\xFD7zXZ\0",
        "it is packed with xz: unpack it first (xz -dc FILE | redorder analyze -)",
    ),
    (
        b"BZh",
        "it is packed with bzip2: unpack it first (bzip2 -dc FILE | redorder analyze -)",
    ),
    (b"PK\x03\x04", "it is a zip archive: unpack it first"),
    (b"7z\xBC\xAF\x27\x1C", "it is a 7z archive: unpack it first"),
    (
        b"snoop\0\0\0",
        "it is a Solaris snoop capture: convert it with editcap -F pcapng IN OUT",
    ),
    (
        b"GMBU",
        "it is a Network Monitor capture: convert it with editcap -F pcapng IN OUT",
    ),
    (
        b"RTSS",
        "it is a Network Monitor capture: convert it with editcap -F pcapng IN OUT",
    ),
    (
        b"XCP\0",
        "it is a Sniffer capture: convert it with editcap -F pcapng IN OUT",
    ),
    (
        b"TRSNIFF data",
        "it is a Sniffer capture: convert it with editcap -F pcapng IN OUT",
    ),
    (
        b"\x1C\x00\x01\xAC",
        "it is an IXIA capture: convert it with editcap -F pcapng IN OUT",
    ),
    (
        b"\xAC\x01\x00\x1C",
        "it is an IXIA capture: convert it with editcap -F pcapng IN OUT",
    ),
    (
        b"REDIS0",
        "it is a Redis snapshot (RDB), not network traffic: capture with tcpdump -w FILE",
    ),
    (
        b"version https://git-lfs",
        "it is a Git LFS pointer: fetch the file itself with git lfs pull",
    ),
    (b"<!DOCTYPE", "it is a web page: the download went wrong"),
    (b"<html", "it is a web page: the download went wrong"),
    (
        b"<?xml",
        "it is XML, perhaps PDML: give the capture file it was made from",
    ),
    (
        b"{",
        "it is JSON, not a capture: give the capture file itself",
    ),
    (
        b"[",
        "it is JSON, not a capture: give the capture file itself",
    ),
    (b"\x7FELF", "it is a program, not a capture"),
];

/// Says what an input that is no capture looks like, and what to do.
pub(super) fn describe(bytes: &[u8]) -> String {
    const WANTED: &str = "not a capture (pcap or pcapng)";
    if bytes.is_empty() {
        return "empty: there is nothing in it; was the capture written and closed?".to_owned();
    }
    if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return format!("{WANTED}: {what}");
    }
    if bytes.starts_with(b"*") && bytes.windows(3).any(|w| w == b"\r\n$") {
        return format!(
            "{WANTED}: it is RESP as in a Redis append-only file; capture with tcpdump -w FILE"
        );
    }
    if is_text(bytes) {
        return describe_text(bytes, WANTED);
    }
    let first: Vec<String> = bytes.iter().take(8).map(|b| format!("{b:02x}")).collect();
    format!(
        "{WANTED}: it begins with the bytes {}; if another program wrote it, convert it with editcap -F pcapng IN OUT",
        first.join(" ")
    )
}

fn describe_text(bytes: &[u8], wanted: &str) -> String {
    let text = String::from_utf8_lossy(bytes);
    let printed = |line: &str| {
        line.contains(" IP ")
            || line.contains(" IP6 ")
            || line.contains(" ARP,")
            || line.contains("listening on ")
    };
    if text.lines().take(5).any(printed) {
        return format!(
            "{wanted}: it is what tcpdump prints, without the packets; capture again with tcpdump -w FILE"
        );
    }
    format!("{wanted}: it is text; capture with tcpdump -w FILE")
}

/// Printable, perhaps cut inside a character.
fn is_text(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    valid
        && bytes
            .iter()
            .all(|b| *b >= b' ' || b"\t\r\n\x1B".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_are_recognised() {
        let cases: [(&[u8], Option<Kind>); 10] = [
            (&[0xD4, 0xC3, 0xB2, 0xA1], Some(Kind::Classic)),
            (&[0xA1, 0xB2, 0x3C, 0x4D], Some(Kind::Classic)),
            (&[0x34, 0xCD, 0xB2, 0xA1, 9], Some(Kind::Classic)),
            (&[0x0A, 0x0D, 0x0D, 0x0A], Some(Kind::PcapNg)),
            (&[0x1F, 0x8B, 8, 0], Some(Kind::Compressed(Packing::Gzip))),
            (
                &[0x28, 0xB5, 0x2F, 0xFD],
                Some(Kind::Compressed(Packing::Zstd)),
            ),
            (
                &[0x51, 0x2A, 0x4D, 0x18],
                Some(Kind::Compressed(Packing::Zstd)),
            ),
            (
                &[0x04, 0x22, 0x4D, 0x18],
                Some(Kind::Compressed(Packing::Lz4)),
            ),
            (&[0xD4, 0xC3, 0xB2], None),
            (b"GET / HTTP", None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(kind(bytes), expected, "{bytes:02x?}");
        }
    }

    #[test]
    fn other_files_are_named() {
        let cases: [(&[u8], &str); 8] = [
            (b"", "empty"),
            (
                b"12:00:00.1 IP 10.0.0.1.5 > 10.0.0.2.6379: Flags [S]\n",
                "tcpdump prints",
            ),
            (b"hello\nworld", "it is text"),
            (b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n", "append-only file"),
            (b"REDIS0011\xfa", "snapshot"),
            (b"BZh91AY", "bzip2"),
            (b"\x00\x01\x02\xff", "00 01 02 ff"),
            (b"{\"a\":1}", "JSON"),
        ];
        for (bytes, part) in cases {
            let said = describe(bytes);
            assert!(said.contains(part), "{said}");
        }
    }
}
