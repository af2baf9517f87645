//! One capture file or pipe: recognised, unpacked, read packet by packet.

use super::classic::{Classic, FILE_HEADER, Variant};
use super::damage::Damage;
use super::link_type::link_type_name;
use super::pcapng::{Annotations, PcapNg};
use super::progress::{Counted, Progress};
use super::record::Record;
use super::sniff::{self, Kind, MAGIC_LEN};
use super::unpack::unpack;
use super::window::Window;
use super::{InputReport, SourceError};
use crate::model::{PacketRef, Timestamp};
use crate::packet::Packet;
use std::io::{self, Cursor, Read};

/// One input, opened and recognised. Memory: a window of 256 KiB, more only for longer packets.
pub struct Input {
    path: String,
    format: String,
    file: u16,
    window: Window,
    reader: Reader,
    damage: Damage,
    progress: Progress,
    current: Option<Record>,
    ended: bool,
    packets: u64,
    first: Timestamp,
    last: Timestamp,
}

enum Reader {
    Classic(Classic),
    // Boxed: several times the size of the other.
    PcapNg(Box<PcapNg>),
}

impl Input {
    /// Recognises what `reader` delivers. `path` names it in messages, `total` is its length in bytes if known.
    ///
    /// # Errors
    /// When it is no capture, or can not be read at all; the message says what it looks like and what to do.
    pub fn new(
        path: &str,
        reader: Box<dyn Read + Send>,
        total: Option<u64>,
    ) -> Result<Input, SourceError> {
        let failed = |message: String| SourceError {
            path: path.to_owned(),
            message,
        };
        let (progress, counted) = Progress::of(reader, total);
        let (window, packing) = open_window(counted).map_err(failed)?;
        let (window, reader, format) = recognise(window).map_err(failed)?;
        let format = match packing {
            Some(name) => format!("{format}+{name}"),
            None => format.to_owned(),
        };
        Ok(Input {
            path: path.to_owned(),
            format,
            file: 0,
            window,
            reader,
            damage: Damage::default(),
            progress,
            current: None,
            ended: false,
            packets: 0,
            first: Timestamp::MAX,
            last: Timestamp::MIN,
        })
    }

    /// Its name, as given.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Sets the index that the packets carry.
    #[must_use]
    pub fn with_file(self, file: u16) -> Input {
        Input { file, ..self }
    }

    /// Goes to the next packet. `false` at the end.
    pub fn advance(&mut self) -> bool {
        self.current = self.read();
        self.current.is_some()
    }

