//! The OpenAPI document says what the gateway does: what is posted and what is answered is held against its schemas.

use crate::http::{Answer, Request};
use crate::support::{Folder, Gateway, message};
use cpc_core::Policy;
use cpc_core::schema::{DefaultValue, Field, Kind};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const PHONE: &str = "5511988876204";

/// A gateway, and the document that it serves.
struct Described {
    gateway: Gateway,
    document: Value,
    /// The same, but no object may have a member that is not described.
    closed: Value,
}

impl Described {
    fn new(gateway: Gateway) -> Described {
        let document = Request::new(gateway.address(), "GET", "/openapi.json").send().ok().json();
        let mut closed = document.clone();
        // Its members are those of the operation.
        closed["components"]["schemas"]["CommandLine"]["additionalProperties"] = json!(true);
        close(&mut closed["components"]["schemas"]);
        Described { gateway, document, closed }
    }

    /// Sends what the document says may be sent, and is answered what it says may be answered.
    fn does(&self, method: &str, route: &str, path: &str, body: &str) -> Answer {
        let operation = format!("/paths/{}/{}", route.replace('/', "~1"), method.to_lowercase());
        let request = self.gateway.request(method, path);
        let request = if body.is_empty() { request } else { request.json(body) };
        let answer = request.send();
        if answer.status == 200 && !body.is_empty() {
            let schema = format!("{operation}/requestBody/content/application~1json/schema");
            self.fits(&schema, &serde_json::from_str(body).unwrap());
        }
        let schema = format!("{operation}/responses/{}/content/application~1json/schema", answer.status);
        self.fits(&schema, &answer.json());
        answer
    }

    fn fits(&self, schema: &str, value: &Value) {
        for document in [&self.document, &self.closed] {
            let found = document.pointer(schema).unwrap_or_else(|| panic!("no {schema} for {value}"));
            let valid = validator(document, found).validate(value).map_err(|error| error.to_string());
            assert_eq!(valid, Ok(()), "{schema}: {value}");
        }
    }
}

