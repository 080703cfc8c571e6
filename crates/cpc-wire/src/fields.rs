//! What the fields of command lines are, as values: for generators and linters. The readers are made of the same
//! declarations ([`shape!`](crate::shape::shape)).

/// A field of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// Whether a line that does not have it is refused, by the reader or by the engine, or does nothing.
    pub required: bool,
}

impl Field {
    pub(crate) const fn new(name: &'static str, kind: Kind, required: bool) -> Field {
        Field { name, kind, required }
    }
}

/// The place of the field of that name.
pub(crate) fn place_of(fields: &[Field], name: &str) -> Option<usize> {
    fields.iter().position(|field| field.name == name)
}

/// A kind of JSON value. Where a field is not required, `null` and `""` stand for its absence as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The name of the line's operation.
    Operation,
    /// A text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number from 0 to 2^32-1.
    Number32,
    /// A whole number from 0 to 2^64-1.
    Number64,
    /// A whole number, negative ones included.
    Integer,
    /// A number or a text.
    NumberOrText,
    /// A time: milliseconds since 1970, or a text in RFC 3339.
    Time,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// Offsets from UTC in minutes, by area code.
    Offsets,
    /// Any value.
    Any,
    /// An object with these fields.
    Object(&'static [Field]),
    /// A list of such values.
    List(&'static Kind),
}

/// An operation: what `op` of a line says, and the fields that such a line has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// Its fields, `op` and `at` included.
    pub fields: &'static [Field],
}

impl Operation {
    pub(crate) const fn new(name: &'static str, fields: &'static [Field]) -> Operation {
        Operation { name, fields }
    }
}
