//! What a command writes: its outcomes, and when it took effect.

use crate::argument::{Output, Outputs, versioned};
use crate::member::millis;
use crate::outcome::cpc_outcome;
use crate::result::CallError;
use cpc_core::{Outcome, Receipt};

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

versioned!(cpc_applied through seq);

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

/// Where the outcomes of a command go, and when it took effect.
pub(crate) struct CommandOutput {
    outcomes: Option<Outputs<cpc_outcome>>,
    applied: Option<Output<cpc_applied>>,
}

impl CommandOutput {
    /// Places for several outcomes; `applied` may be left out.
    ///
    /// # Safety
    /// As [`Outputs::new`] and [`Output::optional`].
    pub(crate) unsafe fn of_many(
        outcomes: *mut cpc_outcome,
        capacity: usize,
        applied: *mut cpc_applied,
    ) -> Result<CommandOutput, CallError> {
        // SAFETY: the caller sees to it.
        let outcomes = unsafe { Outputs::new(outcomes, capacity, "outcomes") }?;
        // SAFETY: the caller sees to it.
        let applied = unsafe { Output::optional(applied, "applied") }?;
        Ok(CommandOutput { outcomes: Some(outcomes), applied })
    }

    /// A place for one outcome; both may be left out.
    ///
    /// # Safety
    /// As [`Output::optional`].
    pub(crate) unsafe fn of_one(
        outcome: *mut cpc_outcome,
        applied: *mut cpc_applied,
    ) -> Result<CommandOutput, CallError> {
        let outcomes = if outcome.is_null() {
            None
        } else {
            // SAFETY: the caller sees to it.
            Some(unsafe { Outputs::new(outcome, 1, "outcome") }?)
        };
        // SAFETY: the caller sees to it.
        Ok(CommandOutput { outcomes, applied: unsafe { Output::optional(applied, "applied") }? })
    }

    /// Refuses a command that would have more outcomes than there are places.
    pub(crate) fn check_room(&self, count: usize) -> Result<(), CallError> {
        self.outcomes.as_ref().map_or(Ok(()), |outcomes| outcomes.check_room(count, "capacity"))
    }

    /// The most outcomes there is room for.
    pub(crate) fn capacity(&self) -> usize {
        self.outcomes.as_ref().map_or(0, Outputs::capacity)
    }

    /// Writes the outcomes of a command, and when it took effect.
    pub(crate) fn write(mut self, outcomes: &[Outcome], applied: Receipt) {
        if let Some(place) = self.applied.take() {
            place.write(applied.into());
        }
        self.write_outcomes(outcomes);
    }

    /// Writes the outcomes alone, as those of a preview, which is no command.
    pub(crate) fn write_outcomes(self, outcomes: &[Outcome]) {
        if let Some(places) = self.outcomes {
            places.write(outcomes.iter().map(cpc_outcome::from));
        }
    }
}
