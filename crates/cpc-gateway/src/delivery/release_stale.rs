//! Messages that went stale while the gateway was down: past their report deadline, so a report would be refused.
//!
//! The outbox drops them at the first command, and their contacts would stay blocked, and be followed up, for a message
//! that they never got. So a start releases these contacts.

use crate::engine::clock::now;
use crate::engine::handle::EngineHandle;
use crate::engine::state::GatewayState;
use crate::storage::command_json::CommandJson;
use cpc_core::{Command, GateState, Target};
use std::num::NonZeroU64;
use tokio::task::JoinSet;
use tracing::{error, warn};

/// Margin before the report deadline, in ms: the reports of these messages would come too late.
const SAFETY_MARGIN_MS: u64 = 60_000;
/// How many contacts are released at a time: together they share a sync of the log.
const RELEASE_BATCH: usize = 512;

/// The phones, as digits, whose open cycle is that of a stale message.
pub(crate) fn stale_phones(state: &GatewayState) -> Vec<u64> {
    let (now, engine) = (now(), &state.engine);
    let reportable = engine.reportable_since((now + SAFETY_MARGIN_MS).cast_signed());
    let messages = state.outbox.due_before(reportable.as_millis());
    let stale = messages.filter(|message| {
        let phone = message.to.to_string();
        let contact = engine.contact(now.cast_signed(), Target::Phone(&phone));
        contact.is_ok_and(|(_, contact)| {
            let is_open = matches!(contact.state, GateState::Blocked | GateState::Expired);
            is_open && contact.dispatch.map(NonZeroU64::get) == Some(message.dispatch)
        })
    });
    stale.map(|message| message.to).collect()
}

/// Releases contacts, before the gateway takes requests.
pub(crate) async fn release(handle: &EngineHandle, phones: Vec<u64>) {
    if phones.is_empty() {
        return;
    }
    warn!(messages = phones.len(), "messages were not sent in time; their contacts are released");
    for batch in phones.chunks(RELEASE_BATCH) {
        let mut releasing = JoinSet::new();
        for phone in batch {
            releasing.spawn(release_one(handle.clone(), *phone));
        }
        let failed = releasing.join_all().await.into_iter().filter(|is_released| !is_released).count();
        if failed > 0 {
            error!(contacts = failed, "contacts could not be released");
        }
    }
}

async fn release_one(handle: EngineHandle, phone: u64) -> bool {
    let phone = phone.to_string();
    let command = Command::ForceUnblock { target: Target::Phone(&phone), reason: "not sent" };
    match CommandJson::of(&command) {
        Ok(command) => matches!(handle.execute(command).await, Ok(Ok(_))),
        Err(_) => false,
    }
}
