//! Error texts that only a proxy says: failures of the proxy, and texts that merely show that there is one.

/// A beginning of an error text, the proxy that says it, and whether it is a failure.
#[derive(Debug)]
pub(crate) struct ProxyText {
    /// How it begins.
    pub start: &'static str,
    /// Who says it.
    pub proxy: &'static str,
    /// The proxy could not do its part.
    pub failure: bool,
}

const fn text(start: &'static str, proxy: &'static str, failure: bool) -> ProxyText {
    ProxyText {
        start,
        proxy,
        failure,
    }
}

static TEXTS: [ProxyText; 20] = [
    text("no upstream host", "Envoy", true),
    text("upstream failure", "Envoy", true),
    text("upstream protocol error", "Envoy", true),
    text("finished with ", "Envoy", true),
    text("ERR inconsistent RESP proto across shards", "Envoy", true),
    text(
        "ERR no valid HELLO response received from any shard",
        "Envoy",
        true,
    ),
    text("Fault Injected: Error", "Envoy", true),
    text("invalid request", "Envoy", false),
    text("downstream protocol error", "Envoy", false),
    text("wrong number of arguments for ", "Envoy", false),
    text("unsupported command ", "Envoy", false),
    text("EXEC without MULTI", "Envoy", false),
    text("DISCARD without MULTI", "Envoy", false),
    text("MULTI calls can not be nested", "Envoy", false),
    text("ERR unauthorized", "Envoy", false),
    text("ERR external authentication failed", "Envoy", false),
    text("ERR no server avaliable", "predixy", true),
    text(
        "ERR forbid transaction in current server pool",
        "predixy",
        false,
    ),
    text("ERR handle request, ", "Codis", true),
    text("ERR handle response, ", "Codis", true),
];

/// The refusal of twemproxy and Codis, without the final dot of Redis.
const REFUSED_BY_PROXY: &[u8] = b"NOAUTH Authentication required";

/// Who says an error that begins so, if it is a proxy.
pub(crate) fn of_proxy(error: &[u8]) -> Option<&'static ProxyText> {
    TEXTS.iter().find(|text| error.starts_with(text.start.as_bytes()))
}

/// The error is one of a proxy to the letter, with nothing behind it.
pub(crate) fn is_whole(error: &[u8]) -> bool {
    TEXTS.iter().any(|text| error == text.start.as_bytes())
}

/// The proxy could not do its part, whatever it was asked.
pub(super) fn is_proxy_failure(error: &[u8]) -> bool {
    of_proxy(error).is_some_and(|text| text.failure)
}

/// A proxy says it, about itself or about the request.
pub(super) fn is_any_proxy_text(error: &[u8]) -> bool {
    of_proxy(error).is_some()
}

/// A refusal in the words of twemproxy and Codis: the proxy refused, not the Redis behind it.
pub(crate) fn is_refusal_of_proxy(error: &[u8]) -> bool {
    error == REFUSED_BY_PROXY
}
