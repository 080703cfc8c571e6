//! `/webhooks/whatsapp`: Meta's handshake, and its notifications. There is no token here; notifications are signed.

use super::guard::read_within;
use super::{App, reply};
use crate::serve::line::Line;
use crate::serve::signature::{is_signature, verify};
use crate::serve::whatsapp::commands_of;
use axum::extract::{Query as Parameters, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use cpc_whatsapp::{Event, InvalidJson, read_notification};
use cpc_wire::{Expected, LineError, RequestFailure, refusal_http_status};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;
use tracing::warn;

const SIGNATURE: &str = "x-hub-signature-256";
/// The longest notification, in bytes; Meta's have 3 MB at most.
const MAX_BODY: usize = 4 << 20;
/// How long one may take to come. Meta sends them at once.
const TIMEOUT: Duration = Duration::from_secs(5);

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
    let (head, body) = request.into_parts();
    let signature = head.headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    // Anybody may post here: whoever does not even claim to be Meta is not listened to.
    let Some(signature) = signature.filter(|signature| is_signature(signature)) else {
        return reply::failure(RequestFailure::Unauthorized, app.language);
    };
    // So these have slots of their own: they bound what is held in memory, and no client of the API is kept out.
    let Ok(_slot) = app.hook_slots.try_acquire() else {
        return reply::failure(RequestFailure::Overloaded, app.language);
    };
    let limits =
        app.limits.max_body(MAX_BODY.min(app.limits.max_body)).timeout(TIMEOUT.min(app.limits.timeout));
    let body = match read_within(limits, body).await {
        Ok(body) => body,
        Err(failure) => return reply::failure(failure, app.language),
    };
    let secret = app.whatsapp.as_ref().map(|it| it.app_secret.as_bytes());
    if !secret.is_some_and(|secret| verify(secret, &body, signature)) {
        return reply::failure(RequestFailure::Unauthorized, app.language);
    }
    match read_notification(&body) {
        Ok(events) => taken(&app, events).await,
        Err(error) => {
            app.metrics().unmatched("unreadable");
            // Repeating it would not help.
            reply::unreadable(&unreadable(error), app.language)
        }
    }
}

fn unreadable(error: InvalidJson) -> LineError {
    match error {
        InvalidJson::Syntax { message, line, column } => LineError::InvalidJson { message, line, column },
        _ => LineError::InvalidField { path: String::new(), expected: Expected::Object },
    }
}

/// Carries out what a notification says, one event after the other: each changes what the next one means.
async fn taken(app: &App, events: Vec<Event>) -> Response {
    let (mut outcomes, mut unmatched) = (Vec::new(), 0);
    for event in events {
        let commands = match commands_of(&app.tenant, &app.texts, &app.translation, event) {
            Ok(commands) => commands,
            Err(ignored) => {
                unmatched += 1;
                app.metrics().unmatched(ignored.name());
                warn!(kind = ignored.name(), "something in a webhook leads to no command");
                continue;
            }
        };
        // What is translated can be read again.
        let lines: Vec<Line> =
            commands.lines(None).filter_map(|line| Line::parse(Bytes::from(line)).ok()).collect();
        let Ok(answers) = app.tenant.lines(lines).await else {
            return reply::failure(RequestFailure::Unavailable, app.language);
        };
        for answer in answers {
            match answer {
                Ok(done) => outcomes.extend(done.outcomes.iter().map(|outcome| outcome.status.name())),
                // The host's clock is wrong: to be repeated when it is right.
                Err(refusal) if refusal_http_status(&refusal) == 503 => {
                    warn!(%refusal, "a webhook cannot be taken now");
                    return reply::failure(RequestFailure::Unavailable, app.language);
                }
                Err(refusal) => warn!(%refusal, "something in a webhook was refused"),
            }
        }
    }
    let answer = json!({"outcomes": outcomes, "unmatched": unmatched});
    reply::json(200, answer.to_string().into_bytes())
}
