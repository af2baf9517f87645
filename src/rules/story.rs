//! From the facts of an AUTH window to findings, and their revisions while packets still arrive.

use super::book::Book;
use super::catalogue::RuleInfo;
use super::draft::{self, EXCHANGES_MAX, Scene};
use super::finding::{Confidence, Culprit, Finding, FindingExchange, Moment};
use super::verdict::{self, Cause};
use super::window::{Outcome, Window};
use super::{
    auth_expired, auth_not_honoured, auth_race, auth_refused, auth_service_failed, reauth_refused,
    served_during_reauth, upstream_noauth,
};
use smallvec::SmallVec;

/// What has been told of a window so far.
#[derive(Debug, Default)]
pub(crate) struct Told(SmallVec<[Finding; 1]>);

impl Told {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

struct Wanted {
    info: &'static RuleInfo,
    confidence: Confidence,
    affected: u64,
}

/// Says what the window means by now. `closed`: nothing more can come.
pub(crate) fn tell(
    window: &mut Window,
    scene: &Scene,
    book: &mut Book,
    library: Option<&str>,
    closed: bool,
) -> bool {
    let wanted = wanted(window, scene, closed);
    let mut told = std::mem::take(&mut window.told).0;
    for old in &mut told {
        if !wanted.iter().any(|w| w.info.name == old.rule) {
            old.withdrawn = true;
            old.is_final = true;
            book.say(old.clone());
        }
    }
    told.retain(|old| !old.withdrawn);
    for want in &wanted {
        let place = told.iter().position(|old| old.rule == want.info.name);
        let old = place.and_then(|i| told.get(i));
        if old.is_some_and(|old| !closed && !is_news(old, want)) {
            continue;
        }
        let mut finding = build(window, scene, want, library);
        finding.is_final = closed;
        if book.say(finding.clone()) {
            match place.and_then(|i| told.get_mut(i)) {
                Some(old) => *old = finding,
                None => told.push(finding),
            }
        }
    }
    let any = !told.is_empty();
    window.told = Told(told);
    any
}

fn is_news(old: &Finding, want: &Wanted) -> bool {
    old.confidence != want.confidence
        || (want.affected > old.affected
            && (want.affected.is_power_of_two() || want.affected < EXCHANGES_MAX as u64))
}

fn wanted(window: &Window, scene: &Scene, closed: bool) -> Vec<Wanted> {
    let cap = window.cap(scene);
    let facts = &window.facts;
    match window.outcome {
        Outcome::Neither => Vec::new(),
        Outcome::ServiceFailed => vec![Wanted {
            info: &auth_service_failed::INFO,
            confidence: cap.min(Confidence::Likely),
            affected: facts.refused(),
        }],
        Outcome::Refused => {
            let bypassed = window.was_authed
                && facts.blind_ok_before.forwarded > 0
                && facts.late_refused.all() > 0
                && facts.late_ok_before.all() + facts.ok_after.all() + facts.ok_between.all() == 0;
            let (info, affected) = if bypassed {
                (&served_during_reauth::INFO, facts.blind_ok_before.all())
            } else if window.was_authed {
                (&reauth_refused::INFO, facts.refused())
            } else {
                (&auth_refused::INFO, facts.refused())
            };
            vec![Wanted {
                info,
                confidence: cap.min(Confidence::Likely),
                affected,
            }]
        }
        Outcome::Accepted => verdict::judge(facts)
            .into_iter()
            // Whether a login expired is known when the next one comes or the connection ends.
            .filter(|v| v.cause != Cause::Expired || closed || v.affected > 1)
            .map(|v| Wanted {
                info: info_of(v.cause),
                confidence: v.confidence.min(cap).min(sure_enough(window, v.confidence)),
                affected: v.affected,
            })
            .collect(),
    }
}

/// Where pairing was lost before anything decided, the gap may hold what would have.
fn sure_enough(window: &Window, verdict: Confidence) -> Confidence {
    if window.interrupted && verdict != Confidence::Certain {
        Confidence::Possible
    } else {
        Confidence::Certain
    }
}

fn info_of(cause: Cause) -> &'static RuleInfo {
    match cause {
        Cause::Race => &auth_race::INFO,
        Cause::NotHonoured => &auth_not_honoured::INFO,
        Cause::Expired => &auth_expired::INFO,
        Cause::Upstream => &upstream_noauth::INFO,
    }
}

