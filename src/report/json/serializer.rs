//! A page as serde sees it: which values are lists, which are objects, and what stands in their lines.

use super::page::Page;
use serde::ser::{self, Impossible};
use serde::{Serialize, Serializer};
use std::io;

/// Why nothing could be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// What the writer says.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What the value says.
    #[error("{0}")]
    Value(String),
}

impl ser::Error for Broken {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Broken::Value(message.to_string())
    }
}

impl From<serde_json::Error> for Broken {
    fn from(error: serde_json::Error) -> Self {
        Broken::Io(error.into())
    }
}

type Written = Result<(), Broken>;

/// A list or an object that is being written.
pub(super) struct Nested<'p, 'w> {
    page: &'p mut Page<'w>,
    /// Nothing stands in it yet.
    empty: bool,
    bracket: u8,
}

impl<'p, 'w> Nested<'p, 'w> {
    fn list(page: &'p mut Page<'w>) -> Self {
        page.open(b'[');
        Nested {
            page,
            empty: true,
            bracket: b']',
        }
    }

    fn object(page: &'p mut Page<'w>) -> Self {
        page.open(b'{');
        Nested {
            page,
            empty: true,
            bracket: b'}',
        }
    }

    #[inline]
    fn line(&mut self) -> io::Result<()> {
        self.page.line(std::mem::take(&mut self.empty))
    }

    fn element<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        self.line()?;
        value.serialize(&mut *self.page)
    }

    fn close(self) -> Written {
        Ok(self.page.close(self.empty, self.bracket)?)
    }
}

macro_rules! numbers {
    ($($name:ident $type:ty),*) => {
        $(fn $name(self, number: $type) -> Written {
            self.serialize_u64(u64::from(number))
        })*
    };
}

macro_rules! signed_numbers {
    ($($name:ident $type:ty),*) => {
        $(fn $name(self, number: $type) -> Written {
            self.serialize_i64(i64::from(number))
        })*
    };
}

impl<'p, 'w> Serializer for &'p mut Page<'w> {
    type Ok = ();
    type Error = Broken;
    type SerializeSeq = Nested<'p, 'w>;
    type SerializeTuple = Nested<'p, 'w>;
    type SerializeTupleStruct = Nested<'p, 'w>;
    type SerializeTupleVariant = Impossible<(), Broken>;
    type SerializeMap = Nested<'p, 'w>;
    type SerializeStruct = Nested<'p, 'w>;
    type SerializeStructVariant = Impossible<(), Broken>;

    numbers!(serialize_u8 u8, serialize_u16 u16, serialize_u32 u32);
    signed_numbers!(serialize_i8 i8, serialize_i16 i16, serialize_i32 i32);

    fn serialize_u64(self, number: u64) -> Written {
        self.number(number);
        Ok(())
    }

    fn serialize_i64(self, number: i64) -> Written {
        if number < 0 {
            self.raw("-");
        }
        self.number(number.unsigned_abs());
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Written {
        self.serialize_f64(f64::from(number))
    }

    fn serialize_f64(self, number: f64) -> Written {
        Ok(self.fraction(number)?)
    }

    fn serialize_bool(self, yes: bool) -> Written {
        self.raw(if yes { "true" } else { "false" });
        Ok(())
    }

    fn serialize_char(self, c: char) -> Written {
        self.serialize_str(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Written {
        Ok(self.string(text)?)
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Written {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.raw("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        self.collect_map([(variant, value)])
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Nested<'p, 'w>, Broken> {
        Ok(Nested::list(self))
    }

    fn serialize_tuple(self, _: usize) -> Result<Nested<'p, 'w>, Broken> {
        Ok(Nested::list(self))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Nested<'p, 'w>, Broken> {
        Ok(Nested::list(self))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Broken> {
        Err(ser::Error::custom("no report holds such a value"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Nested<'p, 'w>, Broken> {
        Ok(Nested::object(self))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Nested<'p, 'w>, Broken> {
        Ok(Nested::object(self))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Broken> {
        Err(ser::Error::custom("no report holds such a value"))
    }
}

macro_rules! lists {
    ($($trait:ident $element:ident),*) => {
        $(impl ser::$trait for Nested<'_, '_> {
            type Ok = ();
            type Error = Broken;

            fn $element<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
                self.element(value)
            }

            fn end(self) -> Written {
                self.close()
            }
        })*
    };
}

lists!(SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field);

impl ser::SerializeMap for Nested<'_, '_> {
    type Ok = ();
    type Error = Broken;

    /// Keys are strings.
    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Written {
        self.element(key)
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        self.page.raw(": ");
        value.serialize(&mut *self.page)
    }

    fn end(self) -> Written {
        self.close()
    }
}

impl ser::SerializeStruct for Nested<'_, '_> {
    type Ok = ();
    type Error = Broken;

    #[inline]
    fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Written {
        self.line()?;
        self.page.name(name);
        value.serialize(&mut *self.page)
    }

    fn end(self) -> Written {
        self.close()
    }
}
