//! What is remembered of a phone: one packed record of 48 bytes, three quarters of a cache line, so that ten
//! million of them fit where a map of ordinary structs would hold four.

use crate::contacts::packed::{
    CycleId, NewCycle, PackedTime, Windows, bits, bits_of_phase, flags, phase_from,
};
use crate::contacts::sharded_table::{Record, Slot};
use crate::cycle::{Cycle, Phase};
use crate::phone::{ContactKey, Phone};

/// Which form of its number a contact wrote from last ([RULES §2.4](crate::rules#2-identity)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Inbound {
    Never = 0,
    WithoutNinthDigit = 1,
    WithNinthDigit = 2,
}

/// A phone: the record of its last cycle, and what it wrote.
///
/// Most of what is asked is whether a contact is blocked. The first two words tell, and in a list of records those
/// are never in two cache lines.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(16))]
pub(crate) struct PhoneRecord {
    /// Contact key (50 bits) and flags.
    key: u64,
    /// `t0` and the number of the window.
    started: PackedTime,
    /// Last reply, and the last sender plus one.
    replied: PackedTime,
    /// Cycle id (48 bits), stage and flags.
    cycle: u64,
    pub(crate) id_message: u64,
    /// Where the campaign and operator of the cycle are kept; [`NO_CAMPAIGN`] if nowhere.
    pub(crate) campaign_ref: u32,
    /// The slot of the cycle's client, plus one.
    client: u32,
}

/// A cycle that no batch opened.
pub(crate) const NO_CAMPAIGN: u32 = u32::MAX;

const _: () = assert!(size_of::<PhoneRecord>() == 48);

impl Record for PhoneRecord {
    const VACANT: PhoneRecord = PhoneRecord {
        key: 0,
        started: PackedTime::ZERO,
        replied: PackedTime::ZERO,
        cycle: 0,
        id_message: 0,
        campaign_ref: NO_CAMPAIGN,
        client: 0,
    };

    #[inline]
    fn is_vacant(&self) -> bool {
        self.key == 0
    }

    #[inline]
    fn first_word(&self) -> u64 {
        self.key
    }
}

const KEY_MASK: u64 = (1 << 50) - 1;

impl PhoneRecord {
    bits! { key:
        phase_bits, set_phase_bits = 50, 3;
        inbound_bits, set_inbound_bits = 52, 3;
    }
    flags! { key:
        has_reply, set_has_reply = 54;
        /// Suppressed until `optIn`.
        opted_out, set_opted_out = 55;
        /// Suppressed until it writes or `optIn`.
        undeliverable, set_undeliverable = 56;
        /// The cycle's message was delivered or read.
        delivered, set_delivered = 57;
        /// The number was posted with its ninth digit.
        posted_with_ninth_digit, set_posted_with_ninth_digit = 58;
        has_id_message, set_has_id_message = 59;
        /// `expire` has listed the cycle.
        listed, set_listed = 60;
        /// Follow-up stage 1 is to come.
        first_pending, set_first_pending = 61;
        /// Follow-up stage 2 is to come.
        last_pending, set_last_pending = 62;
        /// A cycle began; it may have been dropped since.
        has_started, set_has_started = 63;
    }
    bits! { cycle: stage_bits, set_stage_bits = 48, 3; }
    flags! { cycle:
        /// The senders that failed the cycle's dispatch are kept beside the table.
        has_failures, set_has_failures = 50;
        /// When its follow-up is due, or what it follows up, is kept beside the table.
        has_override, set_has_override = 51;
    }

    pub(crate) fn new(key: ContactKey) -> PhoneRecord {
        PhoneRecord { key: key.as_u64(), ..PhoneRecord::VACANT }
    }

