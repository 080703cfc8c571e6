//! How the shapes of JSON objects are declared: a struct whose fields say the members' names and, by their types,
//! what JSON they are read from.
//!
//! Absent, `null` and `""` are the same thing everywhere but in [`Given`].

use crate::line_error::Expected;
use crate::read::{Notes, Read, Scalar, scalar};
use crate::time_text;
use cpc_core::IdMessage;
use serde::de::{Deserialize, Deserializer, IgnoredAny};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Declares a struct that is read from a JSON object. Members that are not declared are refused; `lenient` ignores
/// them.
macro_rules! shape {
    (lenient $($declaration:tt)*) => {
        $crate::shape::shape!(@declare false, $($declaration)*);
    };
    (
        @declare $strict:literal,
        $(#[$meta:meta])*
        $visible:vis struct $Name:ident $(<$life:lifetime>)? {
            $($(#[$doc:meta])* $field_visible:vis $field:ident $name:literal: $kind:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Default)]
        $visible struct $Name $(<$life>)? {
            $($(#[$doc])* $field_visible $field: $kind,)*
        }

        const _: () = {
            #[allow(non_camel_case_types, reason = "one variant a field, named as the field is")]
            #[derive(Clone, Copy)]
            pub(crate) enum Member {
                $($field,)*
            }

            $crate::shape::shape!(@object $Name, $($life)?, $strict, $($field $name,)*);
        };
    };
    (@object $Name:ident, , $strict:literal, $($members:tt)*) => {
        impl<'de> $crate::read::Object<'de> for $Name {
            $crate::shape::shape!(@body 'de, $strict, $($members)*);
        }
    };
    (@object $Name:ident, $life:lifetime, $strict:literal, $($members:tt)*) => {
        impl<$life> $crate::read::Object<$life> for $Name<$life> {
            $crate::shape::shape!(@body $life, $strict, $($members)*);
        }
    };
    (@body $life:lifetime, $strict:literal, $($field:ident $name:literal,)*) => {
        type Member = Member;
        const STRICT: bool = $strict;

        fn find(name: &str) -> Option<Member> {
            match name {
                $($name => Some(Member::$field),)*
                _ => None,
            }
        }

        fn name(member: Member) -> &'static str {
            match member {
                $(Member::$field => $name,)*
            }
        }

        fn bit(member: Member) -> u64 {
            1 << member as u32
        }

        fn read_member<A: serde::de::MapAccess<$life>>(
            &mut self,
            member: Member,
            map: &mut A,
            notes: &$crate::read::Notes,
        ) -> Result<(), A::Error> {
            match member {
                $(Member::$field => self.$field = map.next_value_seed($crate::read::Seed::new(notes))?,)*
            }
            Ok(())
        }
    };
    ($($declaration:tt)*) => {
        $crate::shape::shape!(@declare true, $($declaration)*);
    };
}
pub(crate) use shape;

/// Declares that `Option<$Kind>` is read from a text that is one of some names.
macro_rules! choices {
    ($Kind:ty { $($name:literal => $value:expr,)* }) => {
        impl<'de> $crate::read::Read<'de> for Option<$Kind> {
            fn read<D: serde::de::Deserializer<'de>>(
                deserializer: D,
                notes: &$crate::read::Notes,
            ) -> Result<Self, D::Error> {
                let text: std::borrow::Cow<'de, str> = $crate::read::Read::read(deserializer, notes)?;
                match &*text {
                    "" => Ok(None),
                    $($name => Ok(Some($value)),)*
                    _ => Err(notes.refuse($crate::line_error::Expected::OneOf(&[$($name),*]))),
                }
            }
        }
    };
}
pub(crate) use choices;

/// A member that is there for other readers.
#[derive(Default)]
pub(crate) struct Skipped;

impl<'de> Read<'de> for Skipped {
    fn read<D: Deserializer<'de>>(deserializer: D, _: &Notes) -> Result<Skipped, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Skipped)
    }
}

/// Where absence means something else than `null`: `Given(None)` is a member that is not there.
#[derive(Default)]
pub(crate) struct Given<T>(pub(crate) Option<T>);

impl<'de, T: Read<'de>> Read<'de> for Given<T> {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Given<T>, D::Error> {
        T::read(deserializer, notes).map(|value| Given(Some(value)))
    }
}

/// A text; empty if absent.
impl<'de> Read<'de> for Cow<'de, str> {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Self, D::Error> {
        scalar(deserializer, notes, Expected::Text, |value| match value {
            Scalar::Text(text) => Some(text),
            Scalar::Null => Some(Cow::Borrowed("")),
            _ => None,
        })
    }
}

