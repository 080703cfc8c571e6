//! Refused commands: the command as a whole was not applied, and nothing changed.
//!
//! Three kinds of failure are never mixed: a refused command (here), a refused item of an applied command
//! ([`Status`](crate::Status)), and a bug (a panic).

use crate::schema::{Choices, Value};
use crate::text::{MAX_ID, is_name};
use crate::time::Timestamp;
use alloc::format;
use alloc::string::String;

/// A member of a command, by its name in JSON.
pub type FieldName = &'static str;

/// A member of a [`Policy`](crate::Policy) outside its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy: {field} must be between {min} and {max} (was {value})")]
pub struct PolicyError {
    /// The member, as it is named in JSON.
    pub field: &'static str,
    /// What was asked for.
    pub value: u64,
    /// The least it may be.
    pub min: u64,
    /// The most it may be.
    pub max: u64,
}

/// What is wrong with a setting of a wallet, a sender or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// It is missing, too long, or not of the kind it should be.
    #[error("missing or malformed")]
    Malformed,
    /// A number outside its bounds.
    #[error("not between {min} and {max}")]
    OutOfBounds {
        /// The least it may be.
        min: u64,
        /// The most it may be.
        max: u64,
    },
    /// The id of a sender that is in the list already.
    #[error("appears twice")]
    Repeated,
}

