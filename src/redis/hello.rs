//! The options of HELLO: `HELLO [version [AUTH user password] [SETNAME name]]`.

use crate::resp::Command;

/// Where the options of a HELLO stand among its words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct HelloOptions {
    /// The password.
    pub password: Option<usize>,
    /// The name of the client.
    pub name: Option<usize>,
    /// The first word that is no option: what it and those behind it are is not known.
    pub unknown: Option<usize>,
}

impl HelloOptions {
    /// Those of `command`, read as a server reads them: a client may be named `auth`, and a user `setname`.
    pub(super) fn of(command: &Command<'_>) -> HelloOptions {
        let mut options = HelloOptions::default();
        let mut at = 2;
        while let Some(word) = command.arg(at) {
            if word.bytes.eq_ignore_ascii_case(b"auth") {
                options.password = Some(at + 2);
                at += 3;
            } else if word.bytes.eq_ignore_ascii_case(b"setname") {
                options.name = Some(at + 1);
                at += 2;
            } else {
                options.unknown.get_or_insert(at);
                at += 1;
            }
        }
        options
    }
}
