#![forbid(unsafe_code)]
//! [lines]: #command-lines
//!
#![doc = include_str!("../README.md")]
//!
//! # What is here
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
