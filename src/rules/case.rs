//! What a rule may look at: one kind of case for each kind of fact.

use super::boundary::{
    Abandoned, Absence, AuthError, Exposure, ProxyFailure, ServedBefore, Unauthenticated, Window,
};
use super::capture::{EncryptedFacts, IncompleteFacts};
use crate::finding::{Moment, Scene};
use crate::legs::ServerFacts;
use crate::model::Endpoint;
use crate::redis::{Anchor, BrokenReply, Fault, KeptExchange};
use crate::resp::Malformed;

/// One case.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Case<'c> {
    /// An AUTH and what came behind it.
    Window(&'c Scene, &'c Window),
    /// Commands refused while no AUTH had been accepted.
    Unauthenticated(&'c Scene, &'c Unauthenticated),
    /// An AUTH with an error that says nothing about the credential.
    AuthError(&'c Scene, &'c AuthError),
    /// Commands without an answer.
    Absence(&'c Scene, &'c Absence),
    /// A failure that only a proxy says.
    Failure(&'c Scene, &'c ProxyFailure),
    /// Server bytes that are no RESP.
    Broken(&'c Scene, &'c BrokenStream),
    /// A broken order of replies.
    Fault(&'c Scene, &'c Fault),
    /// A client that no longer waits for its replies.
    Abandoned(&'c Scene, &'c Abandoned),
    /// Data that was served before the first login.
    ServedBefore(&'c Scene, &'c ServedBefore),
    /// A client that sends commands right behind AUTH.
    Client(&'c Exposure),
    /// A server with AUTHs and other commands.
    Server(&'c Endpoint, &'c ServerFacts),
    /// What the capture lacks.
    Incomplete(&'c IncompleteFacts),
    /// TLS connections that are Redis by their port.
    Encrypted(&'c EncryptedFacts),
}

impl Case<'_> {
    /// The connection it is about, if it is about one.
    pub(crate) fn scene(&self) -> Option<&Scene> {
        match self {
            Case::Window(scene, _)
            | Case::Unauthenticated(scene, _)
            | Case::AuthError(scene, _)
            | Case::Absence(scene, _)
            | Case::Failure(scene, _)
            | Case::Broken(scene, _)
            | Case::Fault(scene, _)
            | Case::Abandoned(scene, _)
            | Case::ServedBefore(scene, _) => Some(scene),
            Case::Client(_) | Case::Server(..) | Case::Incomplete(_) | Case::Encrypted(_) => None,
        }
    }
}

/// So many bytes are kept of what is no RESP: more than are shown, so that it is known whether there are more.
const FIRST_BYTES: usize = 32;

/// Server bytes that are no RESP.
#[derive(Debug)]
pub(crate) struct BrokenStream {
    pub reason: Malformed,
    pub looks_like: &'static str,
    /// How it begins.
    pub first_bytes: Box<[u8]>,
    /// Stream offset of the first bad byte.
    pub offset: i64,
    /// Commands that wait for an answer, and the oldest of them.
    pub outstanding: u64,
    pub oldest: Option<KeptExchange>,
    pub seen: Moment,
    pub anchor: Anchor,
}

impl BrokenStream {
    pub(crate) fn of(broken: &BrokenReply<'_>) -> BrokenStream {
        BrokenStream {
            reason: broken.reason,
            looks_like: looks_like(broken.bytes),
            first_bytes: broken
                .bytes
                .get(..FIRST_BYTES)
                .unwrap_or(broken.bytes)
                .into(),
            offset: broken.offset,
            outstanding: broken.outstanding,
            oldest: broken.oldest.map(KeptExchange::unanswered),
            seen: Moment {
                time: broken.time,
                at: broken.at,
            },
            anchor: broken.anchor,
        }
    }
}

fn looks_like(bytes: &[u8]) -> &'static str {
    let text = |b: &u8| b.is_ascii_graphic() || b.is_ascii_whitespace();
    match bytes {
        bytes if bytes.starts_with(b"HTTP/") => "HTTP",
        [0x15 | 0x16, 0x03, ..] => "TLS",
        bytes if bytes.iter().take(16).all(text) => "plain text",
        _ => "bytes that are no RESP",
    }
}

#[cfg(test)]
mod tests {
    use super::looks_like;

    #[test]
    fn what_is_no_resp_looks_like_something() {
        for (bytes, name) in [
            (&b"HTTP/1.1 400 Bad Request"[..], "HTTP"),
            (b"\x15\x03\x01\0\x02", "TLS"),
            (b"\x16\x03\x01\0\x02", "TLS"),
            (b"\x17\x03\x01\0\x02", "bytes that are no RESP"),
            (b"login failed\n", "plain text"),
            (b"sixteen letters.\0\0", "plain text"),
            (b"fifteen letters\0", "bytes that are no RESP"),
        ] {
            assert_eq!(looks_like(bytes), name, "{bytes:?}");
        }
    }
}
