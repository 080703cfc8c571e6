//! What every request goes through: who sends it, how much it may take, and what is noted of it.

use super::app::App;
use super::response;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use cpc_http::{Limits, X_REQUEST_ID, is_plain_json, read_body, request_id};
use cpc_wire::RequestFailure;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span, field, info, info_span};

/// Lets in who has a token, and reads the body, within the limits: handlers have it whole.
pub(super) async fn admit(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if let Err(failure) = checked(&app, request.headers(), request.method()) {
        return response::failure(failure, app.language);
    }
    // Before the body is read, and until the answer is there: that bounds what is held in memory.
    let Ok(_slot) = app.slots.try_acquire() else {
        return response::failure(RequestFailure::Overloaded, app.language);
    };
    let (head, body) = request.into_parts();
    match read_within(app.limits, body).await {
        Ok(body) => {
            let request = Request::from_parts(head, Body::from(body));
            let deadline = Instant::now() + app.limits.timeout;
            match timeout_at(deadline, next.run(request)).await {
                Ok(response) => response,
                Err(_) => response::failure(RequestFailure::Timeout, app.language),
            }
        }
        Err(failure) => response::failure(failure, app.language),
    }
}

fn checked(app: &App, headers: &HeaderMap, method: &Method) -> Result<(), RequestFailure> {
    let label = app.tokens.holder(headers).ok_or(RequestFailure::Unauthorized)?;
    Span::current().record("token", &*label);
    let has_body = matches!(*method, Method::POST | Method::PUT | Method::PATCH);
    if has_body && !is_plain_json(headers) {
        return Err(RequestFailure::UnsupportedMediaType);
    }
    Ok(())
}

/// Reads a body within the limits.
pub(super) async fn read_within(limits: Limits, body: Body) -> Result<bytes::Bytes, RequestFailure> {
    let deadline = Instant::now() + limits.timeout;
    let read = timeout_at(deadline, read_body(body, limits.max_body)).await;
    read.map_err(|_| RequestFailure::BodyTimeout)?
}

/// Counts a request, by its route as the program has it.
pub(super) async fn count(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (route, began) = (route_of(&request), Instant::now());
    let response = next.run(request).await;
    app.metrics().request(&route, response.status().as_u16(), began.elapsed());
    response
}

fn route_of(request: &Request) -> String {
    request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned()
}

/// Names a request, and notes how it was answered. Nothing of what it says is noted: paths have phones in them.
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let route = route_of(&request);
    let span = info_span!("request", request_id = &*id, token = field::Empty);
    let began = Instant::now();
    async {
        let mut response = next.run(request).await;
        let (status, took) = (response.status().as_u16(), began.elapsed());
        info!(route, status, micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX), "answered");
        // An id is made of characters that a header can carry.
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(X_REQUEST_ID, id);
        }
        response
    }
    .instrument(span)
    .await
}

/// Browsers take answers for what they say they are.
pub(super) async fn no_sniffing(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
