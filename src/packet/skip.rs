//! Why a packet is no TCP segment.

/// The reason a packet was not analysed. Each is a counter of its own in the report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SkipReason {
    /// A link type this program does not read.
    UnsupportedLinkType,
    /// No IP inside (ARP, LLDP, unknown EtherType …).
    NotIp,
    /// IP, but another protocol than TCP (UDP that is no known tunnel, ICMP …).
    NotTcp,
    /// The headers do not parse.
    Malformed,
    /// The snapshot length cut the packet before the end of its TCP header.
    CutBeforeTcp,
    /// A fragment that waits for the others of its packet.
    Fragment,
    /// A fragment of a packet that can not be rebuilt: limits reached, or overlapping pieces that disagree.
    FragmentDropped,
    /// More tunnels inside each other than `Config` allows.
    TunnelTooDeep,
    /// The same packet captured a second time at another point.
    Duplicate,
    /// Sent again behind the end of its connection: nothing in it is new.
    AfterEnd,
    /// Left out by `--client`, `--server`, `--from`, `--to` or a BPF filter on a file.
    Filtered,
}

impl SkipReason {
    /// Every reason, in report order.
    pub const ALL: [SkipReason; 11] = [
        SkipReason::UnsupportedLinkType,
        SkipReason::NotIp,
        SkipReason::NotTcp,
        SkipReason::Malformed,
        SkipReason::CutBeforeTcp,
        SkipReason::Fragment,
        SkipReason::FragmentDropped,
        SkipReason::TunnelTooDeep,
        SkipReason::Duplicate,
        SkipReason::AfterEnd,
        SkipReason::Filtered,
    ];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            SkipReason::UnsupportedLinkType => "unsupported-link-type",
            SkipReason::NotIp => "not-ip",
            SkipReason::NotTcp => "not-tcp",
            SkipReason::Malformed => "malformed",
            SkipReason::CutBeforeTcp => "cut-before-tcp",
            SkipReason::Fragment => "fragment",
            SkipReason::FragmentDropped => "fragment-dropped",
            SkipReason::TunnelTooDeep => "tunnel-too-deep",
            SkipReason::Duplicate => "duplicate",
            SkipReason::AfterEnd => "after-end",
            SkipReason::Filtered => "filtered",
        }
    }
}
