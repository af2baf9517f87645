//! Addresses, and the pair of them that names a TCP connection.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

/// An IP address and a TCP port.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Endpoint {
    /// IPv4 or IPv6 address, as on the wire (IPv4-mapped addresses are not folded).
    pub addr: IpAddr,
    /// TCP port.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    /// `10.0.0.1:6379` or `[::1]:6379`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::new(self.addr, self.port).fmt(f)
    }
}

/// The two ends of a connection in an order that does not depend on who sent the packet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FlowKey {
    low: Endpoint,
    high: Endpoint,
}

impl Hash for FlowKey {
    /// All that tells keys apart, in two words: this runs for every packet.
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let word = |end: &Endpoint| match end.addr {
            IpAddr::V4(addr) => u64::from(addr.to_bits()),
            IpAddr::V6(addr) => {
                let bits = addr.to_bits();
                (bits as u64) ^ ((bits >> 64) as u64).rotate_left(23)
            }
        };
        let port = |end: &Endpoint| u64::from(end.port) << 48;
        state.write_u64(word(&self.low) ^ port(&self.low));
        state.write_u64(word(&self.high) ^ port(&self.high));
    }
}

/// `one` sorts in front of `other`, or is the same.
#[inline]
fn is_low(one: &Endpoint, other: &Endpoint) -> bool {
    match (one.addr, other.addr) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits(), one.port) <= (b.to_bits(), other.port),
        _ => one <= other,
    }
}

impl FlowKey {
    /// The key of a packet from `src` to `dst`, and which side `src` is.
    #[inline(always)]
    pub fn of(src: Endpoint, dst: Endpoint) -> (FlowKey, Side) {
        if is_low(&src, &dst) {
            (
                FlowKey {
                    low: src,
                    high: dst,
                },
                Side::Low,
            )
        } else {
            (
                FlowKey {
                    low: dst,
                    high: src,
                },
                Side::High,
            )
        }
    }

    /// Which side sends from `src` to `dst`, if these are the two ends.
    #[inline]
    pub fn side_of(&self, src: &Endpoint, dst: &Endpoint) -> Option<Side> {
        if self.low == *src && self.high == *dst {
            Some(Side::Low)
        } else if self.high == *src && self.low == *dst {
            Some(Side::High)
        } else {
            None
        }
    }

    /// The endpoint on `side`.
    pub const fn end(&self, side: Side) -> Endpoint {
        match side {
            Side::Low => self.low,
            Side::High => self.high,
        }
    }
}

/// One end of a [`FlowKey`], before it is known who is the server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Side {
    /// The endpoint that sorts first.
    Low = 0,
    /// The endpoint that sorts second.
    High = 1,
}

impl Side {
    /// The other end.
    #[must_use]
    pub const fn peer(self) -> Side {
        match self {
            Side::Low => Side::High,
            Side::High => Side::Low,
        }
    }
}

/// Which way bytes go, once it is known who is the server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Direction {
    /// From the client: commands.
    ToServer,
    /// From the server: replies and pushes.
    ToClient,
}
