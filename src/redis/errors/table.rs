//! The table of error texts: one row per text, known by its beginning.
//!
//! From the sources of Redis 2.8 to 8, Valkey, Envoy 1.36 to 1.40, twemproxy 0.5, Codis 3.2 and predixy 1.0. Of rows
//! that begin alike the longest counts.

use super::text::Speaker::{Any, Codis, Envoy, Predixy, Redis, TwemproxyOrCodis};
use super::text::Subject::{
    AuthService, Credential, NoAuth, NoPasswordSet, Other, Permission, ProxyFailure, Request,
    State, Transaction, TurnedAway,
};
use super::text::{Text, code, text};

/// See the top of the file.
#[rustfmt::skip]
pub(super) static TEXTS: &[Text] = &[
    // Not logged in.
    code("NOAUTH", NoAuth),
    text("NOAUTH Authentication required", TwemproxyOrCodis, NoAuth),
    text("NOAUTH Authentication required.", Redis, NoAuth),
    text("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time", Redis, NoAuth),
    text("EXECABORT Transaction discarded because of: NOAUTH", Redis, NoAuth),
    // Redis before 2.8.
    text("ERR operation not permitted", Redis, NoAuth),
    // The answer of AUTH alone.
    code("WRONGPASS", Credential),
    text("WRONGPASS invalid username-password pair", Any, Credential),
    text("WRONGPASS invalid username-password pair or user is disabled", Redis, Credential).keeps_login(),
    text("ERR invalid password", Any, Credential),
    text("ERR invalid username-password", Any, Credential),
    text("ERR unauthorized", Envoy, Credential),
    text("ERR auth permission deny", Predixy, Credential),
    text("ERR external authentication failed", Envoy, AuthService),
    text("ERR AUTH <password>", Redis, NoPasswordSet),
    text("ERR AUTH <password> called without any password configured for the default user", Redis, NoPasswordSet),
    text("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?", Redis, NoPasswordSet),
    text("ERR Client sent AUTH", Any, NoPasswordSet),
    text("ERR Client sent AUTH, but no password is set", Any, NoPasswordSet),
    text("ERR Client sent AUTH, but no username-password pair is set", Envoy, NoPasswordSet),
    // The request itself.
    text("ERR unknown command", Any, Request),
    text("ERR unknown subcommand", Redis, Request),
    text("ERR Unknown subcommand", Redis, Request),
    text("ERR wrong number of arguments", Any, Request),
    text("ERR syntax error", Redis, Request),
    text("ERR Syntax error", Redis, Request),
    text("ERR Protocol version is not", Redis, Request),
    text("ERR Client names cannot", Redis, Request),
    text("ERR HELLO options like", Envoy, Request),
    text("ERR HELLO options like AUTH and SETNAME are not supported", Envoy, Request),
    text("ERR Can't execute", Redis, Request),
    text("ERR only (P)SUBSCRIBE", Redis, Request),
    text("ERR only (P|S)SUBSCRIBE", Redis, Request),
    text("ERR command not allowed", Any, Request),
    text("ERR MULTI calls can not be nested", Redis, Request),
    code("NOPROTO", Request),
    text("NOPROTO unsupported protocol version", Any, Request),
    text("invalid request", Envoy, Request),
    text("downstream protocol error", Envoy, Request),
    text("wrong number of arguments for ", Envoy, Request),
    text("unsupported command ", Envoy, Request),
    text("MULTI calls can not be nested", Envoy, Request),
    text("EXEC without MULTI", Envoy, Request),
    text("DISCARD without MULTI", Envoy, Request),
    text("ERR EXEC without MULTI", Redis, Transaction),
    text("ERR DISCARD without MULTI", Redis, Transaction),
    text("EXECABORT Transaction discarded because of", Redis, Other),
    text("ERR forbid transaction in current server pool", Predixy, Request),
    // Behind the auth check.
    code("WRONGTYPE", State),
    code("LOADING", State),
    text("LOADING Redis is loading the dataset in memory", Redis, State),
    code("MASTERDOWN", State),
    text("MASTERDOWN Link with MASTER is down", Redis, State),
    code("BUSY", State),
    code("READONLY", State),
    text("READONLY You can't write against a read only replica", Redis, State),
    code("OOM", State),
    code("MISCONF", State),
    code("NOREPLICAS", State),
    code("MOVED", State),
    code("ASK", State),
    code("CLUSTERDOWN", State),
    code("NOPERM", Permission),
    // Said to whoever comes, or who sends what is no RESP.
    code("DENIED", TurnedAway),
    text("ERR max number of clients reached", Redis, TurnedAway),
    text("ERR Protocol error", Redis, TurnedAway),
    // A proxy that could not do its part.
    text("no upstream host", Envoy, ProxyFailure),
    text("upstream failure", Envoy, ProxyFailure),
    text("upstream protocol error", Envoy, ProxyFailure),
    text("finished with ", Envoy, ProxyFailure),
    text("ERR inconsistent RESP proto across shards", Envoy, ProxyFailure),
    text("ERR no valid HELLO response received from any shard", Envoy, ProxyFailure),
    text("Fault Injected: Error", Envoy, ProxyFailure),
    text("ERR no server avaliable", Predixy, ProxyFailure),
    text("ERR handle request, ", Codis, ProxyFailure),
    text("ERR handle response, ", Codis, ProxyFailure),
];
