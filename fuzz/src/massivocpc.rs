//! Arbitrary bodies of the endpoint `massivocpc`: answered with JSON of the documented shape, refused if they are not
//! JSON, without effect if they are refused.

use cpc_core::{
    Batch, Command, EmptyTemplate, Engine, Policy, Profile, SenderSetup, Status, Target, WalletSetup,
};
use cpc_wire::{
    Arena, Language, ResponseProfile, Session, Severity, check, parse_body, respond, write_command,
};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use std::sync::OnceLock;

/// 2026-11-23T12:00:00Z
const START: i64 = 1_795_435_200_000;
/// When the bodies come.
const NOW: i64 = START + 60_000;

/// Posts the bytes to an engine that has known other contacts, and to one that asks for every member. Says how many
/// messages were decided.
pub fn drive(bytes: &[u8]) -> usize {
    static ENGINES: OnceLock<[Engine; 2]> = OnceLock::new();
    let [standard, strict] = ENGINES.get_or_init(engines);
    let decided = post(standard, bytes, ResponseProfile::Full, Language::PtBr);
    let in_spec = post(standard, bytes, ResponseProfile::Spec, Language::En);
    assert_eq!((decided.http, decided.digest), (in_spec.http, in_spec.digest), "a profile decides something");
    post(strict, bytes, ResponseProfile::Full, Language::En);
    check_places(bytes, &decided);
    decided.messages
}

/// The result of one body.
struct Posted {
    http: u16,
    digest: u128,
    messages: usize,
}

/// Two engines in which every refusal of a message can be met.
fn engines() -> [Engine; 2] {
    let strict =
        Policy::builder().profile(Profile::Strict).empty_template(EmptyTemplate::Reject).max_batch(3);
    [Policy::default(), strict.build().expect("within its bounds")].map(|policy| {
        let mut engine = Engine::new(policy);
        let mut outcomes = Vec::new();
        let mut apply = |command: &Command<'_>| {
            engine.apply(START, command, &mut outcomes).expect("a right command");
        };
        let senders = ["5514990000001", "5514990000002"];
        let senders =
            senders.map(|id| SenderSetup { id, daily_limit: Some(2), ..SenderSetup::default() });
        apply(&Command::Wallet(WalletSetup { tag: "emp1", senders: &senders, ..WalletSetup::default() }));
        let own = WalletSetup { tag: "emp2", operators: &["ana"], ..WalletSetup::default() };
        apply(&Command::Wallet(own));
        apply(&Command::OptOut(Target::Phone("5521988880001")));
        apply(&Command::OptOut(Target::Client("bia")));
        let body = br#"{"campaign":"teste","idAccount":"a","tag":"emp1","messages":[{"idMessage":"1","phone":"5521988880002",
            "clientId":"c","contract":"k","closeTicket":true,"specialistCode":"ana","mainTemplate":"x"}]}"#;
        let http = respond(&mut engine, body, START, ResponseProfile::Full, Language::En, &mut Vec::new());
        assert_eq!(http, 200);
        engine
    })
}

fn post(engine: &Engine, body: &[u8], profile: ResponseProfile, language: Language) -> Posted {
    let mut posted = engine.clone();
    let mut out = Vec::new();
    let http = respond(&mut posted, body, NOW, profile, language, &mut out);
    let answer: Map<String, Value> = match serde_json::from_slice(&out) {
        Ok(answer) => answer,
        Err(error) => panic!("{error}: {}", String::from_utf8_lossy(&out)),
    };
    let arena = Arena::new();
    let batch = parse_body(body, &arena);
    let messages = batch.as_ref().map_or(0, |batch| batch.messages.len());
    let decided = matches!(http, 200 | 422);
    let accepted = check_answer(&answer, http, profile, messages);
    if serde_json::from_slice::<IgnoredAny>(body).is_err() {
        assert_eq!(http, 400, "not JSON, and answered {answer:?}");
    }
    match &batch {
        Ok(batch) => check_reading(body, batch),
        Err(_) => assert_eq!(http, 400),
    }
    if !decided {
        assert_eq!((posted.digest(), posted.seq()), (engine.digest(), engine.seq()), "refused with effect");
    } else if accepted == 0 {
        let later = engine.digest_at(NOW).map(|(_, digest)| digest);
        assert_eq!(Ok(posted.digest()), later, "nothing was accepted, but something changed");
    }
    if let Ok(batch) = &batch {
        check_as_a_line(engine, batch, decided, accepted, &posted);
    }
    Posted { http, digest: posted.digest(), messages: if decided { messages } else { 0 } }
}