/// A schema, with all that it refers to.
fn validator(document: &Value, schema: &Value) -> Validator {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    jsonschema::draft202012::new(&whole).unwrap()
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") {
                members.entry("additionalProperties").or_insert(json!(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Every member that a policy can have, by the core's own list of them: its default, or one like it.
fn whole_policy() -> Value {
    let always = json!([["00:00", "24:00"]]);
    let hours = json!({
        "preset": "brConservador", "utcOffsetMinutes": -180, "dddOffsets": {"92": -240}, "closedDates": ["2020-12-25"],
        "week": {"mon": always, "tue": always, "wed": always, "thu": always, "fri": always, "sat": always, "sun": always},
    });
    let members = Policy::SCHEMA.fields.iter().filter(|field| !matches!(field.kind, Kind::Secret));
    let value = |field: &Field| match field.default {
        Some(DefaultValue::Integer(value)) => json!(value),
        Some(DefaultValue::Boolean(value)) => json!(value),
        Some(DefaultValue::Name(name)) => json!(name),
        Some(DefaultValue::Json(text)) => serde_json::from_str(text).unwrap(),
        _ => hours.clone(),
    };
    members.map(|field| (field.name.to_owned(), value(field))).collect::<serde_json::Map<_, _>>().into()
}

#[test]
fn settings_are_posted_and_shown_as_it_says() {
    let folder = Folder::new();
    let described = Described::new(folder.serve(&[]));
    let policy = whole_policy();
    described.does("PUT", "/api/policy", "/api/policy", &policy.to_string()).ok();
    for (name, value) in [("Policy", &policy), ("ContactHours", &policy["hours"])] {
        let members: Vec<_> = value.as_object().unwrap().keys().collect();
        let properties = &described.document["components"]["schemas"][name]["properties"];
        assert_eq!(properties.as_object().unwrap().keys().collect::<Vec<_>>(), members);
    }
    described.does("PUT", "/api/policy", "/api/policy", r#"{"hours":null,"gate":null}"#).ok();
    described.does("PUT", "/api/groups/{name}", "/api/groups/bm1", r#"{"dailyLimit":50}"#).ok();
    let wallet = r#"{"windowMs":7200000,"operators":["admin"],"senders":[{"id":"s2"},
        {"id":"s1","weight":3,"dailyLimit":100,"perSecond":80,"burst":20,"operators":["admin"],"group":"bm1"}]}"#;
    let route = "/api/wallets/{tag}";
    described.does("PUT", route, "/api/wallets/emp1", wallet).ok();
    let later = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() + 60_000;
    let change = format!(r#"{{"state":"existingOnly","until":{later},"weight":null,"dailyLimit":9}}"#);
    let sender = "/api/wallets/{tag}/senders/{id}";
    described.does("PUT", sender, "/api/wallets/emp1/senders/s2", &change).ok();
    let shown = described.does("GET", route, "/api/wallets/emp1", "").ok().json();
    assert_eq!(shown["wallet"]["senders"][1]["group"], json!({"name": "bm1", "usage": 0, "dailyLimit": 50}));
    described.does("GET", "/api/wallets", "/api/wallets", "").ok();
    described.does("DELETE", sender, "/api/wallets/emp1/senders/s2", "").ok();
    described.does("DELETE", route, "/api/wallets/emp1", "").ok();
}

#[test]
fn what_happens_is_posted_and_answered_as_it_says() {
    let folder = Folder::new();
    let described = Described::new(folder.serve(&[]));
    let more =
        r#""clientId":"c1","contract":"7","idMessage":1,"retryTemplate":"E aí?","lastTemplate":"Tchau""#;
    let massivocpc = "/api/messages/massivocpc";
    described.does("POST", massivocpc, massivocpc, &message(PHONE, more)).ok();
    let blocked = described.does("POST", massivocpc, massivocpc, &message(PHONE, ""));
    assert_eq!(blocked.status, 422);
    let outbox = described.does("GET", "/api/outbox", "/api/outbox", "").ok().json();
    assert_eq!(outbox["messages"].as_array().unwrap().len(), 1);
    described
        .fits("/webhooks/message/post/requestBody/content/application~1json/schema", &outbox["messages"][0]);
    let explained = format!("/api/contacts/{PHONE}?tag=emp1&specialistCode=admin&clientId=c1");
    let explained = described.does("GET", "/api/contacts/{phone}", &explained, "").ok().json();
    assert_eq!(explained["explanation"]["client"]["state"], "blocked");
    described.does("GET", "/api/clients/{clientId}", "/api/clients/c1", "").ok();
    described.does("GET", "/api/follow-ups", "/api/follow-ups", "").ok();
    for (route, body) in [
        ("/api/reports", r#"{"dispatch":1,"status":"sent","sender":"5514990000001"}"#),
        ("/api/reports", r#"{"dispatch":1,"status":"failed","fault":"ambiguous"}"#),
        ("/api/reports", r#"{"dispatch":1,"status":"failed","errorCode":131026}"#),
        ("/api/reports", r#"{"dispatch":7,"status":"read"}"#),
        (
            "/api/reports",
            r#"{"dispatch":7,"status":"failed","errorCode":463,"until":"2030-01-01T00:00:00Z"}"#,
        ),
        ("/api/replies", r#"{"phone":"5511988876204","receivedAt":"2020-01-01T00:00:00Z","text":"Olá"}"#),
        ("/api/replies", r#"{"phone":"5511988876204","optOut":true}"#),
        ("/api/operator-messages", r#"{"phone":"5511988876204","specialistCode":"admin"}"#),
        ("/api/opt-ins", r#"{"phone":"5511988876204"}"#),
        ("/api/opt-outs", r#"{"clientId":"c1"}"#),
        ("/api/unblocks", r#"{"phone":"5511988876204","reason":"engano"}"#),
        (
            "/api/imports",
            r#"{"contacts":[{"phone":"1"},{"phone":"5511911110001","clientId":"c2","t0":"2026-01-01T00:00:00Z","sender":"s1","optedOut":true}]}"#,
        ),
        ("/api/erasures", r#"{"phone":"5511988876204"}"#),
    ] {
        described.does("POST", route, route, body).ok();
    }
}

#[test]
fn every_command_line_is_answered_as_it_says() {
    let folder = Folder::new();
    let described = Described::new(folder.serve(&[]));
    let batch = |op: &str| format!(r#"{{"op":"{op}",{}"#, &message(PHONE, r#""retryTemplate":"E aí?""#)[1..]);
    let route = "/api/commands";
    for (line, member) in [
        (&*batch("preview"), "outcomes"),
        (&batch("dispatch"), "seq"),
        (&batch("dispatch"), "seq"),
        (r#"{"op":"contact","phone":"5511988876204"}"#, "contact"),
        (r#"{"op":"wallet","tag":"emp1"}"#, "wallet"),
        (r#"{"op":"explain","phone":"5511988876204","tag":"emp1","specialistCode":"admin"}"#, "explanation"),
        (r#"{"op":"dueFollowUps"}"#, "followUps"),
        (r#"{"op":"sendable","dispatch":1}"#, "sendable"),
        (r#"{"op":"deadline"}"#, "expiry"),
        (r#"{"op":"digest"}"#, "digest"),
        (r#"{"op":"stats"}"#, "stats"),
        (r#"{"op":"followUps"}"#, "seq"),
        (r#"{"op":"expire"}"#, "seq"),
        (r#"{"op":"clock"}"#, "seq"),
    ] {
        let answer = described.does("POST", route, route, line).ok().json();
        assert!(answer.get(member).is_some(), "{line}: {answer}");
    }
}

#[test]
fn failures_are_answered_as_it_says() {
    let folder = Folder::new();
    let described = Described::new(folder.serve(&["limits.max_body=1000"]));
    let gateway = &described.gateway;
    let mut operations = 0;
    for (route, item) in described.document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let path = route.replace(['{', '}'], "");
            let request = || gateway.request(&method.to_uppercase(), &path);
            let mut answers = vec![];
            if operation.get("security").is_some() {
                operations += 1;
                answers.push(Request::new(gateway.address(), &method.to_uppercase(), &path).send());
                answers.push(gateway.request("PATCH", &path).json("{}").send());
            }
            if operation.get("requestBody").is_some() {
                answers.push(request().json("[]").send());
                answers.push(request().json(&" ".repeat(1001)).send());
                answers.push(request().body("{}").send());
            }
            let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
            let expected = [401, 405, 400, 413, 415];
            assert_eq!(statuses, expected[..statuses.len()], "{method} {route}");
            for answer in answers {
                let operation = format!("/paths/{}/{method}", route.replace('/', "~1"));
                let schema =
                    format!("{operation}/responses/{}/content/application~1json/schema", answer.status);
                described.fits(&schema, &answer.json());
            }
        }
    }
    assert!(operations > 20, "{operations}");
    assert_eq!(described.does("GET", "/api/wallets/{tag}", "/api/wallets/none", "").status, 404);
    assert_eq!(described.does("GET", "/api/outbox", "/api/outbox?after=x", "").status, 400);
}

#[test]
fn notifications_of_whatsapp_are_answered_as_it_says() {
    let folder = Folder::new();
    let described = Described::new(crate::whatsapp::gateway(&folder));
    let gateway = &described.gateway;
    let unsigned = Request::new(gateway.address(), "POST", "/webhooks/whatsapp").json("{}").send();
    let signed = ["{}", "[]", "{"].map(|body| crate::whatsapp::notify(gateway, body.as_bytes()));
    let [taken, no_object, no_json] = signed;
    let long = crate::whatsapp::notify(gateway, &[b' '; 20_001]);
    for (status, answer) in [(200, taken), (400, no_object), (400, no_json), (401, unsigned), (413, long)] {
        assert_eq!(answer.status, status, "{}", answer.text());
        let place =
            format!("/paths/~1webhooks~1whatsapp/post/responses/{status}/content/application~1json/schema");
        described.fits(&place, &answer.json());
    }
}
