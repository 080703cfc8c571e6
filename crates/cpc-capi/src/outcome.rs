//! Outcomes: what became of each item.

use crate::argument::{Output, Outputs, sized};
use crate::handle::State;
use crate::result::Failure;
use crate::text::cpc_text;
use cpc_core::{Outcome, Phone, Receipt, Timestamp};

/// `cpc_outcome.present`: `stage` is there.
pub const CPC_HAS_STAGE: u32 = 1;
/// `cpc_outcome.present`: `first_index` is there.
pub const CPC_HAS_FIRST_INDEX: u32 = 2;
/// `present`: `sender` is there.
pub const CPC_HAS_SENDER: u32 = 4;
/// `cpc_outcome.present`: `phone` is there.
pub const CPC_HAS_PHONE: u32 = 8;
/// `present`: `dispatch` is there.
pub const CPC_HAS_DISPATCH: u32 = 16;
/// `cpc_outcome.present`: `origin` is there.
pub const CPC_HAS_ORIGIN: u32 = 32;
/// `cpc_outcome.present`: `to` is there.
pub const CPC_HAS_TO: u32 = 64;
/// `cpc_outcome.present`: `send_at` is there.
pub const CPC_HAS_SEND_AT: u32 = 128;
/// `cpc_outcome.present`: `blocked_until` is there.
pub const CPC_HAS_BLOCKED_UNTIL: u32 = 256;
/// `cpc_outcome.present`: `retry_at` is there.
pub const CPC_HAS_RETRY_AT: u32 = 512;
/// `cpc_outcome.present`: `expired_at` is there.
pub const CPC_HAS_EXPIRED_AT: u32 = 1024;
/// `cpc_outcome.present`: `field` is there.
pub const CPC_HAS_FIELD: u32 = 2048;
/// `cpc_outcome.present`, of an accepted message: a warning, its main template is blank.
pub const CPC_WARNS_EMPTY_TEMPLATE: u32 = 4096;

/// What became of one item. `present` says which members are there; the others are 0. Instants are milliseconds since
/// 1970, UTC; phones are their digits as a number, with the country.
///
/// Where a call fills an array of these, set the `struct_size` of the first; the call sets those of the others.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct cpc_outcome {
    /// `sizeof(cpc_outcome)`.
    pub struct_size: u32,
    /// The answer, a `cpc_status`.
    pub status: i32,
    /// Which members are there: `CPC_HAS_…`, and `CPC_WARNS_EMPTY_TEMPLATE`.
    pub present: u32,
    /// Which message of its cycle this is: 0 the dispatch itself, 1 and 2 its follow-ups.
    pub stage: u32,
    /// `duplicate_in_batch`: the earlier item that took the gate, from 0.
    pub first_index: u32,
    /// The sender of the cycle, a number that `cpc_engine_sender_id` has the id of. Do not store the number: after
    /// a restore it may be another sender's.
    pub sender: u32,
    /// Whom it is about, where the call did not say: the number of a follow-up as it was posted, the contact key
    /// of an expired cycle.
    pub phone: u64,
    /// The number of the dispatch.
    pub dispatch: u64,
    /// A follow-up: the dispatch it follows up.
    pub origin: u64,
    /// The number to send to.
    pub to: u64,
    /// When to send.
    pub send_at: i64,
    /// Until when the contact is blocked unless it answers.
    pub blocked_until: i64,
    /// A refusal: when asking again could help.
    pub retry_at: i64,
    /// `expired`: when the cycle ended.
    pub expired_at: i64,
    /// `invalid_field`: which one, by its name in JSON; a static text without a NUL.
    pub field: cpc_text,
}

/// When a command took effect, and how many there have been. A log stores `effective_at`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct cpc_applied {
    /// `sizeof(cpc_applied)`.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// The later of the command's time and the engine's clock, in milliseconds since 1970, UTC.
    pub effective_at: i64,
    /// How many commands have been applied, this one included.
    pub seq: u64,
}

sized!(cpc_outcome, cpc_applied);

/// An instant as C takes it. The engine's instants are far below 2^63.
pub(crate) const fn millis(instant: Timestamp) -> i64 {
    instant.as_millis() as i64
}

/// Notes that a member is there, and gives its value. Without a branch: which members are there differs from message
/// to message.
#[inline]
pub(crate) fn note<T: Default>(present: &mut u32, flag: u32, value: Option<T>) -> T {
    *present |= flag * u32::from(value.is_some());
    value.unwrap_or_default()
}

