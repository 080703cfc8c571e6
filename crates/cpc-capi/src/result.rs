//! What a call says as a whole, and the mapping of the engine's own errors to it.

use crate::text::{cpc_text, static_text};
use core::ffi::{CStr, c_char};
use cpc_core::{CommandError, RestoreError};

/// What a call says as a whole. Nothing has changed unless it is `CPC_OK`, but for `CPC_ERR_PANIC`. Numbers never
/// change their meaning and are never reused.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cpc_result {
    /// Done. What became of each item is in its outcome.
    CPC_OK = 0,

    /// A pointer that must not be NULL is; or a text is NULL and has a length.
    CPC_ERR_NULL = -1,
    /// A pointer is not aligned as its type must be.
    CPC_ERR_ALIGNMENT = -2,
    /// The `struct_size` of a struct is not its size.
    CPC_ERR_STRUCT_SIZE = -3,
    /// A number that stands for a choice is none of those that exist, or a flag does not exist.
    CPC_ERR_UNKNOWN_VALUE = -4,
    /// A text is not UTF-8.
    CPC_ERR_UTF8 = -5,
    /// There is room for fewer outcomes, or bytes, than there would be.
    CPC_ERR_CAPACITY = -6,
    /// A length or count is larger than memory.
    CPC_ERR_TOO_LARGE = -7,
    /// Another call on the same handle is running. Put a lock around the handle, or give each thread its own.
    CPC_ERR_BUSY = -8,
    /// An earlier call on this handle ended with `CPC_ERR_PANIC`; it can only be freed.
    CPC_ERR_POISONED = -9,
    /// A bug of the library. The handle is poisoned; others are not touched.
    CPC_ERR_PANIC = -10,

    /// A time is not between 2000 and 2100, in milliseconds.
    CPC_ERR_TIMESTAMP_OUT_OF_RANGE = -20,
    /// `at` is too far ahead of the clock.
    CPC_ERR_CLOCK_JUMP = -21,
    /// No wallet has this tag.
    CPC_ERR_UNKNOWN_WALLET = -22,
    /// The wallet has no such sender.
    CPC_ERR_UNKNOWN_SENDER = -23,
    /// The sender belongs to another wallet.
    CPC_ERR_SENDER_TAKEN = -24,
    /// A batch without messages.
    CPC_ERR_EMPTY_BATCH = -25,
    /// A batch with more messages than the policy allows.
    CPC_ERR_BATCH_TOO_LARGE = -26,
    /// A member is missing or malformed; `cpc_engine_error` names it.
    CPC_ERR_INVALID_FIELD = -27,
    /// The phone is not one the engine accepts.
    CPC_ERR_INVALID_PHONE = -28,
    /// A member of the policy is outside its bounds, or does not fit what exists.
    CPC_ERR_INVALID_POLICY = -29,
    /// More wallets, senders or groups than an engine holds.
    CPC_ERR_TOO_MANY = -30,
    /// Refused for a reason that has no number of its own yet; `cpc_engine_error` names it.
    CPC_ERR_REFUSED = -31,

    /// The bytes are not a snapshot.
    CPC_ERR_NOT_A_SNAPSHOT = -40,
    /// A snapshot of a format that this version does not read.
    CPC_ERR_SNAPSHOT_VERSION = -41,
    /// The snapshot is truncated.
    CPC_ERR_SNAPSHOT_TRUNCATED = -42,
    /// The snapshot is damaged.
    CPC_ERR_SNAPSHOT_DAMAGED = -43,
    /// There is more after the snapshot.
    CPC_ERR_SNAPSHOT_TRAILING_BYTES = -44,
}

use cpc_result::*;

/// A result's name and what it says.
struct Told {
    result: cpc_result,
    name: &'static CStr,
    text: &'static CStr,
}

const fn told(result: cpc_result, name: &'static CStr, text: &'static CStr) -> Told {
    Told { result, name, text }
}

