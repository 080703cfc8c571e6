//! What is remembered of a client: one packed record of 32 bytes, and its id kept apart.

use crate::contacts::packed::{
    CycleId, NewCycle, PackedTime, Windows, bits, bits_of_phase, flags, phase_from,
};
use crate::contacts::sharded_table::Record;
use crate::cycle::{Cycle, Phase};

/// A client: its id, and the last cycle that took its gate. Two of them share a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
pub(crate) struct ClientRecord {
    /// Where its id is (40 bits), how long that is (8 bits), and flags.
    text: u64,
    started: PackedTime,
    /// Last reply, and the sender plus one.
    replied: PackedTime,
    /// Cycle id (48 bits), and how many phones' last cycles name this client.
    cycle: u64,
}

const _: () = assert!(size_of::<ClientRecord>() == 32);

impl Record for ClientRecord {
    const VACANT: ClientRecord =
        ClientRecord { text: 0, started: PackedTime::ZERO, replied: PackedTime::ZERO, cycle: 0 };

    fn is_vacant(&self) -> bool {
        self.text == 0
    }

    #[inline]
    fn first_word(&self) -> u64 {
        self.text
    }

    fn is_detached(&self) -> bool {
        self.forgotten()
    }
}

impl ClientRecord {
    /// More references than this are not counted, and the record stays for good.
    const MANY: u64 = 0xffff;

    bits! { text:
        phase_bits, set_phase_bits = 48, 3;
        stage_bits, set_stage_bits = 50, 3;
    }
    flags! { text:
        has_reply, set_has_reply = 52;
        /// Suppressed until `optIn`.
        opted_out, set_opted_out = 53;
        /// It has opted out once: what was pending then is cancelled, whatever came after.
        has_watermark, set_has_watermark = 54;
        /// Its id is erased; only phones' old cycles still point here.
        forgotten, set_forgotten = 55;
    }

    /// A client whose id is `length` bytes (1 to 128) at `offset`.
    pub(crate) const fn new(offset: u64, length: u8) -> ClientRecord {
        ClientRecord { text: offset | (length as u64) << 40, ..ClientRecord::VACANT }
    }

    pub(crate) const fn offset(&self) -> u64 {
        self.text & ((1 << 40) - 1)
    }

    pub(crate) const fn length(&self) -> u8 {
        (self.text >> 40) as u8
    }

    pub(crate) const fn set_offset(&mut self, offset: u64) {
        self.text = self.text & !((1 << 40) - 1) | offset;
    }

    #[inline(always)]
    pub(crate) fn phase(&self) -> Option<Phase> {
        phase_from(self.phase_bits())
    }

    #[inline(always)]
    pub(crate) fn cycle(&self, windows: &Windows) -> Option<Cycle> {
        let phase = self.phase()?;
        Some(Cycle { t0: self.started.time(), window: windows.window(self.started.low_bits()), phase })
    }

    pub(crate) fn cycle_id(&self) -> Option<CycleId> {
        self.phase().map(|_| CycleId::from_u64(self.cycle))
    }

    pub(crate) fn set_cycle(&mut self, cycle: Cycle) {
        self.started = PackedTime::new(cycle.t0, self.started.low_bits());
        self.set_phase_bits(bits_of_phase(Some(cycle.phase)));
    }

    pub(crate) fn open(&mut self, new: NewCycle, sender: Option<u32>) {
        self.started = PackedTime::new(new.t0, new.window_number);
        self.cycle = self.cycle & !CycleId::MASK | new.id.to_u64();
        self.set_stage_bits(new.stage);
        self.set_phase_bits(bits_of_phase(Some(Phase::Open)));
        self.set_sender(sender);
    }

    pub(crate) fn stage(&self) -> u8 {
        self.stage_bits()
    }

    pub(crate) fn last_reply(&self) -> Option<u64> {
        self.has_reply().then(|| self.replied.time())
    }

    pub(crate) fn set_last_reply(&mut self, at: u64) {
        self.replied = PackedTime::new(at, self.replied.low_bits());
        self.set_has_reply(true);
    }

    pub(crate) const fn sender(&self) -> Option<u32> {
        self.replied.low_bits().checked_sub(1)
    }

