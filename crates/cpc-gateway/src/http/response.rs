//! Responses of all routes but massivocpc: replies to commands and queries, and errors in the same shape.

use super::app::App;
use crate::engine::handle::{CommandReply, Unavailable};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use cpc_core::CommandError;
use cpc_wire::{
    Language, ParseError, RequestFailure, refusal_http_status, write_line_error, write_refusal,
    write_request_error,
};
use std::sync::Arc;

/// The `retry-after` of a 503, in seconds.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// JSON with a status.
pub(super) fn json(status: u16, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == 503 {
        response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    response
}

/// Plain text, for health checks and metrics.
pub(super) fn text(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// A request that failed before or outside the engine.
pub(super) fn failure(failure: RequestFailure, language: Language) -> Response {
    let mut body = Vec::new();
    let status = write_request_error(failure, language, &mut body);
    let mut response = json(status, body);
    if status == 401 {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// A body that cannot be parsed.
pub(super) fn unreadable(error: &ParseError, language: Language) -> Response {
    let mut body = Vec::new();
    write_line_error(error, language, &mut body);
    json(400, body)
}

/// A command or query that the engine refused.
pub(super) fn refused(refusal: &CommandError, language: Language) -> Response {
    let mut body = Vec::new();
    write_refusal(refusal, language, &mut body);
    json(refusal_http_status(refusal), body)
}

/// The result of a command.
pub(super) fn executed(
    result: Result<Result<CommandReply, CommandError>, Unavailable>,
    language: Language,
) -> Response {
    match result {
        Ok(Ok(reply)) => json(200, reply.answer),
        Ok(Err(refusal)) => refused(&refusal, language),
        Err(Unavailable) => failure(RequestFailure::Unavailable, language),
    }
}

/// The 404 of unknown paths.
pub(super) async fn not_found(State(app): State<Arc<App>>) -> Response {
    failure(RequestFailure::NotFound, app.language)
}

/// The 405 of known paths.
pub(super) async fn method_not_allowed(State(app): State<Arc<App>>) -> Response {
    failure(RequestFailure::MethodNotAllowed, app.language)
}