/// Every result.
const TOLD: [Told; 28] = [
    told(CPC_OK, c"ok", c"done"),
    told(CPC_ERR_NULL, c"null", c"a pointer is NULL that must not be"),
    told(CPC_ERR_ALIGNMENT, c"alignment", c"a pointer is not aligned as its type must be"),
    told(CPC_ERR_STRUCT_SIZE, c"struct_size", c"struct_size is not the size of the struct"),
    told(CPC_ERR_UNKNOWN_VALUE, c"unknown_value", c"a number or flag that does not exist"),
    told(CPC_ERR_UTF8, c"utf8", c"a text is not UTF-8"),
    told(CPC_ERR_CAPACITY, c"capacity", c"there is not enough room for the answer"),
    told(CPC_ERR_TOO_LARGE, c"too_large", c"a length or count is larger than memory"),
    told(CPC_ERR_BUSY, c"busy", c"another call on the same handle is running"),
    told(CPC_ERR_POISONED, c"poisoned", c"an earlier call on this handle met a bug; it can only be freed"),
    told(CPC_ERR_PANIC, c"panic", c"a bug of the library; the handle can only be freed"),
    told(
        CPC_ERR_TIMESTAMP_OUT_OF_RANGE,
        c"timestamp_out_of_range",
        c"a time is not between 2000-01-01 and 2100-01-01 in milliseconds",
    ),
    told(CPC_ERR_CLOCK_JUMP, c"clock_jump", c"at is too far ahead of the clock"),
    told(CPC_ERR_UNKNOWN_WALLET, c"unknown_wallet", c"no wallet has this tag"),
    told(CPC_ERR_UNKNOWN_SENDER, c"unknown_sender", c"the wallet has no such sender"),
    told(CPC_ERR_SENDER_TAKEN, c"sender_taken", c"the sender belongs to another wallet"),
    told(CPC_ERR_EMPTY_BATCH, c"empty_batch", c"the batch has no messages"),
    told(CPC_ERR_BATCH_TOO_LARGE, c"batch_too_large", c"the batch has more messages than the policy allows"),
    told(CPC_ERR_INVALID_FIELD, c"invalid_field", c"a member is missing or malformed"),
    told(CPC_ERR_INVALID_PHONE, c"invalid_phone", c"not a valid phone number"),
    told(CPC_ERR_INVALID_POLICY, c"invalid_policy", c"a member of the policy is outside its bounds"),
    told(CPC_ERR_TOO_MANY, c"too_many", c"more wallets, senders or groups than an engine holds"),
    told(CPC_ERR_REFUSED, c"refused", c"refused"),
    told(CPC_ERR_NOT_A_SNAPSHOT, c"not_a_snapshot", c"the bytes are not a snapshot"),
    told(
        CPC_ERR_SNAPSHOT_VERSION,
        c"snapshot_version",
        c"a snapshot of a format that this version does not read",
    ),
    told(CPC_ERR_SNAPSHOT_TRUNCATED, c"snapshot_truncated", c"the snapshot is truncated"),
    told(CPC_ERR_SNAPSHOT_DAMAGED, c"snapshot_damaged", c"the snapshot is damaged"),
    told(
        CPC_ERR_SNAPSHOT_TRAILING_BYTES,
        c"snapshot_trailing_bytes",
        c"the snapshot is followed by other bytes",
    ),
];

fn find(result: i32) -> Option<&'static Told> {
    TOLD.iter().find(|told| told.result as i32 == result)
}

impl cpc_result {
    /// What it says, for who writes the program.
    pub(crate) fn text(self) -> &'static str {
        find(self as i32).and_then(|told| told.text.to_str().ok()).unwrap_or_default()
    }
}

/// The name of a result, `unknown_wallet`, a static text that ends with NUL; those of refused commands are as in
/// JSON. NULL for a number that is no result. Any thread may call it at any time.
#[unsafe(no_mangle)]
pub extern "C" fn cpc_result_name(result: i32) -> *const c_char {
    static_text(find(result).map(|told| told.name))
}

/// What a result says, in English, for who writes the program: a static text that ends with NUL. NULL for a
/// number that is no result. Any thread may call it at any time.
#[unsafe(no_mangle)]
pub extern "C" fn cpc_result_message(result: i32) -> *const c_char {
    static_text(find(result).map(|told| told.text))
}

/// The result that a refused command line names, so that both levels say the same number: `unknown_wallet`, from
/// `{"error":"unknown_wallet",…}`, is `CPC_ERR_UNKNOWN_WALLET`. `CPC_ERR_REFUSED` for a name that is no result's, such as
/// `unknown_op`, and for a text that is no name. Any thread may call it at any time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_result_of_name(name: cpc_text) -> cpc_result {
    // SAFETY: the caller's to be read during the call.
    let name = unsafe { name.bytes("name") }.unwrap_or_default();
    TOLD.iter().find(|told| told.name.to_bytes() == name).map_or(CPC_ERR_REFUSED, |told| told.result)
}

