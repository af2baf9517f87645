//! The header of the PROXY protocol, which load balancers put in front of a connection's first byte
//! (<https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt>, sections 2.1 and 2.2).

/// The longest header of version 1, its line end included.
const V1_MAX: usize = 107;
const V2_SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const V2_FIXED: usize = 16;

/// What comes behind the header at the start of a stream; all of `bytes` where there is none.
///
/// A header is sent in one piece, so it is looked for in the first segment only.
pub(super) fn behind(bytes: &[u8]) -> &[u8] {
    let len = match bytes {
        [b'P', b'R', b'O', b'X', b'Y', b' ', ..] => version_1(bytes),
        [b'\r', ..] if bytes.starts_with(V2_SIGNATURE) => version_2(bytes),
        _ => None,
    };
    bytes.get(len.unwrap_or(0)..).unwrap_or(bytes)
}

/// `PROXY TCP4 192.0.2.1 192.0.2.2 50000 6379\r\n`
fn version_1(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(..V1_MAX).unwrap_or(bytes);
    let end = memchr::memmem::find(head, b"\r\n")?;
    let family = head.get(6..)?;
    let known = [&b"TCP4 "[..], b"TCP6 ", b"UNKNOWN"];
    known
        .iter()
        .any(|word| family.starts_with(word))
        .then_some(end + 2)
}

/// Signature, version and command, family, then how many bytes follow.
fn version_2(bytes: &[u8]) -> Option<usize> {
    let fixed = bytes.get(..V2_FIXED)?;
    let [version, _, high, low] = *fixed.last_chunk()?;
    let len = V2_FIXED + usize::from(u16::from_be_bytes([high, low]));
    (version >> 4 == 2 && bytes.len() >= len).then_some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_are_skipped() {
        let v1 = b"PROXY TCP4 192.0.2.1 192.0.2.2 50000 6379\r\n";
        let v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c123456789012";
        for header in [&v1[..], v2, b"PROXY UNKNOWN\r\n"] {
            let all = [header, b"PING\r\n"].concat();
            assert_eq!(behind(&all), b"PING\r\n");
            assert_eq!(behind(header), b"");
        }
    }

    #[test]
    fn what_is_no_header_stays() {
        for bytes in [
            &b""[..],
            b"PROXY",
            b"PROXY GET\r\n",
            b"PROXY TCP4 without an end",
            b"\r\n\r\n\0\r\nQUIT\n",
            b"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0",
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0ccut",
            b"*1\r\n$4\r\nPING\r\n",
        ] {
            assert_eq!(behind(bytes), bytes);
        }
    }
}
