//! What `--version` says.

/// The version of this program, and whether libpcap is in it. The `pcap` crate has no call for libpcap's own number.
pub(super) const TEXT: &str = if cfg!(feature = "live") {
    concat!(env!("CARGO_PKG_VERSION"), " (with libpcap)")
} else {
    concat!(env!("CARGO_PKG_VERSION"), " (without libpcap)")
};
