//! Live interfaces and the file that keeps their packets: the other place where the command line meets `source`.

use super::failure::Failure;
use crate::packet::Packet;
use crate::source::Source;
use std::io;
use std::path::Path;

/// How to listen.
pub(super) struct Listening<'a> {
    pub(super) interface: &'a str,
    pub(super) filter: Option<&'a str>,
    pub(super) promiscuous: bool,
}

/// Opens an interface.
pub(super) fn open(listening: &Listening<'_>) -> Result<Box<dyn Source>, Failure> {
    // TODO-MERGE: crate::source::live::LiveSource::open.
    let _ = (listening.filter, listening.promiscuous);
    Err(
        Failure::new(format!("can not capture on '{}'", listening.interface))
            .hint("`redorder interfaces` lists what can be captured"),
    )
}

/// One interface, as listed.
pub(super) struct Interface {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) addresses: Vec<String>,
    pub(super) state: String,
}

/// Every interface.
pub(super) fn interfaces() -> Result<Vec<Interface>, Failure> {
    // TODO-MERGE: crate::source::live::interfaces.
    Ok(Vec::new())
}

/// The file of `-w`.
pub(super) struct Keeper;

impl Keeper {
    /// Creates the file.
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        // TODO-MERGE: crate::source::PcapngWriter.
        Err(Failure::new(format!(
            "{}: keeping packets is not connected yet",
            path.display()
        )))
    }

    /// Appends a packet.
    pub(super) fn write(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        let _ = packet;
        Ok(())
    }

    /// Writes what is buffered: a full disk must not pass in silence.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}
