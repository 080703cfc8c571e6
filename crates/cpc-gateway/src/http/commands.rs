//! Routes that change something: a posted object becomes a command.

use super::app::App;
use super::path_params::PathParams;
use super::response;
use crate::delivery::whatsapp::commands_of_failure;
use crate::engine::handle::Unavailable;
use crate::storage::command_json::CommandJson;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use bytes::Bytes;
use cpc_core::{Command, Delivery};
use cpc_whatsapp::DeliveryStatus;
use cpc_wire::{Arena, Expected, Known, Op, ParseError, Posted, RequestFailure, parse_posted, parse_time};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Executes a command, or reports why it could not be parsed.
async fn execute(app: &App, command: Result<CommandJson, ParseError>) -> Response {
    match command {
        Ok(command) => response::executed(app.handle.execute(command).await, app.language),
        Err(error) => response::unreadable(&error, app.language),
    }
}

/// The command of a posted object, of which the path says a part.
fn posted(known: &Known<'_>, body: Bytes) -> Result<CommandJson, ParseError> {
    CommandJson::posted(body, |json, arena| parse_posted(json, known, &mut [], arena))
}

/// A route whose posted object is the command `op`, without its `op` and `at`.
pub(super) fn route(op: &'static str) -> MethodRouter<Arc<App>> {
    post(async move |State(app): State<Arc<App>>, body: Bytes| {
        execute(&app, posted(&Known::op(op), body)).await
    })
}

fn invalid_field(path: &str, expected: Expected) -> ParseError {
    ParseError::InvalidField { path: path.to_owned(), expected }
}

/// Any command or query, without its `at`.
pub(super) async fn any(State(app): State<Arc<App>>, body: Bytes) -> Response {
    execute(&app, CommandJson::posted_line(&app.hash_key, body)).await
}

pub(super) async fn policy(State(app): State<Arc<App>>, body: Bytes) -> Response {
    execute(&app, CommandJson::policy(&app.hash_key, &body)).await
}

pub(super) async fn group(
    State(app): State<Arc<App>>,
    PathParams(name): PathParams<String>,
    body: Bytes,
) -> Response {
    let known = Known { fields: &[("name", &name)], ..Known::op("group") };
    execute(&app, posted(&known, body)).await
}

/// Replaces a wallet. `senders` is required: without it, the object would be the query `wallet`.
pub(super) async fn wallet(
    State(app): State<Arc<App>>,
    PathParams(tag): PathParams<String>,
    body: Bytes,
) -> Response {
    let known = Known { fields: &[("tag", &tag)], ..Known::op("wallet") };
    let command = posted(&known, body).and_then(|command| match command.op() {
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
    let known = Known { fields: &[("tag", &tag), ("id", &id)], ..Known::op("sender") };
    execute(&app, posted(&known, body)).await
}

pub(super) async fn remove_sender(
    State(app): State<Arc<App>>,
    PathParams((tag, id)): PathParams<(String, String)>,
) -> Response {
    execute(&app, CommandJson::of(&Command::RemoveSender { tag: &tag, id: &id })).await
}

/// What the gateway alone reads of a posted object; `None` if it is not there, or `null`.
fn own<T: DeserializeOwned>(
    (name, json): (&str, Option<&str>),
    expected: Expected,
) -> Result<Option<T>, ParseError> {
    json.map_or(Ok(None), serde_json::from_str).map_err(|_| invalid_field(name, expected))
}

/// A message from a contact; an opt-out if its text is one of the words for that.
pub(super) async fn reply(State(app): State<Arc<App>>, body: Bytes) -> Response {
    execute(&app, CommandJson::posted(body, |json, arena| read_reply(&app, json, arena))).await
}

/// The posted command. Only the gateway reads its `text`, which is searched for opt-out words, and not stored.
fn read_reply<'a>(app: &App, json: &'a [u8], arena: &'a Arena) -> Result<Posted<'a>, ParseError> {
    let mut left = [("text", None)];
    let mut posted = parse_posted(json, &Known::op("reply"), &mut left, arena)?;
    let [text] = left;
    let text: Option<String> = own(text, Expected::Text)?;
    if let Op::Command(Command::Reply(reply)) = &mut posted.op {
        reply.opt_out |= text.is_some_and(|text| app.translation.words.matches(&text));
    }
    Ok(posted)
}

/// A delivery report.
pub(super) async fn report(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let mut failure = None;
    let command = CommandJson::posted(body, |json, arena| {
        let (posted, with_code) = read_report(json, arena)?;
        failure = with_code;
        Ok(posted)
    });
    match failure.filter(|_| command.is_ok()) {
        Some((dispatch, failure)) => execute_failure(&app, dispatch, failure).await,
        None => execute(&app, command).await,
    }
}

/// The posted command and, if it is a failure with an error code, its dispatch and what to translate. Only the gateway
/// reads the transport's `errorCode`, which a failure may have instead of a fault, and `until`, the end of the lock that
/// the error announces.
fn read_report<'a>(
    json: &'a [u8],
    arena: &'a Arena,
) -> Result<(Posted<'a>, Option<(u64, DeliveryStatus)>), ParseError> {
    let mut left = [("errorCode", None), ("until", None)];
    let posted = parse_posted(json, &Known::op("report"), &mut left, arena)?;
    let [error_code, (_, until)] = left;
    let error_code: Option<u32> = own(error_code, Expected::Number32)?;
    let until = until.filter(|json| *json != "null");
    if until.is_some() && error_code.is_none() {
        return Err(invalid_field("until", Expected::With("errorCode")));
    }
    let until = until.map_or(Ok(None), |json| parse_time(json.as_bytes()));
    let until = until.map_err(|_| invalid_field("until", Expected::Time))?;
    let failure = match &posted.op {
        Op::Command(Command::Report(report))
            if matches!(report.status, Delivery::Failed(_)) && !posted.has_fault =>
        {
            error_code.map(|code| {
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
    Ok((posted, failure))
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
