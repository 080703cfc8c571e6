//! How the shapes of JSON objects are declared: a struct whose fields say their names in JSON and, by their types, what
//! JSON they are read from.
//!
//! Absent, `null` and `""` are the same thing everywhere but in [`Explicit`].

use crate::arena::Arena;
use crate::fields::Kind;
use crate::parse_error::Expected;
use crate::read::{Context, FromJson, Scalar, scalar};
use crate::time;
use core::fmt;
use cpc_core::{IdMessage, Timestamp};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, Visitor};
use serde_json::value::RawValue;

/// Declares a struct that is read from a JSON object; `for` reads one that exists already, and converts each field into
/// what that has. Fields that are not declared are refused; `lenient` ignores them. `required` goes into
/// [`Object::FIELDS`](crate::read::Object::FIELDS) only: what a line lacks is looked for when it has been read.
/// `known` is a text that a host may know already, as [`Known`](crate::Known) says.
macro_rules! shape {
    (lenient for $($declaration:tt)*) => {
        $crate::shape::shape!(@existing false, $($declaration)*);
    };
    (for $($declaration:tt)*) => {
        $crate::shape::shape!(@existing true, $($declaration)*);
    };
    (lenient $($declaration:tt)*) => {
        $crate::shape::shape!(@declare false, $($declaration)*);
    };
    (
        @existing $strict:literal,
        $Name:ident<$life:lifetime> { $($field:ident $name:literal $($required:ident $($known:ident)?)?: $kind:ty,)* }
    ) => {
        const _: () = {
            $crate::shape::shape!(
                @object $Name, $life, $strict, $($field $name $($required $($known)?)?: $kind,)*
            );
        };
    };
    (
        @declare $strict:literal,
        $(#[$meta:meta])*
        $visible:vis struct $Name:ident $(<$life:lifetime>)? {
            $($field:ident $name:literal $($required:ident $($known:ident)?)?: $kind:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Default)]
        $visible struct $Name $(<$life>)? {
            $($field: $kind,)*
        }

        const _: () = {
            $crate::shape::shape!(
                @object $Name, $($life)?, $strict, $($field $name $($required $($known)?)?: $kind,)*
            );
        };
    };
    (@object $Name:ident, , $strict:literal, $($fields:tt)*) => {
        $crate::shape::shape!(@places $($fields)*);

        impl<'de> $crate::read::Object<'de> for $Name {
            $crate::shape::shape!(@body 'de, $strict, $($fields)*);
        }
    };
    (@object $Name:ident, $life:lifetime, $strict:literal, $($fields:tt)*) => {
        $crate::shape::shape!(@places $($fields)*);

        impl<$life> $crate::read::Object<$life> for $Name<$life> {
            $crate::shape::shape!(@body $life, $strict, $($fields)*);
        }
    };
    (@places $($field:ident $name:literal $($required:ident $($known:ident)?)?: $kind:ty,)*) => {
        #[allow(non_camel_case_types, reason = "one variant a field, named as the field is")]
        #[derive(Clone, Copy)]
        pub(crate) enum Place {
            $($field,)*
        }
    };
    (@body $life:lifetime, $strict:literal, $($field:ident $name:literal $($required:ident $($known:ident)?)?: $kind:ty,)*) => {
        const STRICT: bool = $strict;
        const FIELDS: &'static [$crate::fields::Field] = {
            let fields: &'static [$crate::fields::Field] = &[$($crate::fields::Field::new(
                $name,
                <$kind as $crate::read::FromJson<$life>>::KIND,
                $crate::shape::shape!(@is_required $($required)?),
            ),)*];
            // A reader notes which fields have been there in as many bits.
            assert!(fields.len() <= u64::BITS as usize, "a shape has at most 64 fields");
            fields
        };

        fn read_field<A: serde::de::MapAccess<$life>>(
            &mut self,
            place: usize,
            map: &mut A,
            context: &$crate::read::Context<$life>,
        ) -> Result<(), A::Error> {
            match place {
                $(place if place == Place::$field as usize => {
                    self.$field = context.value::<$kind, A>(map)?.into();
                })*
                // The reader of names gives no other place.
                _ => {}
            }
            Ok(())
        }

        const KNOWN: &'static [&'static str] =
            &[$($($($crate::shape::shape!(@name_of $known $name),)?)?)*];

        fn set_known(&mut self, _name: &str, _text: &$life str) {
            $($($($crate::shape::shape!(@set $known self $field $name _name _text);)?)?)*
        }
    };
    (@is_required) => { false };
    (@is_required required) => { true };
    (@name_of known $name:literal) => { $name };
    (@set known $self:ident $field:ident $name:literal $given:ident $text:ident) => {
        if $given == $name {
            $self.$field = $text;
        }
    };
    ($($declaration:tt)*) => {
        $crate::shape::shape!(@declare true, $($declaration)*);
    };
}
pub(crate) use shape;

