//! Admission in front of a host's own routes.

use crate::support::{TOKEN, read, tokens};
use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use bytes::Bytes;
use cpc_http::{Admission, Limits, RequestFailure};
use http::request::Builder;
use http::{Request, Response, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

/// A failure as a host may show it.
fn shown(failure: RequestFailure) -> Response<Body> {
    let mut response = Response::new(Body::from(failure.name()));
    *response.status_mut() = StatusCode::from_u16(failure.http_status()).unwrap();
    response
}

/// An app that answers with the body's length, or never at `/never`.
fn guarded(admission: &Admission) -> Router {
    Router::new()
        .route("/length", post(|body: Bytes| async move { body.len().to_string() }).get(|| async { "got" }))
        .route("/never", get(std::future::pending::<()>))
        .route_layer(admission.layer(shown))
        .route("/open", get(|| async { "open" }))
}

async fn ask(app: &Router, request: Builder, body: &'static str) -> (u16, String) {
    let response = app.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let answered = read(response).await;
    (answered.status, String::from(answered.text()))
}

fn with_token(request: Builder) -> Builder {
    request.header("authorization", format!("Bearer {TOKEN}"))
}

#[tokio::test]
async fn checks_are_made_in_their_order_and_the_handler_gets_the_whole_body() {
    let app = guarded(&Admission::new(tokens(), Limits::default().max_body(5)));
    let json = |request: Builder| request.header("content-type", "application/json");
    for (request, body, status, text) in [
        (Request::post("/length"), "too long and no token", 401, "unauthorized"),
        (with_token(Request::post("/length")), "too long and no JSON", 415, "unsupported_media_type"),
        (json(with_token(Request::post("/length"))), "123456", 413, "body_too_large"),
        (json(with_token(Request::post("/length"))), "12345", 200, "5"),
        // Without a body there is no media type to check.
        (with_token(Request::get("/length")), "", 200, "got"),
        (Request::get("/length"), "", 401, "unauthorized"),
        (Request::get("/open"), "", 200, "open"),
    ] {
        assert_eq!(ask(&app, request, body).await, (status, String::from(text)));
    }
}

#[tokio::test]
async fn other_credentials_and_media_types_can_be_admitted() {
    let knock = |headers: &http::HeaderMap| headers.get("knock").map(|_| Arc::from("neighbour"));
    let app = guarded(&Admission::authenticated_by(knock, Limits::default()).any_media_type());
    assert_eq!(ask(&app, with_token(Request::post("/length")), "12").await.0, 401);
    let admitted = ask(&app, Request::post("/length").header("knock", "knock"), "12").await;
    assert_eq!(admitted, (200, String::from("2")));
}

#[tokio::test(start_paused = true)]
async fn a_request_holds_its_slot_until_it_is_answered_or_takes_too_long() {
    let limits = Limits::default().max_concurrent(1).timeout(Duration::from_secs(5));
    let app = guarded(&Admission::new(tokens(), limits));
    let slow = tokio::spawn({
        let app = app.clone();
        async move { ask(&app, with_token(Request::get("/never")), "").await }
    });
    tokio::time::sleep(Duration::from_secs(4)).await;
    let refused = ask(&app, with_token(Request::get("/length")), "").await;
    assert_eq!(refused, (503, String::from("overloaded")));
    assert_eq!(slow.await.unwrap(), (503, String::from("timeout")));
    assert_eq!(ask(&app, with_token(Request::get("/length")), "").await.0, 200);
}
