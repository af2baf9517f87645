//! Error texts that only some commands are answered with, whatever the server.
//!
//! From the sources of Redis 2.8 to 8 and Valkey. A script may return any text; that is for the caller to know.

/// How a text begins, and the first words of the commands that are answered so. A final `*` stands for any end.
#[rustfmt::skip]
static OWN: &[(&str, &[&str])] = &[
    ("EXECABORT ", &["EXEC"]),
    ("ERR EXEC without MULTI", &["EXEC"]),
    ("ERR DISCARD without MULTI", &["DISCARD"]),
    ("ERR MULTI calls can not be nested", &["MULTI"]),
    ("ERR WATCH inside MULTI is not allowed", &["WATCH"]),
    ("ERR Client names cannot contain", &["CLIENT", "HELLO"]),
    ("ERR This instance has cluster support disabled", &["CLUSTER", "ASKING", "READONLY", "READWRITE"]),
    ("ERR CLIENT CACHING ", &["CLIENT"]),
    ("NOSCRIPT ", &["EVALSHA", "EVALSHA_RO", "SCRIPT"]),
    ("ERR SYNC and PSYNC are invalid", &["SYNC", "PSYNC"]),
    ("NOMASTERLINK ", &["SYNC", "PSYNC"]),
    ("ERR FAILOVER ", &["FAILOVER"]),
    ("BUSYGROUP ", &["XGROUP"]),
    ("NOGROUP ", &["X*"]),
    ("NOSUB ", &["UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE"]),
    ("ERR DB index is out of range", &["SELECT", "MOVE", "COPY", "SWAPDB"]),
    ("ERR invalid DB index", &["SELECT", "MOVE", "COPY", "SWAPDB"]),
    ("BUSYKEY ", &["RESTORE", "RESTORE-ASKING", "MIGRATE"]),
    // Older ones say so of the database of MOVE and of a count below zero of SPOP.
    ("ERR index out of range", &["LSET", "MOVE", "SPOP"]),
    ("ERR bit offset is not", &["SETBIT", "GETBIT", "BIT*"]),
    ("ERR hash value is not", &["HINCRBY", "HINCRBYFLOAT"]),
    ("ERR increment or decrement would overflow", &["INCR*", "DECR*", "HINCRBY"]),
];

/// Commands that are never answered WRONGTYPE: they have no key, or take a key of any type.
#[rustfmt::skip]
static TYPELESS: &[&str] = &[
    "ACL", "ASKING", "AUTH", "BGREWRITEAOF", "BGSAVE", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DBSIZE", "DEL",
    "DISCARD", "ECHO", "EXEC", "EXISTS", "EXPIRE", "EXPIREAT", "FAILOVER", "FLUSHALL", "FLUSHDB", "HELLO", "INFO",
    "KEYS", "LASTSAVE", "LATENCY", "LOLWUT", "MODULE", "MULTI", "PERSIST", "PEXPIRE", "PEXPIREAT", "PING",
    "PSUBSCRIBE", "PSYNC", "PTTL", "PUBLISH", "PUBSUB", "PUNSUBSCRIBE", "QUIT", "RANDOMKEY", "READONLY", "READWRITE",
    "REPLCONF", "REPLICAOF", "RESET", "ROLE", "SAVE", "SCAN", "SCRIPT", "SELECT", "SHUTDOWN", "SLAVEOF", "SLOWLOG",
    "SPUBLISH", "SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE", "SWAPDB", "SYNC", "TIME", "TOUCH", "TTL", "TYPE", "UNLINK",
    "UNSUBSCRIBE", "UNWATCH", "WAIT", "WATCH",
];

/// Commands that read and write no key: of a key they say nothing, nor that the connection may not look at any.
#[rustfmt::skip]
static KEYLESS: &[&str] = &[
    "ACL", "ASKING", "AUTH", "BGREWRITEAOF", "BGSAVE", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DISCARD", "ECHO",
    "FAILOVER", "HELLO", "INFO", "LASTSAVE", "LATENCY", "MODULE", "MONITOR", "MULTI", "PING", "PSUBSCRIBE",
    "PSYNC", "PUBSUB", "PUNSUBSCRIBE", "QUIT", "READONLY", "READWRITE", "REPLCONF", "REPLICAOF", "RESET", "ROLE",
    "SAVE", "SELECT", "SHUTDOWN", "SLAVEOF", "SLOWLOG", "SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE", "SYNC", "TIME",
    "UNSUBSCRIBE", "UNWATCH", "WAIT", "WATCH",
];