/// Declares the codes: name in Rust, number, name in JSON and HTTP status. What stands before the colon of a code's
/// documentation is what it says to programmers, in every language that has no particulars to add.
macro_rules! error_codes {
    (
        $(#[doc = $about:literal])+
        pub enum $Name:ident {
            $(
                $(#[doc = $doc:literal])+
                $Variant:ident = $number:literal $json:literal, http $http:literal;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum $Name {
            $($(#[doc = $doc])+ $Variant = $number,)+
        }

        impl $Name {
            /// Every code, by number.
            pub const ALL: [$Name; [$($number),+].len()] = [$($Name::$Variant),+];

            /// The codes, as constants: what the bindings are generated from.
            pub const SCHEMA: Choices = Choices::new(
                stringify!($Name),
                concat!($($about, "\n"),+),
                &[$(Value::new($json, $number, true, concat!($($doc, "\n"),+))),+],
            );

            /// The name, as it is written in JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $($Name::$Variant => $json,)+
                }
            }

            /// The HTTP status of a request that is refused so.
            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self {
                    $($Name::$Variant => $http,)+
                }
            }
        }
    };
}

error_codes! {
    /// Which refusal a [`CommandError`] is, without its particulars. Names and numbers never change their meaning and are
    /// never reused; the C ABI has the numbers as negative results.
    pub enum ErrorCode {
        /// A time is not between 2000-01-01 and 2100-01-01 in milliseconds: it is probably in seconds or microseconds.
        /// Over HTTP, a wrong clock of the host is a 503.
        TimestampOutOfRange = 20 "timestamp_out_of_range", http 400;
        /// `at` is too far ahead of the clock: more than the policy's `maxClockJumpMs`. It is the host that has to
        /// change something, not its client.
        ClockJump = 21 "clock_jump", http 503;
        /// No wallet has this tag.
        UnknownWallet = 22 "unknown_wallet", http 404;
        /// The wallet has no such sender.
        UnknownSender = 23 "unknown_sender", http 404;
        /// The sender belongs to another wallet: it must be removed there first.
        SenderTaken = 24 "sender_taken", http 409;
        /// The batch has no messages.
        EmptyBatch = 25 "empty_batch", http 400;
        /// The batch has more messages than the policy allows: `maxBatch`, which bounds the contacts of an import as
        /// well.
        BatchTooLarge = 26 "batch_too_large", http 413;
        /// A member is missing or malformed: also one that is there twice, or that does not exist.
        InvalidField = 27 "invalid_field", http 400;
        /// Not a valid phone number: where an answer has no outcome to say so in.
        InvalidPhone = 28 "invalid_phone", http 400;
        /// A member of the policy is outside its bounds: also one that does not exist, and a new `hashKey` while forgotten
        /// opt-outs need the old one.
        InvalidPolicy = 29 "invalid_policy", http 400;
        /// More wallets, senders or groups than an engine holds.
        TooMany = 30 "too_many", http 400;
    }
}

/// Why a command or query was refused. Nothing changed: no clock, no count, no contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A time is not between 2000 and 2100: seconds, microseconds? ([RULES §1.1](crate::rules#1-time))
    #[error("{field} is not a time between 2000-01-01 and 2100-01-01 in milliseconds")]
    TimestampOutOfRange {
        /// The member.
        field: FieldName,
    },
    /// `at` is more than `maxClockJump` ahead of the clock ([RULES §1.3](crate::rules#1-time)).
    #[error("at is more than {max_ms} ms ahead of the clock; the command `clock` moves it on purpose")]
    ClockJump {
        /// The farthest jump allowed, in milliseconds.
        max_ms: u64,
    },
    /// No wallet has this tag.
    #[error("no wallet has this tag")]
    UnknownWallet,
    /// The wallet has no such sender.
    #[error("the wallet has no such sender")]
    UnknownSender,
    /// The sender belongs to another wallet; it must be removed there first.
    #[error("{}: the sender belongs to another wallet; remove it there first", self.path())]
    SenderTaken {
        /// Its place in the wallet's list, where it is one of a list.
        sender: Option<u32>,
    },
    /// A batch without messages.
    #[error("the batch has no messages")]
    EmptyBatch,
    /// More messages, or contacts to take over, than `maxBatch`.
    #[error("the batch has more than {max} {field}")]
    BatchTooLarge {
        /// The member that has too many.
        field: FieldName,
        /// The most there may be.
        max: u64,
    },
    /// A member is missing or malformed.
    #[error("{field} is missing or malformed")]
    InvalidField {
        /// The member.
        field: FieldName,
    },
    /// A setting of a wallet, a sender or a group is missing or malformed.
    #[error("{}: {error}", self.path())]
    InvalidSetting {
        /// The sender's place in the wallet's list, where it is one of a list.
        sender: Option<u32>,
        /// The member.
        field: FieldName,
        /// What is wrong with it.
        error: SettingError,
    },
    /// The phone is not one the engine accepts (where an answer has no outcome to say so in).
    #[error("not a valid phone number")]
    InvalidPhone,
    /// A member of the policy is outside its bounds, or does not fit what exists.
    #[error(transparent)]
    InvalidPolicy(#[from] PolicyError),
    /// `hashKey` cannot change while forgotten opt-outs exist: they could not be recognised any more.
    #[error("hashKey cannot change while forgotten opt-outs exist")]
    HashKeyInUse,
    /// More wallets, senders or groups than the engine holds.
    #[error("more than {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: u64,
    },
}

impl CommandError {
    /// Which refusal it is.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            CommandError::TimestampOutOfRange { .. } => ErrorCode::TimestampOutOfRange,
            CommandError::ClockJump { .. } => ErrorCode::ClockJump,
            CommandError::UnknownWallet => ErrorCode::UnknownWallet,
            CommandError::UnknownSender => ErrorCode::UnknownSender,
            CommandError::SenderTaken { .. } => ErrorCode::SenderTaken,
            CommandError::EmptyBatch => ErrorCode::EmptyBatch,
            CommandError::BatchTooLarge { .. } => ErrorCode::BatchTooLarge,
            CommandError::InvalidField { .. } | CommandError::InvalidSetting { .. } => {
                ErrorCode::InvalidField
            }
            CommandError::InvalidPhone => ErrorCode::InvalidPhone,
            CommandError::InvalidPolicy(_) | CommandError::HashKeyInUse => ErrorCode::InvalidPolicy,
            CommandError::TooMany { .. } => ErrorCode::TooMany,
        }
    }

    /// The name of its code, as it is written in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.code().name()
    }

    /// The member at fault, and where it is: `senders[12].weight`. Empty if there is none.
    #[must_use]
    pub fn path(&self) -> String {
        let field = self.field().unwrap_or_default();
        match *self {
            CommandError::InvalidSetting { sender: Some(index), .. }
            | CommandError::SenderTaken { sender: Some(index) } => format!("senders[{index}].{field}"),
            _ => String::from(field),
        }
    }

    /// The member at fault, by its name in JSON.
    #[must_use]
    pub const fn field(&self) -> Option<FieldName> {
        match self {
            CommandError::TimestampOutOfRange { field }
            | CommandError::InvalidField { field }
            | CommandError::InvalidSetting { field, .. }
            | CommandError::BatchTooLarge { field, .. } => Some(field),
            CommandError::ClockJump { .. } => Some("at"),
            CommandError::UnknownWallet => Some("tag"),
            CommandError::UnknownSender | CommandError::SenderTaken { .. } => Some("id"),
            CommandError::EmptyBatch => Some("messages"),
            CommandError::InvalidPhone => Some("phone"),
            CommandError::InvalidPolicy(error) => Some(error.field),
            CommandError::HashKeyInUse => Some("hashKey"),
            CommandError::TooMany { what, .. } => Some(what),
        }
    }
}

/// A time that a command names in a field, in ms.
pub(crate) fn check_time(time: Timestamp, field: FieldName) -> Result<u64, CommandError> {
    if time.is_valid() { Ok(time.as_millis()) } else { Err(CommandError::TimestampOutOfRange { field }) }
}

/// An operator that a command names: not blank, and not too long.
pub(crate) fn check_operator(specialist_code: &str) -> Result<(), CommandError> {
    if is_name(specialist_code, MAX_ID) {
        return Ok(());
    }
    Err(CommandError::InvalidField { field: "specialistCode" })
}
