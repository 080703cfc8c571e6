//! The conformance vectors, `bindings/conformance/*.jsonl`, through command lines.
//!
//! `bindings/conformance/README.md` says what a line may hold and how answers are compared.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use cpc_core::schema::Operation;
use cpc_core::{Command, Outcome, Status};
use cpc_wire::{Arena, Session, parse_line};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// One line of a vector file. `do` is handed on as it stands: its numbers are not to be rounded.
struct Row {
    place: String,
    title: String,
    precedence: Option<String>,
    reset: bool,
    case: Option<(String, Value)>,
}

impl Row {
    fn read(place: String, line: &str) -> Row {
        let fields: std::collections::BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{place}: {error}"));
        let field = |name: &str| fields.get(name).map(|raw| raw.get());
        let text = |name: &str| field(name).map(|raw| serde_json::from_str::<String>(raw).unwrap());
        for name in fields.keys() {
            let known = ["title", "precedence", "reset", "do", "expect"].contains(&name.as_str());
            assert!(known, "{place}: unknown field {name}");
        }
        let case = field("do").map(|command| {
            let expect = field("expect").unwrap_or_else(|| panic!("{place}: no expect"));
            (String::from(command), serde_json::from_str(expect).unwrap())
        });
        let reset = field("reset") == Some("true");
        assert!(reset || case.is_some(), "{place}: neither reset nor do");
        Row { title: text("title").unwrap_or_default(), precedence: text("precedence"), place, reset, case }
    }
}

/// Every row of every file, in order.
fn rows() -> Vec<Vec<Row>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../bindings/conformance");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no vectors in {}", folder.display());
    files
        .iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(path).unwrap();
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            lines.map(|(index, line)| Row::read(format!("{name}:{}", index + 1), line)).collect()
        })
        .collect()
}

/// Texts for people are compared only where they are expected.
const TEXTS: [&str; 2] = ["reason", "message"];

/// Writes every difference between two values, by path.
fn compare(path: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let names: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
            for name in names {
                let path = format!("{path}.{name}");
                match (expected.get(name), found.get(name)) {
                    (Some(expected), Some(found)) => compare(&path, expected, found, differences),
                    (None, Some(_)) if TEXTS.contains(&name.as_str()) => {}
                    (None, Some(found)) => differences.push(format!("{path}: not expected: {found}")),
                    (expected, _) => {
                        differences.push(format!("{path}: missing: {}", expected.unwrap_or(&Value::Null)));
                    }
                }
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{path}[{index}]"), expected, found, differences);
            }
        }
        _ if expected == found => {}
        _ => differences.push(format!("{path}: expected {expected}, found {found}")),
    }
}

