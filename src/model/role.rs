//! Places on the path: what an end is, and which leg a connection is.

use super::Endpoint;
use std::net::IpAddr;

/// What one end of a connection is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Role {
    /// Sends commands only.
    Client,
    /// Answers clients with a proxy's own texts, or is declared so.
    Proxy,
    /// Redis, Valkey or a compatible server.
    Redis,
    /// A proxy's auth service.
    AuthService,
    /// Not known.
    #[default]
    Unknown,
}

impl Role {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Client => "client",
            Role::Proxy => "proxy",
            Role::Redis => "redis",
            Role::AuthService => "auth-service",
            Role::Unknown => "unknown",
        }
    }
}

/// An address with or without a port, as `--client`, `--server` and `--role` take it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AddressFilter {
    /// The address; `None` = any.
    pub addr: Option<IpAddr>,
    /// The port; `None` = any.
    pub port: Option<u16>,
}

impl AddressFilter {
    /// `end` is meant.
    pub fn matches(&self, end: &Endpoint) -> bool {
        self.addr.is_none_or(|a| a == end.addr) && self.port.is_none_or(|p| p == end.port)
    }
}

/// Roles that the user declared. The first that matches counts.
#[derive(Clone, Debug, Default)]
pub struct Roles(pub Vec<(AddressFilter, Role)>);

impl Roles {
    /// What this end was declared to be.
    pub fn of(&self, end: &Endpoint) -> Option<Role> {
        let declared = self.0.iter().find(|(filter, _)| filter.matches(end));
        declared.map(|(_, role)| *role)
    }
}
