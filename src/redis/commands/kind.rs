//! What a command is, apart from its name.

/// Which arguments (behind the name) are keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keys {
    /// None that could be told by position.
    None,
    /// The first.
    First,
    /// All.
    All,
    /// All but the last, which is a timeout.
    AllButLast,
    /// The first, third, fifth …
    Even,
    /// The one behind the subcommand.
    Second,
}

/// How many elements the array of a reply has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Elements {
    /// Any number.
    Any,
    /// As many as the command has words, without the first so many.
    Arguments(u8),
    /// So many.
    Exactly(u8),
    /// A name and a value in turn.
    Pairs,
    /// An array where a count is given behind the key, a single value where none is.
    IfCounted,
}

/// The largest integer of a reply.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Most {
    /// Not known.
    Any,
    /// So many, and none below 0.
    Exactly(u8),
    /// As many as the command has words, without the first so many; none below 0.
    Arguments(u8),
}

/// Which arguments are credentials. Positions count the name as 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Secret {
    /// None.
    None,
    /// All from this position on.
    From(u8),
    /// HELLO: the two behind AUTH.
    Hello,
    /// MIGRATE: the one behind AUTH, the two behind AUTH2.
    Migrate,
    /// Names of settings and their values in turn: the values of those that name a credential.
    Settings,
}

/// Commands that change how replies are counted or who the client is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// One reply, no state.
    Ordinary,
    /// AUTH.
    Auth,
    /// HELLO, with or without AUTH.
    Hello,
    /// MULTI.
    Multi,
    /// EXEC.
    Exec,
    /// DISCARD.
    Discard,
    /// QUIT: answered to everybody, logged in or not.
    Quit,
    /// RESET.
    Reset,
    /// SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE.
    Subscribe,
    /// UNSUBSCRIBE, PUNSUBSCRIBE, SUNSUBSCRIBE.
    Unsubscribe,
    /// MONITOR.
    Monitor,
    /// CLIENT REPLY ON|OFF|SKIP.
    ClientReply,
    /// SYNC, PSYNC: the connection turns into a replication stream.
    Sync,
    /// REPLCONF: ACK and GETACK get no reply.
    Replconf,
    /// SHUTDOWN: no reply when it works.
    Shutdown,
    /// ECHO, PING: the payload comes back.
    Echo,
    /// INFO.
    Info,
    /// CLIENT SETINFO, CLIENT SETNAME.
    Introduce,
    /// EVAL, FCALL and their kin: a script may answer anything, errors of any text included.
    Script,
    /// MGET: a proxy asks for each key by itself and may put an error between the values.
    ManyKeys,
    /// CLIENT PAUSE.
    Pause,
    /// CLIENT UNPAUSE.
    Unpause,
    /// XREAD, XREADGROUP: may block.
    StreamRead,
    /// DEBUG, SCRIPT DEBUG: may change the protocol.
    Debug,
}

impl Kind {
    /// It may change how many replies come, or of which kind they are.
    pub fn bends(self) -> bool {
        matches!(
            self,
            Kind::Reset
                | Kind::Subscribe
                | Kind::Unsubscribe
                | Kind::Monitor
                | Kind::ClientReply
                | Kind::Sync
                | Kind::Shutdown
                | Kind::Quit
                | Kind::Debug
        )
    }
}
