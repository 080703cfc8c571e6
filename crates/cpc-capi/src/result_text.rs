//! Names and messages of results.

use crate::result::cpc_result::{self, *};
use crate::text::{cpc_text, static_text};
use core::ffi::{CStr, c_char};

/// A result with its name and its meaning.
struct ResultText {
    result: cpc_result,
    name: &'static CStr,
    message: &'static CStr,
}

const fn row(result: cpc_result, name: &'static CStr, message: &'static CStr) -> ResultText {
    ResultText { result, name, message }
}

/// Every result.
const TEXTS: &[ResultText] = &[
    row(CPC_OK, c"ok", c"done"),
    row(CPC_ERR_NULL, c"null", c"a pointer is NULL that must not be"),
    row(CPC_ERR_ALIGNMENT, c"alignment", c"a pointer is not aligned as its type must be"),
    row(
        CPC_ERR_STRUCT_SIZE,
        c"struct_size",
        c"struct_size is not the size of a version of the struct that the library knows",
    ),
    row(CPC_ERR_UNKNOWN_VALUE, c"unknown_value", c"a number or flag that does not exist"),
    row(CPC_ERR_UTF8, c"utf8", c"a text is not UTF-8"),
    row(CPC_ERR_CAPACITY, c"capacity", c"there is not enough room for the answer"),
    row(CPC_ERR_TOO_LARGE, c"too_large", c"a length or count is larger than memory"),
    row(CPC_ERR_BUSY, c"busy", c"another call on the same handle is running"),
    row(CPC_ERR_POISONED, c"poisoned", c"an earlier call on this handle met a bug; it can only be freed"),
    row(CPC_ERR_PANIC, c"panic", c"a bug of the library; the handle can only be freed"),
    // generated: texts of refused commands
    row(
        CPC_ERR_TIMESTAMP_OUT_OF_RANGE,
        c"timestamp_out_of_range",
        c"a time is not between 2000-01-01 and 2100-01-01 in milliseconds",
    ),
    row(CPC_ERR_CLOCK_JUMP, c"clock_jump", c"at is too far ahead of the clock"),
    row(CPC_ERR_UNKNOWN_WALLET, c"unknown_wallet", c"no wallet has this tag"),
    row(CPC_ERR_UNKNOWN_SENDER, c"unknown_sender", c"the wallet has no such sender"),
    row(CPC_ERR_SENDER_TAKEN, c"sender_taken", c"the sender belongs to another wallet"),
    row(CPC_ERR_EMPTY_BATCH, c"empty_batch", c"the batch has no messages"),
    row(CPC_ERR_BATCH_TOO_LARGE, c"batch_too_large", c"the batch has more messages than the policy allows"),
    row(CPC_ERR_INVALID_FIELD, c"invalid_field", c"a member is missing or malformed"),
    row(CPC_ERR_INVALID_PHONE, c"invalid_phone", c"not a valid phone number"),
    row(CPC_ERR_INVALID_POLICY, c"invalid_policy", c"a member of the policy is outside its bounds"),
    row(CPC_ERR_TOO_MANY, c"too_many", c"more wallets, senders or groups than an engine holds"),
    // end
    row(CPC_ERR_REFUSED, c"refused", c"refused"),
    row(CPC_ERR_NOT_A_SNAPSHOT, c"not_a_snapshot", c"the bytes are not a snapshot"),
    row(
        CPC_ERR_SNAPSHOT_VERSION,
        c"snapshot_version",
        c"a snapshot of a format that this version does not read",
    ),
    row(CPC_ERR_SNAPSHOT_TRUNCATED, c"snapshot_truncated", c"the snapshot is truncated"),
    row(CPC_ERR_SNAPSHOT_DAMAGED, c"snapshot_damaged", c"the snapshot is damaged"),
    row(
        CPC_ERR_SNAPSHOT_TRAILING_BYTES,
        c"snapshot_trailing_bytes",
        c"the snapshot is followed by other bytes",
    ),
];

fn find(result: i32) -> Option<&'static ResultText> {
    TEXTS.iter().find(|row| row.result as i32 == result)
}

/// What a result means, for programmers.
pub(crate) fn message_of(result: cpc_result) -> &'static str {
    find(result as i32).and_then(|row| row.message.to_str().ok()).unwrap_or_default()
}

/// The name of a result, `unknown_wallet`, a static text that ends with NUL; those of refused commands are as in
/// JSON. NULL for a number that is no result.
#[unsafe(no_mangle)]
pub extern "C" fn cpc_result_name(result: i32) -> *const c_char {
    static_text(find(result).map(|row| row.name))
}

/// What a result means, in English, for programmers: a static text that ends with NUL. NULL for a number that is no
/// result.
#[unsafe(no_mangle)]
pub extern "C" fn cpc_result_message(result: i32) -> *const c_char {
    static_text(find(result).map(|row| row.message))
}

/// The result that a refused command line names, so that both levels have the same numbers: `unknown_wallet`, from
/// `{"error":"unknown_wallet",…}`, is `CPC_ERR_UNKNOWN_WALLET`. `CPC_ERR_REFUSED` for a name that is no result's, such
/// as `unknown_op`, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_result_of_name(name: cpc_text) -> cpc_result {
    // SAFETY: the caller's to be read during the call.
    let name = unsafe { name.bytes("name") }.unwrap_or_default();
    TEXTS.iter().find(|row| row.name.to_bytes() == name).map_or(CPC_ERR_REFUSED, |row| row.result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::CallError;
    use cpc_core::{CommandError, ErrorCode};
    use std::collections::BTreeSet;

    #[test]
    fn every_result_has_one_row() {
        let numbers: BTreeSet<i32> = TEXTS.iter().map(|row| row.result as i32).collect();
        let names: BTreeSet<&CStr> = TEXTS.iter().map(|row| row.name).collect();
        assert_eq!((numbers.len(), names.len()), (TEXTS.len(), TEXTS.len()));
        let refused = ErrorCode::SCHEMA.values.iter().map(|code| -i32::from(code.code));
        let expected = (-10..=0).chain(refused).chain([CPC_ERR_REFUSED as i32]).chain(-44..=-40);
        assert_eq!(numbers, expected.collect());
    }

    #[test]
    fn refused_commands_are_named_as_in_json() {
        for code in ErrorCode::ALL {
            let row = find(-i32::from(code as u8)).unwrap();
            assert_eq!(row.name.to_str().unwrap(), code.name());
        }
        let refused = CallError::from(CommandError::UnknownWallet).result();
        assert_eq!(refused, CPC_ERR_UNKNOWN_WALLET);
    }

    #[test]
    fn a_name_leads_back_to_its_result() {
        let of_name = |name: &str| unsafe { cpc_result_of_name(cpc_text::of(name)) };
        for row in TEXTS {
            assert_eq!(of_name(row.name.to_str().unwrap()), row.result);
        }
        for name in ["", "unknown_op", "unknown_wallet ", "UNKNOWN_WALLET"] {
            assert_eq!(of_name(name), CPC_ERR_REFUSED, "{name}");
        }
        let null = cpc_text { length: 5, ..cpc_text::EMPTY };
        assert_eq!(unsafe { cpc_result_of_name(null) }, CPC_ERR_REFUSED);
    }

    #[test]
    fn a_number_that_is_no_result_has_no_name() {
        for number in [1, -11, -45, i32::MIN, i32::MAX] {
            assert!(cpc_result_name(number).is_null() && cpc_result_message(number).is_null());
        }
    }
}
