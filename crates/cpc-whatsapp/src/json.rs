//! JSON in and out, member by member.
//!
//! Notifications are parsed once, into values, and looked at from there: a part that is shaped otherwise than WhatsApp
//! shapes it must not cost what stands beside it. Derived readers would do the same in three times the code, which
//! counts in WebAssembly.

use serde_json::{Map, Value};

/// A text that is no notification, or no event. No value of it is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidJson {
    /// It is not JSON.
    #[error("not JSON: {message} at line {line} column {column}")]
    Syntax {
        /// What the JSON reader says.
        message: String,
        /// The line, from 1.
        line: usize,
        /// The column, in bytes from 1.
        column: usize,
    },
    /// It is JSON, and not an object of that kind.
    #[error("not a JSON object of this kind")]
    Shape,
}

impl InvalidJson {
    /// A text that stops being UTF-8 after so many bytes.
    fn not_utf8(text: &[u8], valid: usize) -> InvalidJson {
        let before = text.get(..valid).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let column = 1 + before.iter().rev().take_while(|byte| **byte != b'\n').count();
        InvalidJson::Syntax { message: String::from("not UTF-8"), line, column }
    }

    fn of(error: &serde_json::Error) -> InvalidJson {
        if error.is_data() {
            return InvalidJson::Shape;
        }
        // serde_json appends the position to its message.
        let (text, line, column) = (error.to_string(), error.line(), error.column());
        let message =
            text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text).to_owned();
        InvalidJson::Syntax { message, line, column: column.max(1) }
    }
}

/// A part of a notification or an event that has another shape than it must have.
pub(crate) struct Malformed;

/// Reads a text that is one JSON object.
pub(crate) fn read_object(text: &[u8]) -> Result<Map<String, Value>, InvalidJson> {
    // As a text rather than as bytes: the reader of command lines is compiled for texts already.
    let text = std::str::from_utf8(text).map_err(|error| InvalidJson::not_utf8(text, error.valid_up_to()))?;
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(InvalidJson::Shape),
        Err(error) => Err(InvalidJson::of(&error)),
    }
}

/// An object whose members are read by name. Absent and `null` are the same.
#[derive(Clone, Copy)]
pub(crate) struct Part<'v>(&'v Map<String, Value>);

impl<'v> Part<'v> {
    /// An object; members that are not asked for do not matter.
    pub(crate) fn of(value: &'v Value) -> Result<Part<'v>, Malformed> {
        value.as_object().map(Part).ok_or(Malformed)
    }

    /// An object that has no other members than these.
    pub(crate) fn strict(value: &'v Value, members: &[&str]) -> Result<Part<'v>, Malformed> {
        let part = Part::of(value)?;
        if part.0.keys().all(|name| members.contains(&name.as_str())) { Ok(part) } else { Err(Malformed) }
    }

    pub(crate) fn value(self, name: &str) -> Option<&'v Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn part(self, name: &str) -> Result<Option<Part<'v>>, Malformed> {
        self.value(name).map(Part::of).transpose()
    }

    pub(crate) fn str(self, name: &str) -> Result<Option<&'v str>, Malformed> {
        self.value(name).map(|value| value.as_str().ok_or(Malformed)).transpose()
    }

    pub(crate) fn text(self, name: &str) -> Result<Option<String>, Malformed> {
        Ok(self.str(name)?.map(str::to_owned))
    }

    pub(crate) fn signed(self, name: &str) -> Result<Option<i64>, Malformed> {
        self.value(name).map(|value| value.as_i64().ok_or(Malformed)).transpose()
    }

    pub(crate) fn unsigned(self, name: &str) -> Result<Option<u64>, Malformed> {
        self.value(name).map(|value| value.as_u64().ok_or(Malformed)).transpose()
    }

    pub(crate) fn code(self, name: &str) -> Result<Option<u32>, Malformed> {
        self.unsigned(name)?.map(|code| u32::try_from(code).map_err(|_| Malformed)).transpose()
    }

    pub(crate) fn flag(self, name: &str) -> Result<bool, Malformed> {
        self.value(name).map_or(Ok(false), |value| value.as_bool().ok_or(Malformed))
    }
}

/// Writes an object on one line. Members that are `None` or `false` are left out.
pub(crate) struct ObjectWriter(String);

impl ObjectWriter {
    pub(crate) fn new() -> ObjectWriter {
        ObjectWriter(String::from("{"))
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn name(&mut self, name: &str) {
        if !self.0.ends_with('{') {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    pub(crate) fn object(&mut self, name: &str, write: impl FnOnce(&mut ObjectWriter)) {
        self.name(name);
        self.0.push('{');
        write(self);
        self.0.push('}');
    }

    pub(crate) fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.name(name);
            // A text can always be written.
            self.0.push_str(&serde_json::to_string(value).unwrap_or_default());
        }
    }

    pub(crate) fn number(&mut self, name: &str, value: Option<i64>) {
        if let Some(value) = value {
            self.name(name);
            self.0.push_str(&value.to_string());
        }
    }

    pub(crate) fn digits(&mut self, name: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.name(name);
            self.0.push_str(&value.to_string());
        }
    }

    pub(crate) fn flag(&mut self, name: &str, value: bool) {
        if value {
            self.name(name);
            self.0.push_str("true");
        }
    }
}