/// A value that is absent, or one that `fit` accepts.
fn optional<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    notes: &Notes,
    expected: Expected,
    fit: fn(Scalar<'de>) -> Option<T>,
) -> Result<Option<T>, D::Error> {
    scalar(deserializer, notes, expected, |value| match value {
        Scalar::Null => Some(None),
        Scalar::Text(text) if text.is_empty() => Some(None),
        value => fit(value).map(Some),
    })
}

impl<'de> Read<'de> for Option<bool> {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Self, D::Error> {
        optional(deserializer, notes, Expected::Boolean, |value| match value {
            Scalar::Bool(value) => Some(value),
            _ => None,
        })
    }
}

impl<'de> Read<'de> for Option<u64> {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Self, D::Error> {
        optional(deserializer, notes, Expected::Number64, |value| match value {
            Scalar::Unsigned(value) => Some(value),
            _ => None,
        })
    }
}

impl<'de> Read<'de> for Option<u32> {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Self, D::Error> {
        optional(deserializer, notes, Expected::Number32, |value| match value {
            Scalar::Unsigned(value) => u32::try_from(value).ok(),
            _ => None,
        })
    }
}

impl<'de> Read<'de> for Option<i64> {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Self, D::Error> {
        optional(deserializer, notes, Expected::Integer, |value| match value {
            Scalar::Unsigned(value) => i64::try_from(value).ok(),
            Scalar::Negative(value) => Some(value),
            _ => None,
        })
    }
}

/// An instant in milliseconds since 1970, not checked against the range that the engine takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Millis(pub(crate) i64);

impl<'de> Read<'de> for Option<Millis> {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Self, D::Error> {
        optional(deserializer, notes, Expected::Time, |value| {
            match value {
                Scalar::Unsigned(value) => Some(i64::try_from(value).unwrap_or(i64::MAX)),
                Scalar::Negative(value) => Some(value),
                // Integers of more than 64 bits come as floats: far out of range, which the engine says.
                Scalar::Float(value) if value >= i64::MAX as f64 => Some(i64::MAX),
                Scalar::Float(value) if value <= i64::MIN as f64 => Some(i64::MIN),
                Scalar::Text(text) => time_text::parse(&text),
                _ => None,
            }
            .map(Millis)
        })
    }
}

/// A message's own number as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IdText<'a> {
    /// Absent.
    #[default]
    None,
    /// A whole number.
    Number(u64),
    /// A number of another kind: negative, with a fraction, beyond 2^64-1. The engine refuses it.
    OtherNumber(&'a str),
    /// A text.
    Text(Cow<'a, str>),
}

impl IdText<'_> {
    /// What the engine takes.
    #[must_use]
    pub fn as_core(&self) -> IdMessage<'_> {
        match self {
            IdText::None => IdMessage::None,
            IdText::Number(number) => IdMessage::Number(*number),
            // Whatever its digits: "1e3" is no digit string, nor is "-1", nor one beyond 2^64-1.
            IdText::OtherNumber(text) => IdMessage::Text(text),
            IdText::Text(text) => IdMessage::Text(text),
        }
    }
}

/// Read from the number's own digits: a float would not hold them.
impl<'de> Read<'de> for IdText<'de> {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<IdText<'de>, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        match raw.as_bytes() {
            [b'n', ..] => Ok(IdText::None),
            [b'"', ..] => match text_of(raw) {
                Some(text) if text.is_empty() => Ok(IdText::None),
                Some(text) => Ok(IdText::Text(text)),
                None => Err(notes.refuse(Expected::NumberOrText)),
            },
            [b'0'..=b'9', ..] => Ok(raw.parse().map_or(IdText::OtherNumber(raw), IdText::Number)),
            [b'-', ..] => Ok(IdText::OtherNumber(raw)),
            _ => Err(notes.refuse(Expected::NumberOrText)),
        }
    }
}

/// The text of a JSON string, quotes included in `raw`; `None` when its escapes make no text.
pub(crate) fn text_of(raw: &str) -> Option<Cow<'_, str>> {
    if raw.contains('\\') {
        return serde_json::from_str::<String>(raw).ok().map(Cow::Owned);
    }
    raw.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
}
