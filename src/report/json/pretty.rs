//! Indented JSON, byte for byte as serde_json's own pretty printer writes it; characters that are not seen are escaped.
//!
//! Reports are large: this writer knows that names of members have nothing to escape, looks at strings many bytes at a
//! time, and gathers what it writes.

use super::page::Page;
use super::serializer::Broken;
use serde::Serialize;
use std::io::{self, Write};

/// Writes `value` to `out`, indented, without a newline at the end.
pub(in crate::report) fn write(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut page = Page::new(out);
    value.serialize(&mut page).map_err(|broken| match broken {
        Broken::Io(error) => error,
        Broken::Value(message) => io::Error::other(message),
    })?;
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::write;
    use proptest::prelude::*;
    use serde_json::Value;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[ a-z0-9é\"\\\\\n]{0,8}".prop_map(Value::from),
            "[ -~]{0,40}".prop_map(Value::from),
            "[#-Z]{0,40}".prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 40, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn written(value: &Value) -> String {
        let mut out = Vec::new();
        write(&mut out, value).unwrap();
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn it_is_what_the_library_writes(value in any_value()) {
            prop_assert_eq!(written(&value), serde_json::to_string_pretty(&value).unwrap());
        }
    }

    #[test]
    fn very_deep_lists_are_indented_too() {
        let deep = (0..40).fold(Value::from(1), |inner, _| {
            Value::from(vec![inner, Value::Null])
        });
        assert_eq!(written(&deep), serde_json::to_string_pretty(&deep).unwrap());
    }
}