    pub(crate) fn set_sender(&mut self, sender: Option<u32>) {
        self.replied = PackedTime::new(self.replied.time(), sender.map_or(0, |sender| sender + 1));
    }

    pub(crate) const fn references(&self) -> u64 {
        self.cycle >> 48
    }

    pub(crate) const fn add_reference(&mut self) {
        if self.references() < Self::MANY {
            self.cycle += 1 << 48;
        }
    }

    pub(crate) const fn drop_reference(&mut self) {
        if self.references() < Self::MANY && self.references() > 0 {
            self.cycle -= 1 << 48;
        }
    }

    /// Whether it is a contact: it has a cycle, or wrote.
    #[inline]
    pub(crate) const fn is_known(&self) -> bool {
        self.phase_bits() != 0 || self.has_reply()
    }

    /// When this client is as if never seen; `None` if it is so already.
    #[inline]
    pub(crate) fn retained_until(&self, retention: u64) -> Option<u64> {
        self.is_known().then(|| self.started.later_of(self.replied) + retention)
    }

    /// Whether it counts as it is at `now`: it has not lapsed.
    #[inline]
    pub(crate) const fn is_retained(&self, now: u64, retention: u64) -> bool {
        self.is_known() && now < self.started.later_of(self.replied) + retention
    }

    /// The record as it counts at `now`: of a lapsed one only suppression is left.
    #[inline]
    pub(crate) fn as_of(&self, now: u64, retention: u64) -> ClientRecord {
        if self.is_retained(now, retention) { *self } else { self.suppression_only() }
    }

    /// What never lapses, and what phones still need.
    pub(crate) fn suppression_only(&self) -> ClientRecord {
        let mut bare = ClientRecord::new(self.offset(), self.length());
        bare.cycle = self.cycle & !CycleId::MASK;
        bare.set_opted_out(self.opted_out());
        bare.set_has_watermark(self.has_watermark());
        bare.set_forgotten(self.forgotten());
        bare
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, ImportedContact, Target};
    use crate::engine::state::Engine;
    use crate::policy::Policy;
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    /// Their index grows with them, and their ids move together once most of them are erased.
    #[test]
    fn clients_are_found_by_their_ids_however_many_come_and_go() {
        let (mut engine, mut outcomes) = (Engine::new(Policy::default()), Vec::new());
        let at = 1_795_435_200_000;
        let ids: Vec<(String, String)> =
            (0..3_000).map(|number| (format!("55119600{number:05}"), format!("{number:0>100}"))).collect();
        let contacts: Vec<_> = ids
            .iter()
            .map(|(phone, client_id)| ImportedContact {
                phone,
                client_id,
                t0: Some(at.into()),
                ..ImportedContact::default()
            })
            .collect();
        engine.apply(at, &Command::Import(&contacts), &mut outcomes).unwrap();
        let is_known = |engine: &Engine, id: &str| {
            engine.contacts.client(id, at as u64, engine.policy.retention_ms).is_known()
        };
        assert!(ids.iter().all(|(_, id)| is_known(&engine, id)));
        let (forgotten, kept) = ids.split_at(2_000);
        for (_, id) in forgotten {
            engine.apply(at, &Command::Forget(Target::Client(id)), &mut outcomes).unwrap();
        }
        engine.apply(at, &Command::Expire { limit: 0 }, &mut outcomes).unwrap();
        assert!(kept.iter().all(|(_, id)| is_known(&engine, id)));
        assert!(!forgotten.iter().any(|(_, id)| is_known(&engine, id)));
    }

    /// Who is named more often than can be counted stays for good.
    #[test]
    fn references_are_counted_as_far_as_they_can_be() {
        let mut client = ClientRecord::new(0, 1);
        client.drop_reference();
        assert_eq!(client.references(), 0);
        for number in 1..=3 {
            client.add_reference();
            assert_eq!(client.references(), number);
        }
        client.drop_reference();
        assert_eq!((client.references(), client.suppression_only().references()), (2, 2));
        for _ in 0..0x1_0000 {
            client.add_reference();
        }
        assert_eq!(client.references(), 0xffff);
        client.drop_reference();
        assert_eq!(client.references(), 0xffff);
    }
}
