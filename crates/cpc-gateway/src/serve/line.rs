//! A command line on its way through the gateway: its text, which the log keeps, and what it says.

use bytes::Bytes;
use cpc_wire::{LineError, Op, parse_untimed_line};
use self_cell::self_cell;
use serde::Serialize;

self_cell! {
    struct Parsed {
        owner: Bytes,

        #[covariant]
        dependent: Op,
    }
}

/// A line without a time: the gateway says when.
pub(crate) struct Line(Parsed);

impl Line {
    /// Reads a line.
    pub(crate) fn parse(text: Bytes) -> Result<Line, LineError> {
        Parsed::try_new(text, |text| parse_untimed_line(text)).map(Line)
    }

    /// A line of members that the gateway itself has made.
    pub(crate) fn of(members: &impl Serialize) -> Result<Line, LineError> {
        // Members are texts and numbers, which can always be written; if not, the empty line is refused.
        Line::parse(Bytes::from(serde_json::to_vec(members).unwrap_or_default()))
    }

    /// The operation `op`, some members that the gateway knows (as JSON, with a comma behind each), and those that a
    /// client posted as an object.
    pub(crate) fn posted(op: &str, known: &str, object: &[u8]) -> Result<Line, LineError> {
        let start = object.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(object.len());
        let Some((b'{', members)) = object.get(start..).and_then(<[u8]>::split_first) else {
            // Whatever else it is: refused as what it is.
            return Line::parse(Bytes::copy_from_slice(object));
        };
        let empty = members.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'}');
        let known = if empty { known.strip_suffix(',').unwrap_or(known) } else { known };
        let comma = if empty && known.is_empty() { "" } else { "," };
        let mut line = format!(r#"{{"op":"{op}"{comma}{known}"#).into_bytes();
        line.extend_from_slice(members);
        Line::parse(Bytes::from(line)).map_err(|error| match Line::parse(Bytes::copy_from_slice(object)) {
            // The place is to be that in what was posted.
            Err(posted @ LineError::InvalidJson { .. }) => posted,
            _ => error,
        })
    }

    /// What it says.
    pub(crate) fn op(&self) -> &Op<'_> {
        self.0.borrow_dependent()
    }

    /// Its text.
    pub(crate) fn text(&self) -> &Bytes {
        self.0.borrow_owner()
    }
}

/// The text of a line of the log with its time, as `cpc replay` takes it. Lines of the log begin with their operation.
pub(crate) fn with_time(line: &[u8], at: u64) -> Vec<u8> {
    let members = line.strip_prefix(b"{".as_slice()).unwrap_or(line);
    let mut timed = format!(r#"{{"at":{at},"#).into_bytes();
    timed.extend_from_slice(members);
    timed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(op: &str, known: &str, object: &str) -> String {
        match Line::posted(op, known, object.as_bytes()) {
            Ok(line) => String::from_utf8(line.text().to_vec()).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_posted_becomes_a_line() {
        for (op, known, object, line) in [
            ("reply", "", r#"{"phone":"1"}"#, r#"{"op":"reply","phone":"1"}"#),
            ("reply", "", " \n{ \"phone\":\"1\"}", r#"{"op":"reply", "phone":"1"}"#),
            ("clock", "", "{}", r#"{"op":"clock"}"#),
            ("group", r#""name":"g","#, "{ }", r#"{"op":"group","name":"g" }"#),
            ("group", r#""name":"g","#, r#"{"dailyLimit":5}"#, r#"{"op":"group","name":"g","dailyLimit":5}"#),
            ("group", r#""name":"g","#, r#"{"name":"h"}"#, "name: appears twice"),
            ("clock", "", r#"{"op":"expire"}"#, "op: appears twice"),
            ("clock", "", r#"{"at":1795435200000}"#, "at: no such member"),
            ("clock", "", "[]", "expected object"),
            ("clock", "", "{", "not JSON: EOF while parsing an object at line 1 column 1"),
        ] {
            assert_eq!(posted(op, known, object), line, "{op} {object}");
        }
    }

    #[test]
    fn a_line_is_given_its_time_back() {
        assert_eq!(with_time(br#"{"op":"clock"}"#, 7), br#"{"at":7,"op":"clock"}"#);
    }
}
