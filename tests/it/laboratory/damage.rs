//! What is done to a healthy dialogue, and what has to be said of it then.

use super::dialogue::{Dialogue, Dice, Heard, Place, Write, frames, healthy};
use redorder::rules::Finding;
use std::collections::BTreeMap;

const NOAUTH: &[u8] = b"-NOAUTH Authentication required.\r\n";
/// The same, of a transaction.
const GIVEN_UP: &[u8] = b"-EXECABORT Transaction discarded because of: NOAUTH ";

/// One kind of damage.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Damage {
    /// A reply is left out.
    Dropped,
    /// A reply comes twice.
    Duplicated,
    /// Two neighbouring replies in exchange.
    Swapped,
    /// A reply of another connection in the place of its own.
    Foreign,
    /// NOAUTH for a command behind an accepted AUTH.
    RefusedBehind,
    /// NOAUTH in front of the `+OK` of AUTH.
    RefusedBefore,
}

impl Damage {
    pub(crate) const ALL: [Damage; 6] = [
        Damage::Duplicated,
        Damage::RefusedBefore,
        Damage::RefusedBehind,
        Damage::Dropped,
        Damage::Swapped,
        Damage::Foreign,
    ];

    /// The words of the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Damage::Dropped => "a reply left out",
            Damage::Duplicated => "a reply sent twice",
            Damage::Swapped => "two neighbours in exchange",
            Damage::Foreign => "the reply of another connection",
            Damage::RefusedBehind => "NOAUTH behind the +OK of AUTH",
            Damage::RefusedBefore => "NOAUTH in front of the +OK of AUTH",
        }
    }

    /// The rules that say what happened.
    fn rules(self) -> &'static [&'static str] {
        match self {
            Damage::Dropped => &["reply-missing", "auth-reply-lost"],
            Damage::Duplicated => &["reply-surplus"],
            Damage::Swapped => &["reply-swapped", "noauth-before-auth-reply"],
            Damage::Foreign => &["reply-mismatch"],
            Damage::RefusedBehind => &[
                "auth-race",
                "auth-not-honoured",
                "auth-expired",
                "upstream-noauth",
                "noauth-unexplained",
            ],
            Damage::RefusedBefore => &["noauth-before-auth-reply"],
        }
    }
}

/// A damaged dialogue.
pub(crate) struct Damaged {
    pub(crate) dialogue: Dialogue,
    damage: Damage,
    /// The first command that it hits.
    pub(crate) hit: u64,
    /// The first command whose reply is another one by it: alike neighbours hide the place.
    pub(crate) shows: u64,
    /// The reply of another connection refuses a transaction for want of a login: that is what it looks like, too.
    refuses: bool,
}

impl Damaged {
    /// The finding says what happened, and where.
    pub(crate) fn is_told_by(&self, finding: &Finding) -> bool {
        let near = finding.exchanges.iter().any(|exchange| {
            let first = finding.exchanges.first().map(|e| e.index);
            // Behind AUTH a finding shows the commands that are refused, and the one that is served.
            let refused = self.damage == Damage::RefusedBehind || self.refuses;
            let counts = refused || first == Some(exchange.index);
            counts && (self.hit.saturating_sub(1)..=self.shows + 1).contains(&exchange.index)
        });
        let refusal = self.refuses && Damage::RefusedBehind.rules().contains(&finding.rule);
        near && (refusal || self.damage.rules().contains(&finding.rule))
    }
}

/// A healthy dialogue with what is known of it.
pub(crate) struct Patient {
    pub(crate) dialogue: Dialogue,
    /// The replies with the commands they belong to.
    replies: Vec<Reply>,
}

struct Reply {
    place: Place,
    /// Behind the last confirmation, where SUBSCRIBE or UNSUBSCRIBE got several. Whoever refuses it says so once.
    all_to: usize,
    command: u64,
    name: String,
}

impl Patient {
    /// `None` where not every reply is known to belong to a command.
    pub(crate) fn of(dialogue: &Dialogue) -> Option<Patient> {
        let heard = healthy(dialogue);
        let sound =
            heard.undecided == 0 && heard.findings.iter().all(|f| f.rule != "auth-reply-lost");
        sound.then(|| Patient {
            dialogue: dialogue.clone(),
            replies: replies(dialogue, &heard),
        })
    }

    fn bytes(&self, reply: &Reply) -> &[u8] {
        let Place {
            write, from, to, ..
        } = reply.place;
        &self.dialogue[write].bytes[from..to]
    }

    /// Any of its replies.
    pub(crate) fn any(&self, dice: &mut Dice) -> Option<&[u8]> {
        let reply = self.replies.get(dice.roll(self.replies.len()))?;
        Some(self.bytes(reply))
    }

