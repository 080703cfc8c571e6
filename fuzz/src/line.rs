//! Arbitrary command lines: each has one answer, which is JSON; refused commands and queries change nothing; a line that
//! is not JSON is refused.

use cpc_wire::{
    Arena, Language, Op, ParseError, Request, Runner, Session, parse_line, parse_untimed_line, write_command,
};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// Executes the lines on a new engine; how many of them were not refused.
pub fn drive(bytes: &[u8]) -> usize {
    let mut session = Session::default().language(Language::En);
    let mut expected = Vec::new();
    let mut done = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = execute(&mut session, line, &mut expected);
        done += usize::from(!answer.contains_key("error"));
    }
    let mut runner = Runner::new(Session::default().language(Language::En));
    let mut output = Vec::new();
    runner.run(&mut &*bytes, &mut output).expect("neither input nor output can fail");
    assert!(output == expected, "a stream of lines is answered otherwise than the lines");
    assert_eq!(runner.lines() - runner.refused(), done as u64);
    assert_eq!(runner.session().engine().digest(), session.engine().digest());
    done
}

/// Executes one line, and appends its answer to `answers`.
fn execute(session: &mut Session, line: &[u8], answers: &mut Vec<u8>) -> Map<String, Value> {
    let (digest, seq, clock) = state(session);
    let start = answers.len();
    session.execute(line, answers);
    let answer = &answers[start..];
    assert!(!answer.contains(&b'\n'), "an answer of more than one line");
    let answer: Map<String, Value> = match serde_json::from_slice(answer) {
        Ok(answer) => answer,
        Err(error) => panic!("{error}: {}", String::from_utf8_lossy(answer)),
    };
    answers.push(b'\n');
    let arena = Arena::new();
    let request = parse_line(line, &arena);
    let (digest_now, seq_now, clock_now) = state(session);
    match answer.get("error") {
        Some(error) => {
            assert!(error.is_string() && answer["message"].is_string(), "{answer:?}");
            let known = answer.keys().all(|name| ["error", "message", "field"].contains(&name.as_str()));
            assert!(known, "{answer:?}");
            assert_eq!(
                (digest_now, seq_now, clock_now),
                (digest, seq, clock),
                "a refused line changed something"
            );
        }
        None => {
            let is_json = serde_json::from_slice::<IgnoredAny>(line).is_ok();
            assert!(is_json, "carried out, but not JSON");
            // An answer without an error: the line could be read.
            let request = request.as_ref().expect("it was read before");
            check_answer(&request.op, &answer);
            check_writing(request);
            match request.op {
                Op::Command(_) => {
                    assert_eq!(answer.get("seq").and_then(Value::as_u64), Some(seq + 1), "{answer:?}");
                    assert_eq!(seq_now, seq + 1);
                    assert_eq!(answer.get("at").and_then(Value::as_u64), clock_now, "{answer:?}");
                    assert!(clock_now >= clock, "the clock went backwards");
                }
                Op::Query(_) => {
                    let now = (digest_now, seq_now, clock_now);
                    assert_eq!(now, (digest, seq, clock), "a query changed something");
                }
            }
        }
    }
    check_untimed(line, &request);
    answer
}

/// Everything that would show that a line changed something.
fn state(session: &Session) -> (u128, u64, Option<u64>) {
    let engine = session.engine();
    (engine.digest(), engine.seq(), engine.clock().map(|clock| clock.as_millis()))
}

/// The shape of an answer: nothing in it is `null`, and every outcome has its status and its number.
fn check_answer(op: &Op<'_>, answer: &Map<String, Value>) {
    assert!(answer.get("at").is_some_and(Value::is_u64), "{answer:?}");
    assert!(!answer.values().any(has_null), "{answer:?}");
    let outcomes = answer.get("outcomes").map(|outcomes| outcomes.as_array().expect("a list"));
    assert!(outcomes.is_some() || matches!(op, Op::Query(_)), "{answer:?}");
    for outcome in outcomes.into_iter().flatten() {
        let (name, code) = (outcome["status"].as_str(), outcome["code"].as_u64());
        let known =
            |status: &cpc_core::Status| name == Some(status.name()) && code == Some(status.code().into());
        assert!(cpc_core::Status::ALL.iter().any(known), "{outcome}");
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A command that was read is written as a line that says the same.
fn check_writing(request: &Request<'_>) {
    let Op::Command(command) = &request.op else { return };
    let (mut line, arena) = (Vec::new(), Arena::new());
    write_command(command, Some(request.at), &mut line);
    let again = parse_line(&line, &arena).expect("what is written can be read");
    assert_eq!(again.at, request.at);
    let Op::Command(again) = &again.op else { panic!("a command became a query") };
    let mut second = Vec::new();
    write_command(again, Some(request.at), &mut second);
    assert!(line == second, "a command that was written and read is another one");
}

/// A line has a time, or it has none; never both.
fn check_untimed(line: &[u8], timed: &Result<Request<'_>, ParseError>) {
    let arena = Arena::new();
    let untimed = parse_untimed_line(line, &arena);
    assert!(timed.is_err() || untimed.is_err(), "one line with and without a time");
}
