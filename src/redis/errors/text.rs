//! What an error text is about, and how one row of the table of texts is written.

/// Who says a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Speaker {
    /// Servers and proxies alike.
    Any,
    /// Redis and its forks.
    Redis,
    /// Envoy's Redis proxy.
    Envoy,
    /// predixy.
    Predixy,
    /// Codis.
    Codis,
    /// twemproxy and Codis: the text of Redis without its final dot.
    TwemproxyOrCodis,
}

impl Speaker {
    /// The proxy, if only one proxy says it.
    pub fn proxy(self) -> Option<&'static str> {
        match self {
            Speaker::Envoy => Some("Envoy"),
            Speaker::Predixy => Some("predixy"),
            Speaker::Codis => Some("Codis"),
            Speaker::Any | Speaker::Redis | Speaker::TwemproxyOrCodis => None,
        }
    }
}

/// What an error text is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// The client is not logged in.
    NoAuth,
    /// The credential was refused. No command but AUTH and HELLO is answered so.
    Credential,
    /// AUTH where no password is set: not a refusal of this one.
    NoPasswordSet,
    /// The proxy could not ask its auth service.
    AuthService,
    /// The request itself, judged before anybody asks who the client is.
    Request,
    /// EXEC or DISCARD without MULTI: no other command is answered so.
    Transaction,
    /// The state of the server or of the data, which it looks at behind its auth check only.
    State,
    /// The server turns a client away, or what it sends; it need not have been asked.
    TurnedAway,
    /// The user may not do that.
    Permission,
    /// The proxy could not do its part, whatever it was asked.
    ProxyFailure,
    /// Anything else.
    Other,
}

impl Subject {
    /// Only a command that brings a credential is answered so.
    pub fn is_about_credentials(self) -> bool {
        matches!(
            self,
            Subject::Credential | Subject::NoPasswordSet | Subject::AuthService
        )
    }
}

/// An error text that is known by its beginning.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// How it begins; for a code the whole first word.
    pub start: &'static str,
    /// Who says it.
    pub speaker: Speaker,
    /// What it is about.
    pub subject: Subject,
    /// `start` is a code: the first word is all of it.
    is_code: bool,
    /// It comes with a login that stays as it was.
    pub(super) keeps_login: bool,
}

/// A text that begins so.
pub(super) const fn text(start: &'static str, speaker: Speaker, subject: Subject) -> Text {
    Text {
        start,
        speaker,
        subject,
        is_code: false,
        keeps_login: false,
    }
}

/// A text whose first word is this code.
pub(super) const fn code(start: &'static str, subject: Subject) -> Text {
    Text {
        is_code: true,
        ..text(start, Speaker::Redis, subject)
    }
}

impl Text {
    /// The connection stays logged in, if it was.
    pub(super) const fn keeps_login(mut self) -> Text {
        self.keeps_login = true;
        self
    }

    /// `error` is this text.
    pub(in crate::redis) fn begins(&self, error: &[u8]) -> bool {
        error
            .strip_prefix(self.start.as_bytes())
            .is_some_and(|rest| !self.is_code || rest.first().is_none_or(|b| *b == b' '))
    }
}
