//! `/webhooks/whatsapp`: Meta's handshake and notifications. Notifications are signed instead of having a token.

use super::app::{App, signature_of};
use super::response;
use crate::delivery::signature::verify;
use crate::delivery::whatsapp::commands_of;
use crate::storage::command_json::CommandJson;
use axum::extract::{Query as Parameters, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use cpc_whatsapp::{Event, InvalidJson, read_notification};
use cpc_wire::{Expected, ParseError, RequestFailure, refusal_http_status};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tracing::warn;

/// The parameters of the handshake.
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

/// Answers the challenge of a client that knows the verify token.
pub(super) async fn handshake(
    State(app): State<Arc<App>>,
    Parameters(asked): Parameters<Handshake>,
) -> Response {
    let knows_token = app
        .whatsapp
        .as_ref()
        .is_some_and(|webhook| bool::from(webhook.verify_token.as_bytes().ct_eq(asked.token.as_bytes())));
    match knows_token && asked.mode == "subscribe" {
        true => response::text(StatusCode::OK, asked.challenge),
        false => response::failure(RequestFailure::Unauthorized, app.language),
    }
}

/// Takes a notification. All of it is durable before it is acknowledged; Meta repeats what was not.
pub(super) async fn notified(State(app): State<Arc<App>>, request: Request) -> Response {
    let Some(webhook) = &app.whatsapp else {
        return response::failure(RequestFailure::NotFound, app.language);
    };
    let (head, body) = request.into_parts();
    // Held until the response, so that its slot bounds what is in memory.
    let admitted = match webhook.admission.admit(&head, body).await {
        Ok(admitted) => admitted,
        Err(failure) => return response::failure(failure, app.language),
    };
    let body = &admitted.body;
    let signature = signature_of(&head.headers);
    if !signature.is_some_and(|signature| verify(webhook.app_secret.as_bytes(), body, signature)) {
        return response::failure(RequestFailure::Unauthorized, app.language);
    }
    match read_notification(body) {
        Ok(events) => taken(&app, events).await,
        Err(error) => {
            app.metrics().unmatched("unreadable");
            // A 400: repeating it would not help.
            response::unreadable(&unreadable(error), app.language)
        }
    }
}

fn unreadable(error: InvalidJson) -> ParseError {
    match error {
        InvalidJson::Syntax { message, line, column } => ParseError::InvalidJson { message, line, column },
        _ => ParseError::InvalidField { path: String::new(), expected: Expected::Object },
    }
}

/// Executes the events of a notification one after the other: each may change what the next one leads to.
async fn taken(app: &App, events: Vec<Event>) -> Response {
    let (mut outcomes, mut unmatched) = (Vec::new(), 0);
    for event in events {
        let commands = match commands_of(&app.handle, &app.texts, &app.translation, event) {
            Ok(commands) => commands,
            Err(ignored) => {
                unmatched += 1;
                app.metrics().unmatched(ignored.name());
                warn!(kind = ignored.name(), "something in a webhook leads to no command");
                continue;
            }
        };
        let commands: Result<Vec<_>, _> = commands.iter().map(|command| CommandJson::of(&command)).collect();
        let Ok(commands) = commands else {
            return response::failure(RequestFailure::Internal, app.language);
        };
        let Ok(replies) = app.handle.execute_all(commands).await else {
            return response::failure(RequestFailure::Unavailable, app.language);
        };
        for reply in replies {
            match reply {
                Ok(done) => outcomes.extend(done.outcomes.iter().map(|outcome| outcome.status.name())),
                // The host's clock is wrong: a 503, so that Meta repeats the notification.
                Err(refusal) if refusal_http_status(&refusal) == 503 => {
                    warn!(%refusal, "a webhook cannot be taken now");
                    return response::failure(RequestFailure::Unavailable, app.language);
                }
                Err(refusal) => warn!(%refusal, "something in a webhook was refused"),
            }
        }
    }
    let answer = json!({"outcomes": outcomes, "unmatched": unmatched});
    response::json(200, answer.to_string().into_bytes())
}
