//! The command that an error text names.

/// The command that an error text names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Named<'t> {
    /// The first word of its name.
    pub word: &'t [u8],
    /// The subcommand, where the name has one.
    pub sub: Option<&'t [u8]>,
    /// As the client typed it. Otherwise it is the server's own name of it, which may differ where commands are renamed.
    pub as_typed: bool,
}

/// What stands in front of the name, and whether the client's own word follows.
const STARTS: [(&[u8], bool); 7] = [
    (b"ERR unknown command ", true),
    (b"unsupported command ", true),
    (b"ERR wrong number of arguments for ", false),
    (b"wrong number of arguments for ", false),
    (b"ERR Can't execute ", false),
    (b"ERR invalid expire time in ", false),
    (b"NOPERM ", false),
];

/// What stands in front of a container's name, as the client typed it, in capitals.
const TRY: &[u8] = b" Try ";

/// The command that an error text names, if it names one.
pub fn named_command(error: &[u8]) -> Option<Named<'_>> {
    if error.starts_with(b"ERR unknown subcommand ")
        || error.starts_with(b"ERR Unknown subcommand ")
    {
        return container(error);
    }
    let (start, as_typed) = *STARTS.iter().find(|(start, _)| error.starts_with(start))?;
    let rest = error.get(start.len()..)?;
    let rest = match start {
        b"NOPERM " => rest.get(memchr::memmem::find(rest, b"run the ")? + 8..)?,
        _ => rest,
    };
    let (quote, behind) = rest.split_first()?;
    let closing = match quote {
        b'`' | b'\'' => quote,
        _ => return None,
    };
    // Redis 5 opens with one quote and closes with the other.
    let end = behind
        .iter()
        .position(|b| b == closing || (*closing == b'`' && *b == b'\''))?;
    let name = behind.get(..end)?;
    let mut parts = name.split(|b| *b == b'|' && !as_typed);
    let (word, sub) = (parts.next()?, parts.next());
    // Names are cut by servers at 128 bytes; a long one tells nothing.
    (!word.is_empty() && word.len() < 100).then_some(Named {
        word,
        sub,
        as_typed,
    })
}

/// `ERR unknown subcommand 'FOO'. Try CONFIG HELP.`
fn container(error: &[u8]) -> Option<Named<'_>> {
    let at = memchr::memmem::rfind(error, TRY)?;
    let rest = error.get(at + TRY.len()..)?;
    let word = rest
        .strip_suffix(b".")
        .unwrap_or(rest)
        .strip_suffix(b" HELP")?;
    // The subcommand stands in quotes, as the client typed it, and may hold quotes itself.
    let typed = error.get(..at)?;
    let from = typed.iter().position(|b| *b == b'\'').map(|i| i + 1);
    let to = typed.iter().rposition(|b| *b == b'\'');
    let quoted = from.zip(to).and_then(|(from, to)| typed.get(from..to));
    let sub = quoted.filter(|sub| sub.len() < 100);
    (!word.is_empty() && word.len() < 100).then_some(Named {
        word,
        sub,
        as_typed: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_their_texts() {
        for (text, word, as_typed) in [
            (
                "ERR unknown command `fOO`, with args beginning with: `a`",
                "fOO",
                true,
            ),
            ("ERR unknown command 'foo'", "foo", true),
            (
                "ERR wrong number of arguments for 'client|reply' command",
                "client",
                false,
            ),
            (
                "NOPERM this user has no permissions to run the 'get' command or its subcommand",
                "get",
                false,
            ),
            (
                "NOPERM User u has no permissions to run the 'client|reply' command",
                "client",
                false,
            ),
            ("ERR Can't execute 'get': only (P)SUBSCRIBE", "get", false),
            (
                "ERR unknown subcommand 'FOO'. Try CONFIG HELP.",
                "CONFIG",
                true,
            ),
            (
                "ERR Unknown subcommand or wrong number of arguments for 'REPLY'. Try CLIENT HELP",
                "CLIENT",
                true,
            ),
        ] {
            let named = named_command(text.as_bytes()).unwrap();
            assert_eq!(
                (named.word, named.as_typed),
                (word.as_bytes(), as_typed),
                "{text}"
            );
        }
        for text in [
            "ERR unknown",
            "ERR unknown command",
            "NOPERM No permissions to access a key",
            "OK",
            "ERR unknown command 'open",
        ] {
            assert_eq!(named_command(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn subcommands_in_quotes() {
        for (text, sub) in [
            (
                "ERR unknown subcommand 'it's'. Try CLIENT HELP.",
                Some(&b"it's"[..]),
            ),
            (
                "ERR Unknown subcommand or wrong number of arguments for 'REPLY'. Try CLIENT HELP",
                Some(b"REPLY"),
            ),
            ("ERR unknown subcommand or so. Try CLIENT HELP", None),
            (
                "NOPERM User u has no permissions to run the 'client|reply' command",
                Some(b"reply"),
            ),
        ] {
            let named = named_command(text.as_bytes()).unwrap();
            assert_eq!(named.sub, sub, "{text}");
        }
    }
}
