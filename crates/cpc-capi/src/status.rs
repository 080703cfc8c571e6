//! The answers to items, and what they say to people.

use crate::choice::language_of;
use crate::text::static_text;
use core::ffi::{CStr, c_char};
use cpc_core::Status;
use cpc_wire::{Language, status_text};

/// The answer to one message, reply, report or other item. The refusals of a dispatch (10 to 90) are in order of
/// precedence: the first that applies is the answer. Numbers never change their meaning and are never reused; later
/// versions may add some.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cpc_status {
    /// The message goes out; its contact is blocked from now on.
    CPC_STATUS_ACCEPTED = 0,
    /// The phone cannot be one, or is of a country that is not allowed.
    CPC_STATUS_INVALID_PHONE = 10,
    /// A required member is missing, or one is malformed.
    CPC_STATUS_INVALID_FIELD = 11,
    /// `closeTicket` is missing or not true.
    CPC_STATUS_CLOSE_TICKET_REQUIRED = 12,
    /// `mainTemplate` is blank and the policy refuses that.
    CPC_STATUS_EMPTY_TEMPLATE = 13,
    /// The phone, or the client, has opted out.
    CPC_STATUS_OPTED_OUT = 20,
    /// The phone was found not to be reachable at all.
    CPC_STATUS_UNDELIVERABLE = 21,
    /// An earlier message of the same batch took one of the gates.
    CPC_STATUS_DUPLICATE_IN_BATCH = 30,
    /// The same message was accepted before; a success, nothing is sent again.
    CPC_STATUS_ALREADY_ACCEPTED = 31,
    /// A gate is blocked: the contact has not answered, and its window is not over.
    CPC_STATUS_CONTACT_BLOCKED = 40,
    /// It is outside the contact hours, or would be when the message goes out.
    CPC_STATUS_OUT_OF_HOURS = 50,
    /// The wallet lists operators, and this is none of them.
    CPC_STATUS_UNKNOWN_OPERATOR = 60,
    /// No sender of the wallet can serve this contact now.
    CPC_STATUS_NO_SENDER_AVAILABLE = 70,
    /// A new contact would exceed `maxContacts`.
    CPC_STATUS_CONTACTS_FULL = 80,
    /// Another message of an atomic batch was refused.
    CPC_STATUS_NOT_ATTEMPTED = 90,
    /// The command did what it says.
    CPC_STATUS_APPLIED = 100,
    /// It was so already.
    CPC_STATUS_UNCHANGED = 101,
    /// The reply freed the contact, or the contact wrote without having been asked.
    CPC_STATUS_REPLIED = 110,
    /// The reply is older than the open cycle; it frees nothing.
    CPC_STATUS_STALE_REPLY = 111,
    /// The dispatch goes out from another sender.
    CPC_STATUS_MOVED = 120,
    /// The cycle was released: its gates are free again.
    CPC_STATUS_RELEASED = 121,
    /// The message may have been delivered: the gates stay as they are.
    CPC_STATUS_KEPT = 122,
    /// The report is too late, or contradicts what is known; nothing changes.
    CPC_STATUS_STALE_REPORT = 123,
    /// No such dispatch was ever made.
    CPC_STATUS_UNKNOWN_DISPATCH = 124,
    /// The operator may write.
    CPC_STATUS_ALLOWED = 130,
    /// Operators do not open conversations.
    CPC_STATUS_MANUAL_START_DENIED = 131,
    /// A cycle ended unanswered.
    CPC_STATUS_EXPIRED = 140,
}

/// Room for the longest text with its NUL; that it is enough is checked when the library is built.
const ROOM: usize = 64;

type Text = [u8; ROOM];

/// One status: its name, and what it says.
#[derive(Clone, Copy)]
struct Told {
    code: i32,
    name: Text,
    pt_br: Text,
    en: Text,
}

const fn tell(status: Status) -> Told {
    Told {
        code: status.code() as i32,
        name: terminated(status.name()),
        pt_br: terminated(status_text(status, Language::PtBr)),
        en: terminated(status_text(status, Language::En)),
    }
}

/// A text with a NUL after it.
const fn terminated(text: &str) -> Text {
    let mut copy = [0; ROOM];
    let (mut from, mut to): (&[u8], &mut [u8]) = (text.as_bytes(), &mut copy);
    while let ([byte, from_rest @ ..], [place, to_rest @ ..]) = (from, to) {
        *place = *byte;
        from = from_rest;
        to = to_rest;
    }
    assert!(text.len() < ROOM, "the text of a status needs more room");
    copy
}

