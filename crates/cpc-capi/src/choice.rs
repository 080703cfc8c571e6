//! Choices. They come in as plain integers, because a C enum may hold any number: what does not exist is refused.

use crate::result::{CallError, cpc_result};
use cpc_core::{Delivery, Fault, SenderState};
use cpc_wire::{Language, ResponseProfile};

/// A language of texts for people.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cpc_language {
    /// Portuguese as written in Brazil.
    CPC_LANGUAGE_PT_BR = 1,
    /// English.
    CPC_LANGUAGE_EN = 2,
}

/// How much the response to a massivocpc request says.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cpc_profile {
    /// All of it: `partial`, and of every error its code, its message's number and when to try again.
    CPC_PROFILE_FULL = 1,
    /// Only what the document has: `success` and `error`, `phone` and `reason`.
    CPC_PROFILE_SPEC = 2,
}

/// How a delivery went.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cpc_delivery {
    /// On its way.
    CPC_DELIVERY_SENT = 1,
    /// Delivered to the contact's device.
    CPC_DELIVERY_DELIVERED = 2,
    /// Read by the contact.
    CPC_DELIVERY_READ = 3,
    /// Not delivered; a `cpc_fault` says why.
    CPC_DELIVERY_FAILED = 4,
}

/// The cause of a failed delivery.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cpc_fault {
    /// None: it did not fail.
    CPC_FAULT_NONE = 0,
    /// The contact can never be reached.
    CPC_FAULT_CONTACT = 1,
    /// The sender cannot send.
    CPC_FAULT_SENDER = 2,
    /// The message itself: its template, its payload.
    CPC_FAULT_REQUEST = 3,
    /// Not known; it may have been delivered.
    CPC_FAULT_AMBIGUOUS = 4,
}

/// The state of a contact's gate.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cpc_gate {
    /// No cycle, or it was released: a new contact may be made.
    CPC_GATE_FREE = 0,
    /// The cycle is open and its window runs: no new contact.
    CPC_GATE_BLOCKED = 1,
    /// The cycle's window ended unanswered: a new contact may be made.
    CPC_GATE_EXPIRED = 2,
    /// The contact answered, or wrote by itself: a new contact may be made.
    CPC_GATE_REPLIED = 3,
    /// Opted out or undeliverable: no new contact until that is lifted.
    CPC_GATE_SUPPRESSED = 4,
}

/// Why a contact is suppressed.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cpc_suppression {
    /// It is not.
    CPC_SUPPRESSION_NONE = 0,
    /// It asked not to be written to.
    CPC_SUPPRESSION_OPTED_OUT = 1,
    /// It was found not to be reachable.
    CPC_SUPPRESSION_UNDELIVERABLE = 2,
}

/// Whether a sender may be used.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cpc_sender_state {
    /// It serves everybody.
    CPC_SENDER_READY = 0,
    /// It rests.
    CPC_SENDER_PAUSED = 1,
    /// It serves only the contacts whose last sender it is.
    CPC_SENDER_EXISTING_ONLY = 2,
    /// It failed, and rests.
    CPC_SENDER_QUARANTINED = 3,
    /// It is out of use.
    CPC_SENDER_DISABLED = 4,
}

const fn unknown<T>(name: &'static str) -> Result<T, CallError> {
    Err(CallError::Misuse(cpc_result::CPC_ERR_UNKNOWN_VALUE, name))
}

pub(crate) const fn language_of(number: i32) -> Result<Language, CallError> {
    match number {
        1 => Ok(Language::PtBr),
        2 => Ok(Language::En),
        _ => unknown("language"),
    }
}

pub(crate) const fn profile_of(number: i32) -> Result<ResponseProfile, CallError> {
    match number {
        1 => Ok(ResponseProfile::Full),
        2 => Ok(ResponseProfile::Spec),
        _ => unknown("profile"),
    }
}

