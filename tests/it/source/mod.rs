//! Reading captures: real files, damaged files, and what other readers say about the same bytes.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::use_debug,
    reason = "tests read fixtures, say what they skip, and fail by panicking"
)]

mod corpus;
mod damaged;
mod inputs;
#[cfg(feature = "live")]
mod live;
mod peers;
mod public;

use redorder::model::Timestamp;
use redorder::source::{Files, Input, InputReport, Source};
use std::io::{self, Cursor, Read};

/// A packet as a test compares it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    pub(crate) number: u64,
    pub(crate) time: i64,
    pub(crate) wire_len: u32,
    pub(crate) link: u16,
    pub(crate) bytes: Vec<u8>,
}

/// Everything an input holds.
pub(crate) fn read_all(reader: Box<dyn Read + Send>) -> Result<(Vec<Seen>, InputReport), String> {
    let input = Input::new("test", reader, None).map_err(|error| error.to_string())?;
    let mut files = Files::new(vec![input]);
    let mut seen = Vec::new();
    while let Some(packet) = files.next_packet().map_err(|error| error.to_string())? {
        seen.push(Seen {
            number: packet.at.number(),
            time: packet.time.as_nanos(),
            wire_len: packet.wire_len,
            link: packet.link,
            bytes: packet.bytes.to_vec(),
        });
    }
    assert!(
        files.next_packet().is_ok_and(|packet| packet.is_none()),
        "the end stays the end"
    );
    let report = files.inputs().remove(0);
    check_report(&seen, &report);
    Ok((seen, report))
}

pub(crate) fn read_bytes(bytes: &[u8]) -> Result<(Vec<Seen>, InputReport), String> {
    read_all(Box::new(Cursor::new(bytes.to_vec())))
}

fn check_report(seen: &[Seen], report: &InputReport) {
    assert_eq!(report.packets, seen.len() as u64);
    let times = || seen.iter().map(|packet| Timestamp::from_nanos(packet.time));
    assert_eq!(report.first, times().min());
    assert_eq!(report.last, times().max());
    assert!(report.problems_total >= report.problems.len() as u64);
    assert!(seen.windows(2).all(|pair| pair[0].number < pair[1].number));
}

/// Delivers at most so many bytes per call, like a slow pipe.
pub(crate) struct Drip {
    data: Cursor<Vec<u8>>,
    step: usize,
}

impl Drip {
    pub(crate) fn new(data: &[u8], step: usize) -> Self {
        Drip {
            data: Cursor::new(data.to_vec()),
            step,
        }
    }
}

impl Read for Drip {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.step.min(out.len());
        self.data.read(&mut out[..n])
    }
}
