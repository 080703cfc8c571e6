//! What is remembered of a phone and of a client: one packed record each.
//!
//! A phone takes 48 bytes, three quarters of a cache line, so that ten million of them fit where a map of
//! ordinary structs would hold four. Times are kept in 42 bits, counted from 2000, which lasts until 2139; the
//! 22 bits that are left beside them hold a small number: which of the windows in use, or which sender.

use crate::gate::{Cycle, Phase};
use crate::phone::{ContactKey, Phone};
use crate::table::{Record, Slot};
use crate::time::Timestamp;

const TIME_BITS: u32 = 42;
const TIME_MASK: u64 = (1 << TIME_BITS) - 1;
/// Small numbers beside a time are below this.
pub(crate) const SMALL_LIMIT: u32 = (1 << (64 - TIME_BITS)) - 1;
/// Times are counted from here.
pub(crate) const EPOCH: u64 = Timestamp::MIN.as_millis();

/// A time and a small number in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp(u64);

impl Stamp {
    const ZERO: Stamp = Stamp(0);

    const fn new(time: u64, small: u32) -> Stamp {
        Stamp((time.saturating_sub(EPOCH) & TIME_MASK) | ((small as u64) << TIME_BITS))
    }

    const fn time(self) -> u64 {
        (self.0 & TIME_MASK) + EPOCH
    }

    const fn small(self) -> u32 {
        (self.0 >> TIME_BITS) as u32
    }
}

/// Identifies a cycle: the number of its dispatch, or of its import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CycleId(u64);

impl CycleId {
    const IMPORTED: u64 = 1 << 47;
    const MASK: u64 = (1 << 48) - 1;

    pub(crate) const fn of_dispatch(number: u64) -> CycleId {
        CycleId(number & (Self::IMPORTED - 1))
    }

    pub(crate) const fn of_import(number: u64) -> CycleId {
        CycleId((number & (Self::IMPORTED - 1)) | Self::IMPORTED)
    }

    /// The number of the dispatch; `None` for an import.
    pub(crate) const fn dispatch(self) -> Option<u64> {
        if self.0 & Self::IMPORTED == 0 { Some(self.0) } else { None }
    }

    pub(crate) const fn to_u64(self) -> u64 {
        self.0
    }

    pub(crate) const fn from_u64(value: u64) -> CycleId {
        CycleId(value & Self::MASK)
    }
}

/// The windows in use, by the small numbers that records keep of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Windows(alloc::vec::Vec<u64>);

impl Windows {
    /// The number of a window, new or old; `None` when there are more than records can tell apart.
    pub(crate) fn number(&mut self, window: u64) -> Option<u32> {
        if let Some(known) = self.0.iter().position(|other| *other == window) {
            return Some(known as u32);
        }
        let number = u32::try_from(self.0.len()).ok().filter(|number| *number < SMALL_LIMIT)?;
        self.0.push(window);
        Some(number)
    }

    fn window(&self, number: u32) -> u64 {
        self.0.get(number as usize).copied().unwrap_or(0)
    }
}

/// Which form of its number a contact wrote from last ([RULES §2.4](crate#2-identity)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Inbound {
    Never = 0,
    WithoutNinthDigit = 1,
    WithNinthDigit = 2,
}

/// A cycle as it is written into a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewCycle {
    pub(crate) id: CycleId,
    pub(crate) t0: u64,
    pub(crate) window_number: u32,
    pub(crate) stage: u8,
}

