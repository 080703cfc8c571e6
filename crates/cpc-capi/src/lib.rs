//! The C ABI of the CPC rules engine.
//!
//! What callers need to know is in the header, `bindings/c/include/cpc.h`, which is generated from the comments here.
//! This crate decides nothing and writes no JSON: `cpc-core` and `cpc-wire` do.
//!
//! | module | what it is |
//! |---|---|
//! | `version` | which library, which ABI |
//! | `result`, `status`, `choice` | every number that goes in or out |
//! | `result_text`, `status_text` | their names and messages |
//! | `text` | texts and buffers of the caller |
//! | `argument` | pointers, structs and arrays of the caller, checked before they are used; how structs grow |
//! | `handle` | one call at a time, panics, error detail |
//! | `lifecycle` | new, free, snapshot, restore, digest |
//! | `json` | massivocpc bodies and command lines |
//! | `message`, `columns`, `batch` | batches |
//! | `outcome`, `member`, `command_output` | what commands write |
//! | `contact_commands`, `clock_commands`, `wallet` | the other commands |
//! | `query` | queries |
//! | `whatsapp` | what messages and error codes of WhatsApp mean |
//!
//! Numbers, flags and outcome structs repeat what `cpc-core` has. They stand in files of their own (`status`, `outcome`)
//! without any logic, so that they can be generated.
//!
//! # Every function goes the same way
//!
//! Take the handle; check every argument; call the engine; write the answer. Nothing of the caller's is written unless
//! the call succeeds. The results that follow from this are documented once, at the top of the header; the comment of a
//! function names only the others.
#![allow(
    non_camel_case_types,
    reason = "types are named as in C; the header and the code say the same words"
)]
#![allow(
    clippy::missing_safety_doc,
    reason = "the duties of callers are the same for all functions, and documented once, at the top of the header"
)]
#![cfg_attr(
    test,
    allow(
        clippy::undocumented_unsafe_blocks,
        reason = "tests hand in what they have just made, or misuse on purpose"
    )
)]

#[cfg(panic = "abort")]
compile_error!("libcpc must be built with panic = \"unwind\": a bug must not end the host's process");

// In the order of the header.
mod version;

mod result;
mod result_text;
mod status;
mod status_text;

mod choice;

mod argument;
mod text;

mod handle;
mod lifecycle;

mod json;

mod wallet;

mod member;
mod message;
mod outcome;

mod command_output;

mod batch;
mod columns;

mod contact_commands;

mod clock_commands;

mod query;

mod whatsapp;

pub use batch::*;
pub use choice::*;
pub use clock_commands::*;
pub use columns::*;
pub use command_output::*;
pub use contact_commands::*;
pub use handle::*;
pub use json::*;
pub use lifecycle::*;
pub use message::*;
pub use outcome::*;
pub use query::*;
pub use result::*;
pub use result_text::*;
pub use status::*;
pub use status_text::*;
pub use text::*;
pub use version::*;
pub use wallet::*;
pub use whatsapp::*;
