//! Commands of the log, which may be older than this program. They were accepted once, so they are read as they were
//! then: unknown fields, which earlier versions ignored, are dropped.

use super::command_json::CommandJson;
use bytes::Bytes;
use cpc_wire::{Expected, ParseError};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Parses a command of the log; unknown fields are gone from its JSON.
pub(crate) fn read_stored(mut text: Bytes) -> Result<CommandJson, ParseError> {
    loop {
        // Ends, because every turn drops a field.
        match CommandJson::parse(text.clone()) {
            Err(error) => match unknown_member(&error).and_then(|path| without(&text, &path)) {
                Some(rest) => text = Bytes::from(rest),
                None => return Err(error),
            },
            line => return line,
        }
    }
}

/// Parses the commands of an entry that has several.
pub(crate) fn read_stored_lines(text: &Bytes) -> Result<Vec<CommandJson>, ParseError> {
    text.split(|byte| *byte == b'\n').map(|line| read_stored(text.slice_ref(line))).collect()
}

/// The path of an unknown field, if that is the error.
fn unknown_member(error: &ParseError) -> Option<Cow<'_, str>> {
    match error {
        ParseError::InvalidField { path, expected: Expected::Known } => Some(Cow::Borrowed(path)),
        ParseError::InvalidPolicy { path, expected: Expected::Known } => {
            Some(Cow::Owned(format!("policy.{path}")))
        }
        _ => None,
    }
}

/// A value without the field at a path; in an array it is dropped from all items, as all have one shape. `None` if there
/// is no such field.
fn without(value: &[u8], path: &str) -> Option<String> {
    if let Some((_, rest)) = path.strip_prefix('[').and_then(|path| path.split_once(']')) {
        let path = rest.strip_prefix('.')?;
        let items: Vec<&RawValue> = serde_json::from_slice(value).ok()?;
        let mut found = false;
        let items = items.into_iter().map(|item| match without(item.get().as_bytes(), path) {
            Some(shorter) => {
                found = true;
                Cow::Owned(shorter)
            }
            None => Cow::Borrowed(item.get()),
        });
        let items: Vec<Cow<'_, str>> = items.collect();
        return found.then(|| format!("[{}]", items.join(",")));
    }
    let members: BTreeMap<String, &RawValue> = serde_json::from_slice(value).ok()?;
    // Errors shorten long names, and a name may contain dots and brackets.
    let is_it = |name: &str| name == path || path.chars().count() == SHORTENED && name.starts_with(path);
    let mut found = false;
    let mut left = Vec::with_capacity(members.len());
    for (name, value) in &members {
        if is_it(name) {
            found = true;
            continue;
        }
        let inner = path.strip_prefix(&**name).filter(|rest| rest.starts_with(['.', '[']));
        let shorter =
            inner.and_then(|rest| without(value.get().as_bytes(), rest.strip_prefix('.').unwrap_or(rest)));
        found |= shorter.is_some();
        let value = shorter.map_or(Cow::Borrowed(value.get()), Cow::Owned);
        left.push(format!("{}:{value}", serde_json::Value::from(&**name)));
    }
    found.then(|| format!("{{{}}}", left.join(",")))
}

/// To how many characters errors shorten a name.
const SHORTENED: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_an_operation_does_not_have_are_left_out_and_nothing_else_is() {
        let long = "ç".repeat(100);
        for (stored, understood) in [
            (r#"{"op":"clock"}"#, r#"{"op":"clock"}"#),
            (r#"{"op":"clock","a":{"b":[1]},"c":2}"#, r#"{"op":"clock"}"#),
            (
                r#"{"op":"wallet","tag":"w","senders":[{"id":"1","x":1},{"id":"2","y":{}},{"x":2,"id":"3"}],"note":"n"}"#,
                r#"{"op":"wallet","senders":[{"id":"1"},{"id":"2"},{"id":"3"}],"tag":"w"}"#,
            ),
            (
                r#"{"op":"policy","policy":{"windowMs":86400000,"a.b":1,"hours":{"week":{},"z[0]":1}}}"#,
                r#"{"op":"policy","policy":{"hours":{"week":{}},"windowMs":86400000}}"#,
            ),
            (&format!(r#"{{"op":"clock","{long}":1,"{long}é":2}}"#), r#"{"op":"clock"}"#),
            (
                r#"{"op":"dispatch","campaign":"c","tag":"w","x":1,"messages":[{"phone":"1","mine":1.50}]}"#,
                r#"{"campaign":"c","messages":[{"phone":"1","mine":1.50}],"op":"dispatch","tag":"w"}"#,
            ),
        ] {
            let line = read_stored(Bytes::copy_from_slice(stored.as_bytes())).unwrap();
            assert_eq!(String::from_utf8_lossy(line.line()), understood);
        }
    }

    #[test]
    fn what_is_wrong_otherwise_stays_wrong() {
        for stored in [
            r#"{"op":"clock","x":1"#,
            r#"{"op":"no","x":1}"#,
            r#"{"op":"group","name":1,"x":1}"#,
            r#"{"op":"sender","tag":"w","id":"1","burst":2,"x":1}"#,
        ] {
            assert!(read_stored(Bytes::from_static(stored.as_bytes())).is_err(), "{stored}");
        }
    }
}
