//! Full decoding of one small reply, with `redis-protocol`. For the few replies whose content matters: HELLO and INFO.

use redis_protocol::resp2::types::OwnedFrame as Resp2;
use redis_protocol::resp3::types::OwnedFrame as Resp3;

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
    /// A map, in no order.
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

/// Decodes one whole frame. `None` when it is too big, too deep, or not what the library accepts.
pub fn decode(raw: &[u8]) -> Option<Value> {
    if raw.len() > BYTES_MAX || too_deep(raw) {
        return None;
    }
    if let Ok(Some((frame, _))) = redis_protocol::resp2::decode::decode(raw) {
        return Some(from_resp2(frame));
    }
    match redis_protocol::resp3::decode::complete::decode(raw) {
        Ok(Some((frame, _))) => from_resp3(frame),
        _ => None,
    }
}

/// An upper bound of the depth: lines that open an aggregate, one behind the other.
fn too_deep(raw: &[u8]) -> bool {
    let mut depth = 0;
    for line in raw.split(|b| *b == b'\n') {
        match line.first() {
            Some(b'*' | b'%' | b'~' | b'>' | b'|') => depth += 1,
            _ => depth = 0,
        }
        if depth > DEPTH_MAX {
            return true;
        }
    }
    false
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
            data.into_iter()
                .map(|(k, v)| Some((from_resp3(k)?, from_resp3(v)?)))
                .collect::<Option<_>>()?,
        ),
        Resp3::Hello { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hello_in_both_versions() {
        let resp2 = b"*4\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.4.1\r\n";
        let resp3 = b"%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.4.1\r\n";
        for raw in [&resp2[..], resp3] {
            let value = decode(raw).unwrap();
            assert_eq!(
                value.map_get("version").and_then(Value::as_text).as_deref(),
                Some("7.4.1")
            );
        }
    }

    #[test]
    fn what_is_too_deep_is_left_alone() {
        assert_eq!(decode(&b"*1\r\n".repeat(10_000)), None);
    }
}
