//! What requests are answered that cannot be served, and that every route is described.

use crate::http::{Answer, Request};
use crate::support::{EXAMPLE, Folder, Gateway, TOKEN, message};
use serde_json::{Value, json};

/// The code of a failure, in the shape that its route has.
fn code(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{}", answer.text());
    assert!(answer.header("x-request-id").is_some());
    let body = answer.json();
    let code = match body.get("errors") {
        Some(errors) => {
            assert_eq!(body["status"], "error", "{body}");
            &errors[0]["code"]
        }
        None => {
            assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
            &body["error"]
        }
    };
    code.as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

fn openapi(gateway: &Gateway) -> Value {
    Request::new(gateway.address(), "GET", "/openapi.json").send().ok().json()
}

/// Methods and paths of all that wants a token.
fn guarded(document: &Value) -> Vec<(String, String)> {
    operations(document).into_iter().filter(|(_, path)| path.starts_with("/api/")).collect()
}

/// Methods and paths, parameters filled in.
fn operations(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let path = path
            .replace("{tag}", "emp1")
            .replace("{id}", "5514990000001")
            .replace("{name}", "bm1")
            .replace("{phone}", "5511988876204")
            .replace("{clientId}", "c1");
        assert!(!path.contains('{'), "{path}");
        item.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
    });
    all.collect()
}

#[test]
fn every_route_is_described_and_every_description_has_its_route() {
    let folder = Folder::new();
    let gateway = folder.serve(&["whatsapp.app_secret=s", "whatsapp.verify_token=v"]);
    let document = openapi(&gateway);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    // Routes are written as texts of their own in the source.
    let source = include_str!("../../src/http/mod.rs");
    let routes = source.split('"').filter(|text| text.starts_with('/') && !text.contains('\n'));
    // Pages for people, and the document itself, are no operations of it.
    let pages = ["/playground", "/playground/", "/docs", "/openapi.json"];
    let routes: Vec<_> = routes.filter(|it| !pages.contains(it)).collect();
    assert!(routes.len() > 20, "{routes:?}");
    for route in routes.into_iter().chain(["/api/messages/massivocpc"]) {
        assert!(document["paths"].get(route).is_some(), "{route} is not described");
    }
    let mut operations = operations(&document);
    // What removes things comes last.
    operations.sort_by_key(|(method, _)| method == "DELETE");
    for (method, path) in operations {
        let answer = gateway.request(&method, &path).json("{}").send();
        assert_ne!(answer.status, 405, "{method} {path}");
        let is_missing = answer.status == 404 && code(&answer) == "not_found";
        assert!(!is_missing, "{method} {path}: {}", answer.text());
        assert!(answer.status < 500, "{method} {path}: {}", answer.text());
    }
}

