//! A command as JSON, which the log keeps, together with what was parsed from it.

use bytes::Bytes;
use cpc_core::Command;
use cpc_wire::{Arena, Expected, Op, ParseError, parse_untimed_line, write_command};
use self_cell::{MutBorrow, self_cell};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

self_cell! {
    struct Parsed {
        owner: (Bytes, MutBorrow<Arena>),

        #[covariant]
        dependent: Op,
    }
}

/// A command or query without its `at`: the gateway supplies the time.
pub(crate) struct CommandJson(Parsed);

impl CommandJson {
    /// Parses a command line.
    pub(crate) fn parse(text: Bytes) -> Result<CommandJson, ParseError> {
        let owner = (text, MutBorrow::new(Arena::new()));
        Parsed::try_new(owner, |(text, arena)| parse_untimed_line(text, arena.borrow_mut())).map(CommandJson)
    }

    /// The JSON of several commands as one entry of the log has it. JSON on one line has no line ends of its own.
    pub(crate) fn joined(commands: &[CommandJson]) -> Bytes {
        let texts: Vec<&[u8]> = commands.iter().map(|command| &**command.text()).collect();
        Bytes::from(texts.join(&b'\n'))
    }

    /// A command that the gateway itself makes.
    pub(crate) fn of(command: &Command<'_>) -> Result<CommandJson, ParseError> {
        let mut text = Vec::new();
        write_command(command, None, &mut text);
        CommandJson::parse(Bytes::from(text))
    }

    /// The command `policy` with a policy that a client posted, and the gateway's own hash key in it. Clients may not set
    /// `hashKey`: contacts that were forgotten under one key would be written to again under another.
    pub(crate) fn policy(hash_key: &str, policy: &[u8]) -> Result<CommandJson, ParseError> {
        let Ok(policy) = serde_json::from_slice::<&RawValue>(policy) else {
            // Not JSON; the parser reports where.
            return CommandJson::posted("policy", &[], policy);
        };
        let Some(fields) = policy.get().strip_prefix('{') else {
            return Err(ParseError::InvalidField { path: "policy".to_owned(), expected: Expected::Object });
        };
        let comma = if fields.trim_start().starts_with('}') { "" } else { "," };
        CommandJson::parse(Bytes::from(format!(
            r#"{{"op":"policy","policy":{{"hashKey":"{hash_key}"{comma}{fields}}}"#
        )))
    }

    /// The command `op` of an object that a client posted, with the fields that the gateway adds. The log has the object
    /// as it was posted.
    pub(crate) fn posted(op: &str, known: &[(&str, &str)], object: &[u8]) -> Result<CommandJson, ParseError> {
        let start = object.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(object.len());
        let Some((b'{', members)) = object.get(start..).and_then(<[u8]>::split_first) else {
            // Not an object; the parser reports what it is.
            return CommandJson::parse(Bytes::copy_from_slice(object));
        };
        let empty = members.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'}');
        let mut line = format!(r#"{{"op":"{op}""#);
        for (name, value) in known {
            line.push_str(&format!(r#","{name}":{}"#, Value::from(*value)));
        }
        if !empty {
            line.push(',');
        }
        let mut line = line.into_bytes();
        line.extend_from_slice(members);
        CommandJson::parse(Bytes::from(line)).map_err(|error| {
            match CommandJson::parse(Bytes::copy_from_slice(object)) {
                // Line and column must refer to what was posted.
                Err(posted @ ParseError::InvalidJson { .. }) => posted,
                _ => error,
            }
        })
    }

    /// The parsed command or query.
    pub(crate) fn op(&self) -> &Op<'_> {
        self.0.borrow_dependent()
    }

    /// The JSON.
    pub(crate) fn text(&self) -> &Bytes {
        &self.0.borrow_owner().0
    }
}

/// A posted object without a field that only the gateway reads. Anything but an object is returned unchanged.
pub(crate) fn without<'a>(object: &'a [u8], name: &str) -> Cow<'a, [u8]> {
    let Ok(Members(mut members)) = serde_json::from_slice(object) else { return Cow::Borrowed(object) };
    // If it appears twice, the second one is left for the parser to refuse.
    match members.iter().position(|(member, _)| member == name) {
        Some(place) => drop(members.remove(place)),
        None => return Cow::Borrowed(object),
    }
    let members = members.into_iter().map(|(name, value)| format!("{}:{}", Value::from(name), value.get()));
    Cow::Owned(format!("{{{}}}", members.collect::<Vec<_>>().join(",")).into_bytes())
}

/// The fields of an object as they were written, in order, duplicates included.
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

/// A command of the log with its time, as `cpc replay` takes it.
pub(crate) fn with_time(line: &[u8], at: u64) -> Vec<u8> {
    let members = line.strip_prefix(b"{".as_slice()).unwrap_or(line);
    let mut timed = format!(r#"{{"at":{at},"#).into_bytes();
    timed.extend_from_slice(members);
    timed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(op: &str, known: &[(&str, &str)], object: &str) -> String {
        match CommandJson::posted(op, known, object.as_bytes()) {
            Ok(line) => String::from_utf8(line.text().to_vec()).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_posted_becomes_a_line() {
        type Known = &'static [(&'static str, &'static str)];
        let cases: [(&str, Known, &str, &str); 11] = [
            ("reply", &[], r#"{"phone":"1"}"#, r#"{"op":"reply","phone":"1"}"#),
            ("reply", &[], " \n{ \"phone\":\"1\"}", r#"{"op":"reply", "phone":"1"}"#),
            ("clock", &[], "{}", r#"{"op":"clock"}"#),
            ("group", &[("name", "\"é")], "{}", r#"{"op":"group","name":"\"é"}"#),
            ("group", &[("name", "g")], "{ }", r#"{"op":"group","name":"g" }"#),
            ("group", &[("name", "g")], r#"{"dailyLimit":5}"#, r#"{"op":"group","name":"g","dailyLimit":5}"#),
            ("group", &[("name", "g")], r#"{"name":"h"}"#, "name: duplicate field"),
            ("clock", &[], r#"{"op":"expire"}"#, "op: duplicate field"),
            ("clock", &[], r#"{"at":1795435200000}"#, "at: unknown field"),
            ("clock", &[], "[]", "expected object"),
            ("clock", &[], "{", "not JSON: EOF while parsing an object at line 1 column 1"),
        ];
        for (op, known, object, line) in cases {
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
