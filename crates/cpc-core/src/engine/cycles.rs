//! What happens to cycles: a phone's, and its client's when their gates were taken by the same one.
//!
//! [RULES §3](crate::rules#3-the-gate) and [§7](crate::rules#7-delivery-reports): shared by replies, reports, imports and
//! forced unblocking.

use crate::contacts::phone_record::PhoneRecord;
use crate::contacts::sharded_table::Slot;
use crate::cycle::{Cycle, Event};
use crate::engine::state::Engine;
use crate::rules::decide::{Scope, check_suppression};
use crate::time::Timestamp;

impl Engine {
    /// Lets something happen to a phone's open cycle, and to the client's gate if its last cycle is the same.
    pub(crate) fn change_cycle(&mut self, slot: Slot, event: Event) {
        let client = self.client_of_cycle(self.contacts.phones.at(slot));
        self.change_gates(slot, client, event);
    }

    /// The same, for a client that is known to share the cycle.
    pub(crate) fn change_gates(&mut self, slot: Slot, client: Option<Slot>, event: Event) {
        let windows = &self.contacts.windows;
        let after = self.contacts.phones.at(slot).cycle(windows).and_then(|cycle| cycle.after(event));
        let Some(after) = after else { return };
        self.contacts.edit_phone(slot, |record| record.set_cycle(after));
        let Some(client) = client else { return };
        let Some(own) = self.contacts.clients.at(client).cycle(&self.contacts.windows) else { return };
        // A client that was unblocked by itself stays so when its dispatch moves, and has answered when its
        // phone has.
        let phase = if matches!(event, Event::Move { .. }) { own.phase } else { after.phase };
        self.contacts.edit_client(client, |record| {
            record.set_cycle(Cycle { phase, ..after });
            if let Event::Reply { received_at, .. } = event {
                record.set_last_reply(record.last_reply().map_or(received_at, |last| last.max(received_at)));
            }
        });
    }

    /// The client whose gate's last cycle is the phone's. A client may be forgotten earlier than its phone.
    pub(crate) fn client_of_cycle(&self, phone: &PhoneRecord) -> Option<Slot> {
        let now = self.clock.map_or(0, Timestamp::as_millis);
        let client = phone.client()?;
        let record = self.contacts.clients.at(client).as_of(now, self.policy.retention_ms);
        (record.cycle_id()? == phone.cycle_id()?).then_some(client)
    }

    /// Whether what was accepted for a phone may still go there: neither it nor the client of its cycle is
    /// suppressed, and that client's gate was not taken by another dispatch since.
    pub(crate) fn may_still_send(&self, phone: &PhoneRecord, now: u64) -> bool {
        let as_of = |slot| self.contacts.clients.at(slot).as_of(now, self.policy.retention_ms);
        let client = phone.client().map(as_of);
        if check_suppression(phone, client.as_ref()).is_err() {
            return false;
        }
        let windows = &self.contacts.windows;
        let in_scope = client.filter(|_| Scope::new(self.policy.gate, true).client);
        let taken = in_scope.filter(|client| client.cycle_id() != phone.cycle_id());
        let since = taken.and_then(|client| client.cycle(windows)).map(|cycle| cycle.t0);
        since.is_none_or(|since| phone.cycle(windows).is_some_and(|cycle| since < cycle.t0))
    }
}
