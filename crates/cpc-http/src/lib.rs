#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]
//!
//! # What is here
//!
//! | what | where |
//! |---|---|
//! | the host's side: decides about a batch | [`Dispatcher`], given a [`DispatchRequest`] |
//! | one over an engine in memory, **not durable** | [`EngineDispatcher`] |
//! | the endpoint, a [`tower_service::Service`] | [`Massivocpc`] |
//! | the same as an axum router to merge, or a whole app | [`router`](router()), [`app`] |
//! | the tokens of clients | [`Tokens`] |
//! | limits of size, time and number | [`Limits`] |
//! | the same checks for a host's other routes, as a tower layer | [`Admission`] |
//! | their parts | [`Tokens::holder`], [`request_id`](request_id()), [`is_plain_json`], [`read_body`] |
//! | the OpenAPI 3.1 document, and the request that it shows | [`openapi`](openapi()), [`EXAMPLE_REQUEST`] |
//!
//! Outside axum, [`Massivocpc`] is a service like any other. It needs a Tokio runtime with its timer.
//!
//! # Answers
//!
//! All have one shape, that of [`cpc_wire`]'s massivocpc, and the header `x-request-id`: the client's, or a
//! random one. In the order in which they are found:
//!
//! | what happened | HTTP | `code` |
//! |---|---|---|
//! | no such path ([`app`] only) | 404 | `not_found` |
//! | another method than POST | 405, `Allow` | `method_not_allowed` |
//! | no token, or none of [`Tokens`] | 401, `WWW-Authenticate: Bearer` | `unauthorized` |
//! | not JSON in UTF-8, or compressed | 415 | `unsupported_media_type` |
//! | more than [`Limits::max_concurrent`] | 503, `Retry-After` | `overloaded` |
//! | more bytes than [`Limits::max_body`] | 413 | `body_too_large` |
//! | the connection broke | 400 | `body_incomplete` |
//! | the body takes longer than [`Limits::timeout`] | 503, `Retry-After` | `body_timeout` |
//! | not JSON, or of the wrong shape | 400 | `invalid_json`, `invalid_field` |
//! | the engine refuses the batch | 400, 404, 413, 503 | the [`CommandError`](cpc_core::CommandError)'s |
//! | the host refuses it | 429, 503, 500 | `rate_limited`, `unavailable`, `internal_error` |
//! | the decision takes longer than [`Limits::timeout`] | 503, `Retry-After` | `timeout` |
//! | all messages refused | 422 | that of each message |
//! | some accepted, or all | 200 | that of each refused message |
//!
//! After `timeout`, `unavailable` and `internal_error` the batch may have been accepted all the same. Posting it
//! again is safe for messages with an `idMessage`: what was accepted is `already_accepted`, and not sent again.
//!
//! # Logs
//!
//! Each request is a `tracing` span `massivocpc` with its id and its token's label, and an event with its status,
//! code and duration. No phone, client, text, token or path is ever written.

mod admission;
mod body;
mod dispatcher;
mod endpoint;
mod engine;
mod limits;
mod offload;
mod openapi;
mod request_id;
mod response;
mod router;
mod tokens;

pub use admission::{Admission, AdmissionLayer, AdmissionService, Admitted};
pub use body::{is_plain_json, read_body};
pub use cpc_wire::{Language, RequestFailure, ResponseProfile};
pub use dispatcher::{DispatchError, DispatchRequest, Dispatcher};
pub use endpoint::Massivocpc;
pub use engine::EngineDispatcher;
pub use limits::Limits;
pub use openapi::{EXAMPLE_REQUEST, openapi};
pub use request_id::{X_REQUEST_ID, request_id};
pub use router::{MASSIVOCPC_PATH, OPENAPI_PATH, app, router};
pub use tokens::{InvalidTokenDigest, TokenDigest, TokenError, Tokens};
/// The crate of the [`openapi`](openapi()) document's types.
pub use utoipa;
