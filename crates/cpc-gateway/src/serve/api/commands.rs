//! What changes something: a posted object becomes a command line, and its answer the answer.

use super::named::Named;
use super::{App, reply};
use crate::serve::line::{Line, without};
use crate::serve::tenant::Unavailable;
use crate::serve::whatsapp::commands_of_failure;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use cpc_whatsapp::DeliveryStatus;
use cpc_wire::{CommandText, Expected, LineError, Op, RequestFailure};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::sync::Arc;

type Answered = Response;

/// Carries out a line that could be read.
async fn carry_out(app: &App, line: Result<Line, LineError>) -> Answered {
    match line {
        Ok(line) => reply::done(app.tenant.line(line).await, app.language),
        Err(error) => reply::unreadable(&error, app.language),
    }
}

/// Some members as the beginning of a line.
fn members(members: &[(&str, &str)]) -> String {
    members.iter().map(|(name, value)| format!(r#""{name}":{},"#, Value::from(*value))).collect()
}

/// A member of a posted object does not fit.
fn misfit(path: &str, expected: Expected) -> LineError {
    LineError::InvalidField { path: path.to_owned(), expected }
}

pub(super) async fn operator_message(State(app): State<Arc<App>>, body: Bytes) -> Answered {
    carry_out(&app, Line::posted("operatorMessage", "", &body)).await
}

pub(super) async fn opt_out(State(app): State<Arc<App>>, body: Bytes) -> Answered {
    carry_out(&app, Line::posted("optOut", "", &body)).await
}

pub(super) async fn opt_in(State(app): State<Arc<App>>, body: Bytes) -> Answered {
    carry_out(&app, Line::posted("optIn", "", &body)).await
}

pub(super) async fn forget(State(app): State<Arc<App>>, body: Bytes) -> Answered {
    carry_out(&app, Line::posted("forget", "", &body)).await
}

pub(super) async fn force_unblock(State(app): State<Arc<App>>, body: Bytes) -> Answered {
    carry_out(&app, Line::posted("forceUnblock", "", &body)).await
}

pub(super) async fn import(State(app): State<Arc<App>>, body: Bytes) -> Answered {
    carry_out(&app, Line::posted("import", "", &body)).await
}

/// Any command or query, as a command line without its time.
pub(super) async fn any(State(app): State<Arc<App>>, body: Bytes) -> Answered {
    let line = Line::parse(body).and_then(|line| match line.op() {
        Op::Command(CommandText::Policy(_)) => keyed(&app, line.text()),
        _ => Ok(line),
    });
    carry_out(&app, line).await
}

/// A line `policy`, as far as it is not the engine's to read.
#[derive(Deserialize)]
struct PostedPolicy<'a> {
    #[serde(borrow)]
    policy: &'a RawValue,
}

/// A line `policy` with the gateway's own key.
fn keyed(app: &App, line: &[u8]) -> Result<Line, LineError> {
    // It has been read as such a line before.
    let posted: PostedPolicy<'_> =
        serde_json::from_slice(line).map_err(|_| misfit("policy", Expected::Object))?;
    policy_line(app, posted.policy)
}

pub(super) async fn policy(State(app): State<Arc<App>>, body: Bytes) -> Answered {
    let line = match serde_json::from_slice::<&RawValue>(&body) {
        Ok(policy) => policy_line(&app, policy),
        // Whatever else it is: refused as what it is.
        Err(_) => Line::posted("policy", "", &body),
    };
    carry_out(&app, line).await
}

/// The policy's `hashKey` is the gateway's, and not for clients to set: who was forgotten under one key would be
/// written to again under another.
fn policy_line(app: &App, policy: &RawValue) -> Result<Line, LineError> {
    let Some(members) = policy.get().strip_prefix('{') else {
        return Err(misfit("policy", Expected::Object));
    };
    let comma = if members.trim_start().starts_with('}') { "" } else { "," };
    let key = &app.hash_key;
    Line::parse(Bytes::from(format!(r#"{{"op":"policy","policy":{{"hashKey":"{key}"{comma}{members}}}"#)))
}

pub(super) async fn group(State(app): State<Arc<App>>, Named(name): Named<String>, body: Bytes) -> Answered {
    carry_out(&app, Line::posted("group", &members(&[("name", &name)]), &body)).await
}

/// Replaces a wallet. Its senders must be named: without them the line would be a question.
pub(super) async fn wallet(State(app): State<Arc<App>>, Named(tag): Named<String>, body: Bytes) -> Answered {
    let line = Line::posted("wallet", &members(&[("tag", &tag)]), &body).and_then(|line| match line.op() {
        Op::Command(_) => Ok(line),
        Op::Query(_) => Err(misfit("senders", Expected::Present)),
    });
    carry_out(&app, line).await
}

pub(super) async fn remove_wallet(State(app): State<Arc<App>>, Named(tag): Named<String>) -> Answered {
    carry_out(&app, Line::of(&json!({"op": "wallet", "tag": tag, "remove": true}))).await
}

/// Changes the members of a sender that are named, or adds it.
pub(super) async fn sender(
    State(app): State<Arc<App>>,
    Named((tag, id)): Named<(String, String)>,
    body: Bytes,
) -> Answered {
    carry_out(&app, Line::posted("sender", &members(&[("tag", &tag), ("id", &id)]), &body)).await
}

pub(super) async fn remove_sender(
    State(app): State<Arc<App>>,
    Named((tag, id)): Named<(String, String)>,
) -> Answered {
    carry_out(&app, Line::of(&json!({"op": "sender", "tag": tag, "id": id, "remove": true}))).await
}

/// What came in from a contact. `text` is looked at and not kept.
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

/// A message from a contact: with its text, it is an opt-out if that is one of the words for it.
pub(super) async fn reply(State(app): State<Arc<App>>, body: Bytes) -> Answered {
    carry_out(&app, reply_line(&app, &body)).await
}

fn reply_line(app: &App, body: &[u8]) -> Result<Line, LineError> {
    // Whatever is wrong with it, but for the text, is said as of any line.
    Line::posted("reply", "", &without(body, "text"))?;
    let posted: PostedReply<'_> = serde_json::from_slice(body).map_err(|_| misfit("text", Expected::Text))?;
    let by_text = posted.text.is_some_and(|text| app.translation.words.matches(&text));
    Line::of(&json!({
        "op": "reply",
        "phone": posted.phone,
        "receivedAt": posted.received_at,
        "optOut": posted.opt_out.unwrap_or(false) || by_text,
    }))
}

/// What became of a message; a failure may come with the transport's error code in the place of a fault, and with the
/// end of the lock that the error speaks of.
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
pub(super) async fn report(State(app): State<Arc<App>>, body: Bytes) -> Answered {
    let (line, posted, locked_until) = match read_report(&body) {
        Ok(read) => read,
        Err(error) => return reply::unreadable(&error, app.language),
    };
    match posted {
        PostedReport { dispatch, status, fault: None, sender, error_code: Some(code), .. }
            if status == "failed" =>
        {
            let sender = sender.filter(|sender| !sender.is_empty());
            let code = Some(code);
            let failure = DeliveryStatus { status, code, sender, locked_until, ..DeliveryStatus::default() };
            carry_out_failure(&app, dispatch, failure).await
        }
        _ => carry_out(&app, Ok(line)).await,
    }
}

/// The line, what was posted, and the end of a lock in ms.
fn read_report(body: &[u8]) -> Result<(Line, PostedReport, Option<i64>), LineError> {
    // Whatever is wrong with it, but for what is the gateway's, is said as of any line.
    let line = Line::posted("report", "", &without(&without(body, "errorCode"), "until"))?;
    let posted: PostedReport =
        serde_json::from_slice(body).map_err(|_| misfit("errorCode", Expected::Number32))?;
    if posted.until.is_some() && posted.error_code.is_none() {
        return Err(misfit("until", Expected::With("errorCode")));
    }
    // It is a time if a sender's end may be that.
    let sender =
        json!({"op": "sender", "tag": "-", "id": "-", "state": "existingOnly", "until": posted.until});
    let sender = Line::of(&sender).map_err(|_| misfit("until", Expected::Time))?;
    let locked_until = match sender.op() {
        Op::Command(CommandText::Sender(sender)) => sender.state.and_then(|standing| standing.until),
        _ => None,
    };
    Ok((line, posted, locked_until))
}

/// Carries out all that a failure leads to, as one entry of the log; the answer is that to the report, or to the first
/// command that was refused.
async fn carry_out_failure(app: &App, dispatch: u64, failure: DeliveryStatus) -> Answered {
    let internal = || reply::failure(RequestFailure::Internal, app.language);
    let Ok(commands) = commands_of_failure(&app.tenant, &app.texts, &app.translation, dispatch, failure)
    else {
        return internal();
    };
    // What is translated can be read again.
    let lines: Vec<Line> =
        commands.lines(None).filter_map(|line| Line::parse(Bytes::from(line)).ok()).collect();
    let is_report = |line: &Line| matches!(line.op(), Op::Command(CommandText::Report { .. }));
    let report = lines.iter().position(is_report);
    let answers = match app.tenant.lines(lines).await {
        Ok(answers) => answers,
        Err(Unavailable) => return reply::done(Err(Unavailable), app.language),
    };
    let answer = answers.into_iter().enumerate().find(|(at, answer)| Some(*at) == report || answer.is_err());
    answer.map_or_else(internal, |(_, answer)| reply::done(Ok(answer), app.language))
}
