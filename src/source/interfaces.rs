//! The interfaces of this machine, as libpcap lists them.

use super::SourceError;
use super::filter::said;
use pcap::{ConnectionStatus, Device, IfFlags};
use std::net::IpAddr;

/// An interface that can be captured on, perhaps only with more rights.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interface {
    /// Name as `-i` takes it.
    pub name: String,
    /// What the system says about it.
    pub description: Option<String>,
    /// IP addresses.
    pub addresses: Vec<IpAddr>,
    /// Up.
    pub up: bool,
    /// Up and running.
    pub running: bool,
    /// A loopback.
    pub loopback: bool,
    /// Wireless.
    pub wireless: bool,
    /// Connected; `None` when it is not known or means nothing here.
    pub connected: Option<bool>,
}

/// Lists the interfaces, in libpcap's order.
///
/// # Errors
/// When libpcap can not list them.
pub fn interfaces() -> Result<Vec<Interface>, SourceError> {
    let devices = Device::list().map_err(|error| SourceError {
        path: "interfaces".to_owned(),
        message: format!("can not be listed: {}", said(&error)),
    })?;
    Ok(devices.into_iter().map(Interface::from).collect())
}

impl From<Device> for Interface {
    fn from(device: Device) -> Self {
        let has = |flag| device.flags.contains(flag);
        Interface {
            up: has(IfFlags::UP),
            running: has(IfFlags::RUNNING),
            loopback: has(IfFlags::LOOPBACK),
            wireless: has(IfFlags::WIRELESS),
            connected: match device.flags.connection_status {
                ConnectionStatus::Connected => Some(true),
                ConnectionStatus::Disconnected => Some(false),
                ConnectionStatus::Unknown | ConnectionStatus::NotApplicable => None,
            },
            name: device.name,
            description: device.desc.filter(|text| !text.is_empty()),
            addresses: device.addresses.into_iter().map(|a| a.addr).collect(),
        }
    }
}
