//! A connection that was joined inside a command: the next one begins in the middle of a segment.

use super::super::commands::CommandTable;
use memchr::memmem;

/// From the array's header to the end of the command's name.
const HEAD_MAX: usize = 64;

/// So many bytes in front of a chunk may hold the beginning of a command whose name ends in it.
pub(super) const BEFORE: usize = HEAD_MAX;

/// What was seen inside of segments, by side.
#[derive(Debug, Default)]
pub(super) struct Inside {
    /// Behind the end of something else a whole head of a command that is known: `*2 $3 GET`.
    asks: [bool; 2],
    /// The header of a string behind the end of something else: a piece of a command, or of an array.
    strings: [bool; 2],
}

impl Inside {
    /// These bytes of a side follow on each other.
    pub(super) fn note(&mut self, side: usize, bytes: &[u8], commands: &CommandTable) {
        if !self.asks[side] {
            let mut heads = memmem::find_iter(bytes, b"\r\n*");
            self.asks[side] = heads.any(|at| {
                let name = name(bytes.get(at + 2..).unwrap_or_default());
                name.is_some_and(|name| commands.is_known(name))
            });
        }
        if !self.strings[side] {
            let mut headers = memmem::find_iter(bytes, b"\r\n$");
            self.strings[side] = headers.any(|at| {
                let behind = bytes.get(at + 2..).unwrap_or_default();
                header(behind, b'$').is_some()
            });
        }
    }

    /// This side has sent a command.
    pub(super) fn asks(&self, side: usize) -> bool {
        self.asks[side]
    }

    /// Somebody spoke in strings as RESP writes them.
    pub(super) fn is_resp(&self) -> bool {
        self.asks != [false; 2] || self.strings != [false; 2]
    }
}

/// The name of the command that these bytes begin with, if it is there as a whole.
fn name(bytes: &[u8]) -> Option<&[u8]> {
    let bytes = bytes.get(..HEAD_MAX).unwrap_or(bytes);
    let (words, rest) = header(bytes, b'*').filter(|(words, _)| *words > 0)?;
    let (length, rest) = header(rest, b'$').filter(|_| words < 1 << 20)?;
    let name = rest.get(..length)?;
    rest.get(length..)?.starts_with(b"\r\n").then_some(name)
}

/// The number of a header of this type, and what follows it.
fn header(bytes: &[u8], kind: u8) -> Option<(usize, &[u8])> {
    let rest = bytes.strip_prefix(&[kind])?;
    let end = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    let (digits, rest) = rest.split_at_checked(end)?;
    let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some((number, rest.strip_prefix(b"\r\n")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_found_behind_the_rest_of_another_one() {
        let table = [
            (
                &b"lue\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n"[..],
                Some(&b"GET"[..]),
            ),
            (b"\r\n*1\r\n$4\r\nPING\r\n", Some(b"PING")),
            (b"\r\n*1\r\n$4\r\nPING", None),
            (b"\r\n*1\r\n$5\r\nPING\r\n", None),
            (b"\r\n*0\r\n$4\r\nPING\r\n", None),
            (b"\r\n*x\r\n", None),
        ];
        for (bytes, found) in table {
            let at = memmem::find(bytes, b"\r\n*").unwrap();
            assert_eq!(name(&bytes[at + 2..]), found, "{bytes:?}");
        }
    }
}
