//! What is posted to a host that knows a part of it is what the line says that has that part in it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use cpc_core::{Command, Fault};
use cpc_wire::{
    Arena, Expected, Known, OPERATIONS, Op, ParseError, Posted, parse_line, parse_posted,
    parse_posted_policy, parse_untimed_line, write_posted,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

const KEY: &str = "000000000000000000000000000000ff";

/// Fields that paths have, and the operations that may be known with them.
const PATHS: [(&str, &[(&str, &str)]); 4] = [
    ("wallet", &[("tag", "emp \"1\"")]),
    ("sender", &[("tag", "emp1"), ("id", "é\n")]),
    ("sender", &[("id", "s1")]),
    ("group", &[("name", "")]),
];

/// Values that some field takes, and others do not.
const VALUES: [&str; 16] = [
    "null",
    "\"\"",
    "\"1\"",
    "\"a\\u00e9 \\\"b\"",
    "7",
    "250",
    "-1",
    "1.5",
    "true",
    "\"failed\"",
    "\"ambiguous\"",
    "\"2026-11-23T12:00:00Z\"",
    "[\"a\",\"\"]",
    r#"[{"id":"s1"},{"id":"s2","weight":3,"perSecond":5,"burst":null,"group":""}]"#,
    r#"[{"phone":"1","idMessage":"7","mine":{}},{"idMessage":-1.50,"mainTemplate":null}]"#,
    r#"{"windowMs":3600000,"hours":{"preset":"brConservador"},"hashKey":"00000000000000000000000000000001"}"#,
];

fn operations() -> impl Strategy<Value = (&'static str, &'static [(&'static str, &'static str)])> {
    let names: Vec<&'static str> = OPERATIONS.iter().map(|operation| operation.name).collect();
    prop_oneof![select(&PATHS[..]), select(names).prop_map(|name| (name, &[][..]))]
}

/// The members of an object, most of them such as the operation has.
fn members(op: &str) -> impl Strategy<Value = Vec<(&'static str, &'static str)>> + use<> {
    let operation = OPERATIONS.iter().find(|operation| operation.name == op).unwrap();
    let mut names: Vec<&'static str> = operation.fields.iter().map(|field| field.name).collect();
    names.retain(|name| !matches!(*name, "op" | "at"));
    names.push("phone");
    let name = prop_oneof![40 => select(names), 1 => Just("op"), 1 => Just("at"), 1 => Just("text")];
    vec((name, select(&VALUES[..])), 0..6)
}

fn object(members: impl IntoIterator<Item = (String, String)>) -> String {
    let members: Vec<String> =
        members.into_iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!("{{{}}}", members.join(" , "))
}

fn owned(members: &[(&str, &str)]) -> Vec<(String, String)> {
    members.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// All that an operation says, or what is wrong with it. `Debug` of commands shows all their fields, but for a policy's
/// key.
fn shown(op: Result<Op<'_>, ParseError>) -> String {
    match op {
        Ok(Op::Command(Command::Policy(policy))) => format!("{policy:?} {:032x}", policy.hash_key()),
        Ok(Op::Command(command)) => format!("{command:?}"),
        Ok(Op::Query(query)) => format!("{query:?}"),
        Err(error) => format!("{error:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn an_object_says_what_the_line_does_and_so_does_its_line_in_the_log(
        ((op, fields), members) in operations().prop_flat_map(|known| (Just(known), members(known.0)))
    ) {
        let posted = object(owned(&members));
        let known_members = [("op", op)].into_iter().chain(fields.iter().copied());
        let known_members = known_members.map(|(name, text)| (name.to_owned(), Value::from(text).to_string()));
        let line = object(known_members.chain(owned(&members)));

        let arena = Arena::new();
        let known = Known { fields, ..Known::op(op) };
        let read = parse_posted(posted.as_bytes(), &known, &mut [], &arena);
        let of_the_line = shown(parse_untimed_line(line.as_bytes(), &arena));
        let mut logged = Vec::new();
        if let Ok(posted) = &read {
            write_posted(posted, &mut logged);
            prop_assert_eq!(logged.is_empty(), matches!(posted.op, Op::Query(_)));
        }
        prop_assert_eq!(shown(read.map(|posted| posted.op)), of_the_line.as_str(), "{}", line);
        if !logged.is_empty() {
            prop_assert_eq!(shown(parse_untimed_line(&logged, &arena)), of_the_line, "{}", line);
        }
    }
}

/// What of a text is posted as this operation.
fn refused(op: &str, posted: &str) -> String {
    parse_posted(posted.as_bytes(), &Known::op(op), &mut [], &Arena::new()).unwrap_err().to_string()
}

#[test]
fn places_in_what_is_no_json_are_those_of_what_was_posted() {
    let whole = "{\"tag\":\"w\",\n \"fly\":{},\n \"senders\":[{\"id\":\"s1\"}]\n}";
    for end in 0..whole.len() {
        let posted = &whole[..end];
        let syntax = serde_json::from_str::<Value>(posted).unwrap_err();
        let error =
            parse_posted(posted.as_bytes(), &Known::op("wallet"), &mut [], &Arena::new()).unwrap_err();
        let ParseError::InvalidJson { line, column, .. } = error else { panic!("{posted}: {error}") };
        assert_eq!((line, column), (syntax.line(), syntax.column().max(1)), "{posted}");
    }
    assert_eq!(refused("wallet", whole), "fly: unknown field");
    for (posted, error) in [
        ("[]", "expected object"),
        ("7", "expected object"),
        ("\"\"", "expected object"),
        ("null", "expected object"),
        ("{} {}", "not JSON: trailing characters at line 1 column 4"),
        ("\u{feff}{}", "not JSON: a byte order mark at line 1 column 1"),
    ] {
        assert_eq!(refused("clock", posted), error, "{posted}");
    }
    let error = parse_posted(b"{\n\"\xff\"", &Known::op("clock"), &mut [], &Arena::new()).unwrap_err();
    assert_eq!(error.to_string(), "not JSON: not UTF-8 at line 2 column 2");
}

#[test]
fn what_a_path_does_not_have_is_not_known_from_it() {
    for (op, field) in [
        ("wallet", "id"),
        ("wallet", "windowMs"),
        ("reply", "phone"),
        ("group", "op"),
        ("sender", "at"),
        ("clock", "tag"),
    ] {
        let fields = [(field, "1")];
        let known = Known { fields: &fields, ..Known::op(op) };
        let error = parse_posted(b"{}", &known, &mut [], &Arena::new()).unwrap_err();
        assert_eq!(error.to_string(), format!("{field}: unknown field"), "{op}");
    }
    assert_eq!(refused("fly", "{}"), "no such operation");
    assert_eq!(refused("fly", "{"), "not JSON: EOF while parsing an object at line 1 column 1");
}

#[test]
fn a_field_that_is_left_to_the_host_is_read_by_that_alone() {
    let read = |posted: &str| {
        let arena = Arena::new();
        let mut left = [("text", None), ("phone", None)];
        let error = parse_posted(posted.as_bytes(), &Known::op("reply"), &mut left, &arena).err();
        (left.map(|(_, json)| json.map(str::to_owned)), error.map(|error| error.to_string()))
    };
    for (posted, text) in [
        (r#"{"phone":"1"}"#, None),
        (r#"{"phone":"1","text":"a \" }","optOut":true}"#, Some(r#""a \" }""#)),
        (r#" { "text" : {"x":[1]} , "phone" : "1" } "#, Some(r#"{"x":[1]}"#)),
        (r#"{"te\u0078t":1.50}"#, Some("1.50")),
        (r#"{"text":null}"#, Some("null")),
    ] {
        // The operation's own fields are never left to the host.
        assert_eq!(read(posted), ([text.map(str::to_owned), None], None), "{posted}");
    }
    for (posted, error) in [
        (r#"{"text":1,"text":2}"#, "text: unknown field"),
        (r#"{"text":1,"phone":2}"#, "phone: expected string"),
        (r#"{"text":1,"more":2}"#, "more: unknown field"),
        (r#"{"text":"#, "not JSON: EOF while parsing a value at line 1 column 8"),
    ] {
        assert_eq!(read(posted).1.unwrap(), error, "{posted}");
    }
    // Inside of a list nothing is.
    let posted = br#"{"senders":[{"id":"s1","text":1}]}"#;
    let error = parse_posted(posted, &Known::op("wallet"), &mut [("text", None)], &Arena::new()).unwrap_err();
    assert_eq!(error.path(), Some("senders[0].text"));
}

#[test]
fn a_reason_is_written_into_the_log_for_those_who_read_it() {
    let logged = |op: &str, posted: &str| {
        let (mut line, arena) = (Vec::new(), Arena::new());
        let posted = parse_posted(posted.as_bytes(), &Known::op(op), &mut [], &arena).unwrap();
        write_posted(&posted, &mut line);
        String::from_utf8(line).unwrap()
    };
    for op in ["optOut", "optIn", "forget", "forceUnblock"] {
        let line = format!(r#"{{"op":"{op}","phone":"1","reason":"asked \"us\""}}"#);
        assert_eq!(logged(op, r#"{"reason":"asked \"us\"","phone":"1"}"#), line);
        assert_eq!(logged(op, r#"{"phone":"1","reason":null}"#), format!(r#"{{"op":"{op}","phone":"1"}}"#));
    }
}

#[test]
fn whether_a_report_has_a_fault_is_known() {
    for (fault, has_fault) in [
        ("", false),
        (r#","fault":null"#, false),
        (r#","fault":"""#, false),
        (r#","fault":"ambiguous""#, true),
    ] {
        let posted = format!(r#"{{"dispatch":1,"status":"failed"{fault}}}"#);
        let arena = Arena::new();
        let posted = parse_posted(posted.as_bytes(), &Known::op("report"), &mut [], &arena).unwrap();
        assert_eq!(posted.has_fault, has_fault, "{fault}");
        let Op::Command(Command::Report(report)) = posted.op else { panic!("another operation") };
        assert_eq!(report.status, cpc_core::Delivery::Failed(Fault::Ambiguous));
    }
}

#[test]
fn a_policy_has_the_hosts_key_wherever_it_stands() {
    let known = Known { hash_key: Some(KEY), ..Known::default() };
    let as_line = |policy: &str| {
        let line = format!(r#"{{"op":"policy","policy":{policy}}}"#);
        let arena = Arena::new();
        shown(parse_posted(line.as_bytes(), &known, &mut [], &arena).map(|posted| posted.op))
    };
    let alone = |policy: &str| {
        let policy = parse_posted_policy(policy.as_bytes(), KEY);
        shown(policy.map(|policy| Op::Command(Command::Policy(policy))))
    };
    for policy in ["{}", r#"{"windowMs":3600000,"hours":{"preset":"brConservador"}}"#] {
        let with_key = as_line(policy);
        assert!(with_key.ends_with(KEY), "{with_key}");
        assert_eq!(alone(policy), with_key);
        let line = format!(r#"{{"op":"policy","at":1795435200000,"policy":{policy}}}"#);
        let arena = Arena::new();
        let without_key = shown(parse_line(line.as_bytes(), &arena).map(|request| request.op));
        assert_eq!(without_key.replace(&"0".repeat(32), KEY), with_key);
    }
    for policy in [
        r#"{"hashKey":"00000000000000000000000000000001"}"#,
        r#"{"windowMs":3600000,"hashKey":null}"#,
        r#"{"windows":1}"#,
        r#"{"windowMs":"x"}"#,
        r#"{"windowMs":1}"#,
        r#"{"hours":{}}"#,
        "[]",
        "null",
        "7",
    ] {
        assert_eq!(alone(policy), as_line(policy), "{policy}");
    }
    let twice = ParseError::InvalidField { path: "policy.hashKey".to_owned(), expected: Expected::Once };
    for policy in [r#"{"hashKey":"00000000000000000000000000000001"}"#, r#"{"hashKey":null}"#] {
        assert_eq!(alone(policy), format!("{twice:?}"), "{policy}");
    }
    // What is wrong with a line whatever the host knows comes first.
    let path = |policy: &str| as_line(policy).contains("hashKey\", expected: HashKey");
    assert!(path(r#"{"hashKey":"x"}"#));
    for key in ["", "ff", "+00000000000000000000000000000ff", &"g".repeat(32)] {
        let error = parse_posted_policy(b"{}", key).unwrap_err();
        assert_eq!((error.name(), error.path()), ("invalid_policy", Some("hashKey")), "{key}");
    }
}

#[test]
fn what_was_posted_is_not_shown() {
    let posted = Posted::from(Command::OptOut(cpc_core::Target::Phone("5511988876204")));
    let known = Known { fields: &[("name", "secret")], hash_key: Some(KEY), ..Known::op("group") };
    assert_eq!(
        format!("{posted:?} {known:?}"),
        r#"Posted { op: "optOut", .. } Known { op: Some("group"), .. }"#
    );
}
