//! Why a text could not be read. No value of the text is ever repeated: only paths, types and positions are.

use crate::text::Language;
use core::fmt;

/// A text that is not a command, or not a request: nothing was asked of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseError {
    /// It is not JSON.
    InvalidJson {
        /// What the JSON reader says.
        message: String,
        /// The line, from 1.
        line: usize,
        /// The column, in bytes from 1.
        column: usize,
    },
    /// No operation has this name.
    UnknownOp,
    /// A field is missing, or its value does not fit.
    InvalidField {
        /// The field: `messages[3].closeTicket`. Empty when the text as a whole does not fit.
        path: String,
        /// What was expected there.
        expected: Expected,
    },
    /// A field of a policy does not exist, or its value is not one of those it may have.
    InvalidPolicy {
        /// The field, without the leading `policy.`.
        path: String,
        /// What was expected there.
        expected: Expected,
    },
    /// A number of a policy is outside its bounds.
    PolicyBounds(cpc_core::PolicyError),
    /// The line is longer than the reader takes.
    LineTooLong {
        /// The most bytes of a line.
        limit: usize,
    },
}

/// What a reader expected and did not find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// An object.
    Object,
    /// An array.
    Array,
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
    /// A time, as milliseconds or in RFC 3339.
    Time,
    /// One of these names.
    OneOf(&'static [&'static str]),
    /// A field that is not there.
    Present,
    /// A field that is there twice.
    Once,
    /// A field that does not exist.
    Known,
    /// Another field that must be there with it.
    With(&'static str),
    /// A phone or a client id, and not both.
    OneTarget,
    /// Country prefixes.
    Countries,
    /// 32 hexadecimal digits.
    HashKey,
    /// `["09:00","18:00"]`.
    Span,
    /// An offset from UTC of up to 14 h.
    Offset,
    /// Area codes with their offsets.
    DddOffsets,
    /// Up to 4000 dates.
    Dates,
    /// A preset or a week.
    Week,
}

impl ParseError {
    pub(crate) fn field(path: impl Into<String>, expected: Expected) -> ParseError {
        ParseError::InvalidField { path: path.into(), expected }
    }

    /// The name, as it is written in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            ParseError::InvalidJson { .. } => "invalid_json",
            ParseError::UnknownOp => "unknown_op",
            ParseError::InvalidField { .. } => "invalid_field",
            ParseError::InvalidPolicy { .. } | ParseError::PolicyBounds(_) => "invalid_policy",
            ParseError::LineTooLong { .. } => "line_too_long",
        }
    }

    /// The field at fault, if one is.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            ParseError::InvalidField { path, .. } | ParseError::InvalidPolicy { path, .. } => {
                Some(path.as_str()).filter(|path| !path.is_empty())
            }
            ParseError::PolicyBounds(error) => Some(error.field),
            ParseError::UnknownOp => Some("op"),
            ParseError::InvalidJson { .. } | ParseError::LineTooLong { .. } => None,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl core::error::Error for ParseError {}

impl Expected {
    /// Whether a field of a policy that does not meet this is an `invalid_policy` (its value is not one of
    /// those it may have) rather than an `invalid_field` (it is no such kind of value at all).
    pub(crate) const fn is_about_the_value(self) -> bool {
        match self {
            Expected::OneOf(_)
            | Expected::Known
            | Expected::Countries
            | Expected::HashKey
            | Expected::Span
            | Expected::Offset
            | Expected::DddOffsets
            | Expected::Dates
            | Expected::Week => true,
            Expected::Object
            | Expected::Array
            | Expected::Text
            | Expected::Boolean
            | Expected::Number32
            | Expected::Number64
            | Expected::Integer
            | Expected::NumberOrText
            | Expected::Time
            | Expected::Present
            | Expected::Once
            | Expected::With(_)
            | Expected::OneTarget => false,
        }
    }
}
