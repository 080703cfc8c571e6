//! The macros by which a fact is written once: names, statuses, and fields of structs.
//!
//! Each of them takes rows and makes the Rust type, the look-ups between value and name, and a descriptor in
//! [`crate::schema`]. Macros rather than a schema file, so that docs, types and bounds stay Rust, and an editor finds
//! its way.

/// Declares an enum whose values have names in JSON; `default NAME` after it makes that value the default.
macro_rules! names {
    (
        $(#[doc = $about:literal])+
        pub enum $Name:ident {
            $($(#[doc = $doc:literal])+ $Variant:ident = $json:literal,)+
        }
        $(default $Default:ident)?
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $Name {
            $($(#[doc = $doc])+ $Variant,)+
        }

        impl $Name {
            /// Every value, in the order of their numbers.
            pub const ALL: [$Name; [$($json),+].len()] = [$($Name::$Variant),+];

            /// The names, in the order of [`ALL`](Self::ALL).
            pub const NAMES: &'static [&'static str] = &[$($json),+];

            /// The names, as constants: what the bindings are generated from.
            pub const SCHEMA: $crate::schema::Choices = $crate::schema::Choices::new(
                stringify!($Name),
                concat!($($about, "\n"),+),
                &[$($crate::schema::Value::new(
                    $json,
                    $Name::$Variant as u8,
                    false,
                    concat!($($doc, "\n"),+),
                )),+],
            );

            /// The name, as it is written in JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $($Name::$Variant => $json,)+
                }
            }

            /// The value of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<$Name> {
                match name {
                    $($json => Some($Name::$Variant),)+
                    _ => None,
                }
            }
        }

        $crate::tables::serialized!($Name);

        impl $crate::value::Described for $Name {
            const KIND: $crate::schema::Kind = $crate::schema::Kind::Choice(&$Name::SCHEMA);

            fn value(&self) -> $crate::value::FieldValue<'_> {
                $crate::value::FieldValue::Text(self.name())
            }
        }

        $(
            impl $Name {
                /// The value that counts when none is named.
                pub const DEFAULT: $Name = $Name::$Default;
            }

            impl Default for $Name {
                fn default() -> $Name {
                    $Name::DEFAULT
                }
            }
        )?
    };
}

