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
use cpc_core::Command;
use cpc_whatsapp::DeliveryStatus;
use cpc_wire::{Expected, Op, ParseError, RequestFailure};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
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
        execute(&app, CommandJson::posted(op, "", &body)).await
    })
}

/// Fields as the beginning of a command.
fn fields(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, value)| format!(r#""{name}":{},"#, Value::from(*value))).collect()
}

fn invalid_field(path: &str, expected: Expected) -> ParseError {
    ParseError::InvalidField { path: path.to_owned(), expected }
}

/// Any command or query, without its `at`.
pub(super) async fn any(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let command = CommandJson::parse(body).and_then(|command| match command.op() {
        Op::Command(Command::Policy(_)) => with_hash_key(&app, command.text()),
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

/// A command `policy` with the gateway's own hash key.
fn with_hash_key(app: &App, command: &[u8]) -> Result<CommandJson, ParseError> {
    // It has been parsed as such a command before.
    let posted: PostedPolicy<'_> =
        serde_json::from_slice(command).map_err(|_| invalid_field("policy", Expected::Object))?;
    policy_command(app, posted.policy)
}

pub(super) async fn policy(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let command = match serde_json::from_slice::<&RawValue>(&body) {
        Ok(policy) => policy_command(&app, policy),
        // Not JSON; the parser reports where.
        Err(_) => CommandJson::posted("policy", "", &body),
    };
    execute(&app, command).await
}

/// Clients may not set the policy's `hashKey`: contacts that were forgotten under one key would be written to again under
/// another.
fn policy_command(app: &App, policy: &RawValue) -> Result<CommandJson, ParseError> {
    let Some(fields) = policy.get().strip_prefix('{') else {
        return Err(invalid_field("policy", Expected::Object));
    };
    let comma = if fields.trim_start().starts_with('}') { "" } else { "," };
    let key = &app.hash_key;
    CommandJson::parse(Bytes::from(format!(
        r#"{{"op":"policy","policy":{{"hashKey":"{key}"{comma}{fields}}}"#
    )))
}

pub(super) async fn group(
    State(app): State<Arc<App>>,
    PathParams(name): PathParams<String>,
    body: Bytes,
) -> Response {
    execute(&app, CommandJson::posted("group", &fields(&[("name", &name)]), &body)).await
}

/// Replaces a wallet. `senders` is required: without it, the object would be the query `wallet`.
pub(super) async fn wallet(
    State(app): State<Arc<App>>,
    PathParams(tag): PathParams<String>,
    body: Bytes,
) -> Response {
    let command = CommandJson::posted("wallet", &fields(&[("tag", &tag)]), &body);
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
    execute(&app, CommandJson::of(&json!({"op": "wallet", "tag": tag, "remove": true}))).await
}

/// Changes the fields of a sender that are posted, or adds the sender.
pub(super) async fn sender(
    State(app): State<Arc<App>>,
    PathParams((tag, id)): PathParams<(String, String)>,
    body: Bytes,
) -> Response {
    execute(&app, CommandJson::posted("sender", &fields(&[("tag", &tag), ("id", &id)]), &body)).await
}

pub(super) async fn remove_sender(
    State(app): State<Arc<App>>,
    PathParams((tag, id)): PathParams<(String, String)>,
) -> Response {
    execute(&app, CommandJson::of(&json!({"op": "sender", "tag": tag, "id": id, "remove": true}))).await
}

/// A message from a contact. `text` is only searched for opt-out words, and not stored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostedReply<'a> {
    #[serde(borrow)]
    phone: &'a RawValue,
    #[serde(borrow)]
    received_at: Option<&'a RawValue>,
    opt_out: Option<bool>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
}

/// A message from a contact; an opt-out if its text is one of the words for that.
pub(super) async fn reply(State(app): State<Arc<App>>, body: Bytes) -> Response {
    execute(&app, reply_command(&app, &body)).await
}

fn reply_command(app: &App, body: &[u8]) -> Result<CommandJson, ParseError> {
    // Reports any error but one of `text`.
    CommandJson::posted("reply", "", &without(body, "text"))?;
    let posted: PostedReply<'_> =
        serde_json::from_slice(body).map_err(|_| invalid_field("text", Expected::Text))?;
    let by_text = posted.text.is_some_and(|text| app.translation.words.matches(&text));
    CommandJson::of(&json!({
        "op": "reply",
        "phone": posted.phone,
        "receivedAt": posted.received_at,
        "optOut": posted.opt_out.unwrap_or(false) || by_text,
    }))
}

/// A delivery report. A failure may have the transport's error code instead of a fault, and the end of the lock that the
/// error announces.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostedReport {
    dispatch: u64,
    status: String,
    fault: Option<String>,
    sender: Option<String>,
    error_code: Option<u32>,
    until: Option<Value>,
}

/// A delivery report.
pub(super) async fn report(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let (command, posted, locked_until) = match read_report(&body) {
        Ok(read) => read,
        Err(error) => return response::unreadable(&error, app.language),
    };
    match posted {
        PostedReport { dispatch, status, fault: None, sender, error_code: Some(code), .. }
            if status == "failed" =>
        {
            let sender = sender.filter(|sender| !sender.is_empty());
            let code = Some(code);
            let failure = DeliveryStatus { status, code, sender, locked_until, ..DeliveryStatus::default() };
            execute_failure(&app, dispatch, failure).await
        }
        _ => execute(&app, Ok(command)).await,
    }
}

/// The command, what was posted, and the end of a lock in ms.
fn read_report(body: &[u8]) -> Result<(CommandJson, PostedReport, Option<i64>), ParseError> {
    // Reports any error but those of the two fields that only the gateway reads.
    let command = CommandJson::posted("report", "", &without(&without(body, "errorCode"), "until"))?;
    let posted: PostedReport =
        serde_json::from_slice(body).map_err(|_| invalid_field("errorCode", Expected::Number32))?;
    if posted.until.is_some() && posted.error_code.is_none() {
        return Err(invalid_field("until", Expected::With("errorCode")));
    }
    // Valid if it would be valid as the `until` of a sender.
    let sender =
        json!({"op": "sender", "tag": "-", "id": "-", "state": "existingOnly", "until": posted.until});
    let sender = CommandJson::of(&sender).map_err(|_| invalid_field("until", Expected::Time))?;
    let locked_until = match sender.op() {
        Op::Command(Command::Sender { change, .. }) => change.state.and_then(|state| state.until),
        _ => None,
    };
    Ok((command, posted, locked_until.map(|until| until.as_millis().cast_signed())))
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
    let Ok(commands) = CommandJson::all(commands.iter()) else { return internal() };
    let replies = match app.handle.execute_all(commands).await {
        Ok(replies) => replies,
        Err(Unavailable) => return response::executed(Err(Unavailable), app.language),
    };
    let reply = replies.into_iter().enumerate().find(|(at, reply)| Some(*at) == report || reply.is_err());
    reply.map_or_else(internal, |(_, reply)| response::executed(Ok(reply), app.language))
}
