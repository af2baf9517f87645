//! Goes through the layers of one packet, from the link inwards, until a TCP segment or a reason to skip is found.

use super::fragment::{Fragment, FragmentPool, Rebuilt};
use super::ip::{self, IpHead};
use super::limits::{DecodeLimits, Limit, LimitHits};
use super::piece::Piece;
use super::step::Next;
use super::{Segment, SkipReason, link, tcp, tunnel};
use crate::model::Timestamp;

/// What a walk came to.
pub(super) enum Found<'a> {
    /// A TCP segment.
    Segment(Segment<'a>),
    /// Nothing to analyse.
    Skip(SkipReason),
    /// The last missing fragment: the walk goes on inside the rebuilt packet.
    Rebuilt(Rebuilt),
}

/// The state of a walk. It survives from a completing fragment into the packet that it completes.
pub(super) struct Walk<'d> {
    limits: &'d DecodeLimits,
    hits: &'d mut LimitHits,
    pool: &'d mut FragmentPool,
    time: Timestamp,
    ip: IpHead,
    tunnels: u32,
    link_headers: u32,
    extensions: u32,
}

impl<'d> Walk<'d> {
    /// A walk that has not begun.
    #[inline]
    pub(super) fn new(
        limits: &'d DecodeLimits,
        hits: &'d mut LimitHits,
        pool: &'d mut FragmentPool,
        time: Timestamp,
    ) -> Self {
        Walk {
            limits,
            hits,
            pool,
            time,
            ip: IpHead::NONE,
            tunnels: 0,
            link_headers: 0,
            extensions: 0,
        }
    }

    /// Walks until something is found.
    #[inline]
    pub(super) fn run<'a>(&mut self, mut next: Next, mut piece: Piece<'a>) -> Found<'a> {
        loop {
            let step = match next {
                Next::Ip => self.open_ip(piece),
                Next::Protocol(tcp::PROTOCOL) => {
                    return match tcp::segment(&self.ip, piece) {
                        Ok(segment) => Found::Segment(segment),
                        Err(reason) => Found::Skip(reason),
                    };
                }
                other => self.uncommon(other, piece),
            };
            match step {
                Ok(Move::To(n, p)) => (next, piece) = (n, p),
                Ok(Move::Rebuilt(rebuilt)) => return Found::Rebuilt(rebuilt),
                Err(reason) => return Found::Skip(reason),
            }
        }
    }

    /// The IP header; a fragment goes to the pool.
    #[inline]
    fn open_ip<'a>(&mut self, piece: Piece<'a>) -> Result<Move<'a>, SkipReason> {
        let opened = ip::open(piece, &mut self.ip)?;
        self.extensions = 0;
        match opened.fragment {
            None => Ok(Move::To(Next::Protocol(opened.protocol), opened.payload)),
            Some(place) => self.keep(Fragment {
                place,
                protocol: opened.protocol,
                piece: opened.payload,
            }),
        }
    }

    /// Everything but plain IP and TCP.
    #[inline(never)]
    fn uncommon<'a>(&mut self, next: Next, piece: Piece<'a>) -> Result<Move<'a>, SkipReason> {
        let step = match next {
            Next::Protocol(number) => return self.protocol(number, piece),
            Next::Ip => return self.open_ip(piece),
            Next::Ethernet => link::ethernet(piece),
            Next::EtherType(number) => link::ethertype(number, piece),
            Next::Llc => link::llc(piece),
            Next::Ppp => link::ppp(piece),
        };
        let (next, piece) = step?;
        self.link_headers += 1;
        if self.link_headers > self.limits.link_headers {
            return Err(self.too_deep(Limit::LinkHeaders));
        }
        Ok(Move::To(next, piece))
    }

    /// What an IP protocol number other than TCP announces.
    fn protocol<'a>(&mut self, number: u8, piece: Piece<'a>) -> Result<Move<'a>, SkipReason> {
        if ip::is_extension(number, self.ip.is_v6()) {
            return self.extension(number, piece);
        }
        let (next, piece) = tunnel::open(number, piece)?;
        self.tunnels += 1;
        if self.tunnels > self.limits.tunnel_depth {
            return Err(self.too_deep(Limit::TunnelDepth));
        }
        Ok(Move::To(next, piece))
    }

    /// One IPv6 extension header, or an authentication header of either version.
    fn extension<'a>(&mut self, number: u8, piece: Piece<'a>) -> Result<Move<'a>, SkipReason> {
        self.extensions += 1;
        if self.extensions > self.limits.ip_extensions {
            return Err(self.too_deep(Limit::IpExtensions));
        }
        let opened = ip::open_extension(number, piece, &mut self.ip)?;
        match opened.fragment {
            None => Ok(Move::To(Next::Protocol(opened.protocol), opened.payload)),
            Some(place) => self.keep(Fragment {
                place,
                protocol: opened.protocol,
                piece: opened.payload,
            }),
        }
    }

    /// Gives a fragment to the pool.
    #[cold]
    fn keep<'a>(&mut self, fragment: Fragment<'_>) -> Result<Move<'a>, SkipReason> {
        if !may_hold_tcp(fragment.protocol, self.ip.is_v6()) {
            return Err(SkipReason::NotTcp);
        }
        self.pool
            .add(&self.ip, fragment, self.time, self.limits, self.hits)
            .map(Move::Rebuilt)
    }

    #[cold]
    fn too_deep(&mut self, limit: Limit) -> SkipReason {
        self.hits.count(limit);
        SkipReason::TunnelTooDeep
    }

    /// Walks on inside a rebuilt packet. Each packet that fragments inside it complete lies in a slot of its own, since
    /// the segment borrows the last one.
    pub(super) fn resume<'a>(
        &mut self,
        rebuilt: Rebuilt,
        slots: &'a mut [Vec<u8>],
    ) -> Result<Segment<'a>, SkipReason> {
        let Some((slot, rest)) = slots.split_first_mut() else {
            return Err(self.too_deep(Limit::TunnelDepth));
        };
        *slot = rebuilt.bytes;
        let piece = Piece::new(slot, rebuilt.missing);
        let piece = piece.limit(piece.wire_len());
        match self.run(Next::Protocol(rebuilt.protocol), piece) {
            Found::Segment(segment) => Ok(segment),
            Found::Skip(reason) => Err(reason),
            Found::Rebuilt(inner) => self.resume(inner, rest),
        }
    }
}

/// Where a walk goes from a header.
enum Move<'a> {
    To(Next, Piece<'a>),
    Rebuilt(Rebuilt),
}

/// Fragments of other protocols are not worth memory.
fn may_hold_tcp(protocol: u8, v6: bool) -> bool {
    protocol == tcp::PROTOCOL || ip::is_extension(protocol, v6) || tunnel::is_tunnel(protocol)
}
