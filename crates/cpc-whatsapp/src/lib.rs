#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![doc = include_str!("../README.md")]

mod advice;
mod commands;
mod event;
mod ignored;
mod json;
mod notification;
mod opt_out;
mod translate;

pub use advice::{Advice, FaultTable, Retry, SenderAdvice};
pub use commands::Commands;
pub use event::{DeliveryStatus, Event, InboundMessage, InboundOptOut};
pub use ignored::Ignored;
pub use json::InvalidJson;
pub use notification::{is_answer, read_notification};
pub use opt_out::{DEFAULT_OPT_OUT_WORDS, OptOutWords};
pub use translate::{Options, translate};
