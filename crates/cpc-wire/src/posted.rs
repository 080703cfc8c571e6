//! What clients post to a host that knows a part of it already.

use crate::arena::Arena;
use crate::known::Known;
use crate::line::{Line, parse_untimed};
use crate::op::Posted;
use crate::parse_error::ParseError;
use crate::policy_json::read_policy;
use crate::read::utf8;
use core::cell::Cell;
use cpc_core::Policy;

/// Reads an object that a client posted, of which the host knows a part: the same as [`parse_untimed_line`] of a line
/// that has the object's fields and those that are known. What cannot be borrowed from the object is kept in `arena`.
///
/// `left` names fields that only the host reads. Where the operation does not have them itself, they are not refused but
/// handed over: their JSON is beside their names afterwards. A second one of a name is refused.
///
/// ```
/// use cpc_core::Command;
/// use cpc_wire::{Arena, Known, Op, parse_posted, write_posted};
///
/// let known = Known { fields: &[("name", "account 1")], ..Known::op("group") };
/// let (mut left, arena) = ([("note", None)], Arena::new());
/// let posted = parse_posted(br#"{"dailyLimit":250,"note":"of 2026"}"#, &known, &mut left, &arena)?;
/// assert!(matches!(posted.op, Op::Command(Command::Group { name: "account 1", daily_limit: Some(250) })));
/// assert_eq!(left, [("note", Some(r#""of 2026""#))]);
///
/// let mut line = Vec::new();
/// write_posted(&posted, &mut line);
/// assert_eq!(line, br#"{"op":"group","name":"account 1","dailyLimit":250}"#);
///
/// let error = parse_posted(br#"{"name":"account 2"}"#, &known, &mut [], &arena).unwrap_err();
/// assert_eq!(error.to_string(), "name: duplicate field");
/// # Ok::<(), cpc_wire::ParseError>(())
/// ```
///
/// # Errors
/// As [`parse_untimed_line`], with three differences. Where the operation is known, an object that is no JSON is refused
/// as that, with line and column of what was posted, whatever else is wrong before that place. A policy that has a
/// `hashKey` though the host has its own has it twice. A known field that no path of the operation has does not exist.
///
/// [`parse_untimed_line`]: crate::parse_untimed_line
pub fn parse_posted<'a>(
    object: &'a [u8],
    known: &Known<'_>,
    left: &mut [(&'static str, Option<&'a str>)],
    arena: &'a Arena,
) -> Result<Posted<'a>, ParseError> {
    let text = utf8(object)?;
    let left = Cell::from_mut(left).as_slice_of_cells();
    parse_untimed(Line { text, known, left, arena }).map_err(|error| match (as_a_line(text), known.op) {
        // What is wrong with a line for any host comes first.
        (Some(of_the_line), None) => of_the_line,
        (Some(syntax @ ParseError::InvalidJson { .. }), Some(_)) => syntax,
        _ => error,
    })
}

/// What is wrong with a text as a line without a time, of which nothing is known.
fn as_a_line(text: &str) -> Option<ParseError> {
    parse_untimed(Line::of(text, &Arena::new())).err()
}

/// Reads a policy that a client posted to a host that has its own `hashKey`, which is put in. Clients may not choose it:
/// contacts that were forgotten under one key would be written to again under another.
///
/// ```
/// use cpc_wire::parse_posted_policy;
///
/// let key = "000000000000000000000000000000ff";
/// let policy = parse_posted_policy(br#"{"maxBatch":100}"#, key)?;
/// assert_eq!((policy.max_batch(), policy.hash_key()), (100, 0xff));
///
/// let error = parse_posted_policy(br#"{"hashKey":null}"#, key).unwrap_err();
/// assert_eq!(error.to_string(), "policy.hashKey: duplicate field");
/// # Ok::<(), cpc_wire::ParseError>(())
/// ```
///
/// # Errors
/// What [`parse_posted`] says of the line `policy` that has this policy.
pub fn parse_posted_policy(policy: &[u8], hash_key: &str) -> Result<Policy, ParseError> {
    let text = utf8(policy)?;
    read_policy(text, hash_key).map_err(|error| match as_a_line(text) {
        Some(syntax @ ParseError::InvalidJson { .. }) => syntax,
        _ => error,
    })
}