/// Declares that `Option<$Kind>` is read from one of the names of an enum of the core, or of one like it.
macro_rules! choices {
    ($($Kind:ident),+) => {$(
        impl<'de> $crate::read::FromJson<'de> for Option<$Kind> {
            const KIND: $crate::fields::Kind = $crate::fields::Kind::OneOf($Kind::NAMES);

            fn from_json<D: serde::de::Deserializer<'de>>(
                deserializer: D,
                context: &$crate::read::Context<'de>,
            ) -> Result<Self, D::Error> {
                let text: &'de str = $crate::read::FromJson::from_json(deserializer, context)?;
                if text.is_empty() {
                    return Ok(None);
                }
                let known = $Kind::from_name(text);
                known.map(Some).ok_or_else(|| {
                    context.errors.refuse($crate::parse_error::Expected::OneOf($Kind::NAMES))
                })
            }
        }
    )+};
}
pub(crate) use choices;

/// `op`, which was read before.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ignored;

impl<'de> FromJson<'de> for Ignored {
    const KIND: Kind = Kind::Operation;

    fn from_json<D: Deserializer<'de>>(deserializer: D, _: &Context<'de>) -> Result<Ignored, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Ignored)
    }
}

/// Where absence means something else than `null`: `Explicit(None)` is a field that is not there.
#[derive(Clone, Copy, Default)]
pub(crate) struct Explicit<T>(pub(crate) Option<T>);

impl<'de, T: FromJson<'de>> FromJson<'de> for Explicit<T> {
    const KIND: Kind = T::KIND;

    fn from_json<D: Deserializer<'de>>(
        deserializer: D,
        context: &Context<'de>,
    ) -> Result<Explicit<T>, D::Error> {
        T::from_json(deserializer, context).map(|value| Explicit(Some(value)))
    }
}

/// A text; empty if absent.
impl<'de> FromJson<'de> for &'de str {
    const KIND: Kind = Kind::Text;

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error> {
        scalar(deserializer, context, Expected::Text, |value| match value {
            Scalar::Text(text) => Some(text),
            Scalar::Null => Some(""),
            _ => None,
        })
    }
}

/// A value that is absent, or one that `fit` accepts.
fn optional<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    context: &Context<'de>,
    expected: Expected,
    fit: fn(Scalar<'de>) -> Option<T>,
) -> Result<Option<T>, D::Error> {
    scalar(deserializer, context, expected, |value| match value {
        Scalar::Null | Scalar::Text("") => Some(None),
        value => fit(value).map(Some),
    })
}

impl<'de> FromJson<'de> for Option<bool> {
    const KIND: Kind = Kind::Boolean;

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error> {
        optional(deserializer, context, Expected::Boolean, |value| match value {
            Scalar::Bool(value) => Some(value),
            _ => None,
        })
    }
}

/// `true` or `false`; absent is `false`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Flag(pub(crate) bool);

impl From<Flag> for bool {
    fn from(flag: Flag) -> bool {
        flag.0
    }
}

