//! One row of the table of commands, and how it is written.

use super::forms::{Few, Forms};
use super::kind::{Elements, Keys, Kind, Most, Secret};

/// What is known of a command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// `NAME` or `NAME|SUBCOMMAND`.
    pub name: &'static str,
    pub traits: Traits,
}

/// What is known of a command, apart from its name. See [`super::CommandInfo`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    pub forms: Forms,
    /// With no more than so many words, only these.
    pub few: Few,
    pub keys: Keys,
    pub kind: Kind,
    pub secret: Secret,
    pub elements: Elements,
    pub most: Most,
    pub blocking: bool,
    pub busy: bool,
    pub hidden_reply: bool,
}

impl Traits {
    /// Of a command that is not in the table.
    pub(super) const UNKNOWN: Traits = Traits {
        forms: Forms::ANY,
        few: Few::NONE,
        keys: Keys::None,
        kind: Kind::Ordinary,
        secret: Secret::None,
        elements: Elements::Any,
        most: Most::Any,
        blocking: false,
        busy: false,
        hidden_reply: false,
    };
}

/// A command with its reply forms, see [`Forms::parse`]; the rest is added by the methods of [`Row`].
pub(super) const fn row(name: &'static str, forms: &str) -> Row {
    Row {
        name,
        traits: Traits {
            forms: Forms::parse(forms),
            ..Traits::UNKNOWN
        },
    }
}

impl Row {
    /// With no more than so many words, only these forms: what asks for another one needs more.
    pub(super) const fn few(mut self, words: u8, forms: &str) -> Row {
        self.traits.few = Few {
            words,
            forms: Forms::parse(forms),
        };
        self
    }

    /// Which arguments are keys.
    pub(super) const fn keys(mut self, keys: Keys) -> Row {
        self.traits.keys = keys;
        self
    }

    /// What it does to the session.
    pub(super) const fn kind(mut self, kind: Kind) -> Row {
        self.traits.kind = kind;
        self
    }

    /// Which arguments are credentials.
    pub(super) const fn secret(mut self, secret: Secret) -> Row {
        self.traits.secret = secret;
        self
    }

    /// How many elements the array of its reply has.
    pub(super) const fn elements(mut self, elements: Elements) -> Row {
        self.traits.elements = elements;
        self
    }

    /// The largest integer of its reply.
    pub(super) const fn most(mut self, most: Most) -> Row {
        self.traits.most = most;
        self
    }

    /// It may wait for other clients.
    pub(super) const fn blocking(mut self) -> Row {
        self.traits.blocking = true;
        self
    }

    /// It may keep the server busy, or silent, for all other clients.
    pub(super) const fn busy(mut self) -> Row {
        self.traits.busy = true;
        self
    }

    /// Its replies may hold credentials.
    pub(super) const fn hidden_reply(mut self) -> Row {
        self.traits.hidden_reply = true;
        self
    }
}
