//! `auth-race`: a command sent right behind AUTH was judged before AUTH was.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `auth-race`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-race",
    severity: Severity::Error,
    summary: "a command behind an accepted AUTH was refused with NOAUTH because it was judged first",
    explanation: "The client sent AUTH and went on without waiting, which RESP allows: commands take effect in the order \
        in which they were sent. The server asked somebody else about the password, did not hold back what came behind \
        AUTH, and judged those commands while the connection was still unknown to it. It then sent the replies in the \
        right order, so the client reads +OK and, for the next command, NOAUTH.\n\n\
        The refusal is wrong, whatever the cause of the delay: a server that has said +OK can not refuse a command that \
        was sent behind that AUTH. Clients often take it for a wrong password, close the connection and try again, and \
        lose the same race each time.\n\n\
        The command is called blind: its last byte left before the reply of AUTH could have arrived. This is read from \
        TCP acknowledgement numbers, so it does not depend on the clock or on where the capture was taken.",
    example: "\
client -> server   AUTH <secret>
client -> server   PING                                  blind
server -> client   +OK
server -> client   -NOAUTH Authentication required.      PING was judged before AUTH
client -> server   PING
server -> client   +PONG                                 the password was right all along",
    silent_when: "The command was sent after +OK had arrived (auth-not-honoured or auth-expired). It was sent in front of \
        AUTH (command-before-auth). AUTH was refused (auth-refused), or RESET came between. A later command that was not \
        blind fails as well (auth-not-honoured), or an earlier blind command succeeded (upstream-noauth). NOAUTH is the \
        value of a key rather than an error. Nothing is said across a gap in the capture that could hide another AUTH.",
    advice: "\
Envoy built from its main branch of August and September 2024: upgrade to 1.40.0. Releases from 1.32 on do not race, but those up to 1.39 may leave commands without an answer (auth-stranded).
Dragonfly 1.40.0: upgrade to 1.40.1.
Another proxy with an external auth service: it must hold back what follows AUTH until the verdict is there, for each connection.
Until then let the client wait for the reply of AUTH before it sends anything else. A pause between connections does not help, nor does connecting in another order.
Do not change the password: it was accepted.",
    references: &[
        "envoyproxy/envoy#35983",
        "envoyproxy/envoy#35988",
        "StackExchange/StackExchange.Redis#2785",
        "dragonflydb/dragonfly#8006",
    ],
    file: file!(),
};
