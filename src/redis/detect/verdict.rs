//! What a connection may turn out to be.

use crate::model::Side;

/// What a connection speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Not decided yet.
    Undecided,
    /// RESP; the client is on this side.
    Redis(Side),
    /// TLS.
    Tls,
    /// HTTP/2, as gRPC uses it.
    Http2,
    /// HTTP/1.
    Http,
    /// Anything else.
    Other,
}