/// Declares a struct whose fields have names in JSON: `pub name "jsonName": Type`. `required` or `optional` after the
/// JSON name says what the type does not; `= min, max` after the type gives a number's bounds, and `default value` what
/// it is when it is not named.
macro_rules! fields {
    (
        $(#[doc = $about:literal])+
        #[derive($($derive:ident),+ $(,)?)]
        $(#[$attribute:meta])*
        pub struct $Name:ident $(<$life:lifetime>)? {
            $(
                $(#[doc = $doc:literal])+
                pub $field:ident $json:literal $($presence:ident)?: $type:ty
                $(= $min:expr, $max:expr)? $(; default $default:expr)?,
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive($($derive),+)]
        $(#[$attribute])*
        pub struct $Name $(<$life>)? {
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        impl $(<$life>)? $Name $(<$life>)? {
            /// The fields, as constants: what the bindings are generated from.
            pub const SCHEMA: $crate::schema::Object = $crate::schema::Object::new(
                stringify!($Name),
                concat!($($about, "\n"),+),
                &[$(
                    $crate::schema::Field::new(
                        $json,
                        stringify!($field),
                        <$type as $crate::value::Described>::KIND,
                        $crate::tables::presence!($($presence)? $type),
                    )
                    .documented(concat!($($doc, "\n"),+))
                    $(.bounded($min as u64, $max as u64))?
                    $(.default($default))?
                ),+],
            );
        }

        $crate::tables::serialized!($Name $(<$life>)?);

        impl $(<$life>)? $crate::value::Described for $Name $(<$life>)? {
            const KIND: $crate::schema::Kind = $crate::schema::Kind::Object(&$Name::SCHEMA);

            const FIRST: &'static str = $crate::tables::first!($($json),+);

            fn value(&self) -> $crate::value::FieldValue<'_> {
                $crate::value::FieldValue::Object(self)
            }
        }

        impl $(<$life>)? $crate::value::Fields for $Name $(<$life>)? {
            fn each_field(&self, visit: &mut $crate::value::Visit<'_>) {
                $(visit(
                    $crate::value::FieldKey::new(
                        $json,
                        stringify!($field),
                        $crate::tables::presence!($($presence)? $type),
                    ),
                    $crate::value::Described::value(&self.$field),
                );)+
            }
        }
    };
}

/// `Serialize` of a described type, with the feature `serde`.
macro_rules! serialized {
    ($Name:ident $(<$life:lifetime>)?) => {
        #[cfg(feature = "serde")]
        impl $(<$life>)? serde::Serialize for $Name $(<$life>)? {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::value::serialize::serialize(self, serializer)
            }
        }
    };
}

/// The first of some names.
macro_rules! first {
    ($first:literal $(, $other:literal)*) => {
        $first
    };
}

/// Whether a field must be there: as the row says, or else as its type does.
macro_rules! presence {
    (required $type:ty) => {
        true
    };
    (optional $type:ty) => {
        false
    };
    ($type:ty) => {
        <$type as $crate::value::Described>::REQUIRED
    };
}

/// Declares the commands or the queries: each variant with the `op` that it is in JSON. Fields of a variant are rows as in
/// [`fields`]; a payload is a row as well, without a
/// name in JSON where its own fields are those of the operation; `with` names other fields for its descriptor. `and` adds fields that only JSON has. `one` or
/// `many` says how many outcomes a command has, and which fields each of them has whatever its status; a row
/// without either is of a change: its one outcome is `applied` or `unchanged`.
macro_rules! operations {
    (
        $(#[doc = $about:literal])+
        #[derive($($derive:ident),+ $(,)?)]
        pub enum $Name:ident<$life:lifetime> is_command $is_command:literal {
            $(
                $(#[doc = $doc:literal])+
                $Variant:ident
                $(($payload:ident $payload_json:literal: $payload_type:ty))?
                $({
                    $(
                        $(#[doc = $field_doc:literal])+
                        $field:ident $json:literal $($presence:ident)?: $type:ty $(= $min:expr, $max:expr)?,
                    )+
                })?
                = $op:literal $(with $fields:expr)? $(, and $extra:expr)? $(=> $count:ident [$($each:literal),*])?;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive($($derive),+)]
        #[non_exhaustive]
        pub enum $Name<$life> {
            $(
                $(#[doc = $doc])+
                $Variant $(($payload_type))? $({ $($(#[doc = $field_doc])+ $field: $type,)+ })?,
            )+
        }

        impl<$life> $Name<$life> {
            /// The operations, as constants: what the bindings are generated from. One `op` may have several rows.
            pub const OPERATIONS: &'static [$crate::schema::Operation] = &[$(
                $crate::schema::Operation::new(
                    $op,
                    stringify!($Variant),
                    $is_command,
                    concat!($($doc, "\n"),+),
                    $crate::tables::operation_fields!(
                        $([$payload $payload_json: $payload_type])?
                        $({ $(
                            $crate::schema::Field::new(
                                $json,
                                stringify!($field),
                                <$type as $crate::value::Described>::KIND,
                                $crate::tables::presence!($($presence)? $type),
                            )
                            .documented(concat!($($field_doc, "\n"),+))
                            $(.bounded($min as u64, $max as u64))?
                        ),+ })?
                        $(with $fields)?
                    ),
                )
                $(.and($extra))?
                $(.$count(&[$($each),*]))?
            ),+];

            /// The name: its `op` in JSON.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $($Name::$Variant { .. } => $op,)+
                }
            }
        }

        #[cfg(feature = "serde")]
        impl<$life> serde::Serialize for $Name<$life> {
            /// The fields of the operation, without its name.
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::value::serialize::serialize_fields(self, None, serializer)
            }
        }

        impl<$life> $crate::value::Fields for $Name<$life> {
            fn each_field(&self, visit: &mut $crate::value::Visit<'_>) {
                match self {
                    $(
                        $Name::$Variant $(($payload))? $({ $($field),+ })? => {
                            $($crate::tables::visit_payload!($payload $payload_json, visit);)?
                            $($(visit(
                                $crate::value::FieldKey::new(
                                    $json,
                                    stringify!($field),
                                    $crate::tables::presence!($($presence)? $type),
                                ),
                                $crate::value::Described::value($field),
                            );)+)?
                            $($crate::value::each_mark($extra, visit);)?
                        }
                    )+
                }
            }
        }
    };
}

/// Hands over the one value of an operation.
macro_rules! visit_payload {
    ($payload:ident $json:literal, $visit:ident) => {
        $visit(
            $crate::value::FieldKey::new($json, stringify!($payload), true),
            $crate::value::Described::value($payload),
        )
    };
}

/// The fields of one operation: those that it names, those of its variant, its payload, or none.
macro_rules! operation_fields {
    () => {
        &[]
    };
    ({ $($field:expr),+ }) => {
        &[$($field),+]
    };
    ([$payload:ident $json:literal: $type:ty]) => {
        $crate::schema::payload_fields(&[$crate::schema::Field::new(
            $json,
            stringify!($payload),
            <$type as $crate::value::Described>::KIND,
            true,
        )])
    };
    ([$payload:ident $json:literal: $type:ty] with $fields:expr) => {
        $fields
    };
}

pub(crate) use {fields, first, names, operation_fields, operations, presence, serialized, visit_payload};
