//! What the fields of a command or an answer hold, one after the other: writers of any format are made of it, so that a
//! field is named in its row alone.

#[cfg(feature = "serde")]
pub(crate) mod serialize;

use crate::schema::{Field, Kind};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU64;

/// What a writer must know of a field: its row without the documentation, which programs do not carry with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldKey {
    /// Its name in JSON. Empty where the fields of its object stand beside those of the one that holds it.
    pub name: &'static str,
    /// Its name in Rust.
    pub rust: &'static str,
    /// Whether it must be there.
    pub required: bool,
}

impl FieldKey {
    /// The key of a field.
    #[must_use]
    pub const fn new(name: &'static str, rust: &'static str, required: bool) -> FieldKey {
        FieldKey { name, rust, required }
    }
}

/// Is handed each field, with what it holds.
pub type Visit<'v> = dyn FnMut(FieldKey, FieldValue<'_>) + 'v;

/// What a field holds.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum FieldValue<'a> {
    /// Nothing: the field is not written. An empty text and an empty list of texts are the same as none.
    Absent,
    /// What takes a setting back to its default. Where the field has no name, that is written for the first of the fields
    /// that stand in its place, which is named here.
    Null(&'static str),
    /// A truth value. One that is false is not written where the field may be absent.
    Boolean(bool),
    /// A whole number; milliseconds where the field's kind says so.
    Number(u64),
    /// A number in the digits that it was posted with, beyond 64 bits or with a sign, a fraction or an exponent.
    Numeral(&'a str),
    /// A text, or a name.
    Text(&'a str),
    /// The digits of a phone, which are written as a text: not every reader of numbers keeps all of them.
    Digits(u64),
    /// A sender by its number: [`Engine::sender_id`](crate::Engine::sender_id) has the text.
    Sender(u32),
    /// An object.
    Object(&'a dyn Fields),
    /// A list.
    List(&'a dyn Items),
    /// A secret, which is written as 32 hexadecimal digits.
    Secret(u128),
    /// Offsets from UTC in minutes, by area code: an object whose names are the codes.
    Offsets(&'a BTreeMap<u8, i16>),
    /// A whole number that may be negative.
    Signed(i64),
}

/// A Rust type that a field can have, and the JSON value that stands for it.
pub trait Described {
    /// The JSON value.
    const KIND: Kind;
    /// Whether the value is always there.
    const REQUIRED: bool = true;
    /// The name of the first field of an object; empty for anything else.
    const FIRST: &'static str = "";

    /// What it holds, for a writer.
    fn value(&self) -> FieldValue<'_>;

    /// What it holds where it was set on purpose: an empty text or list is one then, and not absent.
    fn given(&self) -> FieldValue<'_> {
        self.value()
    }
}

/// An object whose fields are rows of a table.
pub trait Fields {
    /// Hands over each field with what it holds, in the order of the rows. Where a field has no name, the fields of its
    /// object stand in its place.
    fn each_field(&self, visit: &mut Visit<'_>);
}

/// A list of values.
pub trait Items {
    /// Hands over each item, in order.
    fn each_item(&self, visit: &mut dyn FnMut(FieldValue<'_>));
}

/// Hands over fields that only JSON has and that are always `true`.
pub(crate) fn each_mark(more: &[Field], visit: &mut Visit<'_>) {
    let marks = more.iter().filter(|field| matches!(field.kind, Kind::True));
    marks.for_each(|field| visit(FieldKey::new(field.name, field.rust, true), FieldValue::Boolean(true)));
}

impl<T: Described> Items for &[T] {
    fn each_item(&self, visit: &mut dyn FnMut(FieldValue<'_>)) {
        self.iter().for_each(|item| visit(item.given()));
    }
}

impl<T: Described> Items for Vec<T> {
    fn each_item(&self, visit: &mut dyn FnMut(FieldValue<'_>)) {
        self.iter().for_each(|item| visit(item.given()));
    }
}

/// The stages of follow-ups that are set: 1, 2 or both.
impl Items for [bool; 2] {
    fn each_item(&self, visit: &mut dyn FnMut(FieldValue<'_>)) {
        let stages = (1..).zip(self).filter(|(_, is_set)| **is_set);
        stages.for_each(|(stage, _)| visit(FieldValue::Number(stage)));
    }
}

impl<T: Described> Described for Option<T> {
    const KIND: Kind = T::KIND;
    const REQUIRED: bool = false;
    const FIRST: &'static str = T::FIRST;

    fn value(&self) -> FieldValue<'_> {
        self.as_ref().map_or(FieldValue::Absent, T::given)
    }

    fn given(&self) -> FieldValue<'_> {
        self.as_ref().map_or(FieldValue::Null(T::FIRST), T::given)
    }
}

impl<T: Described> Described for &T {
    const KIND: Kind = T::KIND;
    const REQUIRED: bool = T::REQUIRED;

    fn value(&self) -> FieldValue<'_> {
        T::value(self)
    }
}

impl<T: Described> Described for Box<T> {
    const KIND: Kind = T::KIND;
    const REQUIRED: bool = T::REQUIRED;

    fn value(&self) -> FieldValue<'_> {
        T::value(self)
    }
}

impl<T: Described> Described for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);

    fn value(&self) -> FieldValue<'_> {
        list(self, self.is_empty(), T::KIND)
    }

    fn given(&self) -> FieldValue<'_> {
        FieldValue::List(self)
    }
}

impl<T: Described> Described for &[T] {
    const KIND: Kind = Kind::List(&T::KIND);

    fn value(&self) -> FieldValue<'_> {
        list(self, self.is_empty(), T::KIND)
    }

    fn given(&self) -> FieldValue<'_> {
        FieldValue::List(self)
    }
}

