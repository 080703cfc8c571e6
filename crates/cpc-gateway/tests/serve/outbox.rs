//! The outbox as a host reads it that sends messages itself, and what its reports do.

use crate::support::{Folder, Gateway, eventually, message};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const PHONE: &str = "5511988876204";

fn report(gateway: &Gateway, members: &str) -> String {
    gateway.post("/api/reports", &format!(r#"{{"dispatch":1,{members}}}"#)).ok().outcome()
}

/// A gateway with two numbers that has written to [`PHONE`].
fn dispatched(folder: &Folder, more: &str) -> Gateway {
    let gateway = folder.serve(&[]);
    gateway.put("/api/wallets/emp1", r#"{"senders":[{"id":"s1"},{"id":"s2"}]}"#).ok();
    gateway.dispatch(&message(PHONE, more)).ok();
    gateway
}

#[test]
fn messages_are_read_page_by_page_and_reports_take_them_out() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    for number in 1..=5 {
        gateway.dispatch(&message(&format!("551191111000{number}"), "")).ok();
    }
    let (mut after, mut read) = (0, Vec::<Vec<Value>>::new());
    for _ in 0..4 {
        let page = gateway.get(&format!("/api/outbox?after={after}&limit=2")).json();
        after = page["next"].as_u64().unwrap();
        read.push(page["messages"].as_array().unwrap().iter().map(|it| it["dispatch"].clone()).collect());
    }
    assert_eq!(json!(read), json!([[1, 2], [3, 4], [5], []]));
    for status in ["sent", "delivered", "read"] {
        assert_eq!(report(&gateway, &format!(r#""status":"{status}""#)), "applied");
    }
    // A contact that has opted out is not listed.
    gateway.post("/api/opt-outs", r#"{"phone":"5511911110002"}"#).ok();
    let left: Vec<Value> = gateway.outbox().iter().map(|it| it["dispatch"].clone()).collect();
    assert_eq!(json!(left), json!([3, 4, 5]));
}

/// Hours that are over since a message was accepted: it is not handed out before they begin again.
#[test]
fn nothing_is_to_be_sent_outside_the_contact_hours() {
    let folder = Folder::new();
    let gateway = dispatched(&folder, "");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    // In Brasília; day 0 was a Thursday.
    let today = usize::try_from((now / 3_600_000 - 3) / 24 + 3).unwrap() % 7;
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    for (open, listed) in [(days[(today + 3) % 7], 0), (days[today], 1)] {
        let week = format!(r#"{{"hours":{{"week":{{"{open}":[["00:00","24:00"]]}}}}}}"#);
        gateway.put("/api/policy", &week).ok();
        assert_eq!(gateway.outbox().len(), listed, "open on {open}");
    }
}

#[test]
fn the_outbox_outlives_the_process() {
    for ends_in_order in [true, false] {
        let folder = Folder::new();
        let gateway = dispatched(&folder, r#""clientId":"c1""#);
        let before = gateway.outbox();
        if ends_in_order {
            gateway.stop();
        } else {
            gateway.kill();
        }
        let gateway = folder.serve(&[]);
        assert_eq!((gateway.outbox(), before.len()), (before, 1));
    }
}

#[test]
fn a_report_with_an_error_code_leads_to_what_the_code_means() {
    for (code, outcome, state) in [
        (131_026, "released", "suppressed"),
        (131_048, "moved", "blocked"),
        (132_000, "released", "free"),
        (999_999, "kept", "blocked"),
        // The code says that the contact opted out; who that is, the dispatch says.
        (131_050, "released", "suppressed"),
    ] {
        let folder = Folder::new();
        let gateway = dispatched(&folder, "");
        let members = format!(r#""status":"failed","errorCode":{code}"#);
        assert_eq!(report(&gateway, &members), outcome, "{code}");
        assert_eq!(gateway.state(PHONE), state, "{code}");
    }
}

/// Without a sender, the failure is that of the one that the dispatch has.
#[test]
fn a_number_that_is_locked_for_new_chats_is_so_until_the_time_that_is_reported() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let later = u64::try_from(now).unwrap() + 3_600_000;
    for (until, ends) in [(String::new(), None), (format!(r#","until":{later}"#), Some(later))] {
        let folder = Folder::new();
        let gateway = dispatched(&folder, "");
        assert_eq!(report(&gateway, &format!(r#""status":"failed","errorCode":463{until}"#)), "moved");
        let sender = gateway.get("/api/wallets/emp1").json()["wallet"]["senders"][0].clone();
        assert_eq!((&sender["state"], sender["until"].as_u64()), (&json!("existingOnly"), ends), "{sender}");
    }
}

#[test]
fn a_message_that_moves_is_another_message_with_the_same_text() {
    let folder = Folder::new();
    let gateway = dispatched(&folder, "");
    let before = gateway.outbox()[0].clone();
    assert_eq!(report(&gateway, r#""status":"failed","fault":"sender","sender":"s1""#), "moved");
    let after = gateway.outbox()[0].clone();
    assert_ne!(before["messageId"], after["messageId"]);
    assert_eq!(
        (&after["sender"], &after["text"], &after["dispatch"]),
        (&json!("s2"), &json!("Oi"), &json!(1))
    );
    // Reports of the sender that no longer has it change nothing.
    assert_eq!(report(&gateway, r#""status":"sent","sender":"s1""#), "stale_report");
    assert_eq!(gateway.outbox()[0], after);
}

#[test]
fn a_follow_up_that_moves_after_it_was_sent_keeps_its_own_text() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    gateway.put("/api/wallets/emp1", r#"{"senders":[{"id":"s1"},{"id":"s2"}]}"#).ok();
    gateway.put("/api/policy", r#"{"windowMs":2000}"#).ok();
    gateway.dispatch(&message(PHONE, r#""retryTemplate":"Ainda aí?""#)).ok();
    eventually("the follow-up is there", || gateway.outbox().iter().any(|it| it["dispatch"] == 2));
    let report = |members: &str| {
        gateway.post("/api/reports", &format!(r#"{{"dispatch":2,{members}}}"#)).ok().outcome()
    };
    assert_eq!(report(r#""status":"sent""#), "applied");
    assert_eq!(report(r#""status":"failed","fault":"sender""#), "moved");
    let outbox = gateway.outbox();
    let moved = outbox.iter().find(|it| it["dispatch"] == 2).unwrap();
    assert_eq!(
        (&moved["text"], &moved["stage"], &moved["origin"]),
        (&json!("Ainda aí?"), &json!(1), &json!(1))
    );
}

#[test]
fn what_is_posted_to_a_webhook_is_not_handed_to_somebody_else_as_well() {
    let folder = Folder::new();
    let gateway = folder.serve(&["outbox.transport=webhook", "outbox.url=http://127.0.0.1:9/hook"]);
    let answer = gateway.request("GET", "/api/outbox").send();
    assert_eq!((answer.status, &answer.json()["error"]), (409, &json!("outbox_is_posted")));
    assert!(answer.json()["message"].as_str().unwrap().contains("outbox.url"));
}

#[test]
fn what_nobody_reports_until_no_report_would_be_believed_is_counted_when_it_is_dropped() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    gateway.put("/api/policy", r#"{"reportTtlMs":1}"#).ok();
    gateway.dispatch(&message(PHONE, "")).ok();
    // Whatever happens next finds it too old.
    eventually("it is dropped", || {
        gateway.command(r#"{"op":"clock"}"#);
        gateway.metric("cpc_outbox_dropped_total") == 1
    });
    assert_eq!(gateway.metric("cpc_outbox_messages"), 0);
    assert!(gateway.stop().contains("have left the outbox"));
}
