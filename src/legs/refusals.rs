//! Commands that servers refused for want of a login: on a leg in front the same refusal is only passed on.

use super::{Link, Passage};
use crate::model::{ConnectionId, PacketRef, Roles, Timestamp};
use crate::redis::Anchor;
use std::collections::VecDeque;

/// So many are remembered; the oldest goes first. A refusal is passed on at once, so those of the last moments will do.
const KEPT: usize = 4096;

/// An accepted AUTH.
#[derive(Clone, Copy, Debug)]
pub struct PassedLogin {
    /// Hash of the password.
    pub credential: u64,
    /// AUTH's last byte.
    pub sent: (Timestamp, PacketRef),
    /// The last byte of its reply.
    pub received: (Timestamp, PacketRef),
}

/// A command that was refused.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// Where and when.
    pub passage: Passage,
    /// Its number on that connection.
    pub index: u64,
    /// Which command it was.
    pub print: u64,
    /// Sent before AUTH's reply could have been received.
    pub blind: bool,
    /// The accepted AUTH in front of it.
    pub login: Option<PassedLogin>,
    /// How firmly command and reply belong together.
    pub anchor: Anchor,
    /// Its connection was captured from the SYN on without a gap.
    pub whole: bool,
}

/// A refusal as it was on the leg behind.
#[derive(Clone, Copy, Debug)]
pub struct Behind {
    /// The refusal there.
    pub refused: Refused,
    /// How sure it is that it is the leg behind.
    pub link: Link,
    /// The AUTH in front of it was passed on as well: both legs tell the same story.
    pub login_too: bool,
}

/// The last of them.
#[derive(Debug, Default)]
pub struct Refusals(VecDeque<Refused>);

impl Refusals {
    /// Remembers one.
    pub fn note(&mut self, refused: Refused) {
        if self.0.len() >= KEPT {
            self.0.pop_front();
        }
        self.0.push_back(refused);
    }

    /// The pairs of this connection from command number `from` on were wrong.
    pub fn forget(&mut self, connection: ConnectionId, from: u64) {
        self.0
            .retain(|r| r.passage.connection != connection || r.index < from);
    }

    /// The same refusal on the leg behind.
    pub fn behind(&self, front: &Refused, roles: &Roles) -> Option<Behind> {
        let recent = self.0.iter().rev();
        let recent = recent.take_while(|r| !r.passage.ended_before(&front.passage));
        let same = recent.filter(|r| r.print == front.print);
        let linked = same.filter_map(|refused| {
            let link = front.passage.link(&refused.passage, roles)?;
            Some(Behind {
                refused: *refused,
                link: on_one_host(front, refused, link)?,
                login_too: logs_in_alike(front, refused),
            })
        });
        linked.reduce(|best, next| if next.link > best.link { next } else { best })
    }
}

/// Where all ends have one address, a client that logs in with the same password is another client of the same kind. One
/// that does not is the proxy.
fn on_one_host(front: &Refused, behind: &Refused, link: Link) -> Option<Link> {
    let forwards = front.passage.server.addr == behind.passage.client.addr;
    if link != Link::Perhaps || !forwards {
        return Some(link);
    }
    let credential = |refused: &Refused| refused.login.map(|login| login.credential);
    let alike = behind.login.is_some() && credential(front) == credential(behind);
    (!alike).then_some(Link::ByContent)
}

/// The same AUTH went through in the same order.
fn logs_in_alike(front: &Refused, behind: &Refused) -> bool {
    let (Some(one), Some(other)) = (front.login, behind.login) else {
        return false;
    };
    let auth = |of: &Refused, login: PassedLogin| Passage {
        sent: login.sent,
        received: login.received,
        ..of.passage
    };
    one.credential == other.credential
        && front.blind == behind.blind
        && auth(front, one).holds(&auth(behind, other))
}
