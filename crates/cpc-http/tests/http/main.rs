//! The endpoint as its clients see it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod admission;
mod bodies;
mod document;
mod errors;
mod limits;
mod mounting;
mod openapi;
mod support;
