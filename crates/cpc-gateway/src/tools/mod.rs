//! The commands of `cpc` that need no gateway, and what they share: arguments, help, the terminal.

pub(crate) mod check;
pub(crate) mod cli;
pub(crate) mod demo;
pub(crate) mod error;
pub(crate) mod explain;
pub(crate) mod help;
pub(crate) mod instant;
pub(crate) mod log;
pub(crate) mod progress;
pub(crate) mod replay;
pub(crate) mod scenario;
pub(crate) mod terminal;
pub(crate) mod timeline;