/// A command whose name begins with `command`, in capitals, may be answered with this text.
pub fn may_say(command: &str, error: &[u8]) -> bool {
    if error.starts_with(b"WRONGTYPE ") {
        return !TYPELESS.contains(&command);
    }
    if error.starts_with(b"ERR no such key")
        || error.starts_with(b"ERR Replica can't interact with the keyspace")
    {
        return !KEYLESS.contains(&command);
    }
    of_few(error).is_none_or(|commands| holds(commands, command))
}

/// Only that command, in capitals, and a few others say so.
pub fn is_own(command: &str, error: &[u8]) -> bool {
    of_few(error).is_some_and(|commands| holds(commands, command))
}

/// The commands that may be answered with this text, where they are few.
fn of_few(error: &[u8]) -> Option<&'static [&'static str]> {
    let begins = |(start, _): &&(&str, _)| error.starts_with(start.as_bytes());
    OWN.iter().find(begins).map(|(_, commands)| *commands)
}

fn holds(commands: &[&str], command: &str) -> bool {
    let fits = |name: &&str| match name.strip_suffix('*') {
        Some(start) => command.starts_with(start),
        None => command == *name,
    };
    commands.iter().any(fits)
}

/// A text about what an argument holds: a command without arguments is not answered so.
pub fn is_about_arguments(error: &[u8]) -> bool {
    [
        &b"ERR syntax error"[..],
        b"ERR value is not ",
        b"ERR timeout is ",
        b"ERR min or max is not ",
    ]
    .iter()
    .any(|start| error.starts_with(start))
}

/// The server could not make sense of the request: what stands where a key or an option should be may be anything.
pub fn is_misread(error: &[u8]) -> bool {
    [
        &b"ERR syntax error"[..],
        b"ERR Syntax error",
        b"ERR unknown subcommand",
        b"ERR unknown option",
        b"ERR Unknown option",
        b"ERR Unknown subcommand",
        b"ERR Unrecognized ",
        b"ERR Unsupported ",
        b"ERR unsupported ",
        b"ERR wrong number of arguments",
        b"wrong number of arguments",
        b"ERR Protocol ",
        b"ERR Invalid argument",
        b"ERR CONFIG SET failed",
        b"ERR CLIENT subcommand ",
    ]
    .iter()
    .any(|start| error.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_what() {
        for (command, text, may) in [
            ("EXEC", "ERR EXEC without MULTI", true),
            ("DISCARD", "ERR EXEC without MULTI", false),
            ("XREADGROUP", "NOGROUP No such key", true),
            ("GET", "NOGROUP No such key", false),
            ("GET", "WRONGTYPE Operation against", true),
            ("TTL", "WRONGTYPE Operation against", false),
            ("RENAME", "ERR no such key", true),
            ("SET", "ERR no such key", true),
            ("WATCH", "ERR no such key", false),
            ("MOVE", "ERR index out of range", true),
            ("SPOP", "ERR index out of range", true),
            ("LRANGE", "ERR index out of range", false),
            (
                "LOLWUT",
                "ERR Replica can't interact with the keyspace",
                true,
            ),
            ("EVAL", "ERR Replica can't interact with the keyspace", true),
            ("SET", "ERR Replica can't interact with the keyspace", true),
            (
                "AUTH",
                "ERR Replica can't interact with the keyspace",
                false,
            ),
            ("SETBIT", "ERR bit offset is not an integer", true),
            ("BITFIELD", "ERR bit offset is not an integer", true),
            ("GET", "ERR something that no table knows", true),
        ] {
            assert_eq!(may_say(command, text.as_bytes()), may, "{command} {text}");
        }
        assert!(is_about_arguments(b"ERR syntax error"));
        assert!(!is_about_arguments(b"ERR no such key"));
        assert!(is_misread(b"ERR Unknown option or number of arguments"));
        assert!(!is_misread(b"ERR unknown command 'x'"));
        assert!(!is_misread(b"ERR value is not an integer or out of range"));
    }
}
