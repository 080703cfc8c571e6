//! Routes that change something: a posted object becomes a command.

use super::app::App;
use super::path_params::PathParams;
use super::response;
use crate::delivery::whatsapp::commands_of_failure;
use crate::engine::handle::Unavailable;
use crate::storage::command_json::{CommandJson, without};
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use bytes::Bytes;
use cpc_core::{Command, Delivery, Reply};
use cpc_whatsapp::DeliveryStatus;
use cpc_wire::{Expected, Op, ParseError, RequestFailure, parse_time};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::sync::Arc;

/// Executes a command, or reports why it could not be parsed.
async fn execute(app: &App, command: Result<CommandJson, ParseError>) -> Response {
    match command {
        Ok(command) => response::executed(app.handle.execute(command).await, app.language),
        Err(error) => response::unreadable(&error, app.language),
    }
}

/// A route whose posted object is the command `op`, without its `op` and `at`.
pub(super) fn route(op: &'static str) -> MethodRouter<Arc<App>> {
    post(async move |State(app): State<Arc<App>>, body: Bytes| {
        execute(&app, CommandJson::posted(op, &[], &body)).await
    })
}

fn invalid_field(path: &str, expected: Expected) -> ParseError {
    ParseError::InvalidField { path: path.to_owned(), expected }
}

/// Any command or query, without its `at`.
pub(super) async fn any(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let command = CommandJson::parse(body).and_then(|command| match command.op() {
        Op::Command(Command::Policy(_)) => {
            // It has just been parsed as such a command.
            let posted: PostedPolicy<'_> = serde_json::from_slice(command.text())
                .map_err(|_| invalid_field("policy", Expected::Object))?;
            CommandJson::policy(&app.hash_key, posted.policy.get().as_bytes())
        }
        _ => Ok(command),
    });
    execute(&app, command).await
}

/// The part of a command `policy` that the gateway reads.
#[derive(Deserialize)]
struct PostedPolicy<'a> {
    #[serde(borrow)]
    policy: &'a RawValue,
}

pub(super) async fn policy(State(app): State<Arc<App>>, body: Bytes) -> Response {
    execute(&app, CommandJson::policy(&app.hash_key, &body)).await
}

pub(super) async fn group(
    State(app): State<Arc<App>>,
    PathParams(name): PathParams<String>,
    body: Bytes,
) -> Response {
    execute(&app, CommandJson::posted("group", &[("name", &name)], &body)).await
}

/// Replaces a wallet. `senders` is required: without it, the object would be the query `wallet`.
pub(super) async fn wallet(
    State(app): State<Arc<App>>,
    PathParams(tag): PathParams<String>,
    body: Bytes,
) -> Response {
    let command = CommandJson::posted("wallet", &[("tag", &tag)], &body);
    let command = command.and_then(|command| match command.op() {
        Op::Command(_) => Ok(command),
        Op::Query(_) => Err(invalid_field("senders", Expected::Present)),
    });
    execute(&app, command).await
}

pub(super) async fn remove_wallet(
    State(app): State<Arc<App>>,
    PathParams(tag): PathParams<String>,
) -> Response {
    execute(&app, CommandJson::of(&Command::RemoveWallet { tag: &tag })).await
}

/// Changes the fields of a sender that are posted, or adds the sender.
pub(super) async fn sender(
    State(app): State<Arc<App>>,
    PathParams((tag, id)): PathParams<(String, String)>,
    body: Bytes,
) -> Response {
    execute(&app, CommandJson::posted("sender", &[("tag", &tag), ("id", &id)], &body)).await
}

pub(super) async fn remove_sender(
    State(app): State<Arc<App>>,
    PathParams((tag, id)): PathParams<(String, String)>,
) -> Response {
    execute(&app, CommandJson::of(&Command::RemoveSender { tag: &tag, id: &id })).await
}

/// The part of a message from a contact that only the gateway reads: `text` is searched for opt-out words, and not stored.
#[derive(Deserialize)]
struct PostedReply<'a> {
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
}

