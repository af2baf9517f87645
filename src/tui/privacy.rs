//! The privacy mask: addresses become `host-1`, `host-2` … in everything that is drawn.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// Addresses that get a number of their own; later ones are shown as `host-?`.
pub(super) const HOSTS_NUMBERED: usize = 65_536;

/// Addresses by order of first appearance.
#[derive(Clone, Debug, Default)]
pub(super) struct Hosts {
    ordinals: BTreeMap<IpAddr, usize>,
}

impl Hosts {
    /// Gives `addr` the next number, if it has none yet.
    pub(super) fn learn(&mut self, addr: IpAddr) {
        let next = self.ordinals.len() + 1;
        if next <= HOSTS_NUMBERED {
            self.ordinals.entry(addr).or_insert(next);
        }
    }

    /// `text` with every address that stands in it replaced. Ports stay.
    pub(super) fn mask(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest.find(|c| !in_address(c)).unwrap_or(rest.len());
            let (token, tail) = rest.split_at(word);
            out.push_str(&self.mask_token(token));
            let gap = tail.find(in_address).unwrap_or(tail.len());
            let (between, tail) = tail.split_at(gap);
            out.push_str(between);
            rest = tail;
        }
        out
    }

    fn mask_token(&self, token: &str) -> String {
        if let Some(label) = self.label(token) {
            return label;
        }
        let core = token.trim_matches(['.', ':']);
        if let (Some(label), Some(at)) = (self.label(core), token.find(core)) {
            let (before, after) = (token.get(..at), token.get(at + core.len()..));
            return [before.unwrap_or(""), &label, after.unwrap_or("")].concat();
        }
        // Something else glued on with colons, as in `peer:10.0.0.1:6379`.
        let parts = token.split(':').map(|part| self.mask_part(part));
        parts.collect::<Vec<_>>().join(":")
    }

    /// An IPv4 address, also with letters glued to it, as in `abc10.0.0.1`.
    fn mask_part(&self, part: &str) -> String {
        let core = part.trim_matches(|c: char| !c.is_ascii_digit());
        match core.parse() {
            Ok(addr) => part.replacen(core, &self.name(IpAddr::V4(addr)), 1),
            Err(_) => part.to_owned(),
        }
    }

    fn label(&self, text: &str) -> Option<String> {
        if let Ok(end) = text.parse::<SocketAddr>() {
            return Some(format!("{}:{}", self.name(end.ip()), end.port()));
        }
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
        let addr = bare.unwrap_or(text).parse().ok()?;
        Some(self.name(addr))
    }

    fn name(&self, addr: IpAddr) -> String {
        match self.ordinals.get(&addr) {
            Some(ordinal) => format!("host-{ordinal}"),
            None => "host-?".to_owned(),
        }
    }
}

fn in_address(c: char) -> bool {
    c.is_ascii_hexdigit() || matches!(c, ':' | '.' | '[' | ']')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hosts() -> Hosts {
        let mut hosts = Hosts::default();
        hosts.learn(IpAddr::from([10, 0, 0, 1]));
        hosts.learn(IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]));
        hosts.learn(IpAddr::from([10, 0, 0, 1]));
        hosts
    }

    #[test]
    fn addresses_are_replaced_wherever_they_stand() {
        let table = [
            ("10.0.0.1:6379 refused", "host-1:6379 refused"),
            ("from 10.0.0.1.", "from host-1."),
            ("peer:10.0.0.1:6379", "peer:host-1:6379"),
            ("abc10.0.0.1, 10.0.0.1f", "abchost-1, host-1f"),
            ("[::1]:6379, ::1", "host-2:6379, host-2"),
            ("-MOVED 3999 10.9.9.9:1@2", "-MOVED 3999 host-?:1@2"),
            (
                "frame 12 at 12:00:01.5, GET <key#1 5B>",
                "frame 12 at 12:00:01.5, GET <key#1 5B>",
            ),
            ("", ""),
        ];
        for (text, want) in table {
            assert_eq!(hosts().mask(text), want);
        }
    }

    proptest! {
        #[test]
        fn no_ipv4_address_survives(
            addr: [u8; 4],
            port: u16,
            before in "([a-z ]*[ (=@])?",
            after in "([ ),;][a-z ]*)?",
        ) {
            let addr = std::net::Ipv4Addr::from(addr);
            let masked = hosts().mask(&format!("{before}{addr}:{port}{after}"));
            prop_assert!(!masked.contains(&addr.to_string()), "{}", masked);
            let port = format!(":{port}");
            prop_assert!(masked.contains(&port), "{}", masked);
        }
    }
}
