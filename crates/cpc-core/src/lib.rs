#![no_std]
#![forbid(unsafe_code)]
//! One new contact per client: a deterministic rules engine for WhatsApp dispatch.
//!
//! A client who was written to is left alone until the client answers or 24 hours are over, and messages are spread
//! over the numbers of a wallet. This crate decides both, and nothing else: it does no I/O, has no clock and no
//! randomness, so the same commands give the same answers on every machine, byte by byte.
//!
//! An [`Engine`] is one tenant. Hosts hand it a [`Command`] with the time it happens at, and get one [`Outcome`]
//! an item; everything else is a question. It does no I/O, has no clock, and panics only if it has a bug.
//!
//! ```
//! use cpc_core::{Batch, Command, Engine, Message, Policy, SenderSetup, Status, WalletSetup};
//! use std::time::Duration;
//!
//! let mut engine = Engine::new(Policy::default());
//! let mut outcomes = Vec::new();
//! let now = cpc_core::Timestamp::from(1_795_436_400_000); // milliseconds since 1970, from the host's clock
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
//! engine.dispatch(now.plus(Duration::from_secs(60)), &batch, &mut outcomes)?;
//! assert_eq!(outcomes[0].status, Status::ContactBlocked);
//! assert_eq!(outcomes[0].retry_at, Some(now.plus(Duration::from_secs(86_400))));
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
