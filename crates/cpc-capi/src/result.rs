//! What a call returns, and why it failed: the engine's own errors as numbers.

use cpc_core::{CommandError, ErrorCode, RestoreError};

/// What a call returns. Nothing has changed unless it is `CPC_OK`, but for `CPC_ERR_PANIC`. Numbers never change their
/// meaning and are never reused.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cpc_result {
    /// Done. Each item's own answer is in its outcome.
    CPC_OK = 0,

    /// A pointer that must not be NULL is; or a text is NULL and has a length.
    CPC_ERR_NULL = -1,
    /// A pointer is not aligned as its type must be.
    CPC_ERR_ALIGNMENT = -2,
    /// The `struct_size` of a struct is not one that a version of it has, or is larger than the library's.
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

    // generated: results of refused commands
    /// A time is not between 2000-01-01 and 2100-01-01 in milliseconds: it is probably in seconds or microseconds. Over
    /// HTTP, a wrong clock of the host is a 503.
    CPC_ERR_TIMESTAMP_OUT_OF_RANGE = -20,
    /// `at` is too far ahead of the clock: more than the policy's `maxClockJumpMs`. It is the host that has to change
    /// something, not its client.
    CPC_ERR_CLOCK_JUMP = -21,
    /// No wallet has this tag.
    CPC_ERR_UNKNOWN_WALLET = -22,
    /// The wallet has no such sender.
    CPC_ERR_UNKNOWN_SENDER = -23,
    /// The sender belongs to another wallet: it must be removed there first.
    CPC_ERR_SENDER_TAKEN = -24,
    /// The batch has no messages.
    CPC_ERR_EMPTY_BATCH = -25,
    /// The batch has more messages than the policy allows: `maxBatch`, which bounds the contacts of an import as well.
    CPC_ERR_BATCH_TOO_LARGE = -26,
    /// A member is missing or malformed: also one that is there twice, or that does not exist.
    CPC_ERR_INVALID_FIELD = -27,
    /// Not a valid phone number: where an answer has no outcome to say so in.
    CPC_ERR_INVALID_PHONE = -28,
    /// A member of the policy is outside its bounds: also one that does not exist, and a new `hashKey` while forgotten
    /// opt-outs need the old one.
    CPC_ERR_INVALID_POLICY = -29,
    /// More wallets, senders or groups than an engine holds.
    CPC_ERR_TOO_MANY = -30,
    // end
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

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallError {
    /// The caller misused the ABI: how, and which argument or member.
    Misuse(cpc_result, &'static str),
    /// The engine refused the command or query.
    Refused(CommandError),
    /// The bytes are not a snapshot to restore.
    NotRestored(RestoreError),
}

impl CallError {
    pub(crate) const fn result(self) -> cpc_result {
        match self {
            CallError::Misuse(result, _) => result,
            CallError::Refused(refusal) => of_refusal(&refusal),
            CallError::NotRestored(error) => of_restore(error),
        }
    }

    /// The argument or member at fault.
    pub(crate) const fn field(self) -> Option<&'static str> {
        match self {
            CallError::Misuse(_, argument) => Some(argument),
            CallError::Refused(refusal) => refusal.field(),
            CallError::NotRestored(_) => None,
        }
    }
}

impl From<CommandError> for CallError {
    fn from(refusal: CommandError) -> CallError {
        CallError::Refused(refusal)
    }
}

impl From<RestoreError> for CallError {
    fn from(error: RestoreError) -> CallError {
        CallError::NotRestored(error)
    }
}

const fn of_refusal(refusal: &CommandError) -> cpc_result {
    match refusal.code() {
        // generated: codes of refused commands
        ErrorCode::TimestampOutOfRange => CPC_ERR_TIMESTAMP_OUT_OF_RANGE,
        ErrorCode::ClockJump => CPC_ERR_CLOCK_JUMP,
        ErrorCode::UnknownWallet => CPC_ERR_UNKNOWN_WALLET,
        ErrorCode::UnknownSender => CPC_ERR_UNKNOWN_SENDER,
        ErrorCode::SenderTaken => CPC_ERR_SENDER_TAKEN,
        ErrorCode::EmptyBatch => CPC_ERR_EMPTY_BATCH,
        ErrorCode::BatchTooLarge => CPC_ERR_BATCH_TOO_LARGE,
        ErrorCode::InvalidField => CPC_ERR_INVALID_FIELD,
        ErrorCode::InvalidPhone => CPC_ERR_INVALID_PHONE,
        ErrorCode::InvalidPolicy => CPC_ERR_INVALID_POLICY,
        ErrorCode::TooMany => CPC_ERR_TOO_MANY,
        // end
        _ => CPC_ERR_REFUSED,
    }
}

const fn of_restore(error: RestoreError) -> cpc_result {
    match error {
        RestoreError::NotASnapshot => CPC_ERR_NOT_A_SNAPSHOT,
        RestoreError::Version { .. } => CPC_ERR_SNAPSHOT_VERSION,
        RestoreError::Truncated => CPC_ERR_SNAPSHOT_TRUNCATED,
        RestoreError::TrailingBytes => CPC_ERR_SNAPSHOT_TRAILING_BYTES,
        // Checksums, and sections that no engine could have written. `RestoreError` may grow.
        _ => CPC_ERR_SNAPSHOT_DAMAGED,
    }
}
