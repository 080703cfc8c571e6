//! WhatsApp's webhooks: the handshake, signatures, messages that come in, and what became of those that went out.

use crate::http::{Answer, Request};
use crate::support::{Folder, Gateway, message};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};

/// What the webhooks of [`gateway`] are signed with.
pub(crate) const SECRET: &str = "app-s3cret";
const PHONE: &str = "5511988876204";

pub(crate) fn gateway(folder: &Folder) -> Gateway {
    let secret = format!("whatsapp.app_secret={SECRET}");
    let gateway = folder.serve(&[&secret, "whatsapp.verify_token=v3rify", "limits.max_body=20000"]);
    let wallet = r#"{"senders":[{"id":"5514990000001"},{"id":"5514990000002"}]}"#;
    gateway.put("/api/wallets/emp1", wallet).ok();
    gateway
}

fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

/// Posts as Meta does: no token, but a signature.
pub(crate) fn notify(gateway: &Gateway, body: &[u8]) -> Answer {
    let request = Request::new(gateway.address(), "POST", "/webhooks/whatsapp");
    request
        .header("x-hub-signature-256", &signature(body))
        .header("content-type", "application/json")
        .body(body)
        .send()
}

/// A notification of messages and statuses, with these members beside what all have.
fn notification(value: &Value) -> Vec<u8> {
    notification_of("messages", value)
}

fn notification_of(field: &str, value: &Value) -> Vec<u8> {
    let mut value = value.clone();
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] =
        json!({"display_phone_number": "+55 14 99000-0001", "phone_number_id": "106540352242922"});
    let entry = json!([{"id": "102290129340398", "changes": [{"field": field, "value": value}]}]);
    json!({"object": "whatsapp_business_account", "entry": entry}).to_string().into_bytes()
}

/// As WhatsApp writes them.
fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn inbound(from: &str, content: &Value) -> Vec<u8> {
    let mut message = content.clone();
    message["from"] = json!(from);
    message["id"] = json!("wamid.HBgL");
    message["timestamp"] = json!(seconds().to_string());
    notification(&json!({"messages": [message]}))
}

fn status(message_id: &str, status: &str, code: Option<u32>) -> Vec<u8> {
    notification(&json!({"statuses": [status_part(message_id, status, code)]}))
}

fn status_part(message_id: &str, status: &str, code: Option<u32>) -> Value {
    let errors: Vec<_> = code.iter().map(|code| json!({"code": code, "title": "…"})).collect();
    json!({
        "id": "wamid.HBgL", "status": status, "timestamp": seconds().to_string(), "recipient_id": "551188876204",
        "biz_opaque_callback_data": message_id, "errors": errors,
    })
}

/// The senders of a wallet, and their states.
fn states(gateway: &Gateway, tag: &str) -> Vec<(String, String)> {
    let wallet = gateway.get(&format!("/api/wallets/{tag}")).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let senders = wallet["wallet"]["senders"].as_array().unwrap();
    senders.iter().map(|sender| (text(&sender["id"]), text(&sender["state"]))).collect()
}

/// Writes to a contact; says the id of the message.
fn dispatched(gateway: &Gateway) -> String {
    gateway.dispatch(&message(PHONE, "")).ok();
    gateway.outbox()[0]["messageId"].as_str().unwrap().to_owned()
}

#[test]
fn the_handshake_is_answered_to_whoever_knows_the_token() {
    let folder = Folder::new();
    let gateway = gateway(&folder);
    for (query, status, body) in [
        ("?hub.mode=subscribe&hub.verify_token=v3rify&hub.challenge=1158201444", 200, "1158201444"),
        ("?hub.mode=subscribe&hub.verify_token=other&hub.challenge=1158201444", 401, ""),
        ("?hub.mode=subscribe&hub.verify_token=&hub.challenge=1158201444", 401, ""),
        ("?hub.mode=other&hub.verify_token=v3rify&hub.challenge=1158201444", 401, ""),
        ("", 401, ""),
    ] {
        let path = format!("/webhooks/whatsapp{query}");
        let answer = Request::new(gateway.address(), "GET", &path).send();
        assert_eq!(answer.status, status, "{query}");
        assert!(status != 200 || answer.text() == body, "{}", answer.text());
    }
    let without = Folder::new();
    let without = without.serve(&[]);
    assert_eq!(without.request("GET", "/webhooks/whatsapp").send().status, 404);
    assert_eq!(notify(&without, b"{}").status, 404);
}

