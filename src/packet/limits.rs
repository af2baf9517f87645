//! The bounds of decoding, and how often each was hit.

/// Bounds of one [`Decoder`](super::Decoder). A bound that is hit is counted under its field's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecodeLimits {
    /// Tunnels inside each other (IP in IP, GRE, VXLAN, GENEVE).
    pub tunnel_depth: u32,
    /// Headers between a link and its IP packet, summed over all tunnels: VLAN tags, MPLS labels, PPPoE, LLC.
    pub link_headers: u32,
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
            ip_extensions: 32,
            fragment_bytes: 16 << 20,
            fragment_packets: 4_096,
            fragment_stretches: 1_024,
            fragment_age_ns: 30_000_000_000,
        }
    }
}

/// A bound that was hit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Limit {
    TunnelDepth,
    LinkHeaders,
    IpExtensions,
    FragmentBytes,
    FragmentPackets,
    FragmentStretches,
    FragmentAge,
}

impl Limit {
    const ALL: [Limit; 7] = [
        Limit::TunnelDepth,
        Limit::LinkHeaders,
        Limit::IpExtensions,
        Limit::FragmentBytes,
        Limit::FragmentPackets,
        Limit::FragmentStretches,
        Limit::FragmentAge,
    ];

    /// The field of [`DecodeLimits`] that was hit.
    const fn name(self) -> &'static str {
        match self {
            Limit::TunnelDepth => "tunnel_depth",
            Limit::LinkHeaders => "link_headers",
            Limit::IpExtensions => "ip_extensions",
            Limit::FragmentBytes => "fragment_bytes",
            Limit::FragmentPackets => "fragment_packets",
            Limit::FragmentStretches => "fragment_stretches",
            Limit::FragmentAge => "fragment_age_ns",
        }
    }
}

/// How often each bound was hit.
#[derive(Clone, Debug, Default)]
pub(super) struct LimitHits([u64; Limit::ALL.len()]);

impl LimitHits {
    /// One more hit.
    pub(super) fn count(&mut self, limit: Limit) {
        if let Some(hits) = self.0.get_mut(limit as usize) {
            *hits = hits.saturating_add(1);
        }
    }

    /// Name and count of every bound, in the order of [`DecodeLimits`].
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        Limit::ALL
            .into_iter()
            .zip(&self.0)
            .map(|(limit, hits)| (limit.name(), *hits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_counts_under_its_own_name() {
        for limit in Limit::ALL {
            let mut hits = LimitHits::default();
            hits.count(limit);
            let hit: Vec<_> = hits.iter().filter(|(_, n)| *n > 0).collect();
            assert_eq!(hit, [(limit.name(), 1)]);
        }
    }
}