    /// Goes to the next packet and hands it out. `None` at the end. [`Input::packet`] does not know of it.
    ///
    /// The result is what [`super::Source`] gives: it is made where it stays, since what was just written in narrow pieces
    /// is slow to be moved. For the same reason each reader goes by itself.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Result<Option<Packet<'_>>, SourceError> {
        let record = match &mut self.reader {
            _ if self.ended => None,
            Reader::Classic(reader) => reader.next(&mut self.window, &mut self.damage),
            Reader::PcapNg(_) => return self.next_of_pcapng(),
        };
        let Some(record) = record else {
            self.ended = true;
            return Ok(None);
        };
        self.count(&record);
        Ok(Some(self.packet_of(&record)))
    }

    #[inline(never)]
    fn next_of_pcapng(&mut self) -> Result<Option<Packet<'_>>, SourceError> {
        let record = self.read();
        Ok(record.map(|record| self.packet_of(&record)))
    }

    /// The packet [`Input::advance`] went to.
    #[inline]
    pub fn packet(&self) -> Option<Packet<'_>> {
        self.current.as_ref().map(|record| self.packet_of(record))
    }

    fn read(&mut self) -> Option<Record> {
        if self.ended {
            return None;
        }
        let record = match &mut self.reader {
            Reader::Classic(reader) => reader.next(&mut self.window, &mut self.damage),
            Reader::PcapNg(reader) => reader.next(&mut self.window, &mut self.damage),
        };
        let Some(record) = record else {
            self.ended = true;
            return None;
        };
        self.count(&record);
        Some(record)
    }

    #[inline(always)]
    fn count(&mut self, record: &Record) {
        self.packets += 1;
        self.first = self.first.min(record.time);
        self.last = self.last.max(record.time);
    }

    #[inline(always)]
    fn packet_of(&self, record: &Record) -> Packet<'_> {
        Packet {
            at: PacketRef::new(self.file, record.number),
            time: record.time,
            link: record.link,
            wire_len: record.wire_len,
            bytes: self.window.slice(record.span),
        }
    }

    /// Time of the current packet.
    #[inline]
    pub(super) fn time(&self) -> Option<Timestamp> {
        self.current.map(|record| record.time)
    }

    /// How far the input is read.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Comments, names and secrets of a pcapng file, as far as it is read.
    pub fn annotations(&self) -> Option<&Annotations> {
        match &self.reader {
            Reader::Classic(_) => None,
            Reader::PcapNg(reader) => Some(&reader.annotations),
        }
    }

    /// What is known of the input so far.
    pub fn report(&self) -> InputReport {
        let (links, interfaces, dropped) = match &self.reader {
            Reader::Classic(reader) => (&[reader.link][..], Vec::new(), None),
            Reader::PcapNg(reader) => (&reader.links[..], reader.names.clone(), reader.dropped()),
        };
        let any = self.packets > 0;
        InputReport {
            path: self.path.clone(),
            format: self.format.clone(),
            packets: self.packets,
            link_types: links.iter().map(|link| link_type_name(*link)).collect(),
            interfaces,
            first: any.then_some(self.first),
            last: any.then_some(self.last),
            dropped,
            problems_total: self.damage.total,
            problems: self.damage.kept.clone(),
        }
    }
}

/// Looks at the first bytes and puts the unpacker in front if need be.
fn open_window(mut raw: Counted) -> Result<(Window, Option<&'static str>), String> {
    let mut first = Vec::new();
    // Not more than that: a pipe may hold no more yet.
    let read = raw.by_ref().take(MAGIC_LEN as u64).read_to_end(&mut first);
    read.map_err(|error| unreadable(&error))?;
    let kind = sniff::kind(&first);
    let whole: Box<dyn Read + Send> = Box::new(Cursor::new(first).chain(raw));
    match kind {
        Some(Kind::Compressed(packing)) => {
            let unpacked = unpack(packing, whole)?;
            Ok((Window::new(unpacked), Some(packing.name())))
        }
        _ => Ok((Window::new(whole), None)),
    }
}

/// Reads the file header, or says what the input is instead.
fn recognise(mut window: Window) -> Result<(Window, Reader, &'static str), String> {
    let enough = window.have(MAGIC_LEN);
    match sniff::kind(window.bytes()).filter(|_| enough) {
        Some(Kind::Classic) => {
            window.have(FILE_HEADER);
            let reader = Classic::new(window.bytes()).ok_or_else(|| {
                let read = window.len();
                format!("cut off inside the file header: {read} of {FILE_HEADER} bytes are there; capture again")
            })?;
            window.consume(FILE_HEADER);
            let format = match reader.variant {
                Variant::Nanos => "pcap-ns",
                Variant::Micros | Variant::Modified => "pcap",
            };
            Ok((window, Reader::Classic(reader), format))
        }
        Some(Kind::PcapNg) => {
            let reader = Reader::PcapNg(Box::new(PcapNg::new()));
            Ok((window, reader, "pcapng"))
        }
        Some(Kind::Compressed(packing)) => {
            let name = packing.name();
            Err(format!(
                "packed twice: unpack it once ({name} -d) and try again"
            ))
        }
        None => {
            window.have(sniff::DESCRIBE_LEN);
            match window.take_error() {
                Some(error) => Err(unreadable(&error)),
                None => Err(sniff::describe(window.bytes())),
            }
        }
    }
}

fn unreadable(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return "cut off inside its compressed data, before the first packet: copy or download it again".to_owned();
    }
    format!("can not be read: {error}")
}
