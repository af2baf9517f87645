//! Lines for the tests of this folder.

use crate::analyzer::{ExchangeLine, LineKind};
use crate::model::{ConnectionId, Endpoint, PacketRef, Texts, Timestamp};
use std::net::{IpAddr, Ipv4Addr};

/// A line of which only the moments matter.
pub(super) fn line(sent_ms: Option<i64>, received_ms: Option<i64>) -> ExchangeLine {
    let at = |ms: i64| {
        let number = u64::try_from(ms).unwrap();
        (
            Timestamp::from_nanos(ms * 1_000_000),
            PacketRef::new(0, number),
        )
    };
    let end = Endpoint {
        addr: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 6379,
    };
    ExchangeLine {
        kind: LineKind::Exchange,
        connection: ConnectionId(0),
        index: None,
        client: end,
        server: end,
        command: None,
        args: Texts::default(),
        sent: sent_ms.map(at),
        reply_type: None,
        reply: Texts::default(),
        received: received_ms.map(at),
        place: at(sent_ms.or(received_ms).unwrap_or(0)).0,
        told: at(received_ms.max(sent_ms).unwrap_or(0)).0,
        settled: Timestamp::MIN,
        command_bytes: None,
        reply_bytes: None,
        login: None,
        taken_back: false,
    }
}
