//! How an error text reads: which of its words are the server's own, and which it took over from somewhere.

use super::wordings::WORDINGS;
use smallvec::SmallVec;

/// What stands in a slot of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::redis) enum Slot {
    /// `{command}`: shown if it is the name of a command.
    Command,
    /// `{sub}`: shown if it is the name of a subcommand.
    Sub,
    /// `{number}`: shown if it is one.
    Number,
    /// `{address}`: shown if it can be one.
    Address,
    /// `{args}`: the beginning of a request.
    Arguments,
    /// `{word}`: of a key, a node, another program.
    Word,
    /// `{secret}`: may be a password, or a user's name.
    Secret,
}

/// A piece of an error text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::redis) enum Piece<'e> {
    /// The server's own words.
    Own(&'static str),
    /// What is in a slot.
    Filled(Slot, &'e [u8]),
    /// Words that are not in the table.
    Rest(&'e [u8]),
}

/// The pieces of a text.
pub(in crate::redis) type Pieces<'e> = SmallVec<[Piece<'e>; 6]>;

/// The text, taken apart by the wording that says most of it. If `is_cut`, only its beginning is there. What no wording
/// explains is the rest.
pub(in crate::redis) fn pieces(text: &[u8], is_cut: bool) -> Pieces<'_> {
    let mut best: (usize, Pieces<'_>) = (0, SmallVec::new());
    let mut begins = "";
    for wording in WORDINGS {
        if !starts_alike(wording, text) {
            continue;
        }
        if !wording.contains('{') {
            match text.strip_prefix(wording.as_bytes()) {
                Some(b"" | b".") => return own(wording, text),
                Some(_) if wording.len() > begins.len() => begins = wording,
                Some(_) => {}
                None if is_cut && wording.as_bytes().starts_with(text) => {
                    return cut(wording, text);
                }
                None => {}
            }
            continue;
        }
        let mut found = SmallVec::new();
        if fits(wording, text, is_cut, &mut found) {
            let said = found.iter().map(said).sum();
            if said > best.0 {
                best = (said, found);
            }
        }
    }
    if best.0 >= begins.len() && best.0 > 0 {
        return best.1;
    }
    let mut out = SmallVec::new();
    out.push(Piece::Own(begins));
    out.push(Piece::Rest(text.get(begins.len()..).unwrap_or_default()));
    out
}

/// A quick look that sorts out most wordings.
fn starts_alike(wording: &str, text: &[u8]) -> bool {
    let (own, len) = (wording.as_bytes(), text.len().min(5));
    match own.get(4) {
        Some(b'{') => own.get(..4) == text.get(..4),
        _ => own.get(..len) == text.get(..len),
    }
}

/// The whole text is the server's.
fn own<'e>(wording: &'static str, text: &[u8]) -> Pieces<'e> {
    let mut out = SmallVec::new();
    out.push(Piece::Own(wording));
    if text.len() > wording.len() {
        out.push(Piece::Own("."));
    }
    out
}

/// So far the text is the server's.
fn cut<'e>(wording: &'static str, text: &[u8]) -> Pieces<'e> {
    let mut out = SmallVec::new();
    out.push(Piece::Own(wording.get(..text.len()).unwrap_or_default()));
    out
}

/// Bytes of the server's own.
fn said(piece: &Piece<'_>) -> usize {
    match piece {
        Piece::Own(words) => words.len(),
        Piece::Filled(..) | Piece::Rest(_) => 0,
    }
}

