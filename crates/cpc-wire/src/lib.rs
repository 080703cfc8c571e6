#![forbid(unsafe_code)]
//! JSON to and from the CPC rules engine. There are no rules here: everything is asked of [`cpc_core::Engine`].
//!
//! | what | where |
//! |---|---|
//! | command lines, one JSON object in and one out | [`Session`], or in steps [`parse_line`] or [`parse_untimed_line`], [`execute()`], [`write_answer`]; a command as a line: [`write_command`]; the fields of each operation: [`OPERATIONS`] |
//! | commands that clients post to a host of which it knows a part already, and their lines in its log | [`parse_posted`], [`parse_posted_policy`], [`write_posted`] |
//! | a stream of them | [`Runner`] |
//! | the document's endpoint, massivocpc | [`respond`], or in steps [`parse_body`], [`write_response`] |
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
//! [policy]: cpc_core::rules#policy
//! [rules]: cpc_core::rules
//! [statuses]: cpc_core::rules#statuses
//!
#![doc = include_str!("../LINES.md")]

mod answer;
mod arena;
mod execute;
mod fields;
mod known;
mod line;
mod lint;
mod massivocpc;
mod op;
mod op_name;
mod parse_error;
mod plain;
mod policy_json;
mod posted;
mod read;
mod runner;
mod scan;
mod shape;
mod text;
mod time;
mod write;
mod write_command;
mod write_fields;

pub use answer::{Answer, write_answer, write_line_error, write_outcome, write_refusal, write_request_error};
pub use arena::Arena;
pub use execute::{Session, execute, execute_at, query};
pub use fields::{Field, Kind, Operation};
pub use known::Known;
pub use line::{DEFAULT_LIMIT, OPERATIONS, parse_line, parse_time, parse_untimed_line};
pub use lint::{Problem, Severity, check};
pub use massivocpc::{
    BODY_FIELDS, RequestFailure, ResponseProfile, parse_body, refusal_http_status, respond, write_failure,
    write_refused, write_request_failure, write_response, write_unreadable,
};
pub use op::{Op, Posted, Request};
pub use parse_error::{Expected, ParseError};
pub use posted::{parse_posted, parse_posted_policy};
pub use runner::{DEFAULT_LINE_LIMIT, Runner};
pub use text::{Language, format_instant, reason, refusal_text, remedy, status_text};
pub use write_command::{write_command, write_message_fields, write_posted};
