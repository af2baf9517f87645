//! What TCP shows of both ends.

use crate::model::{PacketRef, Side, Timestamp};
use crate::tcp::liveness::{Liveness, Sign};
use crate::tcp::seen::Seen;

const MS: i64 = 1_000_000;

struct Story {
    life: Liveness,
    packets: u64,
}

impl Story {
    fn new() -> Story {
        Story {
            life: Liveness::default(),
            packets: 0,
        }
    }

    fn note(&mut self, ms: i64, side: Side, bytes: Option<(i64, i64)>, ack: i64, window: u16) {
        self.packets += 1;
        self.life.note(&Sign {
            side,
            bytes,
            ack: Some(ack),
            window: Some(window),
            fin: false,
            reset: false,
            copied: false,
            seen: Seen {
                time: Timestamp::from_nanos(ms * MS),
                at: PacketRef::new(0, self.packets),
                steady: Timestamp::from_nanos(ms * MS),
            },
        });
    }

    fn hole(&self, ms: i64) -> Option<(Side, i64, u64)> {
        let hole = self.life.hole(Timestamp::from_nanos(ms * MS));
        hole.map(|h| (h.side, h.offset, h.since.at.number()))
    }
}

use Side::{High, Low};

#[test]
fn data_that_nobody_acknowledged_or_repeated_is_a_hole_after_a_second() {
    let mut story = Story::new();
    story.note(0, Low, Some((0, 10)), 0, 9);
    story.note(5, High, None, 4, 9);
    assert_eq!(story.hole(1_004), None);
    assert_eq!(story.hole(1_005), Some((Low, 4, 2)));
    // It stays known when the connection goes on.
    story.note(1_500, High, None, 10, 9);
    assert_eq!(story.hole(1_501), Some((Low, 4, 2)));
}

#[test]
fn what_is_sent_again_and_again_is_no_hole() {
    let mut story = Story::new();
    story.note(0, Low, Some((0, 10)), 0, 9);
    for ms in [200, 600, 1_400, 3_000, 6_200] {
        story.note(ms, Low, Some((0, 10)), 0, 9);
    }
    assert_eq!(story.hole(12_000), None, "the next is due at 12,600");
    assert_eq!(story.hole(16_000), Some((Low, 0, 6)));
}

#[test]
fn a_closed_window_and_acknowledged_data_prove_nothing() {
    let mut story = Story::new();
    story.note(0, Low, Some((0, 10)), 0, 9);
    story.note(1, High, None, 10, 9);
    assert_eq!(story.hole(60_000), None);
    story.note(2, High, None, 10, 0);
    story.note(3, Low, Some((10, 11)), 0, 9);
    assert_eq!(story.hole(60_000), None, "a window probe");
    let closed = story.life.window_closed(High);
    assert_eq!(closed.map(|s| s.at.number()), Some(3));
    story.note(4, High, None, 10, 9);
    assert_eq!(story.life.window_closed(High), None);
}

#[test]
fn a_rst_further_on_than_its_sender_was_seen_to_send_is_a_hole() {
    for (begin, hole) in [(4, None), (9, Some((High, 4, 3)))] {
        let mut story = Story::new();
        story.note(1, High, Some((0, 4)), 0, 1000);
        story.note(2, Low, None, 4, 1000);
        let at = PacketRef::new(0, 3);
        story.life.note(&Sign {
            side: High,
            bytes: Some((begin, begin)),
            ack: None,
            window: None,
            fin: false,
            reset: true,
            copied: false,
            seen: Seen {
                at,
                ..Seen::default()
            },
        });
        assert_eq!(story.hole(3), hole);
        let mut revived = story.life.clone();
        revived.revive();
        assert_eq!(revived.hole(Timestamp::from_nanos(3 * MS)), None);
        story.note(4, High, Some((4, 9)), 0, 1000);
        assert_eq!(story.hole(4), None, "it came late");
    }
}

#[test]
fn the_first_end_keeps_its_sender() {
    let mut story = Story::new();
    let end = |side, ms, fin: bool| Sign {
        side,
        bytes: fin.then_some((0, 1)),
        ack: None,
        window: None,
        fin,
        reset: !fin,
        copied: false,
        seen: Seen {
            time: Timestamp::from_nanos(ms * MS),
            at: PacketRef::new(0, 1),
            steady: Timestamp::from_nanos(ms * MS),
        },
    };
    story.life.note(&end(Low, 1, true));
    assert!(
        story
            .life
            .first_end()
            .is_some_and(|e| !e.reset && e.side == Low)
    );
    story.life.note(&end(High, 2, false));
    assert!(
        story
            .life
            .first_end()
            .is_some_and(|e| e.reset && e.side == Low)
    );
    assert_eq!(story.hole(60_000), None, "nobody repeats behind a RST");
    story.life.revive();
    assert!(
        story
            .life
            .first_end()
            .is_some_and(|e| !e.reset && e.side == Low)
    );
}