fn list(items: &dyn Items, is_empty: bool, kind: Kind) -> FieldValue<'_> {
    match kind {
        Kind::Text if is_empty => FieldValue::Absent,
        _ => FieldValue::List(items),
    }
}

impl Described for &str {
    const KIND: Kind = Kind::Text;
    const REQUIRED: bool = false;

    fn value(&self) -> FieldValue<'_> {
        if self.is_empty() { FieldValue::Absent } else { FieldValue::Text(self) }
    }

    fn given(&self) -> FieldValue<'_> {
        FieldValue::Text(self)
    }
}

impl Described for [bool; 2] {
    const KIND: Kind = Kind::List(&Kind::Integer);
    const REQUIRED: bool = false;

    fn value(&self) -> FieldValue<'_> {
        if self.contains(&true) { FieldValue::List(self) } else { FieldValue::Absent }
    }
}

macro_rules! described {
    ($($type:ty => $kind:ident, |$value:ident| $made:expr;)*) => {
        $(impl Described for $type {
            const KIND: Kind = Kind::$kind;

            fn value(&self) -> FieldValue<'_> {
                let $value = self;
                $made
            }
        })*
    };
}

described! {
    bool => Boolean, |value| FieldValue::Boolean(*value);
    u8 => Integer, |value| FieldValue::Number(u64::from(*value));
    u32 => Integer, |value| FieldValue::Number(u64::from(*value));
    u64 => Integer, |value| FieldValue::Number(*value);
    NonZeroU64 => Integer, |value| FieldValue::Number(value.get());
    core::time::Duration => Milliseconds, |value| {
        FieldValue::Number(u64::try_from(value.as_millis()).unwrap_or(u64::MAX))
    };
    String => Text, |value| FieldValue::Text(value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn written(value: FieldValue<'_>) -> String {
        match value {
            FieldValue::Absent => String::from("absent"),
            FieldValue::Null(_) => String::from("null"),
            FieldValue::Number(number) => format!("{number}"),
            FieldValue::Text(text) => format!("{text:?}"),
            FieldValue::List(items) => {
                let mut list = Vec::new();
                items.each_item(&mut |item| list.push(written(item)));
                format!("{list:?}")
            }
            _ => String::from("other"),
        }
    }

    /// What a command leaves as it is, sets to nothing, and sets: three things that a writer must tell apart.
    #[test]
    fn a_setting_that_is_not_named_differs_from_one_that_is_empty() {
        for (value, expected) in [(None, "absent"), (Some(None), "null"), (Some(Some("")), "\"\"")] {
            let value: Option<Option<&str>> = value;
            assert_eq!(written(value.value()), expected);
        }
        let none: &[&str] = &[];
        assert_eq!([written(none.value()), written(Some(none).value())], ["absent", "[]"]);
        assert_eq!(written([false, true].value()), "[\"2\"]");
        assert_eq!(written([false; 2].value()), "absent");
        let numbers: &[u32] = &[];
        assert_eq!(written(numbers.value()), "[]");
    }
}
