#![forbid(unsafe_code)]
//! JSON to and from the CPC rules engine. There are no rules here: everything is asked of [`cpc_core::Engine`].
//!
//! | what | where |
//! |---|---|
//! | command lines, one JSON object in and one out | [`Session`], or in steps [`parse_line`] or [`parse_untimed_line`], [`perform`], [`write_answer`] |
//! | a stream of them | [`Runner`] |
//! | the document's endpoint, massivocpc | [`respond`], or in steps [`parse_body`], [`write_response`]; a body as a command line: [`write_batch_line`] |
//! | what is wrong with a massivocpc body | [`check()`] |
//! | what answers say to people, in Portuguese and English | [`reason()`], [`status_text`], [`refusal_text`], [`remedy`] |
//! | messages by which a contact asks not to be written to | [`OptOutWords`] |
//! | error codes of WhatsApp | [`FaultTable`] |
//!
//! ```
//! let mut session = cpc_wire::Session::default();
//! let mut out = Vec::new();
//! session.execute(
//!     br#"{"op":"wallet","at":"2026-11-23T12:00:00Z","tag":"emp1","senders":[{"id":"5514990000001"}]}"#,
//!     &mut out,
//! );
//! assert_eq!(out, br#"{"seq":1,"at":1795435200000,"outcomes":[{"status":"applied","code":100}]}"#);
//!
//! out.clear();
//! session.execute(br#"{"op":"reply","phone":"5511988876204"}"#, &mut out);
//! assert_eq!(out, br#"{"error":"invalid_field","message":"at: campo ausente","field":"at"}"#);
//! ```
//!
//! # Command lines
//!
//! A line is a JSON object whose `op` says what it is; `op` and `at` are always there, in any order.
//!
//! | `op` | members (`?` may be absent) |
//! |---|---|
//! | `policy` | `policy`: `windowMs? gate? sticky? operatorAffinity? emptyTemplate? profile? countries? maxClockJumpMs? replySkewMs? retentionMs? maxBatch? maxContacts? maxDelayMs? followUpRetryMs? finalBlock? reportTtlMs? maxFailover? senderHoldMs? serviceWindowMs? hours? hashKey?` |
//! | `wallet` | `tag senders` of `id weight? dailyLimit? perSecond? burst? operators? group?`, `windowMs? operators?`; or `tag remove:true`; or `tag` alone, the query |
//! | `sender` | `tag id`, `state? until? weight? dailyLimit? perSecond? burst? operators? group?`; or `remove:true` |
//! | `group` | `name dailyLimit?` |
//! | `dispatch`, `preview` | `campaign tag messages` as in the document, `idAccount? atomic?` |
//! | `reply` | `phone receivedAt? optOut?` |
//! | `report` | `dispatch status fault? sender?`; a failure without fault is `ambiguous` |
//! | `operatorMessage` | `phone specialistCode` |
//! | `followUps`, `expire`, `dueFollowUps` | `limit?` (100) |
//! | `sendable` | `dispatch clientId?` |
//! | `optOut`, `optIn`, `forget`, `forceUnblock` | `phone` or `clientId`, `reason?` |
//! | `contact` | `phone` or `clientId` |
//! | `import` | `contacts` of `phone clientId? t0? repliedAt? sender? optedOut?` |
//! | `explain` | `phone clientId? tag specialistCode` |
//! | `clock`, `deadline`, `digest`, `stats` | |
//!
//! - Times are whole milliseconds since 1970 or RFC 3339 texts; answers have milliseconds.
//! - Absent, `null` and `""` are the same thing, except in `sender`: there an absent member stays as it is, and
//!   `null` goes back to its default. `perSecond` and `burst` are one setting: `perSecond` alone has a burst of 1,
//!   and `burst` needs `perSecond`.
//! - Members that an operation does not have are refused; in `messages`, which other systems write, they are ignored.
//! - A member that is there twice is refused: readers of JSON differ in which of the two they see.
//! - `hours` is `{"preset":"brConservador","utcOffsetMinutes":-180,"dddOffsets":{"68":-300},
//!   "week":{"mon":[["09:00","18:00"]]},"closedDates":["2026-12-25"]}` with a `preset` or a `week` at least. The
//!   preset comes first; a day that is named has the spans named, one that is not keeps those of the preset.
//! - Answers leave out what is not there. Contact keys, and phones that the line did not say, are texts of digits.
//! - What cannot be read is answered before the engine looks at the line, so also before its times are checked.
//!
//! # Errors
//!
//! `{"error":"invalid_field","message":"messages[3].closeTicket: expected boolean","field":"messages[3].closeTicket"}`
//!
//! | `error` | the line |
//! |---|---|
//! | `invalid_json` | is not UTF-8, begins with a byte order mark, or is not JSON; the message says where |
//! | `unknown_op` | has an `op` that does not exist |
//! | `invalid_field` | lacks a member, has one twice, or one of the wrong type; or the engine refuses its value |
//! | `invalid_policy` | has a member of a policy that does not exist, or a value it may not have |
//! | `line_too_long` | is longer than a [`Runner`] takes |
//! | others | was refused by the engine: the names are those of [`cpc_core::Refusal`] |
//!
//! Messages never repeat values, which are personal data; they say paths, types and positions.

mod answer;
mod batch_line;
mod check;
mod execute;
mod faults;
mod line;
mod line_error;
mod massivocpc;
mod op_name;
mod opt_out;
mod plain;
mod policy_text;
mod read;
mod reason;
mod request;
mod runner;
mod scan;
mod shape;
mod time_text;
mod write;

pub use answer::{write_answer, write_line_error, write_outcome, write_refusal, write_request_error};
pub use batch_line::{write_batch_line, write_message_fields};
pub use check::{Problem, Severity, check};
pub use execute::{Answer, Session, ask, perform, perform_at};
pub use faults::{Advice, FaultTable, Retry, SenderAdvice};
pub use line::{DEFAULT_LIMIT, parse_line, parse_untimed_line};
pub use line_error::{Expected, LineError};
pub use massivocpc::{
    RequestFailure, ResponseProfile, parse_body, refusal_http_status, respond, write_failure, write_refused,
    write_request_failure, write_response, write_unreadable,
};
pub use opt_out::{DEFAULT_OPT_OUT_WORDS, OptOutWords};
pub use reason::{Language, is_refusal, reason, refusal_text, remedy, status_text};
pub use request::{
    BatchText, CommandText, ImportedText, MessageText, Op, Query, Request, SenderSetupText, SenderText,
    TargetText, WalletText,
};
pub use runner::{DEFAULT_LINE_LIMIT, Runner};
pub use shape::IdText;
pub use time_text::format_instant;
