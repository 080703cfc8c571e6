//! What surrounds all routes: request ids, logs, metrics, headers. Admission is `cpc-http`'s.

use super::app::App;
use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::middleware::Next;
use axum::response::Response;
use cpc_http::{X_REQUEST_ID, request_id};
use std::sync::Arc;
use tokio::time::Instant;
use tracing::{Instrument, field, info, info_span};

/// Counts a request by the pattern of its route.
pub(super) async fn count(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (route, began) = (route_of(&request), Instant::now());
    let response = next.run(request).await;
    app.metrics().request(&route, response.status().as_u16(), began.elapsed());
    response
}

fn route_of(request: &Request) -> String {
    request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned()
}

/// Gives a request its id, and logs its response. The path itself is never logged: it may contain a phone.
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let route = route_of(&request);
    let span = info_span!("request", request_id = &*id, token = field::Empty);
    let began = Instant::now();
    async {
        let mut response = next.run(request).await;
        let (status, took) = (response.status().as_u16(), began.elapsed());
        info!(route, status, micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX), "answered");
        // Request ids consist of characters that headers allow.
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(X_REQUEST_ID, id);
        }
        response
    }
    .instrument(span)
    .await
}

/// Forbids browsers to guess media types.
pub(super) async fn no_sniffing(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
