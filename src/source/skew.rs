//! How far the clocks of a tap are apart that writes one file for each direction.
//!
//! No packet of such a tap is in both files, so only cause and effect compare their clocks: what is acknowledged was sent
//! before. Every acknowledgement in one file bounds the offset from one side, every one in the other file from the other
//! side; the middle is taken, as NTP does (RFC 5905). Clocks that contradict nothing are left alone.

use super::input::Input;
use crate::model::{FlowKey, Side, Timestamp};
use crate::packet::{DecodeLimits, Decoded, Decoder, Segment};
use std::collections::{BTreeMap, HashMap};

/// Packets looked at in each file.
const PACKETS: usize = 20_000;

/// A segment that says something new: up to where it sends, or up to where it acknowledges.
#[derive(Clone, Copy, Debug)]
struct Step {
    number: u32,
    time: Timestamp,
}

/// One end of a connection in one file: how far it sent and acknowledged, and when.
#[derive(Debug, Default)]
struct Track {
    sent: Vec<Step>,
    acked: Vec<Step>,
}

/// Keeps what goes further than before.
fn note(steps: &mut Vec<Step>, number: u32, time: Timestamp) {
    let further = |last: &Step| (number.wrapping_sub(last.number) as i32) > 0;
    if steps.last().is_none_or(further) {
        steps.push(Step { number, time });
    }
}

type Tracks = HashMap<(FlowKey, Side), Track>;

/// The beginning of an input.
fn tracks(input: &mut Input) -> Tracks {
    let mut decoder = Decoder::new(DecodeLimits::default());
    let mut tracks = Tracks::new();
    for _ in 0..PACKETS {
        if !input.advance() {
            break;
        }
        let Some(packet) = input.packet() else {
            break;
        };
        if let Decoded::Segment(segment) = decoder.decode(&packet) {
            take(&mut tracks, &segment, packet.time);
        }
    }
    tracks
}

fn take(tracks: &mut Tracks, segment: &Segment<'_>, time: Timestamp) {
    let (key, side) = FlowKey::of(segment.src, segment.dst);
    let track = tracks.entry((key, side)).or_default();
    let len = u32::try_from(segment.payload.len()).unwrap_or(u32::MAX);
    let ends = u32::from(segment.flags.syn()) + u32::from(segment.flags.fin());
    let len = len.wrapping_add(segment.cut).wrapping_add(ends);
    if len > 0 {
        note(&mut track.sent, segment.seq.wrapping_add(len), time);
    }
    if segment.flags.ack() && !segment.flags.rst() {
        note(&mut track.acked, segment.ack, time);
    }
}

/// For every acknowledgement, how long behind the bytes it came, by the two clocks. The smallest.
fn least_wait(sent: &[Step], acked: &[Step]) -> Option<i64> {
    let mut next = sent.iter().peekable();
    let mut least: Option<i64> = None;
    for ack in acked {
        let mut last = None;
        while let Some(step) = next.peek() {
            if (step.number.wrapping_sub(ack.number) as i32) > 0 {
                break;
            }
            last = next.next();
        }
        if let Some(step) = last.filter(|step| step.number == ack.number) {
            let wait = ack.time.since(step.time);
            least = Some(least.map_or(wait, |l| l.min(wait)));
        }
    }
    least
}

/// How far the clock of `there` is ahead of that of `here`, when each holds one direction of the same connections, and
/// their clocks can not both be right.
fn offset(here: &Tracks, there: &Tracks) -> Option<i64> {
    let (mut out, mut back): (Option<i64>, Option<i64>) = (None, None);
    let least = |a: &mut Option<i64>, b: Option<i64>| {
        *a = match (*a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    };
    #[expect(clippy::iter_over_hash_type, reason = "a minimum has no order")]
    for ((key, side), mine) in here {
        let other = (*key, side.peer());
        if here.contains_key(&other) || there.contains_key(&(*key, *side)) {
            // Somebody saw both directions: this is no split tap.
            if there.contains_key(&other) || there.contains_key(&(*key, *side)) {
                return None;
            }
            continue;
        }
        let Some(theirs) = there.get(&other) else {
            continue;
        };
        least(&mut out, least_wait(&mine.sent, &theirs.acked));
        least(&mut back, least_wait(&theirs.sent, &mine.acked));
    }
    // `out` is a wait plus the offset, `back` a wait minus the offset.
    let (out, back) = (out?, back?);
    (out < 0 || back < 0).then(|| out.midpoint(back.saturating_neg()))
}

/// How far each clock is ahead of the first one of its group, in the order of the inputs. Reads the beginning of each.
pub(super) fn offsets(inputs: &mut [Input]) -> Vec<i64> {
    let all: Vec<Tracks> = inputs.iter_mut().map(tracks).collect();
    let mut known: BTreeMap<usize, i64> = BTreeMap::new();
    for (index, there) in all.iter().enumerate() {
        let before = all.iter().enumerate().take(index);
        let found = before.filter_map(|(i, here)| {
            let base = known.get(&i).copied().unwrap_or_default();
            offset(here, there).map(|ahead| base.saturating_add(ahead))
        });
        if let Some(ahead) = found.into_iter().next() {
            known.insert(index, ahead);
        }
    }
    (0..all.len())
        .map(|index| known.get(&index).copied().unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Endpoint;

    const MS: i64 = 1_000_000;

    /// Client and server, each in a file of its own; the server's clock is `ahead` ns ahead.
    fn split(ahead: i64, both: bool) -> (Tracks, Tracks) {
        let end = |last, port| Endpoint {
            addr: [10, 0, 0, last].into(),
            port,
        };
        let (key, client) = FlowKey::of(end(1, 40_000), end(2, 6379));
        let (mut up, mut down) = (Tracks::new(), Tracks::new());
        for i in 0..5 {
            let at = |ms: i64| Timestamp::from_nanos((i64::from(i) * 100 + ms) * MS);
            let asks = up.entry((key, client)).or_default();
            note(&mut asks.sent, 10 + i * 10, at(0));
            note(&mut asks.acked, 500 + i * 5, at(3));
            let says = down.entry((key, client.peer())).or_default();
            note(&mut says.acked, 10 + i * 10, at(1).plus(ahead));
            note(&mut says.sent, 500 + i * 5, at(2).plus(ahead));
        }
        if both {
            down.entry((key, client)).or_default();
        }
        (up, down)
    }

    #[test]
    fn causes_come_before_effects() {
        for ahead in [3_000 * MS, -20 * MS] {
            let (up, down) = split(ahead, false);
            assert_eq!(offset(&up, &down), Some(ahead));
            assert_eq!(offset(&down, &up), Some(-ahead));
        }
    }

    #[test]
    fn clocks_that_may_be_right_are_left_alone() {
        let (up, down) = split(MS / 2, false);
        assert_eq!(offset(&up, &down), None);
    }

    #[test]
    fn two_hosts_that_see_both_directions_are_no_tap() {
        let (up, down) = split(3_000 * MS, true);
        assert_eq!(offset(&up, &down), None);
    }
}
