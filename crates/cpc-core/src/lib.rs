#![no_std]
#![forbid(unsafe_code)]
//! [rules]: mod@rules
//!
#![doc = include_str!("../README.md")]
//!
//! ## Where things are
//!
//! | module | what it knows |
//! |---|---|
//! | `command`, `outcome`, `view`, `policy`, `status`, `error`, `cycle`, `phone`, `hours`, `time`, `text` | the vocabulary |
//! | `contacts` | contacts in memory |
//! | `senders` | wallets, senders and groups in memory |
//! | `schedule` | what happens when, and where a dispatch went |
//! | [`rules`] | the rules as a document; the order of refusals, and which sender |
//! | `engine` | one module for each command and query |
//! | `snapshot` | the engine as bytes |
//! | [`schema`], [`value`], `tables` | what fields there are, what they hold, and the macros that write both once |
//!
//! ## Features
//!
//! None is on by default, and only `std` needs the standard library.
//!
//! | feature | what it adds |
//! |---|---|
//! | `std` | [`Timestamp`] from `SystemTime` |
//! | `chrono` | [`Timestamp`] from `DateTime` |
//! | `serde` | `Serialize` for outcomes, views, policies and commands, with the names that their JSON has |

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod command;
mod contacts;
mod cycle;
mod engine;
mod error;
mod hours;
mod outcome;
mod phone;
mod policy;
pub mod rules;
mod schedule;
pub mod schema;
mod senders;
mod snapshot;
mod status;
mod tables;
mod text;
pub mod time;
pub mod value;
mod view;

pub use command::*;
pub use cycle::GateState;
#[cfg(feature = "serde")]
pub use engine::serialize::WithSenderIds;
pub use engine::state::Engine;
pub use error::{CommandError, ErrorCode, FieldName, PolicyError, SettingError};
pub use hours::{ContactHours, Date, Span};
pub use outcome::{Outcome, Receipt, SenderRef};
pub use phone::{ContactKey, Countries, InvalidPhone, Phone, is_ddd};
pub use policy::{EmptyTemplate, GateScope, OperatorAffinity, Policy, PolicyBuilder, Profile, Sticky};
pub use senders::pace::PaceMeter;
pub use snapshot::RestoreError;
pub use status::Status;
pub use text::{Text, begins_visibly, is_blank};
pub use time::Timestamp;
pub use view::*;
