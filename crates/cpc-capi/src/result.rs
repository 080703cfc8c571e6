//! What a call returns, and why it failed: the engine's own errors as numbers.

use cpc_core::{CommandError, RestoreError};

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
        // Checksums, and sections that no engine could have written. `RestoreError` may grow.
        _ => CPC_ERR_SNAPSHOT_DAMAGED,
    }
}