/// Why a call failed, and what of it is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The caller misused the ABI: how, and which argument or member.
    Misuse(cpc_result, &'static str),
    /// The engine refused the command or query.
    Refused(CommandError),
    /// The bytes are not a snapshot to restore.
    NotRestored(RestoreError),
}

impl Failure {
    pub(crate) const fn result(self) -> cpc_result {
        match self {
            Failure::Misuse(result, _) => result,
            Failure::Refused(refusal) => of_refusal(&refusal),
            Failure::NotRestored(error) => of_restore(error),
        }
    }

    /// The argument or member at fault.
    pub(crate) const fn field(self) -> Option<&'static str> {
        match self {
            Failure::Misuse(_, argument) => Some(argument),
            Failure::Refused(refusal) => refusal.field(),
            Failure::NotRestored(_) => None,
        }
    }
}

impl From<CommandError> for Failure {
    fn from(refusal: CommandError) -> Failure {
        Failure::Refused(refusal)
    }
}

impl From<RestoreError> for Failure {
    fn from(error: RestoreError) -> Failure {
        Failure::NotRestored(error)
    }
}

const fn of_refusal(refusal: &CommandError) -> cpc_result {
    match refusal {
        CommandError::TimestampOutOfRange { .. } => CPC_ERR_TIMESTAMP_OUT_OF_RANGE,
        CommandError::ClockJump { .. } => CPC_ERR_CLOCK_JUMP,
        CommandError::UnknownWallet => CPC_ERR_UNKNOWN_WALLET,
        CommandError::UnknownSender => CPC_ERR_UNKNOWN_SENDER,
        CommandError::SenderTaken { .. } => CPC_ERR_SENDER_TAKEN,
        CommandError::EmptyBatch => CPC_ERR_EMPTY_BATCH,
        CommandError::BatchTooLarge { .. } => CPC_ERR_BATCH_TOO_LARGE,
        CommandError::InvalidField { .. } | CommandError::InvalidSetting { .. } => CPC_ERR_INVALID_FIELD,
        CommandError::InvalidPhone => CPC_ERR_INVALID_PHONE,
        CommandError::InvalidPolicy(_) | CommandError::HashKeyInUse => CPC_ERR_INVALID_POLICY,
        CommandError::TooMany { .. } => CPC_ERR_TOO_MANY,
        _ => CPC_ERR_REFUSED,
    }
}

const fn of_restore(error: RestoreError) -> cpc_result {
    match error {
        RestoreError::NotASnapshot => CPC_ERR_NOT_A_SNAPSHOT,
        RestoreError::Version { .. } => CPC_ERR_SNAPSHOT_VERSION,
        RestoreError::Truncated => CPC_ERR_SNAPSHOT_TRUNCATED,
        RestoreError::TrailingBytes => CPC_ERR_SNAPSHOT_TRAILING_BYTES,
        // Checksums, sections that no engine could have written, and whatever a later version finds.
        _ => CPC_ERR_SNAPSHOT_DAMAGED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_result_is_told_once() {
        let numbers: BTreeSet<i32> = TOLD.iter().map(|told| told.result as i32).collect();
        let names: BTreeSet<&CStr> = TOLD.iter().map(|told| told.name).collect();
        assert_eq!((numbers.len(), names.len()), (TOLD.len(), TOLD.len()));
        let expected = (-10..=0).chain(-31..=-20).chain(-44..=-40);
        assert_eq!(numbers, expected.collect());
    }

    #[test]
    fn refused_commands_are_named_as_in_json() {
        let refusals = [
            CommandError::TimestampOutOfRange { field: "at" },
            CommandError::ClockJump { max_ms: 1 },
            CommandError::UnknownWallet,
            CommandError::UnknownSender,
            CommandError::SenderTaken { sender: None },
            CommandError::EmptyBatch,
            CommandError::BatchTooLarge { field: "messages", max: 1 },
            CommandError::InvalidField { field: "tag" },
            CommandError::InvalidPhone,
            CommandError::HashKeyInUse,
            CommandError::TooMany { what: "wallets", max: 1 },
        ];
        for refusal in refusals {
            let told = find(Failure::from(refusal).result() as i32).unwrap();
            assert_eq!(told.name.to_str().unwrap(), refusal.name());
        }
    }

    #[test]
    fn a_name_leads_back_to_its_result() {
        let of_name = |name: &str| unsafe { cpc_result_of_name(cpc_text::of(name)) };
        for told in &TOLD {
            assert_eq!(of_name(told.name.to_str().unwrap()), told.result);
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
