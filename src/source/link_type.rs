//! The two numberings of link types.
//!
//! Files hold LINKTYPE numbers, libpcap's calls take DLT numbers. They differ for a few old types
//! (<https://www.tcpdump.org/linktypes.html>).

use crate::packet::link_name;

/// LINKTYPE and DLT where they differ (Linux, macOS, FreeBSD).
#[cfg(feature = "live")]
const DIFFERENT: [(u16, i32); 5] = [(100, 11), (101, 12), (102, 13), (103, 14), (106, 19)];

/// The name of a LINKTYPE number; the number itself when it has none here.
pub fn link_type_name(link: u16) -> String {
    link_name(link).map_or_else(|| link.to_string(), str::to_owned)
}

/// The DLT number libpcap takes for a LINKTYPE found in a file.
#[cfg(feature = "live")]
pub(super) fn dlt_of(link: u16) -> i32 {
    DIFFERENT
        .iter()
        .find(|(linktype, _)| *linktype == link)
        .map_or(i32::from(link), |(_, dlt)| *dlt)
}

/// The LINKTYPE number of a device's DLT.
#[cfg(feature = "live")]
pub(super) fn link_of(dlt: i32) -> Option<u16> {
    match DIFFERENT.iter().find(|(_, number)| *number == dlt) {
        Some((linktype, _)) => Some(*linktype),
        None => u16::try_from(dlt).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unnamed_types_are_numbers() {
        assert_eq!(link_type_name(276), "LINUX_SLL2");
        assert_eq!(link_type_name(9999), "9999");
    }

    #[cfg(feature = "live")]
    #[test]
    fn both_numberings_agree() {
        for link in [0, 1, 100, 101, 102, 103, 106, 113, 228, 276] {
            assert_eq!(link_of(dlt_of(link)), Some(link));
        }
        assert_eq!(link_of(12), Some(101));
        assert_eq!(link_of(-1), None);
    }
}
