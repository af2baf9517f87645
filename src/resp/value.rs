//! Full decoding of one small reply, with `redis-protocol`. For the few replies whose content matters: HELLO and INFO.

use super::number::short_length;
use redis_protocol::resp2::types::OwnedFrame as Resp2;
use redis_protocol::resp3::types::OwnedFrame as Resp3;
use std::borrow::Cow;

/// Longer frames are not decoded.
const BYTES_MAX: usize = 64 << 10;
/// Frames with more aggregates inside each other are not decoded: the library recurses.
const DEPTH_MAX: usize = 32;

/// A decoded reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// A string of any kind, or a number as text.
    Text(Vec<u8>),
    /// An error.
    Error(String),
    /// No value.
    Null,
    /// An array, set or push.
    List(Vec<Value>),
    /// A map, in the order it was sent. Of equal keys the library keeps one.
    Map(Vec<(Value, Value)>),
}

impl Value {
    /// The value beside `key`, in a RESP3 map or in the flat list RESP2 has instead.
    pub fn map_get(&self, key: &str) -> Option<&Value> {
        let is_key = |value: &Value| matches!(value, Value::Text(text) if text == key.as_bytes());
        match self {
            Value::Map(pairs) => pairs.iter().find(|(k, _)| is_key(k)).map(|(_, v)| v),
            Value::List(list) => list
                .chunks_exact(2)
                .find(|pair| pair.first().is_some_and(is_key))
                .and_then(|pair| pair.get(1)),
            _ => None,
        }
    }

    /// As text, if it is one.
    pub fn as_text(&self) -> Option<String> {
        match self {
            Value::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
            _ => None,
        }
    }
}

/// Decodes one whole frame. `None` when it is too long or too deep, streamed, no whole frame, or not what the library
/// accepts.
pub fn decode(raw: &[u8]) -> Option<Value> {
    if raw.len() > BYTES_MAX {
        return None;
    }
    let outline = outline(raw)?;
    if outline.resp3 {
        let raw = with_resp3_nulls(raw, &outline.nulls);
        let (frame, used) = redis_protocol::resp3::decode::complete::decode(&raw).ok()??;
        return from_resp3(frame).filter(|_| used == raw.len());
    }
    let (frame, used) = redis_protocol::resp2::decode::decode(raw).ok()??;
    (used == raw.len()).then(|| from_resp2(frame))
}

/// What has to be known of a frame before the library may have it.
struct Outline {
    /// It has a type that RESP2 lacks.
    resp3: bool,
    /// Where nulls in the forms of RESP2 start.
    nulls: Vec<usize>,
}

/// Steps over the headers of one whole frame, without recursion. `None` when it is too deep or anything else.
fn outline(raw: &[u8]) -> Option<Outline> {
    let mut outline = Outline {
        resp3: false,
        nulls: Vec::new(),
    };
    // Elements to come: of the stream, and of each open aggregate.
    let mut open = vec![1u64];
    let mut at = 0usize;
    while let Some(left) = open.last_mut() {
        if *left == 0 {
            open.pop();
            continue;
        }
        *left -= 1;
        let (&kind, rest) = raw.get(at..)?.split_first()?;
        outline.resp3 |= !matches!(kind, b'+' | b'-' | b':' | b'$' | b'*');
        if matches!(kind, b'$' | b'*') && rest.starts_with(b"-1\r\n") {
            outline.nulls.push(at);
            at += NULL_LEN;
            continue;
        }
        let used = match kind {
            b'+' | b'-' | b':' | b',' | b'#' | b'(' | b'_' => memchr::memchr(b'\n', rest)? + 1,
            b'$' | b'=' | b'!' => {
                let (len, used) = short_length(rest)?;
                used.checked_add(usize::try_from(len).ok()?)?
                    .checked_add(2)?
            }
            b'*' | b'~' | b'>' | b'%' | b'|' => {
                let (count, used) = short_length(rest)?;
                // Attributes are no element: what they belong to is still to come.
                *left += u64::from(kind == b'|');
                let each = if matches!(kind, b'%' | b'|') { 2 } else { 1 };
                open.push(count.checked_mul(each)?);
                used
            }
            _ => return None,
        };
        at = at.checked_add(1)?.checked_add(used)?;
        if open.len() > 1 + DEPTH_MAX {
            return None;
        }
    }
    (at == raw.len()).then_some(outline)
}