/// A message from a contact; an opt-out if its text is one of the words for that.
pub(super) async fn reply(State(app): State<Arc<App>>, body: Bytes) -> Response {
    execute(&app, reply_command(&app, &body)).await
}

fn reply_command(app: &App, body: &[u8]) -> Result<CommandJson, ParseError> {
    // Reports any error but one of `text`.
    let command = CommandJson::posted("reply", &[], &without(body, "text"))?;
    let posted: PostedReply<'_> =
        serde_json::from_slice(body).map_err(|_| invalid_field("text", Expected::Text))?;
    let is_opt_out = posted.text.is_some_and(|text| app.translation.words.matches(&text));
    match command.op() {
        Op::Command(Command::Reply(reply)) if is_opt_out => {
            CommandJson::of(&Command::Reply(Reply { opt_out: true, ..*reply }))
        }
        _ => Ok(command),
    }
}

/// The part of a delivery report that only the gateway reads: a failure may have the transport's error code instead of a
/// fault, and the end of the lock that the error announces.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostedReport<'a> {
    fault: Option<IgnoredAny>,
    error_code: Option<u32>,
    #[serde(borrow)]
    until: Option<&'a RawValue>,
}

/// A delivery report.
pub(super) async fn report(State(app): State<Arc<App>>, body: Bytes) -> Response {
    match read_report(&body) {
        Ok((_, Some((dispatch, failure)))) => execute_failure(&app, dispatch, failure).await,
        Ok((command, None)) => execute(&app, Ok(command)).await,
        Err(error) => response::unreadable(&error, app.language),
    }
}

/// The posted command and, if it is a failure with an error code, its dispatch and what to translate.
fn read_report(body: &[u8]) -> Result<(CommandJson, Option<(u64, DeliveryStatus)>), ParseError> {
    // Reports any error but those of the two fields that only the gateway reads.
    let command = CommandJson::posted("report", &[], &without(&without(body, "errorCode"), "until"))?;
    let posted: PostedReport<'_> =
        serde_json::from_slice(body).map_err(|_| invalid_field("errorCode", Expected::Number32))?;
    if posted.until.is_some() && posted.error_code.is_none() {
        return Err(invalid_field("until", Expected::With("errorCode")));
    }
    let until = posted.until.map_or(Ok(None), |until| parse_time(until.get().as_bytes()));
    let until = until.map_err(|_| invalid_field("until", Expected::Time))?;
    let failure = match command.op() {
        Op::Command(Command::Report(report))
            if matches!(report.status, Delivery::Failed(_)) && posted.fault.is_none() =>
        {
            posted.error_code.map(|code| {
                let failure = DeliveryStatus {
                    status: report.status.status().name().to_owned(),
                    code: Some(code),
                    sender: report.sender.map(str::to_owned),
                    locked_until: until.map(|until| until.as_millis().cast_signed()),
                    ..DeliveryStatus::default()
                };
                (report.dispatch, failure)
            })
        }
        _ => None,
    };
    Ok((command, failure))
}

/// Executes all commands that a failure leads to as one entry of the log; the response is that to the report, or to the
/// first command that was refused.
async fn execute_failure(app: &App, dispatch: u64, failure: DeliveryStatus) -> Response {
    let internal = || response::failure(RequestFailure::Internal, app.language);
    let Ok(commands) = commands_of_failure(&app.handle, &app.texts, &app.translation, dispatch, failure)
    else {
        return internal();
    };
    let report = commands.iter().position(|command| matches!(command, Command::Report(_)));
    let commands: Result<Vec<_>, _> = commands.iter().map(|command| CommandJson::of(&command)).collect();
    let Ok(commands) = commands else { return internal() };
    let replies = match app.handle.execute_all(commands).await {
        Ok(replies) => replies,
        Err(Unavailable) => return response::executed(Err(Unavailable), app.language),
    };
    let reply = replies.into_iter().enumerate().find(|(at, reply)| Some(*at) == report || reply.is_err());
    reply.map_or_else(internal, |(_, reply)| response::executed(Ok(reply), app.language))
}