    #[inline]
    pub(crate) const fn key(&self) -> u64 {
        self.key & KEY_MASK
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

    /// Writes what has become of the cycle; its identity and window stay.
    pub(crate) fn set_cycle(&mut self, cycle: Cycle) {
        self.started = PackedTime::new(cycle.t0, self.started.low_bits());
        self.set_phase_bits(bits_of_phase(Some(cycle.phase)));
    }

    /// Opens the cycle of an accepted message or follow-up: what the engine and a preview have in common, so that they
    /// cannot differ.
    pub(crate) fn open_cycle(
        &mut self,
        new: NewCycle,
        sender: u32,
        id_message: Option<u64>,
        pending: [bool; 2],
    ) {
        self.open(new);
        self.set_sender(Some(sender));
        self.set_id_message(id_message);
        self.set_pending(pending);
    }

    /// Opens a new cycle. Everything that belonged to the one before is gone, except for who it is, when it
    /// wrote, and what suppresses it.
    pub(crate) fn open(&mut self, new: NewCycle) {
        self.drop_cycle();
        self.set_has_started(true);
        self.started = PackedTime::new(new.t0, new.window_number);
        self.cycle = new.id.to_u64();
        self.set_stage_bits(new.stage);
        self.set_phase_bits(bits_of_phase(Some(Phase::Open)));
    }

    /// Forgets the cycle, not its sender, nor when it began.
    pub(crate) fn drop_cycle(&mut self) {
        self.started = PackedTime::new(self.started.time(), 0);
        self.cycle = 0;
        self.id_message = 0;
        self.campaign_ref = NO_CAMPAIGN;
        self.client = 0;
        self.set_phase_bits(0);
        self.set_delivered(false);
        self.set_has_id_message(false);
        self.set_listed(false);
        self.set_pending([false, false]);
    }

    /// When the last cycle began, even if it was dropped.
    pub(crate) fn last_start(&self) -> Option<u64> {
        self.has_started().then(|| self.started.time())
    }

    /// A cycle that was dropped began then.
    pub(crate) fn set_last_start(&mut self, t0: u64) {
        self.set_has_started(true);
        self.started = PackedTime::new(t0, 0);
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

    #[inline]
    pub(crate) const fn sender(&self) -> Option<u32> {
        self.replied.low_bits().checked_sub(1)
    }

    pub(crate) fn set_sender(&mut self, sender: Option<u32>) {
        self.replied = PackedTime::new(self.replied.time(), sender.map_or(0, |sender| sender + 1));
    }

    pub(crate) fn client(&self) -> Option<Slot> {
        self.client.checked_sub(1).map(Slot::from_u32)
    }

    pub(crate) fn set_client(&mut self, client: Option<Slot>) {
        self.client = client.map_or(0, |slot| slot.to_u32() + 1);
    }

    pub(crate) fn id_message(&self) -> Option<u64> {
        self.has_id_message().then_some(self.id_message)
    }

    pub(crate) fn set_id_message(&mut self, id_message: Option<u64>) {
        self.id_message = id_message.unwrap_or(0);
        self.set_has_id_message(id_message.is_some());
    }

    /// Which follow-up stages are to come.
    pub(crate) const fn pending(&self) -> [bool; 2] {
        [self.first_pending(), self.last_pending()]
    }

    pub(crate) const fn set_pending(&mut self, pending: [bool; 2]) {
        let [first, last] = pending;
        self.set_first_pending(first);
        self.set_last_pending(last);
    }

    pub(crate) const fn has_pending(&self) -> bool {
        self.first_pending() || self.last_pending()
    }

    /// Whether something outside this record is kept for its cycle.
    pub(crate) const fn has_references(&self) -> bool {
        self.campaign_ref != NO_CAMPAIGN || self.client != 0 || self.has_failures() || self.has_override()
    }

    pub(crate) fn inbound(&self) -> Inbound {
        match self.inbound_bits() {
            1 => Inbound::WithoutNinthDigit,
            2 => Inbound::WithNinthDigit,
            _ => Inbound::Never,
        }
    }

    pub(crate) fn set_inbound(&mut self, inbound: Inbound) {
        self.set_inbound_bits(inbound as u8);
    }

    /// The number to send to: the form it wrote from last, else the form posted.
    #[inline]
    pub(crate) fn address(&self, posted: Phone) -> Phone {
        match self.inbound() {
            Inbound::Never => posted,
            Inbound::WithoutNinthDigit => posted.key().phone(false),
            Inbound::WithNinthDigit => posted.key().phone(true),
        }
    }

    /// Remembers the number as it is posted with a new cycle; the number to send to.
    #[inline]
    pub(crate) fn post_to(&mut self, posted: Phone) -> Phone {
        self.set_posted_with_ninth_digit(posted.digits() != self.key());
        self.address(posted)
    }

    /// The number that its last cycle is sent to, as it is now.
    pub(crate) fn current_address(&self) -> Option<Phone> {
        self.posted().map(|posted| self.address(posted))
    }

    /// The number as it was posted last.
    pub(crate) fn posted(&self) -> Option<Phone> {
        Some(ContactKey::from_stored(self.key())?.phone(self.posted_with_ninth_digit()))
    }

    /// Whether it is a contact: it has a cycle, or had one, or wrote.
    #[inline]
    pub(crate) const fn is_known(&self) -> bool {
        self.has_started() || self.has_reply()
    }

    /// The last time something happened to it; before all times if nothing did.
    #[inline]
    const fn last_seen(&self) -> u64 {
        self.started.later_of(self.replied)
    }

    /// When this phone is as if never seen ([RULES §3.7](crate::rules#3-the-gate)); `None` if it is so already.
    #[inline]
    pub(crate) fn retained_until(&self, retention: u64) -> Option<u64> {
        self.is_known().then(|| self.last_seen() + retention)
    }

    /// Whether it counts as it is at `now`: it has not lapsed.
    #[inline]
    pub(crate) const fn is_retained(&self, now: u64, retention: u64) -> bool {
        self.has_started() && now < self.started.time() + retention
            || self.has_reply() && now < self.replied.time() + retention
    }

    /// The record as it counts at `now`: of a lapsed one only suppression is left.
    #[inline]
    pub(crate) fn as_of(&self, now: u64, retention: u64) -> PhoneRecord {
        if self.is_retained(now, retention) { *self } else { self.suppression_only() }
    }

    /// What never lapses.
    pub(crate) fn suppression_only(&self) -> PhoneRecord {
        let mut bare = PhoneRecord { key: self.key(), ..PhoneRecord::VACANT };
        bare.set_opted_out(self.opted_out());
        bare.set_undeliverable(self.undeliverable());
        bare
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> PhoneRecord {
        PhoneRecord::new(ContactKey::from_stored(551_188_876_204).unwrap())
    }

    /// When its last cycle began is kept, also of one that was dropped: that is how long it is remembered.
    #[test]
    fn a_dropped_cycle_leaves_when_it_began() {
        let t0 = 1_795_435_200_000;
        let mut record = record();
        assert_eq!(record.last_start(), None);
        record.open(NewCycle { id: CycleId::of_dispatch(1), t0, window_number: 0, stage: 0 });
        record.drop_cycle();
        assert_eq!((record.phase(), record.last_start()), (None, Some(t0)));
        record.set_last_start(t0 + 1);
        assert_eq!(record.last_start(), Some(t0 + 1));
    }

    #[test]
    fn a_record_tells_what_is_kept_for_it_elsewhere() {
        assert!(!record().has_references());
        let changes: [fn(&mut PhoneRecord); 4] = [
            |record| record.campaign_ref = 0,
            |record| record.set_client(Some(Slot::from_u32(0))),
            |record| record.set_has_failures(true),
            |record| record.set_has_override(true),
        ];
        for change in changes {
            let mut record = record();
            change(&mut record);
            assert!(record.has_references(), "{record:?}");
        }
        for (pending, expected) in [([false, false], false), ([true, false], true), ([false, true], true)] {
            let mut record = record();
            record.set_pending(pending);
            assert_eq!(record.has_pending(), expected);
        }
    }
}