#[test]
fn without_a_valid_token_nothing_is_answered() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    for (method, path) in guarded(&openapi(&gateway)) {
        for token in [None, Some("Bearer "), Some("Bearer other"), Some("Basic dG9rZW4="), Some(TOKEN)] {
            let request = Request::new(gateway.address(), &method, &path).json("{}");
            let answer = match token {
                Some(token) => request.header("authorization", token).send(),
                None => request.send(),
            };
            assert_eq!((answer.status, &*code(&answer)), (401, "unauthorized"), "{method} {path} {token:?}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
}

#[test]
fn what_is_not_there_is_not_found_and_other_methods_are_named() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    for path in ["/", "/api", "/api/nothing", "/api/wallets/emp1/", "/webhooks/whatsapp", "/playground/x"] {
        let answer = gateway.request("GET", path).send();
        assert_eq!((answer.status, &*code(&answer)), (404, "not_found"), "{path}");
    }
    for (method, path, allowed) in [
        ("GET", "/api/messages/massivocpc", "POST"),
        ("GET", "/api/replies", "POST"),
        ("POST", "/api/contacts/5511988876204", "GET,HEAD"),
        ("POST", "/api/wallets/emp1", "GET,HEAD,PUT,DELETE"),
        ("POST", "/healthz", "GET,HEAD"),
        ("DELETE", "/metrics", "GET,HEAD"),
    ] {
        let answer = gateway.request(method, path).json("{}").send();
        assert_eq!((answer.status, &*code(&answer)), (405, "method_not_allowed"), "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
    }
    let answer = gateway.request("GET", "/api/wallets/other").send();
    assert_eq!((answer.status, &*code(&answer)), (404, "unknown_wallet"));
    let answer = gateway.dispatch(&EXAMPLE.replace("emp1", "other"));
    assert_eq!((answer.status, &*code(&answer)), (404, "unknown_wallet"));
}

/// The largest body is that of the setting on every route, not the 2 MiB of the framework.
#[test]
fn a_body_may_be_as_long_as_the_setting_says_on_every_route() {
    const LIMIT: usize = 3 << 20;
    let folder = Folder::new();
    let gateway = folder.serve(&[&format!("limits.max_body={LIMIT}")]);
    let reply = r#"{"phone":"5511988876204"}"#;
    let of_length = |length: usize| reply.to_owned() + &" ".repeat(length - reply.len());
    let posted = gateway.post("/api/replies", &of_length(LIMIT));
    assert_eq!(posted.status, 200, "{}", posted.text());
    for (method, path) in guarded(&openapi(&gateway)) {
        if method == "GET" || method == "DELETE" {
            continue;
        }
        let answer = gateway.request(&method, &path).json(&of_length(LIMIT)).send();
        assert_ne!(answer.status, 413, "{method} {path}: {}", answer.text());
        let answer = gateway.request(&method, &path).json(&of_length(LIMIT + 1)).send();
        assert_eq!((answer.status, &*code(&answer)), (413, "body_too_large"), "{method} {path}");
    }
}

#[test]
fn only_json_of_a_certain_size_is_read() {
    let folder = Folder::new();
    let gateway = folder.serve(&["limits.max_body=1000"]);
    for (method, path) in guarded(&openapi(&gateway)) {
        if method == "POST" || method == "PUT" {
            for media_type in
                ["text/plain", "application/json; charset=latin1", "application/x-www-form-urlencoded"]
            {
                let request = gateway.request(&method, &path).header("content-type", media_type);
                let answer = request.body("{}").send();
                assert_eq!(
                    (answer.status, &*code(&answer)),
                    (415, "unsupported_media_type"),
                    "{method} {path}"
                );
            }
            let answer = gateway.request(&method, &path).json(&" ".repeat(1001)).send();
            assert_eq!((answer.status, &*code(&answer)), (413, "body_too_large"), "{method} {path}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    for (method, path, body, code_, field) in [
        ("POST", "/api/replies", "{", "invalid_json", None),
        ("POST", "/api/replies", "[]", "invalid_field", None),
        ("POST", "/api/replies", r#"{"phone":{}}"#, "invalid_field", Some("phone")),
        ("POST", "/api/replies", r#"{"phone":"1","at":1795435200000}"#, "invalid_field", Some("at")),
        ("POST", "/api/replies", r#"{"phone":"1","text":7}"#, "invalid_field", Some("text")),
        ("POST", "/api/replies", r#"{"phone":"1","text":"a","text":"b"}"#, "invalid_field", Some("text")),
        ("POST", "/api/replies", r#"{"text":7,"phone":7}"#, "invalid_field", Some("phone")),
        ("POST", "/api/replies", r#"{"phone":7,"text":"#, "invalid_json", None),
        ("POST", "/api/replies", r#"{"phone":"1","op":"clock"}"#, "invalid_field", Some("op")),
        ("POST", "/api/reports", r#"{"status":"sent"}"#, "invalid_field", Some("dispatch")),
        ("POST", "/api/reports", r#"{"dispatch":1,"status":"lost"}"#, "invalid_field", Some("status")),
        (
            "POST",
            "/api/reports",
            r#"{"dispatch":1,"status":"failed","errorCode":"x"}"#,
            "invalid_field",
            Some("errorCode"),
        ),
        (
            "POST",
            "/api/reports",
            r#"{"dispatch":1,"status":"failed","errorCode":463,"until":"soon"}"#,
            "invalid_field",
            Some("until"),
        ),
        (
            "POST",
            "/api/reports",
            r#"{"dispatch":1,"status":"failed","until":1795435200000}"#,
            "invalid_field",
            Some("until"),
        ),
        (
            "POST",
            "/api/reports",
            r#"{"dispatch":1,"status":"failed","errorCode":null,"until":1795435200000}"#,
            "invalid_field",
            Some("until"),
        ),
        ("POST", "/api/commands", r#"{"op":"fly"}"#, "unknown_op", Some("op")),
        ("POST", "/api/commands", r#"{"op":"clock","at":1795435200000}"#, "invalid_field", Some("at")),
        ("PUT", "/api/policy", r#"{"windowMs":"x"}"#, "invalid_field", Some("policy.windowMs")),
        ("PUT", "/api/policy", r#"{"windows":1}"#, "invalid_policy", Some("windows")),
        ("PUT", "/api/policy", r#"{"hashKey":null}"#, "invalid_field", Some("policy.hashKey")),
        ("PUT", "/api/policy", "[]", "invalid_field", Some("policy")),
        ("PUT", "/api/policy", "{", "invalid_json", None),
        (
            "POST",
            "/api/commands",
            r#"{"op":"policy","policy":{"hashKey":null}}"#,
            "invalid_field",
            Some("policy.hashKey"),
        ),
        ("PUT", "/api/groups/g", r#"{"name":"h"}"#, "invalid_field", Some("name")),
        ("PUT", "/api/wallets/emp1", r#"{"tag":"emp2","senders":[]}"#, "invalid_field", Some("tag")),
        ("PUT", "/api/wallets/emp1/senders/s1", r#"{"id":"s2"}"#, "invalid_field", Some("id")),
        ("PUT", "/api/wallets/emp1", "{}", "invalid_field", Some("senders")),
        (
            "PUT",
            "/api/wallets/emp1",
            r#"{"senders":[{"id":"s1"},{"id":7.5}]}"#,
            "invalid_field",
            Some("senders[1].id"),
        ),
        ("GET", "/api/outbox?after=x", "", "invalid_field", Some("after")),
        ("GET", "/api/follow-ups?limit=x", "", "invalid_field", Some("limit")),
    ] {
        let answer = gateway.request(method, path).json(body).send();
        assert_eq!((answer.status, &*code(&answer)), (400, code_), "{path} {body}: {}", answer.text());
        assert_eq!(answer.json()["field"].as_str(), field, "{path} {body}: {}", answer.text());
    }
    let two = message("5511988876204", "").replace("}]}", r#"},{"phone":7.5}]}"#);
    let answer = gateway.dispatch(&two);
    assert_eq!((answer.status, &*code(&answer)), (400, "invalid_field"));
    assert!(answer.text().contains("messages[1].phone"), "{}", answer.text());
    assert_eq!(gateway.state("5511988876204"), "free");
}

#[test]
fn a_request_while_all_slots_are_taken_is_refused_with_a_retry_after() {
    let folder = Folder::new();
    let settings = [
        "limits.max_concurrent=1",
        "limits.timeout_ms=3000",
        "whatsapp.app_secret=s",
        "whatsapp.verify_token=v",
    ];
    let gateway = folder.serve(&settings);
    for (path, body) in [
        ("/api/messages/massivocpc", EXAMPLE),
        ("/api/replies", r#"{"phone":"5511988876204"}"#),
        ("/webhooks/whatsapp", "{}"),
    ] {
        // Webhooks are only listened to if they say that they are signed.
        let signature = format!("sha256={}", "0".repeat(64));
        let request = || gateway.request("POST", path).header("x-hub-signature-256", &signature).json(body);
        let mut slow = request().begin(1);
        // It may not have been read yet; then the other one took the slot, and this one is refused.
        crate::support::eventually("the slot is taken", || {
            slow = request().begin(1);
            std::thread::sleep(std::time::Duration::from_millis(100));
            let answer = request().send();
            if answer.status != 503 {
                return false;
            }
            assert_eq!((&*code(&answer), answer.header("retry-after")), ("overloaded", Some("1")), "{path}");
            true
        });
        // The request that had the slot is served, and frees it.
        let answer = slow.finish();
        assert!([200, 401].contains(&answer.status), "{path}: {}", answer.text());
        assert_ne!(request().send().status, 503, "{path}");
    }
    let slow = gateway.request("POST", "/api/replies").json("{}").begin(1);
    std::thread::sleep(std::time::Duration::from_millis(3200));
    let answer = slow.finish();
    assert_eq!((answer.status, &*code(&answer)), (503, "body_timeout"));
    assert_eq!(json!(gateway.request("GET", "/healthz").send().text()), json!("ok\n"));
}

#[test]
fn paths_that_are_no_text_and_parameters_that_are_there_twice_are_refused_in_json() {
    let folder = Folder::new();
    let gateway = folder.serve(&["language=en"]);
    for (method, path, message) in [
        ("GET", "/api/contacts/%ff", "expected string"),
        ("GET", "/api/clients/%80", "expected string"),
        ("GET", "/api/wallets/%c3", "expected string"),
        ("DELETE", "/api/wallets/emp1/senders/%ff", "expected string"),
        ("GET", "/api/contacts/5511988876204?tag=a&tag=b", "duplicate field"),
    ] {
        let answer = gateway.request(method, path).send();
        assert_eq!(answer.status, 400, "{path}");
        let answer = answer.json();
        assert_eq!(
            (&answer["error"], &answer["message"]),
            (&"invalid_field".into(), &message.into()),
            "{path}"
        );
    }
}
