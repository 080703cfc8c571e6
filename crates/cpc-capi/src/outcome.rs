//! The outcome of an item: flags, struct, and its making from the engine's. Nothing else, so that it can be generated.

use crate::argument::versioned;
use crate::member::{millis, set};
use crate::text::cpc_text;
use cpc_core::{Outcome, Phone};

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

/// The answer to one item. `present` says which members are there; the others are 0. Instants are milliseconds since
/// 1970, UTC; phones are their digits as a number, with the country.
///
/// Where a call fills an array of these, set the `struct_size` of the first; the call sets the others to the same.
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
    /// The contact, where the call did not name it: the number of a follow-up as it was posted, the contact key of an
    /// expired cycle.
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

versioned!(cpc_outcome through field);

impl From<&Outcome> for cpc_outcome {
    #[inline]
    fn from(outcome: &Outcome) -> cpc_outcome {
        let mut present = CPC_WARNS_EMPTY_TEMPLATE * u32::from(outcome.empty_template);
        cpc_outcome {
            struct_size: size_of::<cpc_outcome>() as u32,
            status: i32::from(outcome.status.code()),
            stage: set(&mut present, CPC_HAS_STAGE, outcome.stage.map(u32::from)),
            first_index: set(&mut present, CPC_HAS_FIRST_INDEX, outcome.first_index),
            sender: set(&mut present, CPC_HAS_SENDER, outcome.sender.map(|sender| sender.number())),
            phone: set(&mut present, CPC_HAS_PHONE, outcome.phone.map(Phone::digits)),
            dispatch: set(&mut present, CPC_HAS_DISPATCH, outcome.dispatch.map(u64::from)),
            origin: set(&mut present, CPC_HAS_ORIGIN, outcome.origin.map(u64::from)),
            to: set(&mut present, CPC_HAS_TO, outcome.to.map(Phone::digits)),
            send_at: set(&mut present, CPC_HAS_SEND_AT, outcome.send_at.map(millis)),
            blocked_until: set(&mut present, CPC_HAS_BLOCKED_UNTIL, outcome.blocked_until.map(millis)),
            retry_at: set(&mut present, CPC_HAS_RETRY_AT, outcome.retry_at.map(millis)),
            expired_at: set(&mut present, CPC_HAS_EXPIRED_AT, outcome.expired_at.map(millis)),
            field: set(&mut present, CPC_HAS_FIELD, outcome.field.map(cpc_text::of)),
            present,
        }
    }
}
