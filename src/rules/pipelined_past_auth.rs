//! `pipelined-past-auth`: the client does not wait for AUTH. It went well this time.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `pipelined-past-auth`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "pipelined-past-auth",
    severity: Severity::Note,
    summary: "the client sends commands behind AUTH without waiting, and they are answered well",
    explanation: "The client may do that: RESP promises that commands take effect in order. It depends on the server to \
        keep the promise while it judges AUTH. This server kept it. A proxy that judges AUTH asynchronously and does not \
        hold back what follows would refuse these commands (auth-race).\n\n\
        The finding is reported once for each client address. It counts the connections and says how long AUTH took and \
        which pause between AUTH and the next command would have been enough to stay out of the window.",
    example: "\
client -> server   AUTH <secret>
client -> server   PING             blind
server -> client   +OK
server -> client   +PONG            as promised",
    silent_when: "The client waits for the reply of AUTH. One of the commands behind AUTH was refused or left without an \
        answer: then that is reported instead.",
    advice: "\
Nothing has to change while the server keeps the order.
Before you put a proxy with an external auth service in front, test with this client: it is exposed.
If the client can be told to wait for AUTH, that removes the exposure at the price of one round trip per connection.",
    references: &[
        "https://redis.io/docs/latest/develop/use/pipelining/",
        "StackExchange/StackExchange.Redis#2785",
    ],
    file: file!(),
};
