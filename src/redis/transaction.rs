//! A transaction: what is queued, and what EXEC will answer beside its array.

use super::commands::Kind;
use super::pending::{Detail, Pending};

/// A transaction, as far as it is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Multi {
    None,
    /// So many commands were queued.
    Open {
        queued: Option<u32>,
        odd: Odd,
    },
    Unknown,
}

/// Queued commands that give their array another number of elements than EXEC says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Odd {
    /// Nothing can be counted: replies are switched off, or the connection becomes another one.
    lost: bool,
    /// A login is refused without a word by some servers.
    logins: u8,
    /// CLIENT REPLY SKIP says nothing, and silences the command behind EXEC.
    skips: bool,
    /// Confirmations beyond one for each (un)subscribe.
    more: u8,
    /// One of them changes what the connection is subscribed to.
    subscriptions: bool,
}

impl Odd {
    /// Nothing behind it can be counted.
    pub(super) const LOST: Odd = Odd {
        lost: true,
        logins: 0,
        skips: false,
        more: 0,
        subscriptions: false,
    };

    /// EXEC answers with its array, and each element is a command's.
    pub(super) fn is_none(&self) -> bool {
        *self == Odd::default()
    }

    /// EXEC says how many commands were queued, whatever stands behind that.
    pub(super) fn is_counted(&self) -> bool {
        !self.lost
    }

    /// One more command is queued.
    pub(super) fn queue(&mut self, command: &Pending) {
        match command.kind {
            Kind::Monitor | Kind::Sync | Kind::Debug => self.lost = true,
            Kind::Subscribe | Kind::Unsubscribe => {
                match command.detail {
                    Detail::Confirmations(Some(n)) => {
                        let more = u8::try_from(n.saturating_sub(1)).ok();
                        let sum = more.and_then(|more| self.more.checked_add(more));
                        self.lost |= sum.is_none();
                        self.more = sum.unwrap_or_default();
                    }
                    // As many as there are by then.
                    _ => self.lost = true,
                }
                self.subscriptions = true;
            }
            // A mode that does not exist is refused, and ON is answered: with one element.
            Kind::ClientReply => match command.detail {
                // Of several some may be refused.
                Detail::ReplySkip if self.skips => self.lost = true,
                Detail::ReplySkip => self.skips = true,
                Detail::ReplyOn | Detail::None => {}
                _ => self.lost = true,
            },
            _ if command.takes_a_login() => {
                self.lost |= self.logins >= LOGINS_MAX;
                self.logins = self.logins.saturating_add(1);
            }
            _ => {}
        }
    }

    /// What may stand behind the array. `None`: nothing can be counted.
    pub(super) fn tail(&self) -> Option<Tail> {
        (!self.lost).then_some(Tail {
            logins: self.logins,
            skips: self.skips,
            behind: self.more,
            weakens: !self.is_none(),
        })
    }

    /// It brings the connection another user.
    pub(super) fn logs_in(&self) -> bool {
        self.logins > 0
    }

    /// It changes what the connection is subscribed to.
    pub(super) fn changes_subscriptions(&self) -> bool {
        self.subscriptions
    }
}

/// What EXEC left open. An element that is missing from its array is made up for by the next reply: that one stands
/// inside, and its command seems to get none. An element too much stands behind the array.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Tail {
    /// Up to so many elements are missing: refused logins.
    logins: u8,
    /// One is missing, if it was not refused: CLIENT REPLY SKIP.
    skips: bool,
    /// Up to so many stand behind the array.
    behind: u8,
    /// From here on nothing is proven.
    pub weakens: bool,
}

/// One way to read it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// The command behind EXEC gets no reply.
    pub skips: bool,
    /// So many replies stand inside of the array.
    pub inside: u8,
    pub cost: u16,
}

impl Tail {
    /// Something is open.
    #[inline]
    pub(super) fn is_open(&self) -> bool {
        self.logins | self.behind != 0 || self.skips
    }

    /// A frame may be one of those that stand behind the array.
    pub(super) fn has_behind(&self) -> bool {
        self.behind > 0
    }

    /// One of them came.
    pub(super) fn take_one_behind(&mut self) {
        self.behind = self.behind.saturating_sub(1);
    }

    /// None of them comes any more.
    pub(super) fn nothing_behind(self) -> Tail {
        Tail { behind: 0, ..self }
    }

    /// All ways to read it. Of a login the error is dropped by some servers; SKIP is refused by few users.
    pub(super) fn readings(self) -> impl Iterator<Item = Reading> {
        let reading = move |skips: bool, logins: u8| Reading {
            skips,
            inside: logins + u8::from(skips),
            cost: u16::from(logins) + u16::from(self.skips && !skips),
        };
        let silent = (0..=self.logins).map(move |n| reading(true, n));
        let heard = (0..=self.logins).map(move |n| reading(false, n));
        silent.filter(move |_| self.skips).chain(heard)
    }
}

/// Of more logins nothing is counted.
const LOGINS_MAX: u8 = 4;
