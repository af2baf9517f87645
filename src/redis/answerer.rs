//! Who answers a command behind a proxy: the proxy itself, the Redis behind it, or the one or the other by product.
//!
//! A success that the proxy made itself says nothing about the Redis behind it, and the other way round. Read in the
//! sources of Envoy, twemproxy, predixy and Codis, and measured on the first two.

/// Who answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Answerer {
    /// Every proxy answers it itself.
    Proxy,
    /// It differs by product or version: such an answer proves nothing.
    Either,
    /// It is forwarded to Redis.
    Redis,
}

/// Commands that every proxy answers itself. MULTI and its kin only without a key, which they never have.
const PROXY: [&str; 9] = [
    "AUTH", "PING", "ECHO", "TIME", "QUIT", "MULTI", "DISCARD", "UNWATCH", "EXEC",
];

/// Commands that some proxies answer themselves.
const EITHER: [&str; 4] = ["HELLO", "CLIENT", "RESET", "SELECT"];

/// Commands that predixy and Codis answer themselves as well, and others forward.
const BY_PRODUCT: [&str; 3] = ["INFO", "CONFIG", "COMMAND"];

/// Who answers the command called `name` (in capitals).
pub fn of(name: &str) -> Answerer {
    if PROXY.contains(&name) {
        Answerer::Proxy
    } else if EITHER.contains(&name) {
        Answerer::Either
    } else {
        Answerer::Redis
    }
}

/// predixy and Codis answer the command called `name` (in capitals) themselves.
pub fn differs_by_product(name: &str) -> bool {
    BY_PRODUCT.contains(&name)
}
