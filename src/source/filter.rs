//! Capture filters on the raw bytes of packets, with libpcap's meaning (`man pcap-filter`).

use crate::packet::Packet;

/// A filter that can not be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct FilterError(String);

/// A filter expression. Compiled once per link type, when the first packet of it comes.
///
/// `len`, `less` and `greater` see the captured length, not the length on the wire.
#[cfg(feature = "live")]
pub struct Filter {
    expression: String,
    programs: Vec<(u16, pcap::BpfProgram)>,
}

#[cfg(feature = "live")]
mod compiled {
    use super::super::link_type::{dlt_of, link_type_name};
    use super::{Filter, FilterError, Packet};
    use pcap::{BpfProgram, Capture, Linktype};

    /// Link types an expression is tried on. It need not make sense on all: `type mgt` is for wireless only.
    const TRIED: [u16; 5] = [1, 276, 101, 105, 127];

    impl Filter {
        /// Checks the syntax of an expression.
        ///
        /// # Errors
        /// When libpcap can not compile it for any common link type; the message is libpcap's.
        pub fn new(expression: &str) -> Result<Filter, FilterError> {
            let mut first_error = None;
            for link in TRIED {
                match compile(expression, link) {
                    Ok(program) => {
                        return Ok(Filter {
                            expression: expression.to_owned(),
                            programs: vec![(link, program)],
                        });
                    }
                    Err(error) => first_error = first_error.or(Some(error)),
                }
            }
            let why = first_error.unwrap_or_default();
            Err(FilterError(format!(
                "the filter '{expression}' is not valid: {why}; for the syntax see man pcap-filter"
            )))
        }

        /// The packet passes.
        ///
        /// # Errors
        /// When the expression can not be applied to the packet's link type.
        #[inline]
        pub fn matches(&mut self, packet: &Packet<'_>) -> Result<bool, String> {
            let known = self.programs.iter().find(|(link, _)| *link == packet.link);
            match known {
                Some((_, program)) => Ok(program.filter(packet.bytes)),
                None => self.matches_new(packet),
            }
        }

        #[cold]
        fn matches_new(&mut self, packet: &Packet<'_>) -> Result<bool, String> {
            let program = compile(&self.expression, packet.link).map_err(|why| {
                format!(
                    "the filter '{}' can not be applied to link type {}: {why}; leave -f out, or use --client, --server and --port",
                    self.expression,
                    link_type_name(packet.link)
                )
            })?;
            let matches = program.filter(packet.bytes);
            self.programs.push((packet.link, program));
            Ok(matches)
        }
    }

    fn compile(expression: &str, link: u16) -> Result<BpfProgram, String> {
        let dead = Capture::dead(Linktype(dlt_of(link))).map_err(|e| super::said(&e))?;
        dead.compile(expression, true).map_err(|e| super::said(&e))
    }
}

/// libpcap's own words.
#[cfg(feature = "live")]
pub(super) fn said(error: &pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A filter expression. This build has no libpcap, so there can be none.
#[cfg(not(feature = "live"))]
pub struct Filter(std::convert::Infallible);

#[cfg(not(feature = "live"))]
impl Filter {
    /// Refuses.
    ///
    /// # Errors
    /// Always.
    pub fn new(_expression: &str) -> Result<Filter, FilterError> {
        Err(FilterError(
            "this build has no libpcap, so -f can not be used: filter with tcpdump -r IN -w OUT EXPRESSION, or use --client, --server and --port".to_owned(),
        ))
    }

    /// Never called: there is no filter.
    ///
    /// # Errors
    /// None.
    pub fn matches(&mut self, _packet: &Packet<'_>) -> Result<bool, String> {
        match self.0 {}
    }
}

#[cfg(feature = "live")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PacketRef, Timestamp};

    fn packet(link: u16, bytes: &[u8]) -> Packet<'_> {
        Packet {
            at: PacketRef::new(0, 1),
            time: Timestamp::default(),
            link,
            wire_len: bytes.len() as u32,
            bytes,
        }
    }

    /// IPv4, TCP, ports 1234 and 6379.
    const IP: [u8; 24] = [
        0x45, 0, 0, 24, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x04, 0xD2, 0x18, 0xEB,
    ];

    #[test]
    fn one_expression_works_on_every_link_type() {
        let mut filter = Filter::new("tcp port 6379").unwrap();
        let ethernet = [&[0; 12][..], &[8, 0], &IP].concat();
        let cooked = [&[0; 14][..], &[8, 0], &IP].concat();
        let cooked2 = [&[8, 0][..], &[0; 18], &IP].concat();
        for (link, bytes) in [
            (1, &ethernet[..]),
            (113, &cooked),
            (276, &cooked2),
            (101, &IP),
            (228, &IP),
        ] {
            assert_eq!(filter.matches(&packet(link, bytes)), Ok(true), "{link}");
            assert_eq!(
                filter.matches(&packet(link, &bytes[..bytes.len() - 5])),
                Ok(false)
            );
            assert_eq!(filter.matches(&packet(link, &[])), Ok(false));
        }
    }

    #[test]
    fn what_can_not_be_applied_is_an_error() {
        assert!(
            Filter::new("tcp prot 6379").is_err_and(|e| e.to_string().contains("man pcap-filter"))
        );
        let mut filter = Filter::new("tcp port 6379").unwrap();
        assert!(filter.matches(&packet(239, &IP)).is_err());
        assert!(Filter::new("wlan type mgt").is_ok());
    }
}
