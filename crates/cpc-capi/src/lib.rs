//! The C ABI of the CPC rules engine.
//!
//! What callers need to know is in the header, `bindings/c/include/cpc.h`, which is generated from the comments here.
//! This crate decides nothing and writes no JSON: `cpc-core` and `cpc-wire` do.
//!
//! | module | what it is |
//! |---|---|
//! | `version` | which library, which ABI |
//! | `result`, `status`, `choice` | every number that goes in or out |
//! | `text`, `argument` | texts, buffers and structs of the caller, checked before they are used |
//! | `handle` | one call at a time, panics, error detail |
//! | `lifecycle` | new, free, snapshot, restore, digest |
//! | `json` | massivocpc bodies and command lines |
//! | `message`, `columns`, `batch`, `outcome` | batches |
//! | `contact_commands`, `clock_commands`, `wallet` | the other commands |
//! | `query` | questions |
//! | `whatsapp` | what messages and error codes of WhatsApp mean |
//!
//! # Every function goes the same way
//!
//! Take the handle, or say why not; check every argument; ask the engine; write the answer. Nothing of the
//! caller's is written unless the call succeeds.
#![allow(
    non_camel_case_types,
    reason = "types are named as in C; the header and the code say the same words"
)]
#![allow(
    clippy::missing_safety_doc,
    reason = "what callers must see to is the same for all functions, and said once, at the top of the header"
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

// In the order in which the header tells it.
mod version;

mod result;
mod status;

mod choice;

mod argument;
mod text;

mod handle;
mod lifecycle;

mod json;

mod wallet;

mod message;
mod outcome;

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
pub use contact_commands::*;
pub use handle::*;
pub use json::*;
pub use lifecycle::*;
pub use message::*;
pub use outcome::*;
pub use query::*;
pub use result::*;
pub use status::*;
pub use text::*;
pub use version::*;
pub use wallet::*;
pub use whatsapp::*;