/// The shape that the module `massivocpc` of cpc-wire documents; how many messages it says were processed.
fn check_answer(answer: &Map<String, Value>, http: u16, profile: ResponseProfile, messages: usize) -> usize {
    let full = profile == ResponseProfile::Full;
    let known =
        answer.keys().all(|name| ["status", "message", "processed", "errors"].contains(&name.as_str()));
    assert!(known && answer["message"].as_str().is_some_and(|text| !text.is_empty()), "{answer:?}");
    let refused = match &answer["errors"] {
        Value::Array(errors) => errors.as_slice(),
        errors => {
            assert_eq!(errors.as_u64(), Some(0), "{answer:?}");
            &[]
        }
    };
    for error in refused {
        check_error(error, http, full);
    }
    let decided = matches!(http, 200 | 422);
    let accepted = if decided { messages - refused.len() } else { 0 };
    match (full, refused.is_empty()) {
        (false, false) => assert!(!answer.contains_key("processed"), "{answer:?}"),
        _ => assert_eq!(answer["processed"].as_u64(), Some(accepted as u64), "{answer:?}"),
    }
    let status = match (http, refused.is_empty()) {
        (200, true) => "success",
        (200, false) if full => "partial",
        _ => "error",
    };
    assert_eq!(answer["status"].as_str(), Some(status), "{answer:?}");
    match http {
        200 => assert!(accepted > 0, "{answer:?}"),
        422 => assert!(accepted == 0 && messages > 0, "{answer:?}"),
        400 | 404 | 413 => assert_eq!(refused.len(), 1, "{answer:?}"),
        _ => panic!("{http} {answer:?}"),
    }
    accepted
}

fn check_error(error: &Value, http: u16, full: bool) {
    let is_item = matches!(http, 200 | 422);
    let known: &[&str] = match (full, is_item) {
        (false, true) => &["phone", "reason"],
        (false, false) => &["reason"],
        (true, true) => &["phone", "reason", "code", "idMessage", "retryAt", "field", "firstIndex"],
        (true, false) => &["reason", "code", "field"],
    };
    let members = error.as_object().expect("an object");
    assert!(members.keys().all(|name| known.contains(&name.as_str())), "{error}");
    assert!(error["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{error}");
    assert!(!is_item || error["phone"].is_string(), "{error}");
    if full {
        let code = error["code"].as_str().expect("a name");
        let status = cpc_core::Status::ALL.into_iter().find(|status| status.name() == code);
        assert!(!is_item || status.is_some_and(Status::is_refusal), "{error}");
        let retry_at = members.get("retryAt").map(|at| at.as_i64().expect("an instant"));
        assert!(retry_at.is_none_or(|at| at > NOW), "{error}");
    }
}

/// The same texts are read as serde_json reads.
fn check_reading(body: &[u8], batch: &Batch<'_>) {
    // It takes members that nobody reads as well, and some of those it cannot hold: too deep, too large.
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    assert_eq!((batch.campaign, batch.tag), (&*text(&value["campaign"]), &*text(&value["tag"])));
    let messages = value["messages"].as_array().expect("a list, as it was read");
    assert_eq!(messages.len(), batch.messages.len());
    for (message, value) in batch.messages.iter().zip(messages) {
        let read = [
            message.phone,
            message.client_id,
            message.specialist_code,
            message.main_template.as_str().unwrap_or_default(),
        ];
        let members = ["phone", "clientId", "specialistCode", "mainTemplate"];
        for (read, name) in read.into_iter().zip(members) {
            assert_eq!(*read, *text(&value[name]), "{name}");
        }
        assert_eq!(message.close_ticket, value["closeTicket"].as_bool());
    }
}

/// A body that goes on as a command line leads to the same.
fn check_as_a_line(engine: &Engine, batch: &Batch<'_>, decided: bool, accepted: usize, posted: &Engine) {
    let mut line = Vec::new();
    write_command(&Command::Dispatch(*batch), Some(NOW.into()), &mut line);
    let mut session = Session::new(engine.clone());
    let mut out = Vec::new();
    session.execute(&line, &mut out);
    assert_eq!(session.engine().digest(), posted.digest(), "another digest by line");
    let answer: Value = serde_json::from_slice(&out).expect("an answer is JSON");
    let outcomes = answer["outcomes"].as_array();
    assert_eq!(outcomes.is_some(), decided, "{answer}");
    let successes = outcomes.into_iter().flatten().filter(|outcome| {
        let code = outcome["code"].as_u64();
        code == Some(0) || code == Some(31)
    });
    assert_eq!(successes.count(), accepted, "{answer}");
}

/// What is wrong with a body is found, and is somewhere in it.
fn check_places(body: &[u8], decided: &Posted) {
    let problems = check(body, &Policy::default());
    let lines = body.iter().filter(|byte| **byte == b'\n').count() + 1;
    for problem in &problems {
        assert!((1..=lines).contains(&problem.line) && problem.column > 0, "{problem:?}");
    }
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    assert!(decided.http != 400 || errors > 0, "refused, but nothing is wrong with it");
}
