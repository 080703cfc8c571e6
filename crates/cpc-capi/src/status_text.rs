//! Names and messages of statuses.

use crate::choice::language_of;
use crate::text::static_text;
use core::ffi::{CStr, c_char};
use cpc_core::Status;
use cpc_wire::{Language, status_text};

/// Room for the longest text with its NUL; that it is enough is checked when the library is built.
const ROOM: usize = 64;

type Text = [u8; ROOM];

/// A status with its name and its messages.
#[derive(Clone, Copy)]
struct StatusText {
    code: i32,
    name: Text,
    pt_br: Text,
    en: Text,
}

const fn row(status: Status) -> StatusText {
    StatusText {
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

/// Every status. The texts are those of `cpc-core` and `cpc-wire`, copied when the library is built because C wants a
/// NUL after each.
static TEXTS: [StatusText; Status::ALL.len()] = {
    let mut rows = [row(Status::Accepted); Status::ALL.len()];
    let (mut from, mut to): (&[Status], &mut [StatusText]) = (&Status::ALL, &mut rows);
    while let ([status, from_rest @ ..], [place, to_rest @ ..]) = (from, to) {
        *place = row(*status);
        from = from_rest;
        to = to_rest;
    }
    rows
};

fn text_of(status: i32, choose: impl FnOnce(&'static StatusText) -> &'static Text) -> *const c_char {
    let row = TEXTS.iter().find(|row| row.code == status);
    static_text(row.and_then(|row| CStr::from_bytes_until_nul(choose(row)).ok()))
}

/// The name of a status as it is written in JSON, `contact_blocked`: a static text that ends with NUL. NULL for a
/// number that is no status.
#[unsafe(no_mangle)]
pub extern "C" fn cpc_status_name(status: i32) -> *const c_char {
    text_of(status, |row| &row.name)
}

/// What a status says to people, in a `cpc_language`: a static text in UTF-8 that ends with NUL. NULL for a number
/// that is no status, or no language.
#[unsafe(no_mangle)]
pub extern "C" fn cpc_status_message(status: i32, language: i32) -> *const c_char {
    match language_of(language) {
        Ok(Language::PtBr) => text_of(status, |row| &row.pt_br),
        Ok(Language::En) => text_of(status, |row| &row.en),
        Err(_) => core::ptr::null(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: *const c_char) -> &'static str {
        assert!(!text.is_null());
        // SAFETY: not NULL, so a static text with a NUL.
        unsafe { CStr::from_ptr(text) }.to_str().unwrap()
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