    /// Does it, at a random place. `None` where it can not be done, or changes no byte.
    pub(crate) fn damaged(
        &self,
        damage: Damage,
        dice: &mut Dice,
        foreign: &[u8],
    ) -> Option<Damaged> {
        let at = self.place(damage, dice)?;
        let reply = self.replies.get(at)?;
        let own = self.bytes(reply).to_vec();
        let Place {
            write, from, to, ..
        } = reply.place;
        let mut dialogue = self.dialogue.clone();
        let Write { bytes, .. } = &mut dialogue[write];
        let mut hit = reply.command;
        match damage {
            Damage::Dropped => drop(bytes.drain(from..to)),
            Damage::Duplicated => {
                hit += 1;
                bytes.splice(to..to, own);
            }
            Damage::Foreign | Damage::RefusedBehind => {
                let (put, to) = match damage {
                    Damage::Foreign => (foreign, to),
                    _ => (NOAUTH, reply.all_to),
                };
                // One more refusal is what the rows above are about.
                let refusal = damage == Damage::Foreign && put.starts_with(b"-NOAUTH");
                if put == own || refusal {
                    return None;
                }
                bytes.splice(from..to, put.iter().copied());
            }
            Damage::Swapped | Damage::RefusedBefore => {
                let next = self.replies.get(at + 1)?;
                let mut second = self.bytes(next).to_vec();
                let together = next.place.write == write && next.place.from == to;
                if !together || second == own {
                    return None;
                }
                if damage == Damage::RefusedBefore {
                    // What is judged without a login is not refused for want of one.
                    let free = ["AUTH", "HELLO", "RESET", "QUIT"].contains(&next.name.as_str());
                    if free || next.command != reply.command + 1 {
                        return None;
                    }
                    second = NOAUTH.to_vec();
                }
                second.extend(own);
                let end = match damage {
                    Damage::RefusedBefore => next.all_to,
                    _ => next.place.to,
                };
                bytes.splice(from..end, second);
            }
        }
        let shows = match damage {
            Damage::Dropped | Damage::Duplicated => hit.max(self.shown_at(at)),
            _ => hit,
        };
        Some(Damaged {
            dialogue,
            damage,
            hit,
            shows,
            refuses: damage == Damage::Foreign && foreign.starts_with(GIVEN_UP),
        })
    }

    /// The first command behind that reply with another one.
    fn shown_at(&self, at: usize) -> u64 {
        let own = self.bytes(&self.replies[at]);
        let alike = self.replies[at..]
            .iter()
            .take_while(|r| self.bytes(r) == own);
        let last = alike.last().map_or(0, |r| r.command);
        let other = self.replies.iter().find(|r| r.command > last);
        other.map_or(last + 1, |r| r.command)
    }

    fn place(&self, damage: Damage, dice: &mut Dice) -> Option<usize> {
        let accepted = |reply: &&Reply| reply.name == "AUTH" && self.bytes(reply) == b"+OK\r\n";
        let login = self.replies.iter().find(accepted).map(|r| r.command);
        match damage {
            Damage::RefusedBefore => self.replies.iter().position(|r| Some(r.command) == login),
            Damage::RefusedBehind => {
                let behind = self.replies.iter().filter(|r| Some(r.command) > login);
                let window = behind
                    .take_while(|r| !["AUTH", "HELLO", "RESET"].contains(&r.name.as_str()))
                    .filter(|_| login.is_some())
                    .count();
                let first = self.replies.iter().position(|r| Some(r.command) == login)? + 1;
                let at = first + dice.roll(window);
                // A script may say so, and what no table knows as well.
                let free = ["EVAL", "EVALSHA", "FOOBAR"];
                let name = self.replies.get(at)?.name.as_str();
                (window > 0 && !free.contains(&name)).then_some(at)
            }
            // Where nothing is answered later, an answer that is absent is no matter of order.
            Damage::Dropped => {
                let last = self.replies.len().checked_sub(1)?;
                (last > 0).then(|| dice.roll(last))
            }
            _ => (!self.replies.is_empty()).then(|| dice.roll(self.replies.len())),
        }
    }
}

fn replies(dialogue: &Dialogue, heard: &Heard) -> Vec<Reply> {
    let by_end: BTreeMap<u64, (u64, &str)> = heard
        .pairs()
        .map(|(end, command, name)| (end, (command, name)))
        .collect();
    let mut out: Vec<Reply> = Vec::new();
    for place in frames(dialogue) {
        match by_end.get(&place.end) {
            Some((command, name)) => out.push(Reply {
                place,
                all_to: place.to,
                command: *command,
                name: (*name).to_owned(),
            }),
            None => {
                let before = out.last_mut().filter(|before| {
                    let near = before.place.write == place.write && before.all_to == place.from;
                    near && before.name.ends_with("SUBSCRIBE")
                });
                if let Some(before) = before {
                    before.all_to = place.to;
                }
            }
        }
    }
    out
}
