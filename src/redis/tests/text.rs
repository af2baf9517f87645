//! Dialogues as text: the words between `C:` and `S:` as bytes. The tests of the whole program read them as well.

/// `PING ; ECHO a` as RESP.
pub(crate) fn commands(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for command in text.split(" ; ") {
        let words: Vec<&str> = command.split_whitespace().collect();
        out.extend(format!("*{}\r\n", words.len()).bytes());
        for word in words {
            out.extend(format!("${}\r\n{word}\r\n", word.len()).bytes());
        }
    }
    out
}

/// `+OK / $1 / z` with CRLF behind each part; a last part that is empty ends with ` /`.
pub(crate) fn lines(text: &str) -> Vec<u8> {
    let parts = text.strip_suffix(" /").map(|rest| format!("{rest} / "));
    let ended = parts
        .as_deref()
        .unwrap_or(text)
        .split(" / ")
        .map(|line| format!("{line}\r\n"));
    ended.collect::<String>().into_bytes()
}

/// `\r` and `\n` as the bytes they stand for.
pub(crate) fn unescape(text: &str) -> Vec<u8> {
    text.replace("\\r", "\r").replace("\\n", "\n").into_bytes()
}

/// The lines that say something.
pub(crate) fn trimmed(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty()).collect()
}