#[test]
fn only_what_is_signed_with_the_apps_secret_is_taken() {
    let folder = Folder::new();
    let gateway = gateway(&folder);
    dispatched(&gateway);
    let body = inbound(PHONE, &json!({"type": "text", "text": {"body": "Oi"}}));
    let good = signature(&body);
    let other = signature(b"another body");
    let signed = |signature: Option<&str>| {
        let request = Request::new(gateway.address(), "POST", "/webhooks/whatsapp")
            .json(std::str::from_utf8(&body).unwrap());
        match signature {
            Some(signature) => request.header("x-hub-signature-256", signature).send(),
            None => request.send(),
        }
    };
    for signature in [None, Some(""), Some("sha256="), Some(&*other), Some(&good[7..])] {
        assert_eq!(signed(signature).status, 401, "{signature:?}");
        assert_eq!(gateway.state(PHONE), "blocked");
    }
    assert_eq!(signed(Some(&good)).status, 200);
    assert_eq!(gateway.state(PHONE), "replied");
}

#[test]
fn a_message_that_comes_in_frees_its_contact_or_is_its_opt_out() {
    let text = |body: &str| json!({"type": "text", "text": {"body": body}});
    let button = json!({"type": "button", "button": {"payload": "x", "text": "Parar"}});
    let reply = json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "SAIR"}}});
    let list = json!({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "stop"}}});
    for (from, content, outcome, state) in [
        // As WhatsApp still names old mobiles: without their ninth digit.
        ("551188876204", text("Sim, quero parar de dever"), "replied", "replied"),
        (PHONE, json!({"type": "image", "image": {"id": "1"}}), "replied", "replied"),
        ("551188876204", text("Parar."), "opted_out", "suppressed"),
        (PHONE, button, "opted_out", "suppressed"),
        (PHONE, reply, "opted_out", "suppressed"),
        (PHONE, list, "opted_out", "suppressed"),
    ] {
        let folder = Folder::new();
        let gateway = gateway(&folder);
        dispatched(&gateway);
        let answer = notify(&gateway, &inbound(from, &content)).ok().json();
        assert_eq!(answer, json!({"outcomes": [outcome], "unmatched": 0}), "{content}");
        assert_eq!(gateway.state(PHONE), state, "{content}");
    }
}

#[test]
fn each_delivery_status_has_its_consequence() {
    for (named, code, state, suppression, left) in [
        ("sent", None, "blocked", None, 0),
        ("delivered", None, "blocked", None, 0),
        ("read", None, "blocked", None, 0),
        ("deleted", None, "blocked", None, 1),
        // Not on WhatsApp.
        ("failed", Some(131_026), "suppressed", Some("undeliverable"), 0),
        // The number sent too much: it rests, and the message moves to another.
        ("failed", Some(131_048), "blocked", None, 1),
        // The contact does not want any.
        ("failed", Some(131_050), "suppressed", Some("optedOut"), 0),
        // A template that is not as it should be.
        ("failed", Some(132_000), "free", None, 0),
        // It may have been delivered.
        ("failed", Some(999_999), "blocked", None, 0),
        ("failed", None, "blocked", None, 0),
    ] {
        let case = format!("{named} {code:?}");
        let folder = Folder::new();
        let gateway = gateway(&folder);
        let id = dispatched(&gateway);
        notify(&gateway, &status(&id, named, code)).ok();
        let contact = gateway.get(&format!("/api/contacts/{PHONE}")).json()["contact"].clone();
        assert_eq!(
            (&contact["state"], contact["suppression"].as_str()),
            (&json!(state), suppression),
            "{case}"
        );
        assert_eq!(gateway.outbox().len(), left, "{case}");
    }
}

