//! The columns of outcomes: one row of the table a column, with what its places hold. The functions in `lib` take
//! those that their command fills.
//!
//! An item without a value has NaN in a column of numbers, and [`NO_SENDER`] in that of senders.

use core::num::NonZeroU64;
use cpc_core::{Outcome, Phone, SenderRef, Timestamp};

/// In the column of senders: none.
pub(crate) const NO_SENDER: u32 = u32::MAX;

/// Declares the columns, each with the type of its places and the value of an outcome.
macro_rules! outcome_columns {
    ($($name:ident: $kind:ty = $value:expr;)*) => {
        /// Where outcomes go, one place an item. A column that is shorter takes what fits.
        #[derive(Default)]
        pub(crate) struct OutcomeColumns<'a> {
            $(pub(crate) $name: &'a mut [$kind],)*
        }

        impl OutcomeColumns<'_> {
            /// Writes every column.
            pub(crate) fn fill(self, outcomes: &[Outcome]) {
                $(fill(self.$name, outcomes, $value);)*
            }
        }
    };
}

outcome_columns! {
    statuses: u8 = |outcome| outcome.status.code();
    phones: f64 = |outcome| number(outcome.phone.map(Phone::digits));
    origins: f64 = |outcome| number(outcome.origin.map(NonZeroU64::get));
    stages: u8 = |outcome| outcome.stage.unwrap_or(0);
    dispatches: f64 = |outcome| number(outcome.dispatch.map(NonZeroU64::get));
    senders: u32 = |outcome| outcome.sender.map_or(NO_SENDER, SenderRef::number);
    to: f64 = |outcome| number(outcome.to.map(Phone::digits));
    send_at: f64 = |outcome| instant(outcome.send_at);
    blocked_until: f64 = |outcome| instant(outcome.blocked_until);
    retry_at: f64 = |outcome| instant(outcome.retry_at);
}

fn fill<T>(column: &mut [T], outcomes: &[Outcome], value: impl Fn(&Outcome) -> T) {
    column.iter_mut().zip(outcomes).for_each(|(place, outcome)| *place = value(outcome));
}

/// Phones, dispatch numbers and times are far below 2^53, so that a float holds them exactly.
fn number(value: Option<u64>) -> f64 {
    value.map_or(f64::NAN, |value| value as f64)
}

fn instant(value: Option<Timestamp>) -> f64 {
    number(value.map(Timestamp::as_millis))
}
