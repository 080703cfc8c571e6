//! Lines of the log, which may be older than this program. What is in the log was accepted once, so it is read as it was
//! understood then: members that their operation does not have, which used to be passed over, are left out.

use super::line::Line;
use bytes::Bytes;
use cpc_wire::{Expected, LineError};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Reads a line of the log; its text is then one that could be posted today.
pub(crate) fn read_stored(mut text: Bytes) -> Result<Line, LineError> {
    loop {
        // Every turn has a text with fewer members.
        match Line::parse(text.clone()) {
            Err(error) => match unknown_member(&error).and_then(|path| without(&text, &path)) {
                Some(rest) => text = Bytes::from(rest),
                None => return Err(error),
            },
            line => return line,
        }
    }
}

/// Reads the lines of an entry that has several.
pub(crate) fn read_stored_lines(text: &Bytes) -> Result<Vec<Line>, LineError> {
    text.split(|byte| *byte == b'\n').map(|line| read_stored(text.slice_ref(line))).collect()
}

/// The path of a member that does not exist, if that is what is wrong.
fn unknown_member(error: &LineError) -> Option<Cow<'_, str>> {
    match error {
        LineError::InvalidField { path, expected: Expected::Known } => Some(Cow::Borrowed(path)),
        LineError::InvalidPolicy { path, expected: Expected::Known } => {
            Some(Cow::Owned(format!("policy.{path}")))
        }
        _ => None,
    }
}

/// A value without the member at a path; of an array, none of its items has it then, as all are of one shape. `None` if
/// there is no such member.
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
    // Long names are shortened where an error repeats them, and a name may have dots and brackets in it.
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

/// How many characters of a name an error repeats.
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
            assert_eq!(String::from_utf8_lossy(line.text()), understood);
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