/// Every status of the engine's. What each says comes from `cpc-core` and `cpc-wire`; here it gets its NUL.
static TOLD: [Told; Status::ALL.len()] = {
    let mut told = [tell(Status::Accepted); Status::ALL.len()];
    let (mut from, mut to): (&[Status], &mut [Told]) = (&Status::ALL, &mut told);
    while let ([status, from_rest @ ..], [place, to_rest @ ..]) = (from, to) {
        *place = tell(*status);
        from = from_rest;
        to = to_rest;
    }
    told
};

fn told(status: i32, choose: impl FnOnce(&'static Told) -> &'static Text) -> *const c_char {
    let told = TOLD.iter().find(|told| told.code == status);
    static_text(told.and_then(|told| CStr::from_bytes_until_nul(choose(told)).ok()))
}

/// The name of a status as it is written in JSON, `contact_blocked`: a static text that ends with NUL. NULL for a
/// number that is no status. Any thread may call it at any time.
#[unsafe(no_mangle)]
pub extern "C" fn cpc_status_name(status: i32) -> *const c_char {
    told(status, |told| &told.name)
}

/// What a status says to people, in a `cpc_language`: a static text in UTF-8 that ends with NUL. NULL for a number
/// that is no status, or no language. Any thread may call it at any time.
#[unsafe(no_mangle)]
pub extern "C" fn cpc_status_message(status: i32, language: i32) -> *const c_char {
    match language_of(language) {
        Ok(Language::PtBr) => told(status, |told| &told.pt_br),
        Ok(Language::En) => told(status, |told| &told.en),
        Err(_) => core::ptr::null(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpc_status::*;

    /// Every constant of the header, in order.
    const CONSTANTS: [cpc_status; Status::ALL.len()] = [
        CPC_STATUS_ACCEPTED,
        CPC_STATUS_INVALID_PHONE,
        CPC_STATUS_INVALID_FIELD,
        CPC_STATUS_CLOSE_TICKET_REQUIRED,
        CPC_STATUS_EMPTY_TEMPLATE,
        CPC_STATUS_OPTED_OUT,
        CPC_STATUS_UNDELIVERABLE,
        CPC_STATUS_DUPLICATE_IN_BATCH,
        CPC_STATUS_ALREADY_ACCEPTED,
        CPC_STATUS_CONTACT_BLOCKED,
        CPC_STATUS_OUT_OF_HOURS,
        CPC_STATUS_UNKNOWN_OPERATOR,
        CPC_STATUS_NO_SENDER_AVAILABLE,
        CPC_STATUS_CONTACTS_FULL,
        CPC_STATUS_NOT_ATTEMPTED,
        CPC_STATUS_APPLIED,
        CPC_STATUS_UNCHANGED,
        CPC_STATUS_REPLIED,
        CPC_STATUS_STALE_REPLY,
        CPC_STATUS_MOVED,
        CPC_STATUS_RELEASED,
        CPC_STATUS_KEPT,
        CPC_STATUS_STALE_REPORT,
        CPC_STATUS_UNKNOWN_DISPATCH,
        CPC_STATUS_ALLOWED,
        CPC_STATUS_MANUAL_START_DENIED,
        CPC_STATUS_EXPIRED,
    ];

    fn text(text: *const c_char) -> &'static str {
        assert!(!text.is_null());
        // SAFETY: not NULL, so a static text with a NUL.
        unsafe { CStr::from_ptr(text) }.to_str().unwrap()
    }

    #[test]
    fn the_constants_are_the_statuses_of_the_engine() {
        for (constant, status) in CONSTANTS.into_iter().zip(Status::ALL) {
            assert_eq!(constant as i32, i32::from(status.code()));
            assert_eq!(format!("{constant:?}"), format!("CPC_STATUS_{}", status.name().to_uppercase()));
        }
    }

    #[test]
    fn texts_are_those_of_the_wire() {
        for status in Status::ALL {
            let code = i32::from(status.code());
            assert_eq!(text(cpc_status_name(code)), status.name());
            for (number, language) in [(1, Language::PtBr), (2, Language::En)] {
                assert_eq!(text(cpc_status_message(code, number)), status_text(status, language));
            }
        }
    }

    #[test]
    fn unknown_numbers_have_no_text() {
        for number in [1, -1, 256, i32::MIN] {
            assert!(cpc_status_name(number).is_null() && cpc_status_message(number, 1).is_null());
        }
        assert!(cpc_status_message(0, 0).is_null() && cpc_status_message(0, 3).is_null());
    }
}