impl<'de> FromJson<'de> for Flag {
    const KIND: Kind = Kind::Boolean;

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Flag, D::Error> {
        Option::<bool>::from_json(deserializer, context).map(|value| Flag(value.unwrap_or(false)))
    }
}

impl<'de> FromJson<'de> for Option<u64> {
    const KIND: Kind = Kind::Number64;

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error> {
        optional(deserializer, context, Expected::Number64, |value| match value {
            Scalar::Unsigned(value) => Some(value),
            _ => None,
        })
    }
}

impl<'de> FromJson<'de> for Option<u32> {
    const KIND: Kind = Kind::Number32;

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error> {
        optional(deserializer, context, Expected::Number32, |value| match value {
            Scalar::Unsigned(value) => u32::try_from(value).ok(),
            _ => None,
        })
    }
}

impl<'de> FromJson<'de> for Option<i64> {
    const KIND: Kind = Kind::Integer;

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error> {
        optional(deserializer, context, Expected::Integer, |value| match value {
            Scalar::Unsigned(value) => i64::try_from(value).ok(),
            Scalar::Negative(value) => Some(value),
            _ => None,
        })
    }
}

/// An instant in milliseconds since 1970, if there is one; not checked against the range that the engine takes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Instant(pub(crate) Option<Timestamp>);

impl From<Instant> for Option<Timestamp> {
    fn from(instant: Instant) -> Option<Timestamp> {
        instant.0
    }
}

impl<'de> FromJson<'de> for Instant {
    const KIND: Kind = Kind::Time;

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error> {
        let instant = optional(deserializer, context, Expected::Time, |value| match value {
            Scalar::Unsigned(value) => Some(i64::try_from(value).unwrap_or(i64::MAX)),
            Scalar::Negative(value) => Some(value),
            // Integers of more than 64 bits come as floats: far out of range, which the engine says.
            Scalar::Float(value) if value >= i64::MAX as f64 => Some(i64::MAX),
            Scalar::Float(value) if value <= i64::MIN as f64 => Some(i64::MIN),
            Scalar::Text(text) => time::parse(text),
            _ => None,
        });
        instant.map(|instant| Instant(instant.map(Timestamp::from)))
    }
}

/// A message's own number, read from its own digits: a float would not hold them.
impl<'de> FromJson<'de> for IdMessage<'de> {
    const KIND: Kind = Kind::NumberOrText;

    fn from_json<D: Deserializer<'de>>(
        deserializer: D,
        context: &Context<'de>,
    ) -> Result<IdMessage<'de>, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        match raw.as_bytes() {
            [b'n', ..] => Ok(IdMessage::None),
            [b'"', ..] => match text_of(raw, context.arena) {
                Some("") => Ok(IdMessage::None),
                Some(text) => Ok(IdMessage::Text(text)),
                None => Err(context.errors.refuse(Expected::NumberOrText)),
            },
            [b'0'..=b'9', ..] => Ok(raw.parse().map_or(IdMessage::OtherNumber(raw), IdMessage::Number)),
            [b'-', ..] => Ok(IdMessage::OtherNumber(raw)),
            _ => Err(context.errors.refuse(Expected::NumberOrText)),
        }
    }
}

/// The text of a JSON string, quotes included in `raw`; `None` when its escapes make no text.
pub(crate) fn text_of<'a>(raw: &'a str, arena: &'a Arena) -> Option<&'a str> {
    if raw.contains('\\') {
        let mut deserializer = serde_json::Deserializer::from_str(raw);
        let text = deserializer.deserialize_str(TextVisitor { arena }).ok()?;
        return deserializer.end().ok().map(|()| text);
    }
    raw.strip_prefix('"')?.strip_suffix('"')
}

struct TextVisitor<'a> {
    arena: &'a Arena,
}

impl<'a> Visitor<'a> for TextVisitor<'a> {
    type Value = &'a str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<&'a str, E> {
        Ok(self.arena.text(text))
    }
}
