//! Which contacts' retention ends next, and how far the tables were looked through.

use crate::contacts::sharded_table::Slot;
use alloc::vec::Vec;

/// Contacts whose retention ends soon, the soonest last. Filled only when the engine is at `max_contacts`.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExpirySweep {
    /// (instant, whether it is a client, slot), the earliest last.
    pub(crate) soon: Vec<(u64, bool, Slot)>,
    /// Every contact whose retention ends before this is in `soon`; 0 if `soon` is not filled.
    pub(crate) horizon: u64,
    /// Where in the tables `expire` goes on looking.
    pub(crate) next_phone: u32,
    pub(crate) next_client: u32,
}

impl ExpirySweep {
    /// A contact may have been missed: `soon` must be filled again.
    pub(crate) fn reset(&mut self) {
        self.soon.clear();
        self.horizon = 0;
    }

    /// A contact's retention ends at an instant that was not known when `soon` was filled.
    pub(crate) fn notice(&mut self, instant: u64) {
        if instant < self.horizon {
            self.reset();
        }
    }
}
