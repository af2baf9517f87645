//! From the facts of an AUTH window to findings, and their revisions while packets still arrive.

use super::book::Book;
use super::catalogue::RuleInfo;
use super::draft::{self, EXCHANGES_MAX, Scene};
use super::exhibits::Exhibits;
use super::finding::{Confidence, Culprit, Finding, FindingExchange};
use super::outcome::Outcome;
use super::verdict::{self, Cause};
use super::window::Window;
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

    /// Takes all of it back: its pairs were wrong.
    pub(super) fn take_back(self, book: &mut Book) {
        for mut finding in self.0.into_iter().filter(|f| !(f.withdrawn && f.is_final)) {
            finding.withdrawn = true;
            finding.is_final = true;
            book.say(finding);
        }
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
        let gone = !wanted.iter().any(|w| w.info.name == old.rule);
        // While the window is open it may come back.
        if gone && (!old.withdrawn || closed) {
            old.withdrawn = true;
            old.is_final = closed;
            book.say(old.clone());
        }
    }
    for want in &wanted {
        let place = told.iter().position(|old| old.rule == want.info.name);
        let old = place.and_then(|i| told.get(i));
        if old.is_some_and(|old| !closed && !old.withdrawn && !is_news(old, want)) {
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
    let any = told.iter().any(|finding| !finding.withdrawn);
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
                && facts.refused() > 0
                && facts.late_ok_before.all() + facts.ok_after.all() + facts.ok_between.all() == 0;
            let (info, affected) = if bypassed {
                (&served_during_reauth::INFO, facts.blind_ok_before.all())
            } else if window.was_authed {
                (&reauth_refused::INFO, facts.refused())
            } else {
                (&auth_refused::INFO, facts.refused())
            };
            let most = if window.login_unseen {
                Confidence::Possible
            } else {
                Confidence::Likely
            };
            vec![Wanted {
                info,
                confidence: cap.min(most),
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
    let exhibits = Exhibits::of(window, rule);
    finding.title = title(window, want, &exhibits.refused);
    finding.confidence = want.confidence;
    finding.affected = want.affected;
    finding.last = exhibits.last(window);
    finding.exchanges = exhibits.listed(window);
    finding.culprit = culprit(rule);
    finding.culprit_endpoint = match finding.culprit {
        Culprit::Client => Some(scene.client),
        Culprit::Server | Culprit::Proxy => Some(scene.server),
        _ => None,
    };
    finding.proof = exhibits.prove(window);
    finding.measures = measures(window, exhibits.refused.first().copied());
    finding.not_seen = not_seen(window, rule, scene);
    finding.notes = notes(window, rule, scene, library);
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

fn measures(window: &Window, first: Option<&FindingExchange>) -> Vec<(&'static str, i64)> {
    let mut out = vec![("auth_latency_ns", window.latency_ns())];
    if let Some(first) = first {
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
    if window.login_unseen && window.outcome == Outcome::Refused {
        let unseen = "Whether the connection was logged in before: its start, or part of it, was not captured.";
        out.push(unseen.to_owned());
    }
    let leg = format!("the leg from {} to {}", scene.client.addr, scene.server);
    match rule {
        "auth-refused" | "auth-expired" => {}
        "reauth-refused" if old_login(window) == OldLogin::NotSeen => out.push(
            "No command came behind the refusal: whether the old login was kept is not known."
                .to_owned(),
        ),
        "reauth-refused" => {}
        "upstream-noauth" => out.push(format!(
            "Only {leg} decides here: that Redis refused follows from which commands were refused and which a proxy \
             answers itself. Redis's own reply is not part of it."
        )),
        "auth-service-failed" => out.push(format!(
            "Only {leg} decides here: why the auth service could not be asked is not visible on it."
        )),
        _ => out.push(format!(
            "Only {leg} decides here: whether a proxy or Redis itself refused is not visible on it."
        )),
    }
    out
}

/// What became of the old login when a new AUTH was refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OldLogin {
    Kept,
    Dropped,
    Mixed,
    NotSeen,
}

fn old_login(window: &Window) -> OldLogin {
    let facts = &window.facts;
    let served = facts.late_ok_before.all() + facts.ok_between.all() + facts.ok_after.all();
    match (served > 0, facts.late_refused.all() > 0) {
        (true, false) => OldLogin::Kept,
        (false, true) => OldLogin::Dropped,
        (true, true) => OldLogin::Mixed,
        (false, false) => OldLogin::NotSeen,
    }
}

fn notes(window: &Window, rule: &str, scene: &Scene, library: Option<&str>) -> Vec<String> {
    let mut out = Vec::new();
    let old_login = match old_login(window) {
        _ if rule != "reauth-refused" => None,
        OldLogin::Kept => Some("the old login was kept: later commands succeeded"),
        OldLogin::Dropped => Some("the old login was dropped: later commands got NOAUTH"),
        OldLogin::Mixed => Some("of the later commands some got NOAUTH, some succeeded"),
        OldLogin::NotSeen => None,
    };
    out.extend(old_login.map(str::to_owned));
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
