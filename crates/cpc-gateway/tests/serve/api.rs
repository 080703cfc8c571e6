//! What the routes answer when all is well.

use crate::http::Request;
use crate::support::{EXAMPLE, Folder, eventually, message};
use serde_json::{Value, json};

const SUCCESS: &str =
    r#"{"status":"success","message":"Mensagens enviadas com sucesso","processed":1,"errors":0}"#;

#[test]
fn a_first_start_prints_a_curl_that_works() {
    let folder = Folder::untouched();
    let gateway = folder.serve(&[]);
    let curl = gateway.says("Inicie seu atendimento");
    let curl = curl + &gateway.says("}'");
    let token = curl.split("Bearer ").nth(1).unwrap().split('\'').next().unwrap();
    let body = curl.split("-d '").nth(1).unwrap().trim_end().strip_suffix('\'').unwrap();
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), serde_json::from_str::<Value>(EXAMPLE).unwrap());
    let url = format!("http://{}/api/messages/massivocpc", gateway.address());
    assert!(curl.contains(&url), "{curl}");
    let request = Request::new(gateway.address(), "POST", "/api/messages/massivocpc");
    let answer = request.header("authorization", &format!("Bearer {token}")).json(body).send();
    assert_eq!((answer.status, answer.text()), (200, SUCCESS));
}

#[test]
fn where_messages_are_sent_the_wallet_has_a_curl_of_its_own() {
    let stub = crate::stub::Stub::new(|_| crate::stub::Reply::status(200));
    let url = format!("outbox.url={}", stub.url());
    for (secret, warned) in [("outbox.secret=", true), ("outbox.secret=s3cret", false)] {
        let folder = Folder::untouched();
        let gateway = folder.serve(&["outbox.transport=webhook", &url, secret]);
        let (wallet, example) =
            (gateway.says("}'"), gateway.says("Inicie seu atendimento") + &gateway.says("}'"));
        for (curl, method, status) in [(&wallet, "PUT", 200), (&example, "POST", 200)] {
            assert_eq!(curl.contains("curl -i -X PUT "), method == "PUT", "{curl}");
            let token = curl.split("Bearer ").nth(1).unwrap().split('\'').next().unwrap();
            let body = curl.split("-d '").nth(1).unwrap().trim_end().strip_suffix('\'').unwrap();
            let path = curl.split(&gateway.address().to_string()).last().unwrap().split(' ').next().unwrap();
            let request = Request::new(gateway.address(), method, path);
            let answer = request.header("authorization", &format!("Bearer {token}")).json(body).send();
            assert_eq!(answer.status, status, "{path}: {}", answer.text());
        }
        let log = gateway.stop();
        assert_eq!(log.contains("outbox.secret is empty: webhooks are not signed"), warned, "{log}");
    }
}

#[test]
fn the_documents_example_has_the_documents_answers() {
    let folder = Folder::new();
    let gateway = folder.serve(&["response_profile=spec"]);
    let answer = gateway.dispatch(EXAMPLE);
    assert_eq!((answer.status, answer.text()), (200, SUCCESS));
    let other = EXAMPLE.replace("5511988876204", "5500998830081");
    let answer = gateway.dispatch(&other);
    let error = r#"{"status":"error","message":"Falha ao processar requisição","errors":[{"phone":"5500998830081","reason":"Número inválido"}]}"#;
    assert_eq!((answer.status, answer.text()), (422, error));
}