/// Bytes of `$-1 CR LF` and `*-1 CR LF`.
const NULL_LEN: usize = 5;

/// The library takes the nulls of RESP2 for the start of a streamed value, although servers send them in RESP3 too.
fn with_resp3_nulls<'r>(raw: &'r [u8], nulls: &[usize]) -> Cow<'r, [u8]> {
    if nulls.is_empty() {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut from = 0;
    for &null in nulls {
        out.extend_from_slice(raw.get(from..null).unwrap_or_default());
        out.extend_from_slice(b"_\r\n");
        from = null + NULL_LEN;
    }
    out.extend_from_slice(raw.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

fn from_resp2(frame: Resp2) -> Value {
    match frame {
        Resp2::SimpleString(text) | Resp2::BulkString(text) => Value::Text(text),
        Resp2::Error(text) => Value::Error(text),
        Resp2::Integer(n) => Value::Text(n.to_string().into_bytes()),
        Resp2::Array(list) => Value::List(list.into_iter().map(from_resp2).collect()),
        Resp2::Null => Value::Null,
    }
}

fn from_resp3(frame: Resp3) -> Option<Value> {
    Some(match frame {
        Resp3::BlobString { data, .. }
        | Resp3::SimpleString { data, .. }
        | Resp3::BigNumber { data, .. }
        | Resp3::VerbatimString { data, .. }
        | Resp3::ChunkedString(data) => Value::Text(data),
        Resp3::BlobError { data, .. } => Value::Error(String::from_utf8_lossy(&data).into_owned()),
        Resp3::SimpleError { data, .. } => Value::Error(data),
        Resp3::Boolean { data, .. } => Value::Text(data.to_string().into_bytes()),
        Resp3::Number { data, .. } => Value::Text(data.to_string().into_bytes()),
        Resp3::Double { data, .. } => Value::Text(data.to_string().into_bytes()),
        Resp3::Null => Value::Null,
        Resp3::Array { data, .. } | Resp3::Push { data, .. } => {
            Value::List(data.into_iter().map(from_resp3).collect::<Option<_>>()?)
        }
        Resp3::Set { data, .. } => {
            Value::List(data.into_iter().map(from_resp3).collect::<Option<_>>()?)
        }
        Resp3::Map { data, .. } => Value::Map(
            // The library fills the map from behind.
            data.into_iter()
                .rev()
                .map(|(k, v)| Some((from_resp3(k)?, from_resp3(v)?)))
                .collect::<Option<_>>()?,
        ),
        Resp3::Hello { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(raw: &str) -> String {
        decode(raw.as_bytes()).map_or("none".to_owned(), |value| on_one_line(&value))
    }

    fn on_one_line(value: &Value) -> String {
        match value {
            Value::Text(text) => text.escape_ascii().to_string(),
            Value::Error(text) => format!("-{}", text.as_bytes().escape_ascii()),
            Value::Null => "(nil)".to_owned(),
            Value::List(list) => {
                let all: Vec<String> = list.iter().map(on_one_line).collect();
                format!("[{}]", all.join(", "))
            }
            Value::Map(pairs) => {
                let one =
                    |(k, v): &(Value, Value)| format!("{}: {}", on_one_line(k), on_one_line(v));
                let all: Vec<String> = pairs.iter().map(one).collect();
                format!("{{{}}}", all.join(", "))
            }
        }
    }

    #[test]
    fn every_type() {
        for (raw, expected) in [
            ("+OK\r\n", "OK"),
            ("-ERR x\r\n", "-ERR x"),
            (":-12\r\n", "-12"),
            ("$3\r\na\r\n\r\n", "a\\r\\n"),
            ("$-1\r\n", "(nil)"),
            ("*-1\r\n", "(nil)"),
            ("*3\r\n:1\r\n$-1\r\n*1\r\n+a\r\n", "[1, (nil), [a]]"),
            ("*0\r\n", "[]"),
            ("_\r\n", "(nil)"),
            ("#t\r\n", "true"),
            (",1.5\r\n", "1.5"),
            (
                "(123456789012345678901234567890\r\n",
                "123456789012345678901234567890",
            ),
            ("=7\r\ntxt:a b\r\n", "a b"),
            ("!3\r\nE x\r\n", "-E x"),
            ("~2\r\n:2\r\n:1\r\n", "[2, 1]"),
            (">2\r\n+a\r\n:1\r\n", "[a, 1]"),
            ("%2\r\n+b\r\n:1\r\n+a\r\n*0\r\n", "{b: 1, a: []}"),
            ("|1\r\n+k\r\n:1\r\n+OK\r\n", "OK"),
            ("*2\r\n|1\r\n+k\r\n:1\r\n:1\r\n:2\r\n", "[1, 2]"),
            // Nulls of RESP2 among types of RESP3.
            ("%2\r\n+a\r\n$-1\r\n+b\r\n*-1\r\n", "{a: (nil), b: (nil)}"),
            ("~1\r\n$5\r\n$-1\r\n\r\n", "[$-1\\r\\n]"),
        ] {
            assert_eq!(shown(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn what_is_no_whole_frame() {
        for raw in [
            "",
            "+OK",
            "+OK\r\n+OK\r\n",
            "*2\r\n:1\r\n",
            "$5\r\nab\r\n",
            "PING\r\n",
            "*?\r\n:1\r\n.\r\n",
            "$?\r\n;0\r\n",
            "$-2\r\n",
            "*99999999999\r\n",
        ] {
            assert_eq!(shown(raw), "none", "{raw:?}");
        }
    }

    #[test]
    fn hello_in_both_versions() {
        let pairs = "$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.4.1\r\n";
        for raw in [format!("*4\r\n{pairs}"), format!("%2\r\n{pairs}")] {
            let value = decode(raw.as_bytes()).unwrap();
            let text = |key| value.map_get(key).and_then(Value::as_text);
            assert_eq!(text("version").as_deref(), Some("7.4.1"));
            assert_eq!(text("redis"), None, "a value is no key");
        }
    }

    #[test]
    fn what_is_deep_is_left_alone_however_it_is_built() {
        // Scalars between the levels make it no less deep.
        for level in [
            "*1\r\n",
            "*2\r\n+a\r\n",
            "%1\r\n_\r\n",
            "*2\r\n$3\r\n\r\n:\r\n",
        ] {
            let nested = |depth| format!("{}:1\r\n", level.repeat(depth));
            assert_ne!(shown(&nested(DEPTH_MAX)), "none", "{level:?}");
            assert_eq!(shown(&nested(DEPTH_MAX + 1)), "none", "{level:?}");
            assert_eq!(
                shown(&nested(BYTES_MAX / level.len() - 4)),
                "none",
                "{level:?}"
            );
        }
        let wide = format!("*1000\r\n{}", "*1\r\n:1\r\n".repeat(1000));
        assert!(decode(wide.as_bytes()).is_some());
    }

    #[test]
    fn what_is_long_is_left_alone() {
        let text = |len: usize| format!("+{}\r\n", "x".repeat(len - 3));
        assert!(decode(text(BYTES_MAX).as_bytes()).is_some());
        assert!(decode(text(BYTES_MAX + 1).as_bytes()).is_none());
    }
}
