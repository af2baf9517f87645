//! `ADDR[:PORT]` and `ADDR[:PORT]=ROLE` as typed.

use crate::analyzer::{AddressFilter, Role};
use std::net::{IpAddr, SocketAddr};

/// `10.0.0.1`, `10.0.0.1:6379`, `::1`, `[::1]:6379`, `:6379`.
pub(super) fn address(text: &str) -> Result<AddressFilter, String> {
    if let Ok(end) = text.parse::<SocketAddr>() {
        return Ok(filter(Some(end.ip()), Some(end.port())));
    }
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    if let Ok(addr) = bare.unwrap_or(text).parse::<IpAddr>() {
        return Ok(filter(Some(addr), None));
    }
    match text.strip_prefix(':').map(str::parse) {
        Some(Ok(port)) => Ok(filter(None, Some(port))),
        _ => Err("not an address: write 10.0.0.1, 10.0.0.1:6379, [::1]:6379 or :6379 (names are not looked up)".to_owned()),
    }
}

/// `6379`.
pub(super) fn port(text: &str) -> Result<u16, String> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| "not a port: write a number from 1 to 65535, such as 6380".to_owned())
}

fn filter(addr: Option<IpAddr>, port: Option<u16>) -> AddressFilter {
    AddressFilter { addr, port }
}

const ROLES: [Role; 4] = [Role::Client, Role::Proxy, Role::Redis, Role::AuthService];

/// `10.0.0.2:6379=proxy`.
pub(super) fn role(text: &str) -> Result<(AddressFilter, Role), String> {
    let (end, word) = text
        .rsplit_once('=')
        .ok_or("write ADDR[:PORT]=ROLE, such as 10.0.0.2:6379=proxy")?;
    let role = ROLES.into_iter().find(|r| r.name() == word);
    let role = role.ok_or_else(|| {
        format!("'{word}' is no role: write client, proxy, redis or auth-service")
    })?;
    Ok((address(end)?, role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let ip = |s: &str| s.parse::<IpAddr>().ok();
        let table = [
            ("10.0.0.1", ip("10.0.0.1"), None),
            ("10.0.0.1:6379", ip("10.0.0.1"), Some(6379)),
            ("::1", ip("::1"), None),
            ("[::1]", ip("::1"), None),
            ("[::1]:1", ip("::1"), Some(1)),
            (":6379", None, Some(6379)),
        ];
        for (text, addr, port) in table {
            assert_eq!(address(text), Ok(filter(addr, port)), "{text}");
        }
        for text in [
            "",
            ":",
            "redis",
            "10.0.0.1:",
            "10.0.0.1:70000",
            ":-1",
            "[::1",
            "1.2.3",
        ] {
            assert!(address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn roles() {
        let (end, proxy) = role("[::1]:6379=proxy").unwrap();
        assert_eq!((end.port, proxy), (Some(6379), Role::Proxy));
        for text in ["10.0.0.1", "10.0.0.1=", "=proxy", "10.0.0.1=unknown"] {
            assert!(role(text).is_err(), "{text}");
        }
    }
}
