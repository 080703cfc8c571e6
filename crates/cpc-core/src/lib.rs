#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![doc = include_str!("../RULES.md")]
//!
//! # The crate
//!
//! An [`Engine`] is one tenant. Hosts hand it a [`Command`] with the time it happens at, and get one [`Outcome`]
//! an item; everything else is a question. It does no I/O, has no clock, and panics only if it has a bug.
//!
//! ```
//! use cpc_core::{Batch, Command, Engine, Message, Policy, SenderSetup, Status, WalletSetup};
//!
//! let mut engine = Engine::new(Policy::default());
//! let mut outcomes = Vec::new();
//! let now = 1_795_436_400_000; // milliseconds since 1970, from the host's clock
//!
//! let senders = [SenderSetup { id: "5514990000001", daily_limit: Some(1_000), ..SenderSetup::default() }];
//! let wallet = WalletSetup { tag: "emp1", senders: &senders, ..WalletSetup::default() };
//! engine.apply(now, &Command::Wallet(wallet), &mut outcomes)?;
//!
//! let messages = [Message {
//!     phone: "5511988876204",
//!     close_ticket: Some(true),
//!     specialist_code: "admin",
//!     main_template: "Olá!".into(),
//!     ..Message::default()
//! }];
//! let batch = Batch { campaign: "teste", id_account: "", tag: "emp1", messages: &messages, atomic: false };
//! engine.dispatch(now, &batch, &mut outcomes)?;
//! assert_eq!(outcomes[0].status, Status::Accepted);
//!
//! // A minute later the contact has not answered: it is blocked, and the engine says until when.
//! engine.dispatch(now + 60_000, &batch, &mut outcomes)?;
//! assert_eq!(outcomes[0].status, Status::ContactBlocked);
//! assert_eq!(outcomes[0].retry_at.map(|at| at.as_millis()), Some(now as u64 + 86_400_000));
//! # Ok::<(), cpc_core::CommandError>(())
//! ```
//!
//! ## Where things are
//!
//! | module | what it knows |
//! |---|---|
//! | `command`, `outcome`, `view`, `policy`, `status`, `error`, `cycle`, `phone`, `hours`, `time`, `text` | the vocabulary |
//! | `contacts` | contacts in memory |
//! | `senders` | wallets, senders and groups in memory |
//! | `schedule` | what happens when, and where a dispatch went |
//! | `rules` | the order of refusals, and which sender |
//! | `engine` | one module for each command and query |
//! | `snapshot` | the engine as bytes |

extern crate alloc;

mod command;
mod contacts;
mod cycle;
mod engine;
mod error;
mod hours;
mod outcome;
mod phone;
mod policy;
mod rules;
mod schedule;
mod senders;
mod snapshot;
mod status;
mod text;
pub mod time;
mod view;

pub use command::*;
pub use engine::query::ExplainRequest;
pub use engine::state::Engine;
pub use error::{CommandError, Field, SettingError};
pub use hours::{ContactHours, Date, Span};
pub use outcome::{Outcome, Receipt, SenderRef};
pub use phone::{ContactKey, Countries, InvalidPhone, Phone, is_ddd};
pub use policy::{
    EmptyTemplate, GateScope, OperatorAffinity, Policy, PolicyBuilder, PolicyError, Profile, Sticky,
};
pub use snapshot::RestoreError;
pub use status::Status;
pub use text::{Text, begins_visibly, is_blank};
pub use time::Timestamp;
pub use view::*;
