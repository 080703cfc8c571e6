//! Why a text could not be read. No value of the text is ever repeated: only paths, types and positions are.

use crate::reason::Language;
use core::fmt;

/// A text that is not a command, or not a request: nothing was asked of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineError {
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
    /// A member is missing, or its value does not fit.
    InvalidField {
        /// The member: `messages[3].closeTicket`. Empty when the text as a whole does not fit.
        path: String,
        /// What was expected there.
        expected: Expected,
    },
    /// A member of a policy does not exist, or its value is not one of those it may have.
    InvalidPolicy {
        /// The member, without the leading `policy.`.
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
    /// A whole number, perhaps negative.
    Integer,
    /// A number or a text.
    NumberOrText,
    /// A time, as milliseconds or in RFC 3339.
    Time,
    /// One of these names.
    OneOf(&'static [&'static str]),
    /// A member that is not there.
    Present,
    /// A member that is there twice.
    Once,
    /// A member that does not exist.
    Known,
    /// Another member that must be there with it.
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

impl LineError {
    pub(crate) fn field(path: impl Into<String>, expected: Expected) -> LineError {
        LineError::InvalidField { path: path.into(), expected }
    }

    /// The name, as it is written in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            LineError::InvalidJson { .. } => "invalid_json",
            LineError::UnknownOp => "unknown_op",
            LineError::InvalidField { .. } => "invalid_field",
            LineError::InvalidPolicy { .. } | LineError::PolicyBounds(_) => "invalid_policy",
            LineError::LineTooLong { .. } => "line_too_long",
        }
    }

    /// The member at fault, if one is.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            LineError::InvalidField { path, .. } | LineError::InvalidPolicy { path, .. } => {
                Some(path.as_str()).filter(|path| !path.is_empty())
            }
            LineError::PolicyBounds(error) => Some(error.field),
            LineError::UnknownOp => Some("op"),
            LineError::InvalidJson { .. } | LineError::LineTooLong { .. } => None,
        }
    }

    /// What is wrong and where, for people.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let what = self.expectation(language);
        match (self, self.path()) {
            (LineError::InvalidJson { line, column, .. }, _) => match language {
                Language::PtBr => format!("{what}, na linha {line}, coluna {column}"),
                Language::En => format!("{what} at line {line} column {column}"),
            },
            (LineError::InvalidField { .. } | LineError::InvalidPolicy { .. }, Some(path)) => {
                format!("{path}: {what}")
            }
            _ => what,
        }
    }

    /// What is wrong, without the place.
    pub(crate) fn expectation(&self, language: Language) -> String {
        match self {
            LineError::InvalidJson { message, .. } => {
                format!("{}: {message}", language.choose("JSON inválido", "not JSON"))
            }
            LineError::UnknownOp => {
                String::from(language.choose("operação desconhecida", "no such operation"))
            }
            LineError::InvalidField { expected, .. } | LineError::InvalidPolicy { expected, .. } => {
                expected.text(language)
            }
            LineError::PolicyBounds(error) => crate::reason::policy_text(error, language),
            LineError::LineTooLong { limit } => match language {
                Language::PtBr => format!("linha com mais de {limit} bytes"),
                Language::En => format!("the line has more than {limit} bytes"),
            },
        }
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl core::error::Error for LineError {}

impl Expected {
    /// The expectation in words.
    #[must_use]
    pub fn text(self, language: Language) -> String {
        let (pt_br, en) = match self {
            Expected::Object => ("esperado objeto", "expected object"),
            Expected::Array => ("esperada lista", "expected array"),
            Expected::Text => ("esperado texto", "expected string"),
            Expected::Boolean => ("esperado booleano", "expected boolean"),
            Expected::Number32 => {
                ("esperado número inteiro de 0 a 4294967295", "expected whole number from 0 to 4294967295")
            }
            Expected::Number64 => (
                "esperado número inteiro de 0 a 18446744073709551615",
                "expected whole number from 0 to 18446744073709551615",
            ),
            Expected::Integer => ("esperado número inteiro", "expected whole number"),
            Expected::NumberOrText => ("esperado número ou texto", "expected number or string"),
            Expected::Time => {
                ("esperado tempo em milissegundos ou RFC 3339", "expected time in milliseconds or RFC 3339")
            }
            Expected::OneOf(names) => return one_of(names, language),
            Expected::Present => ("campo ausente", "missing"),
            Expected::Once => ("campo repetido", "appears twice"),
            Expected::Known => ("campo desconhecido", "no such member"),
            Expected::With(other) => {
                return match language {
                    Language::PtBr => format!("só é aceito com {other}"),
                    Language::En => format!("only allowed with {other}"),
                };
            }
            Expected::OneTarget => {
                ("informe phone ou clientId, um dos dois", "give phone or clientId, one of the two")
            }
            Expected::Countries => {
                ("esperados prefixos de países, ou [\"*\"]", "expected country prefixes, or [\"*\"]")
            }
            Expected::HashKey => ("esperados 32 dígitos hexadecimais", "expected 32 hexadecimal digits"),
            Expected::Span => (
                "esperado [\"09:00\",\"18:00\"], a abertura antes do fechamento",
                "expected [\"09:00\",\"18:00\"], opening before closing",
            ),
            Expected::Offset => ("esperado de -840 a 840 minutos", "expected -840 to 840 minutes"),
            Expected::DddOffsets => (
                "esperados DDDs existentes, com -840 a 840 minutos",
                "expected area codes in use, with -840 to 840 minutes",
            ),
            Expected::Dates => (
                "esperadas até 4000 datas no formato AAAA-MM-DD",
                "expected up to 4000 dates written YYYY-MM-DD",
            ),
            Expected::Week => ("esperado preset ou week", "expected preset or week"),
        };
        String::from(language.choose(pt_br, en))
    }

    /// Whether a member of a policy that does not meet this is an `invalid_policy` (its value is not one of
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

fn one_of(names: &[&str], language: Language) -> String {
    format!("{} {}", language.choose("esperado um de", "expected one of"), names.join(", "))
}