fn build(window: &Window, scene: &Scene, want: &Wanted, library: Option<&str>) -> Finding {
    let rule = want.info.name;
    let mut finding = draft::on_connection(want.info, scene, window.sent, window.auth.index);
    // A race and an expiry of the same window are told apart: each shows its own refusals.
    let kept = window.kept.iter().filter(|k| match rule {
        "auth-race" => !k.is_refused_and(false),
        "auth-expired" => !k.is_refused_and(true),
        _ => true,
    });
    let (hit, served): (Vec<_>, Vec<_>) = kept.clone().partition(|k| k.refused);
    let hit: Vec<&FindingExchange> = hit.iter().map(|k| &k.shown).collect();
    let shown = kept.map(|k| &k.shown);
    finding.title = title(window, want, &hit);
    finding.confidence = want.confidence;
    finding.affected = want.affected;
    finding.last = shown
        .clone()
        .filter_map(|e| e.received)
        .fold(window.received.max(window.last), Moment::max);
    finding.exchanges = std::iter::once(&window.auth)
        .chain(shown)
        .take(EXCHANGES_MAX)
        .cloned()
        .collect();
    finding.culprit = culprit(rule);
    finding.culprit_endpoint = match finding.culprit {
        Culprit::Client => Some(scene.client),
        Culprit::Server | Culprit::Proxy => Some(scene.server),
        _ => None,
    };
    let decides = served
        .iter()
        .map(|k| &k.shown)
        .rfind(|e| hit.first().is_some_and(|h| e.index > h.index));
    prove(&mut finding, window, decides, &hit);
    finding.measures = measures(window, &hit);
    finding.not_seen = not_seen(window, rule, scene);
    finding.notes = notes(window, scene, library);
    finding
}

fn culprit(rule: &str) -> Culprit {
    match rule {
        "auth-refused" | "reauth-refused" => Culprit::Client,
        "auth-expired" => Culprit::Unknown,
        "auth-service-failed" => Culprit::AuthService,
        _ => Culprit::Server,
    }
}

fn title(window: &Window, want: &Wanted, hit: &[&FindingExchange]) -> String {
    let auth = if window.hello { "HELLO AUTH" } else { "AUTH" };
    let commands = draft::some_commands(hit, want.affected);
    match want.info.name {
        "auth-race" => {
            format!("{commands} refused with NOAUTH although {auth} in front was accepted")
        }
        "auth-not-honoured" => {
            format!("{auth} was accepted, yet {commands} got NOAUTH and nothing succeeds")
        }
        "auth-expired" => {
            format!("the login stopped working: {commands} got NOAUTH after earlier successes")
        }
        "upstream-noauth" => {
            format!("{commands} refused by the Redis behind the proxy, not by the proxy")
        }
        "served-during-reauth" => {
            format!("data was served behind a new {auth} that was then refused")
        }
        "auth-service-failed" => format!("the proxy could not ask its auth service about {auth}"),
        rule => {
            let again = if rule == "reauth-refused" {
                "a new "
            } else {
                ""
            };
            let refused = window.auth.reply.as_deref().unwrap_or_default();
            match want.affected {
                0 => format!("{again}{auth} was refused: {refused}"),
                1 => format!("{again}{auth} was refused ({refused}), and one command with it"),
                n => format!("{again}{auth} was refused ({refused}), and {n} commands with it"),
            }
        }
    }
}

