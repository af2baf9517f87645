//! Packets of an interface while they happen.
//!
//! Not in libpcap's immediate mode: that mode drops half of a busy loopback. A silent interface never wakes libpcap
//! up, so the descriptor is polled.

#![expect(
    clippy::disallowed_methods,
    reason = "a message names this program by its path"
)]

use super::filter::said;
use super::interfaces::interfaces;
use super::link_type::{link_of, link_type_name};
use super::{InputReport, Source, SourceError};
use crate::model::{PacketRef, Timestamp};
use crate::packet::Packet;
use pcap::{Active, Capture, Error, Linktype, Precision};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The kernel's buffer in bytes: holds a burst of big values, or a quarter of a second of small ones.
const BUFFER: i32 = 64 << 20;

/// How long the kernel may collect packets before it hands them over, in milliseconds.
const HAND_OVER_MS: i32 = 100;

/// How long one call waits for a packet.
const WAIT: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};

/// Longest packet taken, in bytes. Offloading makes packets of 64 KiB and more.
const SNAPLEN: i32 = 262_144;

/// Link type of the `any` device that says which interface a packet came from.
const LINUX_SLL2: i32 = 276;

/// How many packets may pass before the drop counters are read again, when there is no pause.
const COUNTERS_EVERY: u64 = 65_536;

/// How many pauses may pass before somebody looks whether the interface is still there: about a second.
const LOOK_EVERY: u32 = 20;

/// Time stamps of files have nanoseconds; only Linux promises them for devices.
const NANOS: bool = cfg!(target_os = "linux");

/// How an interface is opened.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LiveOptions {
    /// Its name; `any` is all of them.
    pub interface: String,
    /// Also take packets that are not for this machine.
    pub promiscuous: bool,
    /// A filter expression (`man pcap-filter`), applied by the kernel.
    pub filter: Option<String>,
    /// Index that the packets carry.
    pub file: u16,
}

/// An open interface.
pub struct LiveSource {
    capture: Capture<Active>,
    name: String,
    link: u16,
    file: u16,
    packets: u64,
    first: Timestamp,
    last: Timestamp,
    /// Nothing was there at the last look.
    idle: bool,
    presence: Presence,
    kernel: Counter,
    interface: Counter,
}

/// A 32-bit counter of the kernel, continued past its wrap.
#[derive(Clone, Copy, Default)]
struct Counter {
    last: u32,
    total: u64,
}

impl Counter {
    fn read(&mut self, now: u32) {
        self.total += u64::from(now.wrapping_sub(self.last));
        self.last = now;
    }
}

/// Whether an interface is still there. Not every libpcap says so: to it, one that has disappeared is as silent as one on
/// which nothing happens.
#[derive(Clone, Copy, Default)]
struct Presence {
    /// Pauses in a row.
    pauses: u32,
}