#[test]
fn a_message_moves_away_from_a_number_that_sent_too_much_once() {
    let folder = Folder::new();
    let gateway = gateway(&folder);
    let id = dispatched(&gateway);
    let failed = status(&id, "failed", Some(131_048));
    // Meta may say it again.
    for _ in 0..2 {
        notify(&gateway, &failed).ok();
        let [moved] = &*gateway.outbox() else { panic!("not one: {:?}", gateway.outbox()) };
        assert_eq!(
            (&moved["sender"], &moved["text"], &moved["dispatch"]),
            (&json!("5514990000002"), &json!("Oi"), &json!(1))
        );
        assert_ne!(moved["messageId"], id);
    }
    let wallet = gateway.get("/api/wallets/emp1").json();
    let sender = &wallet["wallet"]["senders"][0];
    assert_eq!(sender["state"], "quarantined");
    let hours = (sender["until"].as_u64().unwrap() - wallet["at"].as_u64().unwrap()).div_ceil(3_600_000);
    assert_eq!(hours, 6);
}

#[test]
fn what_belongs_to_nobody_is_counted() {
    let folder = Folder::new();
    let gateway = gateway(&folder);
    dispatched(&gateway);
    let nobody = notification(&json!({
        "messages": [{"id": "wamid.1", "user_id": "US.1", "type": "text", "text": {"body": "Oi"}}],
        "statuses": [
            {"status": "failed", "errors": [{"code": 131_026}]},
            {"status": "sent", "biz_opaque_callback_data": "somebody-else-1"},
        ],
    }));
    assert_eq!(notify(&gateway, &nobody).ok().json(), json!({"outcomes": [], "unmatched": 3}));
    assert_eq!(gateway.metric(r#"cpc_unmatched_total{kind="message"}"#), 1);
    assert_eq!(gateway.metric(r#"cpc_unmatched_total{kind="status"}"#), 2);
    assert_eq!((gateway.state(PHONE).as_str(), gateway.outbox().len()), ("blocked", 1));
    // Nor do phones of other countries, and names that are none, whatever digits they have.
    for (kind, from) in
        [("text", "16505551234"), ("image", "BR.5511988876204"), ("unsupported", "BR.1"), ("text", "")]
    {
        let answer = notify(&gateway, &inbound(from, &json!({"type": kind}))).ok().json();
        assert_eq!(answer, json!({"outcomes": [], "unmatched": 1}), "{from}");
    }
    assert_eq!(gateway.metric(r#"cpc_unmatched_total{kind="message"}"#), 5);
    // Webhooks say much that is of no concern here.
    for other in [
        notification(&json!({"contacts": []})),
        notification(&json!({"errors": [{"code": 131_000}]})),
        notification_of("message_template_status_update", &json!({"event": "REJECTED"})),
        notification_of("calls", &json!({"statuses": [{"type": "call", "status": "RINGING"}]})),
    ] {
        assert_eq!(notify(&gateway, &other).ok().json(), json!({"outcomes": [], "unmatched": 1}));
    }
    assert_eq!(gateway.metric(r#"cpc_unmatched_total{kind="change"}"#), 4);
    let deleted = status(gateway.outbox()[0]["messageId"].as_str().unwrap(), "deleted", None);
    assert_eq!(notify(&gateway, &deleted).ok().json(), json!({"outcomes": [], "unmatched": 1}));
    assert_eq!(gateway.metric(r#"cpc_unmatched_total{kind="other_status"}"#), 1);
    assert_eq!(notify(&gateway, b"{}").status, 200);
}

#[test]
fn what_is_no_notification_is_refused() {
    let folder = Folder::new();
    let gateway = gateway(&folder);
    for (body, status) in [("", 400), ("nonsense", 400), ("7", 400), ("[]", 400), (&*"x".repeat(20_001), 413)]
    {
        let answer = notify(&gateway, body.as_bytes());
        assert_eq!(answer.status, status, "{:.40}", body);
        let message = answer.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(!message.is_empty(), "{:.40}: {}", body, answer.text());
    }
}

#[test]
fn one_odd_change_does_not_cost_the_others() {
    let changes = [
        json!({"field": "messages", "value": null}),
        json!({"field": "messages", "value": {"metadata": null, "messages": null}}),
        json!({"field": "messages", "value": {"messages": 7}}),
        json!({"field": "user_preferences", "value": {"user_preferences": {}}}),
        json!({"field": "user_preferences", "value": {"user_preferences": ["stop"]}}),
        json!({"field": 7}),
        json!(null),
    ];
    let text = json!({"from": PHONE, "timestamp": seconds(), "type": "text", "text": {"body": "SAIR"}});
    for odd in
        changes.iter().map(|change| json!({"changes": [change]})).chain([json!({"changes": 7}), json!(7)])
    {
        let folder = Folder::new();
        let gateway = gateway(&folder);
        dispatched(&gateway);
        let mut body: Value = serde_json::from_slice(&notification(&json!({"messages": [text]}))).unwrap();
        body["entry"].as_array_mut().unwrap().insert(0, odd.clone());
        let answer = notify(&gateway, body.to_string().as_bytes()).ok().json();
        assert_eq!(answer, json!({"outcomes": ["opted_out"], "unmatched": 1}), "{odd}");
        assert_eq!(gateway.state(PHONE), "suppressed", "{odd}");
    }
}

/// RULES §3.3: only a message of the contact's is an answer.
#[test]
fn what_the_contact_did_not_write_frees_nobody() {
    let system = |members: Value| json!({"type": "system", "system": members});
    for (content, kind) in [
        (system(json!({"type": "user_changed_number", "wa_id": "5511977770000", "body": "…"})), "system"),
        (system(json!({"type": "user_preference_changed", "marketing": "resume"})), "system"),
        (json!({"type": "system"}), "system"),
        (json!({"type": "request_welcome"}), "request_welcome"),
        (json!({"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "👍"}}), "reaction"),
    ] {
        let folder = Folder::new();
        let gateway = gateway(&folder);
        dispatched(&gateway);
        let answer = notify(&gateway, &inbound(PHONE, &content)).ok().json();
        assert_eq!(answer, json!({"outcomes": [], "unmatched": 1}), "{content}");
        assert_eq!(gateway.metric(&format!(r#"cpc_unmatched_total{{kind="{kind}"}}"#)), 1, "{content}");
        assert_eq!(gateway.state(PHONE), "blocked", "{content}");
    }
}

#[test]
fn whoever_stops_marketing_messages_has_opted_out() {
    let preference = |wa_id: &str, category: &str, value: &str| {
        let preference = json!({"wa_id": wa_id, "category": category, "value": value, "timestamp": seconds(), "detail": "…"});
        notification_of("user_preferences", &json!({"user_preferences": [preference]}))
    };
    let system = json!({"type": "system", "system": {"type": "user_preference_changed", "marketing": "stop", "body": "…"}});
    for (body, outcome, state) in [
        (inbound("551188876204", &system), Some("applied"), "suppressed"),
        (preference("551188876204", "marketing_messages", "stop"), Some("applied"), "suppressed"),
        (preference("551188876204", "marketing_messages", "resume"), None, "blocked"),
        (preference("551188876204", "something_new", "stop"), None, "blocked"),
        // Whose wish it is, nobody can tell.
        (preference("BR.551188876204", "marketing_messages", "stop"), None, "blocked"),
        (inbound("", &system), None, "blocked"),
    ] {
        let folder = Folder::new();
        let gateway = gateway(&folder);
        dispatched(&gateway);
        let answer = notify(&gateway, &body).ok().json();
        let outcomes: Vec<_> = outcome.into_iter().collect();
        let unmatched = usize::from(outcomes.is_empty());
        assert_eq!(
            answer,
            json!({"outcomes": outcomes, "unmatched": unmatched}),
            "{}",
            String::from_utf8_lossy(&body)
        );
        assert_eq!(gateway.state(PHONE), state, "{}", String::from_utf8_lossy(&body));
    }
}

/// The message's id names the dispatch, whatever WhatsApp calls the contact.
#[test]
fn a_failure_that_is_an_opt_out_is_the_contacts_of_its_message() {
    for recipient in [json!("BR.13491208655302741918"), json!(""), json!(null), json!("5511900000000")] {
        let folder = Folder::new();
        let gateway = gateway(&folder);
        let id = dispatched(&gateway);
        let mut failed = status_part(&id, "failed", Some(131_050));
        failed["recipient_id"] = recipient.clone();
        let answer = notify(&gateway, &notification(&json!({"statuses": [failed]}))).ok().json();
        assert_eq!(answer, json!({"outcomes": ["applied", "released"], "unmatched": 0}), "{recipient}");
        assert_eq!(gateway.state(PHONE), "suppressed", "{recipient}");
        assert_eq!(gateway.state("5511900000000"), "free", "{recipient}");
    }
}

/// RULES §7.6: WhatsApp repeats what it said.
#[test]
fn a_failure_that_is_no_news_puts_no_number_out_of_use_again() {
    let folder = Folder::new();
    let gateway = gateway(&folder);
    let wallet = r#"{"senders":[{"id":"a","group":"g"},{"id":"b","group":"g"},{"id":"c"}]}"#;
    gateway.put("/api/wallets/emp1", wallet).ok();
    let id = dispatched(&gateway);
    let failed = status(&id, "failed", Some(131_042));
    // The whole account is at fault, so the message goes to the one number that is of none.
    assert_eq!(notify(&gateway, &failed).ok().json()["outcomes"], json!(["applied", "applied", "moved"]));
    assert_eq!(gateway.outbox()[0]["sender"], "c");
    for sender in ["a", "b"] {
        gateway.put(&format!("/api/wallets/emp1/senders/{sender}"), r#"{"state":"ready"}"#).ok();
    }
    let instance = id.split_once("-1-1-").unwrap().0;
    let all_ready = |gateway: &Gateway| {
        let states = states(gateway, "emp1");
        states.iter().all(|(id, state)| id == "c" || state == "ready")
    };
    notify(&gateway, &failed).ok();
    notify(&gateway, &status(&format!("{instance}-99-99"), "failed", Some(131_042))).ok();
    for sender in [r#","sender":"a""#, r#","sender":"c""#, ""] {
        let members = format!(r#"{{"dispatch":99,"status":"failed","errorCode":131042{sender}}}"#);
        assert_eq!(gateway.post("/api/reports", &members).ok().outcome(), "unknown_dispatch");
    }
    // The one that had it before.
    let before = r#"{"dispatch":1,"status":"failed","errorCode":131042,"sender":"a"}"#;
    assert_eq!(gateway.post("/api/reports", before).ok().outcome(), "stale_report");
    assert!(all_ready(&gateway), "{:?}", states(&gateway, "emp1"));
    assert_eq!(gateway.outbox()[0]["sender"], "c");
}

#[test]
fn a_number_rests_from_when_it_failed_and_not_from_when_that_was_said() {
    let hour = 3_600;
    for (ago, hours) in [(0, Some(6)), (2 * hour, Some(4)), (-hour, Some(6)), (7 * hour, None)] {
        let folder = Folder::new();
        let gateway = gateway(&folder);
        let id = dispatched(&gateway);
        let mut failed = status_part(&id, "failed", Some(131_048));
        failed["timestamp"] = json!((seconds().cast_signed() - ago).to_string());
        notify(&gateway, &notification(&json!({"statuses": [failed]}))).ok();
        let wallet = gateway.get("/api/wallets/emp1").json();
        let until = wallet["wallet"]["senders"][0]["until"].as_u64();
        let rests = until.map(|until| (until - wallet["at"].as_u64().unwrap()).div_ceil(3_600_000));
        assert_eq!(rests, hours, "{ago}");
    }
}

/// A sender's id may be WhatsApp's for it, or any other: the message says whose it is.
#[test]
fn a_failure_is_charged_to_the_number_that_the_message_went_out_from() {
    for is_sent in [false, true] {
        let folder = Folder::new();
        let gateway = gateway(&folder);
        let ids =
            r#"{"senders":[{"id":"pnid-1","group":"bm"},{"id":"pnid-2","group":"bm"},{"id":"pnid-3"}]}"#;
        gateway.put("/api/wallets/emp1", ids).ok();
        let id = dispatched(&gateway);
        if is_sent {
            notify(&gateway, &status(&id, "sent", None)).ok();
        }
        notify(&gateway, &status(&id, "failed", Some(131_031))).ok();
        let states = states(&gateway, "emp1");
        let named: Vec<_> = states.iter().map(|(_, state)| &**state).collect();
        assert_eq!(named, ["disabled", "disabled", "ready"], "{is_sent}");
        assert_eq!(gateway.outbox()[0]["sender"], "pnid-3");
    }
}

#[test]
fn two_failures_of_one_message_in_one_notification_are_one() {
    let folder = Folder::new();
    let gateway = gateway(&folder);
    let ids = r#"{"senders":[{"id":"pnid-1"},{"id":"pnid-2"},{"id":"pnid-3"}]}"#;
    gateway.put("/api/wallets/emp1", ids).ok();
    let failed = status_part(&dispatched(&gateway), "failed", Some(131_048));
    let twice = notification(&json!({"statuses": [failed, failed]}));
    let answer = notify(&gateway, &twice).ok().json();
    assert_eq!(answer, json!({"outcomes": ["moved", "applied"], "unmatched": 1}));
    let states = states(&gateway, "emp1");
    let named: Vec<_> = states.iter().map(|(_, state)| &**state).collect();
    assert_eq!(named, ["quarantined", "ready", "ready"]);
}

#[test]
fn a_post_that_does_not_say_that_it_is_signed_keeps_nobody_out() {
    let folder = Folder::new();
    let secret = format!("whatsapp.app_secret={SECRET}");
    let gateway = folder.serve(&[&secret, "whatsapp.verify_token=v3rify", "limits.max_concurrent=1"]);
    let post = |signature: &str| {
        let request = Request::new(gateway.address(), "POST", "/webhooks/whatsapp").json("{}");
        request.header("x-hub-signature-256", signature)
    };
    let _slow: Vec<_> = ["", "sha256=", "sha256=00", "sha256=zz"].map(|it| post(it).begin(1)).into();
    for _ in 0..20 {
        assert_eq!(notify(&gateway, b"{}").status, 200);
    }
    // Not so long that 30 s of patience with the others would be needed.
    let began = std::time::Instant::now();
    let claims = post(&signature(b"another body")).begin(1).answer();
    assert_eq!((claims.status, &claims.json()["error"]), (503, &json!("body_timeout")));
    assert!(began.elapsed().as_secs() < 15, "{:?}", began.elapsed());
    let long = " ".repeat(5 << 20);
    assert_eq!(notify(&gateway, long.as_bytes()).status, 413);
}

/// Meta names the sender by a number that is no sender's id: only the message's own id tells which number it was.
#[test]
fn what_is_said_of_the_number_before_is_not_charged_to_the_next() {
    let folder = Folder::new();
    let gateway = gateway(&folder);
    let other_ids = r#"{"senders":[{"id":"first"},{"id":"second"},{"id":"third"}]}"#;
    gateway.put("/api/wallets/emp1", other_ids).ok();
    let id = dispatched(&gateway);
    let failed = status(&id, "failed", Some(131_048));
    assert_eq!(notify(&gateway, &failed).ok().json()["outcomes"], json!(["moved", "applied"]));
    let moved = gateway.outbox()[0].clone();
    for late in [&failed, &status(&id, "sent", None)] {
        assert_eq!(notify(&gateway, late).ok().json(), json!({"outcomes": [], "unmatched": 1}));
        assert_eq!(gateway.outbox(), std::slice::from_ref(&moved));
    }
    assert_eq!(gateway.metric(r#"cpc_unmatched_total{kind="superseded"}"#), 2);
    let sent = status(moved["messageId"].as_str().unwrap(), "sent", None);
    assert_eq!(notify(&gateway, &sent).ok().json()["outcomes"], json!(["applied"]));
    assert!(gateway.outbox().is_empty());
}

#[test]
fn a_failure_does_not_bring_back_a_number_that_is_out_of_use() {
    let folder = Folder::new();
    let gateway = gateway(&folder);
    let id = dispatched(&gateway);
    gateway.put("/api/wallets/emp1/senders/5514990000001", r#"{"state":"disabled"}"#).ok();
    // A rest of seconds, after which it would be ready.
    notify(&gateway, &status(&id, "failed", Some(130_429))).ok();
    let wallet = gateway.get("/api/wallets/emp1").json();
    assert_eq!(wallet["wallet"]["senders"][0]["state"], "disabled");
}

#[test]
fn one_odd_item_does_not_cost_the_others() {
    let folder = Folder::new();
    let gateway = gateway(&folder);
    dispatched(&gateway);
    let body = notification(&json!({
        "statuses": [{"status": "failed", "errors": [{}]}],
        "messages": [
            {"from": 5_511, "type": "text"},
            // A time that is none does not cost the opt-out.
            {"from": PHONE, "timestamp": "99999999999999", "type": "text", "text": {"body": "SAIR"}},
        ],
    }));
    assert_eq!(notify(&gateway, &body).ok().json(), json!({"outcomes": ["opted_out"], "unmatched": 2}));
    assert_eq!(gateway.state(PHONE), "suppressed");
}

/// A crash comes before all of it or after all of it.
#[test]
fn all_that_a_failure_leads_to_is_one_entry_of_the_log() {
    let folder = Folder::new();
    let first = gateway(&folder);
    let id = dispatched(&first);
    let answer = notify(&first, &status(&id, "failed", Some(131_045))).ok().json();
    assert_eq!(answer["outcomes"], json!(["applied", "moved"]));
    let stats = first.command(r#"{"op":"stats"}"#)["stats"].clone();
    let (before, outbox) = (states(&first, "emp1"), first.outbox());
    first.kill();

    let log = rusqlite::Connection::open(folder.file("log.db")).unwrap();
    let body: String =
        log.query_row("select body from entry where kind = 4", [], |row| row.get(0).map(text_of)).unwrap();
    drop(log);
    let ops: Vec<Value> = body.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect();
    assert_eq!((ops.len(), &ops[0]["op"], &ops[1]["op"]), (2, &json!("sender"), &json!("report")));

    let dump = folder.run(&["log", "dump"]);
    assert!(dump.status.success(), "{dump:?}");
    let lines = String::from_utf8(dump.stdout).unwrap();
    let last: Vec<Value> =
        lines.lines().rev().take(2).map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&last[0]["op"], &last[1]["op"]), (&json!("report"), &json!("sender")));
    assert_eq!(last[0]["at"], last[1]["at"]);

    let second = folder.serve(&[]);
    assert_eq!(second.command(r#"{"op":"stats"}"#)["stats"], stats);
    assert_eq!((states(&second, "emp1"), second.outbox()), (before, outbox));
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}
