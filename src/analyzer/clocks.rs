//! How far the clocks of several inputs are apart, from handshakes that two of them hold.
//!
//! The same SYN was captured by both at almost the same moment, apart from the way between them; so was the SYN-ACK, on
//! the way back. The mean of both differences is the offset, as NTP (RFC 5905) reckons it: the way cancels out.

use super::event::ClockOffset;
use crate::model::{FlowKey, Side, Timestamp};
use crate::packet::Segment;
use hashbrown::HashMap;
use std::collections::{BTreeMap, VecDeque};

/// Between handshakes this far apart drift can be told (ns).
const DRIFT_AFTER_NS: i64 = 10_000_000_000;

type Handshake = (FlowKey, Side, u32, bool);

/// Differences seen for one input against the first.
#[derive(Clone, Copy, Debug)]
struct Track {
    best: (i64, i64),
    first: (Timestamp, i64),
    last: (Timestamp, i64),
}

/// Compares the clocks of inputs.
#[derive(Debug)]
pub(super) struct Clocks {
    limit: usize,
    seen: HashMap<Handshake, (u16, Timestamp)>,
    order: VecDeque<Handshake>,
    /// The difference that a flow's SYN showed, until its SYN-ACK comes.
    half: HashMap<(FlowKey, u16), i64>,
    tracks: BTreeMap<u16, Track>,
}

impl Clocks {
    /// Remembers at most `limit` handshake packets.
    pub(super) fn new(limit: usize) -> Clocks {
        Clocks {
            limit: limit.max(1),
            seen: HashMap::new(),
            order: VecDeque::new(),
            half: HashMap::new(),
            tracks: BTreeMap::new(),
        }
    }

    /// Looks at a segment of input `file`; only handshakes matter.
    pub(super) fn note(&mut self, file: u16, time: Timestamp, segment: &Segment<'_>) {
        if !segment.flags.syn() {
            return;
        }
        let (key, side) = FlowKey::of(segment.src, segment.dst);
        let answer = segment.flags.ack();
        let handshake = (key, side, segment.seq, answer);
        let Some(&(other, seen)) = self.seen.get(&handshake) else {
            self.remember(handshake, file, time);
            return;
        };
        let (later, difference) = match (other, file) {
            (0, later) if later > 0 => (later, time.since(seen)),
            (later, 0) if later > 0 => (later, seen.since(time)),
            _ => return,
        };
        if !answer {
            if self.half.len() < self.limit {
                self.half.insert((key, later), difference);
            }
        } else if let Some(there) = self.half.remove(&(key, later)) {
            self.sample(later, time, there, difference);
        }
    }

    fn remember(&mut self, handshake: Handshake, file: u16, time: Timestamp) {
        if self.order.len() >= self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        self.seen.insert(handshake, (file, time));
        self.order.push_back(handshake);
    }

    fn sample(&mut self, file: u16, time: Timestamp, there: i64, back: i64) {
        let offset = there.midpoint(back);
        let spread = there.saturating_sub(back).saturating_abs();
        let track = self.tracks.entry(file).or_insert(Track {
            best: (spread, offset),
            first: (time, offset),
            last: (time, offset),
        });
        track.last = (time, offset);
        track.best = track.best.min((spread, offset));
    }

    /// The clock of input `file` is so far ahead, and was set right before its packets came here.
    pub(super) fn set_right(&mut self, file: u16, ahead: i64) {
        self.tracks.insert(
            file,
            Track {
                best: (0, ahead),
                first: (Timestamp::MIN, ahead),
                last: (Timestamp::MIN, ahead),
            },
        );
    }

    /// What is known of each input but the first.
    pub(super) fn offsets(&self) -> Vec<ClockOffset> {
        self.tracks
            .iter()
            .map(|(file, track)| {
                let span = track.last.0.since(track.first.0);
                let moved = i128::from(track.last.1) - i128::from(track.first.1);
                let drift = if span >= DRIFT_AFTER_NS {
                    moved * 1_000_000_000 / i128::from(span)
                } else {
                    0
                };
                ClockOffset {
                    file: *file,
                    offset_ns: track.best.1,
                    drift_ppb: i64::try_from(drift).unwrap_or(0),
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Endpoint;
    use crate::packet::TcpFlags;
    use std::net::IpAddr;

    fn segment(answer: bool, port: u16) -> Segment<'static> {
        let end = |last, port| Endpoint {
            addr: IpAddr::from([10, 0, 0, last]),
            port,
        };
        let (client, server) = (end(1, port), end(2, 6379));
        let (src, dst) = if answer {
            (server, client)
        } else {
            (client, server)
        };
        Segment {
            src,
            dst,
            seq: 7,
            ack: 0,
            flags: TcpFlags(TcpFlags::SYN | if answer { TcpFlags::ACK } else { 0 }),
            window: 0,
            payload: &[],
            cut: 0,
            fingerprint: 0,
            timestamp: 0,
            hops: 64,
        }
    }

    #[test]
    fn the_way_cancels_out() {
        let at = Timestamp::from_nanos;
        let mut clocks = Clocks::new(10);
        // The second clock is 1000 ahead; the way takes 30.
        clocks.note(0, at(0), &segment(false, 1));
        clocks.note(1, at(1030), &segment(false, 1));
        clocks.note(1, at(1100), &segment(true, 1));
        clocks.note(0, at(130), &segment(true, 1));
        let offsets = clocks.offsets();
        assert_eq!(offsets.len(), 1);
        assert_eq!(
            (offsets[0].file, offsets[0].offset_ns, offsets[0].drift_ppb),
            (1, 1000, 0)
        );
    }

    #[test]
    fn drift_needs_time() {
        let mut clocks = Clocks::new(10);
        for (port, start, ahead) in [(1, 0, 1000), (2, 20_000_000_000, 21_000)] {
            for answer in [false, true] {
                clocks.note(0, Timestamp::from_nanos(start), &segment(answer, port));
                clocks.note(
                    1,
                    Timestamp::from_nanos(start + ahead),
                    &segment(answer, port),
                );
            }
        }
        let drift = clocks.offsets()[0].drift_ppb;
        assert!((999..=1000).contains(&drift), "{drift}");
    }

    #[test]
    fn one_input_has_no_offset_and_memory_is_bounded() {
        let mut clocks = Clocks::new(3);
        for port in 1..100 {
            clocks.note(0, Timestamp::from_nanos(0), &segment(false, port));
        }
        assert!(clocks.offsets().is_empty());
        assert_eq!(clocks.seen.len(), 3);
    }
}
