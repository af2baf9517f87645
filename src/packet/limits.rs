//! The bounds of decoding, and how often each was hit.

/// Bounds of one [`Decoder`](super::Decoder). A bound that is hit is counted under its field's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecodeLimits {
    /// Tunnels inside each other (IP in IP, GRE, VXLAN, GENEVE).
    pub tunnel_depth: u32,
    /// Headers between a link and its IP packet, summed over all tunnels: VLAN tags, MPLS stacks, PPPoE, LLC.
    pub link_headers: u32,
    /// Labels of one MPLS stack.
    pub mpls_labels: u32,
    /// IPv6 extension headers of one IP packet.
    pub ip_extensions: u32,
    /// Bytes held for IP packets whose fragments are not all there.
    pub fragment_bytes: usize,
    /// IP packets whose fragments are held.
    pub fragment_packets: usize,
    /// Separate stretches of one IP packet, when its fragments come out of order.
    pub fragment_stretches: usize,
    /// How long the fragments of an IP packet are held, in ns of capture time. Linux waits 30 s.
    pub fragment_age_ns: i64,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        DecodeLimits {
            tunnel_depth: 8,
            link_headers: 32,
            mpls_labels: 32,
            ip_extensions: 32,
            fragment_bytes: 16 << 20,
            fragment_packets: 4_096,
            fragment_stretches: 1_024,
            fragment_age_ns: 30_000_000_000,
        }
    }
}
