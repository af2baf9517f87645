//! Addresses, and the pair of them that names a TCP connection.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// An IP address and a TCP port.
// In this order the port never lies where four bytes may be read for its two: what was just written in pieces is slow to be
// read in one.
#[repr(C)]
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
        match self.addr {
            IpAddr::V4(addr) if f.width().is_none() && f.precision().is_none() => {
                let mut text = V4Text::of(addr);
                text.byte(b':');
                text.number(self.port);
                f.write_str(text.as_str())
            }
            _ => SocketAddr::new(self.addr, self.port).fmt(f),
        }
    }
}

const V4_MAX: usize = "255.255.255.255:65535".len();

/// An address as text, without a port.
#[derive(Clone, Copy, Debug)]
pub struct Host(pub IpAddr);

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(addr) if f.width().is_none() && f.precision().is_none() => {
                f.write_str(V4Text::of(addr).as_str())
            }
            addr => addr.fmt(f),
        }
    }
}

/// An IPv4 address as text, put together without a call for each number: reports write a dozen of them for each finding.
struct V4Text {
    text: [u8; V4_MAX],
    len: usize,
}

impl V4Text {
    fn of(addr: Ipv4Addr) -> V4Text {
        let mut out = V4Text {
            text: [0; V4_MAX],
            len: 0,
        };
        let [a, b, c, d] = addr.octets();
        out.number(u16::from(a));
        for octet in [b, c, d] {
            out.byte(b'.');
            out.number(u16::from(octet));
        }
        out
    }

    fn byte(&mut self, byte: u8) {
        if let Some(place) = self.text.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    fn number(&mut self, number: u16) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8);
    }

    fn as_str(&self) -> &str {
        let text = self.text.get(..self.len).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }
}

/// The two ends of a connection in an order that does not depend on who sent the packet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FlowKey {
    low: Endpoint,
    high: Endpoint,
}

impl Hash for FlowKey {
    /// All that tells keys apart, for IPv4 in two words: this runs for every packet. Nothing is folded before the hasher's
    /// secret comes in: addresses could be chosen so that they fall together.
    #[inline(always)]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let word = |addr: Ipv4Addr, port| u64::from(addr.to_bits()) | u64::from(port) << 48;
        if let (IpAddr::V4(low), IpAddr::V4(high)) = (self.low.addr, self.high.addr) {
            state.write_u64(word(low, self.low.port));
            state.write_u64(word(high, self.high.port));
        } else {
            self.hash_any(state);
        }
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

/// The same as `==`: ports differ more often than addresses, and an IPv4 address is one number.
#[inline(always)]
fn is_same(one: &Endpoint, other: &Endpoint) -> bool {
    one.port == other.port
        && match (one.addr, other.addr) {
            (IpAddr::V4(a), IpAddr::V4(b)) => a.to_bits() == b.to_bits(),
            _ => one.addr == other.addr,
        }
}

impl FlowKey {
    #[inline(never)]
    fn hash_any<H: Hasher>(&self, state: &mut H) {
        for end in [&self.low, &self.high] {
            match end.addr {
                IpAddr::V4(addr) => state.write_u32(addr.to_bits()),
                IpAddr::V6(addr) => state.write_u128(addr.to_bits()),
            }
            state.write_u16(end.port);
        }
    }

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
    #[inline(always)]
    pub fn side_of(&self, src: &Endpoint, dst: &Endpoint) -> Option<Side> {
        // Where the ports differ they tell who it can be.
        let (side, from, to) = match self.low.port == src.port {
            true => (Side::Low, &self.low, &self.high),
            false => (Side::High, &self.high, &self.low),
        };
        if is_same(from, src) && is_same(to, dst) {
            return Some(side);
        }
        let other = side == Side::Low && is_same(&self.high, src) && is_same(&self.low, dst);
        other.then_some(Side::High)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_read_as_the_standard_library_writes_them() {
        for (addr, port) in [
            ([0, 0, 0, 0], 0),
            ([10, 9, 100, 99], 6379),
            ([255, 255, 255, 255], 65535),
        ] {
            let addr = IpAddr::from(addr);
            let socket = SocketAddr::new(addr, port);
            let end = Endpoint { addr, port };
            assert_eq!(end.to_string(), socket.to_string());
            assert_eq!(Host(addr).to_string(), addr.to_string());
            assert_eq!(format!("{end:>30}"), format!("{socket:>30}"));
            assert_eq!(format!("{end:.3}"), format!("{socket:.3}"));
        }
    }
}