fn prove(
    finding: &mut Finding,
    window: &Window,
    decides: Option<&FindingExchange>,
    hit: &[&FindingExchange],
) {
    let auth_reply = window.auth.reply.as_deref().unwrap_or_default();
    let mut text = format!(
        "{} ({}) was answered {auth_reply} ({}).",
        window.auth.command,
        draft::packet(window.sent.at),
        draft::packet(window.received.at)
    );
    let mut packets = vec![window.sent.at, window.received.at];
    let mut values = vec![("auth_reply_end", window.reply_end)];
    if let Some(first) = hit.first() {
        let blind = first.blind == Some(true);
        text.push_str(&format!(
            " {} ({}) was sent {} and got {}",
            first.command,
            draft::packet(first.sent.at),
            if blind {
                "before that reply could have arrived"
            } else {
                "after that reply had arrived"
            },
            first.reply.as_deref().unwrap_or_default(),
        ));
        packets.push(first.sent.at);
        if let Some(received) = first.received {
            text.push_str(&format!(" ({})", draft::packet(received.at)));
            packets.push(received.at);
        }
        text.push('.');
        if let (true, Some(ack)) = (blind, window.first_blind_ack) {
            text.push_str(&format!(
                " Its segment acknowledged {ack} bytes of the server; AUTH's reply ends at byte {}.",
                window.reply_end
            ));
            values.push(("command_ack", ack));
        }
    }
    if let Some(later) = decides {
        text.push_str(&format!(
            " A later {} ({}) succeeded without another AUTH.",
            later.command,
            draft::packet(later.sent.at)
        ));
        packets.push(later.sent.at);
    }
    packets.dedup();
    finding.proof.text = text;
    finding.proof.packets = packets;
    finding.proof.values = values;
}

fn measures(window: &Window, hit: &[&FindingExchange]) -> Vec<(&'static str, i64)> {
    let mut out = vec![("auth_latency_ns", window.latency_ns())];
    if let Some(first) = hit.first() {
        out.push((
            "command_after_auth_ns",
            first.sent.time.since(window.sent.time),
        ));
    }
    let facts = &window.facts;
    out.push(("blind_refused", facts.blind_refused.all() as i64));
    out.push(("late_refused", facts.late_refused.all() as i64));
    out.push(("blind_served", window.blind_ok as i64));
    out
}

fn not_seen(window: &Window, rule: &str, scene: &Scene) -> Vec<String> {
    let mut out = Vec::new();
    let undecided = window.facts.ok_between.all() == 0;
    if rule == "auth-race" && undecided {
        out.push(
            "No later command behind this AUTH: an AUTH that has no effect at all would look the same.".to_owned(),
        );
    }
    if rule == "auth-race" && !undecided && window.facts.late_refused.all() == 0 {
        let local_only =
            window.facts.ok_between.forwarded == 0 && window.facts.blind_refused.local == 0;
        if local_only {
            out.push(
                "What succeeded later a proxy answers itself; what was refused it forwards: Redis behind it may be \
                 the one that refuses."
                    .to_owned(),
            );
        }
    }
    if matches!(rule, "auth-refused" | "reauth-refused" | "auth-expired") {
        return out;
    }
    out.push(format!(
        "Only the leg from {} to {} decides here: whether a proxy or Redis itself refused is not visible on it.",
        scene.client.addr, scene.server
    ));
    out
}

fn notes(window: &Window, scene: &Scene, library: Option<&str>) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(library) = library {
        out.push(format!("client library: {library}"));
    }
    if scene.midstream {
        out.push("the connection was joined in the middle".to_owned());
    } else if !scene.whole {
        out.push("bytes of this connection are missing in the capture".to_owned());
    }
    if window.facts.refused() > window.kept.iter().filter(|k| k.refused).count() as u64 {
        out.push("only the first of the refused commands are listed".to_owned());
    }
    out
}
