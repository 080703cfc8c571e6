//! `/webhooks/whatsapp`: Meta's handshake, and its notifications. There is no token here; notifications are signed.

use super::guard::read_within;
use super::{App, reply};
use crate::serve::signature::verify;
use axum::extract::{Query as Parameters, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use cpc_wire::{RequestFailure, refusal_http_status};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tracing::warn;

const SIGNATURE: &str = "x-hub-signature-256";

/// What the handshake asks.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: String,
    #[serde(rename = "hub.verify_token")]
    token: String,
    #[serde(rename = "hub.challenge")]
    challenge: String,
}

/// Answers the challenge of whoever knows the token.
pub(super) async fn handshake(
    State(app): State<Arc<App>>,
    Parameters(asked): Parameters<Handshake>,
) -> Response {
    let knows = app
        .whatsapp
        .as_ref()
        .is_some_and(|it| bool::from(it.verify_token.as_bytes().ct_eq(asked.token.as_bytes())));
    match knows && asked.mode == "subscribe" {
        true => reply::text(StatusCode::OK, asked.challenge),
        false => reply::failure(RequestFailure::Unauthorized, app.language),
    }
}

/// Takes a notification: all of it is durable before it is acknowledged, so Meta repeats what was not.
pub(super) async fn notified(State(app): State<Arc<App>>, request: Request) -> Response {
    // Anybody may post here, so these have slots of their own: they bound what is held in memory, and no client of the
    // API is kept out.
    let Ok(_slot) = app.hook_slots.try_acquire() else {
        return reply::failure(RequestFailure::Overloaded, app.language);
    };
    let (head, body) = request.into_parts();
    let body = match read_within(&app, body).await {
        Ok(body) => body,
        Err(failure) => return reply::failure(failure, app.language),
    };
    let signature = head.headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    let secret = app.whatsapp.as_ref().map(|it| it.app_secret.as_bytes());
    if !secret.zip(signature).is_some_and(|(secret, signature)| verify(secret, &body, signature)) {
        return reply::failure(RequestFailure::Unauthorized, app.language);
    }
    let Ok(read) = app.reader.read(&body, &app.tenant, &app.texts) else {
        app.metrics().unmatched("unreadable");
        // Repeating it would not help.
        return reply::json(400, json!({"error": "invalid_json"}).to_string().into_bytes());
    };
    for kind in &read.unmatched {
        app.metrics().unmatched(kind);
        warn!(kind, "something in a webhook belongs to no contact or message of ours");
    }
    let mut outcomes = Vec::new();
    for line in read.lines {
        match app.tenant.line(line).await {
            Ok(Ok(done)) => outcomes.extend(done.outcomes.iter().map(|outcome| outcome.status.name())),
            // The host's clock is wrong: to be repeated when it is right.
            Ok(Err(refusal)) if refusal_http_status(&refusal) == 503 => {
                warn!(%refusal, "a webhook cannot be taken now");
                return reply::failure(RequestFailure::Unavailable, app.language);
            }
            Ok(Err(refusal)) => warn!(%refusal, "something in a webhook was refused"),
            Err(_) => return reply::failure(RequestFailure::Unavailable, app.language),
        }
    }
    let answer = json!({"outcomes": outcomes, "unmatched": read.unmatched.len()});
    reply::json(200, answer.to_string().into_bytes())
}
