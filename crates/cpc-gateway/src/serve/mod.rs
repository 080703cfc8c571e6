//! `cpc serve`: the engine as a service that survives.
//!
//! ```text
//!   requests ──► api ──► tenant ──► writer: append ─► durable ─► apply ─► answer
//!                          ▲          │                            │
//!   transport ◄── courier ─┘          └── log, snapshots           └── engine, outbox
//! ```
//!
//! | module | what it knows |
//! |---|---|
//! | `listener`, `api` | connections, and HTTP |
//! | `tenant`, `writer` | the one way in, and the one thread that changes anything |
//! | `log`, `snapshots`, `recovery` | what is on the disk, and how a start finds its way back |
//! | `line`, `stored_line` | one command as a text, posted now or long ago |
//! | `machine`, `outbox` | the state: what follows from the log, and from nothing else |
//! | `courier`, `webhook`, `texts` | messages on their way out |
//! | `timers` | what happens because time passes |
//! | `unsent` | what could not be sent while the gateway was down |
//! | `whatsapp`, `signature` | webhooks that come in |
//! | `settings`, `tokens`, `data_folder` | what the operator says, and where it is kept |

mod api;
mod clock;
mod courier;
mod data_folder;
mod line;
mod listener;
mod log;
pub(crate) mod log_tool;
mod machine;
mod metrics;
mod outbox;
mod recovery;
pub(crate) mod settings;
mod signature;
mod snapshots;
mod start;
mod stored_line;
mod tenant;
mod texts;
mod timers;
pub(crate) mod tokens;
mod told;
mod unsent;
mod webhook;
mod whatsapp;
mod writer;

pub(crate) use start::run;
pub(crate) use told::told;