/// Declares flags in the bits of a word: name, setter, bit.
macro_rules! flags {
    ($word:ident: $($(#[$doc:meta])* $name:ident, $set:ident = $bit:expr;)*) => {
        $($(#[$doc])*
        #[inline]
        pub(crate) const fn $name(&self) -> bool {
            self.$word >> $bit & 1 == 1
        }

        pub(crate) const fn $set(&mut self, yes: bool) {
            self.$word = self.$word & !(1 << $bit) | (yes as u64) << $bit;
        })*
    };
}

macro_rules! bits {
    ($word:ident: $($name:ident, $set:ident = $bit:expr, $mask:expr;)*) => {
        $(#[inline]
        const fn $name(&self) -> u8 {
            (self.$word >> $bit & $mask) as u8
        }

        const fn $set(&mut self, value: u8) {
            self.$word = self.$word & !($mask << $bit) | (value as u64 & $mask) << $bit;
        })*
    };
}

const fn phase_from(bits: u8) -> Option<Phase> {
    match bits {
        1 => Some(Phase::Open),
        2 => Some(Phase::Replied),
        3 => Some(Phase::Released),
        _ => None,
    }
}

const fn phase_bits(phase: Option<Phase>) -> u8 {
    match phase {
        None => 0,
        Some(Phase::Open) => 1,
        Some(Phase::Replied) => 2,
        Some(Phase::Released) => 3,
    }
}

/// The last instant of all at which a contact may be remembered for something, plus the retention.
fn lapse(started: Option<u64>, replied: Option<u64>, retention: u64) -> Option<u64> {
    started.into_iter().chain(replied).max().map(|last| last + retention)
}

/// A phone: the record of its last cycle, and what it wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PhoneRecord {
    /// Contact key (50 bits) and flags.
    key: u64,
    /// `t0` and the number of the window.
    started: Stamp,
    /// Last reply, and the last sender plus one.
    replied: Stamp,
    /// Cycle id (48 bits), stage and flags.
    cycle: u64,
    pub(crate) id_message: u64,
    /// Where the campaign and operator of the cycle are kept; [`NO_ORIGIN`] if nowhere.
    pub(crate) origin: u32,
    /// The slot of the cycle's client, plus one.
    client: u32,
}

/// A cycle that no batch opened.
pub(crate) const NO_ORIGIN: u32 = u32::MAX;

const _: () = assert!(size_of::<PhoneRecord>() == 48 && size_of::<ClientRecord>() == 32);

impl Record for PhoneRecord {
    const VACANT: PhoneRecord = PhoneRecord {
        key: 0,
        started: Stamp::ZERO,
        replied: Stamp::ZERO,
        cycle: 0,
        id_message: 0,
        origin: NO_ORIGIN,
        client: 0,
    };

    fn is_vacant(&self) -> bool {
        self.key == 0
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
    }
    bits! { cycle: stage_bits, set_stage_bits = 48, 3; }
    flags! { cycle:
        /// The senders that failed the cycle's dispatch are kept beside the table.
        has_failures, set_has_failures = 50;
        /// When its follow-up is due, or what it follows up, is kept beside the table.
        has_detour, set_has_detour = 51;
    }

    pub(crate) fn new(key: ContactKey) -> PhoneRecord {
        PhoneRecord { key: key.as_u64(), ..PhoneRecord::VACANT }
    }

    #[inline]
    pub(crate) const fn key(&self) -> u64 {
        self.key & KEY_MASK
    }

    pub(crate) fn phase(&self) -> Option<Phase> {
        phase_from(self.phase_bits())
    }

    #[inline]
    pub(crate) fn cycle(&self, windows: &Windows) -> Option<Cycle> {
        let phase = self.phase()?;
        Some(Cycle { t0: self.started.time(), window: windows.window(self.started.small()), phase })
    }

    pub(crate) fn cycle_id(&self) -> Option<CycleId> {
        self.phase().map(|_| CycleId::from_u64(self.cycle))
    }

    /// Writes what has become of the cycle; its identity and window stay.
    pub(crate) fn set_cycle(&mut self, cycle: Cycle) {
        self.started = Stamp::new(cycle.t0, self.started.small());
        self.set_phase_bits(phase_bits(Some(cycle.phase)));
    }

    /// Opens a new cycle. Everything that belonged to the one before is gone, except for who it is, when it
    /// wrote, and what suppresses it.
    pub(crate) fn open(&mut self, new: NewCycle) {
        self.drop_cycle();
        self.started = Stamp::new(new.t0, new.window_number);
        self.cycle = new.id.to_u64();
        self.set_stage_bits(new.stage);
        self.set_phase_bits(phase_bits(Some(Phase::Open)));
    }

    /// Forgets the cycle, not its sender.
    pub(crate) fn drop_cycle(&mut self) {
        self.started = Stamp::ZERO;
        self.cycle = 0;
        self.id_message = 0;
        self.origin = NO_ORIGIN;
        self.client = 0;
        self.set_phase_bits(0);
        self.set_delivered(false);
        self.set_has_id_message(false);
        self.set_listed(false);
        self.set_pending([false, false]);
    }

    pub(crate) fn stage(&self) -> u8 {
        self.stage_bits()
    }

    pub(crate) fn last_reply(&self) -> Option<u64> {
        self.has_reply().then(|| self.replied.time())
    }

    pub(crate) fn set_last_reply(&mut self, at: u64) {
        self.replied = Stamp::new(at, self.replied.small());
        self.set_has_reply(true);
    }

    #[inline]
    pub(crate) const fn sender(&self) -> Option<u32> {
        self.replied.small().checked_sub(1)
    }

    pub(crate) fn set_sender(&mut self, sender: Option<u32>) {
        let time = if self.has_reply() { self.replied.time() } else { EPOCH };
        self.replied = Stamp::new(time, sender.map_or(0, |sender| sender + 1));
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
    pub(crate) fn address(&self, posted_with_ninth_digit: bool) -> Option<Phone> {
        let ninth_digit = match self.inbound() {
            Inbound::Never => posted_with_ninth_digit,
            Inbound::WithoutNinthDigit => false,
            Inbound::WithNinthDigit => true,
        };
        Some(ContactKey::from_stored(self.key())?.phone(ninth_digit))
    }

    /// When this phone is as if never seen ([RULES §3.7](crate#3-the-gate)); `None` if it is so already.
    #[inline]
    pub(crate) fn lapses_at(&self, retention: u64) -> Option<u64> {
        lapse(self.phase().map(|_| self.started.time()), self.last_reply(), retention)
    }

    /// The record as it counts at `now`: of a lapsed one only suppression is left.
    #[inline]
    pub(crate) fn as_of(&self, now: u64, retention: u64) -> PhoneRecord {
        match self.lapses_at(retention) {
            Some(instant) if now < instant => *self,
            _ => self.suppression_only(),
        }
    }

    /// What never lapses.
    pub(crate) fn suppression_only(&self) -> PhoneRecord {
        let mut bare = PhoneRecord { key: self.key(), ..PhoneRecord::VACANT };
        bare.set_opted_out(self.opted_out());
        bare.set_undeliverable(self.undeliverable());
        bare
    }
}

/// A client: its id, and the last cycle that took its gate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientRecord {
    /// Where its id is (40 bits), how long that is (8 bits), and flags.
    text: u64,
    started: Stamp,
    /// Last reply, and the sender plus one.
    replied: Stamp,
    /// Cycle id (48 bits), and how many phones' last cycles name this client.
    cycle: u64,
}

impl Record for ClientRecord {
    const VACANT: ClientRecord =
        ClientRecord { text: 0, started: Stamp::ZERO, replied: Stamp::ZERO, cycle: 0 };

    fn is_vacant(&self) -> bool {
        self.text == 0
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
        has_mark, set_has_mark = 54;
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

    pub(crate) fn phase(&self) -> Option<Phase> {
        phase_from(self.phase_bits())
    }

    pub(crate) fn cycle(&self, windows: &Windows) -> Option<Cycle> {
        let phase = self.phase()?;
        Some(Cycle { t0: self.started.time(), window: windows.window(self.started.small()), phase })
    }

    pub(crate) fn cycle_id(&self) -> Option<CycleId> {
        self.phase().map(|_| CycleId::from_u64(self.cycle))
    }

    pub(crate) fn set_cycle(&mut self, cycle: Cycle) {
        self.started = Stamp::new(cycle.t0, self.started.small());
        self.set_phase_bits(phase_bits(Some(cycle.phase)));
    }

    pub(crate) fn open(&mut self, new: NewCycle, sender: Option<u32>) {
        self.started = Stamp::new(new.t0, new.window_number);
        self.cycle = self.cycle & !CycleId::MASK | new.id.to_u64();
        self.set_stage_bits(new.stage);
        self.set_phase_bits(phase_bits(Some(Phase::Open)));
        self.set_sender(sender);
    }

    pub(crate) fn stage(&self) -> u8 {
        self.stage_bits()
    }

    pub(crate) fn last_reply(&self) -> Option<u64> {
        self.has_reply().then(|| self.replied.time())
    }

    pub(crate) fn set_last_reply(&mut self, at: u64) {
        self.replied = Stamp::new(at, self.replied.small());
        self.set_has_reply(true);
    }

    pub(crate) const fn sender(&self) -> Option<u32> {
        self.replied.small().checked_sub(1)
    }

    pub(crate) fn set_sender(&mut self, sender: Option<u32>) {
        let time = if self.has_reply() { self.replied.time() } else { EPOCH };
        self.replied = Stamp::new(time, sender.map_or(0, |sender| sender + 1));
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

    /// When this client is as if never seen; `None` if it is so already.
    pub(crate) fn lapses_at(&self, retention: u64) -> Option<u64> {
        lapse(self.phase().map(|_| self.started.time()), self.last_reply(), retention)
    }

    /// The record as it counts at `now`: of a lapsed one only suppression is left.
    pub(crate) fn as_of(&self, now: u64, retention: u64) -> ClientRecord {
        match self.lapses_at(retention) {
            Some(instant) if now < instant => *self,
            _ => self.suppression_only(),
        }
    }

    /// What never lapses, and what phones still need.
    pub(crate) fn suppression_only(&self) -> ClientRecord {
        let mut bare = ClientRecord::new(self.offset(), self.length());
        bare.cycle = self.cycle & !CycleId::MASK;
        bare.set_opted_out(self.opted_out());
        bare.set_has_mark(self.has_mark());
        bare.set_forgotten(self.forgotten());
        bare
    }
}
