//! Messages that could not be sent while the gateway was down, for so long that no report of them would be believed.
//!
//! They leave the outbox without a word at the first command, and their contacts would stay blocked, and be followed up,
//! for a message that they never got. So a start releases these contacts.

use crate::engine::clock::now;
use crate::engine::handle::Tenant;
use crate::engine::state::Machine;
use crate::storage::command_json::Line;
use cpc_core::{GateState, Target};
use serde_json::json;
use std::num::NonZeroU64;
use tokio::task::JoinSet;
use tracing::{error, warn};

/// What would not be believed in a moment is not believed now.
const MOMENT_MS: u64 = 60_000;
/// How many are released at once: together they are written faster.
const AT_ONCE: usize = 512;

/// The numbers, as digits, whose last cycle is open and of a message that is too old.
pub(crate) fn too_old(machine: &Machine) -> Vec<u64> {
    let (now, engine) = (now(), &machine.engine);
    let believed = (now + MOMENT_MS).saturating_sub(engine.policy().report_ttl_ms());
    let sends = machine.outbox.due_before(believed);
    let unsent = sends.filter(|send| {
        let phone = send.to.to_string();
        let contact = engine.contact(now.cast_signed(), Target::Phone(&phone));
        contact.is_ok_and(|(_, contact)| {
            let is_open = matches!(contact.state, GateState::Blocked | GateState::Expired);
            is_open && contact.dispatch.map(NonZeroU64::get) == Some(send.dispatch)
        })
    });
    unsent.map(|send| send.to).collect()
}

/// Releases contacts, before anybody else is let in.
pub(crate) async fn release(tenant: &Tenant, phones: Vec<u64>) {
    if phones.is_empty() {
        return;
    }
    warn!(messages = phones.len(), "messages were not sent in time; their contacts are released");
    for some in phones.chunks(AT_ONCE) {
        let mut releasing = JoinSet::new();
        for phone in some {
            releasing.spawn(release_one(tenant.clone(), *phone));
        }
        let failed = releasing.join_all().await.into_iter().filter(|is_released| !is_released).count();
        if failed > 0 {
            error!(contacts = failed, "contacts could not be released");
        }
    }
}

async fn release_one(tenant: Tenant, phone: u64) -> bool {
    let line = json!({"op": "forceUnblock", "phone": phone.to_string(), "reason": "not sent"});
    match Line::of(&line) {
        Ok(line) => matches!(tenant.line(line).await, Ok(Ok(_))),
        Err(_) => false,
    }
}
