//! Community ID v1 (<https://github.com/corelight/community-id-spec>): one name for a connection in many tools.

use crate::model::{FlowKey, Side};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use std::net::IpAddr;

const TCP: u8 = 6;
/// Of an id: twenty bytes in base64 behind the version.
const LENGTH: usize = 30;

/// `1:` and the hash of addresses, protocol and ports, with seed 0.
pub(super) fn of(key: &FlowKey) -> String {
    let (low, high) = (key.end(Side::Low), key.end(Side::High));
    let mut hash = Sha1::new();
    hash.update(0u16.to_be_bytes());
    for end in [low, high] {
        match end.addr {
            IpAddr::V4(addr) => hash.update(addr.octets()),
            IpAddr::V6(addr) => hash.update(addr.octets()),
        }
    }
    hash.update([TCP, 0]);
    hash.update(low.port.to_be_bytes());
    hash.update(high.port.to_be_bytes());
    let mut id = String::with_capacity(LENGTH);
    id.push_str("1:");
    STANDARD.encode_string(hash.finalize(), &mut id);
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Endpoint;

    #[test]
    fn matches_the_specification() {
        // The first TCP baseline of the specification's test vectors.
        let end = |addr: [u8; 4], port| Endpoint {
            addr: IpAddr::from(addr),
            port,
        };
        let (key, _) = FlowKey::of(
            end([128, 232, 110, 120], 34855),
            end([66, 35, 250, 204], 80),
        );
        assert_eq!(of(&key), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
    }
}
