//! Routes that read: answered from the state at once, nothing is logged.

use super::app::App;
use super::path_params::PathParams;
use super::response;
use crate::engine::clock::now;
use crate::engine::outbox::OutboxMessage;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query as Parameters, State};
use axum::response::Response;
use cpc_core::{ExplainRequest, Query, Target};
use cpc_wire::{Expected, Language, Op, ParseError, RequestFailure};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use tracing::error;

/// The items of a page, unless `limit` says otherwise.
const DEFAULT_LIMIT: u32 = 100;
/// The most items of a page.
const MAX_LIMIT: u32 = 1000;

fn answer(app: &App, query: Query<'_>) -> Response {
    match app.handle.query(&Op::Query(query)) {
        Some(reply) => response::executed(Ok(reply), app.language),
        None => response::failure(RequestFailure::Internal, app.language),
    }
}

/// Answers a query that visits every contact, off the runtime.
async fn answer_slow(app: Arc<App>, query: Query<'static>) -> Response {
    let language = app.language;
    let answered = tokio::task::spawn_blocking(move || answer(&app, query)).await;
    answered.unwrap_or_else(|_| response::failure(RequestFailure::Internal, language))
}

pub(super) async fn wallet(State(app): State<Arc<App>>, PathParams(tag): PathParams<String>) -> Response {
    answer(&app, Query::Wallet { tag: &tag })
}

pub(super) async fn wallets(State(app): State<Arc<App>>) -> Response {
    let tags = app.handle.engine(|engine| engine.wallet_tags().map(str::to_owned).collect::<Vec<_>>());
    response::json(200, json!({ "wallets": tags }).to_string().into_bytes())
}

/// The parameters by which the answer explains whether the contact may be written to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(super) struct ExplainParams {
    tag: String,
    specialist_code: String,
    client_id: String,
}

/// The state of a contact; with a wallet and an operator, also why it could or could not be written to.
pub(super) async fn contact(
    State(app): State<Arc<App>>,
    PathParams(phone): PathParams<String>,
    explained: Result<Parameters<ExplainParams>, QueryRejection>,
) -> Response {
    let Ok(Parameters(explained)) = explained else {
        // Any text is valid, so the only error is a parameter that appears twice.
        let error = ParseError::InvalidField { path: String::new(), expected: Expected::Once };
        return response::unreadable(&error, app.language);
    };
    let ExplainParams { tag, specialist_code, client_id } = &explained;
    let query = if tag.is_empty() && specialist_code.is_empty() {
        Query::Contact(Target::Phone(&phone))
    } else {
        Query::ContactExplained(ExplainRequest { phone: &phone, client_id, tag, specialist_code })
    };
    answer(&app, query)
}

pub(super) async fn client(
    State(app): State<Arc<App>>,
    PathParams(client_id): PathParams<String>,
) -> Response {
    answer(&app, Query::Contact(Target::Client(&client_id)))
}

/// The page of a list.
#[derive(Deserialize)]
pub(super) struct PageParams {
    #[serde(default)]
    after: u64,
    limit: Option<u32>,
}

impl PageParams {
    fn limit(&self) -> u32 {
        self.limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT)
    }
}

/// The follow-ups that are due and have not been taken.
pub(super) async fn follow_ups(
    State(app): State<Arc<App>>,
    page: Result<Parameters<PageParams>, QueryRejection>,
) -> Response {
    match page {
        Ok(Parameters(page)) => answer_slow(app, Query::DueFollowUps { limit: page.limit() }).await,
        Err(_) => invalid_number(&app, "limit"),
    }
}

/// The messages to be sent after a position, without those that may no longer be. A 409 where the gateway posts them to a
/// webhook: a second reader would send them twice.
pub(super) async fn outbox(
    State(app): State<Arc<App>>,
    page: Result<Parameters<PageParams>, QueryRejection>,
) -> Response {
    if app.posts {
        return outbox_is_posted(&app);
    }
    let Ok(Parameters(page)) = page else { return invalid_number(&app, "after") };
    let language = app.language;
    let read = tokio::task::spawn_blocking(move || read_outbox(&app, &page)).await;
    match read {
        Ok(body) => response::json(200, body),
        Err(_) => response::failure(RequestFailure::Internal, language),
    }
}

fn outbox_is_posted(app: &App) -> Response {
    let message = match app.language {
        Language::PtBr => "as mensagens são enviadas a outbox.url; quem as lesse daqui as enviaria outra vez",
        Language::En => {
            "messages are posted to outbox.url; a client that read them here would send them again"
        }
    };
    response::json(409, json!({ "error": "outbox_is_posted", "message": message }).to_string().into_bytes())
}

fn read_outbox(app: &App, page: &PageParams) -> Vec<u8> {
    let now = now();
    let (mut next, mut body, mut empty) = (page.after, Vec::new(), true);
    let messages: Vec<OutboxMessage> = {
        let state = app.handle.shared().read();
        state.outbox.after(page.after).take(page.limit() as usize).cloned().collect()
    };
    // Texts are read from the disk, so not under the lock.
    for message in messages {
        next = message.position;
        let dispatch = message.dispatch;
        let outgoing = match app.texts.outgoing(&message) {
            Ok(Some(outgoing)) => outgoing,
            Ok(None) => {
                error!(dispatch, "the text of a message is no longer kept");
                continue;
            }
            Err(problem) => {
                // The other messages can still be sent.
                error!(dispatch, %problem, "the text of a message cannot be read");
                continue;
            }
        };
        let client_id = &outgoing.client_id;
        let sendable = app.handle.engine(|engine| engine.sendable(now.cast_signed(), dispatch, client_id));
        if sendable.is_ok_and(|(_, sendable)| sendable.is_now()) {
            if !empty {
                body.push(b',');
            }
            empty = false;
            body.extend_from_slice(&outgoing.json);
        }
    }
    let mut page = format!(r#"{{"at":{now},"next":{next},"messages":["#).into_bytes();
    page.extend_from_slice(&body);
    page.extend_from_slice(b"]}");
    page
}

fn invalid_number(app: &App, name: &str) -> Response {
    let error = ParseError::InvalidField { path: name.to_owned(), expected: Expected::Number64 };
    response::unreadable(&error, app.language)
}
