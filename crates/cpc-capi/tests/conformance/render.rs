//! Structs as the JSON that says the same.

use crate::handle::{Handle, static_text};
use cpc::*;
use serde_json::{Map, Value, json};
use std::ffi::CStr;

/// What is there of the members of a struct.
struct Members(Map<String, Value>, u32);

impl Members {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    fn put_if(&mut self, flag: u32, name: &str, value: impl Into<Value>) {
        if self.1 & flag != 0 {
            self.put(name, value);
        }
    }
}

pub(crate) fn name(text: *const std::ffi::c_char) -> String {
    assert!(!text.is_null());
    unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned()
}

pub(crate) fn outcome(engine: &Handle, outcome: &cpc_outcome, posted: Option<&str>) -> Value {
    let mut members = Members(Map::new(), outcome.present);
    members.put("status", name(cpc_status_name(outcome.status)));
    members.put("code", outcome.status);
    // generated: members of outcomes
    members.put_if(CPC_HAS_STAGE, "stage", outcome.stage);
    members.put_if(CPC_HAS_FIRST_INDEX, "firstIndex", outcome.first_index);
    if outcome.present & CPC_HAS_SENDER != 0 {
        members.put("sender", engine.sender_id(outcome.sender));
    }
    members.put_if(CPC_HAS_PHONE, "phone", outcome.phone.to_string());
    members.put_if(CPC_HAS_DISPATCH, "dispatch", outcome.dispatch);
    members.put_if(CPC_HAS_ORIGIN, "origin", outcome.origin);
    members.put_if(CPC_HAS_TO, "to", outcome.to.to_string());
    members.put_if(CPC_HAS_SEND_AT, "sendAt", outcome.send_at);
    members.put_if(CPC_HAS_BLOCKED_UNTIL, "blockedUntil", outcome.blocked_until);
    members.put_if(CPC_HAS_RETRY_AT, "retryAt", outcome.retry_at);
    members.put_if(CPC_HAS_EXPIRED_AT, "expiredAt", outcome.expired_at);
    members.put_if(CPC_HAS_FIELD, "field", static_text(outcome.field));
    members.put_if(CPC_WARNS_EMPTY_TEMPLATE, "warnings", json!(["empty_template"]));
    // end
    if let Some(posted) = posted.filter(|posted| !posted.is_empty()) {
        members.put("phone", posted);
    }
    members.0.into()
}

pub(crate) fn contact(engine: &Handle, contact: &cpc_contact, client: Option<&str>) -> Value {
    const STATES: [&str; 5] = ["free", "blocked", "expired", "replied", "suppressed"];
    const SUPPRESSIONS: [&str; 3] = ["", "optedOut", "undeliverable"];
    let mut members = Members(Map::new(), contact.present);
    members.put_if(CPC_HAS_KEY, "key", contact.key.to_string());
    if let Some(client) = client {
        members.put("key", client.trim());
    }
    members.put("state", STATES[contact.state as usize]);
    members.put_if(CPC_HAS_SINCE, "since", contact.since);
    members.put_if(CPC_HAS_UNTIL, "until", contact.until);
    members.put_if(CPC_HAS_DISPATCH, "dispatch", contact.dispatch);
    if contact.present & CPC_HAS_SENDER != 0 {
        members.put("sender", engine.sender_id(contact.sender));
    }
    members.put_if(CPC_HAS_STAGE, "stage", contact.stage);
    members.put_if(CPC_HAS_LAST_REPLY, "lastReply", contact.last_reply);
    let pending = [CPC_PENDING_STAGE_1, CPC_PENDING_STAGE_2];
    let pending: Vec<usize> =
        (1..=2).filter(|stage| contact.pending_stages & pending[stage - 1] != 0).collect();
    if !pending.is_empty() {
        members.put("pendingStages", pending);
    }
    if contact.suppression != 0 {
        members.put("suppression", SUPPRESSIONS[contact.suppression as usize]);
    }
    json!({"at": contact.at, "contact": members.0})
}

pub(crate) fn deadlines(deadlines: &cpc_deadlines) -> Value {
    let mut members = Members(Map::new(), deadlines.present);
    members.put("at", deadlines.at);
    members.put_if(CPC_HAS_FOLLOW_UP, "followUp", deadlines.follow_up);
    members.put_if(CPC_HAS_EXPIRY, "expiry", deadlines.expiry);
    members.0.into()
}

pub(crate) fn stats(stats: &cpc_stats) -> Value {
    json!({"at": stats.at, "stats": {
        "seq": stats.seq, "dispatches": stats.dispatches, "phones": stats.phones, "clients": stats.clients,
        "blocked": stats.blocked, "optedOut": stats.opted_out, "pendingFollowUps": stats.pending_follow_ups,
        "wallets": stats.wallets, "senders": stats.senders,
    }})
}
