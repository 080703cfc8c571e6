//! What the features add: times of hosts that have clocks, and serialization.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use cpc_core::*;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

const NOON: i64 = 1_795_446_000_000;

fn value(of: impl serde::Serialize) -> Value {
    serde_json::to_value(of).unwrap()
}

#[test]
fn times_of_other_types_are_the_same_instants() {
    let noon = Timestamp::new(NOON).unwrap();
    let since_1970 = Duration::from_millis(noon.as_millis());
    assert_eq!(Timestamp::from(SystemTime::UNIX_EPOCH + since_1970), noon);
    assert_eq!(Timestamp::from(chrono::DateTime::from_timestamp_millis(NOON).unwrap()), noon);
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert!(!Timestamp::from(before).is_valid());
    assert_eq!(value(noon), json!(NOON));
}

#[test]
fn an_outcome_has_the_fields_that_its_status_gives_it() {
    let mut engine = Engine::new(Policy::default());
    let senders = [SenderSetup::new("5514990000001")];
    let wallet = Command::Wallet(WalletSetup::new("emp1", &senders));
    engine.apply_to_vec(NOON, &wallet).unwrap();
    let message = Message {
        close_ticket: Some(true),
        specialist_code: "ana",
        main_template: "Olá!".into(),
        ..Message::new("5511988876204", "ana")
    };
    let batch = Batch { campaign: "c", id_account: "", tag: "emp1", messages: &[message], atomic: false };
    let (receipt, outcomes) = engine.apply_to_vec(NOON, &Command::Dispatch(batch)).unwrap();
    assert_eq!(value(receipt), json!({ "at": NOON, "seq": 2 }));

    let day = 86_400_000;
    let accepted = json!({
        "status": "accepted", "dispatch": 1, "sender": "5514990000001", "to": "5511988876204", "sendAt": NOON,
        "blockedUntil": NOON + day, "stage": 0,
    });
    assert_eq!(value(engine.with_sender_ids(&outcomes[0])), accepted);
    assert!(value(outcomes[0])["sender"].is_u64(), "without its engine a sender is a number");

    let (_, contact) = engine.contact(NOON, Target::Phone("5511988876204")).unwrap();
    let view = value(View::Contact(contact));
    assert_eq!(view["state"], "blocked");
    assert_eq!(view["until"], NOON + day);
    assert_eq!(view.get("lastReply"), None);
    let (_, wallet) = engine.wallet(NOON, "emp1").unwrap();
    assert_eq!(value(wallet)["senders"][0]["usage"], 1);
}

#[test]
fn a_policy_has_every_member() {
    let hours = ContactHours::br_conservador().closed_on(Date::new(2026, 12, 25).unwrap());
    let policy =
        Policy::builder().window(Duration::from_secs(3_600)).hours(hours).hash_key(0xab).build().unwrap();
    let value = value(policy);
    for member in Policy::SCHEMA.fields {
        assert!(value.get(member.name).is_some(), "{}", member.name);
    }
    assert_eq!(value["windowMs"], 3_600_000);
    assert_eq!(value["finalBlock"], false);
    assert_eq!(value["countries"], json!(["55"]));
    assert_eq!(value["hashKey"], "000000000000000000000000000000ab");
    assert_eq!(value["hours"]["utcOffsetMinutes"], -180);
    assert_eq!(value["hours"]["dddOffsets"]["68"], -300);
    assert_eq!(value["hours"]["week"]["mon"], json!([["09:00", "18:00"]]));
    assert_eq!(value["hours"]["week"]["sun"], json!([]));
    assert_eq!(value["hours"]["closedDates"], json!(["2026-12-25"]));
    assert_eq!(serde_json::to_value(Policy::default()).unwrap().get("hours"), None);
}

#[test]
fn a_command_has_the_fields_of_its_line() {
    let pace = SenderChange { pace: Some(None), weight: Some(3), ..SenderChange::default() };
    let change = Command::Sender { tag: "w", id: "1", change: pace };
    assert_eq!(value(change), json!({ "tag": "w", "id": "1", "weight": 3, "perSecond": null }));
    assert_eq!(value(Command::Clock), json!({}));
    let unblock = Command::ForceUnblock { target: Target::Client("c"), reason: "asked" };
    assert_eq!(value(unblock), json!({ "clientId": "c", "reason": "asked" }));
}

#[test]
fn every_view_is_written() {
    assert_eq!(value(View::Sendable(Sendable::No)), json!({ "sendable": false }));
    let opening = Timestamp::new(NOON).unwrap();
    assert_eq!(value(View::Sendable(Sendable::From(opening))), json!({ "sendable": false, "retryAt": NOON }));
    assert_eq!(value(View::Digest(10)), json!("0000000000000000000000000000000a"));
    assert_eq!(value(View::Preview(Vec::new())), json!([]));
    assert_eq!(value(View::Stats(Stats::default()))["seq"], 0);
    assert_eq!(value(View::Deadline(Deadlines::default())), json!({}));
}
