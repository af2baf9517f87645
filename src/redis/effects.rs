//! What a command does to others, or to its own connection.

/// A few marks in one byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Effects(u8);

const BUSY: u8 = 1;
const HOLDS_WRITES: u8 = 2;
const WRITES: u8 = 4;
const ENDS: u8 = 8;
const LOGINS: u8 = 16;
const DISMISSES: u8 = 32;

impl Effects {
    /// None.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// None, but that it may be a plain write.
    pub const fn is_quiet(self) -> bool {
        self.0 & !WRITES == 0
    }

    /// Redis runs one command at a time, and this one may run for seconds: nobody is answered meanwhile.
    pub const fn keeps_busy(self) -> bool {
        self.0 & BUSY != 0
    }

    /// It holds back the writes of everybody, beyond its own reply.
    pub const fn holds_writes(self) -> bool {
        self.0 & HOLDS_WRITES != 0
    }

    /// It is a plain write: when it is answered, nothing holds writes back.
    pub const fn writes(self) -> bool {
        self.0 & WRITES != 0
    }

    /// It may change which passwords the server has.
    pub const fn changes_logins(self) -> bool {
        self.0 & LOGINS != 0
    }

    /// The server may end connections of others because of it.
    pub const fn dismisses(self) -> bool {
        self.0 & DISMISSES != 0
    }

    /// The server may end this very connection because of it.
    pub const fn ends_connection(self) -> bool {
        self.0 & ENDS != 0
    }
}

/// Plain writes that clients use most; one of them is enough to see that writes pass.
const WRITE: [&str; 24] = [
    "SET", "SETEX", "PSETEX", "SETNX", "GETSET", "MSET", "DEL", "UNLINK", "INCR", "INCRBY", "DECR",
    "DECRBY", "APPEND", "EXPIRE", "PEXPIRE", "HSET", "HMSET", "HDEL", "LPUSH", "RPUSH", "SADD",
    "SREM", "ZADD", "XADD",
];

/// The marks of the command called `name` with `sub`, both in capitals. `busy`: see [`Effects::keeps_busy`].
pub(super) fn of(name: &str, sub: Option<&str>, busy: bool) -> Effects {
    let marks = match (name, sub) {
        ("FAILOVER", _) | ("CLUSTER", Some("FAILOVER")) => HOLDS_WRITES,
        ("SHUTDOWN", _) => HOLDS_WRITES | ENDS | DISMISSES,
        ("CLIENT", Some("KILL")) => ENDS | DISMISSES,
        ("QUIT", _) => ENDS,
        ("ACL", Some("DELUSER" | "LOAD" | "SETUSER")) => ENDS | LOGINS | DISMISSES,
        ("CONFIG", Some("SET")) => LOGINS,
        ("CLIENT", Some("UNPAUSE")) => BUSY,
        _ if WRITE.contains(&name) => WRITES,
        _ => 0,
    };
    Effects(if busy { marks | BUSY } else { marks })
}
