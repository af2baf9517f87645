//! The door of this folder: packets in, segments or reasons out.

use super::fragment::FragmentPool;
use super::limits::{DecodeLimits, LimitHits};
use super::piece::Piece;
use super::walk::{Found, Walk};
use super::{Packet, Segment, SkipReason, link, plain};

/// What a packet holds.
#[derive(Clone, Copy, Debug)]
pub enum Decoded<'a> {
    /// A TCP segment.
    Segment(Segment<'a>),
    /// Nothing to analyse, and why.
    Skip(SkipReason),
}

/// Decodes packets one after the other. Holds the IP fragments that wait for the rest of their packet, so one decoder
/// must see the packets of all interfaces, in time order.
///
/// ```
/// use redorder::model::{PacketRef, Timestamp};
/// use redorder::packet::{DecodeLimits, Decoded, Decoder, Packet, SkipReason};
///
/// let mut decoder = Decoder::new(DecodeLimits::default());
/// let mut arp = [0; 60];
/// arp[12..14].copy_from_slice(&[0x08, 0x06]);
/// let packet = Packet {
///     at: PacketRef::new(0, 1),
///     time: Timestamp::from_nanos(0),
///     link: 1,
///     wire_len: 60,
///     bytes: &arp,
/// };
/// assert!(matches!(decoder.decode(&packet), Decoded::Skip(SkipReason::NotIp)));
/// ```
#[derive(Debug)]
pub struct Decoder {
    limits: DecodeLimits,
    hits: LimitHits,
    pool: FragmentPool,
    /// Packets rebuilt from fragments, the innermost last: a segment borrows one of them until the next call.
    rebuilt: Vec<Vec<u8>>,
}

impl Decoder {
    /// A decoder that has seen nothing yet.
    pub fn new(limits: DecodeLimits) -> Self {
        let levels = usize::try_from(limits.tunnel_depth)
            .map_or(usize::MAX, |depth| depth.saturating_add(1));
        Decoder {
            limits,
            hits: LimitHits::default(),
            pool: FragmentPool::default(),
            rebuilt: vec![Vec::new(); levels.min(MAX_LEVELS)],
        }
    }

    /// Decodes one packet. The segment borrows the packet, or the decoder when fragments made it up.
    #[inline]
    pub fn decode<'a>(&'a mut self, packet: &Packet<'a>) -> Decoded<'a> {
        match Decoder::plain(packet) {
            Some(segment) => Decoded::Segment(segment),
            None => self.walk(packet),
        }
    }

    /// The segment of a plain packet, as nearly all are. `None`: it takes [`Decoder::walk`] to know what is in it.
    #[inline(always)]
    pub fn plain<'a>(packet: &Packet<'a>) -> Option<Segment<'a>> {
        plain::segment(packet)
    }

    /// Decodes any packet, layer by layer.
    #[inline(never)]
    pub fn walk<'a>(&'a mut self, packet: &Packet<'a>) -> Decoded<'a> {
        let (next, piece) = match link::open(packet.link, Piece::of(packet)) {
            Ok(step) => step,
            Err(reason) => return Decoded::Skip(reason),
        };
        let mut walk = Walk::new(&self.limits, &mut self.hits, &mut self.pool, packet.time);
        match walk.run(next, piece) {
            Found::Segment(segment) => Decoded::Segment(segment),
            Found::Skip(reason) => Decoded::Skip(reason),
            Found::Rebuilt(rebuilt) => match walk.resume(rebuilt, &mut self.rebuilt) {
                Ok(segment) => Decoded::Segment(segment),
                Err(reason) => Decoded::Skip(reason),
            },
        }
    }

    /// How often each bound of [`DecodeLimits`] was hit, by field name, in the order of the fields.
    pub fn limit_hits(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.hits.iter()
    }

    /// IP packets that wait for fragments now. At the end of a capture these are the ones that never became whole.
    pub fn incomplete(&self) -> usize {
        self.pool.incomplete()
    }
}

/// Packets inside each other that were fragmented at every level. More levels than any tunnel needs.
const MAX_LEVELS: usize = 16;
