//! Writing packets as pcapng, with nanoseconds and any mix of link types.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this file makes the captures that a live run keeps"
)]

use crate::model::Timestamp;
use crate::packet::Packet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

const SECTION_HEADER: u32 = 0x0A0D_0D0A;
const INTERFACE: u32 = 1;
const STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;

/// A pcapng file being written: one section, one interface per link type.
///
/// Every failed write is returned. Call [`PcapNgWriter::finish`] at the end: dropping the writer can not report one.
pub struct PcapNgWriter<W: Write> {
    out: BufWriter<W>,
    links: Vec<u16>,
    interface: Option<String>,
}

impl PcapNgWriter<File> {
    /// Creates the file, for its owner alone: it holds what was on the wire, passwords included.
    ///
    /// # Errors
    /// When it can not be created or written, when there is a file already, and when the name is a symbolic link: somebody
    /// else may have put it there.
    pub fn create(path: &Path) -> io::Result<Self> {
        PcapNgWriter::new(create(path, false)?)
    }

    /// The same, in the place of a file that is there already.
    ///
    /// # Errors
    /// As [`PcapNgWriter::create`], apart from that.
    pub fn replace(path: &Path) -> io::Result<Self> {
        PcapNgWriter::new(create(path, true)?)
    }
}

fn create(path: &Path, overwrite: bool) -> io::Result<File> {
    let refused = |why: &str| Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
    match std::fs::symlink_metadata(path) {
        Ok(meta) if meta.is_symlink() => {
            return refused("it is a symbolic link: name the file itself");
        }
        Ok(meta) if meta.is_file() && meta.len() > 0 && !overwrite => {
            return refused("there is a file already: choose another name, or give --overwrite");
        }
        Ok(meta) if meta.is_file() => std::fs::remove_file(path)?,
        // A pipe or a device.
        Ok(_) => return OpenOptions::new().write(true).open(path),
        Err(_) => {}
    }
    // Fails if something has come in between, a link included.
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl<W: Write> PcapNgWriter<W> {
    /// Starts a file.
    ///
    /// # Errors
    /// When it can not be written.
    pub fn new(out: W) -> io::Result<Self> {
        let mut out = BufWriter::new(out);
        let application = concat!("redorder ", env!("CARGO_PKG_VERSION"));
        let mut body = Vec::new();
        body.extend(0x1A2B_3C4Du32.to_le_bytes());
        body.extend(1u16.to_le_bytes());
        body.extend(0u16.to_le_bytes());
        // Section length: not said.
        body.extend(u64::MAX.to_le_bytes());
        option(&mut body, 4, application.as_bytes());
        end_of_options(&mut body);
        block(&mut out, SECTION_HEADER, &[&body])?;
        Ok(PcapNgWriter {
            out,
            links: Vec::new(),
            interface: None,
        })
    }

    /// Names the interface the packets come from.
    #[must_use]
    pub fn with_interface(self, name: &str) -> Self {
        PcapNgWriter {
            interface: Some(name.to_owned()),
            ..self
        }
    }

    /// Appends a packet. Times before 1970 become 1970: the format has none.
    ///
    /// # Errors
    /// When it can not be written, for example on a full disk.
    pub fn write(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        let too_long = |_| io::Error::other("a packet of more than 4 GiB can not be written");
        let interface = self.interface_of(packet.link)?;
        let captured = u32::try_from(packet.bytes.len()).map_err(too_long)?;
        let units = u64::try_from(packet.time.as_nanos()).unwrap_or(0);
        let mut fixed = [0; 20];
        let words = [
            interface,
            (units >> 32) as u32,
            units as u32,
            captured,
            packet.wire_len,
        ];
        for (to, word) in fixed.chunks_exact_mut(4).zip(words) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        let padding = packet.bytes.len().next_multiple_of(4) - packet.bytes.len();
        let padding = [0; 3].get(..padding).unwrap_or_default().to_owned();
        block(
            &mut self.out,
            ENHANCED_PACKET,
            &[&fixed, packet.bytes, &padding],
        )
    }

    fn interface_of(&mut self, link: u16) -> io::Result<u32> {
        let index = match self.links.iter().position(|known| *known == link) {
            Some(index) => index,
            None => {
                self.describe(link)?;
                self.links.push(link);
                self.links.len() - 1
            }
        };
        u32::try_from(index).map_err(io::Error::other)
    }

    fn describe(&mut self, link: u16) -> io::Result<()> {
        let mut body = Vec::new();
        body.extend(link.to_le_bytes());
        body.extend([0; 2]);
        // Snapshot length: no limit.
        body.extend(0u32.to_le_bytes());
        if let Some(name) = &self.interface {
            option(&mut body, 2, name.as_bytes());
        }
        // Nanoseconds.
        option(&mut body, 9, &[9]);
        end_of_options(&mut body);
        block(&mut self.out, INTERFACE, &[&body])
    }

    /// Notes how many packets the kernel and the interface have dropped, at `time`.
    ///
    /// # Errors
    /// When it can not be written.
    pub fn note_dropped(
        &mut self,
        time: Timestamp,
        (kernel, interface): (u64, u64),
    ) -> io::Result<()> {
        if self.links.is_empty() {
            // Without a packet no interface has been described that the block could refer to.
            return Ok(());
        }
        let units = u64::try_from(time.as_nanos()).unwrap_or(0);
        let mut body = Vec::new();
        body.extend(0u32.to_le_bytes());
        body.extend(((units >> 32) as u32).to_le_bytes());
        body.extend((units as u32).to_le_bytes());
        option(&mut body, 5, &interface.to_le_bytes());
        option(&mut body, 7, &kernel.to_le_bytes());
        end_of_options(&mut body);
        block(&mut self.out, STATISTICS, &[&body])
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When the rest can not be written.
    pub fn finish(self) -> io::Result<W> {
        self.out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
    }
}

/// Writes a block; the parts together are padded already.
fn block(out: &mut impl Write, kind: u32, parts: &[&[u8]]) -> io::Result<()> {
    let body: usize = parts.iter().map(|part| part.len()).sum();
    let len = u32::try_from(body + 12)
        .map_err(io::Error::other)?
        .to_le_bytes();
    out.write_all(&kind.to_le_bytes())?;
    out.write_all(&len)?;
    for part in parts {
        out.write_all(part)?;
    }
    out.write_all(&len)
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
    let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
    body.extend(code.to_le_bytes());
    body.extend(len.to_le_bytes());
    body.extend(value);
    body.resize(body.len().next_multiple_of(4), 0);
}

fn end_of_options(body: &mut Vec<u8>) {
    body.extend([0; 4]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_is_the_owners_alone_and_takes_no_other_ones_place() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kept.pcapng");
        PcapNgWriter::create(&path).unwrap().finish().unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(PcapNgWriter::create(&path).is_err(), "it exists");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        PcapNgWriter::replace(&path).unwrap().finish().unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let link = dir.path().join("link.pcapng");
        symlink(dir.path().join("elsewhere"), &link).unwrap();
        assert!(PcapNgWriter::create(&link).is_err(), "a link");
        assert!(PcapNgWriter::replace(&link).is_err(), "a link");
        assert!(!dir.path().join("elsewhere").exists());
    }

    use crate::model::PacketRef;

    #[test]
    fn a_full_disk_is_an_error() {
        /// Takes so many bytes and no more.
        struct Full(usize);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                let n = bytes.len().min(self.0);
                self.0 -= n;
                if n == 0 {
                    Err(io::Error::other("no space left"))
                } else {
                    Ok(n)
                }
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let packet = Packet {
            at: PacketRef::new(0, 1),
            time: Timestamp::default(),
            link: 1,
            wire_len: 100,
            bytes: &[1; 100],
        };
        let mut writer = PcapNgWriter::new(Full(2_000)).unwrap();
        let failed = (0..1_000).any(|_| writer.write(&packet).is_err());
        assert!(failed);
        let writer = PcapNgWriter::new(Full(40)).unwrap();
        assert!(writer.finish().is_err());
    }
}
