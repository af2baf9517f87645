//! The privacy mask: addresses become `host-1`, `host-2` … in everything that is drawn.

use crate::model::mask_addresses;
use std::collections::BTreeMap;
use std::net::IpAddr;

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
        mask_addresses(text, |addr, _| self.name(addr))
    }

    fn name(&self, addr: IpAddr) -> String {
        match self.ordinals.get(&addr) {
            Some(ordinal) => format!("host-{ordinal}"),
            None => "host-?".to_owned(),
        }
    }
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
