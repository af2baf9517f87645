//! What a connection leaves behind: commands without an answer, answers that came only with the next AUTH, and bytes
//! that are no RESP.

use super::book::Book;
use super::draft::{self, EXCHANGES_MAX, Scene};
use super::finding::{Confidence, Culprit, FindingExchange, Moment};
use super::outcome::Outcome;
use super::watch::Closing;
use super::window::Window;
use super::{auth_stranded, malformed_resp, unanswered as unanswered_rule};
use crate::model::span;
use crate::redis::{Anchor, BrokenReply, Pending, Shared, sent_before};
use crate::resp::Malformed;

/// What one leg leaves open.
const SLOW_REDIS: &str =
    "A slow Redis looks the same on this leg; the leg behind the proxy would tell.";

/// A command that was left without an answer.
#[derive(Debug)]
pub(crate) struct Left {
    shown: FindingExchange,
    blind: bool,
    auth: bool,
    /// In the command table; of others nobody knows how long they take.
    known: bool,
}

impl Left {
    /// The AUTH as a finding shows it, if it is one.
    pub(super) fn auth(&self) -> Option<&FindingExchange> {
        self.auth.then_some(&self.shown)
    }

    pub(super) fn new(
        shared: &mut Shared,
        scene: &Scene,
        window: Option<&Window>,
        command: &Pending,
    ) -> Left {
        let blind = window.is_some_and(|w| sent_before(command, w.reply_end, w.received.time));
        Left {
            shown: draft::unanswered(shared, scene, command, window.map(|_| blind)),
            blind,
            auth: command.is_auth(),
            known: shared.commands.info(command.id).known,
        }
    }
}

/// Judges what was left when the connection ended. `left` holds the first of `total` commands; none of them blocks.
pub(crate) fn unanswered(
    left: &[Left],
    total: u64,
    window: Option<&Window>,
    book: &mut Book,
    scene: &Scene,
    closing: &Closing,
) -> bool {
    let Some(first) = left.first() else {
        return false;
    };
    let waited = closing.until.since(first.shown.sent.time);
    let patience = book.patience_ns(&scene.server);
    let sent = first.shown.sent.time;
    if book.unexplained_ns(&scene.server, sent, closing.until) < patience {
        return false;
    }
    let stranded = window.filter(|w| {
        w.outcome == Outcome::Accepted && w.flight_answered && first.blind && !first.auth
    });
    match stranded {
        Some(window) => {
            let total = total + window.answered_late(patience);
            book.say(stranded_at_end(
                left, total, window, scene, waited, patience,
            ))
        }
        None => book.say(plainly_unanswered(
            left, total, scene, closing, waited, patience,
        )),
    }
}

/// A command that is not known may wait for something.
fn sure_enough(left: &[Left]) -> Confidence {
    if left.first().is_some_and(|first| !first.known) {
        Confidence::Possible
    } else {
        Confidence::Likely
    }
}

fn stranded_at_end(
    left: &[Left],
    total: u64,
    window: &Window,
    scene: &Scene,
    waited: i64,
    patience: i64,
) -> super::Finding {
    let exchanges: Vec<FindingExchange> = left.iter().map(|l| l.shown.clone()).collect();
    let mut finding = stranded(window, scene, &exchanges, total);
    finding.confidence = window.cap(scene).min(sure_enough(left));
    finding.not_seen.push(SLOW_REDIS.to_owned());
    finding.title = format!(
        "{} sent right behind AUTH never answered",
        some(&exchanges, total)
    );
    if let Some(first) = exchanges.first() {
        finding.proof.text = format!(
            "AUTH ({}) was accepted and another command of its flight was answered. {} ({}) was sent before AUTH's \
             reply could have arrived and had no answer {} later.",
            draft::packet(window.sent.at),
            first.command,
            draft::packet(first.sent.at),
            span(waited)
        );
        finding.proof.packets = vec![window.sent.at, window.received.at, first.sent.at];
        finding.last = first.sent;
    }
    finding.measures = vec![
        ("waited_ns", waited),
        ("threshold_ns", patience),
        ("auth_latency_ns", window.latency_ns()),
    ];
    finding
}

/// Commands that came back only with the reply of the next AUTH.
pub(crate) fn released(
    window: &Window,
    book: &mut Book,
    scene: &Scene,
    next_reply: Moment,
    next_sent: Moment,
) -> bool {
    let Some((total, burst)) = window.released_with(next_reply, next_sent) else {
        return false;
    };
    let end = next_reply.time;
    let sent = burst.first().map_or(end, |first| first.sent.time);
    if book.unexplained_ns(&scene.server, sent, end) < end.since(sent) {
        return false;
    }
    let mut finding = stranded(window, scene, burst, total);
    finding.confidence = Confidence::Possible;
    finding.title = format!(
        "{} sent right behind AUTH answered only with the next AUTH",
        some(burst, total)
    );
    finding.last = next_reply;
    if let Some(first) = burst.first() {
        let waited = next_reply.time.since(first.sent.time);
        finding.measures = vec![("waited_ns", waited)];
        finding.proof.text = format!(
            "{} ({}) waited {} behind the AUTH in {}. Its answer came together with the reply of the next AUTH ({}), \
             which was sent while it waited.",
            first.command,
            draft::packet(first.sent.at),
            span(waited),
            draft::packet(window.sent.at),
            draft::packet(next_reply.at)
        );
        finding.proof.packets = vec![window.sent.at, first.sent.at, next_sent.at, next_reply.at];
    }
    finding.not_seen.push(SLOW_REDIS.to_owned());
    book.say(finding)
}

