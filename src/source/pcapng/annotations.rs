//! What a pcapng file says beside its packets: comments, names of addresses, TLS secrets.

use super::super::byte_order::ByteOrder;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How many comments and names are kept of one input.
const MAX_ENTRIES: usize = 10_000;

/// How many bytes of comments and names are kept of one input.
const MAX_TEXT_BYTES: usize = 4 << 20;

/// How many bytes of secrets are kept of one input.
const MAX_SECRET_BYTES: usize = 64 << 20;

const RECORD_END: u16 = 0;
const RECORD_IPV4: u16 = 1;
const RECORD_IPV6: u16 = 2;

/// Side blocks of one input, in file order. Bounded; what did not fit is counted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Annotations {
    /// Comments on sections, interfaces and packets.
    pub comments: Vec<Comment>,
    /// Host names from Name Resolution Blocks.
    pub names: Vec<(IpAddr, String)>,
    /// Decryption Secrets Blocks.
    pub secrets: Vec<Secrets>,
    /// Entries beyond the bounds.
    pub left_out: u64,
    secret_bytes: usize,
    text_bytes: usize,
}

/// A comment somebody left in the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comment {
    /// The packet it is about (1-based number); `None` for a section or an interface.
    pub packet: Option<u64>,
    /// The text, invalid UTF-8 replaced.
    pub text: String,
}

/// One Decryption Secrets Block.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Kind of secrets; `0x544c534b` is a TLS key log.
    pub kind: u32,
    /// The bytes as in the file.
    pub data: Vec<u8>,
}

impl std::fmt::Debug for Secrets {
    /// Never prints the secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Secrets {{ kind: {:#x}, {} bytes }}",
            self.kind,
            self.data.len()
        )
    }
}

impl Annotations {
    pub(super) fn comment(&mut self, packet: Option<u64>, text: String) {
        if self.comments.len() < MAX_ENTRIES && self.has_room(text.len()) {
            self.comments.push(Comment { packet, text });
        } else {
            self.left_out += 1;
        }
    }

    /// Takes room for so many bytes of text, if there is any.
    fn has_room(&mut self, bytes: usize) -> bool {
        let fits = self.text_bytes.saturating_add(bytes) <= MAX_TEXT_BYTES;
        if fits {
            self.text_bytes += bytes;
        }
        fits
    }

    /// Takes a Decryption Secrets Block; `None` when it is too short for what it claims.
    pub(super) fn take_secrets(&mut self, order: ByteOrder, body: &[u8]) -> Option<()> {
        let kind = order.u32_at(body, 0)?;
        let len = order.u32_at(body, 4)? as usize;
        let data = body.get(8..)?.get(..len)?;
        if self.secret_bytes.saturating_add(len) > MAX_SECRET_BYTES
            || self.secrets.len() >= MAX_ENTRIES
        {
            self.left_out += 1;
            return Some(());
        }
        self.secret_bytes += len;
        self.secrets.push(Secrets {
            kind,
            data: data.to_vec(),
        });
        Some(())
    }

    /// Takes a Name Resolution Block; `None` when a record does not fit.
    pub(super) fn take_names(&mut self, order: ByteOrder, mut body: &[u8]) -> Option<()> {
        while !body.is_empty() {
            let kind = order.u16_at(body, 0)?;
            let len = usize::from(order.u16_at(body, 2)?);
            if kind == RECORD_END {
                break;
            }
            let value = body.get(4..)?.get(..len)?;
            self.take_name_record(kind, value);
            body = body.get(4 + len.next_multiple_of(4)..).unwrap_or_default();
        }
        Some(())
    }

    fn take_name_record(&mut self, kind: u16, value: &[u8]) {
        let (addr, names) = match kind {
            RECORD_IPV4 => match value.split_first_chunk::<4>() {
                Some((addr, names)) => (IpAddr::V4(Ipv4Addr::from(*addr)), names),
                None => return,
            },
            RECORD_IPV6 => match value.split_first_chunk::<16>() {
                Some((addr, names)) => (IpAddr::V6(Ipv6Addr::from(*addr)), names),
                None => return,
            },
            _ => return,
        };
        for name in names.split(|b| *b == 0).filter(|name| !name.is_empty()) {
            if self.names.len() < MAX_ENTRIES && self.has_room(name.len()) {
                self.names.push((addr, super::options::text(name)));
            } else {
                self.left_out += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_bounded_and_what_is_left_out_is_counted() {
        let mut kept = Annotations::default();
        for _ in 0..100 {
            kept.comment(None, "x".repeat(1 << 16));
        }
        assert_eq!((kept.comments.len(), kept.left_out), (64, 36));
        kept.comment(None, String::new());
        assert_eq!(kept.comments.len(), 65, "a short one still fits");
    }

    #[test]
    fn names_and_secrets_are_read() {
        let mut kept = Annotations::default();
        let names = [
            1, 0, 9, 0, 10, 0, 0, 1, b'a', 0, b'b', b'c', 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        assert_eq!(kept.take_names(ByteOrder::Little, &names), Some(()));
        let addr = IpAddr::from([10, 0, 0, 1]);
        assert_eq!(
            kept.names,
            [(addr, "a".to_owned()), (addr, "bc".to_owned())]
        );
        let secrets = [0x4b, 0x53, 0x4c, 0x54, 3, 0, 0, 0, b'k', b'e', b'y', 0];
        assert_eq!(kept.take_secrets(ByteOrder::Little, &secrets), Some(()));
        assert_eq!(kept.secrets[0].data, b"key");
        assert!(!format!("{kept:?}").contains("107"));
        assert_eq!(
            kept.take_secrets(ByteOrder::Little, &[0, 0, 0, 0, 9, 0, 0, 0]),
            None
        );
    }
}
