//! What became of the bytes of one direction.

/// What became of the bytes of one direction of a connection.
///
/// Each byte that was captured is in exactly one of these: it was framed, it stands in a frame that is not complete yet,
/// it could not be framed, or it is known not to be a command or a reply.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// In whole commands, replies and blanks.
    pub framed: u64,
    /// In a frame whose end has not come.
    pub begun: u64,
    /// Not framed: behind a gap, behind what was no RESP, in a frame that was given up.
    pub unread: u64,
    /// A header of the PROXY protocol.
    pub proxy_header: u64,
    /// A stream of changes from a server to its replica.
    pub replication: u64,
}

impl Account {
    /// All bytes that were captured.
    pub fn captured(&self) -> u64 {
        self.framed + self.begun + self.unread + self.proxy_header + self.replication
    }

    /// Adds those of another connection.
    pub fn add(&mut self, other: Account) {
        self.framed += other.framed;
        self.begun += other.begun;
        self.unread += other.unread;
        self.proxy_header += other.proxy_header;
        self.replication += other.replication;
    }
}

/// The same while a connection lives. Of most of them all bytes are framed, and there may be many.
#[derive(Debug, Default)]
pub(super) struct LiveAccount {
    framed: u64,
    begun: u64,
    /// What became of the others.
    others: Option<Box<Account>>,
}

impl LiveAccount {
    /// All of it.
    pub(super) fn all(&self) -> Account {
        Account {
            framed: self.framed,
            begun: self.begun,
            ..self.others.as_deref().copied().unwrap_or_default()
        }
    }

    /// A frame ended with these bytes. Gives how many of its bytes were captured.
    #[inline]
    pub(super) fn frame(&mut self, used: usize) -> u64 {
        let captured = std::mem::take(&mut self.begun) + used as u64;
        self.framed += captured;
        captured
    }

    /// A frame goes on behind these bytes.
    pub(super) fn more(&mut self, used: usize) {
        self.begun += used as u64;
    }

    /// The frame that had begun is given up, and these bytes with it.
    pub(super) fn give_up(&mut self, bytes: usize) {
        let unread = std::mem::take(&mut self.begun) + bytes as u64;
        self.miss(unread);
    }

    /// These bytes could not be framed.
    pub(super) fn miss(&mut self, bytes: u64) {
        if bytes > 0 {
            self.others.get_or_insert_default().unread += bytes;
        }
    }

    /// These bytes are a header of the PROXY protocol.
    pub(super) fn proxy_header(&mut self, bytes: usize) {
        self.others.get_or_insert_default().proxy_header += bytes as u64;
    }

    /// These bytes are for a replica, and so is what had begun.
    pub(super) fn replicate(&mut self, bytes: usize) {
        let replicated = std::mem::take(&mut self.begun) + bytes as u64;
        self.others.get_or_insert_default().replication += replicated;
    }
}