#[test]
fn a_contact_is_blocked_and_replied_and_free_and_says_why() {
    let folder = Folder::new();
    let gateway = folder.serve(&["language=en"]);
    let phone = "5511988876204";
    assert_eq!(gateway.state(phone), "free");
    gateway.dispatch(&message(phone, r#""clientId":"c/1 é""#)).ok();
    assert_eq!(gateway.state(phone), "blocked");
    // The client's gate is taken as well; its id is any text.
    assert_eq!(gateway.get("/api/clients/c%2F1%20%C3%A9").json()["contact"]["state"], "blocked");

    let asked = format!("/api/contacts/{phone}?tag=emp1&specialistCode=admin&clientId=c%2F1%20%C3%A9");
    let explained = gateway.get(&asked).json();
    assert_eq!(explained["contact"]["state"], "blocked");
    assert_eq!(explained["explanation"]["status"], "contact_blocked", "{explained}");

    // The other form of the same mobile.
    assert_eq!(gateway.post("/api/replies", r#"{"phone":"551188876204"}"#).ok().outcome(), "replied");
    assert_eq!(gateway.state(phone), "replied");
    let operator = format!(r#"{{"phone":"{phone}","specialistCode":"admin"}}"#);
    assert_eq!(gateway.post("/api/operator-messages", &operator).outcome(), "allowed");

    gateway.dispatch(&message(phone, "")).ok();
    assert_eq!(gateway.post("/api/operator-messages", &operator).outcome(), "manual_start_denied");
    let unblock = format!(r#"{{"phone":"{phone}","reason":"wrong person"}}"#);
    assert_eq!(gateway.post("/api/unblocks", &unblock).ok().outcome(), "applied");
    assert_eq!(gateway.state(phone), "free");
}

#[test]
fn an_opted_out_contact_is_left_alone_even_when_forgotten_until_it_opts_in() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    let target = r#"{"phone":"5511988876204"}"#;
    for (route, outcome, state) in [
        ("opt-outs", "applied", "suppressed"),
        ("opt-outs", "unchanged", "suppressed"),
        ("opt-ins", "applied", "free"),
        ("opt-outs", "applied", "suppressed"),
        ("erasures", "applied", "suppressed"),
    ] {
        assert_eq!(gateway.post(&format!("/api/{route}"), target).ok().outcome(), outcome, "{route}");
        assert_eq!(gateway.state("5511988876204"), state, "{route}");
    }
    let refused = gateway.dispatch(&message("5511988876204", ""));
    assert_eq!((refused.status, refused.json()["errors"][0]["code"].as_str()), (422, Some("opted_out")));
    assert_eq!(gateway.post("/api/opt-ins", target).outcome(), "applied");
    gateway.dispatch(&message("5511988876204", "")).ok();
}

#[test]
fn a_reply_is_an_opt_out_if_the_whole_of_its_text_is_a_word_for_that() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    for (text, outcome) in [
        ("Quero parar de pagar", "replied"),
        ("Olá!", "replied"),
        ("PARAR!", "opted_out"),
        ("sáir", "opted_out"),
    ] {
        gateway.post("/api/opt-ins", r#"{"phone":"5511988876204"}"#).ok();
        let reply = json!({"phone": "5511988876204", "text": text}).to_string();
        assert_eq!(gateway.post("/api/replies", &reply).ok().outcome(), outcome, "{text}");
    }
    let custom = Folder::new();
    let gateway = custom.serve(&["whatsapp.opt_out_words=basta"]);
    for (text, outcome) in [("parar", "replied"), ("Basta.", "opted_out")] {
        let reply = json!({"phone": "5511988876204", "text": text}).to_string();
        assert_eq!(gateway.post("/api/replies", &reply).ok().outcome(), outcome, "{text}");
    }
}

#[test]
fn wallets_senders_and_groups_come_and_go() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    gateway.put("/api/groups/bm1", r#"{"dailyLimit":2}"#).ok();
    let wallet = r#"{"senders":[{"id":"s1","group":"bm1"},{"id":"s2","group":"bm1"}],"operators":["ana"]}"#;
    gateway.put("/api/wallets/emp%202", wallet).ok();
    assert_eq!(gateway.get("/api/wallets").json(), json!({"wallets": ["emp 2", "emp1"]}));
    gateway.put("/api/wallets/emp%202/senders/s2", r#"{"state":"paused"}"#).ok();
    gateway.put("/api/wallets/emp%202/senders/s3", r#"{"dailyLimit":1}"#).ok();
    let senders = gateway.get("/api/wallets/emp%202").json()["wallet"]["senders"].clone();
    let states: Vec<_> = senders.as_array().unwrap().iter().map(|it| (&it["id"], &it["state"])).collect();
    assert_eq!(json!(states), json!([["s1", "ready"], ["s2", "paused"], ["s3", "ready"]]));

    let body = |phone: &str| message(phone, "").replace("emp1", "emp 2").replace("admin", "ana");
    gateway.dispatch(&body("5511911110001")).ok();
    gateway.request("DELETE", "/api/wallets/emp%202/senders/s3").send().ok();
    let usage = gateway.get("/api/wallets/emp%202").json()["wallet"]["senders"][0]["usage"].clone();
    assert_eq!(usage, 1);
    gateway.dispatch(&body("5511911110002")).ok();
    let full = gateway.dispatch(&body("5511911110003"));
    assert_eq!(full.json()["errors"][0]["code"], "no_sender_available");

    gateway.request("DELETE", "/api/wallets/emp%202").send().ok();
    assert_eq!(gateway.get("/api/wallets").json(), json!({"wallets": ["emp1"]}));
    assert_eq!(gateway.request("GET", "/api/wallets/emp%202").send().status, 404);
}

#[test]
fn a_new_policy_keeps_the_gateways_own_key() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    let target = r#"{"phone":"5511988876204"}"#;
    gateway.post("/api/opt-outs", target).ok();
    gateway.post("/api/erasures", target).ok();
    // Only with the key by which it was hashed is the phone known again.
    gateway.put("/api/policy", r#"{"windowMs":3600000}"#).ok();
    assert_eq!(gateway.state("5511988876204"), "suppressed");
    let line = r#"{"op":"policy","policy":{"windowMs":7200000}}"#;
    assert_eq!(gateway.post("/api/commands", line).ok().outcome(), "applied");
    assert_eq!(gateway.state("5511988876204"), "suppressed");
    for (route, method, body) in [
        ("/api/policy", "PUT", r#"{"hashKey":"00000000000000000000000000000001"}"#),
        (
            "/api/commands",
            "POST",
            r#"{"op":"policy","policy":{"hashKey":"00000000000000000000000000000001"}}"#,
        ),
        ("/api/policy", "PUT", r#"{},"more":{}"#),
        ("/api/policy", "PUT", "[]"),
        ("/api/policy", "PUT", ""),
    ] {
        assert_eq!(gateway.request(method, route).json(body).send().status, 400, "{route} {body}");
    }
    // And before anything was forgotten, no other key is taken either.
    let dump = String::from_utf8(folder.run(&["log", "dump"]).stdout).unwrap();
    let key = serde_json::from_slice::<Value>(&std::fs::read(folder.file("gateway.json")).unwrap()).unwrap();
    let policies: Vec<_> = dump.lines().filter(|line| line.contains(r#""op":"policy""#)).collect();
    assert_eq!(policies.len(), 3);
    assert!(policies.iter().all(|line| line.contains(key["hashKey"].as_str().unwrap())), "{policies:?}");
}

#[test]
fn contacts_come_over_from_another_system() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    let import = r#"{"contacts":[{"phone":"5511988876204","optedOut":true},{"phone":"12"}]}"#;
    let answer = gateway.post("/api/imports", import).ok().json();
    assert_eq!(answer["outcomes"][0]["status"], "applied");
    assert_eq!(answer["outcomes"][1]["status"], "invalid_phone");
    assert_eq!(gateway.state("5511988876204"), "suppressed");
}

#[test]
fn follow_ups_are_listed_when_they_are_due_and_sent_by_the_clock() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    gateway.put("/api/policy", r#"{"windowMs":400}"#).ok();
    let more = r#""retryTemplate":"Ainda aí?","lastTemplate":"Última chance""#;
    gateway.dispatch(&message("5511988876204", more)).ok();
    // While its only number rests, what is due cannot go out, and can be seen.
    gateway.put("/api/wallets/emp1/senders/5514990000001", r#"{"state":"paused"}"#).ok();
    eventually("the first follow-up is due", || {
        gateway.get("/api/follow-ups").json()["followUps"].as_array().unwrap().len() == 1
            || gateway.metric(r#"cpc_outcomes_total{kind="no_sender_available"}"#) > 0
    });
    assert_eq!(gateway.metric(r#"cpc_outcomes_total{kind="accepted"}"#), 1);
    drop(gateway);

    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    gateway.put("/api/policy", r#"{"windowMs":400}"#).ok();
    gateway.dispatch(&message("5511988876204", more)).ok();
    let mut texts = Vec::new();
    let mut after = 0;
    eventually("both follow-ups are in the outbox", || {
        let page = gateway.get(&format!("/api/outbox?after={after}")).json();
        after = page["next"].as_u64().unwrap();
        for message in page["messages"].as_array().unwrap() {
            texts.push(json!([message["text"], message["stage"], message["origin"]]));
        }
        texts.len() >= 3
    });
    assert_eq!(json!(texts), json!([["Oi", 0, null], ["Ainda aí?", 1, 1], ["Última chance", 2, 1]]));
}

#[test]
fn the_documentation_is_there_without_a_network() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    let page = Request::new(gateway.address(), "GET", "/docs/").send().ok();
    let mut scripts = Vec::new();
    for reference in page.text().split(['"', '\'']).filter(|it| it.ends_with(".js") || it.ends_with(".css")) {
        // Relative to the page, so from here.
        assert!(!reference.contains("//"), "{reference}");
        let path = format!("/docs/{}", reference.trim_start_matches("./"));
        Request::new(gateway.address(), "GET", &path).send().ok();
        scripts.push(path);
    }
    assert!(scripts.iter().any(|path| path.ends_with("swagger-initializer.js")), "{scripts:?}");
    let initializer = Request::new(gateway.address(), "GET", "/docs/swagger-initializer.js").send().ok();
    assert!(initializer.text().contains("/openapi.json"));
    assert!(!initializer.text().contains("http"), "{}", initializer.text());
}

#[test]
fn the_playground_is_served_from_its_folder_and_nothing_else_is() {
    let folder = Folder::new();
    let files = folder.file("page");
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("index.html"), "<!doctype html>").unwrap();
    let gateway = folder.serve(&[&format!("playground={}", files.display())]);
    let get = |path: &str| Request::new(gateway.address(), "GET", path).send();
    let moved = get("/playground");
    assert_eq!((moved.status, moved.header("location")), (308, Some("/playground/")));
    let page = get("/playground/").ok();
    assert_eq!((page.text(), page.header("content-type")), ("<!doctype html>", Some("text/html")));
    for path in ["/playground/../tokens", "/playground/%2e%2e/tokens", "/playground/none.js"] {
        assert_eq!(get(path).status, 404, "{path}");
    }
    let without = Folder::new();
    let without = without.serve(&[]);
    assert_eq!(Request::new(without.address(), "GET", "/playground/").send().status, 404);
}

#[test]
fn a_gateway_that_was_left_alone_for_longer_than_its_policy_lets_clocks_jump_takes_commands_again() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    gateway.put("/api/policy", r#"{"maxClockJumpMs":2000}"#).ok();
    std::thread::sleep(std::time::Duration::from_millis(2500));
    eventually("it takes messages", || gateway.dispatch(EXAMPLE).status == 200);
    assert_eq!(gateway.request("GET", "/readyz").send().status, 200);
}
