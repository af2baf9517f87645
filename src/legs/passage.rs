//! A command with its reply on one leg, and whether another connection may be the leg behind.

use crate::model::{ConnectionId, Endpoint, PacketRef, Role, Roles, Timestamp};

/// Where and when a command and its reply passed on one connection.
#[derive(Clone, Copy, Debug)]
pub struct Passage {
    /// The connection.
    pub connection: ConnectionId,
    /// Who sent the command.
    pub client: Endpoint,
    /// Who answered.
    pub server: Endpoint,
    /// The command's last byte.
    pub sent: (Timestamp, PacketRef),
    /// The reply's last byte.
    pub received: (Timestamp, PacketRef),
}

/// How sure it is that one connection is the leg behind another, where the same passed on both.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Link {
    /// It may as well be another connection of the same kind.
    Perhaps,
    /// No address says so, but what passed there can not come from elsewhere.
    ByContent,
    /// The addresses say so.
    Behind,
}

impl Passage {
    /// Whether `behind` may be the same command and the same reply on the leg behind: it went on after it came, and its
    /// reply came before it was passed on. What passed has been compared before.
    pub fn link(&self, behind: &Passage, roles: &Roles) -> Option<Link> {
        let within = is_before(self.sent, behind.sent) && is_before(behind.received, self.received);
        let other = self.connection != behind.connection;
        (within && other).then(|| self.ends(behind, roles))?
    }

    /// What the ends of both say. Two connections to one server, or of one client, are next to each other and not one
    /// behind the other, unless the very same client is at both.
    fn ends(&self, behind: &Passage, roles: &Roles) -> Option<Link> {
        let front = (roles.of(&self.server), roles.of(&behind.server));
        if front.0 == Some(Role::Redis) {
            return None;
        }
        if self.client == behind.client {
            return Some(Link::Behind);
        }
        if self.server == behind.server {
            return None;
        }
        let forwards = self.server.addr == behind.client.addr;
        let one_host = self.client.addr == self.server.addr;
        let declared = front.0 == Some(Role::Proxy) || front.1 == Some(Role::Redis);
        match (forwards, one_host) {
            (true, false) => Some(Link::Behind),
            (true, true) if declared => Some(Link::Behind),
            (true, true) => Some(Link::Perhaps),
            (false, _) if self.client.addr == behind.client.addr => None,
            (false, _) => Some(Link::Perhaps),
        }
    }
}

/// Packets of one input are in order, whatever their clock says.
fn is_before(one: (Timestamp, PacketRef), other: (Timestamp, PacketRef)) -> bool {
    match one.1.file() == other.1.file() {
        true => one.1 < other.1,
        false => one.0 < other.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AddressFilter;
    use std::net::{IpAddr, Ipv4Addr};

    fn end(host: u8, port: u16) -> Endpoint {
        Endpoint {
            addr: IpAddr::V4(Ipv4Addr::new(10, 0, 0, host)),
            port,
        }
    }

    fn passage(id: u64, client: (u8, u16), server: (u8, u16), packets: (u64, u64)) -> Passage {
        let moment = |n: u64| (Timestamp::from_nanos(n as i64), PacketRef::new(0, n));
        Passage {
            connection: ConnectionId(id),
            client: end(client.0, client.1),
            server: end(server.0, server.1),
            sent: moment(packets.0),
            received: moment(packets.1),
        }
    }

    fn link(client: (u8, u16), server: (u8, u16), packets: (u64, u64)) -> Option<Link> {
        let front = passage(1, (1, 40_000), (2, 6379), (10, 20));
        front.link(&passage(2, client, server, packets), &Roles::default())
    }

    #[test]
    fn the_leg_behind_begins_at_the_server_and_lies_within() {
        assert_eq!(link((2, 50_000), (3, 6379), (12, 15)), Some(Link::Behind));
        assert_eq!(link((2, 50_000), (3, 6379), (9, 15)), None, "sent before");
        let late = link((2, 50_000), (3, 6379), (12, 21));
        assert_eq!(late, None, "answered later");
        // The proxy keeps the client's end.
        assert_eq!(link((1, 40_000), (2, 6379), (12, 15)), Some(Link::Behind));
        assert_eq!(link((1, 40_000), (3, 6379), (12, 15)), Some(Link::Behind));
        // Its other end has another address.
        assert_eq!(link((4, 50_000), (3, 6379), (12, 15)), Some(Link::Perhaps));
    }

    #[test]
    fn connections_next_to_each_other_are_no_legs() {
        assert_eq!(
            link((1, 40_001), (2, 6379), (12, 15)),
            None,
            "the same server"
        );
        assert_eq!(
            link((5, 40_001), (2, 6379), (12, 15)),
            None,
            "the same server"
        );
        assert_eq!(link((1, 40_001), (3, 6379), (12, 15)), None, "a cluster");
    }

    #[test]
    fn on_one_host_roles_tell() {
        let front = passage(1, (1, 40_000), (1, 6380), (10, 20));
        let behind = passage(2, (1, 50_000), (1, 6379), (12, 15));
        let link = |port, role| {
            let one = AddressFilter {
                addr: None,
                port: Some(port),
            };
            front.link(&behind, &Roles(vec![(one, role)]))
        };
        assert_eq!(front.link(&behind, &Roles::default()), Some(Link::Perhaps));
        assert_eq!(link(6380, Role::Proxy), Some(Link::Behind));
        assert_eq!(link(6379, Role::Redis), Some(Link::Behind));
        assert_eq!(link(6380, Role::Redis), None);
    }
}
