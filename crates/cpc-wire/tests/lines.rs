//! What command lines may look like, and what is said of those that are none.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use cpc_core::{Command, IdMessage, Policy, Query, SenderChange, Target};
use cpc_wire::{
    Arena, Field, Kind, Language, OPERATIONS, Op, ParseError, RequestFailure, Session, parse_body,
    parse_line, write_request_error,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const AT: &str = "2026-11-23T12:00:00Z";

fn execute(session: &mut Session, line: &[u8]) -> Value {
    let mut out = Vec::new();
    session.execute(line, &mut out);
    assert!(!out.contains(&b'\n'), "an answer is one line");
    serde_json::from_slice(&out).expect("an answer is JSON")
}

fn answer(line: impl AsRef<[u8]>) -> Value {
    execute(&mut Session::default().language(Language::En), line.as_ref())
}

/// Whether a line is answered with this error, message and field; empty is not looked at or not there.
fn refused(line: &str, error: &str, message: &str, field: &str) {
    let answer = answer(line);
    let shown = line.chars().take(200).collect::<String>();
    assert_eq!(answer["error"], error, "{shown}");
    assert_eq!(answer["field"].as_str().unwrap_or_default(), field, "{shown}");
    if !message.is_empty() {
        assert_eq!(answer["message"], message, "{shown}");
    }
}

fn with_messages(messages: &str) -> String {
    format!(r#"{{"op":"dispatch","at":"{AT}","campaign":"c","tag":"t","messages":{messages}}}"#)
}

#[test]
fn what_is_no_json_says_where() {
    for (line, message) in [
        ("", "not JSON: EOF while parsing a value at line 1 column 1"),
        ("nonsense", "not JSON: expected ident at line 1 column 2"),
        (r#"{"op":"clock","at":1}}"#, "not JSON: trailing characters at line 1 column 22"),
        ("{\"op\":\"clock\",\n\"at\":}", "not JSON: expected value at line 2 column 6"),
        (r#"{"op":"clock","at":1,"#, ""),
        (r#"{"op":"clock","at":1,}"#, ""),
        (r#"{"op":"stats","at":007}"#, ""),
        (r#"{"op":"zzz","at"}"#, ""),
        ("{\"op\":\"\u{1}\"}", ""),
        ("{'op':'clock'}", ""),
        ("\u{feff}{}", "not JSON: a byte order mark at line 1 column 1"),
    ] {
        refused(line, "invalid_json", message, "");
    }
    // Half a surrogate pair is no text; in a field that is skipped it is not looked at.
    refused(r#"{"op":"contact","at":1,"phone":"\ud800"}"#, "invalid_json", "", "");
    let answer = answer(b"{\"op\":\"clock\",\n  \"x\":\"\xff\"}");
    assert_eq!(answer["message"], "not JSON: not UTF-8 at line 2 column 8");
}

#[test]
fn what_is_no_command_says_so() {
    refused("[]", "invalid_field", "expected object", "");
    refused("null", "invalid_field", "expected object", "");
    refused("7", "invalid_field", "expected object", "");
    refused("true", "invalid_field", "expected object", "");
    refused(r#""clock""#, "invalid_field", "expected object", "");
    refused(r#""""#, "invalid_field", "expected object", "");
    refused("{}", "invalid_field", "op: missing", "op");
    refused(r#"{"op":null}"#, "invalid_field", "op: missing", "op");
    refused(r#"{"op":""}"#, "invalid_field", "op: missing", "op");
    refused(r#"{"op":7}"#, "invalid_field", "op: expected string", "op");
    refused(r#"{"op":"Clock","at":1}"#, "unknown_op", "no such operation", "op");
    refused(r#"{"at":[],"op":"nothing"}"#, "unknown_op", "", "op");
    refused(r#"{"op":"clock"}"#, "invalid_field", "at: missing", "at");
    refused(r#"{"op":"clock","at":null}"#, "invalid_field", "at: missing", "at");
    refused(r#"{"op":"clock","at":1,"op":"clock"}"#, "invalid_field", "op: duplicate field", "op");
}

#[test]
fn a_time_is_milliseconds_or_rfc_3339() {
    let time = "at: expected time in milliseconds or RFC 3339";
    for at in ["1.5", "true", "[]", "{}", "\"yesterday\"", "\"1795435200000\"", "1795435200000.0"] {
        refused(&format!(r#"{{"op":"clock","at":{at}}}"#), "invalid_field", time, "at");
    }
    for at in ["-1", "9223372036854775808", "-9223372036854775809", "1e300", "100000000000000000000000"] {
        refused(&format!(r#"{{"op":"clock","at":{at}}}"#), "timestamp_out_of_range", "", "at");
    }
    for at in ["1795435200000", "\"2026-11-23T12:00:00Z\"", "\"2026-11-23T09:00:00.000-03:00\""] {
        assert_eq!(answer(format!(r#"{{"op":"clock","at":{at}}}"#))["at"], 1_795_435_200_000_u64, "{at}");
    }
}

#[test]
fn a_wrong_type_is_named_with_its_path() {
    let rows = [
        (with_messages(r#"[{},{},{},{"closeTicket":"yes"}]"#), "messages[3].closeTicket", "boolean"),
        (with_messages(r#"[{"closeTicket":1}]"#), "messages[0].closeTicket", "boolean"),
        (with_messages(r#"[{"phone":5511988876204}]"#), "messages[0].phone", "string"),
        (with_messages(r#"[{"idMessage":true}]"#), "messages[0].idMessage", "number or string"),
        (with_messages(r#"[{"idMessage":[1]}]"#), "messages[0].idMessage", "number or string"),
        (with_messages(r#"[{"mainTemplate":{"a":1}}]"#), "messages[0].mainTemplate", "string"),
        (with_messages("[{},[]]"), "messages[1]", "object"),
        (with_messages("[null]"), "messages[0]", "object"),
        (with_messages("{}"), "messages", "array"),
        (with_messages("7"), "messages", "array"),
        (with_messages(r#""x""#), "messages", "array"),
        (
            format!(r#"{{"op":"followUps","at":"{AT}","limit":-1}}"#),
            "limit",
            "whole number from 0 to 4294967295",
        ),
        (
            format!(r#"{{"op":"followUps","at":"{AT}","limit":4294967296}}"#),
            "limit",
            "whole number from 0 to 4294967295",
        ),
        (
            format!(
                r#"{{"op":"wallet","at":"{AT}","tag":"t","senders":[{{"id":"s","operators":["a",1]}}]}}"#
            ),
            "senders[0].operators[1]",
            "string",
        ),
        (
            format!(r#"{{"op":"wallet","at":"{AT}","tag":"t","senders":[{{"id":"s","group":{{}}}}]}}"#),
            "senders[0].group",
            "string",
        ),
        (
            format!(r#"{{"op":"import","at":"{AT}","contacts":[{{"t0":"x"}}]}}"#),
            "contacts[0].t0",
            "time in milliseconds or RFC 3339",
        ),
        (
            format!(r#"{{"op":"report","at":"{AT}","dispatch":-1,"status":"sent"}}"#),
            "dispatch",
            "whole number from 0 to 18446744073709551615",
        ),
        (
            format!(r#"{{"op":"report","at":"{AT}","dispatch":1,"status":"lost"}}"#),
            "status",
            "one of sent, delivered, read, failed",
        ),
        (
            format!(r#"{{"op":"report","at":"{AT}","dispatch":1,"status":"failed","fault":"x"}}"#),
            "fault",
            "one of contact, sender, request, ambiguous",
        ),
        (
            format!(r#"{{"op":"sender","at":"{AT}","tag":"t","id":"s","state":"dead"}}"#),
            "state",
            "one of ready, paused, existingOnly, quarantined, disabled",
        ),
        (format!(r#"{{"op":"policy","at":"{AT}","policy":[]}}"#), "policy", "object"),
        (
            format!(r#"{{"op":"policy","at":"{AT}","policy":{{"windowMs":"1"}}}}"#),
            "policy.windowMs",
            "whole number from 0 to 18446744073709551615",
        ),
        (
            format!(r#"{{"op":"policy","at":"{AT}","policy":{{"hours":{{"closedDates":[1]}}}}}}"#),
            "policy.hours.closedDates[0]",
            "string",
        ),
    ];
    for (line, path, expected) in rows {
        refused(&line, "invalid_field", &format!("{path}: expected {expected}"), path);
    }
}

#[test]
fn what_is_missing_or_does_not_go_together_is_named() {
    for (fields, path, message) in [
        (r#""op":"dispatch","campaign":"c","tag":"t""#, "messages", "missing"),
        (r#""op":"preview","campaign":"c","tag":"t","messages":null"#, "messages", "missing"),
        (r#""op":"policy""#, "policy", "missing"),
        (r#""op":"import""#, "contacts", "missing"),
        (r#""op":"report","status":"sent""#, "dispatch", "missing"),
        (r#""op":"report","dispatch":1"#, "status", "missing"),
        (r#""op":"wallet","tag":"t","windowMs":1"#, "senders", "missing"),
        (r#""op":"wallet","tag":"t","operators":[]"#, "senders", "missing"),
        (
            r#""op":"wallet","tag":"t","senders":[{},{"burst":2}]"#,
            "senders[1].burst",
            "only allowed with perSecond",
        ),
        (r#""op":"sender","tag":"t","id":"s","until":1"#, "until", "only allowed with state"),
        (r#""op":"sender","tag":"t","id":"s","burst":1"#, "burst", "only allowed with perSecond"),
        (
            r#""op":"sender","tag":"t","id":"s","burst":1,"perSecond":null"#,
            "burst",
            "only allowed with perSecond",
        ),
        (r#""op":"optOut""#, "phone", "give phone or clientId, one of the two"),
        (
            r#""op":"forceUnblock","phone":"1","clientId":"1""#,
            "phone",
            "give phone or clientId, one of the two",
        ),
        (r#""op":"dispatch","messages":[{"phone":"1","phone":"2"}]"#, "messages[0].phone", "duplicate field"),
        (r#""op":"clock","at":1"#, "at", "duplicate field"),
        (
            r#""op":"policy","policy":{"hours":{"week":{},"dddOffsets":{"11":-120,"11":-180}}}"#,
            "policy.hours.dddOffsets.11",
            "duplicate field",
        ),
    ] {
        let line = format!(r#"{{"at":"{AT}",{fields}}}"#);
        refused(&line, "invalid_field", &format!("{path}: {message}"), path);
    }
}

#[test]
fn a_policy_takes_no_field_or_value_that_it_does_not_know() {
    for (policy, field) in [
        (r#""window":1"#, "window"),
        (r#""gate":"both""#, "gate"),
        (r#""sticky":"Prefer""#, "sticky"),
        (r#""countries":[]"#, "countries"),
        (r#""countries":["05"]"#, "countries"),
        (r#""hashKey":"0123""#, "hashKey"),
        (r#""hashKey":"+123456789012345678901234567890a""#, "hashKey"),
        (r#""maxBatch":0"#, "maxBatch"),
        (r#""retentionMs":1"#, "retentionMs"),
        (r#""hours":{}"#, "hours"),
        (r#""hours":{"utcOffsetMinutes":-180}"#, "hours"),
        (r#""hours":{"preset":"br"}"#, "hours.preset"),
        (r#""hours":{"preset":"brConservador","utc":1}"#, "hours.utc"),
        (r#""hours":{"preset":"brConservador","utcOffsetMinutes":841}"#, "hours.utcOffsetMinutes"),
        (r#""hours":{"preset":"brConservador","dddOffsets":{"10":0}}"#, "hours.dddOffsets"),
        (r#""hours":{"preset":"brConservador","dddOffsets":{"x":0}}"#, "hours.dddOffsets"),
        (r#""hours":{"preset":"brConservador","dddOffsets":{"+11":0}}"#, "hours.dddOffsets"),
        (r#""hours":{"preset":"brConservador","dddOffsets":{"011":0}}"#, "hours.dddOffsets"),
        (r#""hours":{"week":{"mon":[["18:00","09:00"]]}}"#, "hours.week.mon[0]"),
        (r#""hours":{"week":{"mon":[["09:00"]]}}"#, "hours.week.mon[0]"),
        (r#""hours":{"week":{"seg":[]}}"#, "hours.week.seg"),
        (r#""hours":{"week":{},"closedDates":["2026-02-29"]}"#, "hours.closedDates[0]"),
    ] {
        let line = format!(r#"{{"op":"policy","at":"{AT}","policy":{{{policy}}}}}"#);
        refused(&line, "invalid_policy", "", field);
    }
    let name = "x".repeat(1000);
    let long = answer(format!(r#"{{"op":"policy","at":"{AT}","policy":{{"{name}":1}}}}"#));
    assert_eq!(long["field"].as_str().unwrap().len(), 64);
}

fn policy_of(fields: &str) -> Policy {
    let line = format!(r#"{{"op":"policy","at":"{AT}","policy":{{{fields}}}}}"#);
    match parse_line(line.as_bytes(), &Arena::new()).unwrap().op {
        Op::Command(Command::Policy(policy)) => policy,
        _ => panic!("not a policy"),
    }
}

#[test]
fn every_field_of_a_policy_is_read() {
    assert_eq!(policy_of(""), Policy::default());
    assert_eq!(policy_of(r#""hours":null,"gate":null,"windowMs":"","countries":null"#), Policy::default());
    let policy = policy_of(
        r#""windowMs":1,"gate":"client","sticky":"require","operatorAffinity":"ignore","emptyTemplate":"reject",
        "profile":"strict","countries":["1","55"],"maxClockJumpMs":2,"replySkewMs":3,"retentionMs":172800004,
        "maxBatch":5,"maxContacts":6,"maxDelayMs":7,"followUpRetryMs":8,"finalBlock":true,"reportTtlMs":9,
        "maxFailover":10,"senderHoldMs":11,"serviceWindowMs":12,"hashKey":"000000000000000000000000000000fF""#,
    );
    let expected = Policy::builder()
        .window(Duration::from_millis(1))
        .gate(cpc_core::GateScope::Client)
        .sticky(cpc_core::Sticky::Require)
        .operator_affinity(cpc_core::OperatorAffinity::Ignore)
        .empty_template(cpc_core::EmptyTemplate::Reject)
        .profile(cpc_core::Profile::Strict)
        .countries(cpc_core::Countries::new(&["1", "55"]).unwrap())
        .max_clock_jump(Duration::from_millis(2))
        .reply_skew(Duration::from_millis(3))
        .retention(Duration::from_millis(172_800_004))
        .max_batch(5)
        .max_contacts(6)
        .max_delay(Duration::from_millis(7))
        .follow_up_retry(Duration::from_millis(8))
        .final_block(true)
        .report_ttl(Duration::from_millis(9))
        .max_failover(10)
        .sender_hold(Duration::from_millis(11))
        .service_window(Duration::from_millis(12))
        .hash_key(255);
    assert_eq!(policy, expected.build().unwrap());
}

/// RULES §9
#[test]
fn a_preset_comes_first_and_what_is_named_overrides_it() {
    use cpc_core::{ContactHours, Date, Span};
    let preset = ContactHours::br_conservador();
    let hours = |fields: &str| policy_of(&format!(r#""hours":{{{fields}}}"#)).hours().unwrap().clone();
    assert_eq!(hours(r#""preset":"brConservador""#), preset);
    let changed = hours(
        r#""utcOffsetMinutes":-120,"week":{"sat":[["09:00","12:00"],["13:00","24:00"]],"mon":[]},
        "dddOffsets":{"11":-60,"68":-240},"closedDates":["2026-12-25"],"preset":"brConservador""#,
    );
    let mut week = preset.week().clone();
    week[0].clear();
    week[5] = vec![Span::new(540, 720).unwrap(), Span::new(780, 1440).unwrap()];
    assert_eq!(changed.week(), &week);
    assert_eq!(changed.offset(), -120);
    let mut offsets: Vec<_> = preset.ddd_offsets().filter(|(ddd, _)| *ddd != 68).collect();
    offsets.extend([(11, -60), (68, -240)]);
    offsets.sort_unstable();
    assert_eq!(changed.ddd_offsets().collect::<Vec<_>>(), offsets);
    assert_eq!(changed.closed_dates().collect::<Vec<_>>(), [Date::new(2026, 12, 25).unwrap()]);
    for nothing in ["null", "\"\""] {
        let named = format!(
            r#""preset":"brConservador","utcOffsetMinutes":{nothing},"dddOffsets":{nothing},
            "week":{{"mon":{nothing}}},"closedDates":{nothing}"#
        );
        assert_eq!(hours(&named), preset);
    }
    let own = hours(r#""week":{"tue":[["00:00","24:00"]]}"#);
    assert_eq!(own.ddd_offsets().count(), 0);
    assert_eq!(own.week().iter().filter(|spans| spans.is_empty()).count(), 6);
}

/// A misspelt limit or opt-out must not be lost.
#[test]
fn fields_that_an_operation_does_not_have_are_refused() {
    for (fields, field) in [
        (r#""op":"wallet","tag":"t","senders":[{"id":"s","dailylimit":3}]"#, "senders[0].dailylimit"),
        (r#""op":"wallet","tag":"t","senders":[],"window":1"#, "window"),
        (r#""op":"wallet","tag":"t","Remove":true"#, "Remove"),
        (r#""op":"sender","tag":"t","id":"s","dailylimit":3"#, "dailylimit"),
        (r#""op":"group","name":"g","dailyLimits":3"#, "dailyLimits"),
        (r#""op":"dispatch","campaign":"c","tag":"t","messages":[],"Atomic":true"#, "Atomic"),
        (r#""op":"preview","campaign":"c","tag":"t","messages":[],"Atomic":true"#, "Atomic"),
        (r#""op":"reply","phone":"1","optout":true"#, "optout"),
        (r#""op":"report","dispatch":1,"status":"failed","faults":"sender""#, "faults"),
        (r#""op":"operatorMessage","phone":"1","specialistcode":"a""#, "specialistcode"),
        (r#""op":"import","contacts":[{"phone":"1","optedout":true}]"#, "contacts[0].optedout"),
        (r#""op":"import","contacts":[],"messages":[]"#, "messages"),
        (r#""op":"contact","phone":"1","reason":"a""#, "reason"),
        (r#""op":"explain","phone":"1","tag":"t","client":"a""#, "client"),
        (r#""op":"sendable","dispatch":1,"client":"a""#, "client"),
        (r#""op":"dueFollowUps","limits":1"#, "limits"),
    ] {
        refused(
            &format!(r#"{{"at":"{AT}",{fields}}}"#),
            "invalid_field",
            &format!("{field}: unknown field"),
            field,
        );
    }
    for op in [
        "followUps",
        "expire",
        "clock",
        "deadline",
        "digest",
        "stats",
        "optOut",
        "optIn",
        "forget",
        "forceUnblock",
    ] {
        refused(&format!(r#"{{"op":"{op}","at":"{AT}","x":null}}"#), "invalid_field", "", "x");
    }
    // Why is for those who read the lines.
    for op in ["optOut", "optIn", "forget", "forceUnblock"] {
        let line = format!(r#"{{"op":"{op}","at":"{AT}","phone":"5511988876204","reason":"pedido"}}"#);
        assert_eq!(answer(line)["seq"], 1, "{op}");
    }
}

/// The rows of LINES.md: operations, and the fields they have.
fn documented() -> Vec<(Vec<&'static str>, BTreeSet<&'static str>)> {
    let table = include_str!("../LINES.md").split("# Answers").next().unwrap();
    let rows =
        table.lines().filter(|line| line.starts_with("| `")).skip(1).map(|line| line.split(" | ").collect());
    let code = |cell: &'static str| cell.split('`').skip(1).step_by(2).flat_map(str::split_whitespace);
    let names = |cell| code(cell).map(|name| name.trim_end_matches('?')).filter(|name| *name != "true");
    rows.map(|cells: Vec<_>| (names(cells[0]).collect(), names(cells[1]).collect())).collect()
}

#[test]
fn lines_take_what_is_documented_of_them_and_nothing_else() {
    let rows = documented();
    assert_eq!(rows.iter().map(|(ops, _)| ops.len()).sum::<usize>(), 24);
    let everything: BTreeSet<&str> = rows.iter().flat_map(|(_, fields)| fields).copied().collect();
    let takes = |op: &str, fields: String, name: &str| {
        let answer = answer(format!(r#"{{"at":"{AT}","op":"{op}",{fields}}}"#));
        assert_ne!(answer["error"], "unknown_op", "{op}");
        !answer["message"].as_str().unwrap_or_default().ends_with(&format!("{name}: unknown field"))
    };
    for (ops, fields) in &rows {
        for (op, name) in ops.iter().flat_map(|op| everything.iter().map(move |name| (*op, *name))) {
            let inner = match op {
                "wallet" => Some(format!(r#""senders":[{{"{name}":null}}]"#)),
                "import" => Some(format!(r#""contacts":[{{"{name}":null}}]"#)),
                "policy" => Some(format!(r#""policy":{{"{name}":null}}"#)),
                _ => None,
            };
            let is_taken = takes(op, format!(r#""{name}":null"#), name)
                || inner.is_some_and(|inner| takes(op, inner, name));
            assert_eq!(is_taken, fields.contains(name), "{op} {name}");
        }
    }
}

/// What a generator reads of the fields is what LINES.md says of them.
#[test]
fn the_fields_of_operations_are_those_that_are_documented() {
    fn names(fields: &[Field], found: &mut BTreeSet<&'static str>) {
        for field in fields {
            let inner = match field.kind {
                Kind::Object(inner) => inner,
                Kind::List(Kind::Object(inner)) if field.name != "messages" => inner,
                _ => &[],
            };
            names(inner, found);
            if !["op", "at"].contains(&field.name) {
                found.insert(field.name);
            }
        }
    }
    // The inner fields of contact hours have a paragraph of their own.
    const HOURS: [&str; 12] = [
        "preset",
        "utcOffsetMinutes",
        "dddOffsets",
        "week",
        "closedDates",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
    ];
    for (ops, documented) in documented() {
        for op in ops {
            let operation = OPERATIONS.iter().find(|operation| operation.name == op).unwrap();
            let mut found = BTreeSet::new();
            names(operation.fields, &mut found);
            found.retain(|name| !HOURS.contains(name));
            assert_eq!(found, documented, "{op}");
        }
    }
}

#[test]
fn a_body_has_the_fields_of_a_dispatch_but_what_lines_alone_have() {
    let dispatch = OPERATIONS.iter().find(|operation| operation.name == "dispatch").unwrap();
    let of_lines = ["op", "at", "atomic"];
    let shared: Vec<&Field> =
        dispatch.fields.iter().filter(|field| !of_lines.contains(&field.name)).collect();
    assert_eq!(cpc_wire::BODY_FIELDS.iter().collect::<Vec<_>>(), shared);
}

/// Messages are posted by other systems, which may have more to say in them.
#[test]
fn fields_that_messages_do_not_have_are_skipped_whatever_they_hold() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deeper = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    for extra in [deep, deeper, String::from("1e999"), String::from(r#"-0.0,"extra":[]"#)] {
        let line = with_messages(&format!(r#"[{{"extra":{extra},"phone":"1"}}]"#));
        assert_eq!(answer(line)["error"], "unknown_wallet");
    }
}

#[test]
fn nothing_exhausts_the_stack_or_panics() {
    let deep = "[".repeat(100_000);
    let deeper = r#"{"a":"#.repeat(100_000);
    refused(&deep, "invalid_field", "expected object", "");
    refused(&deeper, "invalid_json", "", "");
    refused(&with_messages(&deep), "invalid_field", "", "messages[0]");
    refused(&with_messages(&format!(r#"[{{"phone":{deeper}"#)), "invalid_field", "", "messages[0].phone");
    refused(&with_messages(&format!(r#"[{{"idMessage":{deep}"#)), "invalid_json", "", "");
    refused(&format!(r#"{{"op":"clock","at":1,"x":{deep}"#), "invalid_field", "", "x");
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let garbage: Vec<u8> = (0..10_000_000).map(|_| next()).collect();
    assert_eq!(answer(&garbage)["error"], "invalid_json");
    let text = "x".repeat(10_000_000);
    refused(&text, "invalid_json", "", "");
    refused(&format!(r#"{{"op":"{text}","at":1}}"#), "unknown_op", "", "op");
    let big = answer(format!(r#"{{"op":"wallet","at":"{AT}","tag":"{text}"}}"#));
    assert!(big["error"].is_string() && big.to_string().len() < 200);
    // Every prefix, and every line with one byte changed, of a line that has something of everything.
    let line = format!(
        r#"{{"op":"dispatch","at":"{AT}","campaign":"á\n\u00e1","tag":"t","messages":[{{"phone":"1","idMessage":-1.5e3,"closeTicket":true}}]}}"#
    );
    for length in 0..line.len() {
        assert_eq!(answer(&line.as_bytes()[..length])["error"], "invalid_json", "{length}");
    }
    for at in 0..line.len() {
        for byte in [0, b'"', b'\\', b'{', b'}', b'[', b'9', b'-', 0x80, 0xff] {
            let mut changed = line.clone().into_bytes();
            changed[at] = byte;
            assert!(answer(&changed)["error"].is_string());
        }
    }
}

#[test]
fn errors_repeat_nothing_of_the_values() {
    let secret = "5511988876204";
    for line in [
        secret.to_owned(),
        format!("\"{secret}\""),
        format!(r#"{{"op":"{secret}","at":1}}"#),
        format!(r#"{{"op":"contact","at":"{secret}"}}"#),
        format!(r#"{{"op":"contact","at":1,"phone":{secret}}}"#),
        format!(r#"{{"op":"contact","at":"{AT}","phone":"{secret}x"}}"#),
        format!(r#"{{"op":"wallet","at":"{AT}","tag":"{secret}"}}"#),
        format!(r#"{{"op":"report","at":"{AT}","dispatch":1,"status":"{secret}"}}"#),
        with_messages(&format!(r#"[{{"closeTicket":"{secret}"}}]"#)),
        with_messages(&format!(r#"[{{"closeTicket":{secret}}}]"#)),
        with_messages(&format!(r#"["{secret}"]"#)),
        with_messages(&format!(r#"[{{"phone":"{secret}\ud800"}}]"#)),
        format!(r#"{{"op":"policy","at":"{AT}","policy":{{"gate":"{secret}"}}}}"#),
    ] {
        let answer = answer(&line);
        assert!(answer["error"].is_string());
        assert!(!answer.to_string().contains(secret), "{answer}");
        if let Err(error) = parse_line(line.as_bytes(), &Arena::new()) {
            let texts = [error.to_string(), format!("{error:?}"), error.message(Language::PtBr)];
            assert!(texts.iter().all(|text| !text.contains(secret)));
        }
    }
    let line = format!(r#"{{"op":"contact","at":"{AT}","phone":"{secret}"}}"#);
    assert!(!format!("{:?}", parse_line(line.as_bytes(), &Arena::new()).unwrap()).contains(secret));
}

#[test]
fn errors_are_told_in_both_languages() {
    let error = parse_line(with_messages(r#"[{"closeTicket":1}]"#).as_bytes(), &Arena::new()).unwrap_err();
    assert_eq!(error.message(Language::PtBr), "messages[0].closeTicket: esperado booleano");
    assert_eq!(error.to_string(), "messages[0].closeTicket: expected boolean");
    assert!(matches!(error, ParseError::InvalidField { .. }));
    let error = parse_line(b"{", &Arena::new()).unwrap_err();
    assert_eq!(
        error.message(Language::PtBr),
        "JSON inválido: EOF while parsing an object, na linha 1, coluna 1"
    );
}

/// RULES §4.2
#[test]
fn a_messages_own_number_is_read_exactly() {
    for (json, expected) in [
        ("0", IdMessage::Number(0)),
        ("18446744073709551615", IdMessage::Number(u64::MAX)),
        ("18446744073709551616", IdMessage::OtherNumber("18446744073709551616")),
        ("-1", IdMessage::OtherNumber("-1")),
        ("-0", IdMessage::OtherNumber("-0")),
        ("1.5", IdMessage::OtherNumber("1.5")),
        ("1.0", IdMessage::OtherNumber("1.0")),
        ("1e3", IdMessage::OtherNumber("1e3")),
        ("1e999", IdMessage::OtherNumber("1e999")),
        ("\"007\"", IdMessage::Text("007")),
        ("\"\\u0030\\u00317\"", IdMessage::Text("017")),
        ("\"18446744073709551616\"", IdMessage::Text("18446744073709551616")),
        ("\"x\"", IdMessage::Text("x")),
        ("\"\"", IdMessage::None),
        ("null", IdMessage::None),
    ] {
        let body = format!(r#"{{"campaign":"c","tag":"t","messages":[{{"idMessage": {json} }}]}}"#);
        let arena = Arena::new();
        let batch = parse_body(body.as_bytes(), &arena).unwrap();
        assert_eq!(batch.messages[0].id_message, expected, "{json}");
    }
    let unreadable = parse_body(br#"{"messages":[{"idMessage":"\ud800"}]}"#, &Arena::new()).unwrap_err();
    assert_eq!(unreadable.path(), Some("messages[0].idMessage"));
    let seven = br#"{"messages":[{"idMessage":007}]}"#;
    assert_eq!(parse_body(seven, &Arena::new()).unwrap_err().name(), "invalid_json");
}

/// RULES §4.2: what the engine makes of it.
#[test]
fn a_number_that_is_none_is_the_fault_of_its_message_alone() {
    let mut session = Session::default();
    let wallet = format!(r#"{{"op":"wallet","at":"{AT}","tag":"t","senders":[{{"id":"s"}}]}}"#);
    assert_eq!(execute(&mut session, wallet.as_bytes())["seq"], 1);
    let ids = ["18446744073709551615", "18446744073709551616", "\"007\"", "-1", "1.5", "1e3", "\"x\""];
    let messages: Vec<String> = (0..)
        .zip(ids)
        .map(|(index, id)| {
            format!(r#"{{"phone":"551198887620{index}","idMessage":{id},"closeTicket":true,"specialistCode":"o","mainTemplate":"m"}}"#)
        })
        .collect();
    let answer = execute(&mut session, with_messages(&format!("[{}]", messages.join(","))).as_bytes());
    let codes: Vec<u64> =
        answer["outcomes"].as_array().unwrap().iter().map(|item| item["code"].as_u64().unwrap()).collect();
    assert_eq!(codes, [0, 11, 0, 11, 11, 11, 11]);
    assert_eq!(answer["outcomes"][1]["field"], "idMessage");
}

#[test]
fn escapes_in_texts_are_read() {
    let line = r#"{"\u006fp":"cont\u0061ct","at":1,"phone":"\u0035\u0035 11 \u002d\ud83d\ude00"}"#;
    match parse_line(line.as_bytes(), &Arena::new()).unwrap().op {
        Op::Query(Query::Contact(Target::Phone(phone))) => assert_eq!(phone, "55 11 -😀"),
        _ => panic!("not a contact"),
    }
    let mut session = Session::default();
    let line = with_messages(r#"[{"phone":"\"\\\n\u0001é"}]"#);
    let wallet = format!(r#"{{"op":"wallet","at":"{AT}","tag":"t","senders":[{{"id":"s"}}]}}"#);
    execute(&mut session, wallet.as_bytes());
    assert_eq!(execute(&mut session, line.as_bytes())["outcomes"][0]["phone"], "\"\\\n\u{1}é");
}

#[test]
fn absent_null_and_empty_are_the_same() {
    let message = |fields: &str| {
        let body = format!(r#"{{"campaign":"c","tag":"t","messages":[{{{fields}}}]}}"#);
        let arena = Arena::new();
        let message = parse_body(body.as_bytes(), &arena).unwrap().messages[0];
        format!("{message:?}")
    };
    let absent = message("");
    for value in ["null", "\"\""] {
        let fields = ["idMessage", "closeTicket", "clientId", "retryTemplate"]
            .map(|name| format!("\"{name}\":{value}"));
        assert_eq!(message(&fields.join(",")), absent);
    }
}

#[test]
fn in_a_change_of_a_sender_absent_keeps_and_null_resets() {
    let change = |fields: &str| {
        let line = format!(r#"{{"op":"sender","at":1,"tag":"t","id":"s"{fields}}}"#);
        let arena = Arena::new();
        match parse_line(line.as_bytes(), &arena).unwrap().op {
            Op::Command(Command::Sender { change, .. }) => format!("{change:?}"),
            _ => panic!("not a sender"),
        }
    };
    assert_eq!(change(""), format!("{:?}", SenderChange::default()));
    let reset = change(
        r#","state":null,"weight":null,"dailyLimit":null,"perSecond":null,"burst":null,"operators":null,"group":null"#,
    );
    assert_eq!(
        reset,
        "SenderChange { state: Some(TimedSenderState { state: Ready, until: None }), weight: Some(1), \
         daily_limit: Some(None), pace: Some(None), operators: Some([]), group: Some(None) }"
    );
    let set = change(
        r#","state":"paused","until":5,"weight":2,"dailyLimit":3,"perSecond":4,"operators":["o"],"group":"g""#,
    );
    assert_eq!(
        set,
        "SenderChange { state: Some(TimedSenderState { state: Paused, until: Some(5) }), weight: Some(2), \
         daily_limit: Some(Some(3)), pace: Some(Some(Pace { per_second: 4, burst: 1 })), \
         operators: Some([\"o\"]), group: Some(Some(\"g\")) }"
    );
}

#[test]
fn a_session_begins_with_the_default_policy_and_a_policy_counts() {
    let mut session = Session::default();
    let line = format!(r#"{{"op":"policy","at":"{AT}","policy":{{"maxBatch":1}}}}"#);
    let first = execute(&mut session, line.as_bytes());
    assert_eq!(
        first,
        json!({"seq":1,"at":1_795_435_200_000_u64,"outcomes":[{"status":"applied","code":100}]})
    );
    assert_eq!(session.engine().policy().max_batch(), 1);
    assert_eq!(execute(&mut session, b"x")["error"], "invalid_json");
    assert_eq!(execute(&mut session, line.as_bytes())["seq"], 2);
}

#[test]
fn a_session_goes_on_with_an_engine_that_was_changed_otherwise() {
    let mut session = Session::default();
    let at = 1_795_435_200_000;
    session.engine_mut().apply(at, &cpc_core::Command::Clock, &mut Vec::new()).unwrap();
    assert_eq!(execute(&mut session, br#"{"op":"clock","at":1795435200000}"#)["seq"], 2);
    let engine = session.into_engine();
    assert_eq!(engine.seq(), 2);
    assert_eq!(execute(&mut Session::new(engine), br#"{"op":"clock","at":1795435200000}"#)["seq"], 3);
}

/// RULES §10.3
#[test]
fn the_digest_is_the_engines_in_hexadecimal_digits() {
    let mut session = Session::default();
    let at = 1_795_435_200_000;
    let wallet = format!(r#"{{"op":"wallet","at":{at},"tag":"t","senders":[{{"id":"s"}}]}}"#);
    execute(&mut session, wallet.as_bytes());
    let line = format!(r#"{{"op":"digest","at":{at}}}"#);
    let answer = execute(&mut session, line.as_bytes());
    let (_, digest) = session.engine().digest_at(at).unwrap();
    assert_eq!(answer, json!({"at": at, "digest": format!("{digest:032x}")}));
    execute(&mut session, format!(r#"{{"op":"expire","at":{at}}}"#).as_bytes());
    assert_eq!(execute(&mut session, line.as_bytes()), answer);
}

#[test]
fn a_request_that_fails_is_told_its_status() {
    for (failure, status, name) in [
        (RequestFailure::Unauthorized, 401, "unauthorized"),
        (RequestFailure::BodyTooLarge { max: 10 }, 413, "body_too_large"),
        (RequestFailure::Overloaded, 503, "overloaded"),
    ] {
        let mut out = Vec::new();
        assert_eq!(write_request_error(failure, Language::En, &mut out), status);
        let answer: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!((&answer["error"], answer.get("field")), (&json!(name), None));
    }
}

#[test]
fn reasons_are_in_the_language_of_the_session() {
    let wallet = format!(r#"{{"op":"wallet","at":"{AT}","tag":"t","senders":[{{"id":"s"}}]}}"#);
    for (language, reason) in [(Language::PtBr, "Número inválido"), (Language::En, "Invalid phone number")]
    {
        let mut session = Session::default().language(language);
        execute(&mut session, wallet.as_bytes());
        let answer = execute(&mut session, with_messages(r#"[{"phone":"1"}]"#).as_bytes());
        assert_eq!(answer["outcomes"][0]["reason"], reason);
        assert_eq!(answer["outcomes"][0]["phone"], "1");
        let absent = execute(&mut session, with_messages("[{}]").as_bytes());
        assert!(absent["outcomes"][0].get("phone").is_none());
    }
}
