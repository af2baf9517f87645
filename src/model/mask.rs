//! Addresses that stand in text, replaced by names.

use std::net::{IpAddr, SocketAddr};

/// `text` with every address in it replaced by the name that `name` gives it. Ports stay, and are told to `name` where
/// they stand behind the address.
pub fn mask_addresses(text: &str, mut name: impl FnMut(IpAddr, Option<u16>) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(|c| !in_address(c)).unwrap_or(rest.len());
        let (token, tail) = rest.split_at(word);
        out.push_str(&token_masked(token, &mut name));
        let gap = tail.find(in_address).unwrap_or(tail.len());
        let (between, tail) = tail.split_at(gap);
        out.push_str(between);
        rest = tail;
    }
    out
}

type Namer<'n> = dyn FnMut(IpAddr, Option<u16>) -> String + 'n;

fn token_masked(token: &str, name: &mut Namer<'_>) -> String {
    if let Some(label) = label(token, name) {
        return label;
    }
    let core = token.trim_matches(['.', ':']);
    if let (Some(label), Some(at)) = (label(core, name), token.find(core)) {
        let (before, after) = (token.get(..at), token.get(at + core.len()..));
        return [before.unwrap_or(""), &label, after.unwrap_or("")].concat();
    }
    // Something else glued on with colons, as in `peer:10.0.0.1:6379`.
    let parts = token.split(':').map(|part| part_masked(part, name));
    parts.collect::<Vec<_>>().join(":")
}

/// An IPv4 address, also with letters glued to it, as in `abc10.0.0.1`.
fn part_masked(part: &str, name: &mut Namer<'_>) -> String {
    let core = part.trim_matches(|c: char| !c.is_ascii_digit());
    match core.parse() {
        Ok(addr) => part.replacen(core, &name(IpAddr::V4(addr), None), 1),
        Err(_) => part.to_owned(),
    }
}

fn label(text: &str, name: &mut Namer<'_>) -> Option<String> {
    if let Ok(end) = text.parse::<SocketAddr>() {
        return Some(format!(
            "{}:{}",
            name(end.ip(), Some(end.port())),
            end.port()
        ));
    }
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    let addr = bare.unwrap_or(text).parse().ok()?;
    Some(name(addr, None))
}

fn in_address(c: char) -> bool {
    c.is_ascii_hexdigit() || matches!(c, ':' | '.' | '[' | ']')
}