impl Presence {
    /// Nothing came for a moment.
    fn check(&mut self, name: &str) -> Result<(), SourceError> {
        self.pauses += 1;
        if name == "any" || !self.pauses.is_multiple_of(LOOK_EVERY) {
            return Ok(());
        }
        match interfaces() {
            Ok(all) if all.iter().all(|interface| interface.name != name) => Err(SourceError {
                path: name.to_owned(),
                message: "capturing stopped: the interface has disappeared".to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

impl LiveSource {
    /// Opens an interface.
    ///
    /// # Errors
    /// When there is no such interface, no permission, or the filter is not valid. The message says what to do.
    pub fn open(options: &LiveOptions) -> Result<LiveSource, SourceError> {
        let name = options.interface.as_str();
        let failed = |message: String| SourceError {
            path: name.to_owned(),
            message,
        };
        let mut capture = activate(name, options.promiscuous).map_err(failed)?;
        if name == "any" {
            // Without it the packets do not say which interface they came from. Old kernels can not.
            let _ = capture.set_datalink(Linktype(LINUX_SLL2));
        }
        let link = link_of(capture.get_datalink().0)
            .ok_or_else(|| failed("its link type is not known to this libpcap".to_owned()))?;
        if let Some(expression) = &options.filter {
            capture.filter(expression, true).map_err(|error| {
                let why = said(&error);
                failed(format!(
                    "the filter '{expression}' is not valid here: {why}; for the syntax see man pcap-filter"
                ))
            })?;
        }
        let capture = capture.setnonblock().map_err(|e| failed(said(&e)))?;
        Ok(LiveSource {
            capture,
            name: name.to_owned(),
            link,
            file: options.file,
            packets: 0,
            first: Timestamp::MAX,
            last: Timestamp::MIN,
            idle: false,
            presence: Presence::default(),
            kernel: Counter::default(),
            interface: Counter::default(),
        })
    }

    fn read_counters(&mut self) {
        // A device without counters reports none; the capture goes on.
        if let Ok(now) = self.capture.stats() {
            self.kernel.read(now.dropped);
            self.interface.read(now.if_dropped);
        }
    }

    /// Waits a moment for a packet.
    fn wait(&self) -> Result<bool, SourceError> {
        let mut fds = [PollFd::new(&self.capture, PollFlags::IN)];
        match poll(&mut fds, Some(&WAIT)) {
            Ok(ready) => Ok(ready > 0),
            // A signal: the caller wants to look at it.
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(self.fault(format!("waiting for packets failed: {error}"))),
        }
    }

    fn fault(&self, message: String) -> SourceError {
        SourceError {
            path: self.name.clone(),
            message,
        }
    }
}

impl Source for LiveSource {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, SourceError> {
        if self.idle {
            self.read_counters();
            if !self.wait()? {
                self.presence.check(&self.name)?;
                return Ok(None);
            }
        } else if self.packets.is_multiple_of(COUNTERS_EVERY) {
            self.read_counters();
        }
        self.idle = false;
        match self.capture.next_packet() {
            Ok(packet) => {
                self.presence = Presence::default();
                let time = time_of(packet.header);
                self.packets += 1;
                self.first = self.first.min(time);
                self.last = self.last.max(time);
                Ok(Some(Packet {
                    at: PacketRef::new(self.file, self.packets),
                    time,
                    link: self.link,
                    wire_len: packet.header.len.max(packet.header.caplen),
                    bytes: packet.data,
                }))
            }
            Err(Error::TimeoutExpired | Error::NoMorePackets) => {
                self.idle = true;
                self.presence.check(&self.name)?;
                Ok(None)
            }
            Err(error) => Err(SourceError {
                path: self.name.clone(),
                message: format!(
                    "capturing stopped: {}; is the interface still up?",
                    said(&error)
                ),
            }),
        }
    }

    fn inputs(&self) -> Vec<InputReport> {
        let any = self.packets > 0;
        vec![InputReport {
            path: self.name.clone(),
            format: "live".to_owned(),
            packets: self.packets,
            link_types: vec![link_type_name(self.link)],
            interfaces: vec![self.name.clone()],
            first: any.then_some(self.first),
            last: any.then_some(self.last),
            dropped: Some((self.kernel.total, self.interface.total)),
            problems_total: 0,
            problems: Vec::new(),
        }]
    }

    fn is_live(&self) -> bool {
        true
    }
}

fn time_of(header: &pcap::PacketHeader) -> Timestamp {
    let factor = if NANOS { 1 } else { 1_000 };
    let whole = header.ts.tv_sec.saturating_mul(1_000_000_000);
    let fraction = header.ts.tv_usec.saturating_mul(factor);
    Timestamp::from_nanos(whole.saturating_add(fraction))
}

fn activate(name: &str, promiscuous: bool) -> Result<Capture<Active>, String> {
    let precision = if NANOS {
        Precision::Nano
    } else {
        Precision::Micro
    };
    let inactive = Capture::from_device(name).map_err(|error| explain(name, &said(&error)))?;
    inactive
        .precision(precision)
        .buffer_size(BUFFER)
        .timeout(HAND_OVER_MS)
        .snaplen(SNAPLEN)
        // The device of all interfaces has no such mode, and asking for it fails.
        .promisc(promiscuous && name != "any")
        .open()
        .map_err(|error| explain(name, &said(&error)))
}

/// What to do about an interface that does not open.
fn explain(name: &str, why: &str) -> String {
    let known = interfaces().unwrap_or_default();
    let exists = known.iter().any(|interface| interface.name == name);
    let lower = why.to_lowercase();
    if lower.contains("permi") || lower.contains("privilege") {
        return no_permission(why);
    }
    if exists {
        return format!("can not be opened: {why}");
    }
    let names: Vec<&str> = known.iter().map(|i| i.name.as_str()).collect();
    if names.is_empty() {
        return format!("no such interface, and none can be seen: {why}");
    }
    format!("no such interface: there are {}", names.join(", "))
}

fn no_permission(why: &str) -> String {
    let program = std::env::current_exe().map_or_else(
        |_| "$(command -v redorder)".to_owned(),
        |p| p.display().to_string(),
    );
    format!(
        "no permission to capture ({why}): run it with sudo, or allow it once: sudo setcap cap_net_raw,cap_net_admin=eip {program}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_go_on_past_their_wrap() {
        let mut counter = Counter::default();
        for now in [5, u32::MAX, 3] {
            counter.read(now);
        }
        assert_eq!(counter.total, u64::from(u32::MAX) + 4);
    }

    #[test]
    fn permission_errors_say_the_exact_line() {
        let said = explain(
            "eth0",
            "You don't have permission to capture on that device",
        );
        assert!(
            said.contains("setcap cap_net_raw,cap_net_admin=eip /"),
            "{said}"
        );
        assert!(said.contains("sudo"));
    }

    #[test]
    fn an_unknown_interface_lists_the_others() {
        let options = LiveOptions {
            interface: "no-such-interface".to_owned(),
            ..LiveOptions::default()
        };
        let error = LiveSource::open(&options).err().unwrap().to_string();
        let helps = error.contains("there are")
            || error.contains("setcap")
            || error.contains("none can be seen");
        assert!(helps, "{error}");
    }
}