#[test]
fn every_vector_is_answered_as_expected() {
    let mut failures = Vec::new();
    let mut cases = 0;
    for file in rows() {
        let mut session = Session::default();
        let mut out = Vec::new();
        for row in file {
            if row.reset {
                session = Session::default();
            }
            let Some((command, expected)) = row.case else { continue };
            cases += 1;
            out.clear();
            session.execute(command.as_bytes(), &mut out);
            let found: Value = serde_json::from_slice(&out)
                .unwrap_or_else(|error| panic!("{}: the answer is not JSON: {error}", row.place));
            let mut differences = Vec::new();
            compare("", &expected, &found, &mut differences);
            if !differences.is_empty() {
                let differences = differences.join("\n    ");
                failures.push(format!("{} {}\n    {differences}\n    {command}", row.place, row.title));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {cases} vectors failed\n{}", failures.len(), failures.join("\n"));
}

/// The statuses in an answer, wherever they stand.
fn statuses(answer: &Value, found: &mut BTreeSet<String>) {
    match answer {
        Value::Object(fields) => {
            if let (Some(Value::String(status)), Some(_)) = (fields.get("status"), fields.get("code")) {
                found.insert(status.clone());
            }
            fields.values().for_each(|value| statuses(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| statuses(item, found)),
        _ => {}
    }
}

#[test]
fn every_status_is_expected_somewhere() {
    let mut expected = BTreeSet::new();
    for (_, answer) in rows().into_iter().flatten().filter_map(|row| row.case) {
        statuses(&answer, &mut expected);
    }
    let missing: Vec<&str> =
        Status::ALL.iter().map(|status| status.name()).filter(|name| !expected.contains(*name)).collect();
    assert!(missing.is_empty(), "no vector expects {missing:?}");
}

/// What is wrong with the fields of an outcome, going by the rows of its operation and its status.
fn check_fields(operation: &Operation, outcome: &Map<String, Value>) -> Vec<String> {
    let mut wrong = Vec::new();
    let status = outcome["status"].as_str().and_then(Status::from_name).unwrap();
    if !status.is_of(operation) {
        wrong.push(format!("`{}` is not a status of {}", status.name(), operation.name));
    }
    let mut known = BTreeSet::from(["status", "code", "reason"]);
    for field in operation.each.iter().chain(status.fields()) {
        let (name, can_be_absent) = field.strip_suffix('?').map_or((*field, false), |name| (name, true));
        known.insert(name);
        // What was posted without a phone is answered without one.
        let is_posted = name == "phone" && status == Status::InvalidPhone;
        if !outcome.contains_key(name) && !can_be_absent && !is_posted {
            wrong.push(format!("`{}` of {} lacks {name}", status.name(), operation.name));
        }
    }
    for name in outcome.keys().filter(|name| !known.contains(name.as_str())) {
        wrong.push(format!("`{}` of {} has {name}", status.name(), operation.name));
    }
    wrong
}

/// The rows of statuses say which operations have them, and with which fields: bindings are generated from that.
#[test]
fn outcomes_have_the_fields_of_their_rows() {
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for row in rows().into_iter().flatten() {
        let Some((command, answer)) = row.case else { continue };
        let arena = Arena::new();
        let Ok(request) = parse_line(command.as_bytes(), &arena) else { continue };
        let Some(outcomes) = answer.get("outcomes").and_then(Value::as_array) else { continue };
        let name = if request.op.name() == "preview" { "dispatch" } else { request.op.name() };
        let operation = Command::OPERATIONS.iter().find(|operation| operation.name == name).unwrap();
        if !operation.has_items && outcomes.len() != 1 {
            wrong.push(format!("{}: {name} has {} outcomes", row.place, outcomes.len()));
        }
        for outcome in outcomes.iter().filter_map(Value::as_object) {
            let found = check_fields(operation, outcome);
            wrong.extend(found.into_iter().map(|what| format!("{}: {what}", row.place)));
            for (field, _) in outcome {
                seen.insert(format!("{name} {} {field}", outcome["status"].as_str().unwrap()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for status in Status::ALL {
        assert!(Command::OPERATIONS.iter().any(|row| status.is_of(row)), "{status:?} is of no operation");
        for row in Command::OPERATIONS.iter().filter(|row| status.is_of(row)) {
            let (name, status_name) = (row.name, status.name());
            for field in status.fields().iter().map(|field| field.trim_end_matches('?')) {
                assert!(Outcome::SCHEMA.field(field).is_some(), "outcomes have no {field}");
                // A follow-up has no main template that could be blank.
                let never = (name, field) == ("followUps", "warnings");
                let seen = seen.contains(&format!("{name} {status_name} {field}"));
                assert_ne!(seen, never, "{field} in `{status_name}` of {name}");
            }
            // What suppresses a contact cancels its follow-ups (RULES §8.1), though §6.3 checks it once more; and
            // the clock always moves.
            let never = match name {
                "followUps" => matches!(status, Status::OptedOut | Status::Undeliverable),
                "clock" => status == Status::Unchanged,
                _ => false,
            };
            if seen.contains(&format!("{name} {status_name} code")) == never {
                wrong.push(format!("no vector has `{status_name}` of {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_command_knows_its_name() {
    for row in rows().into_iter().flatten() {
        let Some((command, _)) = row.case else { continue };
        if let Ok(request) = parse_line(command.as_bytes(), &Arena::new()) {
            let value: Value = serde_json::from_str(&command).unwrap();
            assert_eq!(value["op"], request.op.name(), "{}", row.place);
        }
    }
}

/// RULES §4: the order of the refusals of a dispatch is part of the contract.
#[test]
fn every_pair_of_neighbouring_refusals_has_a_precedence_row() {
    let codes = |status: &Status| (10..=80).contains(&status.code()).then_some(status.code());
    let codes: Vec<u8> = Status::ALL.iter().filter_map(codes).collect();
    let mut wanted: BTreeSet<String> =
        codes.windows(2).map(|pair| format!("{}>{}", pair[0], pair[1])).collect();
    for row in rows().into_iter().flatten() {
        let Some(precedence) = row.precedence else { continue };
        wanted.remove(&precedence);
        let (winner, _) = precedence.split_once('>').expect("two codes");
        let winner: u8 = winner.parse().unwrap();
        let winner = Status::ALL.iter().find(|status| status.code() == winner).unwrap();
        let mut expected = BTreeSet::new();
        if let Some((_, answer)) = &row.case {
            statuses(answer, &mut expected);
        }
        assert!(expected.contains(winner.name()), "{}: {} is not expected", row.place, winner.name());
    }
    assert!(wanted.is_empty(), "no precedence row for {wanted:?}");
}

/// Vectors are only worth what their comparison is.
#[test]
fn the_comparison_sees_what_differs() {
    let value = |text: &str| Value::deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap();
    let differences = |expected: &str, found: &str| {
        let mut differences = Vec::new();
        compare("", &value(expected), &value(found), &mut differences);
        differences.len()
    };
    assert_eq!(differences(r#"{"a":1,"b":[{"c":2}]}"#, r#"{"b":[{"c":2,"reason":"x"}],"a":1}"#), 0);
    assert_eq!(differences(r#"{"a":1}"#, r#"{"a":1,"b":2}"#), 1);
    assert_eq!(differences(r#"{"a":1,"b":2}"#, r#"{"a":1}"#), 1);
    assert_eq!(differences(r#"{"reason":"y"}"#, r#"{"reason":"x"}"#), 1);
    assert_eq!(differences(r#"[1,2]"#, r#"[1]"#), 1);
    assert_eq!(differences("18446744073709551615", "18446744073709551614"), 1);
}