fn stranded(
    window: &Window,
    scene: &Scene,
    exchanges: &[FindingExchange],
    total: u64,
) -> super::Finding {
    let mut finding =
        draft::on_connection(&auth_stranded::INFO, scene, window.sent, window.auth.index);
    finding.is_final = true;
    finding.affected = total;
    finding.culprit = Culprit::Server;
    finding.culprit_endpoint = Some(scene.server);
    // The answered command of the flight shows that the server had released some.
    let answered = window
        .kept
        .iter()
        .map(|k| &k.shown)
        .find(|e| e.reply.is_some() && !exchanges.contains(e));
    finding.exchanges = std::iter::once(&window.auth)
        .chain(answered)
        .chain(exchanges)
        .take(EXCHANGES_MAX)
        .cloned()
        .collect();
    finding
}

fn some(exchanges: &[FindingExchange], total: u64) -> String {
    let all: Vec<&FindingExchange> = exchanges.iter().collect();
    draft::some_commands(&all, total)
}

fn plainly_unanswered(
    left: &[Left],
    total: u64,
    scene: &Scene,
    closing: &Closing,
    waited: i64,
    patience: i64,
) -> super::Finding {
    let exchanges: Vec<FindingExchange> = left.iter().map(|l| l.shown.clone()).collect();
    let first = &left[0].shown;
    let mut finding = draft::on_connection(&unanswered_rule::INFO, scene, first.sent, first.index);
    finding.is_final = true;
    finding.confidence = if scene.whole {
        sure_enough(left)
    } else {
        Confidence::Possible
    };
    finding.affected = total;
    finding.culprit = Culprit::Unknown;
    finding.title = format!(
        "{} without an answer for {}",
        some(&exchanges, total.max(1)),
        span(waited)
    );
    let end = match closing.by_client {
        Some(true) => "Then the client closed the connection.",
        Some(false) => "Then the server closed the connection.",
        None => "The connection was still open at the end of the capture.",
    };
    finding.proof.text = format!(
        "{} ({}) had no answer {} later. {end}",
        first.command,
        draft::packet(first.sent.at),
        span(waited)
    );
    finding.proof.packets = vec![first.sent.at];
    finding.measures = vec![("waited_ns", waited), ("threshold_ns", patience)];
    finding.exchanges = exchanges;
    finding
}

/// Server bytes that are no RESP although an answer was due.
pub(crate) fn malformed(
    shared: &mut Shared,
    book: &mut Book,
    scene: &Scene,
    broken: &BrokenReply<'_>,
) -> bool {
    if broken.anchor == Anchor::Weak {
        return false;
    }
    let first = Moment {
        time: broken.time,
        at: broken.at,
    };
    let what = looks_like(broken);
    let index = broken.oldest.map_or(0, |oldest| oldest.index);
    let mut finding = draft::on_connection(&malformed_resp::INFO, scene, first, index);
    finding.is_final = true;
    finding.confidence = scene.cap(broken.anchor).min(Confidence::Likely);
    finding.affected = broken.outstanding;
    finding.culprit_endpoint = Some(scene.server);
    let (due, waited) = match broken.oldest {
        Some(oldest) => {
            finding.exchanges = vec![draft::unanswered(shared, scene, oldest, None)];
            finding.proof.packets = vec![oldest.at];
            let name = &shared.commands.info(oldest.id).name;
            let packet = draft::packet(oldest.at);
            (
                "where a reply was due",
                format!("{name} ({packet}) waited for its reply."),
            )
        }
        None => ("and no reply was due", "Nothing was asked.".to_owned()),
    };
    finding.title = format!("the server sent {what} {due}");
    finding.proof.text = format!(
        "{waited} At byte {} of the server's stream ({}) no RESP frame starts or continues: {}.",
        broken.offset,
        draft::packet(broken.at),
        reason(broken.reason)
    );
    finding.proof.packets.push(broken.at);
    finding.proof.values = vec![("offset", broken.offset)];
    book.say(finding)
}

fn looks_like(broken: &BrokenReply<'_>) -> &'static str {
    match broken.bytes {
        bytes if bytes.starts_with(b"HTTP/") => "HTTP",
        [0x15 | 0x16, 0x03, ..] => "TLS",
        bytes
            if bytes
                .iter()
                .take(16)
                .all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace()) =>
        {
            "plain text"
        }
        _ => "bytes that are no RESP",
    }
}

fn reason(reason: Malformed) -> &'static str {
    match reason {
        Malformed::UnknownType(_) => "the first byte is no RESP type",
        Malformed::BadLength => "a length is no number",
        Malformed::BulkTooLong => "a string is longer than any server sends",
        Malformed::TooManyElements => "an aggregate has more elements than any server sends",
        Malformed::TooDeep => "aggregates are nested too deep",
        Malformed::LineTooLong => "a line does not end",
        Malformed::MissingTerminator => "a string does not end where its length says",
        Malformed::NotABulk => "an element of a command is no string",
        Malformed::UnbalancedQuotes => "quotes do not close",
    }
}
