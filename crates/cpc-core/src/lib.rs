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
//! # Ok::<(), cpc_core::Refusal>(())
//! ```
//!
//! ## Where things are
//!
//! | module | what it knows |
//! |---|---|
//! | `gate`, `decision`, `allocation` | the rules: when a contact may be made, the order of refusals, which sender |
//! | `dispatch`, `reply`, `report`, `follow_up`, `import`, `setup` | the commands |
//! | `query`, `draft`, `retention`, `snapshot` | questions, previews, forgetting, bytes |
//! | `contacts`, `contact`, `client`, `packed`, `table`, `hashing`, `paged`, `origin`, `texts` | contacts in memory |
//! | `fleet`, `ring`, `tournament` | senders in memory |
//! | `agenda`, `calendar`, `journal` | what happens when, and what happened to a dispatch |

extern crate alloc;

mod agenda;
mod allocation;
mod calendar;
mod client;
mod command;
mod contact;
mod contacts;
mod decision;
mod dispatch;
mod draft;
mod engine;
mod error;
mod fleet;
mod follow_up;
mod gate;
mod hashing;
mod hours;
mod import;
mod journal;
mod origin;
mod outcome;
mod packed;
mod paged;
mod phone;
mod policy;
mod query;
mod reply;
mod report;
mod retention;
mod ring;
mod setup;
mod snapshot;
mod status;
mod table;
mod text;
mod texts;
pub mod time;
mod tournament;
mod view;

pub use command::*;
pub use engine::Engine;
pub use error::{Field, Flaw, Refusal};
pub use hours::{ContactHours, Date, Span};
pub use outcome::{Applied, Outcome, SenderRef};
pub use phone::{ContactKey, Countries, InvalidPhone, Phone, is_ddd};
pub use policy::{
    EmptyTemplate, GateScope, OperatorAffinity, Policy, PolicyBuilder, PolicyError, Profile, Sticky,
};
pub use query::Question;
pub use snapshot::RestoreError;
pub use status::Status;
pub use text::{Text, begins_visibly, is_blank};
pub use time::Timestamp;
pub use view::*;