/// A failure needs a fault, and nothing else has one.
pub(crate) const fn delivery_of(delivery: i32, fault: i32) -> Result<Delivery, CallError> {
    match (delivery, fault) {
        (1, 0) => Ok(Delivery::Sent),
        (2, 0) => Ok(Delivery::Delivered),
        (3, 0) => Ok(Delivery::Read),
        (4, 1) => Ok(Delivery::Failed(Fault::Contact)),
        (4, 2) => Ok(Delivery::Failed(Fault::Sender)),
        (4, 3) => Ok(Delivery::Failed(Fault::Request)),
        (4, 4) => Ok(Delivery::Failed(Fault::Ambiguous)),
        (1..=4, _) => unknown("fault"),
        _ => unknown("delivery"),
    }
}

pub(crate) fn sender_state_of(number: i32) -> Result<SenderState, CallError> {
    let known = SenderState::ALL.into_iter().find(|state| *state as i32 == number);
    known.ok_or(CallError::Misuse(cpc_result::CPC_ERR_UNKNOWN_VALUE, "state"))
}

/// Refuses flags other than the known ones.
pub(crate) const fn check_flags(flags: u32, known: u32) -> Result<(), CallError> {
    if flags & !known == 0 { Ok(()) } else { unknown("flags") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_mean_what_they_say() {
        use cpc_sender_state::*;
        assert_eq!(language_of(cpc_language::CPC_LANGUAGE_PT_BR as i32), Ok(Language::PtBr));
        assert_eq!(language_of(cpc_language::CPC_LANGUAGE_EN as i32), Ok(Language::En));
        assert_eq!(profile_of(cpc_profile::CPC_PROFILE_FULL as i32), Ok(ResponseProfile::Full));
        assert_eq!(profile_of(cpc_profile::CPC_PROFILE_SPEC as i32), Ok(ResponseProfile::Spec));
        let states = [
            (CPC_SENDER_READY, SenderState::Ready),
            (CPC_SENDER_PAUSED, SenderState::Paused),
            (CPC_SENDER_EXISTING_ONLY, SenderState::ExistingOnly),
            (CPC_SENDER_QUARANTINED, SenderState::Quarantined),
            (CPC_SENDER_DISABLED, SenderState::Disabled),
        ];
        for (number, state) in states {
            assert_eq!(sender_state_of(number as i32), Ok(state));
        }
    }

    #[test]
    fn a_failure_needs_a_fault_and_nothing_else_has_one() {
        use cpc_delivery::*;
        use cpc_fault::*;
        let read = |delivery: cpc_delivery, fault: cpc_fault| delivery_of(delivery as i32, fault as i32);
        assert_eq!(read(CPC_DELIVERY_SENT, CPC_FAULT_NONE), Ok(Delivery::Sent));
        assert_eq!(read(CPC_DELIVERY_DELIVERED, CPC_FAULT_NONE), Ok(Delivery::Delivered));
        assert_eq!(read(CPC_DELIVERY_READ, CPC_FAULT_NONE), Ok(Delivery::Read));
        let faults = [
            (CPC_FAULT_CONTACT, Fault::Contact),
            (CPC_FAULT_SENDER, Fault::Sender),
            (CPC_FAULT_REQUEST, Fault::Request),
            (CPC_FAULT_AMBIGUOUS, Fault::Ambiguous),
        ];
        for (number, fault) in faults {
            assert_eq!(read(CPC_DELIVERY_FAILED, number), Ok(Delivery::Failed(fault)));
            assert_eq!(read(CPC_DELIVERY_READ, number), unknown("fault"));
        }
        assert_eq!(read(CPC_DELIVERY_FAILED, CPC_FAULT_NONE), unknown("fault"));
    }

    #[test]
    fn numbers_that_are_no_choice_are_refused() {
        for number in [0, 3, -1, i32::MAX, i32::MIN] {
            assert_eq!(language_of(number), unknown("language"));
            assert_eq!(profile_of(number), unknown("profile"));
        }
        for number in [-1, 5, i32::MAX] {
            assert_eq!(sender_state_of(number), unknown("state"));
            assert_eq!(delivery_of(number, 0), unknown("delivery"));
            assert_eq!(delivery_of(4, number), unknown("fault"));
        }
        assert_eq!(check_flags(0b101, 0b111), Ok(()));
        assert_eq!(check_flags(0b1101, 0b111), unknown("flags"));
    }
}
