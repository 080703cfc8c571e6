//! The cases of `bindings/conformance/whatsapp.json`, which all languages run: notifications in, commands out.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is how it fails")]

use cpc_whatsapp::{Event, Options, read_notification, translate};
use cpc_wire::Session;
use serde_json::{Value, json};

const CASES: &str = include_str!("../../../bindings/conformance/whatsapp.json");

/// What a case leads to, in the shape in which the file expects it.
fn events_of(case: &Value, at: i64, given: &[Value]) -> Value {
    let mut session = Session::default();
    for line in given.iter().chain(case["given"].as_array().into_iter().flatten()) {
        execute(&mut session, &line.to_string());
    }
    let events = match &case["event"] {
        Value::Null => read_notification(case["notification"].to_string().as_bytes()),
        event => Event::from_json(event.to_string().as_bytes()).map(|event| vec![event]),
    };
    let Ok(events) = events else { return json!("invalid") };
    let outcomes = events.iter().map(|event| {
        // Hosts in other languages hand events over as text.
        assert_eq!(Event::from_json(event.to_json().as_bytes()).as_ref(), Ok(event));
        match translate(event, session.engine(), at, &Options::default()) {
            Err(ignored) => json!({"ignored": ignored.name()}),
            Ok(commands) => {
                assert!(!commands.is_empty() && commands.iter().len() == commands.len());
                let lines: Vec<String> = commands.lines(Some(at)).collect();
                lines.iter().for_each(|line| execute(&mut session, line));
                let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
                json!({"commands": lines.collect::<Vec<_>>()})
            }
        }
    });
    Value::Array(outcomes.collect())
}

fn execute(session: &mut Session, line: &str) {
    let mut answer = Vec::new();
    session.execute(line.as_bytes(), &mut answer);
    assert!(answer.starts_with(br#"{"seq":"#), "{line}: {}", String::from_utf8_lossy(&answer));
}

#[test]
fn every_case_leads_to_its_commands() {
    let file: Value = serde_json::from_str(CASES).unwrap();
    let (at, given) = (file["at"].as_i64().unwrap(), file["given"].as_array().unwrap());
    for case in file["cases"].as_array().unwrap() {
        let expected = if case["invalid"] == true { &json!("invalid") } else { &case["events"] };
        assert_eq!(&events_of(case, at, given), expected, "{}", case["name"]);
    }
}