/// Takes a text apart; `false` if the wording is another one. A slot reaches as far as it can, since what is in it may
/// look like what is behind it.
fn fits<'e>(wording: &'static str, text: &'e [u8], is_cut: bool, out: &mut Pieces<'e>) -> bool {
    let (words, rest) = match wording.split_once('{') {
        Some((words, rest)) => (words, Some(rest)),
        None => (wording, None),
    };
    let there = words.len().min(text.len());
    let (Some(own), Some(same)) = (words.get(..there), text.get(..there)) else {
        return false;
    };
    if !alike(own.as_bytes(), same) || (there < words.len() && !is_cut) {
        return false;
    }
    out.push(Piece::Own(own));
    let behind = text.get(there..).unwrap_or_default();
    let Some((name, rest)) = rest.and_then(|rest| rest.split_once('}')) else {
        if behind == b"." {
            out.push(Piece::Own("."));
        }
        return matches!(behind, b"" | b".");
    };
    if there < words.len() {
        return true;
    }
    let slot = slot(name);
    if rest.is_empty() {
        out.push(Piece::Filled(slot, behind));
        return true;
    }
    let before = out.len();
    for at in (0..=behind.len()).rev() {
        let (inside, tail) = behind.split_at(at);
        out.push(Piece::Filled(slot, inside));
        if fits(rest, tail, is_cut, out) {
            return true;
        }
        out.truncate(before);
    }
    false
}

fn slot(name: &str) -> Slot {
    match name {
        "command" => Slot::Command,
        "sub" => Slot::Sub,
        "number" => Slot::Number,
        "address" => Slot::Address,
        "args" => Slot::Arguments,
        "word" => Slot::Word,
        _ => Slot::Secret,
    }
}

/// Equal, whatever the quotes.
fn alike(own: &[u8], text: &[u8]) -> bool {
    let quote = |b: &u8| matches!(b, b'\'' | b'`' | b'"');
    own.len() == text.len()
        && own
            .iter()
            .zip(text)
            .all(|(a, b)| a == b || (quote(a) && quote(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, is_cut: bool) -> String {
        let pieces = pieces(text.as_bytes(), is_cut);
        let show = |piece: &Piece<'_>| match piece {
            Piece::Own(words) => (*words).to_owned(),
            Piece::Filled(slot, text) => format!("[{slot:?} {}]", String::from_utf8_lossy(text)),
            Piece::Rest(text) => format!("[{}]", String::from_utf8_lossy(text)),
        };
        pieces.iter().map(show).collect()
    }

    #[test]
    fn texts_are_taken_apart() {
        for (text, want) in [
            (
                "NOAUTH Authentication required",
                "NOAUTH Authentication required",
            ),
            (
                "NOAUTH Authentication required.",
                "NOAUTH Authentication required.",
            ),
            ("ERR syntax error near x", "ERR syntax error[ near x]"),
            ("ERR something else", "[ERR something else]"),
            ("ERR", "[ERR]"),
            (
                "NOPERM User a'b has no permissions to run the 'get' command",
                "NOPERM User [Secret a'b] has no permissions to run the '[Command get]' command",
            ),
            (
                "ERR unknown command `a', b`, with args beginning with: `c`, ",
                "ERR unknown command '[Command a', b]', with args beginning with: [Arguments `c`, ]",
            ),
            ("ASK 39 h:1", "ASK [Number 39] [Address h:1]"),
            (
                "finished with 3 error(s)",
                "finished with [Number 3] error(s)",
            ),
        ] {
            assert_eq!(read(text, false), want);
        }
        assert_eq!(
            read("NOAUTH HELLO must be called with the cl", true),
            "NOAUTH HELLO must be called with the cl"
        );
    }

    #[test]
    fn every_wording_is_its_own_best_reading() {
        for wording in WORDINGS {
            for filled in ["x", "1"] {
                let text = [
                    "command", "sub", "number", "address", "args", "word", "secret",
                ]
                .iter()
                .fold((*wording).to_owned(), |text, slot| {
                    text.replace(&format!("{{{slot}}}"), filled)
                });
                assert!(
                    !text.contains(['{', '}']),
                    "a slot of an unknown name: {wording}"
                );
                let own: usize = pieces(text.as_bytes(), false).iter().map(said).sum();
                let rest = pieces(text.as_bytes(), false)
                    .iter()
                    .any(|piece| matches!(piece, Piece::Rest(_)));
                let slots = wording.matches('{').count();
                assert!(!rest && own + slots >= text.len(), "{wording}: {own}");
            }
        }
    }
}
