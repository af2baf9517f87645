//! From when to when each input shows what happened: one that has ended says nothing of later.

use crate::model::Timestamp;

/// An input that begins so soon behind the end of another goes on with it, as the files of a ring do (ns).
const CONTINUES_NS: i64 = 100_000_000;

/// First and latest packet of every input, by index.
#[derive(Debug, Default)]
pub(super) struct Spans(Vec<Option<(Timestamp, Timestamp)>>);

impl Spans {
    /// Input `file` shows what was at `time`.
    pub(super) fn note(&mut self, file: u16, time: Timestamp) {
        let index = usize::from(file);
        if self.0.len() <= index {
            self.0.resize(index + 1, None);
        }
        if let Some(span) = self.0.get_mut(index) {
            *span = Some(match *span {
                None => (time, time),
                Some((first, last)) => (first.min(time), last.max(time)),
            });
        }
    }

    /// Until when these inputs, and those that go on with them, show what happened.
    pub(super) fn until(&self, files: impl Iterator<Item = u16>) -> Option<Timestamp> {
        let ends = files.filter_map(|file| self.0.get(usize::from(file)).copied().flatten());
        let mut until = ends.map(|(_, last)| last).max()?;
        // Each round goes on with another input, so there are no more rounds than inputs.
        for _ in 0..self.0.len() {
            let goes_on = |(first, last): &(Timestamp, Timestamp)| {
                *last > until && (0..=CONTINUES_NS).contains(&first.since(until))
            };
            match self.0.iter().flatten().find(|span| goes_on(span)) {
                Some((_, last)) => until = *last,
                None => break,
            }
        }
        Some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(of: &[(i64, i64)]) -> Spans {
        let mut spans = Spans::default();
        for (file, (first, last)) in (0u16..).zip(of) {
            for ms in [first, last] {
                spans.note(file, Timestamp::from_nanos(ms * 1_000_000));
            }
        }
        spans
    }

    fn until_ms(spans: &Spans, files: &[u16]) -> Option<i64> {
        let until = spans.until(files.iter().copied());
        until.map(|time| time.as_nanos() / 1_000_000)
    }

    #[test]
    fn an_input_ends_where_it_ends() {
        // The second one overlaps, the third one is of another day.
        let spans = spans(&[(0, 1_000), (500, 9_000), (90_000_000, 90_001_000)]);
        assert_eq!(until_ms(&spans, &[0]), Some(1_000));
        assert_eq!(until_ms(&spans, &[0, 1]), Some(9_000));
        assert_eq!(until_ms(&spans, &[7]), None);
    }

    #[test]
    fn the_files_of_a_ring_are_one_capture() {
        let spans = spans(&[(0, 1_000), (1_003, 2_000), (2_050, 3_000), (3_500, 4_000)]);
        assert_eq!(until_ms(&spans, &[0]), Some(3_000));
        assert_eq!(until_ms(&spans, &[1]), Some(3_000));
        assert_eq!(until_ms(&spans, &[3]), Some(4_000));
    }
}