impl From<&Outcome> for cpc_outcome {
    #[inline]
    fn from(outcome: &Outcome) -> cpc_outcome {
        let mut present = if outcome.empty_template { CPC_WARNS_EMPTY_TEMPLATE } else { 0 };
        let mut instant = |flag, value: Option<Timestamp>| note(&mut present, flag, value.map(millis));
        let send_at = instant(CPC_HAS_SEND_AT, outcome.send_at);
        let blocked_until = instant(CPC_HAS_BLOCKED_UNTIL, outcome.blocked_until);
        let retry_at = instant(CPC_HAS_RETRY_AT, outcome.retry_at);
        let expired_at = instant(CPC_HAS_EXPIRED_AT, outcome.expired_at);
        let mut number = |flag, value| note(&mut present, flag, value);
        let phone = number(CPC_HAS_PHONE, outcome.phone.map(Phone::digits));
        let dispatch = number(CPC_HAS_DISPATCH, outcome.dispatch.map(u64::from));
        let origin = number(CPC_HAS_ORIGIN, outcome.origin.map(u64::from));
        let to = number(CPC_HAS_TO, outcome.to.map(Phone::digits));
        let mut small = |flag, value| note(&mut present, flag, value);
        let stage = small(CPC_HAS_STAGE, outcome.stage.map(u32::from));
        let first_index = small(CPC_HAS_FIRST_INDEX, outcome.first_index);
        let sender = small(CPC_HAS_SENDER, outcome.sender.map(|sender| sender.number()));
        let field = note(&mut present, CPC_HAS_FIELD, outcome.field.map(cpc_text::of));
        cpc_outcome {
            struct_size: size_of::<cpc_outcome>() as u32,
            status: i32::from(outcome.status.code()),
            present,
            stage,
            first_index,
            sender,
            phone,
            dispatch,
            origin,
            to,
            send_at,
            blocked_until,
            retry_at,
            expired_at,
            field,
        }
    }
}

impl From<Receipt> for cpc_applied {
    fn from(applied: Receipt) -> cpc_applied {
        cpc_applied {
            struct_size: size_of::<cpc_applied>() as u32,
            reserved: 0,
            effective_at: millis(applied.effective_at),
            seq: applied.seq,
        }
    }
}

/// The places for the answer to a command.
pub(crate) struct Answer {
    outcomes: Option<Outputs<cpc_outcome>>,
    applied: Option<Output<cpc_applied>>,
}

impl Answer {
    /// Places for a row of outcomes, and perhaps for when it took effect.
    ///
    /// # Safety
    /// As [`Outputs::new`] and [`Output::optional`].
    pub(crate) unsafe fn of_many(
        outcomes: *mut cpc_outcome,
        capacity: usize,
        applied: *mut cpc_applied,
    ) -> Result<Answer, Failure> {
        // SAFETY: the caller sees to it.
        let outcomes = unsafe { Outputs::new(outcomes, capacity, "outcomes") }?;
        // SAFETY: the caller sees to it.
        let applied = unsafe { Output::optional(applied, "applied") }?;
        Ok(Answer { outcomes: Some(outcomes), applied })
    }

    /// A place for one outcome, and perhaps for when it took effect; each may be left out.
    ///
    /// # Safety
    /// As [`Output::optional`].
    pub(crate) unsafe fn of_one(
        outcome: *mut cpc_outcome,
        applied: *mut cpc_applied,
    ) -> Result<Answer, Failure> {
        let outcomes = if outcome.is_null() {
            None
        } else {
            // SAFETY: the caller sees to it.
            Some(unsafe { Outputs::new(outcome, 1, "outcome") }?)
        };
        // SAFETY: the caller sees to it.
        Ok(Answer { outcomes, applied: unsafe { Output::optional(applied, "applied") }? })
    }

    /// Refuses a command that would have more outcomes than there are places.
    pub(crate) fn check_room(&self, count: usize) -> Result<(), Failure> {
        self.outcomes.as_ref().map_or(Ok(()), |outcomes| outcomes.check_room(count, "capacity"))
    }

    /// The most outcomes there is room for.
    pub(crate) fn capacity(&self) -> usize {
        self.outcomes.as_ref().map_or(0, Outputs::capacity)
    }

    /// Writes the outcomes of a command that was applied.
    pub(crate) fn write(self, state: &State, applied: Receipt) {
        if let Some(outcomes) = self.outcomes {
            outcomes.write(state.outcomes.iter().map(cpc_outcome::from));
        }
        if let Some(place) = self.applied {
            place.write(applied.into());
        }
    }

    /// Writes the outcomes of a preview, which is no command.
    pub(crate) fn write_preview(self, state: &State) {
        if let Some(outcomes) = self.outcomes {
            outcomes.write(state.outcomes.iter().map(cpc_outcome::from));
        }
    }
}
