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

        impl $crate::schema::Described for $Name {
            const KIND: $crate::schema::Kind = $crate::schema::Kind::Choice(&$Name::SCHEMA);
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
                        <$type as $crate::schema::Described>::KIND,
                        $crate::tables::presence!($($presence)? $type),
                    )
                    .documented(concat!($($doc, "\n"),+))
                    $(.bounded($min as u64, $max as u64))?
                    $(.default($default))?
                ),+],
            );
        }

        impl $(<$life>)? $crate::schema::Described for $Name $(<$life>)? {
            const KIND: $crate::schema::Kind = $crate::schema::Kind::Object(&$Name::SCHEMA);
        }
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
        <$type as $crate::schema::Described>::REQUIRED
    };
}

/// Declares the commands or the queries: each variant with the `op` that it is in JSON. Fields of a variant are rows as in
/// [`fields`]; of a payload, `with` names the fields that its JSON has. `and` adds fields that only JSON has.
macro_rules! operations {
    (
        $(#[doc = $about:literal])+
        #[derive($($derive:ident),+ $(,)?)]
        pub enum $Name:ident<$life:lifetime> is_command $is_command:literal {
            $(
                $(#[doc = $doc:literal])+
                $Variant:ident
                $(($payload:ty))?
                $({
                    $(
                        $(#[doc = $field_doc:literal])+
                        $field:ident $json:literal $($presence:ident)?: $type:ty $(= $min:expr, $max:expr)?,
                    )+
                })?
                = $op:literal $(with $fields:expr)? $(, and $extra:expr)?;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive($($derive),+)]
        #[non_exhaustive]
        pub enum $Name<$life> {
            $(
                $(#[doc = $doc])+
                $Variant $(($payload))? $({ $($(#[doc = $field_doc])+ $field: $type,)+ })?,
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
                        $({ $(
                            $crate::schema::Field::new(
                                $json,
                                stringify!($field),
                                <$type as $crate::schema::Described>::KIND,
                                $crate::tables::presence!($($presence)? $type),
                            )
                            .documented(concat!($($field_doc, "\n"),+))
                            $(.bounded($min as u64, $max as u64))?
                        ),+ })?
                        $($fields)?
                    ),
                )
                $(.and($extra))?
            ),+];

            /// The name: its `op` in JSON.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $($Name::$Variant { .. } => $op,)+
                }
            }
        }
    };
}

/// The fields of one operation: those of its variant, those that it names, or none.
macro_rules! operation_fields {
    () => {
        &[]
    };
    ({ $($field:expr),+ }) => {
        &[$($field),+]
    };
    ($fields:expr) => {
        $fields
    };
}

pub(crate) use {fields, names, operation_fields, operations, presence};
