//! Where packets come from: capture files, standard input, a live interface.
//!
//! A shell: opens files and devices, never judges a packet. The only folder that names `pcap`.

mod byte_order;
mod classic;
mod damage;
mod files;
mod filter;
mod input;
#[cfg(feature = "live")]
mod interfaces;
mod link_type;
#[cfg(feature = "live")]
mod live;
mod pcapng;
mod progress;
mod record;
mod skew;
mod sniff;
mod stop;
mod unpack;
mod window;
mod write;

pub use files::{Files, Opened, open_files, open_files_until};
pub use filter::{Filter, FilterError};
pub use input::Input;
#[cfg(feature = "live")]
pub use interfaces::{Interface, interfaces};
pub use link_type::link_type_name;
#[cfg(feature = "live")]
pub use live::{LiveOptions, LiveSource};
pub use pcapng::{Annotations, Comment, Secrets};
pub use progress::Progress;
pub use stop::Stop;
pub use write::PcapNgWriter;

use crate::model::Timestamp;
use crate::packet::Packet;

/// Packets in time order. The packet borrows the source's buffer until the next call.
pub trait Source {
    /// The next packet; `None` at the end (files) or when nothing has arrived for a moment (`is_live`).
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, SourceError>;

    /// What has been read so far, one entry per input, in the order given.
    fn inputs(&self) -> Vec<InputReport>;

    /// Inputs whose clocks are set right, and how many ns they are ahead: those of a tap that writes one file per
    /// direction. The times of their packets are by the clock of the other direction.
    fn clock_offsets(&self) -> Vec<(u16, i64)> {
        Vec::new()
    }

    /// `None` from [`Source::next_packet`] means "nothing now" rather than "the end".
    fn is_live(&self) -> bool {
        false
    }
}

/// Why a source can not be opened or read at all. Damage inside a readable input is a [`Problem`] instead.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {message}")]
pub struct SourceError {
    /// The input's name as given.
    pub path: String,
    /// What is wrong and what to do about it.
    pub message: String,
}

/// A damaged place of an input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Byte offset in the (decompressed) input.
    pub offset: u64,
    /// What was wrong there, and what was done.
    pub reason: String,
}

/// What is known of one input.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InputReport {
    /// Name as given (`-` for standard input).
    pub path: String,
    /// `pcap`, `pcap-ns`, `pcapng`, with `+gzip`, `+zstd`, `+lz4` behind it when compressed; `live` for an interface.
    pub format: String,
    /// Packets read.
    pub packets: u64,
    /// LINKTYPE names (`ETHERNET`, `LINUX_SLL2`, number when unnamed), in order of appearance.
    pub link_types: Vec<String>,
    /// Interface names, where the file has them.
    pub interfaces: Vec<String>,
    /// Time of the earliest packet.
    pub first: Option<Timestamp>,
    /// Time of the latest packet.
    pub last: Option<Timestamp>,
    /// Packets lost by the kernel and by the interface, where the file or device says so.
    pub dropped: Option<(u64, u64)>,
    /// How many damaged places.
    pub problems_total: u64,
    /// The first 100 of them.
    pub problems: Vec<Problem>,
}

impl InputReport {
    /// Packets lost by the kernel and by the interface together.
    pub fn dropped_packets(&self) -> u64 {
        let lost = |(kernel, interface): (u64, u64)| kernel.saturating_add(interface);
        self.dropped.map_or(0, lost)
    }
}
