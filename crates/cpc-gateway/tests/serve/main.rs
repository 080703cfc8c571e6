//! `cpc serve` as its users run it: the program, its HTTP, its files.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod api;
mod connections;
mod damage;
mod disk;
mod errors;
mod folder;
mod http;
mod log_tool;
mod openapi;
mod operation;
mod outbox;
mod recorded;
mod stub;
mod support;
mod transport;
mod upgrade;
mod whatsapp;
