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
//! [rules]: cpc_core#rules
//! [statuses]: cpc_core#statuses
//!
#![doc = include_str!("../LINES.md")]

mod answer;
mod batch_line;
mod check;
mod execute;
mod line;
mod line_error;
mod massivocpc;
mod op_name;
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
pub use line::{DEFAULT_LIMIT, parse_line, parse_untimed_line};
pub use line_error::{Expected, LineError};
pub use massivocpc::{
    RequestFailure, ResponseProfile, parse_body, refusal_http_status, respond, write_failure, write_refused,
    write_request_failure, write_response, write_unreadable,
};
pub use reason::{Language, is_refusal, reason, refusal_text, remedy, status_text};
pub use request::{
    BatchText, CommandText, ImportedText, MessageText, Op, Query, Request, SenderSetupText, SenderText,
    TargetText, WalletText,
};
pub use runner::{DEFAULT_LINE_LIMIT, Runner};
pub use shape::IdText;
pub use time_text::format_instant;
