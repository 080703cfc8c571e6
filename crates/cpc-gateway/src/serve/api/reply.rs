//! Answers, all but those of massivocpc: what a line is answered, and failures in the same shape.

use super::App;
use crate::serve::tenant::{LineDone, Unavailable};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use cpc_core::Refusal;
use cpc_wire::{
    Language, ParseError, RequestFailure, refusal_http_status, write_line_error, write_refusal,
    write_request_error,
};
use std::sync::Arc;

/// How long a client should wait when nothing better is known, in seconds.
const SOON: HeaderValue = HeaderValue::from_static("1");

/// JSON with a status.
pub(super) fn json(status: u16, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == 503 {
        response.headers_mut().insert(RETRY_AFTER, SOON);
    }
    response
}

/// A text for machines that read texts.
pub(super) fn text(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// A request failed beside its line.
pub(super) fn failure(failure: RequestFailure, language: Language) -> Response {
    let mut body = Vec::new();
    let status = write_request_error(failure, language, &mut body);
    let mut response = json(status, body);
    if status == 401 {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// A line could not be read.
pub(super) fn unreadable(error: &ParseError, language: Language) -> Response {
    let mut body = Vec::new();
    write_line_error(error, language, &mut body);
    json(400, body)
}

/// A line was refused as a whole.
pub(super) fn refused(refusal: &Refusal, language: Language) -> Response {
    let mut body = Vec::new();
    write_refusal(refusal, language, &mut body);
    json(refusal_http_status(refusal), body)
}

/// What came of a line.
pub(super) fn done(done: Result<Result<LineDone, Refusal>, Unavailable>, language: Language) -> Response {
    match done {
        Ok(Ok(done)) => json(200, done.answer),
        Ok(Err(refusal)) => refused(&refusal, language),
        Err(Unavailable) => failure(RequestFailure::Unavailable, language),
    }
}

/// Nothing is there.
pub(super) async fn not_found(State(app): State<Arc<App>>) -> Response {
    failure(RequestFailure::NotFound, app.language)
}

/// Something is there, for other methods.
pub(super) async fn wrong_method(State(app): State<Arc<App>>) -> Response {
    failure(RequestFailure::MethodNotAllowed, app.language)
}
