//! A command line on its way through the gateway: its text, which the log keeps, and what it says.

use bytes::Bytes;
use cpc_wire::{LineError, Op, parse_untimed_line};
use self_cell::self_cell;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

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

    /// The text of several lines as one entry of the log has it. JSON has no line ends of its own.
    pub(crate) fn joined(lines: &[Line]) -> Bytes {
        let texts: Vec<&[u8]> = lines.iter().map(|line| &**line.text()).collect();
        Bytes::from(texts.join(&b'\n'))
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

/// A posted object without a member that is the gateway's to read, and none of the line's. What is no object stays as it
/// is.
pub(crate) fn without<'a>(object: &'a [u8], name: &str) -> Cow<'a, [u8]> {
    let Ok(Members(mut members)) = serde_json::from_slice(object) else { return Cow::Borrowed(object) };
    // If it appears twice, the other one is for the line to refuse.
    match members.iter().position(|(member, _)| member == name) {
        Some(place) => drop(members.remove(place)),
        None => return Cow::Borrowed(object),
    }
    let members = members.into_iter().map(|(name, value)| format!("{}:{}", Value::from(name), value.get()));
    Cow::Owned(format!("{{{}}}", members.collect::<Vec<_>>().join(",")).into_bytes())
}

/// The members of an object, as they stand and in their order, also those that appear twice.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// The text of a line of the log with its time, as `cpc replay` takes it.
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
    fn a_member_is_taken_out_and_all_else_stays_as_it_is() {
        for (object, rest) in [
            (r#"{"phone":"1","text":"a \" }","optOut":true}"#, r#"{"phone":"1","optOut":true}"#),
            (r#" { "text" : {"x":[1]} , "n" : 1.50 } "#, r#"{"n":1.50}"#),
            (r#"{"text":1}"#, "{}"),
            (r#"{"text":1,"text":2,"é\"":3}"#, r#"{"text":2,"é\"":3}"#),
            (r#"{"phone": "1"}"#, r#"{"phone": "1"}"#),
            ("[]", "[]"),
            (r#"{"text":"#, r#"{"text":"#),
        ] {
            assert_eq!(String::from_utf8_lossy(&without(object.as_bytes(), "text")), rest, "{object}");
        }
    }

    #[test]
    fn a_line_is_given_its_time_back() {
        assert_eq!(with_time(br#"{"op":"clock"}"#, 7), br#"{"at":7,"op":"clock"}"#);
    }
}
