//! The numbers that Wireshark gives to the connections of a file (`tcp.stream`).

use super::meta::FlowMeta;

/// Counts the connections of each input: a connection's number is how many its file had before it.
#[derive(Debug, Default)]
pub(super) struct StreamNumbers {
    next: Vec<u32>,
    unknown: bool,
}

impl StreamNumbers {
    /// Notes that a packet of `meta`'s connection came from input `file`.
    #[inline(always)]
    pub(super) fn note(&mut self, meta: &mut FlowMeta, file: u16) {
        // Nearly always it is the first one.
        if meta.vantages.first().is_none_or(|(f, _)| *f != file) {
            self.note_any(meta, file);
        }
    }

    #[inline(never)]
    fn note_any(&mut self, meta: &mut FlowMeta, file: u16) {
        if !meta.vantages.iter().any(|(f, _)| *f == file) {
            self.begin(meta, file);
        }
    }

    /// The first packet of the connection in this input.
    fn begin(&mut self, meta: &mut FlowMeta, file: u16) {
        let number = self.pass(file);
        meta.vantages
            .push((file, (!self.unknown).then_some(number)));
    }

    /// A connection is seen under another name: Wireshark counts that as one more.
    pub(super) fn note_alias(&mut self, meta: &mut FlowMeta, file: u16) {
        if meta.vantages.iter().any(|(f, _)| *f == file) {
            let number = self.pass(file);
            meta.vantages
                .push((file, (!self.unknown).then_some(number)));
        }
    }

    /// Counts a connection of input `file`; its number.
    pub(super) fn pass(&mut self, file: u16) -> u32 {
        let index = usize::from(file);
        if self.next.len() <= index {
            self.next.resize(index + 1, 0);
        }
        self.next.get_mut(index).map_or(0, |next| {
            *next += 1;
            *next - 1
        })
    }

    /// From now on no number is given.
    pub(super) fn unknown(&mut self) {
        self.unknown = true;
    }
}
