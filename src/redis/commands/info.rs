//! What is known of a command that was seen, or may be.

use super::forms::{Few, Forms};
use super::kind::{Elements, Keys, Kind, Most, Secret};
use super::row::Traits;
use crate::redis::answerer::{self, Answerer};
use crate::redis::effects::{self, Effects};
use std::borrow::Cow;

/// One command, or container with subcommand.
#[derive(Clone, Debug)]
pub struct CommandInfo {
    /// First word, in capitals.
    pub name: Cow<'static, str>,
    /// Subcommand in capitals, when it belongs to the name.
    pub sub: Option<&'static str>,
    /// What it may answer besides errors and `+QUEUED`.
    pub forms: Forms,
    few: Few,
    /// Which arguments are keys.
    pub keys: Keys,
    /// What it does to the session.
    pub kind: Kind,
    /// Which arguments are credentials.
    pub secret: Secret,
    /// How many elements the array of its reply has.
    pub elements: Elements,
    /// The largest integer of its reply.
    pub most: Most,
    /// Who answers it behind a proxy.
    pub answerer: Answerer,
    /// It may wait for other clients.
    pub blocking: bool,
    /// What it does to others, or to its own connection.
    pub effects: Effects,
    /// Its replies may hold credentials.
    pub hidden_reply: bool,
    /// Its name may be shown: it is known, has the form of a module's command, or a server was seen to serve it. Any other
    /// first word may be something else, a password for example.
    pub nameable: bool,
    /// See [`CommandInfo::is_plain`].
    plain: bool,
    /// What it may answer is not told by the form alone.
    pub(in crate::redis) bounded: bool,
    /// In the command table. Others may answer anything and prove nothing.
    pub known: bool,
}

impl CommandInfo {
    pub(super) fn new(
        name: Cow<'static, str>,
        sub: Option<&'static str>,
        traits: Traits,
        known: bool,
    ) -> CommandInfo {
        let effects = effects::of(&name, sub, traits.busy);
        let plain =
            traits.kind == Kind::Ordinary && known && !traits.blocking && effects.is_quiet();
        CommandInfo {
            sub,
            plain,
            bounded: traits.most != Most::Any || traits.elements == Elements::IfCounted,
            forms: traits.forms,
            few: traits.few,
            keys: traits.keys,
            kind: traits.kind,
            secret: traits.secret,
            elements: traits.elements,
            most: traits.most,
            answerer: answerer::of(&name),
            blocking: traits.blocking,
            effects,
            hidden_reply: traits.hidden_reply,
            nameable: known || is_of_module(&name),
            known,
            name,
        }
    }

    /// It reads or writes data and changes nothing else, and is answered at once.
    #[inline]
    pub(in crate::redis) fn is_plain(&self) -> bool {
        self.plain
    }

    /// With so many words it may answer this form; errors and `+QUEUED` are not looked at.
    #[inline]
    pub(in crate::redis) fn may_answer(&self, words: u64, form: Forms) -> bool {
        // Hardly any command has so few that they tell.
        let few = words <= u64::from(self.few.words);
        self.forms.meets(form) && (!few || self.few.forms.meets(form))
    }

    /// What the first argument is: `key` or `arg`.
    pub fn first_argument(&self) -> &'static str {
        match self.keys {
            Keys::First | Keys::All | Keys::AllButLast | Keys::Even => "key",
            Keys::None | Keys::Second => "arg",
        }
    }
}

/// `JSON.GET`, `FT._LIST`: letters, a dot, letters.
pub(super) fn is_of_module(name: &str) -> bool {
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    name.split_once('.').is_some_and(|(module, command)| {
        (2..=12).contains(&module.len())
            && command.len() >= 2
            && letters(module)
            && letters(command)
    })
}

#[cfg(test)]
mod tests {
    use super::is_of_module;

    #[test]
    fn commands_of_modules_are_told_by_their_form() {
        for name in ["JSON.GET", "FT._LIST", "ft.search", "TDIGEST.CREATE"] {
            assert!(is_of_module(name), "{name}");
        }
        for name in [
            "GTE",
            "s3.cret",
            "A.GET",
            "a.b.c",
            ".get",
            "json.",
            "sEcReT1.abc",
        ] {
            assert!(!is_of_module(name), "{name}");
        }
    }
}
